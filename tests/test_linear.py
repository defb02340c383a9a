"""No pattern of the library takes time that grows with the square of a text: every one is tried on long runs."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as code
from re import _parser as parser
from typing import Any

import pytest

import analysis
from analysis.measure import chinese

SHORT, LONG = 3_000, 24_000
#: Seconds that make a run of SHORT characters worth a run of LONG ones, and that such a one may not take. (Where the
#: time grows with the length the first takes under a millisecond, else the second takes seconds.)
NOTICED, TOO_LONG = 0.008, 0.4
SAMPLES = {code.CATEGORY_DIGIT: "1", code.CATEGORY_SPACE: " ", code.CATEGORY_NOT_WORD: "-"}
MOST = 7


class TimeUpError(Exception):
    """Raised by the alarm."""


def patterns() -> dict[re.Pattern[str], set[str]]:
    """Return every compiled pattern of the library's modules, with how it is used."""
    found: dict[re.Pattern[str], set[str]] = {}
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        loaded = importlib.import_module(module.name)
        source = Path(loaded.__file__).read_text(encoding="utf-8")
        for name, value in vars(loaded).items():
            for one in within(value):
                used = re.findall(rf"\b{name}\.(\w+)", source)
                found.setdefault(one, set()).update(used or {"sub", "fullmatch"})
        for one, used in inline(source):
            found.setdefault(one, set()).add(used)
    for one in chinese._mixed_words():  # noqa: SLF001  made of the words in data/
        found[one] = {"sub"}
    return found


def within(value: object) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of text that a module's name stands for, in tuples and dictionaries too."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)) or type(value) is dict:
        for each in value.values() if isinstance(value, dict) else value:
            yield from within(each)


def inline(source: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the patterns that stand where they are used: ``re.sub("...", ...)``."""
    for each in ast.walk(ast.parse(source)):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr != "compile":
            first = each.args[0] if each.args else None
            if ast.unparse(each.func.value) == "re" and isinstance(first, ast.Constant):
                yield re.compile(first.value), each.func.attr


def signs(kind: Any, value: Any) -> str:
    """Return characters that a node of a pattern stands for, and some that it excludes."""
    if kind is code.LITERAL:
        return chr(value)
    if kind is not code.IN:
        return "a"
    out = "".join(
        chr(part) if each is code.LITERAL else chr(part[0]) if each is code.RANGE else SAMPLES.get(part, "a")
        for each, part in value
        if each is not code.NEGATE
    )
    return "".join(c for c in "a1 -(<[" if c not in out)[:3] + out[:5] if value[0][0] is code.NEGATE else out[:8]


def walk(tree: Any, before: str, runs: set[str], heads: set[str]) -> str:
    """Return the shortest text that a pattern takes; collect what may be repeated, and what may stand before that."""
    out = ""
    for kind, value in tree:
        if kind in {code.LITERAL, code.NOT_LITERAL, code.ANY, code.IN}:
            runs.update(signs(kind, value))
            out += signs(kind, value)[:1]
        elif kind is code.SUBPATTERN:
            out += walk(value[3], before + out, runs, heads)
        elif kind is code.ATOMIC_GROUP:
            out += walk(value, before + out, runs, heads)
        elif kind in {code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT}:
            once = walk(value[2], before + out, runs, heads)
            runs.add(once)
            out += once * min(max(value[0], 1), 30)
        elif kind is code.BRANCH:
            ways = [walk(way, before + out, runs, heads) for way in value[1][:40]]
            heads.update(before + out + way for way in ways)
            out += ways[0]
        elif kind in {code.ASSERT, code.ASSERT_NOT}:
            walk(value[1], before + out, runs, heads)
        heads.add(before + out)
    return out


def attacks(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    runs, heads = set[str](), {""}
    walk(parser.parse(pattern.pattern, pattern.flags), "", runs, heads)
    chosen = sorted(run for run in runs if 0 < len(run) < 40)[:MOST]
    heads = sorted(head for head in heads if len(head) < 100)[:MOST]
    for run in chosen:
        many = run * (size // len(run))
        yield many
        yield from (head + many + "\x00" for head in heads)
        yield from (many + other + other + "\x00" for other in chosen)
        yield from ((run + other) * (size // len(run + other)) for other in chosen if other != run)
    for head in filter(None, heads):
        yield head * (size // len(head))
        yield head[:-1] * (size // max(len(head) - 1, 1))


def seconds(pattern: re.Pattern[str], way: str, text: str) -> float:
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, 3 * TOO_LONG)
    try:
        if way in {"match", "fullmatch"}:
            getattr(pattern, way)(text)
        else:
            for _ in pattern.finditer(text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")):
                pass
    except TimeUpError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begun


@pytest.fixture
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeUpError

    before = signal.signal(signal.SIGVTALRM, ring)
    yield
    signal.signal(signal.SIGVTALRM, before)


def slow(pattern: re.Pattern[str], used: set[str]) -> str | None:
    ways = {way if way in {"match", "fullmatch"} else "sub" for way in used}
    for place, text in enumerate(attacks(pattern, SHORT)):
        for way in ways:
            if seconds(pattern, way, text) > NOTICED:
                long = next(text for at, text in enumerate(attacks(pattern, LONG)) if at == place)
                # Three times: the machine itself may pause within one.
                if all(seconds(pattern, way, long) > TOO_LONG for _ in range(3)):
                    return f"{pattern.pattern[:60]!r} {way} on {text[:20]!r}…{text[-6:]!r}"
    return None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm on this system")
@pytest.mark.usefixtures("_alarm")
def test_no_pattern_takes_more_than_linear_time() -> None:
    found = patterns()
    assert len(found) > 100
    assert [told for pattern, used in found.items() if (told := slow(pattern, used))] == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm on this system")
@pytest.mark.usefixtures("_alarm")
@pytest.mark.parametrize(
    ("bad", "way"),
    [
        (r"\d+[.:]\d+|::", "search"),
        (r"story_fbid=(\w+)|([^/?#]+)/?(?:[?#](?!.*story_fbid=).*)?$", "search"),
        (r"(-?\d[\d.,\s]*?)\s*(w|k)?\.?\+?", "fullmatch"),
    ],
)
def test_the_test_sees_patterns_that_took_minutes(bad: str, way: str) -> None:
    assert slow(re.compile(bad), {way})
