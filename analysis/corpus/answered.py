"""What answers stand under that name no video: what they answer may come later, or from another file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analysis.corpus.cells import as_id, as_platform
from analysis.corpus.convert import Cut
from analysis.corpus.links import bare_id
from analysis.corpus.plan import Task
from analysis.corpus.readers.fields import FAULTS, ParsedItem
from analysis.corpus.spill import SpillDict


class Answered:
    """The utterances of an import by their ids, read once more where one is asked for.

    Use :meth:`close` when the import ends.
    """

    def __init__(self, tasks: Sequence[Task], thread: Callable[[str], str], *, ruled: bool = False) -> None:
        """Take the files of the import, what makes the corpus's thread of a file's, and whether rules give others."""
        self._tasks, self._thread = tasks, thread
        # What a long chain leads to is found once; by a rule a thread can come in amid it later.
        self._found = None if ruled else SpillDict(1)
        self._known: SpillDict | None = None  # id: thread, what it answers, platform

    def thread_of(self, name: str, platform: str | None, came: Callable[[str, str | None], str | None]) -> str | None:
        """Return what an utterance stands under, or what it answers does; None where that is not known.

        Parameters
        ----------
        came : callable
            What is known of those that came in: an id and its platform to a thread.

        """
        passed: set[str] = set()
        found = self._up_from(name, platform, came, passed)
        if self._found is not None:
            for each in passed:
                self._found.put(f"{platform} {each}", found)
        return found

    def _up_from(
        self, name: str, platform: str | None, came: Callable[[str, str | None], str | None], passed: set[str]
    ) -> str | None:
        """Return the thread that a chain of answers leads to, and enter into ``passed`` what it led by."""
        above: str | None = name
        while above is not None and above not in passed:  # two may be said to answer each other
            if (thread := came(above, platform)) is not None:
                return thread
            if self._found is not None and (before := self._found.get(f"{platform} {above}")) is not None:
                return before[0]
            passed.add(above)
            thread, above, of = self._all().get(above) or (None, None, None)
            if None not in {of, platform} and of != platform:
                return None
            if thread is not None:
                return thread
        return None

    def _all(self) -> SpillDict:
        if self._known is None:
            self._known = SpillDict(3)
            for task in self._tasks:
                for record, file in task.rows():
                    try:
                        for parsed in task.match.format.items(record.value, file) if record.problem is None else ():
                            self._enter(self._known, parsed, task.match.format.platform)
                    except FAULTS:
                        continue
        return self._known

    def _enter(self, known: SpillDict, parsed: ParsedItem, platform: str | None) -> None:
        names = (_id(parsed.get(name)) for name in ("utterance_id", "thread_id", "parent_id"))
        own, thread, above = names
        platform = as_platform(parsed.get("platform")) or platform or None
        if own is not None and (thread or above) and bare_id(own) not in known:
            thread = None if thread is None else self._thread(thread)
            known.put(bare_id(own), thread, None if above is None else bare_id(above), platform)

    def close(self) -> None:
        """Forget everything."""
        for held in (self._known, self._found):
            if held is not None:
                held.close()


def _id(value: object) -> str | None:
    """Return an id; None for what is none, or was rounded."""
    try:
        name = as_id(value)
    except ValueError:
        return None
    return None if isinstance(name, Cut) else name
