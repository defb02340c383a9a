"""How a file's rows are to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import InputError


@dataclass(frozen=True)
class ImportOptions:
    """How a file's rows are to be read.

    Attributes
    ----------
    collection : str
        The name of this gathering of data, which titles and tables show.
    columns : mapping of str to str
        Corpus column to file column. Empty: every column named as in the corpus table is taken.
    constants : mapping of str to str
        Corpus columns that have one value for the whole file (``vantage``, ``origin``, ...).
    where : mapping of str to str
        Keep only rows whose (file) column has this value; the others are rejected, with that as the reason.
    format : str, optional
        The format that every file is to be read as: ``table`` or a format's name. By default the content tells.
    rules : Path or str, optional
        A ``sources.yaml`` (see :mod:`analysis.corpus.rules`).
    keep_speakers : bool
        Only the project's own quotations keep names (public speakers named by the press).
    timezone : str, optional
        Whose clock times without a zone show (``+08:00``, ``Asia/Shanghai``); by default what the format says.
    time_format : str, optional
        How ambiguous times are meant (see :func:`analysis.corpus.convert.moment`).
    other_key : bool
        Add to a corpus whose pseudonyms were made under another key.
    again : bool
        Import also what is in the corpus already, under another collection or mapping.

    """

    collection: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    keep_speakers: bool = False
    other_key: bool = False
    format: str | None = None
    timezone: str | None = None
    time_format: str | None = None
    rules: Path | str | None = None
    again: bool = False

    def as_record(self) -> dict[str, Any]:
        """Return what decides an import, for ``corpus.json``."""
        rules = {}
        if self.rules is not None:
            try:
                rules["rules"] = hashlib.sha256(Path(self.rules).read_bytes()).hexdigest()
            except OSError as error:
                raise InputError(f"cannot be read: {error.strerror}", file=self.rules) from error
        times = {"timezone": self.timezone, "time_format": self.time_format}
        return {
            **rules,
            **{name: value for name, value in times.items() if value is not None},
            "collection": self.collection,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "where": dict(self.where),
        }
