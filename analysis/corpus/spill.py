"""A dictionary that goes to disk beyond a number of entries, so that memory does not grow with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

#: Names that are kept in memory.
RECENT = 50_000
#: Two bits of so many stand for a name on disk: whose bits are not both set is not there, and the disk is not asked.
_BITS = 1 << 26
_CACHE = "PRAGMA cache_size=-8192"  # 8 MB of pages
_UNSAFE = ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF")


class SpillDict:
    """Names to a few numbers or short texts each; the latest are in memory, the others in a file of SQLite.

    The file is SQLite's private temporary one: it has no name, and is gone with the process, however that ends. It
    holds ids, pseudonyms and numbers, never what somebody said.

    Parameters
    ----------
    width : int
        How many values a name has; 0 for a set of names.

    Examples
    --------
    >>> rows = SpillDict(2)
    >>> rows.put("7422222222222222001", 5, None)
    >>> rows.get("7422222222222222001"), rows.get("7422222222222222002"), len(rows)
    ((5, None), None, 1)

    """

    def __init__(self, width: int) -> None:
        """Start empty."""
        self._recent: dict[str, tuple[Any, ...]] = {}
        self._disk: sqlite3.Connection | None = None
        self._bits = bytearray()
        values = "".join(f", v{place}" for place in range(width))
        self._table = f"CREATE TABLE names (name BLOB PRIMARY KEY{values}) WITHOUT ROWID"
        self._write = f"INSERT OR REPLACE INTO names VALUES (?{', ?' * width})"  # noqa: S608 (question marks only)

    def get(self, name: str) -> tuple[Any, ...] | None:
        """Return the values of a name, None where it has none."""
        found = self._recent.get(name)
        if found is None and self._disk is not None and self._may_hold(name):
            row = self._disk.execute("SELECT * FROM names WHERE name = ?", (_bytes(name),)).fetchone()
            found = None if row is None else row[1:]
        return found

    def _may_hold(self, name: str) -> bool:
        """Tell whether a name may be on disk, by a filter of fixed size (Bloom 1970, CACM 13(7))."""
        one, two = _places(name)
        return bool(self._bits[one >> 3] >> (one & 7) & self._bits[two >> 3] >> (two & 7) & 1)

    def put(self, name: str, *values: int | str | None) -> None:
        """Give a name its values."""
        self._recent[name] = values
        if len(self._recent) >= RECENT:
            self._spill()

    def __contains__(self, name: str) -> bool:
        """Tell whether a name has values."""
        return self.get(name) is not None

    def __len__(self) -> int:
        """Return the number of names."""
        if self._disk is None:
            return len(self._recent)
        return self._spill().execute("SELECT count(*) FROM names").fetchone()[0]

    def items(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield names and values, sorted by name; nothing may be put meanwhile."""
        if self._disk is None:
            yield from sorted(self._recent.items(), key=itemgetter(0))
            return
        for name, *values in self._spill().execute("SELECT * FROM names ORDER BY name"):
            yield name.decode("utf-8", "surrogatepass"), tuple(values)

    def close(self) -> None:
        """Forget everything."""
        self._recent.clear()
        if self._disk is not None:
            self._disk.close()
            self._disk, self._bits = None, bytearray()

    def _spill(self) -> sqlite3.Connection:
        """Write what is in memory, in the order of the file: so a page of it is read and written once."""
        if self._disk is None:
            self._disk = scratch()
            self._disk.execute(self._table)
            self._bits = bytearray(_BITS >> 3)
        for name in self._recent:
            for place in _places(name):
                self._bits[place >> 3] |= 1 << (place & 7)
        rows = sorted((_bytes(name), *values) for name, values in self._recent.items())
        self._disk.execute("BEGIN")
        self._disk.executemany(self._write, rows)
        self._disk.execute("COMMIT")
        self._recent.clear()
        return self._disk


def scratch() -> sqlite3.Connection:
    """Return an empty database in a temporary file; whoever takes it closes it."""
    disk = sqlite3.connect("", isolation_level=None)
    for setting in (_CACHE, *_UNSAFE):
        disk.execute(setting)
    return disk


def _places(name: str) -> tuple[int, int]:
    """Return which two bits stand for a name."""
    found = hash(name)
    return found % _BITS, (found >> 32) % _BITS


def _bytes(name: str) -> bytes:
    """Return a name as SQLite can hold it, half a character too; bytes sort as the text does."""
    return name.encode("utf-8", "surrogatepass")
