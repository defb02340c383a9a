"""The page of a run: whole, offline, the same each time; nothing that people wrote acts in it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from playwright.sync_api import Error, Page, sync_playwright

from analysis.compare.concepts import concept_prevalence, prevalence_contrasts
from analysis.compare.concordance import readable
from analysis.compare.findings import find
from analysis.compare.keyness import key_words
from analysis.corpus import ImportOptions, import_file
from analysis.digits import rounded
from analysis.errors import InputError
from analysis.show.notebook import table_html
from analysis.show.style import new_figure
from analysis.study import file_name, open_study, report_explorer, runner
from analysis.study.findings import tell, with_sentences
from analysis.study.manifest import MANIFEST, file_hash, make_manifest, manifest_text
from analysis.study.paper import write_paper
from analysis.study.placing import require_report
from analysis.study.report import OTHER_RUN, report_run, write_report
from analysis.study.report_explorer import make_explorer
from analysis.study.report_lines import choose_lines
from analysis.study.report_notebooks import tamed
from analysis.study.report_page import PAGE, Run, make_page
from analysis.study.report_tables import MOST_ROWS, page_table, read_run_table
from analysis.study.study import Study

PAYLOADS = (
    "zanzibar so free <img src=x onerror=window.pwned=1> staged",
    "zanzibar free </script><script>window.pwned=2</script> staged",
    "zanzibar [staged](javascript:window.pwned=3) free $\\href{javascript:window.pwned=4}{x}$ $$x$$",
    "zanzibar free \u202edegats\u202c <svg onload=window.pwned=5> ]]> <!-- <script> staged @some_name",
    "zanzibar it is {{ free }} staged &lt;script&gt;window.pwned=6&lt;/script&gt; '\"><b>",
)
NAME = '"><img src=x onerror=window.pwned=7></script><script>window.pwned=8</script> $x$ \u202eabc'


def write_run(study: Study, *names: str) -> Run:
    """Do what a run would leave behind of these notebooks, without a kernel."""
    out = study.out
    (out / "notebooks").mkdir(parents=True)
    for name in names:
        cells = [new_markdown_cell(f"# {name[1]}. The title of {name} <script>window.pwned=9</script>\n\nAbout it.")]

        def add(source: str, *outputs: dict[str, str], cells: list[Any] = cells) -> None:
            shown = [new_output("display_data", data=data) for data in outputs]
            cells.append(new_code_cell(source, execution_count=1, outputs=shown))

        if name == "02-sentiment":
            write_paper(study, [], out / "paper")
        if name == "03-vocabulary":
            for (language, a, b), table in key_words(study).groupby(["language", "a", "b"], sort=False):
                study.save(file_name("03-keyness", language, a, b), table)
        if name == "04-concepts":
            prevalence, figure = concept_prevalence(study), new_figure(1.0)
            figure.subplots()
            study.save("04-prevalence", prevalence, figure)
            study.save("04-contrasts", rounded(prevalence_contrasts(study.mentioned, study.concepts)))
            cells.append(new_markdown_cell("## `Prevalence`\n\nA [link](https://example.org/x) and *what* it `means`."))
            png = base64.b64encode((out / "04-prevalence.png").read_bytes()).decode()
            add(
                "draw('<b>')",
                {"image/png": png, "text/plain": 'Who "speaks" <b>?'},
                {"text/html": table_html(prevalence)},
            )
        if name == "06-claims":
            found = with_sentences(find({}, concept_prevalence(study)))
            study.save("06-findings", found)
            cells.append(new_markdown_cell("## Findings in sentences\n\nHow they are judged."))
            add("tell(found)", {"text/html": tell(found)._repr_html_()})
            cells.append(new_markdown_cell("## What this cannot say\n\nA limitation."))
        cells.append(new_markdown_cell("## Going on from here\n\nDraw again."))
        add("recipe", {"text/html": "<p>the recipe's output</p>"})
        nbformat.write(new_notebook(cells=cells), out / "notebooks" / f"{name}.ipynb")
    manifest = make_manifest(study.parameters, study.corpus, study.corpus.name)
    manifest["figures"] = {path.name: file_hash(path) for path in sorted(out.iterdir()) if path.is_file()}
    (out / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")
    return Run(out, out / "notebooks", manifest)


ALL = ("02-sentiment", "03-vocabulary", "04-concepts", "06-claims")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, fixture_file: Path) -> Study:
    """Return the bilingual fixture with a hostile collection added, opened."""
    folder = tmp_path_factory.mktemp("report")
    corpus = folder / "corpora" / "bilingual"
    rows = [
        {"text": f"{text} {i}", "thread_id": f"t{i}", "evidence": "verbatim"} for i, text in enumerate(PAYLOADS * 6)
    ]
    (folder / "hostile.json").write_text(json.dumps(rows), encoding="utf-8")
    import_file(fixture_file, corpus, ImportOptions("Bilingual fixture"))
    columns = {name: name for name in rows[0]}
    import_file(folder / "hostile.json", corpus, ImportOptions(NAME, columns, {"vantage": "western_commenter"}))
    return open_study(corpus=str(corpus), out=str(folder / "runs" / "bilingual"), draws=99, lines=6)


@pytest.fixture(scope="module")
def run(study: Study) -> Run:
    """Return what a run of it leaves."""
    return write_run(study, *ALL)


@pytest.fixture(scope="module")
def page(run: Run, study: Study) -> Path:
    """Return its page."""
    return write_report(run.figures, study)


class Read(HTMLParser):
    """What a browser would see: tags with their attributes, scripts, and the page's own text."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text, self._inside = "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, _: str) -> None:  # noqa: D102
        self._inside = ""

    def handle_data(self, data: str) -> None:  # noqa: D102
        if self._inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside != "style":
            self.text += data

    def unpacked(self, name: str) -> str:
        """Return what the page brings along under a name."""
        (text,) = (text for attributes, text in self.scripts if attributes.get("id") == name)
        return zlib.decompress(base64.b64decode(text)).decode()


def read(page: Path) -> Read:
    return Read(page.read_text(encoding="utf-8"))


# What is on the page --------------------------------------------------------------------------------------------------


def test_the_page_holds_every_part_in_order_and_no_recipe(page: Path) -> None:
    shown = read(page)
    anchors = [attributes["id"] for tag, attributes in shown.tags if tag == "section" and "id" in attributes]
    chapters = [anchor for anchor in anchors if not re.search(r"-\d+$", str(anchor)) and anchor != "lines"]
    assert chapters == ["overview", "findings", "explorer", *ALL, "methods", "limitations", "parameters", "manifest"]
    targets = [attributes["href"] for tag, attributes in shown.tags if tag == "a"]
    assert {str(target)[1:] for target in targets} <= {attributes.get("id") for _, attributes in shown.tags}
    assert "No contrast could be looked at" in shown.text
    limits = shown.text.partition("Limitations\n")[2]
    assert "A limitation." in limits
    assert "not stance" in limits
    assert "are worth (Kish 1965)." in shown.text.partition("Methods and exclusions\n")[2]
    assert "[@" not in shown.text
    assert "Draw again" not in shown.text
    assert "the recipe's output" not in shown.text
    # What is not there is said.
    assert "Not there: the notebook 00-overview was not run into this folder." in shown.text
    assert "Not there: the notebook 01-corpus" in shown.text


def test_of_too_many_words_the_surest_and_then_the_most_frequent_are_points(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_explorer, "MOST_POINTS", 7)
    data = make_explorer(run, None).data
    assert data is not None
    every = {
        path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in run.figures.glob("03-k*.csv")
    }
    words = [view for view in data["views"] if view["kind"] == "words"]
    assert len(words) == len(every)
    assert all("points: the 7 that are surest" in view["told"] for view in words)
    for table in every.values():
        sides = [table["a"][0], table["b"][0]]
        (view,) = (
            each
            for each in words
            if [side["group"] for side in each["sides"]] == sides and each["language"] == table["language"][0]
        )
        table["n"] = table["n_a"] + table["n_b"]
        sure = (table["q"] < 0.05).sum()
        least = table["n"].nlargest(7).min()
        shown = [sum(sides) for sides in zip(view["n_a"], view["n_b"], strict=True)]
        assert len(shown) == 7
        assert sure or min(shown) == least


def test_a_figure_has_its_picture_its_table_and_its_code_folded(page: Path, run: Run) -> None:
    shown = read(page)
    (picture,) = (attributes for tag, attributes in shown.tags if tag == "img")
    with Image.open(run.figures / "04-prevalence.png") as image:
        image.thumbnail((780, image.height))  # as on the page
        assert (picture["width"], picture["height"]) == tuple(map(str, image.size))
    assert picture["alt"] == 'Who "speaks" <b>? The numbers: table 04-prevalence.'
    assert "<figcaption>04-prevalence: Prevalence</figcaption>" in page.read_text(encoding="utf-8")
    assert "<pre>draw(&#39;&lt;b&gt;&#39;)</pre></details>" in page.read_text(encoding="utf-8")
    tables = json.loads(shown.unpacked("data"))["tables"]
    folded = [attributes["data-table"] for _, attributes in shown.tags if "data-table" in attributes]
    # Key words are the explorer's points.
    assert sorted(folded) == sorted(tables) == ["04-contrasts", "04-prevalence", "06-findings"]


def test_tables_keep_their_rows_and_say_once_what_all_rows_share() -> None:
    table = pd.DataFrame({"a": [f"r{i}" for i in range(MOST_ROWS + 5)], "n": 1234, "p": 0.0123456, "empty": None})
    # What differs after the last row that is shown, or is missing in a row, is not shared.
    late, lacking = [1] * (MOST_ROWS + 4) + [2], [np.nan] + [0.5] * (MOST_ROWS + 4)
    shown = page_table(table.assign(late=late, lacking=lacking, ended=lacking[::-1]))
    assert (shown["count"], len(shown["rows"])) == (MOST_ROWS + 5, MOST_ROWS)
    assert (shown["columns"], shown["rows"][1]) == (["a", "late", "lacking", "ended"], ["r1", "1", "0.5", "0.5"])
    assert shown["all"] == [["n", "1,234"], ["p", "0.0123"]]
    short = page_table(pd.DataFrame({"a": ["r", "r"], "lacking": [np.nan, 0.5], "empty": [None, np.nan]}))
    assert (short["columns"], short["rows"], short["all"]) == (["lacking"], [[""], ["0.5"]], [["a", "r"]])


def test_the_page_is_small_and_the_same_each_time(page: Path, run: Run, study: Study) -> None:
    assert page.stat().st_size < 1_500_000
    before = page.read_bytes()
    assert write_report(run.figures, study).read_bytes() == before
    assert not re.search(r"20\d\d-\d\d-\d\dT|/tmp/|\.vantage-", page.read_text(encoding="utf-8"))


def test_a_page_without_notebooks_is_refused_and_one_of_any_notebook_is_written(tmp_path: Path, study: Study) -> None:
    alone = open_study(corpus=str(study.corpus), out=str(tmp_path / "out"), draws=99)
    run = write_run(alone, "02-sentiment")
    shown = Read(make_page(run, lambda: make_explorer(run, alone)))
    assert "neither 03-vocabulary nor 04-concepts left a comparison" in shown.text
    assert "Not there: the notebook 06-claims" in shown.text
    assert not [text for attributes, text in shown.scripts if attributes.get("id") == "bokeh"]
    shutil.rmtree(run.notebooks)
    with pytest.raises(InputError, match="has no executed notebooks"):
        write_report(run.figures, alone)


# Where it goes --------------------------------------------------------------------------------------------------------


def test_a_page_that_somebody_changed_is_not_replaced(page: Path, run: Run) -> None:
    whole = page.read_bytes()
    require_report(run.figures)
    try:
        for changed in (whole.replace(b"Overview", b"overview", 1), whole + b" ", b"", b"mine"):
            page.write_bytes(changed)
            with pytest.raises(InputError, match="changed since 'vantage report' made it, or somebody else's"):
                require_report(run.figures)
    finally:
        page.write_bytes(whole)


def test_the_command_finds_the_corpus_and_says_where_it_is_not(page: Path, run: Run, study: Study) -> None:
    before = page.read_bytes()
    assert report_run(run.figures, study.corpus) == page
    assert page.read_bytes() == before
    there = study.corpus.rename(study.corpus.with_name("away"))
    try:
        report_run(run.figures)
        shown = read(page)
        assert "Without lines: " in shown.text
        assert "whose corpus is not at hand" in shown.text
        assert json.loads(shown.unpacked("data"))["explorer"]["lines"] == {}
    finally:
        there.rename(study.corpus)
        page.write_bytes(before)


def test_a_run_ends_with_a_page_whose_lines_are_of_the_vocabulary_that_is_there(
    page: Path, run: Run, study: Study
) -> None:
    before, manifest = page.read_bytes(), (run.figures / MANIFEST).read_text(encoding="utf-8")
    assert runner._write_report(run.figures, study) == page  # noqa: SLF001
    assert page.read_bytes() == before
    try:
        earlier = {"03-vocabulary": {"parameters": {**run.manifest["parameters"], "min_count": 7}}}
        changed = manifest_text({**json.loads(manifest), "earlier": earlier})
        (run.figures / MANIFEST).write_text(changed, encoding="utf-8")
        runner._write_report(run.figures, study)  # noqa: SLF001
        shown = read(page)
        assert OTHER_RUN in shown.text
        assert "Of an earlier run with min_count = 7." in shown.text
        assert explorer_of(page)["lines"] == {}
    finally:
        (run.figures / MANIFEST).write_text(manifest, encoding="utf-8")
        page.write_bytes(before)


# Lines ----------------------------------------------------------------------------------------------------------------


def explorer_of(page: Path) -> dict[str, Any]:
    return json.loads(read(page).unpacked("data"))["explorer"]


def test_every_term_is_a_point_with_the_numbers_of_its_row(page: Path, study: Study) -> None:
    explorer, table = explorer_of(page), key_words(study)
    views = {(view["language"], *(side["group"] for side in view["sides"])): view for view in explorer["views"]}
    for key, rows in table.groupby(["language", "a", "b"]):
        view = views[key]
        terms = [explorer["terms"][key[0]][number] for number in view["item"]]
        assert terms == rows["term"].tolist()
        assert (view["n_a"], view["n_b"]) == (rows["n_a"].tolist(), rows["n_b"].tolist())
        assert view["log_ratio"] == pytest.approx(rows["log_ratio"].tolist(), rel=1e-3)
        assert view["held"] == [int(value) for value in (rows["q"] < 0.05)]
        assert {side["marker"] for side in view["sides"]} == {{"en": "circle", "zh": "square"}[key[0]]}
    assert [view["kind"] for view in explorer["views"]].count("concepts") == len(views) - len(
        table.groupby(["language", "a", "b"])
    )


def test_filled_points_have_a_small_q_and_an_interval_without_nothing() -> None:
    rows = [(0.01, 0.2, 2.0), (0.01, -2.0, -0.2), (0.01, -0.2, 2.0), (0.2, 0.2, 2.0), (np.nan, np.nan, np.nan)]
    table = pd.DataFrame(rows, columns=["q", "ci_low", "ci_high"])
    table = table.assign(item=list("abcde"), x=1.0, log_ratio=1.0, n_a=1, n_b=1, named=False)
    sides = [{"group": name, "label": name, "vantage": "vlogger"} for name in "ab"]
    view = {"kind": "words", "language": "en", "told": "", "sides": sides, "table": table}
    assert report_explorer._packed(view, {"en": list("abcde")})["held"] == [1, 1, 0, 0, 0]  # noqa: SLF001


def test_lines_hold_their_word_each_once_and_follow_the_parameter(page: Path, study: Study) -> None:
    explorer = explorer_of(page)
    lines = explorer["lines"]
    told = list(zip(lines["group"], lines["text"], strict=True))
    assert len(set(told)) == len(told)
    assert not any("@some_name" in text or "\u202e" in text for text in lines["text"])
    for language, terms in explorer["terms"].items():
        for term, held in zip(terms, explorer["held"][language], strict=True):
            groups = [lines["group"][line] for line in held]
            assert max(map(groups.count, groups)) <= study.parameters.lines
            assert {explorer["groups"][number]["language"] for number in groups} == {language}
            if term.isascii() and term.isalpha() and not re.search(r"(.)\1\1", term):
                folded = [lines["text"][line].casefold().replace("’", "'") for line in held]
                assert all(term in text for text in folded), term
    for concept, held in explorer["held"][""].items():
        assert held or concept not in study.mentions["concept"].unique()


def test_lines_of_a_concept_are_of_those_who_speak_of_it(study: Study) -> None:
    lines = choose_lines(study, {}, study.concepts)
    said: dict[str, set[str]] = {}
    for row in study.with_text(study.measures).itertuples():
        said.setdefault(readable(row.text), set()).add(row.utterance_id)
    checked = 0
    for (_, concept), held in lines.held.items():
        speak = set(study.mentions.loc[study.mentions["concept"] == concept, "utterance_id"])
        whole = [lines.text[line] for line in held if lines.text[line] in said]
        assert all(said[text] & speak for text in whole), concept
        checked += len(whole)
    assert checked > 20


def test_one_line_of_each_thread_comes_before_a_second(study: Study) -> None:
    rows = study.groups[0].rows
    lines = choose_lines(study, {"en": ["free"]}, [])
    mine = [lines.text[line] for line in lines.held["en", "free"] if lines.group[line] == 0]
    texts = study.with_text(rows).set_index("text")["cluster_id"]
    clusters = {readable(text): cluster for text, cluster in texts.items()}
    assert len({clusters[text] for text in mine}) == len(mine) == study.parameters.lines


def test_a_long_utterance_is_cut_into_lines_that_hold_the_word(tmp_path: Path) -> None:
    long = " ".join(["they said so"] * 70)
    rows = [
        {"text": f"An elephant {i}, {long} zebra {long} zebra", "thread_id": f"t{i}", "vantage": "vlogger"}
        for i in range(6)
    ]
    (tmp_path / "long.json").write_text(json.dumps(rows), encoding="utf-8")
    columns = {name: name for name in rows[0]}
    import_file(tmp_path / "long.json", tmp_path / "corpus", ImportOptions("Long", columns))
    lines = choose_lines(open_study(corpus=str(tmp_path / "corpus")), {"en": ["zebra", "elephant"]}, [])
    assert all("zebra" in lines.text[line] for line in lines.held["en", "zebra"])
    assert all("elephant" in lines.text[line] for line in lines.held["en", "elephant"])
    assert max(map(len, lines.text)) <= 410


def test_with_lines_at_0_nobody_is_quoted_and_the_page_says_so(tmp_path: Path, study: Study) -> None:
    none = open_study(corpus=str(study.corpus), out=str(tmp_path / "out"), draws=99, lines=0)
    run = write_run(none, "03-vocabulary")
    shown = Read(make_page(run, lambda: make_explorer(run, none)))
    assert "Without lines: the run was made with lines = 0." in shown.text
    assert "quotes people" not in shown.text
    data = json.loads(shown.unpacked("data"))
    assert data["explorer"]["lines"] == data["explorer"]["held"] == {}


@pytest.mark.parametrize("kind", ["constructed", "verbatim"])
def test_a_page_of_constructed_lines_alone_does_not_say_that_it_quotes_people(run: Run, study: Study, kind) -> None:
    made = dataclasses.replace(study, measures=study.measures.assign(evidence=kind))
    shown = Read(make_page(run, lambda: make_explorer(run, made)))
    assert ("quotes people" in shown.text, "nobody said those lines" in shown.text) == (
        kind == "verbatim",
        kind == "constructed",
    )


# Nothing acts ---------------------------------------------------------------------------------------------------------


def test_the_policy_allows_the_pages_own_scripts_alone(page: Path) -> None:
    shown = read(page)
    (policy,) = (
        str(attributes["content"])
        for _, attributes in shown.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    own = [text for attributes, text in shown.scripts if attributes.get("type") is None]
    assert len(own) == 1
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (*own, shown.unpacked("bokeh"))
    ]
    assert policy == (
        f"default-src 'none'; script-src {' '.join(hashes)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_no_tag_fetches_or_acts(page: Path) -> None:
    shown = read(page)
    kinds = {tag for tag, _ in shown.tags}
    assert not kinds & {"iframe", "object", "embed", "form", "base", "link", "svg", "audio", "video"}
    for tag, attributes in shown.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or re.match(r"#|data:image/", value), (tag, value)
    assert {tuple(sorted(attributes)) for attributes, _ in shown.scripts} == {(), ("id", "type")}
    css = (PAGE / "report.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", css)


def test_html_of_a_notebook_is_written_anew() -> None:
    shown = (
        '<table style="x:y;text-align:right" onclick=a><tr><td colspan="2x" style="text-align: center">&lt;b&gt;</td>'
    )
    assert tamed(shown) == '<table class="right"><tr><td class="center">&lt;b&gt;</td></tr></table>'
    assert tamed('<a href="javascript:x">a</a><img src=x onerror=y><p>b') == "a<p>b</p>"


# Colours --------------------------------------------------------------------------------------------------------------


def contrast(colour: str) -> float:
    """Return the contrast of a colour on white (WCAG 2.2, relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_colours_pass_wcag_aa_on_white(page: Path) -> None:
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)  # the well-known limit
    css = (PAGE / "report.css").read_text(encoding="utf-8")
    assert {
        name: contrast(value) >= 4.5 for name, value in re.findall(r"--(\w+): (#\w{6})", css) if name != "ground"
    } == {
        "ink": True,
        "quiet": True,
        "link": True,
        "line": True,
    }
    drawn = {side["colour"] for view in explorer_of(page)["views"] for side in view["sides"]}
    unsure = "#767676"  # points whose interval holds 0, or that have none
    assert all(contrast(colour) >= 3 for colour in {*drawn, unsure})
    script = (PAGE / "explorer.js").read_text(encoding="utf-8")
    assert set(re.findall(r"#[0-9a-f]{6}", script)) <= {unsure, "#ffffff"}


# In a browser ---------------------------------------------------------------------------------------------------------


class Opened:
    """The page in a browser without a network: what it asked for, and what its console said."""

    def __init__(self, tab: Page) -> None:
        """Listen to a tab."""
        self.tab, self.asked, self.said = tab, list[str](), list[str]()
        tab.on("request", lambda request: self.asked.append(request.url))
        tab.on("console", lambda line: self.said.append(f"{line.type}: {line.text}"))
        tab.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def show(self, term: str) -> str:
        """Search a term with the keyboard alone; return what stands in its lines."""
        self.tab.focus("#find")
        self.tab.fill("#find", term)
        self.tab.keyboard.press("Enter")
        return self.tab.inner_text("#lines")


@pytest.fixture(scope="module")
def opened(page: Path, chromium_path: str | None) -> Iterator[Opened]:
    """Open the page, once."""
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"no Chromium on this machine: {str(error).splitlines()[0]}")
        tab = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        opened = Opened(tab)
        tab.goto(page.as_uri())
        tab.wait_for_selector("#found td")
        yield opened
        browser.close()


def test_it_opens_offline_and_nothing_complains(opened: Opened, page: Path) -> None:
    assert {url for url in opened.asked if not url.startswith(("data:", "blob:"))} == {page.as_uri()}
    assert [line for line in opened.said if not line.startswith(("info", "log"))] == []
    assert opened.tab.locator("img").evaluate_all("all => all.every(each => each.naturalWidth > 0)")
    assert opened.tab.title() == "How North Korea is spoken of: bilingual"


def test_on_a_telephone_figures_keep_their_size_and_the_page_its_width(opened: Opened) -> None:
    opened.tab.set_viewport_size({"width": 400, "height": 900})
    opened.tab.wait_for_timeout(1_000)  # the plot follows a moment later
    beyond = opened.tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    drawn = opened.tab.locator("figure img").evaluate_all("all => all.map(each => each.getBoundingClientRect().width)")
    command = opened.tab.locator(".mind code").evaluate("each => each.getClientRects().length")
    opened.tab.set_viewport_size({"width": 1280, "height": 900})
    assert beyond == 0
    assert set(drawn) == {780}
    assert command == 1  # in one line


def test_what_is_typed_is_found_and_its_lines_stand_side_by_side(opened: Opened) -> None:
    opened.tab.select_option("#view", index=0)
    shown = opened.show("free")
    assert shown.startswith("free\n")
    assert opened.tab.evaluate("document.activeElement.id") == "lines"
    columns = opened.tab.locator("#lines .columns > div")
    full = [column for column in columns.all() if column.locator("li").count()]
    assert len(full) >= 2
    for column in full:
        assert column.locator("li").count() <= 6
        assert set(map(str.lower, column.locator("mark").all_inner_texts())) == {"free"}


def test_a_name_in_the_list_is_reached_and_chosen_by_the_keyboard(opened: Opened) -> None:
    opened.tab.fill("#find", "")
    opened.tab.focus("#found td button")
    name = opened.tab.evaluate("document.activeElement.textContent")
    opened.tab.keyboard.press("Enter")
    assert opened.tab.inner_text("#lines h3") == name
    assert opened.tab.locator("#found tr[aria-selected=true]").inner_text().startswith(name)


def test_a_point_tells_its_numbers_and_a_click_shows_its_lines(opened: Opened) -> None:
    opened.tab.fill("#find", "staged")
    opened.tab.locator("#plot").scroll_into_view_if_needed()
    x, y = opened.tab.evaluate(
        """() => {
            const view = Bokeh.index.roots[0], {x, y} = view.model.select_one("points").data;
            const box = view.canvas_view.el.getBoundingClientRect();
            return [box.x + view.frame.x_scale.compute(x[0]), box.y + view.frame.y_scale.compute(y[0])];
        }"""
    )
    opened.tab.mouse.move(x, y)
    opened.tab.locator(".bk-Tooltip").filter(has_text="log ratio").wait_for()
    opened.tab.mouse.click(x, y)
    opened.tab.locator("#lines h3").filter(has_text="staged").wait_for()


def test_the_explorer_tells_on_which_side_of_nothing_an_interval_ends(opened: Opened) -> None:
    told = opened.tab.evaluate("[-1.234, -0.0004, 0.0049, 0, null, 'open'].map(digits)")
    assert told == ["-1.23", "-0.0004", "0.005", "0.00", "–", "open"]


def test_another_view_has_other_points_and_a_column_sorts_them(opened: Opened) -> None:
    opened.tab.fill("#find", "")
    names = opened.tab.locator("#view option").all_inner_texts()
    opened.tab.select_option("#view", index=next(i for i, name in enumerate(names) if name.startswith("concepts")))
    opened.tab.get_by_role("button", name="n, first").click()
    counts = [int(text.replace(",", "")) for text in opened.tab.locator("#found td:nth-child(2)").all_inner_texts()]
    assert len(counts) > 5
    assert counts == sorted(counts, reverse=True)
    assert "freedom\n" in opened.show("freedom")
    assert "Chinese" in " ".join(opened.tab.locator("#lines h4").all_inner_texts())


def test_a_table_opens_sorts_and_is_searched(opened: Opened) -> None:
    details = opened.tab.locator("details[data-table='04-prevalence']")
    details.locator("summary").click()
    head = details.get_by_role("button", name="hits", exact=True)
    head.click()
    head.click()
    place = details.locator("th").all_inner_texts().index("hits") + 1
    hits = [int(text) for text in details.locator(f"td:nth-child({place})").all_inner_texts()]
    assert hits == sorted(hits, reverse=True)
    details.locator("input[type=search]").fill("freedom")
    assert all("freedom" in text for text in details.locator("tr:has(td):visible").all_inner_texts())


def test_a_hostile_corpus_runs_nothing(opened: Opened) -> None:
    opened.tab.select_option("#view", index=0)
    shown = opened.show("zanzibar")
    assert sum(part in shown for part in ("<img src=x", "</script>", "](javascript:", "<svg onload", "{{ free }}")) >= 2
    assert NAME.replace("\u202e", "") in opened.tab.inner_text("#more-a") + opened.tab.inner_text("#more-b")
    for button in opened.tab.locator("#found td button").all()[:40]:
        button.evaluate("each => each.click()")
    for summary in opened.tab.locator("summary").all():
        summary.evaluate("each => each.click()")
    opened.tab.wait_for_timeout(100)
    assert opened.tab.evaluate("window.pwned") is None
    assert opened.tab.locator("#lines img, #found img, section svg, td img, main li a").count() == 0
    assert [line for line in opened.said if not line.startswith(("info", "log"))] == []


def test_on_paper_the_explorer_and_the_code_are_left_out(opened: Opened) -> None:
    opened.tab.emulate_media(media="print")
    for what, seen in (("#explore", False), ("nav", False), (".paper", True), ("figure img", True)):
        assert opened.tab.locator(what).first.is_visible() is seen, what
    opened.tab.emulate_media(media="screen")


def test_names_that_are_numbers_stay_names(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,group,term,n_a,estimate\n2015,007,,2025,3,0.5\n2016,other,1,fear,4,\n")
    table = read_run_table(tmp_path / "x.csv")
    assert table.astype(object).fillna("").to_dict("list") == {
        "a": ["2015", "2016"],
        "b": ["007", "other"],
        "group": ["", "1"],
        "term": ["2025", "fear"],
        "n_a": [3, 4],
        "estimate": [0.5, ""],
    }
