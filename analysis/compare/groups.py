"""Who is compared with whom, and which comparisons are lawful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from analysis.compare.clusters import effective_clusters
from analysis.corpus.schema import ACCEPTED, VANTAGES
from analysis.digits import settled
from analysis.errors import CrossLanguageError, ParameterError

COMPARE = ("vantage", "origin", "collection")
REFERENCE = "reference"
#: A language that makes up less of a group than this is not compared.
STRAY = 0.05
LANGUAGE_NAMES = {
    "en": "English",
    "zh": "Chinese",
    "ko": "Korean",
    "ja": "Japanese",
    "mixed": "mixed scripts",
    "none": "another language or no letters",
}
_ORDER = {name: i for i, name in enumerate((*VANTAGES, *ACCEPTED["origin"], REFERENCE))}


class Group(NamedTuple):
    """The utterances of one group in one language."""

    name: str
    language: str
    vantage: str
    collections: str
    rows: pd.DataFrame

    @property
    def label(self) -> str:
        """What figures and titles call it: the group and the collections that it stands for."""
        return group_label(self.name, self.collections)


def group_label(name: str, collections: str) -> str:
    """Return what figures call a group: its name, and the collections that it stands for if they are called otherwise.

    Examples
    --------
    >>> group_label("vlogger", "Douyin 2025"), group_label("Douyin 2025", "Douyin 2025")
    ('vlogger (Douyin 2025)', 'Douyin 2025')

    """
    return name if name == collections else f"{name.replace('_', ' ')} ({collections})"


def add_group(measures: pd.DataFrame, compare: str) -> pd.DataFrame:
    """Add the column ``group``: the vantage, the origin or the collection.

    Utterances without a vantage (or origin) are the group ``reference``.
    """
    if compare not in COMPARE:
        message = f"compare '{compare}' is not known (accepted: {', '.join(COMPARE)})"
        raise ParameterError(message)
    return measures.assign(group=measures[compare].astype(object).where(measures[compare].notna(), REFERENCE))


def group_order(names: Iterable[str]) -> list[str]:
    """Sort group names: the vantages and origins in the study's order, then others by name, references last."""
    return sorted(set(names), key=lambda name: (name == REFERENCE, _ORDER.get(name, len(_ORDER)), name))


def split_groups(measures: pd.DataFrame) -> list[Group]:
    """Split grouped measures by group and language, in the study's order."""
    out = []
    for name in group_order(measures["group"]):
        mine = measures[measures["group"] == name]
        for language in (code for code in LANGUAGE_NAMES if (mine["language"] == code).any()):
            rows = mine[mine["language"] == language]
            out.append(Group(name, language, one_vantage(rows), join_names(rows["collection"]), rows))
    return out


def main_groups(measures: pd.DataFrame) -> list[Group]:
    """Split groups by language and leave out stray languages: under :data:`STRAY` of the group's utterances.

    A stray "lol" among Chinese comments is no English side of theirs, and texts of mixed scripts or without letters
    are in no language. What is left out stays in the counts of :func:`describe`.
    """
    whole = measures["group"].value_counts()
    return [
        group
        for group in split_groups(measures)
        if group.language not in {"mixed", "none"} and settled(len(group.rows) / whole[group.name]) >= settled(STRAY)
    ]


def one_vantage(rows: pd.DataFrame) -> str:
    """Return the vantage of rows that share one, ``reference`` where none has one, else ``several``."""
    seen = set(rows["vantage"].fillna(REFERENCE))
    return seen.pop() if len(seen) == 1 else "several"


def join_names(names: pd.Series, most: int = 3) -> str:
    """Join the distinct names, the first few of them."""
    seen = sorted(set(names))
    return ", ".join(seen[:most]) + (f" and {len(seen) - most} more" if len(seen) > most else "")


def lawful_pairs(groups: list[Group]) -> Iterator[tuple[Group, Group]]:
    """Yield the pairs of groups whose words and scores may be compared directly: those of one language."""
    for a, b in combinations(groups, 2):
        if a.language == b.language:
            yield a, b


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


def describe(measures: pd.DataFrame) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language.

    Returns
    -------
    pandas.DataFrame
        ``group, collections, language, utterances, threads, clusters, effective_clusters, without_thread``.

    """
    rows = []
    for group in split_groups(measures):
        sizes = group.rows["cluster_id"].value_counts()
        rows.append(
            {
                "group": group.name,
                "collections": group.collections,
                "language": group.language,
                "utterances": len(group.rows),
                "threads": group.rows["thread_id"].nunique(),
                "clusters": len(sizes),
                "effective_clusters": effective_clusters(sizes.to_numpy(dtype=float)),
                "without_thread": int(group.rows["thread_id"].isna().sum()),
            }
        )
    return pd.DataFrame(rows)
