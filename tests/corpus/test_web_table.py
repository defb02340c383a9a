"""Tables of web pages and of Excel's XML, which panels save as workbooks."""

from __future__ import annotations

import html
import time
from pathlib import Path

import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.reports import Imported
from analysis.corpus.store import REJECTED
from analysis.errors import InputError

HEADER = ["评论ID", "评论内容", "用户昵称", "评论时间", "点赞数"]
ROWS = [
    ["7512345678901234567", "街上 <很> 干净 & 3 < 5\n真的", "苔甲", "2024-05-01 10:00:00", "3"],
    ["7512345678901234568", "😀 导游很热情", "苔乙", "2024-05-01 11:00:00", "1.2万"],
]
TEXTS = {row[0]: row[1] for row in ROWS}


def page(rows: list[list[str]], cell: str = "td", end: str = "</td>") -> str:
    said = (
        "".join(f"<{cell} class=x>{html.escape(value).replace(chr(10), '<br/>')}{end}" for value in row) for row in rows
    )
    return "<table border=1>\n" + "".join(f"<tr>\n  {row}</tr>\n" for row in said) + "</table>"


def excel_xml(rows: list[list[str]]) -> str:
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'
    said = [[cell.format(html.escape(value).replace("\n", "&#10;")) for value in row] for row in rows]
    sheet = "".join(f"<Row>{''.join(row)}</Row>" for row in said)
    return f'<?xml version="1.0"?><Workbook><Worksheet ss:Name="a"><Table>{sheet}</Table></Worksheet></Workbook>'


def brought(tmp_path: Path, content: str, name: str = "a.xls", encoding: str = "utf-8") -> Imported:
    (tmp_path / name).write_bytes(content.encode(encoding))
    return import_files(tmp_path / name, tmp_path / "corpus", ImportOptions("Test"))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (page([HEADER, *ROWS]), "utf-8"),
        (page([HEADER, *ROWS]), "utf-16"),
        (page([HEADER, *ROWS]), "utf-8-sig"),
        (page([HEADER, [value.replace("😀", "&#128512;") for value in ROWS[0]]]), "gb18030"),
        (page([HEADER, *ROWS], cell="TD", end=""), "utf-8"),
        ("<html><head><style>td{x:y}</style></head><body>" + page([HEADER, *ROWS]) + "</body></html>", "utf-8"),
        (excel_xml([HEADER, *ROWS]), "utf-8"),
    ],
)
@pytest.mark.parametrize("name", ["a.xls", "a.html"])
def test_every_field_is_that_of_the_table(tmp_path: Path, content: str, encoding: str, name: str) -> None:
    report = brought(tmp_path, content, name, encoding).reports[0]
    frame = read_corpus(tmp_path / "corpus").set_index("utterance_id")
    assert (report.imported, report.rejected) == (len(frame), 0)
    assert frame["text"].to_dict() == {name: TEXTS[name] for name in frame.index}
    assert str(frame["posted_at"][ROWS[0][0]]) == "2024-05-01 02:00:00+00:00"
    assert frame["likes"].tolist() == [3, 12_000][: len(frame)]
    assert frame["speaker"].notna().all()


def test_cells_over_several_rows_and_columns_hold_for_all(tmp_path: Path) -> None:
    table = (
        "<table><tr><th>video id<th colspan=2>text<th>author</tr><tr><td rowspan='2'>v1<td>so<td><td>a</tr>"
        "<tr><td>no<td><td>b</tr><tr><td>v2<td>hm<td><td>c</tr></table>"
    )
    brought(tmp_path, table)
    frame = read_corpus(tmp_path / "corpus").set_index("text")
    assert frame["thread_id"].to_dict() == {"so": "v1", "no": "v1", "hm": "v2"}


def test_of_several_tables_each_is_a_sheet(tmp_path: Path) -> None:
    menu = "<table><tr><td>Home<td>Help<td>Out</tr><tr><td>1<td>2<td>3</tr></table>"
    within = f"<table><tr><td>{page([HEADER, *ROWS])}</td></tr></table>"
    outcome = brought(tmp_path, f"<html>{menu}{within}</html>", "a.html")
    assert [(report.file, report.imported) for report in outcome.reports] == [("a.html: table 3", 2)]
    assert outcome.skipped == ["a.html: table 1"]


def test_what_nobody_sees_is_not_said_and_a_longer_row_is_rejected(tmp_path: Path) -> None:
    rows = [
        ["so<!-- <td>x --> it<script>var a = '<td>b';</script>", "a"],
        ["no", "b", "c"],
        ["<img alt='😀' src=x>", "d"],
    ]
    table = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [["text", "author"], *rows]
    )
    brought(tmp_path, f"<table>{table}</table>")
    assert sorted(read_corpus(tmp_path / "corpus")["text"]) == ["so it", "😀"]
    assert [(row["row"], row["line"]) for row in read_list(tmp_path / "corpus", REJECTED)] == [(2, 3)]


@pytest.mark.parametrize("name", ["a.html", "a.xls"])
def test_pairs_of_names_and_values_are_no_table(tmp_path: Path, name: str) -> None:
    pairs = page([["Comment", "so"], ["Media Owner", "moss"]]) if name == "a.html" else page([["so"], ["no"]])
    with pytest.raises(InputError, match="is a page"):
        brought(tmp_path, f"<html>{pairs}</html>", name)


@pytest.mark.parametrize(
    "piece", ["<!--", "<table", "<td ", "<td colspan=99999>", "<td colspan=9", "<table><tr><td>", "<script>", "<", "&#"]
)
def test_a_page_is_cut_in_time_that_grows_with_it(tmp_path: Path, piece: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError):
        brought(tmp_path, "<table><tr><td>a</td>" + piece * (2**18 // len(piece)))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(("end", "rejected"), [("<tr><td>7<td>街上", 1), ("<tr><td>7</td><td>街上</td>", 0), ("", 0)])
def test_a_cell_in_which_the_page_ends_is_no_utterance(tmp_path: Path, end: str, rejected: int) -> None:
    whole = page([HEADER[:3], *(row[:3] for row in ROWS)]).removesuffix("</table>")
    (report,) = brought(tmp_path, whole + end, name="a.html").reports
    assert report.rejected == rejected
    assert report.read == report.imported + report.rejected == len(ROWS) + bool(end)
