"""The concordance as a table: nothing that people wrote is markup, a formula or mathematics."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from helpers import read_html
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.show.concordance import concordance_table, escaped
from analysis.show.style import write_csv

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><style>*{display:none}</style>",
    '=HYPERLINK("http://127.0.0.1/","x")',
    "a\u202egnp.exe\u202c",
    "\u0627\u0644\u062d\u0631\u064a\u0629 free",
    "--><!--",
    "</bdi><a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt;",
    "\ud800 half",
    "costs $5 or $6, `rm`",
]
_TAGS = {"table", "caption", "b", "bdi", "tr", "th", "td", "p"}


CELLS = ["left", "keyword", "right"]


def lines(*cells, node="freedom", label="g", not_quoted=0):
    table = pd.DataFrame([[*cells, node, label]], columns=[*CELLS, "node", "label"], dtype=object)
    return table.assign(language="en", evidence="verbatim", places=1, not_quoted=not_quoted)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text):
    made = concordance_table(lines(text, text, text, node=text, label=text.replace("\ud800", "")))
    reader = read_html(made._repr_html_(), "td")
    assert reader.tags <= _TAGS
    assert reader.attributes <= {"class", "style", "colspan"}
    plain = "".join(c for c in text if c not in "\u202e\u202c\ud800").strip()
    assert reader.cells == [plain] * 3
    assert not set("\u202e\u202c\ud800") & set(made.html)
    assert made.html.encode()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_no_text_escapes_its_cell(text):
    reader = read_html(concordance_table(lines(text, "free", text)).html, "td")
    assert reader.tags <= _TAGS
    assert len(reader.cells) == 3
    assert reader.cells[1] == "free"


def test_the_keyword_stands_in_a_column_of_its_own_and_direction_is_isolated():
    made = concordance_table(pd.concat([lines("so", "free", "here", label="a"), lines("", "free", "", label="b")]))
    assert made.html.count("<tr><td") == 2
    assert "text-align:right" in made.html.partition("<bdi>so</bdi>")[0][-90:]
    assert escaped("x") == "<bdi>x</bdi>"
    # Notebooks would set what stands between two dollars as mathematics.
    assert made.html.count("tex2jax_ignore mathjax_ignore") == 2
    assert repr(made) == "concordance of 2 lines"


def test_no_spreadsheet_runs_a_line(tmp_path):
    cells = ["=1+1", "+1", "-2+3", "@x", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://127.0.0.1/")', 'a","=1+1']
    write_csv(pd.concat([lines(cell, "free", cell) for cell in cells])[CELLS], tmp_path / "lines.csv")
    with (tmp_path / "lines.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert len(rows) == len(cells)
    assert all(len(row) == 3 for row in rows)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
