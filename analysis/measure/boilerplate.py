"""The phrases that a platform or a bot writes, of ``data/boilerplate.csv``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analysis import paths
from analysis.corpus.readers.table import read_rows, require_filled, require_known

FILE = paths.DATA / "boilerplate.csv"
LANGUAGES = ("en", "zh")
#: How a pattern is held against an utterance: all of its words, or a part of them.
MATCHES = ("whole", "part")


@cache
def read_boilerplate(language: str, file: Path = FILE) -> dict[str, tuple[str, ...]]:
    """Return the patterns of one language by how they match (:data:`MATCHES`).

    Raises
    ------
    InputError
        If a row's ``match`` or language is not known, or its pattern is empty.

    """
    found: dict[str, list[str]] = {match: [] for match in MATCHES}
    for number, row in enumerate(read_rows(file, ("language", "match", "pattern")), start=1):
        require_known(row, "match", MATCHES, file, number)
        require_known(row, "language", LANGUAGES, file, number)
        require_filled(row, "pattern", file, number)
        if row["language"] == language:
            found[row["match"]].append(row["pattern"])
    return {match: tuple(patterns) for match, patterns in found.items()}
