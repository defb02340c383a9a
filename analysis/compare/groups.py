"""Who is a group, what it is called, and what its clusters are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import effective_clusters
from analysis.corpus.cells import PLATFORMS, platform_name
from analysis.corpus.schema import ACCEPTED, VANTAGES, VLOGGER
from analysis.digits import settled
from analysis.errors import ParameterError
from analysis.measure.pairs import own_glosses
from analysis.parameters import COMPARE

REFERENCE, UNKNOWN = "reference", "not known"
#: So many groups are compared; the smaller ones are one.
MOST_GROUPS = 8
_SMALLER = "other ("
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
#: So many of several names are told.
_NAMED = 3
_CALLED = dict(zip(VANTAGES, ("western commenters", "Chinese viewers", "vloggers"), strict=True))
#: A year, or a period as `analysis.compare.attributes` names it.
_TIME = re.compile(r"\d{4}|before \d{4}-\d\d-\d\d|from \d{4}-\d\d-\d\d on")
#: What clusters can be; the last: what somebody named, or what rows do not tell.
NOUNS = ("threads", "accounts", "utterances", "clusters")
#: What tells what a cluster is.
CLUSTER_COLUMNS = ["cluster_id", "utterance_id", "platform", "thread_id", "vantage"]
_ORDER = {name: i for i, name in enumerate((*VANTAGES, *ACCEPTED["origin"], REFERENCE))}


class Group(NamedTuple):
    """The utterances of one group in one language."""

    name: str
    language: str
    vantage: str
    collections: str
    rows: pd.DataFrame
    #: What its clusters are (:func:`cluster_noun`), whatever rows are taken of it.
    units: str = "clusters"

    @property
    def label(self) -> str:
        """What figures and titles call it: the group and the collections that it stands for."""
        return group_label(self.name, self.collections)


def plain_name(name: object) -> str:
    """Return what figures and tables call a group: in words, a province with its English name.

    Examples
    --------
    >>> plain_name("chinese_viewer"), plain_name("chinese"), plain_name("My_group"), plain_name("reference")
    ('Chinese viewer', 'Chinese', 'My group', 'reference collection')
    >>> plain_name("吉林"), plain_name("youtube")
    ('吉林 (Jilin)', 'YouTube')

    """
    if name == REFERENCE:
        return "reference collection"
    if name in PLATFORMS:
        return platform_name(str(name))
    words = str(name).replace("_", " ")
    if not words.isascii() and (gloss := own_glosses().get(words)):
        return f"{words} ({gloss})"
    return "C" + words[1:] if words == "chinese" or words.startswith("chinese ") else words


def called(column: str) -> str:
    """Return what a sentence calls a group, or a column of the overview.

    Examples
    --------
    >>> called("vlogger, chinese"), called("western_commenter"), called("Rason, 2025")
    ('Chinese vloggers', 'western commenters', 'Rason, 2025')
    >>> called("chinese"), called("youtube"), called("吉林"), called("not known")
    ('Chinese voices', 'those on YouTube', '吉林 (Jilin)', 'those not known')
    >>> called("before 2019-03-05"), called("2019"), called("caption")
    ('those before 2019-03-05', 'those of 2019', 'captions')

    """
    if column == UNKNOWN or _TIME.fullmatch(column):
        return f"those {'of ' if column.isdigit() else ''}{column}"
    if column in ACCEPTED["kind"]:
        return f"{column}s"
    if column in PLATFORMS:
        return f"those on {platform_name(column)}"
    if column in ACCEPTED["origin"]:
        return f"{plain_name(column)} voices"
    vantage, _, origin = column.partition(", ")
    if vantage not in _CALLED:  # somebody's own name, commas and all
        return column if column.isascii() else plain_name(column)
    before = {"": "", "chinese": "Chinese ", "other": "other "}.get(origin, f"{origin} ")
    return before + _CALLED[vantage]


def speakers(name: str) -> str:
    """Return what a sentence calls a group that does something in it: no verb fits a name that somebody gave.

    Examples
    --------
    >>> speakers("chinese_viewer"), speakers("Rason, 2025"), speakers("other (3 smaller groups)")
    ('Chinese viewers', 'those in “Rason, 2025”', 'the others (3 smaller groups)')

    """
    if name.startswith(_SMALLER):
        return "the others (" + name.removeprefix(_SMALLER)
    said = called(name)
    return f"those in “{said}”" if said in {name, plain_name(name)} else said


def group_label(name: str, collections: str) -> str:
    """Return what figures call a group: its name, and the collections that it stands for if they are called otherwise.

    Examples
    --------
    >>> group_label("vlogger", "Douyin 2025"), group_label("Douyin 2025", "Douyin 2025")
    ('vlogger (Douyin 2025)', 'Douyin 2025')

    """
    return name if name == collections else f"{plain_name(name)} ({collections})"


def describe_group(name: str, rows: pd.DataFrame) -> dict[str, str]:
    """Return ``languages`` (:func:`main_languages`), ``vantage, label, units_a`` of a group, beside a table's row."""
    return {
        "languages": "+".join(main_languages(rows["language"])),
        "vantage": one_vantage(rows),
        "label": group_label(name, join_names(rows["collection"])),
        "units_a": cluster_noun(rows),
    }


def main_languages(languages: pd.Series) -> list[str]:
    """Return the languages that are no strays: at least :data:`STRAY` of the utterances; all of them if none is.

    Examples
    --------
    >>> main_languages(pd.Series(["zh"] * 99 + ["en"])), main_languages(pd.Series(["zh", "en"]))
    (['zh'], ['en', 'zh'])

    """
    shares = languages.value_counts(normalize=True)
    return sorted(shares.index[settled(shares) >= settled(STRAY)]) or sorted(shares.index)


def add_group(measures: pd.DataFrame, compare: str) -> pd.DataFrame:
    """Add the column ``group``: the values of a column; of more than :data:`MOST_GROUPS` the smaller ones become one.

    Parameters
    ----------
    compare : str
        The column: ``vantage, origin, collection …`` or one of the user's own.

    Returns
    -------
    pandas.DataFrame
        Utterances without a vantage (or origin) are the group ``reference``, without another value ``not known``. Where
        some have a vantage, those without are the reference whatever is compared: ordinary talk on a platform, in a
        year or of a region is not what its group says of North Korea. Collections are told apart by name.

    Raises
    ------
    ParameterError
        If there is no such column, or no utterance has a value.

    """
    if compare not in measures:
        message = f"compare '{compare}': there is no such column (accepted: {', '.join(COMPARE)}, or one of attributes)"
        raise ParameterError(message)
    given = measures[compare].notna()
    values = measures[compare].astype("Int64").astype(str) if compare == "year" else measures[compare].astype(object)
    group = values.where(given, REFERENCE if compare in {"vantage", "origin", "collection"} else UNKNOWN).astype(object)
    if not given.any() and compare not in {"vantage", "origin"}:
        message = f"compare '{compare}': no utterance of the corpus has one"
        raise ParameterError(message)
    if "vantage" in measures and compare not in {"vantage", "origin", "collection"}:
        ordinary = measures["vantage"].isna()
        if given[~ordinary].any():
            group, given = group.mask(ordinary, REFERENCE), given & ~ordinary
    sizes = group[given].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    small = sizes.index[MOST_GROUPS:]
    if len(small) > 1:
        group = group.where(~group.isin(small), f"{_SMALLER}{len(small)} smaller groups)")
    return measures.assign(group=group)


def group_order(names: Iterable[str]) -> list[str]:
    """Sort group names: the vantages and origins in the study's order, then others by name, references last."""
    return sorted(
        set(names),
        key=lambda name: (
            name in {REFERENCE, UNKNOWN},
            name.startswith(_SMALLER),
            _ORDER.get(name, len(_ORDER)),
            name,
        ),
    )


def in_order(measures: pd.DataFrame) -> pd.DataFrame:
    """Put grouped measures in the order of groups, languages and origins: each group is one piece of the table."""
    names, languages = group_order(measures["group"].unique()), list(LANGUAGE_NAMES)
    keys = [pd.factorize(measures["origin"].astype(object), sort=True)[0]]
    keys += [pd.Index(order).get_indexer(measures[name]) for name, order in (("language", languages), ("group", names))]
    return measures.take(np.lexsort(keys))


def split_groups(measures: pd.DataFrame) -> list[Group]:
    """Split grouped measures by group and language, in the study's order."""
    out = []
    languages = {code: (measures["language"] == code).to_numpy(dtype=bool) for code in LANGUAGE_NAMES}
    for name in group_order(measures["group"].unique()):
        mine = (measures["group"] == name).to_numpy(dtype=bool)
        for language, theirs in languages.items():
            if (at := np.flatnonzero(mine & theirs)).size:
                # What stands together (:func:`in_order`) is looked at where it is, not copied.
                together = at[-1] - at[0] + 1 == at.size
                rows = measures.iloc[at[0] : at[-1] + 1] if together else measures.take(at)
                about = one_vantage(rows), join_names(rows["collection"])
                out.append(Group(name, language, *about, rows, cluster_noun(rows)))
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
    seen = set(rows["vantage"].fillna(REFERENCE).unique())
    return seen.pop() if len(seen) == 1 else "several"


def cluster_noun(rows: pd.DataFrame) -> str:
    """Return what the clusters of utterances are, as people call them.

    Returns
    -------
    str
        ``threads`` (what stands under one video or post), ``accounts`` (of vloggers), ``utterances`` (where no thread
        is known), several of them, or ``clusters`` where somebody named some or the rows do not tell.

    Examples
    --------
    >>> rows = pd.DataFrame({"cluster_id": ["t", "x:t"], "thread_id": "t", "platform": "x", "utterance_id": ["1", "2"]})
    >>> cluster_noun(rows.assign(vantage="vlogger")), cluster_noun(rows.assign(thread_id="other", vantage="vlogger"))
    ('threads', 'accounts')

    """
    return noun_of(cluster_kinds(rows))


def cluster_kinds(rows: pd.DataFrame) -> np.ndarray:
    """Tell what the cluster of each row is: its place in :data:`NOUNS`, int8.

    Parameters
    ----------
    rows : pandas.DataFrame
        With :data:`CLUSTER_COLUMNS`; without one of them rows do not tell.

    """
    if not set(CLUSTER_COLUMNS) <= set(rows):
        return np.full(len(rows), len(NOUNS) - 1, dtype=np.int8)
    kinds = np.zeros(len(rows), dtype=np.int8)
    # Most clusters are threads by their own name.
    other = _texts(rows, "cluster_id") != _texts(rows, "thread_id")
    rest = rows.loc[other, CLUSTER_COLUMNS]
    cluster, thread = _texts(rest, "cluster_id"), _texts(rest, "thread_id")
    stands = cluster == _texts(rest, "platform") + ":" + thread
    account = (rest["vantage"] == VLOGGER).to_numpy(dtype=bool, na_value=False)
    alone = cluster == _texts(rest, "utterance_id")
    kinds[other] = np.select([stands, alone, account], [0, 2, 1], len(NOUNS) - 1)
    return kinds


def noun_of(kinds: np.ndarray) -> str:
    """Return what clusters of some kinds (:func:`cluster_kinds`) are, as people call them."""
    names = [noun for noun, rows in zip(NOUNS, np.bincount(kinds, minlength=len(NOUNS)), strict=True) if rows]
    return " and ".join(names) if names and names[-1] != NOUNS[-1] else NOUNS[-1]


def _texts(rows: pd.DataFrame, name: str) -> np.ndarray:
    return np.where(rows[name].isna(), "", rows[name].to_numpy(dtype=object))


def any_of(units: Iterable[str]) -> str:
    """Return what the clusters of several groups are, where any of them are meant.

    Examples
    --------
    >>> any_of(["threads", "threads and accounts"]), any_of([])
    ('threads or accounts', 'clusters')

    """
    return " or ".join(dict.fromkeys(unit for one in units for unit in one.split(" and "))) or "clusters"


def join_names(names: pd.Series) -> str:
    """Join the distinct names, the first few of them."""
    seen = sorted(names.unique())
    return ", ".join(seen[:_NAMED]) + (f" and {len(seen) - _NAMED} more" if len(seen) > _NAMED else "")


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
