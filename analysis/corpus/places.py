"""The row of each id, for millions of ids: their hashes in two flat arrays, never the ids themselves."""

from __future__ import annotations

from array import array

_LEAST = 1 << 12


class Places:
    """Id to row, in at most 64 bytes an id, where a dictionary of strings takes two hundred.

    An open-addressing table with linear probing (Knuth, TAOCP 3, section 6.4, algorithm L), at most half full, over the
    64-bit hashes that Python gives strings. Two ids with one hash would pass for one: among a million ids once in
    forty million imports, and anew each time, since the hash is seeded by the process.

    Examples
    --------
    >>> places = Places()
    >>> places["7422222222222222001"] = 5
    >>> places.get("7422222222222222001"), places.get("7422222222222222002"), len(places)
    (5, None, 1)

    """

    def __init__(self) -> None:
        """Start empty."""
        self._count = 0
        self._make(_LEAST)

    def _make(self, size: int) -> None:
        self._mask = size - 1
        self._keys = array("q", bytes(8 * size))
        self._rows = array("q", bytes(8 * size))

    def __len__(self) -> int:
        """Return the number of ids."""
        return self._count

    def __contains__(self, name: str) -> bool:
        """Tell whether an id has a row."""
        return self.get(name) is not None

    def get(self, name: str | None) -> int | None:
        """Return the row of an id, None where it has none."""
        key = _key(name)
        at = self._find(key)
        return self._rows[at] if self._keys[at] == key else None

    def __setitem__(self, name: str, row: int) -> None:
        """Put an id in a row."""
        if 2 * self._count > self._mask:
            self._grow()
        key = _key(name)
        at = self._find(key)
        self._count += self._keys[at] != key
        self._keys[at], self._rows[at] = key, row

    def _find(self, key: int) -> int:
        """Return where a hash stands, or the free place where it would."""
        keys, mask = self._keys, self._mask
        at = key & mask
        while keys[at] and keys[at] != key:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        old = self._keys, self._rows
        self._make(2 * (self._mask + 1))
        for key, row in zip(*old, strict=True):
            if key:
                at = self._find(key)
                self._keys[at], self._rows[at] = key, row


def _key(name: str | None) -> int:
    """Return the hash of an id; 0 marks a free place."""
    return hash(name) or 1
