"""Lists of words, one list a text, held as three flat pieces: the shape that every measure works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa


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

    @classmethod
    def of(cls, lists: pa.ListArray) -> Ragged:
        """Return stored lists of strings (an Arrow list array, perhaps a slice) as flat arrays."""
        flat = lists.flatten().dictionary_encode()
        ends = np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False))
        codes = flat.indices.to_numpy().astype(np.int32)
        return cls(codes, np.concatenate([[0], ends]).astype(np.int64), flat.dictionary.to_pylist())

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

    def take(self, texts: np.ndarray) -> Ragged:
        """Return some texts, by their numbers; the vocabulary stays (and is the same list)."""
        lengths = self.lengths()[texts]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        source = np.repeat(self.offsets[:-1][texts] - ends[:-1], lengths) + np.arange(ends[-1])
        return Ragged(self.codes[source], ends, self.vocabulary)

    def replace(self, parts: Mapping[int, Sequence[str]]) -> tuple[Ragged, np.ndarray]:
        """Put other units, any number of them, in the place of some units of the vocabulary.

        Parameters
        ----------
        parts : mapping of int to sequence of str
            Place in the vocabulary to the units that every occurrence becomes.

        Returns
        -------
        tuple
            The new lists (a new unit is added at the end of the vocabulary), and for each new unit the place of the
            old one that it comes from, int64, shape (units,).

        Examples
        --------
        >>> old = Ragged(np.array([0, 1, 0], np.int32), np.array([0, 2, 3]), ["#sosad", "!"])
        >>> new, source = old.replace({0: ["so", "sad"]})
        >>> new.lists(), source.tolist()
        ([['so', 'sad', '!'], ['so', 'sad']], [0, 0, 1, 2, 2])

        """
        if not parts:
            return self, np.arange(len(self.codes))
        # Nearly all units stay: only those that are put in are looked for.
        units = list(dict.fromkeys(chain.from_iterable(parts.values())))
        wanted, count = set(units), len(self.vocabulary)
        index = {unit: code for code, unit in enumerate(self.vocabulary) if unit in wanted}
        added = [unit for unit in units if unit not in index]
        index |= {unit: code for code, unit in enumerate(added, count)}
        places = sorted(parts)
        counts, stays = np.ones(count, np.int64), np.ones(count, bool)
        counts[places], stays[places] = [len(parts[i]) for i in places], False
        flat = np.repeat(np.arange(count, dtype=np.int32), counts)
        flat[~np.repeat(stays, counts)] = [index[unit] for i in places for unit in parts[i]]
        source = np.repeat(np.arange(len(self.codes)), counts[self.codes])
        return self.spread(counts, flat, self.vocabulary + added), source

    def spread(self, counts: np.ndarray, flat: np.ndarray, vocabulary: list[str]) -> Ragged:
        """Put in the place of each unit of the vocabulary its slice of `flat`, so many codes long."""
        starts = np.concatenate([[0], np.cumsum(counts)])
        lengths = counts[self.codes]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        # The j-th part of an occurrence stands at starts[unit] + j; j is the running number minus where it began.
        source = np.repeat(starts[self.codes] - ends[:-1], lengths) + np.arange(ends[-1])
        return Ragged(flat[source], ends[self.offsets], vocabulary)

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
