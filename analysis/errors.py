"""Errors that the user can mend: one line that names the place, what was expected and what is accepted."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

#: Unicode's categories of what moves a terminal's cursor, hides or reverses text, or is half a character; one invisible
#: mark joins emoji and may be seen.
_ACTS, _JOINER = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"}), "\u200d"


def printable(text: str) -> str:
    r"""Return a text on one line as a terminal can show it and nothing more: what would act stands there as its code.

    Examples
    --------
    >>> print(printable("a\x1b[2J\u202eb\nc 朝鲜"))
    a\x1b[2J\u202eb c 朝鲜

    """
    if text.isascii() and text.isprintable():
        return text
    line = " ".join(text.splitlines()).replace("\t", " ")
    return "".join(
        c if c == _JOINER or unicodedata.category(c) not in _ACTS else c.encode("unicode_escape").decode() for c in line
    )


class VantageError(Exception):
    """Something that the user can mend. The command prints it as one line and exits with 2."""

    def __init__(self, message: str) -> None:
        """Make one line of the message, whatever the names of files and columns in it hold."""
        super().__init__(printable(message))

    def _render_traceback_(self) -> list[str]:
        """Be one line in a notebook too: IPython asks the error for what it shows."""
        return [f"{type(self).__name__}: {self}"]


class InputError(VantageError):
    """A file, a row or a column is not what it should be."""

    def __init__(
        self,
        problem: str,
        *,
        file: object = None,
        row: int | None = None,
        column: str | None = None,
        accepted: Iterable[str] | None = None,
    ) -> None:
        """Put the place before the problem and what is accepted after it."""
        place = [str(file)] if file is not None else []
        place += [f"row {row:,}"] if row is not None else []
        place += [f"column {column}"] if column is not None else []
        text = ", ".join(place) + ": " + problem if place else problem
        if accepted is not None:
            text += f" (accepted: {', '.join(accepted)})"
        super().__init__(text)


class ParameterError(VantageError):
    """A parameter is unknown, misnamed or of the wrong type."""


class NotebookError(Exception):
    """A notebook stopped with an error that is not the user's."""


class CrossLanguageError(VantageError):
    """Scores of two languages were about to be subtracted as if they were on one scale."""

    def __init__(self, measure: str, languages: Iterable[str]) -> None:
        """Name the measure, the languages and the lawful comparisons."""
        super().__init__(
            f"the raw means of '{measure}' in {' and '.join(sorted(languages))} are not on one scale and are not "
            "compared; lawful comparisons are: reference-centred (each collection minus a reference collection of "
            "its own language), linked (labMT-zh on labMT-en's scale, with the gap that the link leaves on aligned "
            "text), or human-anchored (corrected by human codes)"
        )


def argument(value: Path | str) -> str:
    """Return what is to be typed for a file or a text on a command line, of Windows too, where ' quotes nothing.

    >>> print(argument("corpora/mine"), argument("from China/2025"), argument("$5"))
    corpora/mine "from China/2025" '$5'
    """
    text = value.as_posix() if isinstance(value, Path) else value
    quoted = shlex.quote(text)
    return quoted if quoted == text or re.search(r'["$`!\\]', text) else f'"{text}"'


def first_few(names: Sequence[str], most: int) -> list[str]:
    """Return so many names at most, and a mark where there are more.

    >>> first_few(["a", "b"], 2), first_few(["a", "b", "c"], 2)
    (['a', 'b'], ['a', 'b', '…'])
    """
    return [*names[:most], *(["…"] if len(names) > most else [])]


def plural(number: int | str, noun: str) -> str:
    """Return a number, or how one is written, with its noun.

    >>> plural(1, "row"), plural(1_200, "row"), plural(2, "address"), plural(0, "analysis"), plural("+1", "point")
    ('1 row', '1,200 rows', '2 addresses', '0 analyses', '+1 point')
    """
    text = number if isinstance(number, str) else f"{number:,}"
    if text.lstrip("+−-") == "1":
        return f"{text} {noun}"
    return f"{text} {noun[:-2]}es" if noun.endswith("sis") else f"{text} {noun}" + ("es" if noun.endswith("s") else "s")
