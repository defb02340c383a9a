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

Patterns are those of a shell (``*``, ``?``), small and capital letters alike. The first rule that says something
about a row decides it, before the command's options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE
from analysis.errors import InputError

#: What a rule applies to.
APPLIES = ("account", "thread", "file")
#: What a rule may say.
SAYS = (
    "thread_id",
    "vantage",
    "origin",
    "platform",
    "language",
    "collection",
    "collected",
    "comments",
    "cluster",
    "kind",
    "region",
)
#: What a rule says of a vantage or an origin that there is none of.
NONE = "none"


@dataclass(frozen=True)
class Rule:
    """One rule: every pattern that it has must match."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    says: dict[str, str]

    def applies(self, places: dict[str, tuple[str, ...]]) -> bool:
        """Tell whether each pattern matches one of the names of its place."""
        return all(any(pattern.match(name) for name in places[place]) for place, pattern in self.patterns)


class Rules:
    """The rules of a file, asked row by row."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        """Keep the rules in their order."""
        self._rules = tuple(rules)
        self.says = lru_cache(maxsize=50_000)(self._says)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._rules)

    def _says(self, file: str, thread: str, accounts: tuple[str, ...]) -> dict[str, str]:
        """Return what the rules say of a row."""
        out: dict[str, str] = {}
        places = {"file": (file,), "thread": (thread,), "account": accounts}
        for rule in self._rules:
            if rule.applies(places):
                out = {**rule.says, **out}
        if out.get("vantage") in ORIGIN_OF_VANTAGE:
            out.setdefault("origin", ORIGIN_OF_VANTAGE[out["vantage"]])
        return out


def read_rules(path: Path | None) -> Rules:
    """Read ``sources.yaml``; none where no path is given.

    Raises
    ------
    InputError
        Naming the rule and what is accepted.

    """
    if path is None:
        return Rules()
    import yaml  # noqa: PLC0415  only who has rules pays for it

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {' '.join(str(error).split())}", file=path) from error
    if not isinstance(found, list):
        raise InputError("is not a list of rules", file=path, accepted=["- account: NAME", "  vantage: vlogger"])
    return Rules([_rule(path, number, rule) for number, rule in enumerate(found, start=1)])


def _rule(path: Path, number: int, rule: object) -> Rule:
    place = f"{path}, rule {number}"
    if not isinstance(rule, dict) or not set(rule) & set(APPLIES) or not set(rule) & set(SAYS):
        raise InputError("names nothing that it applies to, or says nothing", file=place, accepted=[*APPLIES, *SAYS])
    patterns, says = [], {}
    for name, value in rule.items():
        if name in APPLIES:
            words = value if isinstance(value, list) else [value]
            whole = "|".join(translate(str(word).removeprefix("@").lower()) for word in words)
            patterns.append((name, re.compile(whole, re.IGNORECASE)))
        elif name in SAYS:
            says[name] = _said(place, name, value)
        else:
            raise InputError("is no word of a rule", file=place, column=str(name), accepted=[*APPLIES, *SAYS])
    return Rule(tuple(patterns), says)


def _said(place: str, name: str, value: Any) -> str:  # noqa: ANN401  any YAML value
    text = NONE if value is None else str(value)
    accepted = ACCEPTED.get(name)
    if accepted and text not in {*accepted, NONE}:
        raise InputError(f"'{text}' is not known", file=place, column=name, accepted=[*accepted, NONE])
    return text
