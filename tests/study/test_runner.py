"""A run on a user's corpus: each figure with its numbers, no trace of the run in notebooks, nothing that executes."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from PIL import Image

from analysis import paths
from analysis.compare.tone import tone_scores
from analysis.corpus import ImportOptions, import_file, store
from analysis.errors import NotebookError, VantageError
from analysis.parameters import Parameters
from analysis.show.concordance import concordance_table
from analysis.show.notebook import table_html
from analysis.show.tone import draw_tone
from analysis.study import open_study, runner
from analysis.study.manifest import MANIFEST, read_manifest
from analysis.study.methods import Paragraphs
from analysis.study.parameters import find_notebooks
from analysis.study.placing import is_sealed
from analysis.study.runner import Ran, run_study, strip_run
from analysis.study.study import file_name, slug

#: Names that a file may bring along and that figures and tables show.
SCRIPT = '--><script>alert("collection")</script><img src=x onerror=alert(1)>![x](http://127.0.0.1/x.png)'
MARKUP = (
    '<svg onload="window.pwned=1"></svg><img src=x onerror="window.pwned=2"><a href="javascript:window.pwned=3">x</a> '
    "Survey \\[details](javascript:window.pwned=4) **b** `c` $\\href{javascript:window.pwned=5}{x}$ \u202eabc"
)
FORMULA = '=HYPERLINK("x.html","platform")'
_HEADER = ["utterance_id", "collection", "thread_id", "cluster_id", "vantage", "platform", "kind", "text"]


def hostile_rows() -> Iterator[list[str]]:
    """Yield comments whose every name tries to be run."""
    for i, text in enumerate(["so scary and free", "I love it", "what a nightmare", "-1 fake", "+1 staged", "@x good"]):
        yield [f"=evil-{i}", SCRIPT, f"+thread-{i}", f"@cluster-{i}", "western_commenter", FORMULA, "comment", text]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, fixture_file: Path) -> Path:
    """Return the bilingual fixture with hostile rows added, as a corpus."""
    # What papermill would fill in, what it escapes, and what starts something elsewhere, in the path of everything.
    folder = tmp_path_factory.mktemp("runner") / "{seed} {2025} 'a' 纵览 $x"
    folder.mkdir()
    with (folder / "hostile.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_HEADER, *hostile_rows()])
    import_file(fixture_file, folder / "bilingual", ImportOptions("Bilingual fixture"))
    import_file(folder / "hostile.csv", folder / "bilingual", ImportOptions("Test"))
    code_all(folder / "bilingual", folder / "classes.csv")
    return folder / "bilingual"


def code_all(corpus: Path, classes: Path) -> None:
    """Write codes by two hostile coders, and a table of stance and theme, as if people and a model had given them."""
    rows = store.read_corpus(corpus, ["utterance_id", "vantage", "language", "text"])
    rows = rows[rows["vantage"].notna()].reset_index(drop=True)
    stance = rows["text"].str.len() % 5 - 2
    (corpus / "coding").mkdir()
    sample = rows[["utterance_id"]].assign(wave=1, stratum=rows["vantage"], probability=0.5, translation="no")
    scheme = [("stance", "ordinal", "-2 -1 0 1 2 unclear", MARKUP), ("staged", "nominal", "yes no", "")]
    codes = []
    for coder, apart in ((SCRIPT, 0), (FORMULA, 1)):
        for name, value in zip(rows["utterance_id"], stance, strict=True):
            codes.append((name, coder, "stance", str(min(value + apart * (len(name) % 2), 2))))
            codes.append((name, coder, "staged", "yes" if value < -1 else "no"))
    tables = {
        "sample": sample,
        "scheme": pd.DataFrame(scheme, columns=["variable", "kind", "values", "meaning"]),
        "codes": pd.DataFrame(codes, columns=["utterance_id", "coder", "variable", "value"]).assign(
            variant="original", date="2025-11-01", sheet=MARKUP
        ),
    }
    for name, table in tables.items():
        table.to_csv(corpus / "coding" / f"{name}.csv", index=False)
    named = {"stance": stance.map(["against", "against", "neutral", "for", "for"].__getitem__), "theme": "trade"}
    named["theme"] = np.where(stance % 2, MARKUP, "trade")
    stranger = pd.DataFrame({"utterance_id": ["of another corpus"], "stance": ["for"], "theme": ["trade"]})
    table = pd.DataFrame({"utterance_id": rows["utterance_id"], **named})
    pd.concat([table, stranger]).to_csv(classes, index=False)


@pytest.fixture(scope="module")
def ran(corpus: Path) -> Ran:
    """Run every notebook on the corpus, once."""
    own = {"scores": str(corpus.parent / "classes.csv"), "classes": ["stance", "theme"]}
    # Of both languages; test_offline.py runs every notebook with all instruments.
    own["instruments"] = ["labmt"]
    return run_study(Parameters(corpus=str(corpus), out=str(corpus.parent / "out"), draws=99, **own), quiet=True)


def outputs(ran: Ran, *kinds: str) -> list[str]:
    """Return what the executed notebooks show, of the MIME types given."""
    shown = []
    for path in sorted(ran.notebooks.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                shown += [text for kind, text in output.get("data", {}).items() if kind in kinds]
    return shown


def test_rows_of_scores_that_are_of_nobody_are_told(ran: Ran, corpus: Path) -> None:
    classes = (corpus.parent / "classes.csv").resolve()
    rows = len(pd.read_csv(classes))
    assert ran.lines()[-1] == f"{classes}: 1 of {rows:,} rows are of no utterance of the corpus"
    assert ran._replace(strangers="").lines() == ran.lines()[:-1]


# A run with every notebook --------------------------------------------------------------------------------------------


def test_every_notebook_runs_on_a_bilingual_corpus_with_every_trap(ran: Ran) -> None:
    assert ran.names == [path.stem for path in find_notebooks()]
    assert sorted(path.stem for path in ran.notebooks.iterdir()) == ran.names
    for path in ran.notebooks.iterdir():
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        kinds = {output.output_type for cell in cells for output in cell.outputs}
        assert kinds <= {"display_data", "execute_result"}


def test_figures_come_as_picture_drawing_and_numbers_and_stand_in_the_manifest(ran: Ran) -> None:
    endings = ("csv", "png", "svg")
    stems = {path.stem for path in ran.figures.glob("*.png")}
    files = {path.name for path in ran.figures.iterdir() if path.is_file()}
    # Lines and sentences are to be read: nothing is drawn.
    tables = files - {f"{stem}.{ending}" for stem in stems for ending in endings} - {MANIFEST}
    assert {"03-concordance-freedom.csv", "03-concordance-staged.csv", "06-findings.csv"} <= tables
    assert all(name.endswith(".csv") for name in tables)
    assert len(files) == len(stems) * len(endings) + len(tables) + 1
    # Where nothing could be drawn, a sentence says so.
    said = "\n".join(outputs(ran, "text/html"))
    assert "01-collected.csv" in tables
    assert "What share of the talk was collected is not known" in said
    manifest = read_manifest(ran.figures)
    assert set(manifest["figures"]) == files - {MANIFEST}
    assert manifest["corpus"]["name"] == "bilingual"
    assert {"02-classes-stance", "02-class-contrasts-stance", "05-agreement", "05-validity-stance"} <= stems
    assert {"05-corrected", "05-corrected-contrasts-stance", "05-corrected-prevalence", "05-codebook"} <= stems
    assert {"01-grid", "04-prevalence", "04-contrasts", "02-tone-labmt-en", "02-tone-labmt-zh"} <= stems
    assert {
        "03-keyness-en-western_commenter-vlogger",
        "03-keyness-zh-chinese_viewer-vlogger",
        "03-keyness-zh-vlogger-reference",
    } <= stems
    for stem in stems:
        with Image.open(ran.figures / f"{stem}.png") as picture:
            assert min(picture.size) > 100
            picture.verify()
        with (ran.figures / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1 or stem.startswith(("03-collocations", "03-key-"))
        assert {len(row) for row in rows} == {len(rows[0])}


def test_every_figure_is_shown_by_its_notebook(ran: Ran) -> None:
    # And one more by each: the figure that shows how to go on.
    assert len(outputs(ran, "image/png")) == len(list(ran.figures.glob("*.png"))) + len(ran.names)


def test_executed_notebooks_hold_no_path_no_time_and_no_random_id(ran: Ran, corpus: Path) -> None:
    for path in ran.notebooks.iterdir():
        book = nbformat.read(path, as_version=4)
        assert not {"papermill"} & set(book.metadata)
        assert [cell.id for cell in book.cells] == [f"cell-{i}" for i in range(len(book.cells))]
        for cell in book.cells:
            assert set(cell.metadata) <= {"tags"}
            for output in cell.get("outputs", []):
                output.get("data", {}).pop("image/png", None)
        text = json.dumps(book)
        for place in (corpus.parent, paths.ROOT, Path.home(), sys.prefix):
            assert str(place) not in text
        assert not re.search(r"/tmp\b|/home/|/Users/|[A-Z]:\\\\|ipykernel_|\.vantage-", text)  # noqa: S108
        assert not re.search(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|start_time|duration|iopub", text)
        assert 'corpus = \\"bilingual\\"' in text


def test_a_run_leaves_nothing_but_its_results(ran: Ran, corpus: Path) -> None:
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["bilingual", "classes.csv", "hostile.csv", "out"]
    folders = [path.name for path in ran.figures.iterdir() if path.is_dir()]
    assert sorted(folders) == ["notebooks", "paper"]


# Nothing that executes ------------------------------------------------------------------------------------------------


def assert_tame(figures: Path) -> None:
    """Fail if a drawing holds anything but a drawing, or a cell anything that a spreadsheet would run."""
    for path in figures.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        bare = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        assert not re.search(r"<script|<img|<foreignObject|<a |\son\w+=|javascript:|alert", bare, re.IGNORECASE)
        for element in ET.fromstring(text).iter():  # noqa: S314
            for name, value in element.attrib.items():
                assert not name.rpartition("}")[2].startswith("on")
                assert not name.endswith("href") or value.startswith(("#", "data:image/png;base64,"))
    for path in figures.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
                    float(cell)


def test_no_name_of_the_corpus_is_run_by_a_browser_or_a_spreadsheet(ran: Ran) -> None:
    assert_tame(ran.figures)
    shown = outputs(ran, "text/html", "text/markdown", "image/svg+xml")
    assert any("&lt;script&gt;" in text for text in shown)
    for text in shown:
        assert not re.search(r"<script|<img|onerror=alert\(1\)>|--><", text)
    assert outputs(ran, "text/markdown") == []
    with (ran.figures / "01-grid.csv").open(encoding="utf-8", newline="") as file:
        platforms = {row["platform"] for row in csv.DictReader(file)}
    assert "'" + FORMULA in platforms


def test_nothing_of_a_hostile_corpus_acts_in_a_browser(ran: Ran, what_acts: Callable[[str], dict[str, Any]]) -> None:
    # Without the templates' own scripts, and the drawings within the page, where HTML is read more freely than in SVG.
    export = HTMLExporter(template_name="basic")
    pages = [export.from_filename(str(path))[0] for path in sorted(ran.notebooks.glob("*.ipynb"))]
    drawings = [path.read_text(encoding="utf-8").partition("<svg")[2] for path in sorted(ran.figures.glob("*.svg"))]
    lines = dict.fromkeys(("node", "label", "left", "keyword", "right", "evidence"), MARKUP)
    lines = pd.DataFrame([{**lines, "language": "en", "places": 1, "not_quoted": 0}])
    words = [
        Paragraphs(f"Corpus\n{MARKUP}")._repr_html_(),
        concordance_table(lines).html,
        table_html(pd.DataFrame({MARKUP: [MARKUP]}, index=[MARKUP])),
    ]
    page = "\n".join([*pages, *words, *("<svg" + text for text in drawings)])
    # Pictures, outlines and letters that are drawn again, which are most of it and do nothing.
    page = re.sub(r'[A-Za-z0-9+/=\s.,-]{300,}|<use xlink:href="#[\w-]+" transform="[a-z0-9 ().-]+"/>', "", page)
    # What acts is seen; at the end of the page, which could have swallowed it, it is all that acts.
    assert what_acts(MARKUP)["pwned"]
    acting = MARKUP.replace("window.pwned", "window.there")
    alone = what_acts(acting)
    assert alone["told"]
    assert what_acts(page + acting) == alone | {"pwned": None}


def test_texts_drawn_one_by_one_are_drawn_as_they_stand(tmp_path: Path, fixture_file: Path) -> None:
    # The traps alone are few enough to be drawn with their words; that needs no kernel.
    with fixture_file.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["utterance_id"].startswith("trap-")]
    for row in rows:
        row |= {"vantage": row["vantage"] or "western_commenter"}
    rows += [row | {"utterance_id": row["utterance_id"] + "-again", "vantage": "vlogger"} for row in rows]
    with (tmp_path / "traps.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    import_file(tmp_path / "traps.csv", tmp_path / "corpus", ImportOptions("Traps"))
    study = open_study(corpus=str(tmp_path / "corpus"), out=str(tmp_path / "out"), instruments=["labmt"])
    for keys, table in tone_scores(study).groupby(["instrument", "language"]):
        study.save(file_name("02-tone", *keys), table, draw_tone(table))
    assert_tame(tmp_path / "out")
    drawn = set()
    for path in (tmp_path / "out").glob("02-tone-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            drawn |= {row.get("text", "") for row in csv.DictReader(file)}
    assert {
        "'+1 to the comment above, that checkpoint was scary",
        "line one, all staged line two, still staged",
    } <= drawn
    assert "$\\frac$ of this is real, rest is theatre" in drawn
    assert not [text for text in drawn if re.search("[\u202a-\u202e\u200b\ufeff\u2028]", text)]


# What paraphrases are for ---------------------------------------------------------------------------------------------


def test_paraphrases_are_counted_and_never_scored() -> None:
    study = open_study()
    counts = study.measures["evidence"].value_counts()
    assert counts.to_dict() == {"verbatim": 10, "paraphrase": 9, "translated": 7}
    assert study.own_words["evidence"].value_counts().to_dict() == {"verbatim": 10, "translated": 7}
    assert study.mentions["utterance_id"].isin(study.measures["utterance_id"]).all()
    paraphrased = study.measures.loc[study.measures["evidence"] == "paraphrase", "utterance_id"]
    assert study.mentions["utterance_id"].isin(paraphrased).any()


# Names of files -------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(names=st.lists(st.text(max_size=70), min_size=2, max_size=4, unique_by=str.casefold))
@example(names=["Reddit 2017-19", "Reddit 2017–19", "reddit_2017_19", "Reddit_2017_19"])
@example(names=["x" * 70, "x" * 71, "x" * 60])
def test_groups_with_different_names_never_share_a_figure(names: list[str]) -> None:
    slugs = [slug(name) for name in names]
    assert len({each.casefold() for each in slugs}) == len(set(names))
    assert all(each == "".join(c for c in each if c.isalnum() or c == "_") and len(each) <= 60 for each in slugs)


# The runner alone, without kernels ------------------------------------------------------------------------------------


class Kernels:
    """Stands in for papermill: each notebook writes one figure, or fails as it is told."""

    def __init__(self) -> None:
        """Fail with nothing."""
        self.told: dict[str, dict[str, object]] = {}
        self.environments: list[dict[str, str]] = []
        self.error: PapermillExecutionError | None = None
        self.figures = {"01": "01-grid", "02": "02-tone", "03": "03-keyness", "04": "04-prevalence"}

    def execute_notebook(
        self, notebook: str, output: str, *, parameters: dict[str, object], cwd: str, **_: object
    ) -> None:
        """Do what a kernel would leave behind."""
        name = Path(notebook).name
        self.told[name] = parameters
        self.environments.append(dict(os.environ))
        assert cwd == str(Path(notebook).parent)
        cell = new_code_cell("display()", execution_count=1, outputs=[new_output("stream", text=f"in {output}")])
        nbformat.write(new_notebook(cells=[cell], metadata={"papermill": {"start_time": "now"}}), output)
        if self.error is not None and name.startswith("02"):
            raise self.error
        folder = Path(str(parameters["out"]))
        folder.mkdir(exist_ok=True)
        for ending in ("png", "svg", "csv"):
            (folder / f"{self.figures[name[:2]]}.{ending}").write_text(name, encoding="utf-8")


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kernels:
    """Replace papermill and the measuring."""
    stand_in = Kernels()
    monkeypatch.setattr(papermill, "execute_notebook", stand_in.execute_notebook)
    monkeypatch.setattr(runner, "measure_corpus", lambda *_, **__: tmp_path / "measured")
    monkeypatch.setattr(runner, "open_study", lambda **_: None)
    monkeypatch.setattr(runner, "write_paper", lambda *_: None)
    own = stand_in.figures
    monkeypatch.setattr(runner, "find_notebooks", lambda only: [p for p in find_notebooks(only) if p.name[:2] in own])
    return stand_in


def test_a_notebook_is_told_the_parameters_that_it_declares_and_no_others(
    kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_AT_ONCE", 1)
    done = run_study(Parameters(out=str(tmp_path / "out"), min_count=7, weighting="likes"), quiet=True)
    # What takes longest starts first; what is told keeps the order of the notebooks.
    assert [name[:2] for name in kernels.told] == ["03", "01", "02", "04"]
    assert done.names == [path.stem for path in find_notebooks()[1:5]]
    assert "weighting" not in kernels.told["03-vocabulary.ipynb"]
    assert kernels.told["03-vocabulary.ipynb"]["min_count"] == 7
    assert kernels.told["04-concepts.ipynb"]["weighting"] == "likes"
    assert {told["corpus"] for told in kernels.told.values()} == {"quotations"}


def test_kernels_see_nothing_of_the_users_settings_and_the_environment_is_given_back(
    kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "mine")
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    before = dict(os.environ)
    run_study(Parameters(out=str(tmp_path / "out")), quiet=True)
    for seen in kernels.environments:
        assert seen["JUPYTER_PATH"] == str(Path(sys.prefix) / "share" / "jupyter")
        assert seen["VANTAGE_MEASURED"] == str(tmp_path / "measured")
        assert Path(seen["VANTAGE_QUOTATIONS"]).name == "quotations"
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
            assert Path(seen[name]).parent.name.startswith(".vantage-")
            assert not Path(seen[name]).parent.exists()
    assert dict(os.environ) == before


def test_a_run_replaces_the_figures_of_its_notebooks_and_no_other_file(kernels: Kernels, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(Parameters(out=str(out)), quiet=True)
    (out / "my notes.txt").write_text("mine", encoding="utf-8")
    kernels.figures["02"] = "02-other"
    run_study(Parameters(out=str(out)), ["02-sentiment"], quiet=True)
    assert {path.stem for path in out.glob("*.png")} == {"01-grid", "02-other", "03-keyness", "04-prevalence"}
    assert (out / "my notes.txt").read_text(encoding="utf-8") == "mine"
    assert set(read_manifest(out)["figures"]) == {path.name for path in out.iterdir() if path.name[0] == "0"}


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("CrossLanguageError", VantageError, "02-sentiment: not on one scale"),
        ("InputError", VantageError, "02-sentiment: not on one scale"),
        ("KeyError", NotebookError, "02-sentiment, cell 3: KeyError: not on one scale"),
    ],
)
def test_a_notebook_that_fails_moves_nothing_into_place(
    kernels: Kernels, tmp_path: Path, name: str, kind: type[Exception], said: str
) -> None:
    out = tmp_path / "out"
    run_study(Parameters(out=str(out)), quiet=True)
    was = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    kernels.figures = dict.fromkeys(kernels.figures, "01-other")
    kernels.error = PapermillExecutionError(3, 3, "x", name, "not on one scale", [])
    with pytest.raises(kind) as caught:
        run_study(Parameters(out=str(out)), quiet=True)
    assert str(caught.value) == said
    failed = out / "failed" / "02-sentiment.ipynb"
    assert failed.is_file()
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path != failed} == was
    assert is_sealed(failed)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    kernels.error = None
    run_study(Parameters(out=str(out)), quiet=True)
    assert not failed.parent.exists()


def test_paths_of_a_run_become_what_they_stand_for() -> None:
    cells = [new_code_cell("open('/a/run/figures/x')", outputs=[new_output("stream", text="/a/run/b and /a")])]
    cells[0].metadata.update(tags=["parameters"], papermill={"duration": 1}, execution={"iopub.execute_input": "now"})
    metadata = {"papermill": {"start_time": "now"}, "language_info": {"name": "python", "version": "3"}}
    book = new_notebook(cells=cells, metadata=metadata)
    strip_run(book, {"/a/run": ".", "/a/run/figures": "figures"})
    assert book.cells[0].source == "open('figures/x')"
    assert book.cells[0].outputs[0].text == "./b and /a"
    assert book.cells[0].metadata == {"tags": ["parameters"]}
    assert book.metadata == {"language_info": {"name": "python"}}


@pytest.mark.usefixtures("kernels")
def test_a_parameter_that_no_notebook_of_the_run_reads_is_told(tmp_path: Path) -> None:
    given = Parameters(out=str(tmp_path / "out"), lens=1.0, min_count=7)
    assert run_study(given, ["03-vocabulary"], quiet=True).lines()[-1] == "no notebook of this run reads lens"
    assert run_study(given, ["03-vocabulary", "04-concepts"], quiet=True).idle == ()


@pytest.mark.usefixtures("kernels")
def test_figures_of_the_quotations_go_to_the_checkout_and_their_notebooks_to_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIGURES", "RUNS"):
        monkeypatch.setattr(paths, name, tmp_path / name.lower())
    ran = run_study(Parameters(), quiet=True)
    assert ran == Ran(tmp_path / "figures", tmp_path / "runs" / "quotations" / "notebooks", ran.names)
    assert (tmp_path / "figures" / "01-grid.png").is_file()
