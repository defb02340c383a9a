"""Taking a collection or a file out of a corpus: its rows, its record, and its rejected and duplicate rows.

What it did to other files is not undone: a row of another file that was left out as a duplicate of one that goes, or
gave up its place to it, is not back. That is counted and said; it comes back when its file is removed and imported
anew. A corpus whose last row is removed stays, empty, and an import adds to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

from analysis.corpus import store
from analysis.corpus.codes import FOLDER, count_codes
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.readers.source import own_name
from analysis.corpus.rewrite import Row, commit, require_collection, rewrite
from analysis.corpus.spill import SpillDict
from analysis.corpus.writer import COUNTED, Rows, Writer
from analysis.errors import InputError, ParameterError, plural

#: Where the record of a file says how many of its rows were removed without the others.
REMOVED = "removed"


class Removed(NamedTuple):
    """What was taken out.

    Attributes
    ----------
    rows, files, left : int
        Rows and files that went, and rows of the corpus that stay.
    parts : dict of str to int
        Files of which some rows stay, in another collection: how many went.
    not_back : dict of str to int
        Files that stay: how many of their rows were duplicates of one that went, and are not back.
    codes, coded : int
        People's codes of what went, and of how many utterances.

    """

    what: str
    rows: int
    files: int
    left: int
    parts: dict[str, int]
    not_back: dict[str, int]
    codes: int = 0
    coded: int = 0

    def lines(self) -> list[str]:
        """Return what there is to say."""
        out = [f"{self.what}: {plural(self.rows, 'row')} of {plural(self.files, 'file')} removed; {self.left:,} stay"]
        out += [
            f"  {plural(number, 'row')} of {name} among them, which stays with its rows of other collections"
            for name, number in self.parts.items()
        ]
        out += [
            f"  not back: {plural(number, 'row')} of {name}, left out as duplicates of what was removed; to have them, "
            f"remove {name} too and import it anew"
            for name, number in self.not_back.items()
        ]
        if self.codes:
            kept = f"{plural(self.codes, 'code')} of {plural(self.coded, 'utterance')} that went"
            out.append(f"  {kept}: kept in {FOLDER}/, and count no more")
        return out if self.left else [*out, "the corpus is empty now; an import adds to it"]


def remove(
    folder: Path, *, collection: str | None = None, file: str | None = None, places: Collection[int] | None = None
) -> Removed:
    """Take a collection or a file out, in one step.

    Parameters
    ----------
    folder : Path
        A corpus.
    collection : str, optional
        Its rows go, and the files of which none is left.
    file : str, optional
        A file as ``vantage info`` names it, or its own name without its folder; all that are called so go.
    places : collection of int, optional
        Files by their places in ``corpus.json``.

    Raises
    ------
    InputError, ParameterError
        If there is no such corpus, collection or file, or not just one of them is named.

    """
    if [collection, file, places].count(None) != 2:  # noqa: PLR2004  one of three
        message = "what is to be removed? (accepted: --collection NAME, or --file NAME)"
        raise ParameterError(message)
    store.read_info(folder)
    with Writer(folder) as writer:
        going = _Going(writer, collection, file, places or ())
        with ImportIndex(*writer.lists.values()) as index, closing(going):
            written = rewrite(writer, index, going.change, going.places)
            index.rejects.sift(going.rejected(index.rejects))
            index.duplicates.sift(going.duplicates(index.duplicates))
            writer.info["files"] = going.records()
            codes = count_codes(writer.folder, going.has_gone)
            commit(writer, index, written, {})
    gone = len(going.files) - len(going.places)
    not_back = {going.files[place]["name"]: number for place, number in sorted(going.not_back.items())}
    return Removed(
        collection or file or ", ".join(going.names()),
        sum(going.rows.values()),
        gone,
        written.rows,
        going.parts(),
        not_back,
        *codes,
    )


class _Going:
    """What goes and what stays: rows, the records of files, and the rows that were rejected or duplicates."""

    def __init__(self, writer: Writer, collection: str | None, file: str | None, places: Collection[int]) -> None:
        self.files, self._collection = writer.info["files"], collection
        self._firsts = {each["name"]: at for at, each in reversed(list(enumerate(self.files)))}
        if collection is not None:
            require_collection(writer, collection)
            self._named = {at for at, each in enumerate(self.files) if each.get("collection") == collection}
        else:
            called = [{each["name"], own_name(each["name"])} for each in self.files]
            self._named = {at for at, names in enumerate(called) if at in places or file in names}
            if not self._named:
                accepted = sorted({each["name"] for each in self.files})
                raise InputError(f"has no file '{file}'", file=writer.folder, accepted=accepted)
        #: Rows that go and that stay, by the place of their file.
        self.rows, self._staying = Counter[int](), Counter[int]()
        for batch, seen in store.batches_seen(writer.folder):
            cells = (batch.column("collection"), batch.column("source_file"), seen.column("file"))
            for name, source, at in zip(*(column.to_pylist() for column in cells), strict=True):
                place = self._place(at, source)
                (self.rows if self._goes(place, name) else self._staying)[place] += 1
        emptied = self._named | set(self.rows) if collection is not None else self._named
        gone = {at for at in emptied if not self._staying[at]}
        stay = [at for at in range(len(self.files)) if at not in gone]
        #: The new place of each file that stays.
        self.places = {old: new for new, old in enumerate(stay)}
        self.not_back: Counter[int] = Counter()
        self._ids = SpillDict(1)

    def _place(self, at: int, source: str) -> int:
        """Return the place of a row's file: by its name, where it is not known which row is of which file."""
        return at if at >= 0 else self._firsts.get(source, at)

    def _goes(self, place: int, collection: str) -> bool:
        return place in self._named if self._collection is None else collection == self._collection

    def change(self, row: Row, at: int) -> Row | None:
        """Return a row that stays, None for one that goes."""
        place = self._place(at, row["source_file"])
        if not self._goes(place, row["collection"]):
            return row
        self._ids.put(row["utterance_id"], place)
        return None

    def has_gone(self, utterance_id: str) -> bool:
        """Tell whether an utterance went."""
        return self._ids.get(utterance_id) is not None

    def rejected(self, rows: Rows) -> Iterator[Row]:
        """Yield the rejected rows of files that stay."""
        for place, row in self._placed(rows, [file["rejected"] for file in self.files]):
            if place is None or place in self.places:
                yield row

    def duplicates(self, rows: Rows) -> Iterator[Row]:
        """Yield the duplicate rows that files which stay count, and count those whose like goes: they are not back."""
        elsewhere = Counter(row.get(COUNTED) for row in rows)
        own = [file["duplicates"] - elsewhere[place] for place, file in enumerate(self.files)]
        for place, row in self._placed(rows, own):
            if place is None or place in self.places:
                taken = self._ids.get(row["utterance_id"])
                if place is not None and taken is not None and taken[0] != place:
                    self.not_back[place] += 1
                yield {**row, **({COUNTED: self.places[place]} if COUNTED in row else {})}

    def _placed(self, rows: Rows, numbers: Sequence[int]) -> Iterator[tuple[int | None, Row]]:
        """Yield the rows of a list with the place of the file that counts each, None where that is not known.

        Those that a file counts of its own stand one after the other, files in their order.
        """
        own = chain.from_iterable(repeat(place, number) for place, number in enumerate(numbers))
        whole = rows.number == sum(numbers) + sum(COUNTED in row for row in rows)
        for row in rows:
            place = row[COUNTED] if COUNTED in row else next(own) if whole else self._firsts.get(row["file"])
            yield place, row

    def records(self) -> list[dict[str, Any]]:
        """Return the records of the files that stay: rows read = imported + rejected + duplicates, also of a part."""
        out = []
        for place in self.places:
            file, less = dict(self.files[place]), self.rows[place]
            if less:
                file |= {name: file[name] - less for name in ("read", "imported")}
                file[REMOVED] = file.get(REMOVED, 0) + less
            out.append(file)
        return out

    def names(self) -> list[str]:
        """Return the names of the files that were meant."""
        return [self.files[place]["name"] for place in sorted(self._named)]

    def parts(self) -> dict[str, int]:
        """Return the files of which a part goes, and how many rows of it."""
        return {self.files[place]["name"]: self.rows[place] for place in self.places if self.rows[place]}

    def close(self) -> None:
        """Remove what is on disk."""
        self._ids.close()
