"""What people coded of a corpus: the sample that was drawn, the scheme that it was coded by, and every code.

All stand as CSV in the folder ``coding`` of a corpus, so that they can be read, kept and archived without us. An
*item* is an utterance in one ``variant``: ``original``, or ``translation`` where the same words are coded in another
language as well, which tells how coders themselves shift between languages. Coders know it by a word of letters
(:func:`item_code`) that tells nothing of the utterance, and that no spreadsheet takes for a number or a date.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus.spreadsheet import guard, unguard
from analysis.corpus.whole import sha256
from analysis.errors import InputError, plural

FOLDER = "coding"
ORIGINAL, TRANSLATION = "original", "translation"
#: Each table and its columns.
TABLES = {
    "sample": ("utterance_id", "wave", "stratum", "probability", "translation"),
    "scheme": ("variable", "kind", "values", "meaning"),
    "codes": ("utterance_id", "variant", "coder", "variable", "value", "date", "sheet"),
    "waves": ("wave", "seed", "codes", "coders", "overlap", "translations"),
    "translations": ("utterance_id", "text"),
}
TABLES["replaced"] = (*TABLES["codes"], "replaced_by", "replaced_on")
#: For every utterance that could be drawn, the probability of being in the sample: what another wave goes on from.
FRAME = "frame.parquet"
_WHOLE = {"sample": ("wave",), "waves": ("wave", "seed", "codes", "coders", "overlap", "translations")}
#: No vowels and no digits: neither words, nor dates, nor numbers.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_CODE = 9


def read_coding(corpus: Path, table: str) -> pd.DataFrame:
    """Read one of :data:`TABLES`; without rows where nothing was drawn or coded yet.

    Parameters
    ----------
    table : {"sample", "scheme", "codes", "waves", "translations", "replaced"}
        ``sample``: one utterance a row, in the order drawn; ``probability`` is that of being in the sample at all,
        over all waves; ``translation`` is "yes" where the item is coded in translation too. ``scheme``: one variable a
        row, ``kind`` ordinal (numbers) or nominal, ``values`` those accepted, separated by spaces. ``codes``: one code
        a row, all as text; ``unclear`` is a code. ``waves``: how each wave was drawn. ``translations``: what a
        translator made of items. ``replaced``: codes that others took the place of.

    Returns
    -------
    pandas.DataFrame
        Of texts, but ``probability`` (float64) and whole numbers of ``sample`` and ``waves`` (int64).

    Raises
    ------
    InputError
        If the file is not what :func:`put` wrote: other columns, marks or encoding, or a number that is none.

    """
    path = corpus / FOLDER / f"{table}.csv"
    if not path.exists():
        return pd.DataFrame(columns=list(TABLES[table])).astype({"probability": float} if table == "sample" else {})
    read = _read(path, TABLES[table]).map(unguard)
    kinds = dict.fromkeys(_WHOLE.get(table, ()), int) | ({"probability": float} if table == "sample" else {})
    for column, kind in kinds.items():
        fits, accepted = (_is_whole, "a whole number") if kind is int else (_is_probability, "a number over 0, up to 1")
        for row, cell in enumerate(read[column], start=1):
            if not fits(cell):
                raise InputError(f"'{cell}' is none", file=path, row=row, column=column, accepted=[accepted])
    return read.astype(kinds)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    accepted = [f"CSV in UTF-8 with the columns {','.join(columns)}, as vantage wrote it"]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except UnicodeDecodeError as error:
        raise InputError("is not in UTF-8", file=path, accepted=accepted) from error
    except csv.Error as error:
        raise InputError(f"is damaged: {error}", file=path, accepted=accepted) from error
    if not header:
        raise InputError("is empty", file=path, accepted=accepted)
    if wrong := [name for name in columns if header.count(name) != 1]:
        problem = "is missing" if wrong[0] not in header else "stands there twice"
        raise InputError(problem, file=path, column=wrong[0], accepted=accepted)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            problem = f"has {plural(len(row), 'cell')}, not {len(header)}"
            raise InputError(problem, file=path, row=number, accepted=accepted)
    return pd.DataFrame(rows, columns=header)[list(columns)]


def _is_whole(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,18}", cell) is not None


def _is_probability(cell: str) -> bool:
    try:
        return 0 < float(cell) <= 1
    except ValueError:
        return False


def item_code(utterance_id: str, variant: str) -> str:
    """Return what coders know an item by: the same on every machine, and of nothing but letters.

    Examples
    --------
    >>> item_code("demo-000000001", "original"), item_code("demo-000000001", "translation")
    ('JFLKDDJBD', 'XVSGXHLMR')

    """
    number = int.from_bytes(hashlib.blake2b(f"{variant}\0{utterance_id}".encode(), digest_size=16).digest())
    letters = []
    for _ in range(_CODE):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "".join(letters)


def put(
    corpus: Path,
    work: Path,
    tables: Mapping[str, pd.DataFrame],
    files: Mapping[str, Path] | None = None,
) -> None:
    """Write tables of a corpus in place of the old ones, all of them or none.

    Parameters
    ----------
    corpus, work : Path
        Of :func:`analysis.disk.changing`.
    tables : mapping of str to pandas.DataFrame
        By their names in :data:`TABLES`, with those columns.
    files : mapping of str to Path
        Files in ``work``, and where they go.

    """
    moves = dict(files or {})
    for name, table in tables.items():
        with (work / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(TABLES[name])
            for row in table[list(TABLES[name])].itertuples(index=False):
                writer.writerow([f"{cell:.12g}" if isinstance(cell, float) else guard(str(cell)) for cell in row])
        moves[f"{name}.csv"] = corpus / FOLDER / f"{name}.csv"
    disk.commit(work, moves)


def bring_coding(corpus: Path, into: Path) -> None:
    """Have the tables of a corpus, as they are now, in a second folder that is a copy of it."""
    for name in TABLES:
        with suppress(FileNotFoundError):
            (into / FOLDER).mkdir(exist_ok=True)
            disk.bring(corpus / FOLDER / f"{name}.csv", into / FOLDER / f"{name}.csv")
    with suppress(OSError):
        (into / FOLDER).rmdir()


def bring_codes(corpus: Path, into: Path) -> tuple[int, int]:
    """Copy what people coded of the utterances of a corpus ``into`` which some of them came.

    How probably an utterance was drawn to be coded is as it was, whatever else came with it.

    Returns
    -------
    tuple of int
        Codes that came, and of how many utterances.

    """
    if read_coding(corpus, "waves").empty:
        return 0, 0
    ids = pq.read_table(next(into.glob("corpus-*.parquet")), columns=["utterance_id"])["utterance_id"]
    there, moves = set(ids.to_pylist()), {}
    tables = {name: read_coding(corpus, name) for name in TABLES if (corpus / FOLDER / f"{name}.csv").exists()}
    tables = {
        name: table[table["utterance_id"].isin(there)] if "utterance_id" in table else table
        for name, table in tables.items()
    }
    with disk.changing(into) as work:
        if (corpus / FOLDER / FRAME).exists():
            frame = pq.read_table(corpus / FOLDER / FRAME)
            pq.write_table(frame.filter(pc.is_in(frame["utterance_id"], ids)), work / FRAME)
            moves = {FRAME: into / FOLDER / FRAME}
        put(into, work, tables, moves)
    return count_codes(into, lambda _: True)


def coding_hashes(corpus: Path) -> dict[str, str]:
    """Return the SHA-256 of the tables that estimates rest on, by name; empty where nothing was drawn or coded."""
    files = {name: corpus / FOLDER / f"{name}.csv" for name in ("sample", "scheme", "codes")}
    return {name: sha256(path) for name, path in files.items() if path.is_file()}


def count_codes(corpus: Path, of: Callable[[str], bool]) -> tuple[int, int]:
    """Return how many codes are of utterances of a kind, and of how many of them."""
    counts = read_coding(corpus, "codes")["utterance_id"].value_counts()
    mine = counts[[of(uid) for uid in counts.index]]
    return int(mine.sum()), len(mine)


def is_item_code(text: str) -> bool:
    """Tell whether a text may be the code of an item."""
    return len(text) == _CODE and set(text) <= set(_LETTERS)
