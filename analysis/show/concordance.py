"""A concordance as a table for a notebook: the keyword in a column of its own, everything that people wrote escaped."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from analysis.compare.concordance import visible

_CELL = "padding:1px 6px;white-space:nowrap;vertical-align:baseline;"
_LEFT = f' style="{_CELL}text-align:right"'
_NODE = f' style="{_CELL}text-align:center;font-weight:bold"'
_RIGHT = f' style="{_CELL}text-align:left"'
_HEAD = ' colspan="3" style="padding:8px 6px 2px;text-align:left"'


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows as HTML; its plain form holds nobody's words."""

    html: str
    lines: int

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Say how long it is."""
        return f"concordance of {self.lines:,} lines"


def escaped(text: str) -> str:
    r"""Return a text of somebody else as HTML that shows it and does nothing.

    Marks that hide or reverse text go, and what is written from right to left stays within its own bounds.

    Examples
    --------
    >>> escaped("<b>\u202efree")
    '<bdi>&lt;b&gt;free</bdi>'

    """
    return f"<bdi>{html.escape(' '.join(visible(text).split()))}</bdi>"


def concordance_table(title: str, parts: list[tuple[str, pd.DataFrame]], remark: str) -> Table:
    """Make the table of a node.

    Parameters
    ----------
    title : str
        What the node is.
    parts : list of (str, pandas.DataFrame)
        For each group what to call it, and its lines: ``left, keyword, right``.
    remark : str
        What stands below.

    """
    rows = [f"<caption{_RIGHT}><b>{escaped(title)}</b></caption>"]
    for name, lines in parts:
        rows.append(f"<tr><th{_HEAD}>{escaped(name)}</th></tr>")
        for line in zip(lines["left"], lines["keyword"], lines["right"], strict=True):
            left, keyword, right = map(escaped, line)
            rows.append(f"<tr><td{_LEFT}>{left}</td><td{_NODE}>{keyword}</td><td{_RIGHT}>{right}</td></tr>")
    # What people write between two dollars is not mathematics: the classes tell notebooks so.
    body = "\n".join(rows)
    table = f'<table class="tex2jax_ignore mathjax_ignore" style="font-size:90%">\n{body}\n</table>'
    below = f'<p class="tex2jax_ignore mathjax_ignore">{escaped(remark)}</p>'
    return Table(f"{table}\n{below}\n", sum(len(lines) for _, lines in parts))
