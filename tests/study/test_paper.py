"""Texts for a paper: every number a cell of a table, nothing said that was not done, nobody's words at work in TeX."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import paths
from analysis.compare.claims import claim_rows, claim_verdicts
from analysis.compare.concepts import concept_differences, concept_prevalence
from analysis.compare.overview import corpus_grid
from analysis.compare.tone import tone_across_languages, tone_coverage, tone_differences, tone_scores
from analysis.corpus import ImportOptions, import_file
from analysis.show import style
from analysis.study import open_study
from analysis.study.cells import CITED, Cells, keys, look, markdown, tex
from analysis.study.findings import Told
from analysis.study.methods import _comparison, limitations, methods, paragraphs
from analysis.study.methods_codes import robustness
from analysis.study.paper import _findings_tex, _tabular, checklists, write_paper
from analysis.study.paper_tables import article_tables, own_tables, read_tables
from analysis.study.references import references
from analysis.study.study import Study

#: What a sentence may state without a cell: the level of intervals, that of q, and what a benchmark has found of likes.
CONSTANTS = re.compile(r"95 % intervals|q < \.05|about 0\b|covered \.91|where \.95|data/\w+\.csv")


@pytest.fixture(scope="module")
def study(bilingual: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study of the bilingual fixture."""
    return open_study(corpus=str(bilingual), out=str(tmp_path_factory.mktemp("paper") / "out"), draws=99)


@pytest.fixture(scope="module")
def figures(study: Study) -> Path:
    """Return a folder of the tables that a run makes, as files."""
    differences, claims = tone_differences(study), claim_rows(*claim_verdicts(study))
    tables = {
        "01-grid": corpus_grid(study),
        "02-coverage": tone_coverage(study),
        "02-across": tone_across_languages(study),
        "04-prevalence": concept_prevalence(study),
        "04-contrasts": concept_differences(study),
        "06-claims": claims,
        **{f"02-contrasts-{place}": part for place, part in enumerate((differences[:9], differences[9:]))},
        "02-tone-all": tone_scores(study),
    }
    study.out.mkdir(parents=True)
    for name, table in tables.items():
        style.write_csv(table, study.out / f"{name}.csv")
    return study.out


@pytest.fixture(scope="module")
def paper(study: Study, figures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the paper's folder."""
    folder = tmp_path_factory.mktemp("paper") / "paper"
    write_paper(study, [figures], folder)
    return folder


def read(path: Path) -> pd.DataFrame:
    """Read a table as people do."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def test_no_sign_of_a_name_that_acts_in_a_terminal_is_written(tmp_path: Path, fixture_file: Path) -> None:
    file = tmp_path / "a\x1b[2J\u202e.csv"
    told = fixture_file.read_text(encoding="utf-8").replace("Constructed TikTok 2025", "Old \x1b[31m streets")
    file.write_text(told, encoding="utf-8", newline="")
    import_file(file, tmp_path / "corpus", ImportOptions("Test"))
    study = open_study(corpus=str(tmp_path / "corpus"), out=str(tmp_path / "out"), draws=99)
    write_paper(study, [], tmp_path / "paper")
    assert read(tmp_path / "paper" / "files.csv")["file"].tolist() == [r"a\x1b[2J\u202e.csv"]
    assert r"Old \x1b[31m streets" in read(tmp_path / "paper" / "collections.csv")["collection"].tolist()
    for path in (tmp_path / "paper").iterdir():
        assert not set(path.read_text(encoding="utf-8")) & {"\x1b", "\u202e"}, path.name


# Cells ----------------------------------------------------------------------------------------------------------------


def test_a_sentence_has_its_number_from_a_table_and_says_where() -> None:
    cells = Cells({"t": pd.DataFrame({"n": [1_200, 5], "q": [0.01, 0.2], "name": ["a_b", "*c*"]})})
    template = f"{cells('n', 't', 'sum', 'n')} in {cells('few', 't', 'count', rows='q < 0.05', form='row')} [@kish1965]"
    template += f" by {cells('who', 't', 'names', 'name')}, 5 %"
    assert template == "{n} in {few} [@kish1965] by {who}, 5 %"
    assert cells.fill(template) == "1,205 in 1 row [@kish1965] by a_b and *c*, 5 %"
    assert cells.fill(template, cells=markdown).endswith(r"by a\_b and \*c\*, 5 %")
    shown = cells.fill(template, tex, tex, lambda names: rf" \citep{{{','.join(names)}}}")
    assert shown == r"1,205 in 1 row \citep{kish1965} by a\_b and {*}c{*}, 5 \%"
    assert cells.table().set_index("name").loc["few", ["table", "how", "rows"]].tolist() == ["t", "count", "q < 0.05"]
    with pytest.raises(KeyError):
        cells.fill("{unknown}")


def test_no_link_of_somebodys_is_one_in_markdown() -> None:
    assert markdown("see https://a.example and WWW.b.example: x") == r"see https\://a.example and WWW\.b.example: x"


@pytest.mark.parametrize("mark", ["\\", "{", "}", "$", "&", "#", "^", "_", "~", "%"])
def test_no_mark_of_somebodys_works_in_tex(mark: str) -> None:
    assert tex(f"a{mark}b") != f"a{mark}b"
    assert re.search(r"(?<!\\)[$&#_%]|[\^~]", tex(f"a{mark}b").replace("\\textasciicircum{}", "")) is None


# Every number a cell --------------------------------------------------------------------------------------------------


def test_without_its_cells_no_sentence_holds_a_number(study: Study, figures: Path) -> None:
    cells = Cells({**own_tables(study), **read_tables([figures])})
    sections = [*methods(cells, study), limitations(cells, study)]
    assert [section.heading for section in sections] == [
        *("Corpus", "Tone", "Concepts", "Comparison", "Across languages", "Claims", "Software", "Limitations")
    ]
    for _, told in sections:
        for sentence in told:
            bare = re.sub(r"\[@[^]]*\]|\{\w+(-\w+)?\}", "", sentence)
            assert not re.search(r"\d", CONSTANTS.sub("", bare)), sentence
    for template in pd.read_csv(paths.DATA / "checklists.csv", keep_default_na=False)["answer"]:
        assert not re.search(r"\d", re.sub(r"\{\w+\}|\b0[1-6]-\w+", "", template)), template


def test_random_groups_are_told_where_two_sides_are_that_large(study: Study, figures: Path) -> None:
    tables = {**own_tables(study), **read_tables([figures])}
    for clusters, told in ((1999, False), (2000, True)):
        tables["groups"] = pd.DataFrame(
            {"language": ["English", "English", "Chinese"], "clusters": [clusters, 2000, 1]}
        )
        assert any("random groups" in sentence for sentence in _comparison(Cells(tables))) == told


def test_every_number_stands_in_the_file_that_is_named(paper: Path, figures: Path) -> None:
    for row in read(paper / "numbers.csv").fillna("").itertuples():
        files = [place / f"{row.table}.csv" for place in (paper, paths.ROOT)]
        table = next((read(file) for file in files if file.is_file()), None)
        table = read_tables([figures])[row.table] if table is None else table
        value = look(table, row.how, row.column, row.rows)
        assert str(value) == row.value or float(value) == pytest.approx(float(row.value), rel=1e-6), row.name


def test_numbers_are_what_counting_by_hand_gives(study: Study, paper: Path, figures: Path) -> None:
    text = (paper / "methods.md").read_text(encoding="utf-8")
    counts = [0, 0]
    for path in figures.glob("02-contrasts-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        counts = [counts[0] + len(rows), counts[1] + sum(row["q"] != "" and float(row["q"]) < 0.05 for row in rows)]
    assert f"Contrasts of tone within a language: {counts[0]}, of them" in text
    assert re.search(rf"a language: \d+, of them with a p: \d+, with q < \.05: {counts[1]}\.", text)
    read_by = len(study.mentioned)
    assert read_by == sum(study.measures["language"].isin(["en", "zh"]))
    assert f"It was held against {read_by} utterances: those in English or Chinese" in text
    steps = read(paper / "exclusions.csv")
    grid = read(figures / "01-grid.csv").query("utterances > 0")
    places = len(grid[["platform", "kind", "year"]].drop_duplicates())
    assert places < len(grid)
    assert f" of {places} cells of platform, kind and year hold" in (paper / "checklists.md").read_text("utf-8")
    assert "compared in concepts" not in set(steps["step"])  # of these some are in languages that it does not read
    assert steps["utterances"].iloc[0] - steps["left_out"].sum() == steps["utterances"].iloc[-1]
    assert steps["utterances"].iloc[-1] == sum(len(group.rows) for group in study.groups)
    for group in study.groups:
        effective = group.rows["cluster_id"].value_counts()
        effective = effective.sum() ** 2 / (effective**2).sum()
        assert f"{group.rows['cluster_id'].nunique()} cluster" in text
        assert f"effectively {effective:.1f}" in text
    assert f"{study.parameters.draws} or more permutations" in text
    assert "a ratio of 1.5 where both shares were under 10 %" in text
    assert "With fewer than 5 effective clusters on a side no interval is given, with fewer than 10 no p." in text


def test_collections_are_those_that_rows_name(paper: Path) -> None:
    rows = read(paths.ROOT / "tests" / "fixtures" / "bilingual.csv")
    held = read(paper / "collections.csv")
    assert set(held["collection"]) == set(rows["collection"])
    assert f"in {rows['collection'].nunique()} collections (" in (paper / "methods.md").read_text("utf-8")


def test_a_single_day_is_named_once(study: Study, figures: Path) -> None:
    own = own_tables(study)
    cells = Cells(
        {**read_tables([figures]), **own, "groups": own["groups"].assign(first="2025-01-10", last="2025-01-10")}
    )
    told = " ".join(sentence for section in methods(cells, study) for sentence in section[1])
    assert "{first_0})" in told
    assert "{last_0}" not in told


def test_a_changed_cell_changes_the_sentence(study: Study, figures: Path, tmp_path: Path) -> None:
    shutil.copytree(figures, tmp_path / "figures")
    path = tmp_path / "figures" / "04-contrasts.csv"
    style.write_csv(read(path).assign(q=0.01), path)
    write_paper(study, [tmp_path / "figures"], tmp_path / "paper")
    n = len(read(path))
    text = (tmp_path / "paper" / "methods.md").read_text("utf-8")
    assert f"Contrasts of prevalence: {n}, of them with q < .05: {n}." in text


# Only what was done ---------------------------------------------------------------------------------------------------


def test_only_instruments_and_views_of_the_run_are_spoken_of(bilingual: Path, study: Study, tmp_path: Path) -> None:
    few = open_study(corpus=str(bilingual), out=str(tmp_path), instruments=["labmt"], laughter="score", masked=False)
    text = paragraphs(few, {"02-coverage": tone_coverage(few)})
    assert "labMT" in text
    assert not re.search("VADER|NRC-VAD|Emoji Sentiment|word shifts|codebook finds|translated words|claims", text)
    assert "Laughter was scored with the words." in text
    assert "No word was left unscored" in text
    assert "stance" in text
    assert "VADER" in paragraphs(study, {"02-coverage": tone_coverage(study)})


def told(corpus: Path, out: Path, made: tuple[str, ...] = ("02-tone",), **given: object) -> str:
    """Return methods and limitations of a study of which these tables were made, without a row."""
    return paragraphs(open_study(corpus=str(corpus), out=str(out), **given), dict.fromkeys(made, pd.DataFrame()))


def test_of_one_group_in_two_languages_it_is_not_said_that_nothing_is_compared(tmp_path: Path) -> None:
    lines = "".join(f"v{at % 9},{('so wide and cold', '很干净')[at % 2]} {at}\n" for at in range(60))
    (tmp_path / "a.csv").write_text(f"video_id,text\n{lines}", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "one", ImportOptions("V", constants={"vantage": "vlogger"}))
    assert len(open_study(corpus=str(tmp_path / "one"), out=str(tmp_path)).groups) == 2
    text = told(tmp_path / "one", tmp_path)
    assert "what sets its English and its Chinese apart may be due to who speaks which, where and when." in text
    assert "compared with nobody" not in text


def test_clusters_of_one_for_want_of_a_thread_are_told(tmp_path: Path) -> None:
    for name, thread in (("known", "t1"), ("unknown", "")):
        rows = [f"{at},western_commenter,{thread},so wide and cold {at}" for at in range(4)]
        rows += [f"v{at},vlogger,v{at},so kind {at}" for at in range(3)]
        text = "\n".join(["utterance_id,vantage,thread_id,text", *rows])
        (tmp_path / f"{name}.csv").write_text(f"{text}\n", encoding="utf-8")
        import_file(tmp_path / f"{name}.csv", tmp_path / name, ImportOptions("Made"))
    text = told(tmp_path / "unknown", tmp_path)
    assert "a vlogger's in the account, one of which neither is known in a cluster of its own; the effective" in text
    limit = "Of 4 utterances of western commenters in English neither thread nor account is known: each counts as a"
    assert limit in text
    assert "neither" not in told(tmp_path / "known", tmp_path)


def test_no_permutation_is_told_of_where_nothing_has_a_p(study: Study, figures: Path) -> None:
    tables = {**own_tables(study), **read_tables([figures])}
    assert "permutations" in " ".join(_comparison(Cells(tables)))
    none = {name: table.assign(p=np.nan) if "p" in table else table for name, table in tables.items()}
    none["02-masking"] = pd.DataFrame({"p": [0.5]})
    text = " ".join(_comparison(Cells(none)))
    assert not re.search("permutations|benjamini", text)
    assert "no p, which nothing here has." in text
    assert "cliff1993" in text


def test_what_groups_coincide_with_does_not_hide_what_else_they_differ_in(tmp_path: Path) -> None:
    """Western commenters and Chinese viewers share no language, though a vlogger shares one with the former."""
    said = {
        "western_commenter": ["so wide", "so cold"],
        "chinese_viewer": ["很干净", "很大"],
        "vlogger": ["I am here", "it is"],
    }
    for vantage, texts in said.items():
        lines = "".join(f"{vantage[0]}{at},{text}\n" for at, text in enumerate(texts))
        (tmp_path / f"{vantage}.csv").write_text(f"video_id,text\n{lines}", encoding="utf-8")
        import_file(
            tmp_path / f"{vantage}.csv", tmp_path / "three", ImportOptions(vantage, constants={"vantage": vantage})
        )
    text = told(tmp_path / "three", tmp_path)
    assert "Group and collection coincide entirely: no difference can be put down to one of them." in text
    assert "Groups may differ in language and period, too, and what sets them apart may be due to any of these." in text


def test_of_a_corpus_nothing_is_said_that_it_does_not_hold(tmp_path: Path) -> None:
    rows = pd.read_csv(paths.ROOT / "tests" / "fixtures" / "bilingual.csv")
    english = rows[(rows["vantage"] == "western_commenter") & rows["text"].str.isascii()]
    for name, chosen in (("english", english), ("one", english.head(1))):
        chosen.to_csv(tmp_path / f"{name}.csv", index=False)
        import_file(tmp_path / f"{name}.csv", tmp_path / name, ImportOptions(name))
    one = told(tmp_path / "one", tmp_path)
    assert "There is one group alone, which is compared with nobody." in one
    assert "western commenters in English, 1 utterance in 1 cluster" in one
    assert not re.search(r"permutations|Cliff|Groups may|\bare 1\b|\b1 (are|were|have)\b", one)
    both = told(tmp_path / "english", tmp_path, compare="year")
    assert "Group" in both
    assert "Groups have the same language, platform and collection; in what else they differ nobody recorded." in both
    assert not re.search(r"(Groups may differ in|Group and) [^.]*(language|period)", both)
    assert "Tone was not measured: no instrument that was asked for reads English." in told(
        tmp_path / "english", tmp_path, instruments=["zh_rules"]
    )
    vader = told(tmp_path / "english", tmp_path, instruments=["vader"])
    assert not re.search("labMT|points of|under the other weightings", vader)
    nobody = read(paths.ROOT / "tests" / "fixtures" / "bilingual.csv").dropna(subset="vantage")
    nobody.to_csv(tmp_path / "sides.csv", index=False)
    import_file(tmp_path / "sides.csv", tmp_path / "sides", ImportOptions("sides"))
    assert "no reference collection in English or Chinese" in told(tmp_path / "sides", tmp_path)


def test_without_a_notebook_that_measures_tone_none_is_told(bilingual: Path, tmp_path: Path) -> None:
    assert not re.search("Tone|Interval|permutations", told(bilingual, tmp_path, ("01-grid",)))
    words = told(bilingual, tmp_path, ("03-keyness",))
    assert not re.search("Tone|Jeffreys|Cliff", words)


def test_own_instruments_are_named_and_their_names_do_nothing(bilingual: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    ids = open_study(corpus=str(bilingual), out=str(tmp_path)).measures["utterance_id"]
    name = "{x} $y$ \\input{z}"
    pd.DataFrame({"utterance_id": ids, name: range(len(ids))}).to_csv(scores, index=False)
    own = open_study(corpus=str(bilingual), out=str(tmp_path), scores=str(scores), instruments=[f"column:{name}"])
    style.write_csv(pd.DataFrame({"part": ["mean"]}).head(0), tmp_path / "02-tone.csv")
    write_paper(own, [tmp_path], tmp_path / "paper")
    assert f"column:{name}, which we supplied" in paragraphs(own, {"02-tone": pd.DataFrame()})
    assert "coded by people" not in paragraphs(own, {})  # the scores may be people's
    assert r"\{x\} \$y\$ \textbackslash{}input\{z\}, which we" in (tmp_path / "paper" / "methods.tex").read_text(
        "utf-8"
    )
    assert r"\{x\} \$y\$ \\input\{z\}, which we" in (tmp_path / "paper" / "methods.md").read_text(encoding="utf-8")


def test_what_was_not_run_is_not_done_in_the_checklists(study: Study, figures: Path) -> None:
    done = checklists(Cells({**own_tables(study), **read_tables([figures])})).set_index("step")["answer"]
    assert done["Coding by people beforehand"] == done["Text intrusion"] == "not done"
    assert done["The measures over time"] == "not done"  # 04-timeline was not made here
    aligned = len(read(paths.DATA / "aligned.csv"))
    cells = Cells({**own_tables(study), **read_tables([figures])})
    list(methods(cells, study))
    done = checklists(cells).set_index("step")["answer"]
    assert done["Functional tests"].startswith(f"{aligned} lines with a known tone")


def test_all_that_is_cited_is_listed_and_nothing_else_is(paper: Path) -> None:
    listed = re.findall(r"^@\w+\{(\w+),", (paper / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    cited = {
        key for name in ("methods.md", "checklists.md") for key in keys((paper / name).read_text(encoding="utf-8"))
    }
    assert set(listed) == cited
    assert "hardie2014" not in cited  # no keyness was made here
    with pytest.raises(KeyError):
        references(["nobody1900"])


_AGREED = ("coders", "items", "alpha", "mark")


def test_codes_and_multiverse_are_told_from_their_tables_alone() -> None:
    agreement = [
        ("stance", "all", 2, 40, 0.75, "tentative"),
        ("stance", "English", 2, 20, 0.6, "too low"),
        ("staged", "all", 2, 40, np.nan, ""),
    ]
    tables = {
        "05-agreement": pd.DataFrame(agreement, columns=["variable", "part", "coders", "items", "alpha", "mark"]),
        "05-corrected": pd.DataFrame({"ci_low": [0.1, np.nan, 0.2]}),
        "05-choices": pd.DataFrame(
            [(np.nan, 30, 25, 5), ("instrument", 30, 25, 5)], columns=["axis", "specifications", "drawn", "gaps"]
        ),
    }
    cells = Cells(tables)
    sentences = list(robustness(cells))
    assert not re.search(r"\d", CITED.sub("", "".join(re.sub(r"\{\w+\}", "", one) for one in sentences)))
    told = " ".join(cells.fill(one) for one in sentences)
    assert "was coded by 2 coders (2 variables). On stance, Krippendorff's alpha of 40 items was 0.75" in told
    assert "3 estimates of groups were corrected" in told
    assert "2 have enough coded clusters" in told
    assert "of 1 contrast, declared beforehand" in told
    assert "30 in all, of which 25 have an interval and 5 could not" in told
    assert "too low" not in told
    assert list(robustness(Cells({}))) == []


def test_whose_codes_agree_too_little_is_told() -> None:
    rows = [("stance", "all", 2, 40, 0.75, "tentative"), ("staged", "all", 2, 40, 0.26, "too low")]
    rows.append(("market", "all", 2, 40, 0.6, "too low"))
    cells = Cells({"05-agreement": pd.DataFrame(rows, columns=["variable", "part", *_AGREED])})
    *_, last = (cells.fill(one) for one in robustness(cells))
    assert last.endswith(
        "too low for even tentative conclusions from the codes of staged and market, and what they correct."
    )


def test_that_nothing_could_be_compared_is_told_where_a_notebook_looked() -> None:
    """Notebook 05 alone compares what people coded, and knows nothing of what the others would compare."""
    rules = {"rules": pd.DataFrame({"few_for_interval": [5.0]})}
    alone, looked = (" ".join(_comparison(Cells(rules | more))) for more in ({}, {"02-contrasts": pd.DataFrame()}))
    assert alone.endswith("on a side no interval is given.")
    assert looked.endswith("No two groups could be compared.")


def test_no_reference_is_kept_that_nothing_cites() -> None:
    kept = re.findall(r"^@\w+\{(\w+),", (paths.DATA / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    files = ("methods.py", "methods_codes.py", "paper.py")
    code = "".join((paths.ROOT / "analysis" / "study" / name).read_text("utf-8") for name in files)
    assert set(kept) == set(re.findall(r"(?<=@)[a-z]+\d{4}", code))
    assert kept == sorted(kept)


def test_no_name_at_the_head_of_a_row_or_an_item_is_an_argument() -> None:
    named = _tabular(pd.DataFrame({"group": ["[2cm] a", "* b", "c\n\nd"], "n": [1, 2, 3]}))
    assert not re.search(r"^\s*[\[*]", named, re.MULTILINE)
    assert "c d & 3" in named
    assert r"\item {[}2cm{]} a" in _findings_tex(Told("Told.\n\n- [2cm] a"))


def test_an_interval_stands_beside_its_estimate_with_the_signs_and_digits_of_print(figures: Path) -> None:
    row = {"effect": -0.38, "low": -0.5125, "high": 0.2, "unit": "sd", "n": 1200, "q": 0.0312}
    told = _tabular(pd.DataFrame([row]))
    assert r"effect & unit & n & q \\" in told
    assert r"$-$0.380 [$-$0.512, 0.200] & sd & 1,200 & 0.0312 \\" in told
    tables = dict(article_tables(read_tables([figures]) | {"groups": pd.DataFrame(), "exclusions": pd.DataFrame()}))
    for name, table in tables.items():
        if "low" in table:
            before = table.columns[list(table).index("low") - 1]
            assert before in {"mean", "a minus b", "share", "log ratio", "effect"}, name
    assert {"tone-contrasts", "claims"} <= set(tables)
    assert "labMT" in set(tables["tone-contrasts"]["instrument"])


def test_a_p_that_holm_adjusted_is_written_as_any_other() -> None:
    told = _tabular(pd.DataFrame({"p (Holm)": [0.00002, 0.06], "p": [0.00002, 0.06]}))
    assert "< .001 & < .001" in told
    assert "0.06 & 0.06" in told


def test_cells_of_a_text_call_instruments_by_name_and_set_the_sign_of_shares_apart() -> None:
    cells = Cells({"coverage": pd.DataFrame({"instrument": ["nrcvad"], "estimate": [0.665]})})
    told = (
        cells("which", "coverage", "value", "instrument")
        + " "
        + cells("share", "coverage", "min", "estimate", "", ".0%")
    )
    assert cells.fill(told) == "NRC-VAD 66 %"


@pytest.mark.skipif(shutil.which("xelatex") is None, reason="no XeLaTeX here")
def test_the_paper_compiles(paper: Path, tmp_path: Path) -> None:
    shutil.copytree(paper, tmp_path / "paper")
    command = ["xelatex", "-interaction=nonstopmode", "-halt-on-error", "methods.tex"]
    done = subprocess.run(command, cwd=tmp_path / "paper", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
