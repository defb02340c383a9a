"""Every specification of a claim: weightings, instruments, masks, laughter, views, evidence.

One specification is the headline, declared here before looking: utterance-weighted, all the evidence that the run
allows, and for tone labMT (rated by natives in both languages) with topic words masked, in one language directly, in
two measured from reference collections, without those from ordinary language. Across languages the same view of
aligned text tells what it leaves of one content; only what exceeds that is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.across import Levels, View, centred_contrast, lawful_views
from analysis.compare.claim_rules import AROUND, SOURCE, TONE, Claim
from analysis.compare.clusters import WEIGHTINGS, Side, make_side
from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS
from analysis.compare.contrasts import compare, compare_shares, share_limits_at, t_limits
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import Group, main_groups
from analysis.compare.joint import joint_p
from analysis.compare.links import PREFIX
from analysis.compare.permutation import Test, mean_test, share_test
from analysis.compare.statistics import make_scored, pooled_sd
from analysis.errors import InputError
from analysis.measure.pairs import Link

INSTRUMENT = "labmt"
OTHER = "other laughter"
BASES = ("direct", "reference collection", "ordinary language")
#: The unit of what is judged by a ratio (see `analysis.compare.contrasts.compare_shares`).
RATIO = "log2 ratio"
_VALUE = "value"
NUMBERS = ("effect", "ci_low", "ci_high", "low_90", "high_90", "gap_low", "gap_high")
_NEEDED = ("group", "language", "evidence", "cluster_id", "likes")
COUNTS = ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared", "g_a", "g_b", "note")


class Scores(NamedTuple):
    """The measures with one choice of masking and of laughter, and the levels of each language under it."""

    rows: pd.DataFrame
    levels: Levels
    laughter: str = ""


@dataclass(frozen=True)
class ClaimInputs:
    """What claims are held against.

    Attributes
    ----------
    measures : pandas.DataFrame
    mentions : pandas.DataFrame
    concepts : sequence of str
        Those of the codebook.
    scores : mapping of str to Scores
        ``yes`` (masked) with the instruments under their plain names, and ``no`` (unmasked); perhaps
        :data:`OTHER` (masked, with the other choice of laughter than the run's); with the columns of
        `analysis.compare.links.add_linked`; the same index as ``measures``.
    instruments : mapping of str to sequence of str
        The same keys to the instruments that have it.
    links : mapping of str to Link
    aligned : pandas.DataFrame, optional
        The masked measures of aligned lines, for what a comparison across languages leaves of one content.

    """

    measures: pd.DataFrame
    mentions: pd.DataFrame
    concepts: Sequence[str]
    scores: Mapping[str, Scores]
    instruments: Mapping[str, Sequence[str]]
    links: Mapping[str, Link]
    aligned: pd.DataFrame | None = None


class Specification(NamedTuple):
    """One specification: rows with ``group`` (a, b) and ``value``, and what their difference rests on."""

    rows: pd.DataFrame
    view: str
    instrument: str
    masked: str
    levels: Levels
    columns: Mapping[str, str]
    link: Link | None = None
    gap: tuple[float, float] = (0.0, 0.0)
    laughter: str = ""
    fork: bool = False


def specify(
    claim: Claim, inputs: ClaimInputs, rng: np.random.Generator, draws: int = 1999
) -> tuple[pd.DataFrame, float, str]:
    """Make a claim's contrast by every specification, and test all together.

    The quotations that a claim was drawn from are set aside first.

    Returns
    -------
    tuple
        The specifications (see `analysis.compare.claims.assess`), p of the joint test over those that are counted,
        and why the claim cannot be tested here, if so.

    Raises
    ------
    InputError
        If the two groups of the claim share an utterance.

    """
    sides = [group_filter.select(inputs.measures) for group_filter in (claim.a, claim.b)]
    if (sides[0] & sides[1]).any():
        raise InputError(f"claim {claim.number}: an utterance is on both sides", column="a, b")
    own = (inputs.measures["collection"] == claim.source).to_numpy(dtype=bool)
    barred = _barred(claim, inputs, [(side, side & ~own) for side in sides])
    group = pd.Series(np.select(sides, ["a", "b"], ""), index=inputs.measures.index)[(sides[0] | sides[1]) & ~own]
    specs: list[Specification] = []
    if not barred and claim.measure in {AROUND, TONE}:
        specs, barred = _tone_specifications(claim, inputs, group)
    elif not barred:
        specs = [_flagged(claim, inputs, group)]
        if not specs[0].rows[_VALUE].any():
            specs, barred = [], f"no utterance here mentions {' and '.join(claim.concepts)}"
    made = [one for spec in specs for one in _forks(claim, spec)]
    tests = [test for row, test in made if row["counted"]]
    rows = [row for row, _ in made]
    # What the headline is judged by, all specifications are: rare shares by their ratio.
    if any(row["headline"] and row["scale"] == "ratio" for row in rows):
        rows = [row | row["ratio"] for row in rows]
    table = pd.DataFrame(rows, columns=_columns())
    table[["headline", "counted"]] = table[["headline", "counted"]].astype(bool)
    bases = [basis for basis in BASES if ((table["view"] == basis) & table["headline"]).any()]
    table["headline"] &= table["view"].isin(["", *bases[:1]])
    return table, joint_p(tests, draws, rng)[1], barred


def _columns() -> list[str]:
    choices = ["id", "headline", "counted", "view", "instrument", "masked", "laughter", "weighting", "evidence"]
    return [*choices, *NUMBERS, "unit", "estimate", "se", "df", *COUNTS]


def _barred(claim: Claim, inputs: ClaimInputs, sides: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    if any(every.any() and not rest.any() for every, rest in sides):
        return SOURCE
    absent = [
        group_filter.name for group_filter, (_, rest) in zip((claim.a, claim.b), sides, strict=True) if not rest.any()
    ]
    if absent:
        return "no utterances of " + " nor of ".join(absent)
    unknown = [concept for concept in claim.concepts if concept not in inputs.concepts]
    return f"the codebook has no concept {' nor '.join(map(repr, unknown))}" if unknown else ""


def _flagged(claim: Claim, inputs: ClaimInputs, group: pd.Series) -> Specification:
    """See whether each utterance mentions the concept, or all the concepts at once."""
    rows = inputs.measures.loc[group.index].assign(group=group)
    flagged = flag_concepts(rows, inputs.mentions, list(claim.concepts))
    return Specification(flagged.assign(**{_VALUE: flagged[list(claim.concepts)].prod(axis=1)}), "", "", "", {}, {})


def _tone_specifications(claim: Claim, inputs: ClaimInputs, group: pd.Series) -> tuple[list[Specification], str]:
    """See the tone by every instrument, mask and lawful view, or say why there is none."""
    specs: list[Specification] = []
    around = claim.measure == AROUND
    for key, (scores, levels, laughter) in inputs.scores.items():
        masked = "no" if key == "no" else "yes"
        if around and key != "yes":
            # The tone around a mention is measured with masks only.
            continue
        rows = scores.loc[group.index].assign(group=group)
        rows = rows[rows["evidence"] != "paraphrase"]
        main = main_groups(rows)
        # Stray languages are no part of either side (see main_groups).
        rows = rows[rows.index.isin([at for part in main for at in part.rows.index])]
        if around:
            rows, few = _around(rows, inputs.mentions, claim)
            if few:
                return [], few
            specs += _views(rows, levels, {INSTRUMENT: masked}, {}, inputs.aligned)
        else:
            # What has no unmasked twin is neither masked nor not.
            marks = {name: masked if name in inputs.instruments["no"] else "" for name in inputs.instruments[key]}
            laughing = dict.fromkeys(inputs.instruments.get(OTHER, ()), laughter)
            found = _views(rows, levels, marks, inputs.links, None if key == OTHER else inputs.aligned)
            specs += [spec._replace(laughter=laughing.get(_first(spec), ""), fork=key == OTHER) for spec in found]
    return specs, "" if specs else "no lawful comparison of the two sides"


def _first(spec: Specification) -> str:
    """Return the instrument of a specification, without what it is linked by; of two counterparts the first."""
    return re.split(" / | by ", spec.instrument)[0]


def _around(rows: pd.DataFrame, mentions: pd.DataFrame, claim: Claim) -> tuple[pd.DataFrame, str]:
    """Put the mean tone around an utterance's mentions in place of its own; say where there are too few."""
    mine = mentions[(mentions["concept"] == claim.concepts[0]) & mentions["tone"].notna()]
    mine = mine[mine["utterance_id"].isin(rows["utterance_id"])]
    tone = rows["utterance_id"].map(mine.groupby("utterance_id")["tone"].mean()).astype(float)
    counts = []
    for side in ("a", "b"):
        scored = rows[(rows["group"] == side) & tone.notna()]
        counts.append((int(mine["utterance_id"].isin(scored["utterance_id"]).sum()), scored["cluster_id"].nunique()))
    few = any(hits < MIN_HITS or clusters < MIN_CLUSTERS for hits, clusters in counts)
    told = " and ".join(f"{hits:,} in {clusters:,} clusters" for hits, clusters in counts)
    why = f"too few scored mentions ({told}; {MIN_HITS} in {MIN_CLUSTERS} a side are needed)" if few else ""
    return rows.assign(**{INSTRUMENT: tone})[tone.notna()], why


def _views(
    rows: pd.DataFrame,
    levels: Levels,
    marks: Mapping[str, str],
    links: Mapping[str, Link],
    aligned: pd.DataFrame | None,
) -> Iterator[Specification]:
    """Yield every lawful view by the instruments given, each with its mark of masking."""
    languages = sorted(set(rows["language"]))
    if len(languages) == 1:
        for name, masked in marks.items():
            yield Specification(rows.assign(**{_VALUE: rows[name]}), "direct", name, masked, {}, {})
    # Every utterance is measured from its own language, so that a side may hold two.
    links = links if INSTRUMENT in marks else {}
    for view in lawful_views(*languages, levels, tuple(links)) if len(languages) == 2 else ():  # noqa: PLR2004
        columns = dict(zip(languages, view.instruments, strict=True))
        if view.basis == "linked":
            value = rows.assign(**{_VALUE: rows[PREFIX + view.name]})
            yield Specification(
                value, "linked", f"labmt by {view.name}", marks[INSTRUMENT], {}, columns, links[view.name]
            )
        elif set(columns.values()) <= set(marks):
            value = rows.assign(**{_VALUE: _centred(rows, view, columns, levels)})
            masked = marks[view.instruments[0]]
            headline = view.name == INSTRUMENT and masked == "yes" and aligned is not None
            gap = _gap(aligned, view, levels) if headline else (0.0, 0.0)
            yield Specification(value, view.basis, view.name, masked, levels, columns, gap=gap)


def _gap(aligned: pd.DataFrame, view: View, levels: Levels) -> tuple[float, float]:
    """Return the interval of what the view leaves between the Chinese and the English side of one content."""
    lines = (Group(language, language, "", "", aligned[aligned["language"] == language]) for language in ("zh", "en"))
    # The contrast that it is held against was made with the same levels, so that they are no error here.
    row = centred_contrast(*lines, view, {key: level._replace(rows=None) for key, level in levels.items()})
    return row["ci_low"], row["ci_high"]


def _centred(rows: pd.DataFrame, view: View, columns: Mapping[str, str], levels: Levels) -> pd.Series:
    """Measure each utterance from the level of its language, in that level's standard deviations."""
    value = pd.Series(np.nan, index=rows.index)
    for language, column in columns.items():
        level, mine = levels[view.basis, column, language], rows["language"] == language
        value[mine] = (rows.loc[mine, column] - level.mean) / level.spread
    return value


def _forks(claim: Claim, spec: Specification) -> Iterator[tuple[dict[str, Any], Test]]:
    """Yield a row and what to permute for each evidence and weighting that the utterances allow."""
    rows = spec.rows.loc[spec.rows[_VALUE].notna(), [_VALUE, *_NEEDED]]
    whole = [rows[rows["group"] == side] for side in ("a", "b")]
    verbatim = [part[part["evidence"] == "verbatim"] for part in whole]
    forks = {"all allowed": whole}
    if sum(map(len, verbatim)) < len(rows):
        forks["verbatim"] = verbatim
    for (evidence, parts), weighting in product(forks.items(), WEIGHTINGS):
        a, b = (_side(part, weighting) for part in parts)
        if min(a.weight.sum(), b.weight.sum()) <= 0:
            continue
        headline = evidence == "all allowed" and weighting == "utterance"
        headline &= spec.view == "" or (spec.instrument == INSTRUMENT and spec.masked == "yes" and not spec.fork)
        keys = {"id": claim.number, "headline": headline, "weighting": weighting, "evidence": evidence}
        keys |= {"view": spec.view, "instrument": spec.instrument, "masked": spec.masked, "laughter": spec.laughter}
        if spec.view == "":
            yield {**keys, **_compare_shares(claim, (a, b))}, share_test(a, b)
        else:
            yield {**keys, **_compare(claim, spec, parts, weighting, (a, b))}, mean_test(a, b)


def _side(rows: pd.DataFrame, weighting: str, value: pd.Series | None = None) -> Side:
    return make_side(rows[_VALUE] if value is None else value, rows["cluster_id"], weighting, rows["likes"])


def _compare_shares(claim: Claim, sides: tuple[Side, Side]) -> dict[str, Any]:
    row = compare_shares(claim.measure, claim.a.name, sides[0], claim.b.name, sides[1])
    nothing = float("nan"), float("nan")
    points, ratio = nothing, nothing
    if not np.isnan(row["ci_low"]):
        points, ratio = share_limits_at(*sides, alpha=0.1)
    out = {"counted": not np.isnan(row["p"]), "scale": row["scale"], "unit": claim.unit, "effect": row["effect"]}
    out |= {"ci_low": 100 * row["ci_low"], "ci_high": 100 * row["ci_high"], "gap_low": 0.0, "gap_high": 0.0}
    out |= {"low_90": 100 * points[0], "high_90": 100 * points[1]}
    ends = {"ci_low": row["ratio_low"], "ci_high": row["ratio_high"], "low_90": ratio[0], "high_90": ratio[1]}
    out["ratio"] = {"unit": RATIO, "effect": row["log_ratio"], **ends}
    return {**out, **{key: row[key] for key in ("estimate", "se", "df", *COUNTS)}}


def _compare(
    claim: Claim, spec: Specification, parts: Sequence[pd.DataFrame], weighting: str, sides: tuple[Side, Side]
) -> dict[str, Any]:
    extra, variance = [], 0.0
    if spec.view == "direct" or spec.link is not None:
        unit = pooled_sd(*(make_scored(part, _VALUE, weighting) for part in parts))
    else:
        unit, extra = 1.0, _references(spec, parts, weighting)
    if spec.link is not None:
        variance = _link_variance(spec.link, parts, weighting)
    # The gap is that of Chinese minus English: it counts as far as the sides differ in language.
    gap = 0.0, 0.0
    if any(spec.gap):
        held = _difference(parts, weighting, [(part["language"] == "zh").astype(float) for part in parts])
        gap = min(held * end for end in spec.gap), max(held * end for end in spec.gap)
    row = compare(
        *(claim.measure, claim.a.name, sides[0], claim.b.name, sides[1]),
        estimate=sides[0].mean - sides[1].mean,
        extra=extra,
        extra_variance=variance,
        unit=unit,
        unit_name=claim.unit,
        of_interest=claim.smallest,
    )
    narrow = t_limits(row, 0.1)
    out = {"counted": not np.isnan(row["p"]), "scale": "", "unit": claim.unit, "effect": row["effect"]}
    out |= {"ci_low": row["ci_low"] / unit, "ci_high": row["ci_high"] / unit}
    out |= {"gap_low": gap[0], "gap_high": gap[1]}
    out |= {"low_90": narrow[0] / unit, "high_90": narrow[1] / unit}
    return {**out, **{key: row[key] for key in ("estimate", "se", "df", *COUNTS)}}


def _difference(parts: Sequence[pd.DataFrame], weighting: str, values: Sequence[pd.Series]) -> float:
    a, b = (_side(part, weighting, value).mean for part, value in zip(parts, values, strict=True))
    return a - b


def _references(spec: Specification, parts: Sequence[pd.DataFrame], weighting: str) -> list[tuple[float, Side]]:
    """Return the reference collections as terms of the contrast: what both sides hold of a language cancels."""
    out = []
    for language, column in spec.columns.items():
        level = spec.levels[spec.view, column, language]
        if level.rows is None:
            continue
        held = [(part["language"] == language).astype(float) for part in parts]
        reference = level.side(column)
        out.append((-_difference(parts, weighting, held), reference))
    return out


def _link_variance(link: Link, parts: Sequence[pd.DataFrame], weighting: str) -> float:
    """Return the link's variance in the contrast, which is linear in its intercept and slope.

    What multiplies the intercept is the difference of the sides' shares of Chinese; the slope, that of the means of
    the Chinese points, English counting 0.
    """
    held = [(part["language"] == "zh").astype(float) for part in parts]
    points = [link.back(part[_VALUE]) * chinese for part, chinese in zip(parts, held, strict=True)]
    constant, slope = (_difference(parts, weighting, values) for values in (held, points))
    return (
        constant**2 * link.intercept_variance + 2 * constant * slope * link.covariance + slope**2 * link.slope_variance
    )
