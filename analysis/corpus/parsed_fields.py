"""The fields of a file's parsed items as the corpus holds them; what cannot be read costs the field, not the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from analysis.corpus.cells import accepted, as_id, as_words, cut_digits, fills_a_cell
from analysis.corpus.clean import plain, put_right
from analysis.corpus.convert import Cut, instant, is_ambiguous
from analysis.corpus.options import ImportOptions
from analysis.corpus.other_rows import OtherRows
from analysis.corpus.plan import Task
from analysis.corpus.privacy import is_nobody
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.mapping import TABLE
from analysis.errors import InputError


class Fields:
    """Reads the fields of one file, and counts what could not be read, or not as it stands.

    Attributes
    ----------
    at : int
        The number of the record that is read.
    unread : Counter of str
        Fields that could not be read, and are missing in their row; ``examples`` has one of each, and its record.
    cut : Counter of str
        Ids and threads of which a spreadsheet kept 15 digits, and texts that fill its cell.
    put_right : int
        Texts that had been read in another encoding than theirs.
    form, decided : str or None, bool
        How ambiguous times are meant, and whether that was said or looked for.

    """

    def __init__(self, task: Task, options: ImportOptions) -> None:
        """Take the file and what holds for all files."""
        self._task, self._format, self._options, self._others = task, task.match.format, options, OtherRows(task)
        self.at = self.put_right = 0
        self.unread: Counter[str] = Counter()
        self.examples: dict[str, tuple[str, int]] = {}
        self.cut: Counter[str] = Counter()
        self.form, self.decided = options.time_format, options.time_format is not None
        self._named = False  # whether any row has said who speaks

    def read(self, name: str, read: Callable[[Any], Any], value: object) -> Any:  # noqa: ANN401  what is read
        """Return what a field says; one that cannot be read costs the field, not the row, and is counted."""
        if value is None:
            return None
        try:
            return read(value)
        except ValueError:
            self.unread[name] += 1
            self.examples.setdefault(name, (str(value)[:40], self.at))
            return None

    def listed(self, name: str, parsed: ParsedItem) -> str | None:
        """Return a field of which only some words are accepted."""
        return self.read(name, lambda value: accepted(name, value), parsed.get(name))

    def written(self, parsed: ParsedItem) -> str:
        """Return what was written; what is put right, or was cut at the end of a spreadsheet's cell, is counted."""
        given, markup = as_words(parsed.get("text")), parsed.get("markup") or self._format.markup
        written = given if markup == "latin1" else put_right(given)
        self.put_right += written != given
        self.cut["text"] += fills_a_cell(given)
        return plain(written, markup)

    def time(self, parsed: ParsedItem) -> tuple[int | None, str | None, str | None]:
        """Return when a row was written, in microseconds, how precise that is, and the zone if one was assumed."""
        value = parsed.get("posted_at")
        if value is None:
            return None, None, None
        zone = self._options.timezone or parsed.get("assumed_timezone") or self._format.assumed_timezone
        if not self.decided and isinstance(value, str) and is_ambiguous(value.strip()):
            self.decided, self.form = True, self._others.form
        found = self.read("posted_at", lambda text: instant(text, zone, self.form), value)
        if found is None or found[0] is None:
            return None, None, None
        when, precision, assumed = found
        return when, precision, zone if assumed else None

    def is_cut(self, name: str, value: str) -> bool:
        """Tell whether an id has lost its last digits, as nearly all of the file's first ids have; it is counted."""
        cut = isinstance(value, Cut) or (cut_digits(value) > 0 and self._others.rounded)
        self.cut[name] += cut
        return cut

    def author(self, value: object) -> str | None:
        """Return who speaks; a rounded number, or the name that all have who are gone, would make one voice of many."""
        mapped = self._format.name == TABLE
        if mapped and (isinstance(value, (dict, list)) or (value and value[:1] == "{" and value[-1:] == "}")):
            if self._named:  # a row that is not as the others are costs its field
                self.unread["speaker"] += 1
                self.examples.setdefault("speaker", ("{…}", self.at))
                return None
            problem = "is not who speaks but an object; name the column that holds the account (speaker=user.id)"
            raise InputError(problem, file=self._task.name, column="speaker")
        name = self.read("speaker", as_id, value)
        self._named = self._named or name is not None
        return None if name is None or (is_nobody(name) and not self._options.keep_speakers) else name
