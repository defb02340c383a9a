"""Rules that a researcher gives once, in ``sources.yaml``: whose words these are, when they were gathered.

A file is a list of rules, each with what it applies to and what it says::

    - account: ["UC1234567890", "@someone"]    # patterns; of the name or the id of who speaks
      vantage: vlogger
      origin: western
      cluster: Someone on the road             # one voice over several accounts
    - file: "*rason*.jsonl"
      collection: Douyin on Rason
      collected: 2025-10-01
    - thread: "7512345678901234567"
      comments: 1432                           # how many the platform said there were
    - file: "replies-*.json"
      thread_id: kJQP7kiw5Fk                   # where a file does not say which video it belongs to

Patterns are those of a shell (``*``, ``?``), small and capital letters alike, an account with or without its ``@``, a
file by its name or with the folder and the archive before it. The first rule that says something about a row decides
it, before the command's options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.corpus.convert import moment
from analysis.corpus.counts import count
from analysis.corpus.readers.source import own_name
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE
from analysis.errors import InputError

#: What a rule applies to.
APPLIES = ("account", "thread", "file")
#: What a rule may say.
SAYS = (
    *("thread_id", "vantage", "origin", "platform", "language", "collection", "collected", "comments", "cluster"),
    *("kind", "region"),
)
#: What a rule says of a vantage or an origin that there is none of.
NONE = "none"
_NOTHING = frozenset({"", "~", "null"})


@dataclass(frozen=True)
class Rule:
    """One rule: every pattern that it has must match."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    says: dict[str, str]
    accounts: tuple[str, ...] = ()

    def applies(self, places: dict[str, tuple[str, ...]]) -> bool:
        """Tell whether each pattern matches one of the names of its place."""
        return all(any(pattern.match(name) for name in places[place]) for place, pattern in self.patterns)


class Rules:
    """The rules of a file, asked row by row."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        """Keep the rules in their order."""
        self._rules = tuple(rules)
        self._idle = set(range(1, len(self._rules) + 1))
        self.says = lru_cache(maxsize=50_000)(self._says)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._rules)

    def _says(self, file: str, thread: str, accounts: tuple[str, ...]) -> dict[str, str]:
        """Return what the rules say of a row."""
        out: dict[str, str] = {}
        names = tuple(name.removeprefix("@") for name in accounts)
        places = {"file": (file, own_name(file)), "thread": (thread,), "account": names}
        for number, rule in enumerate(self._rules, start=1):
            if rule.applies(places):
                self._idle.discard(number)
                out = {**rule.says, **out}
        if out.get("vantage") in ORIGIN_OF_VANTAGE:
            out.setdefault("origin", ORIGIN_OF_VANTAGE[out["vantage"]])
        return out

    def accounts(self) -> tuple[str, ...]:
        """Return the names and ids of accounts that rules have, in small letters and without their @."""
        return tuple(dict.fromkeys(name for rule in self._rules for name in rule.accounts))

    def idle(self) -> list[int]:
        """Return the numbers of the rules that no row has met yet, from 1: a pattern that was mistyped, perhaps."""
        return sorted(self._idle)


def read_rules(path: Path | str | None) -> Rules:
    """Read ``sources.yaml``; none where no path is given.

    Raises
    ------
    InputError
        Naming the rule and what is accepted.

    """
    if path is None:
        return Rules()
    path = Path(path)
    import yaml  # noqa: PLC0415  only who has rules pays for it

    try:
        # All values stay text: an id with a leading zero is no octal number, and "on" is somebody's name.
        found = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506  makes text only
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"is not YAML in UTF-8: {' '.join(str(error).split())}", file=path) from error
    if not isinstance(found, list):
        raise InputError("is not a list of rules", file=path, accepted=["- account: NAME", "  vantage: vlogger"])
    return Rules([_rule(path, number, rule) for number, rule in enumerate(found, start=1)])


def _rule(path: Path, number: int, rule: object) -> Rule:
    place = f"{path}, rule {number}"
    accepted = [*APPLIES, *SAYS]
    if not isinstance(rule, dict):
        raise InputError("is not a rule", file=place, accepted=accepted)
    patterns, says = [], {}
    for name, value in rule.items():
        if name in APPLIES:
            patterns.append((name, _pattern(place, name, value)))
        elif name in SAYS:
            says[name] = _said(place, name, value)
        else:
            raise InputError("is not a field of a rule", file=place, column=str(name), accepted=accepted)
    if not patterns or not says:
        raise InputError("needs at least one condition and one value to set", file=place, accepted=accepted)
    return Rule(tuple(patterns), says, _words(rule.get("account", ())))


def _pattern(place: str, name: str, value: Any) -> re.Pattern[str]:  # noqa: ANN401  any YAML value
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise InputError("is not a pattern", file=place, column=name, accepted=["NAME", "[NAME, NAME]"])
    # A file's own name is a pattern that means it, though yt-dlp puts the video's id in brackets.
    whole = "|".join(f"{translate(word)}|{re.escape(word)}$" for word in _words(value))
    return re.compile(whole, re.IGNORECASE)


def _words(value: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip().removeprefix("@").lower() for word in ([value] if isinstance(value, str) else value))


def _said(place: str, name: str, value: Any) -> str:  # noqa: ANN401  any YAML value
    if not isinstance(value, str):
        raise InputError("is not a single word or number", file=place, column=name)
    text = NONE if value in _NOTHING else value
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"'{text}' holds half a character", file=place, column=name) from error
    accepted = ACCEPTED.get(name)
    if accepted and text not in {*accepted, NONE}:
        raise InputError(f"'{text}' is not known", file=place, column=name, accepted=dict.fromkeys((*accepted, NONE)))
    try:
        if name == "comments":
            count(text)
        elif name == "collected":
            moment(text)
    except ValueError as error:
        problem = f"{error}" if name == "comments" else f"'{text}' is not a time"
        raise InputError(problem, file=place, column=name) from error
    return text
