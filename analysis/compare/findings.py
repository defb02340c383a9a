"""Findings: of all contrasts that the study makes, which hold, which do not, which could not be asked, what is missing.

No test is added. The p of every contrast that is looked at, of all tables together, are one family of Benjamini &
Hochberg (1995): where nothing is to be found, one corpus in twenty may show anything at all. A contrast is *found*
where q < .05, its 95 % interval excludes 0 (across languages: the gap between translations of the same lines, too) and
its effect is at least the smallest of interest; *small* where only the last fails. Of what was *not found* stands the
smallest effect that could have been seen, h (1 + z(.8) / z(.975)) with h half the width of its interval (of the
logarithm, for ratios): that of which a test of its own at 5 % would have found four in five.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.across import COUNTERPARTS
from analysis.compare.claim_rules import CONTRADICTED, SUPPORTED
from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, effective_clusters, name_clusters
from analysis.compare.comention import RATIO, concept_pair_differences
from analysis.compare.concepts import concept_differences, concept_prevalence
from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS, TONE, contested_tone, part_of_needed
from analysis.compare.contrasts import SEEN, adjust, cause
from analysis.compare.dataset import Dataset
from analysis.compare.groups import REFERENCE, Group, any_of, called, cluster_noun, group_order, join_names
from analysis.compare.keyness import SIGNIFICANT
from analysis.compare.multiverse import BASES
from analysis.compare.shares import OF_INTEREST_POINTS, OF_INTEREST_RATIO
from analysis.compare.statistics import OF_INTEREST, make_scored, pooled_sd
from analysis.compare.tone import language_levels, main_weighting, tone_across_languages, tone_differences
from analysis.corpus.cells import platform_name
from analysis.corpus.schema import VANTAGES, VLOGGER
from analysis.digits import rounded, settled

#: What is looked at: a table of the study each.
CONCEPT, OVERALL, ACROSS, AROUND = "concept", "tone", "tone across languages", "tone around a concept"
TOGETHER, CLAIM = "co-mention", "claim"
FAMILIES = (CONCEPT, OVERALL, ACROSS, AROUND, TOGETHER, CLAIM)
FOUND, SMALL, NOT_FOUND, NOT_ASKED, GATHER, WHOLE = "found", "small", "not found", "not asked", "gather", "whole"
#: What is missing may be a reference collection.
LACKING = "reference collection"
#: Why a contrast with p < .05 was not found.
ALONE, GAP = "not among all contrasts together", "not beyond the difference between translations of the same lines"
COLUMNS = (
    *("kind", "family", "id", "measure", "language", "instrument", "basis", "a", "b", "language_a", "language_b"),
    *("effect", "effect_low", "effect_high"),
    *("unit", "share_a", "share_b", "gap_low", "gap_high", "smallest", "smallest_unit", "strength", "p", "q"),
    *("n_a", "n_b", "clusters_a", "clusters_b", "units_a", "units_b", "g_a", "g_b", "detectable", "note"),
    *("count", "tested", "found", "detectable_low", "detectable_high"),
    *("more_hits", "more_for_interval", "more_for_p"),
)
_COUNTS = (
    *("n_a", "n_b", "clusters_a", "clusters_b", "count", "tested", "found"),
    *("more_hits", "more_for_interval", "more_for_p"),
)
_SIDES = ("language", "share", "n", "clusters", "g")
_TIMES, _POINTS, _SD = "times", "points", "sd"


def find(tables: Mapping[str, pd.DataFrame], shares: pd.DataFrame | None = None) -> pd.DataFrame:
    """Judge all contrasts of the study's tables together.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        For each of :data:`FAMILIES`, as far as there is one: `analysis.compare.concepts.concept_differences`,
        `analysis.compare.tone.tone_differences` and ``tone_across_languages``, the contrasts of
        `analysis.compare.contested.contested_tone`, `analysis.compare.comention.concept_pair_differences` and the
        verdicts of `analysis.compare.claims.claim_verdicts`. Looked at are, of tone, the means in the run's weighting
        by every instrument; across languages those from one basis, a reference collection if there is one; of the
        tone around a concept the contrasts within a language; of co-mention the ratios. A reference is no side.
    shares : pandas.DataFrame, optional
        Of `analysis.compare.concepts.concept_prevalence`.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, a row a contrast, the strongest first; then rows that sum up, with a ``count``: ``kind`` is
        ``whole`` (all that was looked at), ``not found`` and ``not asked`` (by family, pair and reason). Side ``a`` is
        the higher one, but for claims. ``effect`` is in ``unit``: points of a share, ``times`` as often, or standard
        deviations; ``strength`` is its size by the smallest of interest (of their logarithms for ratios).

    """
    rows = [row for family in FAMILIES if family in tables for row in _contrasts(family, tables[family], shares)]
    table = pd.DataFrame(rows).reindex(columns=[*COLUMNS, "holds"])
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "q"] = adjust(settled(table.loc[tested, "p"].to_numpy(dtype=float)))
    for name in ("q", "strength"):
        table[name] = settled(table[name].astype(float))
    holds = table["holds"].eq(other=True) & (table["q"] < settled(SIGNIFICANT))
    matters = table["strength"] >= 1
    table["kind"] = np.select([~tested, holds & matters, holds], [NOT_ASKED, FOUND, SMALL], NOT_FOUND)
    stands = table["kind"].eq(NOT_FOUND) & (table["family"] != CLAIM)
    beyond = (table["q"] < settled(SIGNIFICANT)) & ~table["holds"].eq(other=True)
    why = np.select([beyond, settled(table["p"].astype(float)) < settled(SIGNIFICANT)], [GAP, ALONE], "")
    table["note"] = table["note"].where(~stands, why)
    order = {kind: place for place, kind in enumerate((FOUND, SMALL, NOT_FOUND, NOT_ASKED))}
    place = table["kind"].map(order)
    strength = (-table["strength"].fillna(0)).where(place < order[NOT_FOUND], 0)
    table = table.iloc[np.lexsort((strength, place))]
    return _typed(pd.concat([table, pd.DataFrame(_sums(table))], ignore_index=True))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reindex(columns=list(COLUMNS))
    for name in _COUNTS:
        table[name] = table[name].astype("Float64").astype("Int64")
    return table


def _contrasts(family: str, table: pd.DataFrame, shares: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    known = {} if shares is None else shares.set_index(["measure", "a"])["estimate"].to_dict()
    for row in _looked_at(family, table).to_dict("records"):
        if family != CLAIM and REFERENCE in {row["a"], row["b"]}:
            continue
        out = {"family": family, **{key: row.get(key) for key in COLUMNS if key in row}}
        size = _measured(family, row, out)
        if family == ACROSS:
            # Side a of that table is the Chinese one.
            out |= dict(zip(("language_a", "language_b"), row["language"].split("-"), strict=True))
        if family == CONCEPT:
            out |= {f"share_{side}": known.get((row["measure"], row[side]), np.nan) for side in "ab"}
        out |= _judged(family, row, out, size)
        if size < 0 and family != CLAIM:
            out = _turned(out)
        yield out


def _looked_at(family: str, table: pd.DataFrame) -> pd.DataFrame:
    if not len(table):
        return table
    if family == OVERALL:
        return table[(table["statistic"] == "mean") & (table["weighting"] == main_weighting(table))]
    if family == ACROSS:
        basis = next((name for name in BASES if (table["view"] == name).any()), "")
        return table[table["view"] == basis].rename(columns={"view": "basis"})
    if family == AROUND:
        return table[~table["language"].str.contains("-")]
    if family == TOGETHER:
        return table[table["statistic"] == RATIO]
    return table


def _measured(family: str, row: Mapping[str, Any], out: dict[str, Any]) -> float:
    """Put the effect with its interval into a row; return the effect as it is judged, of a ratio log2."""
    unit, smallest = _SD, OF_INTEREST["sd"]
    if family == CLAIM:
        unit = {"log2 ratio": _TIMES}.get(row["unit"], row["unit"])
        size = row["effect"], row["ci_low"], row["ci_high"]
        smallest = 2 ** row["smallest"] if unit == _TIMES else row["smallest"]
    elif family == CONCEPT and row["scale"] == "ratio":
        unit, smallest = _TIMES, OF_INTEREST_RATIO
        size = row["log_ratio"], row["ratio_low"], row["ratio_high"]
    elif family == CONCEPT:
        unit, smallest = _POINTS, OF_INTEREST_POINTS
        size = row["effect"], 100 * row["ci_low"], 100 * row["ci_high"]
    elif family == TOGETHER:
        unit, smallest = _TIMES, OF_INTEREST_RATIO
        size = row["effect"], row["ci_low"], row["ci_high"]
    else:
        # An estimate of exactly 0 does not tell its unit; what is measured from a level is in units already.
        unknown = np.nan if family == OVERALL else 1.0
        scale = row["effect"] / row["estimate"] if row["estimate"] else row.get("per_point", unknown)
        size = row["effect"], scale * row["ci_low"], scale * row["ci_high"]
    size = tuple(float(value) for value in size)
    out |= {"smallest": smallest, "smallest_unit": unit}
    shown, seen = size, (size[2] - size[1]) / 2 * SEEN
    if family == CONCEPT and unit == _TIMES and np.isinf(size[1:]).any():
        # With no hit on a side the ratio has no end: points have, but their width does not tell what would be seen.
        unit, shown = _POINTS, (row["effect"], 100 * row["ci_low"], 100 * row["ci_high"])
    with np.errstate(over="ignore"):
        if unit == _TIMES:
            shown, seen = tuple(float(np.exp2(value)) for value in shown), float(np.exp2(seen))
    out |= dict(zip(("effect", "effect_low", "effect_high"), shown, strict=True))
    out |= {"unit": unit, "detectable": seen if not pd.isna(row["p"]) else np.nan}
    return size[0]


def with_scale(table: pd.DataFrame, groups: Sequence[Group]) -> pd.DataFrame:
    """Add ``per_point`` to a table of `analysis.compare.tone.tone_differences`: sd a point, of means that are equal."""
    rows, per_point = {(group.name, group.language): group.rows for group in groups}, pd.Series(np.nan, table.index)
    for at, row in table[(table["statistic"] == "mean") & (table["estimate"] == 0)].iterrows():
        sides = (make_scored(rows[row[side], row["language"]], row["instrument"], row["weighting"]) for side in "ab")
        per_point[at] = 1 / pooled_sd(*(side.scores for side in sides))
    return table.assign(per_point=per_point)


def _judged(family: str, row: Mapping[str, Any], out: Mapping[str, Any], size: float) -> dict[str, Any]:
    smallest = math.log2(out["smallest"]) if out["smallest_unit"] == _TIMES else out["smallest"]
    found = {"strength": abs(size) / smallest}
    if family == CLAIM:
        words = {"measure": row["claim"], "basis": row["verdict"], "note": row["reason"]}
        return {**words, **found, "holds": row["verdict"] in {SUPPORTED, CONTRADICTED}}
    low, high = settled(row["ci_low"]), settled(row["ci_high"])
    return {**found, "holds": bool(low > 0 or high < 0) and row.get("exceeds", "yes") == "yes"}


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    """Swap the sides of a row, so that a is the higher one."""
    out = row | {"a": row["b"], "b": row["a"]}
    for name in _SIDES:
        if f"{name}_a" in row:
            out |= {f"{name}_a": row[f"{name}_b"], f"{name}_b": row[f"{name}_a"]}
    turn = (lambda value: 1 / value if value else np.inf) if row["unit"] == _TIMES else (lambda value: -value)
    out |= {"effect": turn(row["effect"]), "effect_low": turn(row["effect_high"])}
    out |= {"effect_high": turn(row["effect_low"])}
    if "gap_low" in row:
        out |= {"gap_low": -row["gap_high"], "gap_high": -row["gap_low"]}
    return out


def _sums(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows that sum up."""
    yield {
        "kind": WHOLE,
        "count": len(table),
        "tested": int(table["p"].notna().sum()),
        "found": int((table["kind"] == FOUND).sum()),
    }
    barred = table[(table["kind"] == NOT_ASKED) & (table["family"] == CLAIM)]
    for reason, rows in barred.groupby("note", sort=False):
        about = {"kind": NOT_ASKED, "family": CLAIM, "note": reason, "count": len(rows)}
        yield about | {"id": ", ".join(map(str, rows["id"]))}
    rest = table[table["kind"].isin([NOT_FOUND, NOT_ASKED]) & (table["family"] != CLAIM)]
    # A pair is the same whichever of its sides is the higher one.
    order = {name: place for place, name in enumerate(group_order([*rest["a"], *rest["b"]]))}
    sides = ["a", "language_a", "b", "language_b"]
    reason = rest["note"].astype(object).fillna("").map(cause)
    rest = rest.assign(note=reason, unit=rest["unit"].where(rest["kind"] == NOT_FOUND, ""))
    pairs = []
    for a, spoken_a, b, spoken_b in rest[sides].astype(object).fillna("").itertuples(index=False):
        first, second = sorted(((a, spoken_a), (b, spoken_b)), key=lambda side: (order[side[0]], side[1]))
        pairs.append([*first, *second])
    rest[sides] = pd.DataFrame(pairs, columns=sides, index=rest.index, dtype=object)
    keys = ["kind", "family", "language", "a", "b", "language_a", "language_b", "note", "unit"]
    for key, rows in rest.groupby(keys, sort=False, dropna=False):
        named = "measure" if key[1] not in {OVERALL, ACROSS} else "instrument"
        yield {
            **dict(zip(keys, key, strict=True)),
            "measure": ", ".join(dict.fromkeys(rows[named])),
            "count": len(rows),
            "detectable_low": rows["detectable"].min(),
            "detectable_high": rows["detectable"].max(),
        }


# What to gather -------------------------------------------------------------------------------------------------------


def clusters_needed(sizes: np.ndarray, least: float) -> int:
    """Return how many more clusters of the mean size bring G* to ``least``; of none, clusters of one size.

    With k more of size s, G* = (sum n + k s)^2 / (sum n^2 + k s^2); the smallest k is looked for.

    Parameters
    ----------
    sizes : numpy.ndarray of float, shape (clusters,)

    Examples
    --------
    >>> clusters_needed(np.array([5, 5, 5]), 10), clusters_needed(np.array([97, 1, 1, 1]), 5), clusters_needed([], 5)
    (7, 7, 5)

    """
    if not len(sizes):
        return math.ceil(least)
    total, squares, usual, more = np.sum(sizes), np.sum(np.square(sizes)), np.mean(sizes), 0
    while settled((total + more * usual) ** 2 / (squares + more * usual**2)) < least:
        more += 1
    return more


def to_gather(study: Dataset, around: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield what is missing: vantages, clusters, reference collections, mentions of a concept.

    Parameters
    ----------
    around : pandas.DataFrame
        The tone around each concept (`analysis.compare.contested.contested_tone`).

    """
    measures, nobody = study.measures, pd.Series([], dtype=str)
    read = study.mentioned[["group", "cluster_id"]]
    names = [name for name in group_order(measures["group"]) if name != REFERENCE]
    absent = [name for name in VANTAGES if study.parameters.compare == "vantage" and name not in names]
    asked = [({"family": "vantage", "a": name}, nobody) for name in absent]
    asked += [({"family": CONCEPT, "a": name}, read.loc[read["group"] == name, "cluster_id"]) for name in names]
    own = [group for group in study.groups if group.name != REFERENCE]
    asked += [
        ({"family": OVERALL, "a": group.name, "language": group.language}, group.rows["cluster_id"]) for group in own
    ]
    silent = [name for name in names if name not in {group.name for group in own}]
    asked += [({"family": OVERALL, "a": name}, nobody) for name in silent]
    levels = language_levels(study, study.own_words, (TONE,))
    for language in COUNTERPARTS[TONE]:
        speakers = [group.rows["platform"] for group in own if group.language == language]
        if speakers:
            level = levels.get((LACKING, TONE, language))
            platforms = join_names(pd.concat(speakers).dropna().drop_duplicates().map(platform_name))
            about = {"family": LACKING, "language": language, "note": platforms}
            asked.append((about, nobody if level is None else level.rows["cluster_id"]))
    for about, clusters in asked:
        missing = _missing(clusters)
        if missing["more_for_p"]:
            yield about | missing
    yield from _mentions(around)


def _mentions(around: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield for each group and language the concept that lacks least of what the tone around it needs.

    Where no concept has a scored mention, none is nearest.
    """
    cells = around[(around["drawn"] == "no") & (around["a"] != REFERENCE)]
    cells = cells.assign(part=part_of_needed(cells))
    for (name, language), rows in cells.groupby(["a", "language"], sort=False):
        nearest = rows.sort_values(["part", "scored"], ascending=False, kind="stable").iloc[0]
        hits, clusters = int(nearest["scored"]), int(nearest["clusters"])
        short = {"more_hits": max(MIN_HITS - hits, 0), "more_for_p": max(MIN_CLUSTERS - clusters, 0)}
        found = {"measure": nearest["measure"] if hits else "", "n_a": hits, "clusters_a": clusters}
        yield {"family": AROUND, "a": name, "language": language, "count": len(rows), **found, **short}


def _missing(clusters: pd.Series) -> dict[str, Any]:
    sizes = clusters.value_counts().to_numpy(dtype=float)
    limits = {"more_for_interval": FEW_FOR_INTERVAL, "more_for_p": FEW_FOR_P}
    needed = {name: clusters_needed(sizes, limit) for name, limit in limits.items()}
    return {"n_a": int(sizes.sum()), "clusters_a": len(sizes), "g_a": effective_clusters(sizes), **needed}


# What notebook 06 calls -----------------------------------------------------------------------------------------------


def findings(study: Dataset, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Judge all contrasts of notebooks 02, 04 and 06 together, and say what to gather next (:func:`find`).

    Parameters
    ----------
    verdicts : pandas.DataFrame
        Of `analysis.compare.claims.claim_verdicts`.

    Returns
    -------
    pandas.DataFrame
        As :func:`find`, then rows whose ``kind`` is ``gather``; ``units_a`` and ``units_b`` say what the clusters of a
        side are.

    """
    around, contested = contested_tone(study)
    tables = {
        CONCEPT: concept_differences(study),
        OVERALL: with_scale(tone_differences(study), study.groups),
        ACROSS: tone_across_languages(study),
        AROUND: contested,
        TOGETHER: concept_pair_differences(study),
        CLAIM: verdicts,
    }
    table = find(tables, concept_prevalence(study))
    missing = pd.DataFrame(to_gather(study, around)).assign(kind=GATHER)
    table = _typed(pd.concat([table, missing], ignore_index=True))
    nouns = dict.fromkeys(VANTAGES, "threads") | {VLOGGER: "accounts"}  # of those that are not there
    about = study.measures[["group", "vantage", "platform", "thread_id", "cluster_id", "utterance_id"]]
    nouns |= {name: cluster_noun(rows) for name, rows in about.groupby("group")}
    nouns |= {called(name): noun for name, noun in nouns.items()}  # so do claims call them
    whole = cluster_noun(about[about["vantage"].notna()])
    # A claim may be of a part of a group, or of several: it knows what their clusters are, if they are there.
    named = pd.concat([verdicts[[side, f"units_{side}"]].set_axis(["name", "units"], axis=1) for side in "ab"])
    nouns = dict(named[~named["units"].isin(["", "clusters"])].dropna().itertuples(index=False)) | nouns
    for side in "ab":
        table[f"units_{side}"] = table[side].map(nouns).fillna(whole)
    claims = table["family"] == CLAIM
    table.loc[claims, "note"] = [name_clusters(note, any_of([whole])) for note in table.loc[claims, "note"]]
    if study.parameters.weighting != "utterance":
        table.loc[table["kind"] == WHOLE, "note"] = study.parameters.weighting
    return rounded(table)
