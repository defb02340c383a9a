"""Tables that people hand to a figure: what is none, or lacks a column, is told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import pandas as pd
from matplotlib.figure import Figure

from analysis.errors import ParameterError

Options = ParamSpec("Options")
#: How pandas names columns that a table lacks, and how a dictionary, as rows become, names its key.
_SEVERAL, _ONE = re.compile(r"(?:\['|not found: |argument\. ')(\w+)"), re.compile(r"^'(\w+)'$")


def of_table(
    draw: Callable[Concatenate[pd.DataFrame, Options], Figure],
) -> Callable[Concatenate[pd.DataFrame, Options], Figure]:
    """Let a function that draws a table say what it takes, where it gets something else.

    Raises
    ------
    ParameterError
        If what is to be drawn is no table, or lacks a column; it names where such a table comes from.

    """
    sources = re.findall(r"`(analysis\.compare\.\w+\.\w+)`", str(draw.__doc__))
    accepted = f"(accepted: a table of {sources[0]}, all its columns)" if sources else ""

    @wraps(draw)
    def drawn(table: pd.DataFrame, *args: Options.args, **options: Options.kwargs) -> Figure:
        if not isinstance(table, pd.DataFrame):
            message = f"{draw.__name__} draws a table, and a {type(table).__name__} is none {accepted}"
            raise ParameterError(message)
        try:
            return draw(table, *args, **options)
        except (KeyError, AttributeError) as error:
            lacks = _column(error)
            if not lacks or lacks in table:
                raise
            message = f"{draw.__name__}: the table has no column '{lacks}' {accepted}"
            raise ParameterError(message) from error

    return drawn


def _column(error: KeyError | AttributeError) -> str:
    """Return the column that was looked for in a table or in a row of it, of several the first; nothing otherwise."""
    if isinstance(error, AttributeError):
        return str(error.name) if type(error.obj).__name__ == "Pandas" else ""
    found = _SEVERAL.search(str(error)) or _ONE.search(str(error))
    return found[1] if found else ""
