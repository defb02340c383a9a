"""Apify: a table holds what its JSON holds, whatever joins the names and whatever program wrote it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, store
from analysis.corpus.readers.apify import literal, unfolded

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
DATASETS = [path for path in sorted(FOLDER.glob("apify-*/*.json")) if path.name != "expected.json"]


def flat(value: Any, mark: str, before: str = "") -> dict[str, Any]:
    """Return a record as one row: Apify numbers the parts of lists, pandas leaves them in their cell."""
    if isinstance(value, list) and mark == "/":
        value = {str(place): part for place, part in enumerate(value)}
    if not isinstance(value, dict):
        return {before: value}
    out: dict[str, Any] = {}
    for name, inner in value.items():
        out |= flat(inner, mark, f"{before}{mark}{name}" if before else name)
    return out


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as the table that a file's ending says."""
    head = sorted({name for row in rows for name in row})
    cells = [[row.get(name) for name in head] for row in rows]
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [head, *cells]:
            # Apify writes ids as text; a list that pandas leaves in a cell is text too.
            book.active.append([str(cell) if isinstance(cell, (int, list)) else cell for cell in row])
        book.save(path)
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *cells])
    return path


def imported(path: Path, into: Path) -> tuple[str, list[dict[str, Any]], list[str]]:
    """Return the format, the rows but for the file's name, and the reasons of the others."""
    (report,) = import_files([path], into, ImportOptions("Fixture")).reports
    rows = [row | {"source_file": None} for row in pq.read_table(store.table_path(into)).to_pylist()]
    return report.format.split(" ")[0], rows, [row["reason"] for row in read_list(into, store.REJECTED)]


@pytest.mark.parametrize("mark", ["/", "."])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("path", DATASETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_table_gives_what_its_json_gives(tmp_path: Path, path: Path, ending: str, mark: str) -> None:
    items = json.loads(path.read_text(encoding="utf-8"))
    table = written(tmp_path / f"table.{ending}", [flat(item, mark) for item in items])
    found = imported(table, tmp_path / "table")
    assert found == imported(path, tmp_path / "json")
    assert found[0] == path.parent.name


def test_replies_that_are_nested_in_a_table_come_in_as_deep_as_they_go() -> None:
    row = {"id": "1", "replies/0/id": "2", "replies/0/replies/0/id": "3", "replies/0/replies/0/owner/id": "9"}
    deepest = {"id": "3", "owner": {"id": "9"}}
    assert unfolded(row, "replies") == {"id": "1", "replies": [{"id": "2", "replies": [deepest]}]}
    assert unfolded({"id": "1", "replies": "[{'id': '2', 'seen': None}]"}, "replies")["replies"][0]["id"] == "2"


@pytest.mark.parametrize(
    "cell", ["[" * 100_000, "{'a': __import__('os').getcwd()}", "[smile] so wide", "[]x", "", None]
)
def test_a_cell_that_is_no_list_is_none(cell: str | None) -> None:
    assert literal(cell) is None
