"""Every format against its fixtures: what is recognised, every field of every row, and what damage leaves.

``tests/fixtures/imports/<format>/`` holds files of a format and ``expected.json``: file name to ``version``, ``rows``
(every column that is filled; names stand as ``<account>``), ``rejected`` (row and reason) and
``platform_comment_count`` (by thread). ``tests/benchmarks/import_samples.py --expect`` writes a first one, to be read
line by line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, store
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.readers import formats
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.name != "expected.json")
#: The same for every row of a fixture.
SAME = {"collection", "evidence", "source_file", "source_tool"}
BY_FORMAT = {format_.name: format_ for format_ in formats()}


@pytest.fixture(autouse=True)
def _plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show names in brackets instead of pseudonyms, so that what is expected can be read."""
    # A true pseudonym is ASCII whatever the name holds.
    plain = "backslashreplace"
    monkeypatch.setattr(Pseudonyms, "of", lambda _, __, account: f"<{account.encode('utf-8', plain).decode()}>")


def rows(into: Path) -> list[dict[str, Any]]:
    """Return the rows of a corpus with the columns that are filled."""
    out = []
    for row in pq.read_table(store.table_path(into)).to_pylist():
        row["posted_at"] = None if row["posted_at"] is None else row["posted_at"].isoformat()
        out.append({name: value for name, value in row.items() if value is not None and name not in SAME})
    return out


def beside(folder: Path) -> Path:
    """Return a table of one row."""
    (folder / "beside.csv").write_text("utterance_id,text\nbeside,so\n", encoding="utf-8")
    return folder / "beside.csv"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_field_of_every_row_comes_in(tmp_path: Path, path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))[path.name]
    into = tmp_path / "corpus"
    # A corpus has rows: a fixture whose every row is rejected comes in beside another file.
    files = [path, *([] if expected["rows"] else [beside(tmp_path)])]
    (report,) = (
        each for each in import_files(files, into, ImportOptions("Fixture")).reports if each.file != "beside.csv"
    )
    version = expected.get("version", "")
    assert report.format == path.parent.name + (f" ({version})" if version else "")
    assert [row for row in rows(into) if row["utterance_id"] != "beside"] == expected["rows"]
    assert [[row["row"], row["reason"]] for row in read_list(into, store.REJECTED)] == expected["rejected"]
    said = {
        row["thread_id"]: row["platform_comment_count"]
        for row in store.read_threads(into)
        if row["platform_comment_count"] is not None
    }
    assert said == expected["platform_comment_count"]
    assert report.read == report.imported + report.rejected + report.duplicates
    assert (report.imported, report.rejected) == (len(expected["rows"]), len(expected["rejected"]))
    tool = BY_FORMAT[path.parent.name].tool
    assert set(pq.read_table(store.table_path(into))["source_tool"].to_pylist()) <= {tool, "table"}
    before = {file.name: file.read_bytes() for file in into.iterdir()}
    import_files(files, into, ImportOptions("Fixture"))
    assert {file.name: file.read_bytes() for file in into.iterdir()} == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_cut_off_anywhere_gives_its_whole_rows_and_balances(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    for part in (0.3, 0.6, 0.9, 0.99):
        cut = tmp_path / f"{part}" / path.name
        cut.parent.mkdir()
        cut.write_bytes(data[: int(len(data) * part)])
        try:
            (report,) = import_files([cut], cut.parent / "corpus", ImportOptions("Fixture")).reports
        except InputError:
            continue
        assert report.read == report.imported + report.rejected + report.duplicates


def test_every_generation_of_every_shape_has_a_fixture() -> None:
    told = set()
    for path in FILES:
        expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))[path.name]
        told.add((path.parent.name, expected.get("version", "")))
    wanted = {(format_.name, version) for format_ in formats() for version in format_.versions or ("",)}
    assert sorted(wanted - told) == []
    assert sorted(told - wanted) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_order_of_shapes_decides_nothing(path: Path) -> None:
    (source,) = sources(path)
    begun = sample(source)
    for order in (formats(), tuple(reversed(formats()))):
        match = recognise(begun, order)
        assert match is not None
        assert match.format.name == path.parent.name


def test_every_shape_says_how_it_is_known() -> None:
    for format_ in formats():
        assert format_.lines()[1].removeprefix("  recognised by ").strip(), format_.name


JUNK: list[Any] = [None, True, "", "x", "1e999", "NaN", "-1", [], {}, [[]], [{}], {"a": 1}, "9" * 400, "\ud800"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_value_of_another_kind_rejects_its_row_and_raises_nothing(tmp_path: Path, path: Path) -> None:
    if path.suffix not in {".json", ".jsonl", ".ndjson"}:
        pytest.skip("cells are text")
    text = path.read_text(encoding="utf-8-sig")
    try:
        document = json.loads(text)
    except ValueError:
        document = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    lines = [json.dumps(changed) for changed in _changed(document[0] if isinstance(document, list) else document)]
    whole = [json.dumps(document[0] if isinstance(document, list) else document)]
    other = tmp_path / f"{path.stem}.jsonl"
    other.write_text("\n".join(whole + lines) + "\n", encoding="utf-8")
    format_ = path.parent.name
    (report,) = import_files([other], tmp_path / "corpus", ImportOptions("Fixture", format=format_)).reports
    assert report.read == report.imported + report.rejected + report.duplicates
    assert report.imported >= 1


def _changed(value: Any) -> list[Any]:
    """Return copies of a value with one part replaced by something else."""
    out: list[Any] = list(JUNK)
    if isinstance(value, dict):
        out += [{**value, name: other} for name in value for other in _changed(value[name])]
        out += [{key: kept for key, kept in value.items() if key != name} for name in value]
    elif isinstance(value, list) and value:
        out += [[other, *value[1:]] for other in _changed(value[0])]
    return out
