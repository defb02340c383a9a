"""Texts that a spreadsheet may open: none of them is run, and what we read back is the text that it was."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

#: What a spreadsheet takes for a formula at a cell's beginning, and within a text where it may part the text in two.
_FORMULA = '[\t\n]|[ \u3000"]*+[=+@\uff1d\uff0b\uff0d\uff20-]'
_PART = '[ \u3000"]*+(?:[=\uff1d]|[+@\uff0b\uff0d\uff20-][+@(\uff0b\uff0d\uff20-]*+\\w)'
_RUN, _PARTED = re.compile(_FORMULA), re.compile(f"([;\t\n])(?={_PART})")
#: The same after apostrophes of the text's own, so that the one that is put before them can be taken away again.
_GUARDED, _GUARDED_PARTS = re.compile(f"'*(?:{_FORMULA})"), re.compile(f"([;\t\n])('*{_PART})")

#: A minus alone makes no formula of a number. Of more digits it is an id, which a spreadsheet would round.
_NUMBER = re.compile(r"-(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")

#: A number with a comma before its decimals; and one whose comma parts neither thousands nor two labels, as in 1,5.
_COMMA = re.compile(r"[+-]?[0-9]{1,15},[0-9]{1,15}")
_DECIMALS = re.compile(r"[+-]?(?:0,[0-9]+|[0-9]{1,15},(?:0|0[0-9]|[0-9]{4,15}))")

#: What a terminal would obey that shows the file; no text has it for its own sake.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

#: What XML cannot hold; and a time that says nothing, as ZIP archives write it: the same bytes on every day.
_ILLEGAL, _DAWN = re.compile("[\ufffe\uffff]"), (1980, 1, 1, 0, 0, 0)


def tame(text: str) -> str:
    """Return a text that no spreadsheet runs, and no terminal (:func:`analysis.show.style.write_csv`)."""
    text = _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _PARTED.sub(r"\1'", text)
    return "'" + text if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return a text that was read back from a CSV without the apostrophe that keeps it from being a formula there."""
    return text[1:] if text.startswith("'") and _RUN.match(text[1:]) else text


def guard(text: str) -> str:
    """Return a text that no spreadsheet runs, of which :func:`unguard` makes what it was, to the letter.

    Examples
    --------
    >>> [guard(text) for text in ("-x", "'-x", "a;=1", "-", "-2")]
    ["'-x", "''-x", "a;'=1", "'-", '-2']
    >>> [unguard(guard(text)) for text in ("-x", "'-x", "a;=1", "it's")]
    ['-x', "'-x", 'a;=1', "it's"]

    """
    text = _GUARDED_PARTS.sub(r"\1'\2", text)
    return "'" + text if _GUARDED.match(text) and not _NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """Undo :func:`guard`."""
    if "'" not in text:
        return text
    if text.startswith("'") and _GUARDED.match(text):
        text = text[1:]
    return re.sub(f"([;\t\n])'('*{_PART})", r"\1\2", text)


def with_points(cells: Sequence[str]) -> list[str]:
    """Return the numbers of a column with a point before their decimals where the whole column has a comma there.

    So a spreadsheet writes them in half of the world. The column decides, for 1,234 may also be a thousand and more,
    and 1,5 two labels: one cell at least can be nothing but decimals, no cell has a point before a digit or two commas.

    Examples
    --------
    >>> with_points(["0,8", "-1", "1,234", "n/a"])
    ['0.8', '-1', '1.234', 'n/a']
    >>> [with_points(cells)[0] for cells in (["1,234", "2,000"], ["1,5", "2,8"], ["1,0", "2.5"], ["1,0", "1,2,3"])]
    ['1,234', '1,5', '1,0', '1,0']

    """
    sure = any(_DECIMALS.fullmatch(cell.strip()) for cell in cells)
    if not sure or any(re.search(r"\.[0-9]|,[0-9]*,", cell) for cell in cells):
        return list(cells)
    return [cell.replace(",", ".") if _COMMA.fullmatch(cell.strip()) else cell for cell in cells]


def sheet_cell(value: str | float | None) -> str | float | None:
    """Return what a workbook can hold of a value; nothing of it is run."""
    if isinstance(value, str):
        return _ILLEGAL.sub("\ufffd", tame(value))
    return None if pd.isna(value) else value


def undate(path: Path) -> None:
    """Write a workbook once more without the time of its making: the same corpus, the same bytes."""
    before = path.replace(path.with_name("dated"))
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">1980-01-01T00:00:00Z<", data)
            new.writestr(zipfile.ZipInfo(name, _DAWN), data, zipfile.ZIP_DEFLATED)
    before.unlink()
