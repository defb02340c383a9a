"""What the rows of a file tell together that one alone does not: how times are meant, whether ids were rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from analysis.corpus.cells import are_rounded, as_word
from analysis.corpus.convert import decided_form
from analysis.corpus.plan import Task
from analysis.corpus.readers.fields import FAULTS

#: By so many records it is told whether a spreadsheet rounded the ids of a file.
_LOOKED_AT = 2_000
_IDS = ("utterance_id", "thread_id", "parent_id")


class OtherRows:
    """The rows of a file, which is read once more where a question is asked.

    Attributes
    ----------
    form : str or None
        How ambiguous times are meant (:func:`analysis.corpus.convert.decided_form`).
    rounded : bool
        Whether a spreadsheet rounded the ids of a column (:func:`analysis.corpus.cells.are_rounded`).

    """

    def __init__(self, task: Task) -> None:
        """Take the file."""
        self._task = task

    @cached_property
    def form(self) -> str | None:  # noqa: D102  an attribute of the class's docstring
        return decided_form(when for (when,) in self._told(["posted_at"]))

    @cached_property
    def rounded(self) -> bool:  # noqa: D102  an attribute of the class's docstring
        columns = zip(*self._told(_IDS, _LOOKED_AT), strict=True)
        return any(are_rounded(filter(None, map(as_word, column))) for column in columns)

    def _told(self, names: Sequence[str], most: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield some fields of all rows, or of the first."""
        for record, file in islice(self._task.rows(), most):
            try:
                items = self._task.match.format.items(record.value, file)
                yield from (tuple(map(parsed.get, names)) for parsed in items)
            except FAULTS:
                continue
