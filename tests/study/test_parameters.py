"""A parameter that is not as it should be is refused in one line, before any kernel starts; nothing is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import nbformat
import pandas as pd
import papermill
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from analysis.cli import main
from analysis.errors import InputError, ParameterError, VantageError
from analysis.parameters import Parameters, parse_parameters
from analysis.study import open_study, runner, study
from analysis.study.parameters import declared_parameters, find_notebooks, read_parameters

NAMES = ", ".join(Parameters.model_fields)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test fail if a notebook is executed, or a corpus measured."""

    def start(*_: object, **__: object) -> NoReturn:
        pytest.fail("a kernel was started")

    monkeypatch.setattr(papermill, "execute_notebook", start)
    monkeypatch.setattr(runner, "measure_corpus", start)


# Given on the command line or in a file -------------------------------------------------------------------------------


def test_nothing_given_means_the_defaults() -> None:
    assert parse_parameters({}) == Parameters()
    assert Parameters().corpus == "quotations"


@pytest.mark.parametrize(
    ("pair", "name", "value"),
    [
        ("min_count=5", "min_count", 5),
        ("prior_share=0.5", "prior_share", 0.5),
        ("compare=origin", "compare", "origin"),
        ("weighting=likes", "weighting", "likes"),
        ("hashtags=skip", "hashtags", "skip"),
        ("laughter=score", "laughter", "score"),
        ("emoji=names", "emoji", "names"),
        ("evidence=verbatim, translated", "evidence", ("verbatim", "translated")),
        (" out =a=b", "out", "a=b"),
        ("corpus=runs/my corpus", "corpus", "runs/my corpus"),
    ],
)
def test_text_from_the_command_line_becomes_the_parameters_type(pair: str, name: str, value: object) -> None:
    found = getattr(parse_parameters(read_parameters(None, [pair])), name)
    assert found == value
    assert type(found) is type(value)


WRONG = [
    ("corpuss=x", f"unknown parameter 'corpuss' (accepted: {NAMES})"),
    ("Corpus=x", "unknown parameter 'Corpus'"),
    ("x=1;import os", "unknown parameter 'x'"),
    ("x;import os=1", "parameter name 'x;import os' is not an identifier"),
    ("__import__('os')=1", "parameter name '__import__('os')' is not an identifier"),
    ("min count=1", "parameter name 'min count' is not an identifier"),
    ("=1", "parameter name '' is not an identifier"),
    ("corpus", "'-p corpus' is not NAME=VALUE (accepted: -p NAME=VALUE)"),
    ("min_count=three", "parameter 'min_count' cannot be 'three'"),
    ("min_count=2.5", "parameter 'min_count' cannot be 2.5 (accepted: a whole number)"),
    ("min_count=0", "parameter 'min_count' cannot be 0 (accepted: greater than or equal to 1)"),
    ("min_count=", "parameter 'min_count' cannot be ''"),
    ("prior_share=1.5", "parameter 'prior_share' cannot be 1.5"),
    ("prior_share=0", "parameter 'prior_share' cannot be 0"),
    ("prior_share=nan", "parameter 'prior_share' cannot be 'nan'"),
    (
        "compare=vantages",
        "compare 'vantages' is not known (accepted: vantage, origin, collection, platform, ",
    ),
    ("compare=VANTAGE", "compare 'VANTAGE' is not known"),
    ("weighting=views", "(accepted: utterance, cluster, likes)"),
    ("evidence=verbatim,invented", "parameter 'evidence' cannot be 'invented'"),
    ("evidence=", "parameter 'evidence' cannot be []"),
    ("hashtags=open", "(accepted: read, skip)"),
    ("laughter=loud", "(accepted: apart, score)"),
    ("emoji=read", "(accepted: apart, names)"),
    ("seed=abc", "'seed'"),
    ("masked=no", "parameter 'masked' cannot be 'no' (accepted: true, false)"),
    ("instruments=vadre", "unknown instrument 'vadre' (accepted: vader, labmt, nrcvad, zh_rules, emoji, column:NAME"),
    ("compare=period", "compare 'period' needs the date that parts the periods: split_at=2025-03-05"),
    ("split_at=2025-02-30", "parameter 'split_at' cannot be '2025-02-30' (accepted: a date, 2025-03-05)"),
    ("split_at=0000-01-01", "parameter 'split_at' cannot be '0000-01-01'"),
    ("split_at=tomorrow", "parameter 'split_at' cannot be 'tomorrow' (accepted: a date, 2025-03-05)"),
]


@pytest.mark.parametrize(("pair", "said"), WRONG)
@pytest.mark.usefixtures("no_kernel")
def test_a_wrong_parameter_is_refused_in_one_line_before_a_kernel_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, pair: str, said: str
) -> None:
    assert main(["run", "-p", pair, "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("vantage: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_notebooks_paths_are_taken_and_its_tables_are_told_to_be_saved() -> None:
    found = parse_parameters({"corpus": Path("corpora") / "mine", "lexicons": [Path("a.csv"), "b.csv"]})
    assert (found.corpus, found.lexicons) == (str(Path("corpora") / "mine"), ("a.csv", "b.csv"))
    for name in ("attributes", "scores"):
        with pytest.raises(ParameterError) as caught:
            parse_parameters({name: pd.DataFrame({"text": ["what somebody said"]})})
        assert str(caught.value).startswith(
            f"parameter '{name}' cannot be a DataFrame (accepted: a text, the name of a "
        )
        assert ".to_csv" in str(caught.value)


@settings(deadline=None)
@given(name=st.text(max_size=12).filter(lambda name: name not in Parameters.model_fields), value=st.text(max_size=5))
def test_no_other_name_is_ever_accepted(name: str, value: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_parameters({name: value})
    assert NAMES in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "compare: origin\nmin_count: 4\nevidence: [verbatim]\n"),
        ("a.yaml", "{compare: origin, min_count: 4, evidence: [verbatim]}"),
        ("a.json", '{"compare": "origin", "min_count": 4, "evidence": ["verbatim"]}'),
    ],
)
def test_a_file_gives_parameters_and_the_command_line_wins(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = parse_parameters(read_parameters(tmp_path / name, ["min_count=7"]))
    assert found == Parameters(compare="origin", min_count=7, evidence=["verbatim"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yml", b"compare: [", "cannot be read as parameters"),
        ("a.yml", b"!!python/object/apply:os.system ['touch ran']", "cannot be read as parameters"),
        ("a.yml", b"caf\xe9: 1", "cannot be read as parameters"),
        ("a.yml", b"- compare", "holds no parameters"),
        ("a.yml", b"", "holds no parameters"),
        ("a.json", b"{'compare': 1}", "cannot be read as parameters"),
        ("a.json", b'"compare"', "holds no parameters"),
    ],
)
def test_a_file_without_parameters_is_refused_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_parameters(tmp_path / name, [])
    assert str(caught.value).startswith(f"{tmp_path / name}: {said}")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.yml: cannot be read as parameters"):
        read_parameters(tmp_path / "gone.yml", [])


def test_what_a_file_gives_is_checked_like_everything_else(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"compare": "origin", "2": 3}), encoding="utf-8")
    with pytest.raises(ParameterError, match="parameter name '2' is not an identifier"):
        parse_parameters(read_parameters(tmp_path / "a.json", []))


# The same in JupyterLab, in plain papermill and by the runner ---------------------------------------------------------

#: For every parameter a value that Python can hold and the study cannot mean, and what is accepted.
NOT_MEANT: dict[str, tuple[object, str]] = {
    "lens": (9, "less than 4"),
    "ironic": ("warm", "skip, literal, cold"),
    "lexicons": ("mine.csv", "a list of texts"),
    "dictionaries": ("mine.csv", "a list of texts"),
    "hashtags": (True, "read, skip"),
    "laughter": ("both", "apart, score"),
    "emoji": ("", "apart, names"),
    "corpus": (3, "a text"),
    "out": (None, "a text"),
    "compare": ("nation", "vantage, origin"),
    "attributes": (["a.csv"], "a text"),
    "split_at": ("2025", "a date, 2025-03-05"),
    "weighting": ("views", "utterance, cluster, likes"),
    "evidence": ("verbatim", "a list of verbatim, translated, paraphrase, constructed"),
    "instruments": ("vader", "a list of texts"),
    "scores": (0, "a text"),
    "classes": ("stance", "a list of texts"),
    "masked": ("no", "true, false"),
    "min_count": ("5", "a whole number"),
    "prior_share": (0, "greater than 0"),
    "node": ("freedom", "a list of texts"),
    "window": (0, "greater than or equal to 1"),
    "lines": (-1, "greater than or equal to 0"),
    "boilerplate": ("dorp", "drop, keep"),
    "duplicates": ("last", "keep, first"),
    "draws": (98, "greater than or equal to 99"),
    "seed": (1.5, "a whole number"),
    "topic_words": ("some", "keep, drop"),
    "figure_formats": ("pdf", "a list of png, svg, pdf"),
}


def test_there_is_a_wrong_value_for_every_parameter() -> None:
    assert list(NOT_MEANT) == list(Parameters.model_fields)


@pytest.mark.parametrize("name", NOT_MEANT)
@pytest.mark.usefixtures("no_kernel")
def test_a_value_that_means_nothing_is_refused_in_every_way_of_running(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    value, accepted = NOT_MEANT[name]
    said = rf"{name}.*\(accepted: {accepted}"
    monkeypatch.setattr(study, "measured_files", lambda *_, **__: pytest.fail("something was measured"))
    # In JupyterLab: the tagged cell, edited.
    with pytest.raises(ParameterError, match=said):
        open_study({"print": print, "pd": pytest, name: value})
    with pytest.raises(ParameterError, match=said):
        open_study(**{name: value})
    # In plain papermill: a cell of its own after the tagged one.
    asked = [path for path in find_notebooks() if name in declared_parameters(path)]
    assert asked
    for path in asked:
        book = parameterize_notebook(load_notebook_node(str(path)), {name: value})
        whole = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
        with pytest.raises(ParameterError, match=said):
            exec(whole, {})  # noqa: S102
    # By the runner.
    (tmp_path / "a.json").write_text(json.dumps({name: value}), encoding="utf-8")
    assert main(["run", "--parameters", str(tmp_path / "a.json")]) == 2
    assert re.search(said, capsys.readouterr().err)


def test_only_the_parameters_of_a_namespace_count(bilingual: Path, tmp_path: Path) -> None:
    opened = open_study({"corpus": str(bilingual), "out": str(tmp_path), "weighting": "likes", "x": 1, "draw": len})
    assert opened.parameters == Parameters(corpus=str(bilingual), out=str(tmp_path), weighting="likes")
    with pytest.raises(ParameterError, match="unknown parameter 'draw'"):
        open_study(corpus=str(bilingual), draw=len)


@pytest.mark.usefixtures("no_kernel")
def test_a_column_that_the_users_table_lacks_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("thread_id,topic\nt1,food\n", encoding="utf-8")
    given = Parameters(attributes=str(tmp_path / "a.csv"), compare="topics", out=str(tmp_path / "out"))
    with pytest.raises(InputError, match=r"a\.csv: no column 'topics' \(accepted: vantage, .*, topic\)"):
        runner.run_study(given, quiet=True)


# Declared by a notebook -----------------------------------------------------------------------------------------------


def write_notebook(folder: Path, *sources: str, tagged: int) -> Path:
    """Write a notebook whose first cells are tagged ``parameters``."""
    cells = [new_code_cell(source) for source in sources]
    for cell in cells[:tagged]:
        cell.metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=cells), folder / "01-x.ipynb")
    return folder / "01-x.ipynb"


def test_a_notebook_declares_its_parameters(tmp_path: Path) -> None:
    path = write_notebook(tmp_path, 'corpus: str = "quotations"\nmin_count: int = 3', "x = 1", tagged=1)
    assert declared_parameters(path) == ["corpus", "min_count"]


NOT_DECLARED: list[tuple[tuple[str, ...], int, str]] = [
    (("x = 1",), 0, "0 cells are tagged 'parameters' where there must be one"),
    (('corpus: str = "a"', 'out: str = ""'), 2, "2 cells are tagged 'parameters' where there must be one"),
    (('corpus = "a"',), 1, "may hold lines 'name: type = default' only"),
    (("corpus: str",), 1, "may hold lines 'name: type = default' only"),
    (("import os",), 1, "may hold lines 'name: type = default' only"),
    (('os.corpus: str = "a"',), 1, "may hold lines 'name: type = default' only"),
    (("corpus: str = (",), 1, "may hold lines 'name: type = default' only"),
    (('corpuss: str = "a"',), 1, f"declares 'corpuss' (accepted: {NAMES})"),
]


@pytest.mark.parametrize(("sources", "tagged", "said"), NOT_DECLARED)
@pytest.mark.usefixtures("no_kernel")
def test_a_notebook_without_one_cell_of_parameters_is_refused_before_a_kernel_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: tuple[str, ...], tagged: int, said: str
) -> None:
    notebook = write_notebook(tmp_path, *sources, tagged=tagged)
    monkeypatch.setattr(runner, "find_notebooks", lambda _: [notebook])
    with pytest.raises(ParameterError) as caught:
        runner.run_study(Parameters(out=str(tmp_path / "out")), quiet=True)
    assert str(caught.value).startswith("01-x.ipynb")
    assert said in str(caught.value)
    assert list(tmp_path.iterdir()) == [notebook]


@pytest.mark.usefixtures("no_kernel")
def test_an_unknown_notebook_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ParameterError, match=r"there is no notebook '02' \(accepted: 00-overview, 01-corpus, "):
        runner.run_study(Parameters(), ["02"])
    with pytest.raises(ParameterError, match="each has an --only of its own"):
        find_notebooks(["02-sentiment,01-corpus"])
    assert [path.stem for path in find_notebooks(["02-sentiment", "01-corpus"])] == ["01-corpus", "02-sentiment"]


@pytest.mark.parametrize("make", [lambda path: path, lambda path: path / "empty"])
@pytest.mark.usefixtures("no_kernel")
def test_a_corpus_that_is_none_is_refused_before_a_kernel_starts(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    (tmp_path / "empty").mkdir()
    corpus = make(tmp_path)
    with pytest.raises(VantageError, match=r"no corpus here: holds no corpus\.json"):
        runner.run_study(Parameters(corpus=str(corpus), out=str(tmp_path / "new" / "out")), quiet=True)
    assert not (tmp_path / "new").exists()


def test_aliases_that_repeat_each_other_are_refused_at_once(tmp_path: Path) -> None:
    nested = "&a0 [x, x]"
    for level in range(1, 30):
        nested = f"&a{level} [{nested}, *a{level - 1}]"
    path = tmp_path / "a.yaml"
    path.write_text(f"node: {nested}", encoding="utf-8")
    with pytest.raises(InputError, match="more than 100,000 values"):
        read_parameters(path, [])
    path.write_text("node: &both [freedom, staged]\nclasses: *both\n", encoding="utf-8")
    assert read_parameters(path, [])["classes"] == ["freedom", "staged"]


@pytest.mark.parametrize("name", ["deep.yaml", "deep.json"])
def test_a_file_nested_too_deep_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as parameters"):
        read_parameters(tmp_path / name, [])
