"""Rows of a coding sheet judged: which item each is of, and which of its cells are codes.

A row is brought back to its utterance by the item's code, and held against the words beside it: whoever sorts one
column without the others, or edits a code, is found out. Where one of the two is damaged, the other decides; where they
contradict each other, nothing of the row is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from analysis.corpus.codes import is_item_code
from analysis.corpus.coding_scheme import CODER, ITEM, NO, READ, TEXT, TRANSLATION, YES, Variable, plain
from analysis.corpus.convert import missing
from analysis.corpus.spreadsheet import tame
from analysis.study.coded_cells import Cell, Opened, Row, alike_too, quoted
from analysis.study.sheet_files import shown

_NAME = re.compile(r"\w[\w .'’-]{0,39}")
#: So alike is an edited text to what it was; and so much of both is compared.
_ALIKE, _COMPARED = 0.5, 400
#: So many coders, each of one row and counted on, are one.
_COUNTED = 5
#: One item that is whole and unknown may be a slip; so many are another sample's.
_SEVERAL = 3
#: What else coders write for yes and no, and what spreadsheets make of a box that is ticked, in their languages.
_MEANT = {
    YES: "y x 1 true wahr ja j 是 有 对 √ ✓ ✔ ✅ ☑ 예 네 はい да oui sí si sim tak evet "
    "vrai verdadero verdadeiro vero waar prawda doğru истина",
    NO: "n 0 false falsch nein 否 无 没有 不是 不 错 ☐ □ 아니요 いいえ нет non não nee nie hayır "
    "faux falso onwaar fałsz yanlış ложь",
}
_SAID = {word: value for value, words in _MEANT.items() for word in words.split()}


class Item(NamedTuple):
    """What was to be coded; the text is None where the utterance is no longer in the corpus."""

    utterance_id: str
    variant: str
    text: str | None


class Code(NamedTuple):
    """A code that a coder gave."""

    utterance_id: str
    variant: str
    coder: str
    variable: str
    value: str
    date: str
    place: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What there is one code of."""
        return self[:4]


@dataclass
class Judged:
    """What the rows of a file came to.

    Attributes
    ----------
    codes : list of Code
    left_blank : list of Code
        Of those rows whose item and coder are known, what has no code: the value is empty.
    rows, blank, refused_rows, refused_cells, implied : int
        Rows read; those of them without a code, and those refused; cells refused in the others; and codes "no" that
        are blanks of a row whose concepts were read.
    problems, notes : list of str
    alike : dict of (str, bool) to list of str
        The places of cells of which the same is to be said, and whether that is a problem: it is said once.

    """

    codes: list[Code] = field(default_factory=list)
    left_blank: list[Code] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    refused_rows: int = 0
    refused_cells: int = 0
    implied: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    alike: dict[tuple[str, bool], list[str]] = field(default_factory=lambda: defaultdict(list))


def fold_text(text: str) -> str:
    """Return the words of a text without what a spreadsheet or a coding changes: blanks, width, apostrophes, marks."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum()) or "".join(text.split())


def judge(
    opened: Opened, items: Mapping[str, Item], scheme: Sequence[Variable], coder: str | None, today: str
) -> Judged:
    """Judge the rows of a file.

    Parameters
    ----------
    items : mapping of str to Item
        By their codes: all of the sample.
    coder : str, optional
        Who coded all of it; default: what the file says.
    today : str
        The date of codes that have none.

    """
    out = Judged(
        rows=len(opened.rows) + opened.lost_rows,
        refused_rows=opened.lost_rows,
        refused_cells=opened.lost_codes,
        problems=list(opened.problems),
        notes=list(opened.notes),
    )
    by_text = texts_to_items(items)
    names: dict[str, str] = {}
    for row in opened.rows:
        if CODER in row.cells and (name := plain(row.cells[CODER].value)):
            names.setdefault(name.casefold(), name)
    usual = plain(coder) or (next(iter(names.values())) if len(names) == 1 else None)
    filled = _filled_down([plain(row.cells[CODER].value) for row in opened.rows if CODER in row.cells], coder)
    others = of_another_sample(opened.rows, items)
    #: Rows that are refused alike, by why.
    alike = defaultdict[str, list[str]](list)
    if translated := next((row.cells[TRANSLATION] for row in opened.rows if TRANSLATION in row.cells), None):
        said = "a translation is no code and is not read here (accepted: vantage sheet --translated FILE)"
        out.problems.append(f"{translated.place}: {said}")
    for row in opened.rows:
        if not any(plain(cell.value) for name, cell in row.cells.items() if name in {READ, *(v.name for v in scheme)}):
            out.blank += 1
            item = items.get(_written(row.cells[ITEM])) if ITEM in row.cells else None
            if item is not None and (who := _coder_of(row, usual)):
                _codes_of(row, item, who, scheme, row.coded_on or today, out)
            continue
        if ITEM in row.cells and row.cells[ITEM].place in others:
            alike["is of another sample; nothing of the row is read (accepted: a sheet of this corpus)"].append(
                row.cells[ITEM].place
            )
            continue
        code = find_item(row, items, by_text, out)
        who = _coder_of(row, usual)
        if code is not None and (why := _no_coder(who, filled)):
            alike[why].append(row.place)
        elif code is not None:
            _codes_of(row, items[code], who, scheme, row.coded_on or today, out)
        else:
            out.refused_rows += 1
    _tell_alike(out, alike)
    return out


def _no_coder(who: str, filled: Sequence[str]) -> str:
    """Return why it is not known who coded a row; nothing where it is."""
    if filled:
        said = (
            f"every row has another coder, from {quoted(filled[0])} to {quoted(filled[-1])}: was a name dragged down?"
        )
        return f"{said} (accepted: --coder NAME, or the name in each row)"
    if _NAME.fullmatch(who):
        return ""
    said = f"{quoted(who)} cannot name a coder" if who else "nobody says who coded it"
    return f"{said} (accepted: --coder NAME, letters, digits, blanks, . ' and -)"


def _filled_down(names: Sequence[str], coder: str | None) -> Sequence[str]:
    """Return the names of coders where a spreadsheet counted on what was to be repeated: coder1, coder2, coder3."""
    stems = {name.rstrip("0123456789") for name in names}
    numbers = [name[len(next(iter(stems))) :] for name in names] if len(stems) == 1 else []
    counted = (
        bool(numbers) and numbers[0].isdigit() and numbers == [str(int(numbers[0]) + i) for i in range(len(names))]
    )
    return names if counted and len(names) >= _COUNTED and not plain(coder) else ()


def _coder_of(row: Row, usual: str | None) -> str:
    return usual if usual is not None else plain(row.cells[CODER].value) if CODER in row.cells else ""


def _tell_alike(out: Judged, refused: Mapping[str, Sequence[str]]) -> None:
    """Say once what is to be said of several cells, and of several rows that are refused."""
    for (said, wrong), (first, *others) in out.alike.items():
        (out.problems if wrong else out.notes).append(f"{first}: {said}{alike_too(len(others), 'cell')}")
    for said, (first, *others) in refused.items():
        out.problems.append(f"{first}: {said}{alike_too(len(others), 'row')}")
        out.refused_rows += 1 + len(others)


def of_another_sample(rows: Sequence[Row], items: Mapping[str, Item]) -> set[str]:
    """Return the places of items that are whole and not of this sample: another's short lines may be met here."""
    cells = [row.cells[ITEM] for row in rows if ITEM in row.cells]
    found = {cell.place for cell in cells if is_item_code(code := _written(cell)) and code not in items}
    return found if len(found) >= _SEVERAL else set()


def _written(cell: Cell) -> str:
    return plain(cell.value).upper().replace(" ", "")


def texts_to_items(items: Mapping[str, Item]) -> dict[str, list[str]]:
    """Return the codes of the items that have a text, by the text (:func:`fold_text`)."""
    out = defaultdict(list)
    for code, item in items.items():
        if item.text is not None:
            out[fold_text(tame(shown(item.text)))].append(code)
    return out


def find_item(row: Row, items: Mapping[str, Item], by_text: Mapping[str, Sequence[str]], out: Judged) -> str | None:
    """Return the code of a row's item; None, and why, where that is not sure."""
    written = plain(row.cells[ITEM].value) if ITEM in row.cells else ""
    code = _written(row.cells[ITEM]) if written else ""
    text = str(row.cells[TEXT].value) if TEXT in row.cells else ""
    others = by_text.get(fold_text(text), []) if text else []
    if code in items:
        own = items[code].text
        if not text or own is None or code in others:
            return code
        if others:
            out.problems.append(
                f"{row.cells[TEXT].place}: these are the words of item {others[0]}, not of {code}: were columns sorted "
                "apart? Nothing of the row is read (accepted: each item beside its own words)"
            )
            return None
        lost = _lost_its_letters(text, tame(shown(own)))
        if lost or _alike(text, shown(own)):
            if lost:
                said = "letters were lost where the sheet was saved; the row counts for its item"
                out.alike[said, False].append(row.cells[TEXT].place)
            else:
                out.notes.append(f"{row.cells[TEXT].place}: the text was edited; the row counts for its item, {code}")
            return code
        out.problems.append(
            f"{row.cells[TEXT].place}: these are not the words of item {code}; nothing of the row is read (accepted: "
            "the words as they were on the sheet)"
        )
        return None
    place = row.cells[ITEM].place if ITEM in row.cells else row.place
    said = f"{quoted(written)} is no item of this sample" if written else "there is no item"
    if len(others) == 1:
        out.notes.append(f"{place}: {said}; the row counts for {others[0]}, whose words stand beside it")
        return others[0]
    why = f"{len(others)} items have the words beside it" if others else "no item has the words beside it"
    out.problems.append(f"{place}: {said}, and {why}; nothing of the row is read (accepted: the item as on the sheet)")
    return None


def _alike(text: str, other: str) -> bool:
    a, b = (fold_text(each)[:_COMPARED] for each in (text, other))
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _ALIKE


def _lost_its_letters(text: str, own: str) -> bool:
    """Tell whether a text is an item's, saved in an encoding that lacks its letters: ``??`` or ``__`` for 平壤.

    >>> _lost_its_letters("so ??!", "so 平壤!"), _lost_its_letters("??", "😀"), _lost_its_letters("??", "no")
    (True, True, False)
    """
    text, own = ("\n".join(each.strip().splitlines()) for each in (text, own))
    pairs = "".join(sign if sign <= "\uffff" else sign * 2 for sign in own)  # Excel counts an emoji as two
    return any(
        len(text) == len(other)
        and all(a == b or (a in "?_\ufffd" and b > "\x7f") for a, b in zip(text, other, strict=True))
        for other in (own, pairs)
    )


def _codes_of(row: Row, item: Item, who: str, scheme: Sequence[Variable], when: str, out: Judged) -> None:
    def add(variable: str, value: str, place: str) -> None:
        to = out.codes if value else out.left_blank
        to.append(Code(item.utterance_id, item.variant, who, variable, value, when, place))

    read = False
    if READ in row.cells:
        read = _value(row.cells[READ], (YES, NO), READ, out) == YES
    for variable in scheme:
        cell = row.cells.get(variable.name)
        if cell is not None:
            value = _value(cell, variable.values, variable.name, out)
            if value is not None:
                add(variable.name, value, cell.place)
        elif read and variable.is_concept and variable.name not in row.absent:
            add(variable.name, NO, row.cells[READ].place)
            out.implied += 1
        elif variable.name not in row.absent:
            add(variable.name, "", row.place)


def _value(cell: Cell, accepted: Sequence[str], name: str, out: Judged) -> str | None:
    """Return the accepted value that a cell means; None, and why, where it means none."""
    text = plain(cell.value)
    known = {value.casefold(): value for value in accepted}
    if text.casefold() in known:
        return known[text.casefold()]
    if set(accepted) == {YES, NO} and (meant := _SAID.get(text.casefold())) is not None:
        out.alike[f"{quoted(text)} is read as {meant} of {name}", False].append(cell.place)
        return meant
    if missing(text):  # R's NA, a dash
        out.alike[f"{quoted(text)} is no code, as a blank is none", False].append(cell.place)
        return None
    said = f"{quoted(text)} is no value of {name}"
    if isinstance(cell.value, (date, datetime)):
        said = f"a date ({text[:10]}), which is what Excel makes of 1-2, is no value of {name}"
    out.alike[f"{said} (accepted: {', '.join(accepted)})", True].append(cell.place)
    out.refused_cells += 1
    return None
