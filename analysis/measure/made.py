"""Folders of tables that say themselves what they hold: nothing else in them is believed, replaced or removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from analysis import disk
from analysis.corpus.whole import sha256

#: The hashes of a folder's files: no other folder, and no other file, is removed.
MADE = "made.json"
#: Beside the tables: the digest of each row of the measures.
TEXTS = "texts.parquet"
#: In a part that is of somebody's share: of how many shares.
SHARES = "shares.txt"


class MeasuredFiles(NamedTuple):
    """Where the tables are: of the corpus, of the project's aligned lines (measures alone), and what is neutral."""

    measures: Path
    mentions: Path
    aligned: Path
    neutral: Path

    @classmethod
    def of(cls, folder: Path) -> MeasuredFiles:
        """Return the tables of a folder."""
        return cls(*(folder / f"{name}.parquet" for name in cls._fields))


_OURS = (*(path.name for path in MeasuredFiles.of(Path())), TEXTS, SHARES)


def seal(folder: Path) -> None:
    """Write down which files a folder holds, with their hashes, and have all of it on the disk itself."""
    files = {path.name: path for path in folder.iterdir()}
    names = [name for name in _OURS if name in files]
    made = folder / MADE
    made.write_text(json.dumps({name: disk.sha256(files[name]) for name in names}), encoding="utf-8")
    for path in (*(files[name] for name in names), made, folder):
        disk.flush(path)


def is_as_made(folder: Path) -> bool:
    """Tell whether a folder holds the files that were written down, and nothing else."""
    made = folder / MADE
    try:
        known = json.loads(made.read_text(encoding="utf-8"))
        names = {path.name for path in folder.iterdir()}
        return names == {made.name, *known} and all(sha256(folder / name) == content for name, content in known.items())
    except (OSError, ValueError, TypeError):
        return False


def holds_only_ours(folder: Path) -> bool:
    """Tell whether every file of a folder, perhaps damaged, is called as one of ours."""
    return {path.name for path in folder.iterdir()} <= {MADE, *_OURS}
