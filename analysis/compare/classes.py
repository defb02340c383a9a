"""What share of each group falls into each class (stance, theme …) of the user's own columns, and how groups differ.

The classes are those of a person or a model. One model errs in its own way in each language: a difference between
languages smaller than that is none, and only human codes tell how large it is (`analysis.compare.correction`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from analysis.compare.concepts import prevalence, prevalence_contrasts
from analysis.compare.dataset import Dataset
from analysis.compare.groups import group_order
from analysis.digits import rounded
from analysis.parameters import CLASS

#: The order in which known classes stand; others follow by name, these last ones at the end.
_FIRST = ("against", "negative", "neutral", "for", "positive")
_LAST = ("other", "none", "unclear")
#: The part of a variable's table that holds all utterances, whatever their other classes.
ALL = "all"
_COLUMNS = ("variable", "class", "within_variable", "within")


def class_order(names: pd.Series) -> list[str]:
    """Sort the classes of a column: a stance from against to for, numbers, others by name, what tells nothing last.

    >>> class_order(pd.Series(["unclear", "for", "Against it", "against", None]))
    ['against', 'for', 'Against it', 'unclear']
    >>> class_order(pd.Series(["unclear", "1", "-2", "0", "-1", "2"]))
    ['-2', '-1', '0', '1', '2', 'unclear']
    """
    known = {name: place for place, name in enumerate(_FIRST)}
    known |= {name: 1000 + place for place, name in enumerate(_LAST)}

    def key(name: str) -> tuple[float, float, str]:
        number = float(name) if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", name) else 0.0
        return known.get(name, 500), number, name

    return sorted(set(names.dropna()), key=key)


def flag_classes(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Add a column of 0 and 1 for each class of a variable to the utterances that have one.

    Returns
    -------
    tuple
        The rows, and the class of each new column, in the order of :func:`class_order`.

    """
    column = rows[CLASS + name]
    mine = rows[column.notna()]
    columns = {f"{name}: {each}": each for each in class_order(column)}
    return mine.assign(**{key: (mine[CLASS + name] == each).astype(float) for key, each in columns.items()}), columns


def shares_of_classes(rows: pd.DataFrame, names: list[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return the share of each class among the utterances of each group that have one, also by the other classes.

    Parameters
    ----------
    rows : pandas.DataFrame
        Measures with ``group`` and a column ``class:NAME`` a variable.
    names : list of str
        The variables; the first is told by each value of the others too.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, one row a class and group (``a``), and ``hits, languages, vantage, label, variable,
        class, within_variable, within, unclassified``: utterances of the group without a class of the variable.

    """
    tables = []
    for name, within_variable, within, part in _parts(rows, names):
        flagged, columns = flag_classes(part, name)
        table = prevalence(flagged, list(columns), weighting)
        told = {"variable": name, "class": table["measure"].map(columns)}
        told |= {"within_variable": within_variable, "within": within}
        without = part["group"].value_counts().sub(flagged["group"].value_counts(), fill_value=0).astype(int)
        tables.append(table.assign(**told, unclassified=table["a"].map(without)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(_COLUMNS))


def _parts(rows: pd.DataFrame, names: list[str]) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield each variable over all utterances, then the first one within each value of the others."""
    for name in names:
        if rows[CLASS + name].notna().any():
            yield name, "", ALL, rows
    for other in names[1:]:
        for value in class_order(rows[CLASS + other]):
            part = rows[rows[CLASS + other] == value]
            if part[CLASS + names[0]].notna().any():
                yield names[0], other, value, part


# What notebook 02 calls -----------------------------------------------------------------------------------------------


def class_shares(study: Dataset) -> pd.DataFrame:
    """Return how the utterances of each group fall into the classes of ``classes`` (:func:`shares_of_classes`)."""
    names = list(study.parameters.classes)
    weighting = study.parameters.weighting
    return rounded(shares_of_classes(study.own_words, names, weighting).assign(weighting=weighting))


def class_differences(study: Dataset) -> pd.DataFrame:
    """Compare the share of each class between every two groups, p by permuting clusters; a family a variable.

    Returns
    -------
    pandas.DataFrame
        As `analysis.compare.concepts.prevalence_contrasts`, with ``variable, class, unit``.

    """
    options, tables = study.parameters, []
    for name in options.classes:
        flagged, columns = flag_classes(study.own_words, name)
        if len(group_order(flagged["group"])) > 1:
            table = prevalence_contrasts(flagged, list(columns), options.weighting, study.rng(), options.draws)
            about = {"class": table["measure"].map(columns), "unit": "points", "weighting": options.weighting}
            tables.append(table.assign(variable=name, **about))
    return rounded(pd.concat(tables, ignore_index=True)) if tables else pd.DataFrame(columns=list(_COLUMNS[:2]))
