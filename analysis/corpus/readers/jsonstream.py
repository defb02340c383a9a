"""JSON of any size as a stream of values, numbers as text, with what comes before a fault kept.

The standard decoder reads one element at a time from a window of the file: it is as fast as reading the file whole,
and unlike event parsers it takes ``NaN``, which many tools write for nothing, and keeps 19-digit ids and ``1e999`` as
written.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from analysis.corpus.readers.encodings import HALF, NO_SIGN
from analysis.corpus.readers.unpack import DAMAGE

#: One value (a comment, a page of comments) may be this long.
LIMIT = 32 * 2**20
#: Elements of a list that an outline looks at.
SEEN = 20
#: A name within an object, and within how many characters they tell what an object is like.
_NAME = re.compile(r'"(?:[^"\\]|\\.){1,80}"(?=\s{0,9}:)')
_NEXT = re.compile(r"\}\s*,\s*$")
_NAMES_WITHIN, _FIRST_NAME_WITHIN = 5_000, 200
#: So often in a row no record may begin where one might, until it is given up.
_MISSES = 1000
_CHUNK = 2**20
_PART = 2**13
_BLANK = " \t\n\r\ufeff"
#: A number, a word or an escape cut by the window's end is reported this far before it.
_NEAR = 16

#: Where a value may end: what opens and closes it; within a text, what ends that.
_MARKS, _TEXT = re.compile(r'["\[\]{}]'), re.compile(r'"|\\.', re.DOTALL)

#: What MongoDB's exports write around an id, a time, a number: ``{"$oid": "66310a"}``.
_WRAPPED = frozenset(["$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"])


def _bare(value: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
    """Return an object, or what a database wrapped in one."""
    return value.popitem()[1] if len(value) == 1 and not _WRAPPED.isdisjoint(value) else value


_HOW = {"parse_int": str, "parse_float": str, "parse_constant": lambda _: None, "object_hook": _bare}
decoder = json.JSONDecoder(**_HOW)
#: Of a line alone: a tab that a tool left in a text as it was harms no other.
lenient = json.JSONDecoder(**_HOW, strict=False)


class Broken(ValueError):  # noqa: N818  it is a place in a text, as StopIteration is one
    """From here on the text is no JSON; what came before it is good."""


class Skipped(NamedTuple):
    """Stands for a value that is skipped, with the reason; the text goes on after it."""

    reason: str


class Scanner:
    """Walks through JSON text by values."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        """Start at the beginning of a stream."""
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors=HALF, newline="")
        self._window, self._at, self._end = "", 0, False

    def _fill(self) -> None:
        # As much again as is there: a long value is tried log(length) times, not once a chunk.
        rest = self._window[self._at :]
        more = self._more(max(_CHUNK, len(rest)))
        self._window, self._at, self._end = rest + more, 0, not more

    def _more(self, size: int) -> str:
        """Read on; of a packed stream that breaks off, what comes before that, and only then that it does."""
        parts = []
        try:
            while size > 0 and (part := self._text.read(min(size, _PART))):
                parts.append(part.replace("\0", NO_SIGN))
                size -= len(part)
        except DAMAGE:
            if not parts:
                raise
        return "".join(parts)

    def peek(self) -> str:
        """Return the next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._window):
                if self._window[self._at] not in _BLANK:
                    return self._window[self._at]
                self._at += 1
            if self._end:
                return ""
            self._fill()

    def value(self) -> Any:  # noqa: ANN401  any JSON value
        """Return the next value; :class:`Broken` where there is none."""
        self.peek()
        while True:
            problem = None
            try:
                value, end = decoder.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self._window) - _NEAR
                problem = f"not valid JSON: {error.msg}"
                if self._end or not cut:
                    raise Broken(problem + (" (the file ends too early)" if cut else "")) from None
            except RecursionError:
                self._skip()
                return Skipped("JSON nested too deep")
            else:
                if end < len(self._window) or self._end:
                    self._at = end
                    return value
            if len(self._window) - self._at > LIMIT:
                self._skip()
                return Skipped(f"a value of more than {LIMIT // 2**20} MB")
            self._fill()

    def _skip(self) -> None:
        """Go to the end of a value without reading it, in the memory of one window."""
        depth, within = 0, False
        while True:
            for found in (_TEXT if within else _MARKS).finditer(self._window, self._at):
                self._at, sign = found.end(), found[0]
                if sign == '"' or within:
                    break
                depth += 1 if sign in "[{" else -1
                if depth == 0:
                    return
            else:
                # A mark of escape at the window's end belongs to what comes next.
                self._at = len(self._window) - (self._window.endswith("\\") and not self._end)
                if self._end:
                    raise Broken("not valid JSON: the file ends too early")
                self._fill()
                continue
            within = not within if sign == '"' else within
            if depth == 0 and not within:
                return

    def _parts(self, close: str) -> Iterator[None]:
        """Stop before each element of a list or each member of an object."""
        self._at += 1
        first = True
        while (sign := self.peek()) != close:
            if not first:
                if sign != ",":
                    raise Broken("not valid JSON: the file ends too early" if not sign else "not valid JSON: no comma")
                self._at += 1
                if self.peek() == close:
                    break
            first = False
            yield
        self._at += 1

    def _members(self) -> Iterator[str]:
        """Stop before the value of each member of an object, and name it."""
        for _ in self._parts("}"):
            name = self.value()
            if self.peek() != ":" or not isinstance(name, str):
                raise Broken("not valid JSON: an object's name was expected")
            self._at += 1
            yield name

    def walk(self, path: tuple[str, ...]) -> Iterator[Any]:
        """Yield the values at a path of names; lists on the way, and at its end, are entered.

        Of a path's parts "*" is any name, and "a|b" one of the two. What is null at its end holds none.
        """
        sign = self.peek()
        if sign == "[":
            for _ in self._parts("]"):
                if path:
                    yield from self.walk(path)
                else:
                    yield self.value()
        elif sign == "{" and path:
            for name in self._members():
                if is_part(name, path[0]):
                    yield from self.walk(path[1:])
                else:
                    self.value()
        elif (value := self.value()) is not None and not path:
            yield value

    def envelope(self, path: tuple[str, ...]) -> dict[str, Any]:
        """Return the members of the object on top, without what :meth:`walk` yields; of a cut one those before."""
        out: dict[str, Any] = {}
        try:
            if self.peek() != "{":
                return out
            for name in self._members():
                if path and is_part(name, path[0]):
                    for _ in self.walk(path[1:]):
                        pass
                elif not isinstance(value := self.value(), Skipped):
                    out[name] = value
        except (Broken, *DAMAGE):
            return out
        return out

    def outline(self, depth: int = 6) -> Any:  # noqa: ANN401  any JSON value
        """Return the beginning of the next value: as much as can be read, of long lists the first elements."""
        sign, out = self.peek(), None
        try:
            if sign == "{" and depth:
                out = {}
                for name in self._members():
                    out[name] = None
                    out[name] = self.outline(depth - 1)
                out = _bare(out)
            elif sign == "[" and depth:
                out = []
                for _ in self._parts("]"):
                    found = self.outline(depth - 1)
                    out += [found] if len(out) < SEEN else []
            elif isinstance(out := self.value(), Skipped):
                out = None
        except Broken:
            return out
        return out

    def after(self, like: set[str]) -> Iterator[Any]:
        """Yield what comes after a fault and is like the records before it: an object with half of their keys.

        Where the first record is the broken one, the names in it tell what the others are like. Each broken one that
        begins as they do is told.
        """
        like = like or set(_names(self._window[self._at : self._at + _NAMES_WITHIN]))
        misses = -1  # the first is told already
        while misses < _MISSES:
            at = self._window.find("{", self._at)
            if at < 0 and self._end:
                return
            self._at = len(self._window) if at < 0 else at
            if at < 0:
                self._fill()
                continue
            try:
                found = self.value()
            except Broken as error:
                first = next(_names(self._window[self._at : self._at + _FIRST_NAME_WITHIN]), None)
                after = _NEXT.search(self._window[max(self._at - _NEAR, 0) : self._at])
                if misses >= 0 and (first in like or after):
                    yield Skipped(str(error))
                self._at += 1
                misses += 1
                continue
            if isinstance(found, dict) and 2 * len(like & found.keys()) >= min(len(like), len(found)):
                misses = 0
                yield found
        raise Broken("nothing after it is read")


def is_part(name: str, part: str) -> bool:
    """Tell whether a name is a part of a path: "*" is any, and "a|b" one of the two."""
    return part in {"*", name} or name in part.split("|")


def _names(text: str) -> Iterator[str]:
    """Yield what may be the names of an object in a text that is no JSON."""
    for found in _NAME.finditer(text):
        try:
            yield json.loads(found[0])
        except ValueError:
            continue


def items(stream: BinaryIO, encoding: str, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield the values at a path in every JSON text of a stream (one document, or several in a row).

    A fault among records costs the one that it is in: it stands there as :class:`Skipped`, and those after it follow.
    """
    scanner, like = Scanner(stream, encoding), set[str]()
    try:
        while scanner.peek():
            for found in scanner.walk(path):
                like = like or (set(found) if isinstance(found, dict) else like)
                yield found
    except Broken as error:
        yield Skipped(str(error))
        yield from scanner.after(like)
