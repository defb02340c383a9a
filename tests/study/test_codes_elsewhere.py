"""Codes that were given in a table or a tool of one's own: two coders side by side, R's tables, Prodigy's lines."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus.codes import item_code
from analysis.corpus.coding_scheme import DEFAULT, YES_NO, Variable, read_scheme
from analysis.errors import InputError
from analysis.study.coded_files import open_coded
from analysis.study.coded_rows import Item, Judged, judge

TEXTS = ["so happy and free, that is what I see", "nothing but actors, every one of them", "市场很热闹，什么都有"]
SCHEME = [*read_scheme(DEFAULT), Variable("staged", "nominal", YES_NO, "arranged")]
ITEMS = {item_code(f"u{at}", "original"): Item(f"u{at}", "original", text) for at, text in enumerate(TEXTS)}
LINES = list(zip(ITEMS, TEXTS, strict=True))


def read(path: Path) -> Judged:
    return judge(open_coded(path, SCHEME), ITEMS, SCHEME, None, "2026-05-01")


def codes(judged: Judged) -> list[tuple[str, str, str, str]]:
    return sorted((code.coder, code.variable, code.utterance_id, code.value) for code in judged.codes)


def write_book(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("brackets", ["stance (Anna)", "Stance（Anna）", "stance(Anna)"])
def test_two_coders_may_stand_side_by_side(tmp_path: Path, brackets: str) -> None:
    header = ("item", "text", brackets, "stance (魏)", "staged (魏)", "Notes")
    given = [(1, -1, "是"), (-2, -2, "no"), (None, 0, None)]
    rows = [(*line, *said, "") for line, said in zip(LINES, given, strict=True)]
    judged = read(write_book(tmp_path / "both.xlsx", ("made up",), header, *rows))
    assert judged.problems == []
    assert codes(judged) == sorted(
        [("Anna", "stance", f"u{at}", value) for at, value in enumerate(["1", "-2"])]
        + [("魏", "stance", f"u{at}", value) for at, value in enumerate(["-1", "-2", "0"])]
        + [("魏", "staged", f"u{at}", value) for at, value in enumerate(["yes", "no"])]
    )


def test_side_by_side_a_cell_that_is_no_code_is_named_where_it_stands(tmp_path: Path) -> None:
    header = ("item", "text", "stance (Anna)", "stance (Wei)")
    judged = read(write_book(tmp_path / "both.xlsx", header, (*LINES[0], 1, "warm")))
    assert codes(judged) == [("Anna", "stance", "u0", "1")]
    (told,) = judged.problems
    assert "cell D2: 'warm' is no value of stance" in told


def test_one_coder_may_stand_behind_all_names(tmp_path: Path) -> None:
    header = ("item", "text", "stance (Anna)", "staged (Anna)")
    judged = read(write_book(tmp_path / "a.xlsx", header, (*LINES[0], 1, "no"), (*LINES[1], None, "yes")))
    assert judged.problems == []
    wanted = [("Anna", "staged", "u0", "no"), ("Anna", "staged", "u1", "yes"), ("Anna", "stance", "u0", "1")]
    assert codes(judged) == wanted
    assert any("in brackets behind names is who coded: 'Anna'" in note for note in judged.notes)


def test_a_remark_behind_all_names_is_no_coder_where_a_column_says_who_coded(tmp_path: Path) -> None:
    header = ("item", "text", "stance (code)", "staged (code)", "coder")
    judged = read(write_book(tmp_path / "a.xlsx", header, (*LINES[0], 1, "no", "Anna")))
    assert judged.codes == []
    assert "cell C1: 'stance (code)' is no column of the sheet" in judged.problems[0]


@pytest.mark.parametrize("remark", ["-2 to 2", "ordinal", "Anna"])
def test_what_stands_in_brackets_once_is_no_coder(tmp_path: Path, remark: str) -> None:
    opened = open_coded(write_book(tmp_path / "a.xlsx", ("item", f"stance ({remark})"), (LINES[0][0], 1)), SCHEME)
    assert f"cell B1: 'stance ({remark})' is no column of the sheet" in opened.problems[0]
    assert all("coder" not in row.cells for row in opened.rows)


def test_a_table_of_r_or_pandas_is_a_sheet(tmp_path: Path) -> None:
    rows = [
        f'"{at + 1}","{item}","{text}",{value},NA\n'
        for at, ((item, text), value) in enumerate(zip(LINES, ("1", "NA", "-1"), strict=True))
    ]
    (tmp_path / "a.csv").write_text('"","item","text","stance","staged"\n' + "".join(rows), encoding="utf-8")
    opened = open_coded(tmp_path / "a.csv", SCHEME)
    judged = judge(opened, ITEMS, SCHEME, "Anna", "2026-05-01")
    assert (opened.problems, judged.problems, judged.refused_cells) == ([], [], 0)
    assert codes(judged) == [("Anna", "stance", "u0", "1"), ("Anna", "stance", "u2", "-1")]
    assert any("'NA' is no code, as a blank is none; 3 more cells alike" in note for note in judged.notes)


def test_a_first_column_without_a_name_that_is_more_than_numbers_is_told(tmp_path: Path) -> None:
    table = "".join(f"{at * 2},{item},1\n" for at, item in enumerate(ITEMS))
    (tmp_path / "a.csv").write_text(",item,stance\n" + table, encoding="utf-8")
    assert any("cell A1: has no name" in said for said in open_coded(tmp_path / "a.csv", SCHEME).problems)


def test_lines_of_another_tool_in_which_no_code_is_known_are_an_error(tmp_path: Path) -> None:
    lines = [{"item": item, "text": text, "accept": ["-1"], "answer": "accept"} for item, text in LINES]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with pytest.raises(InputError, match=r"holds no code: it has item, text, accept, answer, and none of .*stance"):
        read(tmp_path / "a.jsonl")
