"""What several test files call."""

from __future__ import annotations

import json
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
