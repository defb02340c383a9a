"""Who is compared with whom, and which comparisons are lawful."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import effective_clusters
from analysis.corpus.cells import PLATFORMS, platform_name
from analysis.corpus.schema import ACCEPTED, VANTAGES, VLOGGER
from analysis.digits import rounded, settled
from analysis.errors import CrossLanguageError, ParameterError
from analysis.measure.pairs import own_glosses
from analysis.parameters import COMPARE

#: What tells the pairs of groups of a table apart.
PAIR = ("language", "a", "b")
REFERENCE, UNKNOWN = "reference", "not known"
#: So many groups are compared; the smaller ones are one.
MOST_GROUPS = 8
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
_CALLED = dict(zip(VANTAGES, ("western commenters", "Chinese viewers", "vloggers"), strict=True))
#: A year, or a period as `analysis.compare.attributes` names it.
_TIME = re.compile(r"\d{4}|before \d{4}-\d\d-\d\d|from \d{4}-\d\d-\d\d on")
_ORDER = {name: i for i, name in enumerate((*VANTAGES, *ACCEPTED["origin"], REFERENCE))}
#: As many groups of a language are drawn in pairs: ten figures of each kind.
_MOST_DRAWN = 5


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
    measures : pandas.DataFrame
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
        group = group.where(~group.isin(small), f"other ({len(small)} smaller groups)")
    return measures.assign(group=group)


def group_order(names: Iterable[str]) -> list[str]:
    """Sort group names: the vantages and origins in the study's order, then others by name, references last."""
    return sorted(
        set(names),
        key=lambda name: (
            name in {REFERENCE, UNKNOWN},
            name.startswith("other ("),
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
    if not {"cluster_id", "utterance_id", "platform", "thread_id", "vantage"} <= set(rows):
        return "clusters"
    rest = rows[_texts(rows, "cluster_id") != _texts(rows, "thread_id")]  # most clusters are threads by their own name
    cluster, thread = _texts(rest, "cluster_id"), _texts(rest, "thread_id")
    stands = cluster == _texts(rest, "platform") + ":" + thread
    alone = (cluster == _texts(rest, "utterance_id")) & ~stands
    account = (rest["vantage"] == VLOGGER).to_numpy(dtype=bool, na_value=False) & ~alone & ~stands
    kinds = {"threads": stands.any() or len(rest) < len(rows), "accounts": account.any(), "utterances": alone.any()}
    named = not (stands | account | alone).all()
    return "clusters" if named else " and ".join(name for name, there in kinds.items() if there) or "clusters"


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


def join_names(names: pd.Series, most: int = 3) -> str:
    """Join the distinct names, the first few of them."""
    seen = sorted(names.unique())
    return ", ".join(seen[:most]) + (f" and {len(seen) - most} more" if len(seen) > most else "")


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
