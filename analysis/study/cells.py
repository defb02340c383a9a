"""Texts whose every number is a cell of a table: a sentence names it, the table has it, and a list says which is where.

A sentence is a template with names between braces. A number is asked for by name; what it is of, and how it is read
from there, is kept, so that a reader finds it again in the table, and a test does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from string import Formatter
from typing import Any

import pandas as pd

from analysis.digits import effective
from analysis.errors import plural
from analysis.show.lettering import instruments

#: ``[@key; @other]``, as pandoc and Quarto read it.
CITED = re.compile(r" ?\[(@[\w:-]+(?:; @[\w:-]+)*)\]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {char: "\\" + char for char in "&%$#_{}"}
# At the head of a table's row or an item a bracket or a star would be the command's before it.
_TEX |= {char: "{" + char + "}" for char in "[]*"}
_TEX |= {"−": "$-$", "±": r"$\pm$", "×": r"$\times$", "δ": r"$\delta$"}
# Of a link that stands bare its marks, else some viewers make one of it.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>&$^~@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)


def look(table: pd.DataFrame, how: str, column: str = "", rows: str = "") -> Any:  # noqa: ANN401
    """Read one thing from a table.

    Parameters
    ----------
    how : str
        ``count`` of rows, ``sum``, ``min`` or ``max`` of a column, ``different`` values of it, ``names`` (its
        different texts, one after the other), or ``value``: the cell of the only row.
    rows : str
        Which rows, as `pandas.DataFrame.query` reads it; all of them if empty.

    Examples
    --------
    >>> table = pd.DataFrame({"q": [0.01, 0.2, None], "a": ["x", "y", "x"]})
    >>> look(table, "count", rows="q < 0.05"), look(table, "names", "a"), look(table, "value", "q", "index == 1")
    (1, 'x and y', 0.2)

    """
    chosen = table.query(rows) if rows else table
    if how == "count":
        return len(chosen)
    values = chosen[column].dropna()
    if how == "names":
        return join([str(value) for value in values.unique()])
    if how == "different":
        return values.nunique()
    return values.item() if how == "value" else getattr(values, how)()


class Cells:
    """The cells that a text names.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        By the name of their file, without its ending.
    known : dict of str to dict
        What was asked for: ``text, value, table, how, column, rows``.

    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Know nothing yet."""
        self.tables, self.known = tables, {}

    def __call__(self, name: str, table: str, how: str, column: str = "", rows: str = "", form: str = "") -> str:
        """Keep a cell under a name, and return the name between braces.

        ``form`` is that of `format`, or the noun of what is counted. An instrument stands there by its name, an
        effective number of clusters as `analysis.digits.effective` writes it.
        """
        value = look(self.tables[table], how, column, rows)
        if form.isalpha():
            text = plural(int(value), form)
        elif column == "effective_clusters":
            text = effective(value)
        elif column == "instrument":
            text = instruments(value)
        else:
            text = format(
                value, form or ("," if isinstance(value, Integral) else ".3g" if isinstance(value, Real) else "")
            ).replace("%", " %")
        where = {"table": table, "how": how, "column": column, "rows": rows, "form": form}
        self.known[name] = {"text": text, "value": value, **where}
        return "{" + name + "}"

    def has(self, table: str) -> bool:
        """Tell whether a table is there and has a row."""
        return table in self.tables and len(self.tables[table]) > 0

    def table(self) -> pd.DataFrame:
        """Return what was asked for: ``name, text, value, table, how, column, rows, form``."""
        rows = [{"name": name, **known, "value": str(known["value"])} for name, known in self.known.items()]
        return pd.DataFrame(rows, columns=["name", "text", "value", "table", "how", "column", "rows", "form"])

    def fill(
        self,
        template: str,
        own: Callable[[str], str] = str,
        cells: Callable[[str], str] = str,
        cited: Callable[[list[str]], str] | None = None,
    ) -> str:
        """Return a sentence with its cells.

        Parameters
        ----------
        own, cells : callable
            What writes the sentence's own words, and the texts of cells, which may be somebody else's.
        cited : callable, optional
            What writes a citation of keys; without it they stay as they are.

        Raises
        ------
        KeyError
            If a cell is not known.

        """
        out = []
        for literal, name, *_ in Formatter().parse(template):
            at = 0
            for found in CITED.finditer(literal) if cited else ():
                out += [own(literal[at : found.start()]), cited(keys(found.group()))]
                at = found.end()
            out.append(own(literal[at:]))
            if name is not None:
                out.append(cells(self.known[name]["text"]))
        return "".join(out)


def keys(text: str) -> list[str]:
    """Return the keys that a text cites, in their order.

    Examples
    --------
    >>> keys("so [@a2001; @b1999], thus [@a2001]")
    ['a2001', 'b1999']

    """
    return list(dict.fromkeys(re.findall(r"(?<=@)[\w:-]+", " ".join(CITED.findall(text)))))


def tex(text: str) -> str:
    r"""Return a text as TeX shows it.

    Examples
    --------
    >>> print(tex("5 % of a_b [c]"))
    5 \% of a\_b {[}c{]}

    """
    return "".join(_TEX.get(char, char) for char in text)


def markdown(text: str) -> str:
    r"""Return somebody's words as Markdown that shows them and does nothing.

    Examples
    --------
    >>> print(markdown("*x* <b>"))
    \*x\* \<b\>

    """
    return _MARKDOWN.sub(r"\\\1", text)


def join(parts: list[str]) -> str:
    """Join names as English does.

    Examples
    --------
    >>> join(["labMT"]), join(["labMT", "VADER", "NRC-VAD"])
    ('labMT', 'labMT, VADER and NRC-VAD')

    """
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts) or "none"
