"""Coding sheets as files: workbooks with drop-downs and a codebook page, CSV, and tasks for Label Studio and doccano.

A coder sees an item's code and its words, in random order, and nothing of who said it where.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import openpyxl
from openpyxl.styles import Alignment, Font, NamedStyle, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.corpus.coding_scheme import CODER, CONCEPTS, ITEM, NOTE, READ, TEXT, TRANSLATION, YES, Variable, tag_of
from analysis.corpus.spreadsheet import sheet_cell, tame, undate

#: What a page is called; and what is shown of a text at most: a cell holds 32,767 units, a sign beyond the BMP two.
CODES, CODEBOOK, VALUES = "codes", "codebook", "values"
SHOWN = 16_000
_WIDTHS = {ITEM: 13, TEXT: 80, TRANSLATION: 80, NOTE: 30}
_WRAP = Alignment(wrap_text=True, vertical="top")
_HOW = (
    "Choose a value in each cell; leave a cell blank where you have not coded it.",
    f'Concepts: when you have gone through all of a line, write yes under "{READ}"; a blank concept then means no.',
    f'What you want to say goes under "{NOTE}"; "{ITEM}" brings a row back to its line, so leave it as it is.',
    "Code each line by itself, by its own words, without looking up where it comes from.",
)

Item = tuple[str, str]


def columns_of(scheme: Sequence[Variable]) -> list[str]:
    """Return the columns of a sheet."""
    read = [READ] if any(variable.is_concept for variable in scheme) else []
    return [ITEM, TEXT, *(variable.name for variable in scheme), *read, NOTE, CODER]


def shown(text: str) -> str:
    """Return what a sheet shows of a text; a longer one ends in a mark that says so."""
    return text if len(text) <= SHOWN else text[:SHOWN] + " […]"


def _cut(text: str, most: int) -> str:
    """Return so many units of UTF-16 at most; a sign beyond the BMP is two, and is not halved."""
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * most else units[: 2 * most - 2].decode("utf-16-le", "ignore") + "…"


def write_sheets(folder: Path, name: str, coder: str, items: Sequence[Item], scheme: Sequence[Variable]) -> list[str]:
    """Write the sheet of one coder in every form; return the names of the files.

    Parameters
    ----------
    name : str
        What the files begin with.
    items : sequence of (str, str)
        Code and text of each, in the order in which they are coded.

    """
    files = {
        f"{name}.xlsx": lambda path: _write_book(path, coder, items, scheme),
        f"{name}.csv": lambda path: _write_csv(path, coder, items, scheme),
        f"{name}-label-studio.json": lambda path: path.write_text(
            json.dumps(
                [{"data": {ITEM: item, TEXT: shown(text), CODER: coder}} for item, text in items],
                ensure_ascii=False,
                indent=1,
            ),
            encoding="utf-8",
        ),
        f"{name}-doccano.jsonl": lambda path: path.write_text(
            "".join(
                json.dumps({TEXT: shown(text), "label": [], ITEM: item, CODER: coder}, ensure_ascii=False) + "\n"
                for item, text in items
            ),
            encoding="utf-8",
        ),
    }
    for file, write in files.items():
        write(folder / file)
    return list(files)


def write_configurations(folder: Path, scheme: Sequence[Variable]) -> list[str]:
    """Write what Label Studio and doccano are told of a scheme; return the names of the files."""
    (folder / "label-studio.xml").write_text(label_studio_config(scheme), encoding="utf-8")
    labels = [{"text": label, "background_color": "#209CEE", "text_color": "#ffffff"} for label in labels_of(scheme)]
    (folder / "doccano-labels.json").write_text(json.dumps(labels, ensure_ascii=False, indent=1), encoding="utf-8")
    return ["label-studio.xml", "doccano-labels.json"]


def labels_of(scheme: Sequence[Variable]) -> list[str]:
    """Return the labels of doccano, which knows no variables: a concept is its own, any other value says of which."""
    out = [f"{one.name}: {value}" for one in scheme if not one.is_concept for value in one.values]
    concepts = [one.name for one in scheme if one.is_concept]
    return [*out, *concepts, *([READ] if concepts else [])]


def label_studio_config(scheme: Sequence[Variable]) -> str:
    """Return the labelling interface: a choice a variable, and the concepts to be ticked."""
    out = ["<View>", f'  <Text name="{TEXT}" value="${TEXT}"/>']

    def choices(name: str, values: Iterable[str], meaning: str, choice: str) -> None:
        out.append(f'  <Header value={quoteattr(f"{name}: {meaning}")} size="5"/>')
        out.append(f'  <Choices name={quoteattr(tag_of(name))} toName="{TEXT}" choice="{choice}" showInline="true">')
        out.extend(f"    <Choice value={quoteattr(value)}/>" for value in values)
        out.append("  </Choices>")

    for variable in scheme:
        if not variable.is_concept:
            choices(variable.name, variable.values, variable.meaning, "single")
    concepts = [variable.name for variable in scheme if variable.is_concept]
    if concepts:
        choices(CONCEPTS, concepts, "tick those that the line speaks of", "multiple")
        choices(READ, [YES], "all concepts of this line were gone through", "single")
    return "\n".join([*out, "</View>", ""])


def _write_csv(path: Path, coder: str, items: Sequence[Item], scheme: Sequence[Variable]) -> None:
    # The mark tells Excel that it is UTF-8.
    columns = columns_of(scheme)
    blank = [""] * (len(columns) - 3)
    _write_rows(path, [columns, *([item, tame(shown(text)), *blank, coder] for item, text in items)])


def _write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _write_book(path: Path, coder: str, items: Sequence[Item], scheme: Sequence[Variable]) -> None:
    book = openpyxl.Workbook()
    sheet, columns = book.active, columns_of(scheme)
    sheet.title = CODES
    blank = [None] * (len(columns) - 3)
    _fill(sheet, columns, [[item, sheet_cell(shown(text)), *blank, coder] for item, text in items])
    _write_codebook(book.create_sheet(CODEBOOK), scheme)
    lists = book.create_sheet(VALUES)
    answers = {variable.name: (variable.values, variable.meaning) for variable in scheme}
    answers |= {READ: ((YES,), "yes: all concepts of the line were gone through; a blank one then means no")}
    for at, (name, (values, meaning)) in enumerate(answers.items(), start=1):
        if name not in columns:
            continue
        for row, value in enumerate((name, *values), start=1):
            lists.cell(row, at, value).data_type = "s"
        column = get_column_letter(at)
        rule = DataValidation(
            type="list", formula1=f"{VALUES}!${column}$2:${column}${len(values) + 1}", allow_blank=True
        )
        rule.showErrorMessage, rule.showInputMessage = True, True
        rule.errorTitle, rule.error = "not a value", _cut(f"accepted: {', '.join(values)}", 220)
        # Excel shows 32 units of a title and 255 of a prompt, and calls a file with more of them damaged.
        rule.promptTitle, rule.prompt = _cut(name, 32), _cut(meaning, 240)
        letter = get_column_letter(columns.index(name) + 1)
        rule.add(f"{letter}2:{letter}{len(items) + 1}")
        sheet.add_data_validation(rule)
    _save(book, path)


def _fill(sheet: Worksheet, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a page whose first columns are locked; what is typed into the others stays text, whatever it looks like."""
    for style in ("heading", "given", "free"):
        named = NamedStyle(style, number_format="@", alignment=_WRAP, font=Font(bold=style == "heading"))
        named.protection = Protection(locked=style != "free")
        sheet.parent.add_named_style(named)
    for row, cells in enumerate((columns, *rows), start=1):
        for at, (name, value) in enumerate(zip(columns, cells, strict=True), start=1):
            cell = sheet.cell(row, at, value)
            if value is not None:
                cell.data_type = "s"
            cell.style = "heading" if row == 1 else "given" if name in {ITEM, TEXT} else "free"
    for at, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 13)
    sheet.freeze_panes = "C2"
    # No password: who has to may take it off.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.autoFilter = False


def _write_codebook(sheet: Worksheet, scheme: Sequence[Variable]) -> None:
    rows = [("How to code", "", line) for line in _HOW] + [("", "", "")]
    rows += [("variable", "values", "meaning")]
    rows += [(one.name, ", ".join(one.values), one.meaning) for one in scheme]
    for row, cells in enumerate(rows, start=1):
        for at, value in enumerate(cells, start=1):
            if value:
                # A value may begin with a minus, a meaning is anybody's.
                cell = sheet.cell(row, at, value if at < 3 else sheet_cell(value))  # noqa: PLR2004
                cell.data_type, cell.alignment = "s", _WRAP
    for letter, width in zip("ABC", (18, 24, 110), strict=True):
        sheet.column_dimensions[letter].width = width


def write_for_translator(path: Path, items: Sequence[Item]) -> None:
    """Write what a translator fills in, as a workbook or CSV by the ending: code, words, room for a translation."""
    columns = [ITEM, TEXT, TRANSLATION]
    if path.suffix == ".csv":
        _write_rows(path, [columns, *([item, tame(shown(text)), ""] for item, text in items)])
        return
    book = openpyxl.Workbook()
    book.active.title = TRANSLATION
    _fill(book.active, columns, [[item, sheet_cell(shown(text)), None] for item, text in items])
    _save(book, path)


def _save(book: openpyxl.Workbook, path: Path) -> None:
    book.save(path)
    undate(path)
