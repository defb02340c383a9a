"""A concordance as a table for a notebook: the keyword in a column of its own, everything that people wrote escaped."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from analysis.compare.concordance import visible
from analysis.compare.groups import LANGUAGE_NAMES
from analysis.errors import plural
from analysis.show import style

_CELL = "padding:1px 6px;white-space:nowrap;vertical-align:baseline;"
_LEFT = f' style="{_CELL}text-align:right"'
_NODE = f' style="{_CELL}text-align:center;font-weight:bold"'
_RIGHT = f' style="{_CELL}text-align:left"'
_HEAD = ' colspan="3" style="padding:8px 6px 2px;text-align:left"'
_REMARK = (
    "Lines are drawn at random, one a cluster before a second, and sorted by what follows. Names with @ or u/ are left "
    "out. A search engine can find the writer of a line: paraphrase before you publish."
)
_CONSTRUCTED = " Constructed data: nobody said the lines whose evidence is constructed."


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


def concordance_table(lines: pd.DataFrame) -> Table:
    """Make the table of one node: its lines by group, the keyword in a column of its own.

    Parameters
    ----------
    lines : pandas.DataFrame
        The rows of one node of `analysis.compare.concordance.concordance_lines`.

    """
    lines = style.read_back(lines)
    rows = [f"<caption{_RIGHT}><b>{escaped(str(node))}</b></caption>" for node in lines["node"].head(1)]
    for (label, language), mine in lines.groupby(["label", "language"], sort=False):
        shown = f"{label}, {LANGUAGE_NAMES[language]}: {len(mine):,} of {plural(mine['places'].iloc[0], 'place')}"
        others = mine["not_quoted"].iloc[0]
        shown += f" (and {others:,} translated, not quoted)" if others else ""
        rows.append(f"<tr><th{_HEAD}>{escaped(shown)}</th></tr>")
        for line in zip(mine["left"], mine["keyword"], mine["right"], strict=True):
            left, keyword, right = map(escaped, line)
            rows.append(f"<tr><td{_LEFT}>{left}</td><td{_NODE}>{keyword}</td><td{_RIGHT}>{right}</td></tr>")
    # What people write between two dollars is not mathematics: the classes tell notebooks so.
    body = "\n".join(rows)
    table = f'<table class="tex2jax_ignore mathjax_ignore" style="font-size:90%">\n{body}\n</table>'
    remark = _REMARK + (_CONSTRUCTED if (lines["evidence"] == "constructed").any() else "")
    return Table(f'{table}\n<p class="tex2jax_ignore mathjax_ignore">{escaped(remark)}</p>\n', len(lines))
