"""Captions in XML: TTML (also called DFXP), and what YouTube has as ``srv1`` and ``srv3``."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_BEGINS = re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--[^<>]*-->\s*)*<(?:\w+:)?(tt|transcript|timedtext)[\s>]([^<>]*)")
#: A cue's beginning or end. Markup is not parsed as XML: no entity is expanded, and what is broken costs its cue.
_TAG = re.compile(r"<(/?)(?:\w+:)?(?:p|text)\b([^<>]*)>")
_BREAK = re.compile(r"<(?:\w+:)?br\b[^<>]*>")
_GIVEN = re.compile(r"""(?<![\w:])([\w:]++)\s*=\s*["']([^"']*)["']""")
_CLOCK = re.compile(r"(\d{1,9}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)(?::(\d{1,9}))?")
_COUNT = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)?")
_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0}
#: Frames a second, where a file does not say it.
_FRAMES = 30.0

#: When a cue begins and ends in milliseconds, its lines with their tags, what is wrong with it.
Timed = tuple[int, int, tuple[str, ...], str | None]


def is_timed_text(text: str) -> bool:
    """Tell whether a text is captions in XML.

    >>> is_timed_text('<?xml version="1.0"?><tt xml:lang="en"><body>'), is_timed_text("<html><body>")
    (True, False)
    """
    return _BEGINS.match(text) is not None


def language_of(text: str) -> str | None:
    """Return the tag of the language that captions in XML name.

    >>> language_of('<tt xmlns="x" xml:lang="zh-Hans">')
    'zh-Hans'
    """
    found = _BEGINS.match(text)
    return dict(_GIVEN.findall(found[2])).get("xml:lang") or None if found else None


def timed_text(text: str) -> Iterator[Timed]:
    """Yield the cues of captions in XML.

    >>> list(timed_text('<tt><p begin="1.5s" dur="2s">so<br/>clean</p><p begin="x">no</p></tt>'))
    [(1500, 3500, ('so', 'clean'), None), (0, 0, (), 'a caption whose times cannot be read')]
    """
    found = _BEGINS.match(text)
    if found is None:
        return
    root = {name.rpartition(":")[2]: value for name, value in _GIVEN.findall(found[2])}
    units = _UNITS | {"f": 1000 / _number(root.get("frameRate"), _FRAMES), "t": 1000 / _number(root.get("tickRate"), 1)}
    # The attributes of a beginning, an end and a duration, and the unit of a bare number.
    names = {"tt": ("begin", "end", "dur", "s"), "transcript": ("start", "end", "dur", "s")}
    begins, ends, lasts, unit = names.get(found[1], ("t", "end", "d", "ms"))
    opened: re.Match[str] | None = None
    for tag in _TAG.finditer(text, found.end()):
        if tag[1] and opened is not None:
            given = dict(_GIVEN.findall(opened[2]))
            start, end, last = (_milliseconds(given.get(name), units, unit) for name in (begins, ends, lasts))
            shown = text[opened.end() : tag.start()]
            shown = html.unescape(shown) if found[1] == "transcript" else shown  # which holds HTML, escaped
            lines = tuple(" ".join(line.split()) for line in _BREAK.split(shown))
            if start is None:
                yield 0, 0, (), "a caption whose times cannot be read"
            else:
                yield start, end if end is not None else start + (last or 0), lines, None
        opened = None if tag[1] or tag[2].endswith("/") else tag
    if opened is not None:
        yield 0, 0, (), "a caption that is not closed"


def _number(value: str | None, other: float) -> float:
    return float(value) if value and len(value) < 20 and value.isdecimal() and int(value) else other  # noqa: PLR2004


def _milliseconds(value: str | None, units: dict[str, float], bare: str) -> int | None:
    """Return a time: ``00:00:01.500``, with frames ``00:00:01:12``, ``1.5s``, ``1500ms``, or a bare number."""
    value = (value or "").strip()
    if clock := _CLOCK.fullmatch(value):
        whole = (int(clock[1]) * 60 + int(clock[2])) * 60 + float(clock[3])
        return round(whole * 1000 + int(clock[4] or 0) * units["f"])
    count = _COUNT.fullmatch(value)
    return round(float(count[1]) * units[count[2] or bare]) if count and len(value) < 20 else None  # noqa: PLR2004
