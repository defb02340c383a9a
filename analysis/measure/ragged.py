"""Lists of words, one list a text, held as three flat pieces: the shape that every measure works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Ragged(NamedTuple):
    """Dictionary-encoded lists of strings.

    Text *i* holds the units ``vocabulary[codes[j]]`` for ``offsets[i] <= j < offsets[i + 1]``. Work on the
    vocabulary is done once a distinct unit, not once an occurrence.

    Attributes
    ----------
    codes : numpy.ndarray of int32, shape (units,)
    offsets : numpy.ndarray of int64, shape (texts + 1,)
    vocabulary : list of str

    """

    codes: np.ndarray
    offsets: np.ndarray
    vocabulary: list[str]

    def __len__(self) -> int:
        """Return the number of texts (not of the three pieces)."""
        return len(self.offsets) - 1

    def lists(self) -> list[list[str]]:
        """Return the units as plain lists, one a text."""
        words = [self.vocabulary[code] for code in self.codes.tolist()]
        return [words[a:b] for a, b in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True)]

    def lengths(self) -> np.ndarray:
        """Return the number of units of each text, int64, shape (texts,)."""
        return np.diff(self.offsets)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum a value per unit occurrence (shape (units,)) within each text; an empty text gives 0.

        A text's sum does not depend on the texts around it, to the last bit.
        """
        out = np.zeros(len(self))
        filled = np.flatnonzero(self.lengths())
        if len(filled):
            # Empty texts add nothing between two that are filled, so each stretch is one text.
            out[filled] = np.add.reduceat(np.asarray(values, dtype=float), self.offsets[:-1][filled])
        return out
