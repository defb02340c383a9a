"""Which groups are compared with which: the lawful pairs, those without a partner, and tables of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import pandas as pd

from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, Group
from analysis.digits import rounded
from analysis.errors import CrossLanguageError

#: What tells the pairs of groups of a table apart.
PAIR = ("language", "a", "b")
#: As many groups of a language are drawn in pairs: ten figures of each kind.
_MOST_DRAWN = 5


def lawful_pairs(groups: list[Group]) -> Iterator[tuple[Group, Group]]:
    """Yield the pairs of groups whose words and scores may be compared directly: those of one language."""
    for a, b in combinations(groups, 2):
        if a.language == b.language:
            yield a, b


def without_partner(groups: Sequence[Group], compared: Sequence[Group]) -> pd.DataFrame:
    """Name the groups that no table of pairs within a language has, and why.

    Parameters
    ----------
    groups, compared : sequence of Group
        All, and those of them whose own words there are.

    Returns
    -------
    pandas.DataFrame
        ``group, language, utterances, needs``: what would give it a partner.

    """
    known = {(one.name, one.language) for one in compared}
    paired = {(one.name, one.language) for pair in lawful_pairs(list(compared)) for one in pair}
    rows = [
        {
            "group": group.name,
            "language": LANGUAGE_NAMES[group.language],
            "utterances": len(group.rows),
            "needs": f"another group, or a reference collection, in {LANGUAGE_NAMES[group.language]}"
            if (group.name, group.language) in known
            else "its own words: paraphrases are not compared",
        }
        for group in groups
        if (group.name, group.language) not in paired
    ]
    return pd.DataFrame(rows, columns=["group", "language", "utterances", "needs"])


def too_small_to_draw(groups: Sequence[Group]) -> set[tuple[str, str]]:
    """Return the language and name of groups whose pairs have no figures: where there are many, all but the largest.

    Eleven regions would have 55 figures of each kind. Tables hold every pair, and reference collections are always
    drawn.
    """
    speak: dict[str, list[Group]] = {}
    for group in sorted(groups, key=lambda group: -len(group.rows)):
        if group.name != REFERENCE:
            speak.setdefault(group.language, []).append(group)
    return {(language, group.name) for language, own in speak.items() for group in own[_MOST_DRAWN:]}


def name_sides(
    table: pd.DataFrame, groups: Sequence[Group], before: Mapping[str, object] | None = None, **after: object
) -> pd.DataFrame:
    """Put the names of one or two groups of one language before a table of theirs, and what tells of them after it.

    Parameters
    ----------
    table : pandas.DataFrame
        One without a row gets one, of missing values: that there is nothing is to be seen.
    groups : sequence of Group
        Side a, and perhaps side b.
    before : mapping, optional
        Columns before ``language, a, b``, the same in each row.
    **after : object
        Columns after ``label_a, label_b, vantage_a, vantage_b, units_a, units_b``, the same in each row.

    """
    table = table if len(table) else table.reindex([0])
    names = {"language": groups[0].language, "a": groups[0].name, "b": groups[1].name if len(groups) > 1 else None}
    sides = list(zip("ab", groups, strict=False))
    told = {f"label_{side}": group.label for side, group in sides}
    told |= {f"vantage_{side}": group.vantage for side, group in sides}
    told |= {f"units_{side}": group.units for side, group in sides}
    return pd.DataFrame({**(before or {}), **names}, table.index).join(table).assign(**told, **after)


def stack(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Return the tables of all pairs as one, rounded; without any, the columns alone."""
    return rounded(pd.concat(tables, ignore_index=True)) if tables else pd.DataFrame(columns=columns)


def require_one_language(measure: str, *parts: pd.DataFrame) -> None:
    """Refuse scores of several languages.

    Raises
    ------
    CrossLanguageError
        If the rows that have a score are in more than one language; it names the lawful comparisons.

    """
    languages = {language for rows in parts for language in rows.loc[rows[measure].notna(), "language"].unique()}
    if len(languages) > 1:
        raise CrossLanguageError(measure, languages)
