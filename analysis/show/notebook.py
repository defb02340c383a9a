"""How a notebook shows what its cells end with: tables as people read them, and figures."""

from __future__ import annotations

import html
import io
import math
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.compare.concordance import visible
from analysis.compare.groups import plain_name
from analysis.corpus.schema import VANTAGES
from analysis.digits import settled_one
from analysis.show import style

#: So many rows of a longer table are shown, and how many there are is said.
_MOST = 20
_MISSING = "–"
_DIGITS = 3
#: Beyond these a number is written with its power of ten.
_PLAIN = (1e-4, 1e15)


def prepare(*, constructed: bool) -> None:
    """Let the notebook that runs, if one does, show tables and figures in this way; constructed data are declared."""
    shell = _shell()
    if shell is not None:
        # What a reader restyles or draws himself has the study's fonts, and titles on the left, too.
        mpl.rcParams.update(style.rc())
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(pd.DataFrame, table_html)
        formatters["text/plain"].for_type(pd.DataFrame, lambda table, printer, _: printer.text(table_text(table)))
        formatters["image/png"].for_type(Figure, partial(figure_png, constructed=constructed))
        formatters["text/plain"].for_type(Figure, lambda figure, printer, _: printer.text(style.title_of(figure)))
        formatters["text/plain"].for_type(style.Sentence, lambda figure, printer, _: printer.text(repr(figure)))
        formatters["image/png"].for_type(style.Sentence, lambda _: None)


def show(shown: object) -> None:
    """Show something below the cell that runs; outside a notebook do nothing."""
    if _shell() is not None:
        from IPython.display import display  # noqa: PLC0415

        display(shown)


def watch(namespace: Mapping[str, Any], parameters: Iterable[str]) -> None:
    """Let the notebook that runs, if one does, say below a cell which parameters are no longer what a study has."""
    shell = _shell()
    if shell is not None:
        for old in [each for each in shell.events.callbacks["post_run_cell"] if isinstance(each, _Watch)]:
            shell.events.unregister("post_run_cell", old)
        shell.events.register("post_run_cell", _Watch(namespace, parameters))


class _Watch:
    """What looks at the parameters of the study that was opened last, after each cell."""

    def __init__(self, namespace: Mapping[str, Any], parameters: Iterable[str]) -> None:
        self.namespace = namespace
        self.opened = {name: repr(namespace[name]) for name in parameters}  # a list may be changed in place

    def __call__(self, _: object = None) -> None:
        changed = [f"'{name}'" for name, value in self.opened.items() if repr(self.namespace.get(name)) != value]
        if changed:
            several = len(changed) > 1
            sys.stderr.write(  # which stands out in a notebook
                f"{', '.join(changed)} {'are' if several else 'is'} not what the study was opened with, and without "
                "effect until the cell with open_study(globals()) runs again, and those below it after that. (A "
                "variable that is no parameter needs another name.)\n"
            )


def _shell() -> Any:  # noqa: ANN401
    # Who is in a notebook has IPython already; nobody else is to load it.
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are shown, as texts: numbers with separators and three digits, a dash for what is missing.

    >>> readable(pd.DataFrame({"group": ["chinese_viewer"], "n": [12345], "share": [0.0123456], "p": [float("nan")]}))
                group       n   share  p
    0  Chinese viewer  12,345  0.0123  –
    """
    shown = table.head(_MOST)
    texts = {i: _column(shown.iloc[:, i], years="year" in str(name)) for i, name in enumerate(shown)}
    # Names of rows and columns are people's texts too; two columns may have one name.
    out = pd.DataFrame(texts, shown.index).set_axis(shown.columns, axis=1)
    return out.rename(index=_name, columns=_name).rename_axis(index=_name, columns=_name)


def _name(name: object) -> object:
    return visible(name) if isinstance(name, str) else name


def _column(values: pd.Series, *, years: bool) -> list[str]:
    return [_MISSING if value is None or value is pd.NA or value != value else _cell(value, years) for value in values]  # noqa: PLR0124


def _cell(value: object, years: bool) -> str:  # noqa: FBT001
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return str(value) if years else f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    text = str(value)
    return (plain_name(text) if text in VANTAGES else visible(text)) or _MISSING


def number(value: float) -> str:
    """Write a number with three significant digits, and separators.

    >>> number(0.000123456), number(1234.5), number(-0.5), number(1e-12), number(float("inf"))
    ('0.000123', '1,234', '-0.5', '1e-12', '∞')
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    value = settled_one(value) + 0.0  # no -0
    if value and not _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return f"{value:.{_DIGITS}g}"
    places = _DIGITS - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{max(places, 0)}f}".rstrip("0").rstrip(".") if places > 0 else f"{value:,.0f}"


def _more(table: pd.DataFrame) -> str:
    return f"{_MOST} of {len(table):,} rows" if len(table) > _MOST else "" if len(table) else "no rows"


def table_html(table: pd.DataFrame) -> str:
    """Return a table as HTML in which nothing that people wrote acts: texts to the left, numbers to the right."""
    shown = readable(table)
    levels = [shown.index.get_level_values(i) for i in range(shown.index.nlevels)] if _tells(shown.index) else []
    columns = [(level.name or "", map(str, level), "left") for level in levels]
    for i, name in enumerate(table):
        way = "right" if pd.api.types.is_numeric_dtype(table.dtypes.iloc[i]) else "left"
        columns.append((name, shown.iloc[:, i], way))
    ways = [f' style="text-align:{way}"' for *_, way in columns]
    rows = [
        "".join(f"<{cell}{way}>{_escaped(str(text))}</{cell}>" for way, text in zip(ways, texts, strict=True))
        for cell, texts in [
            ("th", [name for name, *_ in columns]),
            *(("td", texts) for texts in zip(*(texts for _, texts, _ in columns), strict=True)),
        ]
    ]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="tex2jax_ignore mathjax_ignore">\n{body}\n</table>\n<p>{_more(table)}</p>'


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def table_text(table: pd.DataFrame) -> str:
    """Return a table as plain text."""
    with pd.option_context("display.max_colwidth", 60, "display.width", 160, "display.max_columns", 30):
        return "\n".join(filter(None, [readable(table).to_string(index=_tells(table.index)), _more(table)]))


def _tells(index: pd.Index) -> bool:
    """Tell whether an index says more than the number of a row."""
    return not pd.api.types.is_integer_dtype(index.dtype)


def figure_png(figure: Figure, *, constructed: bool = False) -> bytes:
    """Return a figure as it would be saved."""
    if constructed:
        style.declare(figure)
    with mpl.rc_context(style.rc()), io.BytesIO() as file:
        figure.savefig(file, format="png")
        return file.getvalue()
