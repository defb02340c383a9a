"""The command answers in one line, 0 done, 1 drift or a failure, 2 the user can mend it, and leaves nothing by half."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

import papermill
import pytest
import yaml

from analysis import cli, paths
from analysis.cli import main
from analysis.corpus import read_corpus, read_info, readers, spill
from analysis.corpus.readers.mapping import MAPPABLE
from analysis.errors import NotebookError
from analysis.parameters import COMPARE, Parameters, from_text, parse_parameters
from analysis.study import runner
from analysis.study.parameters import declared_parameters, find_notebooks
from analysis.study.runner import Ran


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fail if a notebook is executed: nothing here needs one."""

    def start(*_: object, **__: object) -> NoReturn:
        pytest.fail("a kernel was started")

    monkeypatch.setattr(papermill, "execute_notebook", start)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return what runs the command, expects exit 2 and one line on the error stream, and returns that line."""

    def refuse(*arguments: object) -> str:
        assert main([str(argument) for argument in arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("vantage: ")
        assert captured.err.endswith("\n")
        assert captured.err.count("\n") == 1
        assert "Traceback" not in captured.err
        return captured.err

    return refuse


def write(path: Path, content: str | bytes) -> Path:
    """Write a file; return its path."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# What cannot be parsed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND (see: vantage --help)"),
        (["runn"], "invalid choice: 'runn'"),
        (["run", "--corpuss", "x"], "unrecognized arguments: --corpuss (see: vantage --help)"),
        (["import"], "the following arguments are required: FILE, --into, --collection (see: vantage import --help)"),
        (["import", "a.csv", "--into", "x", "--collection", "c", "--vantage", "tourist"], "invalid choice: 'tourist'"),
        (["import", "a.csv", "--into", "x", "--collection", "c", "--format", "xlsx"], "'xlsx' is not a known format"),
        (["measure"], "the following arguments are required: --corpus"),
        (["run", "-p"], "argument -p: expected one argument"),
    ],
)
def test_a_command_that_cannot_be_parsed_is_refused_in_one_line(
    refused: Callable[..., str], arguments: list[str], said: str
) -> None:
    assert said in refused(*arguments)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "report",
        "check",
        "import",
        "info",
        "retag",
        "remove",
        "sample",
        "export",
        "formats",
        "score",
        "measure",
        "parameters",
    ],
)
def test_help_names_every_option(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*([command] if command else []), "--help"])
    assert caught.value.code == 0
    assert "usage: vantage" in capsys.readouterr().out


def test_help_says_what_the_program_is_and_names_its_commands_in_the_order_of_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert "Vantage compares how western commenters, Chinese viewers and vloggers talk about North" in " ".join(
        told.split()
    )
    assert "it parses" not in told
    order = "import formats info retag remove sample measure demo sheet codes prompts annotate run report check export"
    assert re.findall(r"^    (\w+)(?: |$)", told, re.MULTILINE) == [*order.split(), "score", "parameters"]
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert "vantage parameters lists all" in " ".join(capsys.readouterr().out.split())


def test_the_version_is_that_of_the_project_and_of_the_citation(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert capsys.readouterr().out == f"vantage {project['version']}\n"
    cited = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == project["version"]
    assert isinstance(cited["date-released"], date)
    assert {"title", "authors", "cff-version", "message"} <= set(cited)


def test_every_parameter_is_listed_with_its_meaning_default_and_notebooks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parameters"]) == 0
    found = re.findall(
        r"^(\w+) = (.*)\n  meaning   (.+(?:\n {12}.+)*)\n  accepted  (.+(?:\n {12}.+)*)\n  notebooks (.+)$",
        capsys.readouterr().out,
        re.MULTILINE,
    )
    listed = {name: rest for name, *rest in found}
    assert set(listed) == set(Parameters.model_fields)
    declared = {notebook.stem: declared_parameters(notebook) for notebook in find_notebooks()}
    for name, (default, meaning, accepted, notebooks) in listed.items():
        assert notebooks.split() == [stem for stem, names in declared.items() if name in names]
        given = {} if default == "(nothing)" else {name: from_text(name, default)}
        assert parse_parameters(given) == Parameters()
        assert len(meaning) > 10
        assert accepted
    assert listed["draws"][0] == "1999"
    assert listed["draws"][1].startswith("Permutations of clusters; more of them where a row stands out")
    assert listed["draws"][2] == "a whole number, 99 or more"
    assert all(way in " ".join(listed["compare"][1].split()) for way in COMPARE)
    assert listed["split_at"][2] == "a date, 2025-03-05"


# Import ---------------------------------------------------------------------------------------------------------------


def test_a_pattern_that_the_shell_left_as_it_is_means_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        write(tmp_path / name, f"text\n{name}\n")
    into = ["--into", str(tmp_path / "corpus"), "--collection", "c"]
    assert main(["import", str(tmp_path / "*.csv"), *into]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()][:2] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--into", "{}/a.csv/x", "--collection", "c"], "a.csv/x: Not a directory"),
        (["--into", "{}/x", "--collection", "\udce6"], "--collection: '\\udce6' is not UTF-8 text"),
        (["--into", "{}/x", "--collection", "c", "--sources", "{}/no.yaml"], "no.yaml: cannot be read: No such file"),
        (["--into", "{}/x", "--collection", "c", "--sources", "{}"], "cannot be read: Is a directory"),
    ],
)
def test_what_the_system_refuses_is_told_in_one_line(
    refused: Callable[..., str], tmp_path: Path, options: list[str], said: str
) -> None:
    write(tmp_path / "a.csv", "text\nx\n")
    assert said in refused("import", tmp_path / "a.csv", *(option.format(tmp_path) for option in options))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("a.csv", "id,body\n1,x\n", ["--columns", "text=comment"], "a.csv, column comment: there is no such column"),
        ("a.csv", "id,remark\n1,x\n", [], "a.csv: no column has a name that is known to hold the text"),
        ("a.csv", "", [], "a.csv: is empty"),
        ("a.csv", "text\n", [], "a.csv: has a header but no rows"),
        ("a.csv", b"PK\x03\x04\x00\x00\x00", [], "a.csv: is not in a known format; it is not text"),
        ("a.pdf", b"%PDF-1.4\n%\xe2\xe3\n", [], "a.pdf: is a PDF; texts are read from tables"),
        ("a.txt", "so quiet\nso loud\n", [], "it is plain text; if each line is an utterance, --columns text=1 reads"),
        ("a.csv", "text\nx\n", ["--columns", "text"], "--columns: 'text' is not of the form NAME=VALUE"),
        ("a.csv", "text\nx\n", ["--columns", "text=text,text=a"], "--columns: 'text' is given twice"),
        ("a.csv", "text\nx\n", ["--where", "keep"], "--where: 'keep' is not of the form NAME=VALUE"),
        ("a.csv", "text\nx\n", ["--where", "keep=yes"], "a.csv, column keep: there is no such column"),
        ("a.xlsx", b"PK\x03\x04", [], "a.xlsx: is not a complete workbook"),
    ],
)
def test_an_import_that_cannot_be_leaves_no_folder(
    refused: Callable[..., str], tmp_path: Path, name: str, content: str | bytes, options: list[str], said: str
) -> None:
    path = write(tmp_path / name, content)
    line = refused("import", path, "--into", tmp_path / "new" / "corpus", "--collection", "Test", *options)
    assert said in line
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_is_named_and_no_folder_made(refused: Callable[..., str], tmp_path: Path) -> None:
    line = refused("import", tmp_path / "gone.csv", "--into", tmp_path / "corpus", "--collection", "Test")
    assert f"{tmp_path / 'gone.csv'}: no such file" in line
    assert list(tmp_path.iterdir()) == []


def test_a_refused_import_leaves_an_existing_corpus_byte_for_byte(
    refused: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = tmp_path / "corpus"
    assert main(["import", str(write(tmp_path / "a.csv", "text\nx\n")), "--into", str(into), "--collection", "T"]) == 0
    capsys.readouterr()
    was = {path: path.read_bytes() for path in into.iterdir()}
    capsys.readouterr()
    for content in ("", "text\n", "remark\nx\n", b"\0"):
        path = write(tmp_path / "b.csv", content)
        refused("import", path, "--into", into, "--collection", "Test")
        assert {path: path.read_bytes() for path in into.iterdir()} == was


def test_an_import_prints_its_sum_and_where_the_rejected_rows_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [
        write(tmp_path / "a.csv", "body,n,v\nx,1,t\n,5,t\ny,many,t\n"),
        write(tmp_path / "b.csv", "body;n;v\nx;1;t\n"),
    ]
    into = tmp_path / "corpus"
    options = ["--collection", "Test", "--columns", "text=body,likes=n,thread_id=v", "--vantage", "vlogger"]
    options += ["--origin", "western", "--platform", "youtube", "--kind", "caption", "--quiet"]
    assert main(["import", *map(str, files), "--into", str(into), *options]) == 0
    why = "rejected: 1 no text (a picture or a sticker)"
    voices = "2 rows of vloggers without an account: each video counts as a voice of its own"
    assert capsys.readouterr().out.splitlines() == [
        f"a.csv: table: 3 rows read = 2 imported + 1 rejected + 0 duplicates; {why}",
        f"  {voices}; --columns speaker=COLUMN names the accounts",
        "  likes not read in 1 row, e.g. in row 3",
        "b.csv: table: 1 row read = 0 imported + 0 rejected + 1 duplicate",
        "together: 4 rows read = 2 imported + 1 rejected + 1 duplicate",
        f"rejected rows and their reasons: {into / 'rejected.ndjson'}",
        f"to run the study on it: vantage run --corpus {into}",
    ]
    row, _ = read_corpus(into).to_dict("records")
    expected = {"vantage": "vlogger", "origin": "western", "platform": "youtube", "kind": "caption", "likes": 1}
    assert {name: row[name] for name in expected} == expected
    assert row["collection"] == "Test"


def test_a_rule_that_no_row_met_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rules = write(tmp_path / "sources.yaml", "- thread: t1\n  origin: western\n- thread: t2\n  origin: western\n")
    file, into = write(tmp_path / "a.csv", "text,thread_id\nx,t1\n"), tmp_path / "corpus"
    options = ["--collection", "Test", "--sources", str(rules), "--quiet"]
    assert main(["import", str(file), "--into", str(into), *options]) == 0
    assert "no row matches rule 2 of sources.yaml" in capsys.readouterr().out.splitlines()


def test_a_full_disk_is_told_and_the_corpus_stays(
    refused: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full() -> NoReturn:
        message = "database or disk is full"
        raise sqlite3.OperationalError(message)

    into = tmp_path / "corpus"
    assert main(["import", str(write(tmp_path / "a.csv", "text\na\n")), "--into", str(into), "--collection", "T"]) == 0
    capsys.readouterr()
    was = {path.name: path.read_bytes() for path in into.iterdir()}
    monkeypatch.setattr(spill, "RECENT", 2)
    monkeypatch.setattr(spill, "scratch", full)
    file = write(tmp_path / "b.csv", "text\nb\nc\nd\n")
    assert "the folder for temporary files: database or disk is full" in refused(
        "import", file, "--into", into, "--collection", "T"
    )
    assert {path.name: path.read_bytes() for path in into.iterdir()} == was


# Run, check, measure --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "measure"])
def test_a_missing_corpus_is_refused_and_nothing_made(
    refused: Callable[..., str], tmp_path: Path, command: str
) -> None:
    out = ["--out", tmp_path / "new" / "out"] if command == "run" else []
    line = refused(command, "--corpus", tmp_path / "corpuss", *out)
    assert f"{tmp_path / 'corpuss'}: no corpus here: no such folder (accepted: quotations, " in line
    assert list(tmp_path.iterdir()) == []


def test_a_check_needs_a_manifest_of_the_quotations(refused: Callable[..., str], tmp_path: Path) -> None:
    assert f"{tmp_path}: holds no manifest" in refused("check", "--against", tmp_path)
    write(tmp_path / "manifest.json", '{"figures": {}, "parameters": {}, "corpus": {"name": "mine"}}')
    assert "holds the figures of 'mine', whose corpus is not at hand" in refused("check", "--against", tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotebookError("02-sentiment, cell 3: KeyError:\n  'x'"), "vantage: 02-sentiment, cell 3: KeyError: 'x'\n"),
        (KeyboardInterrupt(), "vantage: interrupted; nothing was changed\n"),
    ],
)
def test_a_failure_that_is_not_the_users_exits_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr(runner, "run_study", fail)
    assert main(["run"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


def test_a_run_is_told_what_the_command_line_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[object] = []

    def run(parameters: object, only: object, *, report: bool, quiet: bool, source: object) -> Ran:
        assert source is None  # one notebook alone
        told.extend([parameters, only, quiet, report])
        return Ran(tmp_path / "figures", tmp_path / "notebooks", ["02-sentiment"], tmp_path / "report.html")

    monkeypatch.setattr(runner, "run_study", run)
    write(tmp_path / "p.yml", "compare: origin\nmin_count: 9\n")
    arguments = ["--quiet", "run", "--corpus", "mine", "--out", "here", "--parameters", str(tmp_path / "p.yml")]
    assert main([*arguments, "-p", "min_count=4", "-p", "corpus=other", "--only", "02-sentiment"]) == 0
    parameters, only, quiet, report = told
    assert (parameters.corpus, parameters.out, parameters.compare, parameters.min_count) == (
        "mine",
        "here",
        "origin",
        4,
    )
    assert (only, quiet, report) == (["02-sentiment"], True, True)
    assert capsys.readouterr().out == (
        f"02-sentiment: figures in {tmp_path / 'figures'}, notebooks in {tmp_path / 'notebooks'}\n"
        f"{tmp_path / 'report.html'}: all of it on one page\n"
    )


def test_measuring_says_how_many_utterances(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text\nso free\n自由\n")
    main(["import", str(tmp_path / "a.csv"), "--into", str(tmp_path / "corpus"), "--collection", "Test"])
    capsys.readouterr()
    assert main(["measure", "--corpus", str(tmp_path / "corpus")]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{tmp_path / 'corpus'}: 2 utterances measured\n"
    assert captured.err == ""
    assert read_info(tmp_path / "corpus")["rows"] == 2


# The program itself ---------------------------------------------------------------------------------------------------


def test_formats_name_every_column_that_can_be_mapped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formats"]) == 0
    out = capsys.readouterr().out
    for name in MAPPABLE:
        assert name in out
    for kind in ("CSV", "TSV", "JSON Lines", "Parquet", "XLSX", "GB 18030"):
        assert kind in out


def test_what_a_package_says_of_its_formats_cannot_act_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = replace(readers.formats()[0], limitations=("\x1b[31mred", "two\nlines"))
    monkeypatch.setattr(readers, "formats", lambda: (own,))
    assert main(["formats"]) == 0
    assert "  limitations    \\x1b[31mred; two lines\n" in capsys.readouterr().out


def test_a_console_that_is_not_utf8_stops_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "自由.csv", "text\nx\n")
    into = tmp_path / "corpus"
    ran = subprocess.run(
        [sys.executable, "-m", "analysis.cli", "import", path, "--into", into, "--collection", "自由"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.startswith(rb"\u81ea\u7531.csv: a table by the names of its columns, --columns text=text: 1 row")
    assert read_info(into)["files"][0]["collection"] == "自由"


def test_errors_and_help_come_without_the_engines_and_notebooks_without_grammars() -> None:
    code = "import sys, analysis.cli; analysis.cli.main(['formats']); print(*sys.modules, file=sys.stderr)"
    code += "; import nbformat; print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    early, late = ran.stderr.splitlines()
    assert not {"papermill", "matplotlib", "nltk", "rjieba", "opencc"} & set(early.split())
    assert "jsonschema" in late.split()
    assert "lark" not in late.split()


def test_the_streams_may_be_any_text_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert cli.main(["formats"]) == 0


def test_no_control_sign_of_a_file_or_a_column_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sign = "\x1b[31m\u202e\x07\x9b\r"
    table = tmp_path / f"a{sign}.csv"
    table.write_text(f'text,"other{sign}"\nso free,1\nso sad,2,3\n', encoding="utf-8", newline="")
    lines = tmp_path / "b.jsonl"
    lines.write_text(json.dumps({f"key{sign}": 1}) + "\n", encoding="utf-8")
    into = ["--into", str(tmp_path / f"c{sign}"), "--collection", "Test"]
    assert cli.main(["import", str(table), *into]) == cli.DONE
    assert cli.main(["import", str(lines), *into]) == cli.MEND
    assert cli.main(["import", str(tmp_path / f"none{sign}"), *into]) == cli.MEND
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert "\\x1b[31m\\u202e\\x07\\x9b" in text
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf"}]


@pytest.mark.parametrize("option", ["--into", "--corpus"])
def test_a_folder_whose_name_is_no_text_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str
) -> None:
    (tmp_path / "a.csv").write_text("text\nso free\n", encoding="utf-8")
    place = str(tmp_path / "corpus\udcff")
    rest = [str(tmp_path / "a.csv"), "--collection", "Test"]
    assert main(["import", *rest, "--into", place] if option == "--into" else ["measure", "--corpus", place]) == 2
    assert "is not text in UTF-8" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminal in Python")
@pytest.mark.parametrize("given", [("run", "--corpus"), ("report", "--out"), ("check", "--against")])
def test_a_terminal_sees_at_once_that_a_command_goes_on(tmp_path: Path, given: tuple[str, str]):
    import pty  # noqa: PLC0415  Windows has none
    import termios  # noqa: PLC0415

    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    command = [sys.executable, "-m", "analysis.cli", *given, str(tmp_path / "none")]
    ended = subprocess.run(command, stderr=its, stdout=subprocess.DEVNULL, check=False, timeout=120)
    os.close(its)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    assert ended.returncode
    assert told.strip().startswith("loading …")
    assert "none" in told.splitlines()[-1]
