"""Translations come back: kept beside the corpus, and written as sheets of their own for the same coders.

A coder sees an item's own words in one sheet and their translation in another, never both side by side; the difference
between the two codes of one coder is the coder's own shift between languages.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pandas as pd

from analysis import disk
from analysis.corpus.codes import FOLDER, TABLES, TRANSLATION, item_code, put, read_coding
from analysis.corpus.coding_scheme import Variable, scheme_of
from analysis.corpus.spreadsheet import unguarded
from analysis.errors import InputError, plural
from analysis.study.coded_cells import Row
from analysis.study.coded_files import open_coded
from analysis.study.coded_rows import Item, Judged, find_item, texts_to_items
from analysis.study.read_codes import Taken
from analysis.study.sheet import SHEETS, coder_items, corpus_of, move_sheets, require_free, texts_of
from analysis.study.sheet_files import write_sheets

#: What is asked for, as a column that is missed where it is not there.
_WORDS = Variable(TRANSLATION, "nominal", (), "")


def take_translations(file: Path, corpus: str, out: Path | None = None) -> Taken:
    """Read what a translator filled in, and write the sheets of what is new in it.

    Parameters
    ----------
    file : Path
        The translator's sheet, a workbook or CSV.
    out : Path, optional
        Where the sheets go; default: ``coding/sheets`` in the corpus.

    Raises
    ------
    InputError
        If there is no sample, or the file cannot be read, or a file stands where a sheet is to go.

    """
    folder = corpus_of(corpus)
    with disk.changing(folder) as work:
        sample = read_coding(folder, "sample")
        both = sample[sample["translation"] == "yes"]
        texts = texts_of(folder, both["utterance_id"])
        items = {item_code(uid, TRANSLATION): Item(uid, TRANSLATION, texts.get(uid)) for uid in both["utterance_id"]}
        if not items:
            raise InputError("has no item to be translated", file=folder, accepted=["vantage sheet"])
        before = dict(read_coding(folder, "translations").itertuples(index=False, name=None))
        new, said, refused = _read(file, items, before)
        if not new:
            return Taken(said, refused)
        kept = pd.DataFrame([*(before | new).items()], columns=list(TABLES["translations"]))
        made = work / SHEETS
        made.mkdir()
        target = out or folder / FOLDER / SHEETS
        files = _write(made, folder, sample, new, target)
        require_free(target, files)
        moves = {} if out else {f"{SHEETS}/{name}": target / name for name in files}
        put(folder, work, {"translations": kept}, moves)
        if out:
            move_sheets(made, out, files)
    return Taken([*said, f"{target}: {', '.join(files)}"], refused)


def _read(file: Path, items: dict[str, Item], before: dict[str, str]) -> tuple[dict[str, str], list[str], bool]:
    """Return the translations that are new, what there is to say, and whether something was refused."""
    opened, by_text, judged = open_coded(file, [_WORDS]), texts_to_items(items), Judged()
    new: dict[str, str] = {}
    blank, unchanged, refused = 0, 0, opened.lost_rows
    for row in opened.rows:
        words = _words(row)
        code = find_item(row, items, by_text, judged) if words else None
        known = None if code is None else (before | new).get(items[code].utterance_id)
        if not words:
            blank += 1
        elif code is None or known not in {None, words}:
            refused += 1
            if code is not None:
                place = row.cells[TRANSLATION].place
                judged.problems.append(
                    f"{place}: another translation is there already; that stays (accepted: the same)"
                )
        elif known == words:
            unchanged += 1
        else:
            new[items[code].utterance_id] = words
    counts = f"{len(new):,} new + {unchanged:,} unchanged + {blank:,} not yet translated + {refused:,} refused"
    problems = [*opened.problems, *judged.problems]
    said = [
        *problems,
        *opened.notes,
        *judged.notes,
        f"{file}: {plural(len(opened.rows) + opened.lost_rows, 'row')} = {counts}",
    ]
    return new, said, bool(problems)


def _words(row: Row) -> str:
    return unguarded(str(row.cells[TRANSLATION].value).strip()) if TRANSLATION in row.cells else ""


def _write(made: Path, folder: Path, sample: pd.DataFrame, new: dict[str, str], target: Path) -> list[str]:
    scheme, files = scheme_of(read_coding(folder, "scheme")), []
    # A translator delivers in parts: those of before are with the coders.
    number = next(n for n in count(1) if not any(target.glob(f"wave*-coder*-translation{_numbered(n)}.*")))
    for wave in read_coding(folder, "waves").to_dict("records"):
        mine = sample.loc[sample["wave"] == wave["wave"], "utterance_id"].tolist()
        for at, places in enumerate(coder_items(len(mine), wave), start=1):
            # In another order than the originals, whose neighbours a coder may remember.
            own = sorted(
                (item_code(mine[place], TRANSLATION), new[mine[place]]) for place in places if mine[place] in new
            )
            if own:
                files += write_sheets(
                    made, f"wave{wave['wave']}-coder{at}-translation{_numbered(number)}", f"coder{at}", own, scheme
                )
    return files


def _numbered(number: int) -> str:
    return f"-{number}" if number > 1 else ""
