"""Apify's tables: what is nested in its JSON stands in columns called ``replies/0/text`` (or ``authorMeta.name``)."""

from __future__ import annotations

from typing import Any

from analysis.corpus.readers.fields import literal

_JOINED = ("/", ".")


def failed(item: dict[str, Any], text: str = "text") -> dict[str, str]:
    """Return the problem of an item that is an error message; in a table, what it was to find is empty beside it."""
    return {"problem": "an error message of the tool, not a text"} if item.get("error") and not item.get(text) else {}


def unfolded(row: dict[str, Any], *lists: str) -> dict[str, Any]:
    """Return a row of a table as the nested record that it was.

    Parameters
    ----------
    row : dict
        Joined by slashes in the tool's own tables, by dots in its views and in those of pandas, which leaves lists as
        Python in a cell.
    *lists : str
        Names whose numbered parts (``replies/0``), or whose cell, are a list of records.

    Returns
    -------
    dict
        The record; the row itself where nothing in it is joined.

    """
    row = {**row, **{name: literal(row[name]) for name in lists if isinstance(row.get(name), str)}}
    if not any(mark in name for name in row for mark in _JOINED):
        return row
    out: dict[str, Any] = {}
    for name, value in row.items():
        *way, last = name.split("/" if "/" in name else ".")
        if way and value == "":
            continue
        place = out
        for step in way:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else {}
        place[last] = value
    return _listed(out, lists)


def _listed(value: dict[str, Any], lists: tuple[str, ...]) -> dict[str, Any]:
    for name in lists:
        numbered = value.get(name)
        if isinstance(numbered, dict):
            value[name] = [_listed(part, lists) for part in numbered.values() if isinstance(part, dict)]
    return value
