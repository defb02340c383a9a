"""What several test files call."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from analysis.corpus import read_info, store


def read_list(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rejected or the duplicate rows of a corpus; none where there is no corpus.

    Rows beyond those that ``corpus.json`` counts were left by an import that was broken off, and are not its.
    """
    path, field = folder / name, "rejected" if name == store.REJECTED else "duplicates"
    if not path.exists() or not (folder / store.INFO).exists():
        return []
    number = sum(file[field] for file in read_info(folder)["files"])
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:number]]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class ReadTable(HTMLParser):
    """What a browser would see of a table: tags, attributes, and the texts of its cells."""

    def __init__(self, *kinds: str) -> None:
        """Take the tags whose texts are cells."""
        super().__init__()
        self.kinds = set(kinds)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag in self.kinds:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:  # noqa: D102
        if self.kinds & set(self.open):
            self.cells[-1] += data


def read_html(shown: str, *kinds: str) -> ReadTable:
    """Read a table to its end: every tag is closed."""
    reader = ReadTable(*kinds)
    reader.feed(shown)
    reader.close()
    assert reader.open == []
    return reader


def unsaid(row: dict[str, Any]) -> list[str]:
    """Return what a sentence of the findings says that its row does not carry; nothing where it is true.

    Every numeral must be one of the row's numbers to three digits, the interval that of its cells; what is said to be
    more or warmer must be so. Names of concepts and groups must hold no numeral.
    """
    text = row["sentence"].replace("−", "-")
    for told in (str(row["measure"]).rstrip("."), row["note"], f"Claim {row.get('id')},", f"({row.get('id')})"):
        text = text.replace(str(told), "")
    numbers = [float(cell) for cell in row.values() if isinstance(cell, (int, float)) and not math.isnan(cell)]
    said = text.replace("95 % interval", "").replace("< .001", "")
    wrong = [numeral for numeral in re.findall(r"-?\d[\d,]*\.?\d*(?:e-\d+)?", said) if not _among(numeral, numbers)]
    shares = re.search(r"in (\S+) % of what they say against (\S+) %", text)
    if shares is not None:
        cells = zip(shares.groups(), ("share_a", "share_b"), strict=True)
        wrong += [name for said, name in cells if not _among(said, [100 * row[name]])]
    ends = re.search(r"95 % interval (\S+) to (\S+);", text)
    if ends is not None:
        cells = zip(ends.groups(), ("effect_low", "effect_high"), strict=True)
        wrong += [name for end, name in cells if end != "no" and not _among(end, [row[name]])]
    counts = re.search(
        r"n = (\S+) and (\S+) in (\S+)[a-z ]*? and (\d\S*) [a-z ]+, effectively (\S+) and ([\d.,]+)\)", text
    )
    if counts is not None:
        names = ("n_a", "n_b", "clusters_a", "clusters_b", "g_a", "g_b")
        cells = zip(counts.groups(), names, strict=True)
        wrong += [name for said, name in cells if abs(float(said.replace(",", "")) - row[name]) > 0.0501]
    if row["kind"] in {"found", "small"} and row["family"] != "claim":
        nothing = 1 if row["unit"] == "times" else 0
        true = row["effect_low"] > nothing and row["effect"] > nothing and row["q"] < 0.05
        true &= row["family"] != "concept" or row["share_a"] > row["share_b"]
        wrong += [] if true else ["a is not the higher one"]
    # The higher side stands first.
    first, second = (_CALLED.get(str(row[side]), str(row[side])).lower() for side in "ab")
    ordered = row["kind"] not in {"found", "small"} or text.lower().find(first) < text.lower().rfind(second)
    there = "No difference" in text and row["p"] < 0.05
    return wrong + ([] if ordered else ["the order"]) + (["No difference"] if there else [])


_CALLED = {"western_commenter": "western commenters", "chinese_viewer": "Chinese viewers", "vlogger": "vloggers"}


def _among(numeral: str, numbers: list[float]) -> bool:
    """Tell whether a numeral is one of the numbers to three digits, or to one decimal, or as a percentage."""
    value = float(numeral.replace(",", "").rstrip("."))
    exact = (abs(value - scale * number) <= 0.00501 * abs(value) + 1e-12 for number in numbers for scale in (1, 100))
    return any(exact) or any(abs(value - number) <= 0.0501 and value == round(value, 1) for number in numbers)
