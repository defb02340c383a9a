"""Whatever was done to a sheet, a code comes back to its line, or one line says where it stood and why it did not."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from analysis import disk
from analysis.corpus.codes import TABLES, item_code, put, read_coding
from analysis.corpus.coding_scheme import DEFAULT, YES_NO, Variable, plain, read_scheme, scheme_table
from analysis.errors import InputError, plural
from analysis.study.coded_files import open_coded
from analysis.study.coded_rows import Item, Judged, judge
from analysis.study.read_codes import take_codes
from analysis.study.sheet_files import write_for_translator, write_sheets

TEXTS = [
    "so happy and free, that is what I see",
    "=SUM(A1) nothing but actors, every one of them",
    "这些人都是演员吧，排练过的",
    "市场很热闹，什么都有",
    "who holds the camera,\nand who told them; where to stand?",
    'he said "no way", and left',
    "-2 degrees and still they dance",
    "👍👍👍",
]
SCHEME = [
    *read_scheme(DEFAULT),
    Variable("staged", "nominal", YES_NO, "arranged"),
    Variable("ordinary life", "nominal", YES_NO, "everyday"),
]
ITEMS = {item_code(f"u{at}", "original"): Item(f"u{at}", "original", text) for at, text in enumerate(TEXTS)}
CODES = list(ITEMS)
#: What a coder fills in: by column, for each item in turn.
FILLED = {
    "C": ["2", "-2", "-1", "1", "0", "unclear", "1", None],
    "D": ["no", "yes", "yes", None, "yes", None, None, None],
    "E": [None, None, None, "yes", None, None, "yes", None],
    "F": ["yes", "yes", None, "yes", None, None, None, None],
}
#: The codes that this is: a blank means no where the concepts were read.
WHOLE = {
    "stance": dict(enumerate(["2", "-2", "-1", "1", "0", "unclear", "1"])),
    "staged": {0: "no", 1: "yes", 2: "yes", 3: "no", 4: "yes"},
    "ordinary life": {0: "no", 1: "no", 3: "yes", 6: "yes"},
}


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """Return a folder with the sheet of one coder in every form; the workbook and the CSV are filled in."""
    write_sheets(tmp_path, "sheet", "coder1", [(code, item.text) for code, item in ITEMS.items()], SCHEME)
    book = openpyxl.load_workbook(tmp_path / "sheet.xlsx")
    for letter, values in FILLED.items():
        for row, value in enumerate(values, start=2):
            book["codes"][f"{letter}{row}"] = value
    book.save(tmp_path / "sheet.xlsx")
    frame = pd.read_csv(tmp_path / "sheet.csv", dtype=str, keep_default_na=False)
    for at, values in zip(range(2, 6), FILLED.values(), strict=True):
        frame[frame.columns[at]] = [value or "" for value in values]
    frame.to_csv(tmp_path / "sheet.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    return tmp_path


def read(path: Path, coder: str | None = None) -> Judged:
    judged = judge(open_coded(path, SCHEME), ITEMS, SCHEME, coder, "2026-05-01")
    assert judged.rows >= judged.blank + judged.refused_rows
    assert all(line.startswith(str(path)) for line in (*judged.problems, *judged.notes))
    assert all("(accepted: " in line for line in judged.problems)
    return judged


def told(judged: Judged) -> dict[str, dict[int, str]]:
    out: dict[str, dict[int, str]] = {}
    for code in judged.codes:
        out.setdefault(code.variable, {})[int(code.utterance_id[1:])] = code.value
    return out


def without(*gone: tuple[str, int]) -> dict[str, dict[int, str]]:
    """Return the whole without some codes."""
    return {name: {at: value for at, value in of.items() if (name, at) not in gone} for name, of in WHOLE.items()}


def damaged(sheets: Path, how: Callable[[Worksheet], object]) -> Path:
    book = openpyxl.load_workbook(sheets / "sheet.xlsx")
    book["codes"].protection.sheet = False
    how(book["codes"])
    book.save(sheets / "damaged.xlsx")
    return sheets / "damaged.xlsx"


def of_row(at: int) -> list[tuple[str, int]]:
    return [(name, at) for name in WHOLE]


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.csv"])
def test_a_sheet_as_it_was_filled_in(sheets: Path, name: str) -> None:
    judged = read(sheets / name)
    assert told(judged) == WHOLE
    assert not judged.problems
    assert not judged.notes
    assert (judged.rows, judged.blank, judged.refused_rows, judged.implied) == (8, 1, 0, 3)
    assert {code.coder for code in judged.codes} == {"coder1"}


def test_a_value_outside_the_codebook_costs_itself_alone(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        page["C2"], page["D3"], page["F4"] = "-3", "yess", "perhaps"

    judged = read(path := damaged(sheets, how))
    assert judged.problems == [
        f"{path}, cell C2: '-3' is no value of stance (accepted: -2, -1, 0, 1, 2, unclear)",
        f"{path}, cell D3: 'yess' is no value of staged (accepted: yes, no)",
        f"{path}, cell F4: 'perhaps' is no value of concepts read (accepted: yes, no)",
    ]
    assert told(judged) == without(("stance", 0), ("staged", 1))
    assert judged.refused_cells == 3


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("C2", value) for value in (2.0, 2, "２", "+2", " 2\u00a0", "2,0")),
        *(("C3", value) for value in (-2, "－2", "−2", "'-2")),
        *(("D3", value) for value in ("yes ", "YES", "ｙｅｓ")),
        ("C7", "UNCLEAR "),
    ],
)
def test_a_value_is_what_it_means(sheets: Path, cell: str, value: object) -> None:
    judged = read(damaged(sheets, lambda page: page.__setitem__(cell, value)))
    assert told(judged) == WHOLE
    assert not judged.problems


@pytest.mark.parametrize(
    ("value", "means"),
    [
        ("TRUE", "yes"),
        (True, "yes"),
        (1.0, "yes"),
        ("x", "yes"),
        ("ja", "yes"),
        ("☑", "yes"),
        ("☐", "no"),
        ("0", "no"),
        ("n", "no"),
        *((word, "yes") for word in ("j", "VRAI", "VERDADERO", "VERO", "WAAR", "ИСТИНА", "对")),
        *((word, "no") for word in ("FAUX", "FALSO", "ONWAAR", "ЛОЖЬ", "FAŁSZ", "不是", "没有")),
    ],
)
def test_a_tick_is_a_yes_and_that_is_told_once(sheets: Path, value: object, means: str) -> None:
    def ticked(page: Worksheet) -> None:
        page["D2"], page["D3"] = value, value

    judged = read(path := damaged(sheets, ticked))
    assert [told(judged)["staged"][at] for at in (0, 1)] == [means, means]
    shown = plain(value)
    assert judged.notes == [f"{path}, cell D2: '{shown}' is read as {means} of staged; 1 more cell alike"]


def test_a_wrong_value_is_told_once_and_not_at_full_length(sheets: Path) -> None:
    def wrong(page: Worksheet) -> None:
        page["C2"], page["C3"], page["C4"] = "7", "7", "a note " * 1000

    judged = read(path := damaged(sheets, wrong))
    accepted = "(accepted: -2, -1, 0, 1, 2, unclear)"
    assert judged.problems[0] == f"{path}, cell C2: '7' is no value of stance {accepted}; 1 more cell alike"
    assert judged.refused_cells == 3
    assert len(judged.problems[1]) < len(str(path)) + 160


def test_excels_date_for_1_2_is_told_as_one(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        page["C2"] = datetime(2026, 1, 2)  # noqa: DTZ001  as Excel has it
        page["C2"].number_format = "d-mmm"

    judged = read(path := damaged(sheets, how))
    said = "a date (2026-01-02), which is what Excel makes of 1-2, is no value of stance"
    assert judged.problems == [f"{path}, cell C2: {said} (accepted: -2, -1, 0, 1, 2, unclear)"]
    assert told(judged) == without(("stance", 0))
    text = (sheets / "sheet.csv").read_text(encoding="utf-8-sig").replace(",2,no,,yes", ",02-Jan,no,,yes")
    (sheets / "date.csv").write_text(text, encoding="utf-8")
    judged = read(sheets / "date.csv")
    assert judged.problems == [
        f"{sheets / 'date.csv'}, cell C2: '02-Jan' is no value of stance (accepted: -2, -1, 0, 1, 2, unclear)"
    ]
    assert told(judged) == without(("stance", 0))


def test_sorted_rows_are_the_same_rows(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        rows = sorted(([cell.value for cell in row] for row in page.iter_rows(min_row=2)), key=lambda row: row[1])
        for at, row in enumerate(rows, start=2):
            for column, value in enumerate(row, start=1):
                page.cell(at, column).value = value

    judged = read(damaged(sheets, how))
    assert told(judged) == WHOLE
    assert not judged.problems


def test_columns_sorted_apart_are_found_out(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        for at, code in enumerate([CODES[1], CODES[0]], start=2):
            page.cell(at, 1).value = code

    judged = read(path := damaged(sheets, how))
    assert judged.problems[0].startswith(
        f"{path}, cell B2: these are the words of item {CODES[0]}, not of {CODES[1]}: were columns sorted apart?"
    )
    assert told(judged) == without(*of_row(0), *of_row(1))
    assert judged.refused_rows == 2


def test_a_column_renamed_or_deleted_costs_itself_alone(sheets: Path) -> None:
    judged = read(path := damaged(sheets, lambda page: page.__setitem__("D1", "faked")))
    assert judged.problems == [
        f"{path}, cell D1: 'faked' is no column of the sheet; the column is not read (accepted: staged)"
    ]
    # No word on what is not there: not even that it is not.
    assert told(judged) == {name: of for name, of in WHOLE.items() if name != "staged"}
    judged = read(path := damaged(sheets, lambda page: page.delete_cols(4)))
    assert judged.notes == [f"{path}: has no column staged; nothing is read for it"]
    assert told(judged) == {name: of for name, of in WHOLE.items() if name != "staged"}


@pytest.mark.parametrize("name", ["Stance", " STANCE ", "stance\u200b", "ｓｔａｎｃｅ"])
def test_a_name_in_other_letters_is_the_same_name(sheets: Path, name: str) -> None:
    assert told(read(damaged(sheets, lambda page: page.__setitem__("C1", name)))) == WHOLE


def test_items_are_known_by_what_stands_beneath_and_else_by_their_words(sheets: Path) -> None:
    judged = read(path := damaged(sheets, lambda page: page.__setitem__("A1", "number")))
    assert told(judged) == WHOLE
    assert judged.notes == [f"{path}, cell A1: read as item, by what stands beneath"]
    judged = read(damaged(sheets, lambda page: page.delete_cols(1)))
    assert told(judged) == WHOLE
    assert len(judged.notes) == 7
    assert told(read(damaged(sheets, lambda page: page.delete_cols(2)))) == WHOLE


def test_an_item_changed_is_known_by_its_words_and_an_edited_text_by_its_item(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        page["A2"], page["B3"], page["A4"] = "XXX", "'=SUM(A1) nothing but acters, every one", CODES[2].lower()

    judged = read(path := damaged(sheets, how))
    assert told(judged) == WHOLE
    assert not judged.problems
    assert judged.notes == [
        f"{path}, cell A2: 'XXX' is no item of this sample; the row counts for {CODES[0]}, whose words stand beside it",
        f"{path}, cell B3: the text was edited; the row counts for its item, {CODES[1]}",
    ]


@pytest.mark.parametrize("lost", ["?", "_", "\ufffd"])
def test_letters_that_an_encoding_lacks_cost_no_code(sheets: Path, lost: str) -> None:
    def how(page: Worksheet) -> None:
        for row in page.iter_rows(min_row=2, max_row=page.max_row):
            row[1].value = "".join(sign if sign.isascii() else lost for sign in str(row[1].value))

    judged = read(damaged(sheets, how))
    assert told(judged) == WHOLE
    assert not judged.problems
    assert len(judged.notes) == 1
    assert "letters were lost" in judged.notes[0]


def test_a_row_whose_item_and_words_are_both_damaged_is_refused(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        page["A2"], page["B2"], page["B3"] = "XXX", "quite other words", "what nobody ever said in here"

    judged = read(path := damaged(sheets, how))
    assert [line.split(":")[0] for line in judged.problems] == [f"{path}, cell A2", f"{path}, cell B3"]
    assert told(judged) == without(*of_row(0), *of_row(1))


@pytest.mark.parametrize("merged", ["A1:H1", "A1:C1"])
def test_a_title_above_the_header_is_passed_over(sheets: Path, merged: str) -> None:
    def how(page: Worksheet) -> None:
        page.insert_rows(1, 2)
        page["A1"] = "coding of May, item by item"
        page.merge_cells(merged)

    assert told(read(damaged(sheets, how))) == WHOLE


def test_a_header_merged_over_two_columns_leaves_one_without_a_name(sheets: Path) -> None:
    judged = read(path := damaged(sheets, lambda page: page.merge_cells("D1:E1")))
    said = "has no name, but there is something beneath it; the column is not read"
    assert judged.problems == [f"{path}, cell E1: {said} (accepted: ordinary life)"]
    assert told(judged) == {name: of for name, of in WHOLE.items() if name != "ordinary life"}


def test_what_is_merged_counts_for_each_of_its_cells(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        for letter, row, value in (("C", 3, "-2"), ("C", 4, None), ("E", 3, None), ("A", 6, CODES[4])):
            page[f"{letter}{row}"] = value
        for cells in ("C3:C4", "D3:E3", "B5:B6", "H2:H9"):
            page.merge_cells(cells)

    judged = read(path := damaged(sheets, how))
    merged = {name: dict(of) for name, of in WHOLE.items()}
    merged["stance"][2], merged["ordinary life"][1] = "-2", "yes"
    assert told(judged) == merged
    assert {code.coder for code in judged.codes} == {"coder1"}
    assert not judged.problems
    said = "is merged, and counts for each cell down to"
    assert sorted(judged.notes) == [f"{path}, cell C3: {said} C4", f"{path}, cell D3: {said} E3"]


def test_items_of_another_sample_are_told_in_one_line_and_not_known_by_their_words(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        for row in (2, 3, 4):
            page[f"A{row}"] = item_code(f"elsewhere {row}", "original")

    judged = read(path := damaged(sheets, how))
    assert told(judged) == without(*of_row(0), *of_row(1), *of_row(2))
    said = "is of another sample; nothing of the row is read (accepted: a sheet of this corpus); 2 more rows alike"
    assert judged.problems == [f"{path}, cell A2: {said}"]
    assert judged.refused_rows == 3
    assert not judged.notes


def test_a_translators_sheet_is_sent_where_it_belongs(sheets: Path) -> None:
    write_for_translator(path := sheets / "translator.csv", [(code, item.text) for code, item in ITEMS.items()])
    frame = pd.read_csv(path, dtype=str).assign(translation="other words")
    frame.to_csv(path, index=False)
    assert read(path).problems == [
        f"{path}, cell C2: a translation is no code and is not read here (accepted: vantage sheet --translated FILE)"
    ]


def test_a_page_of_notes_is_passed_over_and_two_pages_of_codes_are_both_read(sheets: Path) -> None:
    book = openpyxl.load_workbook(sheets / "sheet.xlsx")
    notes = book.create_sheet("my notes", 0)
    notes.append(["stance", "I found this hard"])
    other = book.create_sheet("later")
    for row in book["codes"].iter_rows(values_only=True):
        other.append(row)
    book["codes"].delete_rows(6, 20)
    other.delete_rows(2, 4)
    book["codes"]["C2"] = "7"
    book.save(sheets / "pages.xlsx")
    judged = read(sheets / "pages.xlsx")
    assert told(judged) == without(("stance", 0))
    assert judged.problems[0].startswith(f"{sheets / 'pages.xlsx'}, page codes, cell C2: '7' is no value")


def test_a_row_twice_and_a_column_of_ones_own(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        page.append([cell.value for cell in page[2]])
        page["I1"], page["I2"] = "my own", "hm"

    judged = read(path := damaged(sheets, how))
    assert told(judged) == WHOLE
    assert judged.rows == 9
    assert judged.notes == [f"{path}, cell I1: 'my own' is no column of the sheet, and is not read"]


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"hello", b"a,b\n1,2\n", b"[1, 2]", b'{"a": 1}', b"PK\x03\x04 no book"]
)
def test_what_is_no_sheet_is_refused_in_a_line(sheets: Path, content: bytes) -> None:
    (sheets / "none").write_bytes(content)
    with pytest.raises(InputError, match="none: ") as error:
        read(sheets / "none")
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="no such file"):
        read(sheets / "nowhere.xlsx")


def test_an_empty_workbook_holds_no_sheet(sheets: Path) -> None:
    openpyxl.Workbook().save(sheets / "empty.xlsx")
    with pytest.raises(
        InputError, match=r"holds no coding sheet \(accepted: a page with the columns item, text, stance"
    ):
        read(sheets / "empty.xlsx")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-8"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_in_any_dress(sheets: Path, encoding: str, mark: str) -> None:
    frame = pd.read_csv(sheets / "sheet.csv", dtype=str, keep_default_na=False)
    frame.to_csv(sheets / "dressed.csv", index=False, sep=mark, encoding=encoding, lineterminator="\r\n")
    judged = read(sheets / "dressed.csv")
    assert told(judged) == WHOLE
    assert not judged.problems


def test_a_quote_that_is_never_closed_costs_its_own_row(sheets: Path) -> None:
    lines = (sheets / "sheet.csv").read_text(encoding="utf-8-sig").splitlines()
    lines[3] = lines[3].replace(TEXTS[2], '"' + TEXTS[2])
    (sheets / "quote.csv").write_text("\n".join(lines), encoding="utf-8")
    judged = read(path := sheets / "quote.csv")
    assert told(judged) == without(*of_row(2))
    assert len(judged.problems) == 1
    assert judged.problems[0].startswith(f"{path}, row 4: ")
    assert (judged.rows, judged.blank, judged.refused_rows) == (8, 1, 1)


def test_a_coders_name_that_was_dragged_down_makes_no_coders(sheets: Path) -> None:
    def how(page: Worksheet) -> None:
        for row in range(2, 10):
            page[f"H{row}"] = f"coder{row + 7}"

    judged = read(path := damaged(sheets, how))
    coded = sum(any(values[at] for values in FILLED.values()) for at in range(8))
    assert (len(judged.codes), judged.refused_rows, judged.refused_rows + judged.blank) == (0, coded, 8)
    (problem,) = judged.problems
    assert problem == (
        f"{path}, cell A2: every row has another coder, from 'coder9' to 'coder16': was a name dragged down? "
        f"(accepted: --coder NAME, or the name in each row); {coded - 1} more rows alike"
    )
    assert told(read(path, coder="coder1")) == WHOLE
    assert len(read(damaged(sheets, lambda page: page.__setitem__("H3", "coder2"))).codes) == 16


def test_a_sheet_that_names_no_coder_needs_one(sheets: Path) -> None:
    judged = read(path := damaged(sheets, lambda page: page.delete_cols(8)))
    assert not judged.codes
    (line,) = judged.problems
    assert line.startswith(f"{path}, cell A2: nobody says who coded it (accepted: --coder NAME")
    assert line.endswith("; 6 more rows alike")
    assert judged.refused_rows == 7
    assert told(read(path, "Ann")) == told(read(path, "Máire O'Brien")) == WHOLE
    judged = read(path, "=Ann")
    assert not judged.codes
    assert "'=Ann' cannot name a coder" in judged.problems[0]


# Label Studio and doccano ---------------------------------------------------------------------------------------------


def annotated(sheets: Path, who: Callable[[int], list[object]] = lambda _: [1]) -> list[dict]:
    """Return the tasks as Label Studio exports them once they are annotated as the sheet was filled in."""
    tasks = json.loads((sheets / "sheet-label-studio.json").read_text(encoding="utf-8"))
    for at, task in enumerate(tasks):
        results = []
        ticked = [name for letter, name in (("D", "staged"), ("E", "ordinary life")) if FILLED[letter][at] == "yes"]
        for name, choices in (
            ("stance", [FILLED["C"][at]]),
            ("concepts", ticked),
            ("concepts_read", [FILLED["F"][at]]),
        ):
            if choices and choices != [None]:
                results.append({"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": choices}})
        task["annotations"] = [
            {"result": results, "completed_by": one, "was_cancelled": False, "updated_at": "2026-04-03T10:00:00Z"}
            for one in who(at)
        ]
    return tasks


def test_label_studio_gives_the_same_codes_with_their_day(sheets: Path) -> None:
    (sheets / "export.json").write_text(json.dumps(annotated(sheets)), encoding="utf-8")
    judged = read(sheets / "export.json")
    assert told(judged) == WHOLE
    assert {code.date for code in judged.codes} == {"2026-04-03"}
    assert {code.coder for code in judged.codes} == {"coder1"}
    short = [
        task["data"]
        | {
            one["from_name"]: one["value"]["choices"][0] if len(one["value"]["choices"]) == 1 else one["value"]
            for one in task["annotations"][0]["result"]
        }
        for task in annotated(sheets)
    ]
    (sheets / "short.json").write_text(json.dumps(short), encoding="utf-8")
    assert told(read(sheets / "short.json")) == WHOLE


@pytest.mark.parametrize("name", ["short.json", "short.csv"])
@pytest.mark.parametrize("who", [[7] * 8, [7] * 4 + ["ann@example.org"] * 4])
def test_the_short_forms_of_label_studio_say_who_and_when(sheets: Path, name: str, who: list[object]) -> None:
    rows = []
    for at, task in enumerate(annotated(sheets)):
        chosen = {one["from_name"]: one["value"] for one in task["annotations"][0]["result"]}
        short = {key: each["choices"][0] if len(each["choices"]) == 1 else each for key, each in chosen.items()}
        more = {"annotation_id": at, "annotator": who[at], "updated_at": "2026-04-03T10:00:00Z", "lead_time": 2.5}
        rows.append(task["data"] | short | more)
    path = sheets / name
    if name.endswith("json"):
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        packed = [{key: json.dumps(v) if isinstance(v, dict) else v for key, v in row.items()} for row in rows]
        pd.DataFrame(packed).to_csv(path, index=False)
    judged = read(path)
    assert told(judged) == WHOLE
    assert not judged.problems
    assert {code.date for code in judged.codes} == {"2026-04-03"}
    several = {"annotator 7", "annotator ann example.org"}
    assert {code.coder for code in judged.codes} == ({"coder1"} if len(set(who)) == 1 else several)


def test_label_studio_with_two_annotators_strange_choices_and_a_task_cancelled(sheets: Path) -> None:
    tasks = annotated(sheets, lambda at: [{"id": 3, "email": "ann@example.org"}, 4] if at == 0 else [3])
    tasks[1]["annotations"][0]["result"][0]["value"]["choices"] = ["-3"]
    tasks[2]["annotations"][0]["result"][1]["value"]["choices"].append("joy")
    tasks[3]["annotations"][0]["was_cancelled"] = True
    (sheets / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    judged = read(path := sheets / "export.json")
    assert told(judged) == without(("stance", 1), *of_row(3))
    assert {code.coder for code in judged.codes if code.utterance_id == "u0"} == {"annotator 3", "annotator 4"}
    # Whoever was one of two on one task is the same person on all others.
    assert {code.coder for code in judged.codes} == {"annotator 3", "annotator 4"}
    said = "several annotated; each is a coder of their own, unless --coder says who: annotator 3, annotator 4"
    assert judged.notes == [f"{path}: {said}"]
    assert judged.refused_cells == 2
    assert judged.problems == [
        f"{path}, task 3, concepts: 'joy' is not of the scheme (accepted: staged, ordinary life)",
        f"{path}, task 2, stance: '-3' is no value of stance (accepted: -2, -1, 0, 1, 2, unclear)",
    ]


def test_doccano_gives_the_same_codes_but_those_that_it_cannot_say(sheets: Path) -> None:
    lines = [json.loads(line) for line in (sheets / "sheet-doccano.jsonl").read_text(encoding="utf-8").splitlines()]
    for at, line in enumerate(lines):
        names = {"D": "staged", "E": "ordinary life", "F": "concepts read"}
        line["label"] = [name for letter, name in names.items() if FILLED[letter][at] == "yes"]
        line["label"] += [f"stance: {FILLED['C'][at]}"] if FILLED["C"][at] else []
    lines[4]["label"] += ["stance: 1", "joy"]
    told_lines = [json.dumps(line) for line in lines]
    told_lines[5] = told_lines[5][:40]
    (sheets / "export.jsonl").write_text("\n".join(told_lines), encoding="utf-8")
    judged = read(path := sheets / "export.jsonl")
    assert told(judged) == without(("stance", 4), ("stance", 5))
    assert judged.problems == [
        f"{path}, line 6: is not JSON (accepted: the line as it was exported)",
        f"{path}, line 5, concepts: 'joy' is not of the scheme (accepted: staged, ordinary life)",
        f"{path}, line 5, stance: '0 and 1' is no value of stance (accepted: -2, -1, 0, 1, 2, unclear)",
    ]
    assert (judged.rows, judged.refused_rows, judged.refused_cells) == (8, 1, 2)


def test_a_line_end_within_a_text_ends_no_line_of_json(sheets: Path) -> None:
    lines = [json.loads(line) for line in (sheets / "sheet-doccano.jsonl").read_text(encoding="utf-8").splitlines()]
    lines[0] |= {"label": ["stance: 2"], "comment": "a\u2028b\x85c"}
    text = "\r\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (sheets / "export.jsonl").write_text(text, encoding="utf-8", newline="")
    judged = read(sheets / "export.jsonl")
    assert told(judged) == {"stance": {0: "2"}}
    assert not judged.problems


@pytest.mark.parametrize("given", ["completions", "cats"])
def test_older_and_other_versions_give_the_same_codes(sheets: Path, given: str) -> None:
    if given == "completions":
        tasks = annotated(sheets)
        text = json.dumps([{given: task.pop("annotations"), **task} for task in tasks])
    else:
        lines = (sheets / "sheet-doccano.jsonl").read_text(encoding="utf-8").splitlines()
        labels = [[f"stance: {value}"] if value else [] for value in FILLED["C"]]
        rows = zip(map(json.loads, lines), labels, strict=True)
        text = "\n".join(
            json.dumps({given: mine, **{k: v for k, v in row.items() if k != "label"}}) for row, mine in rows
        )
    (sheets / "export.json").write_text(text, encoding="utf-8")
    judged = read(sheets / "export.json")
    assert told(judged)["stance"] == WHOLE["stance"]
    assert not judged.problems


def test_what_is_packed_is_to_be_unpacked(sheets: Path) -> None:
    with zipfile.ZipFile(sheets / "export.zip", "w") as packed:
        packed.write(sheets / "sheet-doccano.jsonl", "admin.jsonl")
    with pytest.raises(InputError, match=r"is an archive.* \(accepted: the files in it, unpacked"):
        open_coded(sheets / "export.zip", SCHEME)


# Kept beside the corpus -----------------------------------------------------------------------------------------------


@pytest.fixture
def corpus(bilingual: Path, tmp_path: Path) -> Path:
    """Return a corpus with a sample of eight, of which nothing is known but the codes of its items."""
    folder = Path(shutil.copytree(bilingual, tmp_path / "corpus"))
    sample = pd.DataFrame([(f"u{at}", 1, "a/en/low", 0.1, "") for at in range(8)], columns=list(TABLES["sample"]))
    with disk.changing(folder) as work:
        put(folder, work, {"sample": sample, "scheme": scheme_table(SCHEME)})
    return folder


def take(corpus: Path, *files: Path, replace: bool = False, coder: str | None = None) -> list[str]:
    return take_codes(files, str(corpus), "2026-05-01", replace=replace, coder=coder).said


def test_the_same_file_twice_changes_nothing(sheets: Path, corpus: Path) -> None:
    said = take(corpus, sheets / "sheet.xlsx")
    assert said[0] == f"{sheets / 'sheet.xlsx'}: 8 rows = 7 with codes + 1 without + 0 refused"
    assert said[1].endswith(
        '16 codes (3 "no" because the concepts were read) = 16 new + 0 unchanged + 0 replaced + 0 refused'
    )
    codes = read_coding(corpus, "codes")
    assert codes.iloc[0].tolist() == ["u0", "original", "coder1", "stance", "2", "2026-05-01", "sheet.xlsx"]
    before = (corpus / "coding" / "codes.csv").read_bytes()
    assert "0 new + 16 unchanged + 0 replaced + 0 refused" in take(corpus, sheets / "sheet.xlsx")[1]
    assert "0 new + 16 unchanged" in take(corpus, sheets / "sheet.csv")[1]
    assert (corpus / "coding" / "codes.csv").read_bytes() == before
    assert not (corpus / "coding" / "replaced.csv").exists()
    assert "16 new" in take(corpus, sheets / "sheet.xlsx", coder="Ann")[1]


def test_another_value_is_refused_unless_asked_for_and_then_the_old_one_is_kept(sheets: Path, corpus: Path) -> None:
    take(corpus, sheets / "sheet.xlsx")
    path = damaged(sheets, lambda page: page.__setitem__("C2", "1"))
    said = take(corpus, path)
    assert said[0] == (
        f"{path}, cell C2: coder1 says '1' of stance, and said '2' before (sheet.xlsx, 2026-05-01); that stays "
        "(accepted: --replace, or --coder NAME if somebody else coded)"
    )
    assert "= 0 new + 15 unchanged + 0 replaced + 1 refused" in said[2]
    assert read_coding(corpus, "codes")["value"][0] == "2"
    assert "= 0 new + 15 unchanged + 1 replaced + 0 refused" in take(corpus, path, replace=True)[1]
    codes = read_coding(corpus, "codes")
    assert codes.iloc[0].tolist() == ["u0", "original", "coder1", "stance", "1", "2026-05-01", "damaged.xlsx"]
    assert len(codes) == 16
    assert read_coding(corpus, "replaced").to_numpy().tolist() == [
        ["u0", "original", "coder1", "stance", "2", "2026-05-01", "sheet.xlsx", "1", "2026-05-01"]
    ]


@pytest.mark.parametrize("cells", [["C2"], ["C2", "D2", "E2", "F2"]], ids=["a cell", "a row"])
def test_a_code_that_a_coder_erased_stays_and_that_is_told_once(sheets: Path, corpus: Path, cells: list[str]) -> None:
    def how(page: Worksheet) -> None:
        for cell in (*cells, "C3"):
            page[cell] = None

    take(corpus, sheets / "sheet.xlsx")
    before = (corpus / "coding" / "codes.csv").read_bytes()
    coded = [name for name in WHOLE if 0 in WHOLE[name]] if len(cells) > 1 else ["stance"]
    assert WHOLE["stance"][1]
    for replace in (False, True):
        said = take(corpus, path := damaged(sheets, how), replace=replace)
        assert [line for line in said if "blank" in line] == [
            (
                f"{path}, cell A2: stance of this item is blank, and coder1 said '2' before; a blank takes no code "
                f"back, and that stays (accepted: another value); {plural(len(coded), 'more cell')} alike"
            )
        ]
        assert (corpus / "coding" / "codes.csv").read_bytes() == before

    # Nor is whoever says it in another row of the same file.
    def again(page: Worksheet) -> None:
        page.append([cell.value for cell in page[2]])
        page["C2"] = None

    assert not any("blank" in line for line in take(corpus, damaged(sheets, again)))
    # Whoever has only begun is told nothing.
    assert not any("blank" in line for line in take(corpus, path, coder="Ann"))


def test_a_coder_is_one_person_in_whatever_letters(sheets: Path, corpus: Path) -> None:
    def how(page: Worksheet) -> None:
        for row, name in zip(range(2, 10), ["Anna", "anna ", "ANNA", None] * 2, strict=True):
            page[f"H{row}"] = name

    assert "16 new" in take(corpus, damaged(sheets, how))[1]
    said = take(corpus, path := sheets / "sheet.xlsx", coder=" ANNA")
    assert said[0] == f"{path}: 'ANNA' counts as Anna, who coded before"
    assert "0 new + 16 unchanged" in said[2]
    assert set(read_coding(corpus, "codes")["coder"]) == {"Anna"}


def test_a_row_that_contradicts_itself_is_taken_neither_way(sheets: Path, corpus: Path) -> None:
    def how(page: Worksheet) -> None:
        page.append([cell.value for cell in page[2]])
        page["C10"] = "1"

    said = take(corpus, path := damaged(sheets, how))
    assert said[0].startswith(f"{path}, cell C10: coder1 says '1' here and '2' in {path}, cell C2, of the same item")
    assert "= 15 new + 2 unchanged + 0 replaced + 2 refused" in said[2]
    assert "stance" not in read_coding(corpus, "codes").query("utterance_id == 'u0'")["variable"].tolist()


def test_two_files_that_contradict_each_other_leave_the_first(sheets: Path, corpus: Path) -> None:
    path = damaged(sheets, lambda page: page.__setitem__("C2", "1"))
    said = take(corpus, sheets / "sheet.xlsx", path, replace=True)
    assert f"and said '2' before ({sheets / 'sheet.xlsx'}, cell C2); that stays" in said[0]
    assert read_coding(corpus, "codes")["value"][0] == "2"


def test_a_file_that_cannot_be_read_leaves_everything_as_it_was(sheets: Path, corpus: Path) -> None:
    (sheets / "none.csv").write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        take(corpus, sheets / "sheet.xlsx", sheets / "none.csv")
    assert not (corpus / "coding" / "codes.csv").exists()


def test_what_a_kill_broke_off_is_finished_by_the_next_command(
    sheets: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(corpus, sheets / "sheet.xlsx")
    before = {name: read_coding(corpus, name) for name in ("codes", "replaced")}
    path = damaged(sheets, lambda page: page.__setitem__("C2", "1"))
    with monkeypatch.context() as patch:
        patch.setattr(disk, "_finish", lambda _: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            take(corpus, path, replace=True)
    assert all(read_coding(corpus, name).equals(table) for name, table in before.items())
    assert "= 0 new + 16 unchanged + 0 replaced" in take(corpus, path)[1]
    assert read_coding(corpus, "codes")["value"][0] == "1"
    assert len(read_coding(corpus, "replaced")) == 1


def test_without_a_sample_there_is_nothing_to_code(sheets: Path, bilingual: Path) -> None:
    with pytest.raises(
        InputError, match=r"has no sample, so that there is nothing to code \(accepted: vantage sheet\)"
    ):
        take(bilingual, sheets / "sheet.xlsx")


def test_ids_and_coders_that_look_like_formulas_are_kept_to_the_letter(bilingual: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bilingual, tmp_path / "corpus"))
    ids = ["=cmd|x", "-abc", "'=x", "a;=1", "it's", "007", "-7", "NA"]
    sample = pd.DataFrame([(uid, 1, "a/en/low", 1 / 3, "yes") for uid in ids], columns=list(TABLES["sample"]))
    with disk.changing(folder) as work:
        put(folder, work, {"sample": sample})
    assert read_coding(folder, "sample")["utterance_id"].tolist() == ids
    assert read_coding(folder, "sample")["probability"].tolist() == [0.333333333333] * 8
    lines = (folder / "coding" / "sample.csv").read_text(encoding="utf-8").splitlines()
    assert not any(line.startswith(("=", "-a")) or ";=" in line for line in lines)
