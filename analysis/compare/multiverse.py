"""The multiverse: one contrast by every combination of choices that can be defended (Steegen et al. 2016).

Instruments with their lens, masks and laughter are measured once (`analysis.compare.ways`); which utterances count, and
for how much, is a mask and a weight over arrays; a specification is the contrast of two sums by cluster, made by the
functions of every other table (`analysis.compare.contrasts`). Choices that make no difference are one specification.
Those that cannot be computed, or have too few clusters, are rows that say why.

One specification is the headline, declared here before looking: utterance-weighted, all that the run allows, and for
tone labMT (rated by natives in both languages) with topic words masked and the run's lens and laughter, in one language
directly, in two measured from reference collections, without those from ordinary language. Its interval is that of
every other table: where permuting its clusters finds nothing, it holds 0 (`analysis.compare.contrasts.agree`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.across import COUNTERPARTS, Level, View, aligned_gap, lawful_views
from analysis.compare.clusters import NO_LIKES, NOT_LIKED, NOTHING, WEIGHTINGS, Side, Weights
from analysis.compare.coded_scores import CORRECTED
from analysis.compare.contrasts import ERROR, SIZES, Shares, agree, compare, compare_shares, share_limits_at, t_limits
from analysis.compare.correction import Pseudo, corrected_row, limits_of
from analysis.compare.joint import joint_p
from analysis.compare.shares import log_ratio
from analysis.compare.statistics import spread_of
from analysis.compare.summed import Line, Picked, Summed
from analysis.compare.talk import COUNTING, Filter, Talk
from analysis.compare.ways import INSTRUMENT, Way, for_language
from analysis.measure.pairs import Link

BASES = ("direct", "reference collection", "ordinary language")
#: Views that compare two languages on one scale, without a level of each.
LINKED, ANCHORED = "linked", "human codes"
#: What finds mentions, where readers do, too.
CODEBOOK = "codebook"
#: The unit of what is judged by a ratio (see `analysis.compare.contrasts.compare_shares`).
RATIO = "log2 ratio"
#: What is chosen: how to score, whom to count, how to weigh.
SCORING = ("view", "instrument", "lens", "masked", "laughter")
AXES = (*SCORING, "weighting", *COUNTING)
NUMBERS = ("effect", "ci_low", "ci_high", "low_90", "high_90", "gap_low", "gap_high")
_ENDS = ("ci_low", "ci_high", "low_90", "high_90")
COUNTS = (*SIZES, "g_a", "g_b", "note")
COLUMNS = ("id", "headline", "counted", *AXES, *NUMBERS, "unit", "estimate", "se", "df", *COUNTS)
Sums = tuple[Summed, Summed]
NO_VIEW = "no common scale for the two sides"


@dataclass(frozen=True)
class Contrast:
    """Two sides that are compared: ``a`` and ``b`` tell their utterances.

    Attributes
    ----------
    name : str
        What its rows are called.
    measure : str
        What is compared, for the rows' notes.
    names : tuple of str
    sides : tuple of numpy.ndarray of bool, shape (utterances,)
    unit : str
        Of effects: ``sd``, or ``points`` of a share.
    smallest : float
        The smallest effect of interest in that unit.
    value : numpy.ndarray of float64, optional
        What each utterance has, 0 or 1 for shares; default: its tone, by every way to score.
    around : bool
        The values are tone: compared as :data:`analysis.compare.ways.INSTRUMENT` is.
    coded : Pseudo, optional
        The same by what readers say, as far as codes give it.

    """

    name: str
    measure: str
    names: tuple[str, str]
    sides: tuple[np.ndarray, np.ndarray]
    unit: str = "sd"
    smallest: float = 0.2
    value: np.ndarray | None = None
    around: bool = False
    coded: Pseudo | None = None


def explore(contrast: Contrast, talk: Talk, rng: np.random.Generator, draws: int = 1999) -> tuple[pd.DataFrame, float]:
    """Make a contrast by every specification, and test all of them together.

    Returns
    -------
    tuple
        A row a specification with :data:`COLUMNS`: ``counted`` are those with an interval and enough clusters for a
        p, which are tested; effects are of a minus b in ``unit``: where the headline's shares are under 10 %, ``log2
        ratio``. ``note`` says why one is not counted. And p of the joint test.

    """
    maker = _Maker(contrast, talk)
    rows = list(maker.rows())
    # What the headline is judged by, all specifications are: rare shares by their ratio.
    if any(row["headline"] and row["scale"] == "ratio" for row in rows):
        rows = [row | row["ratio"] for row in rows]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("headline", "counted"):
        table[name] = table[name].astype(bool)
    bases = [basis for basis in BASES if ((table["view"] == basis) & table["headline"]).any()]
    table["headline"] &= table["view"].isin(["", *bases[:1]])
    joint = joint_p(maker.tests, draws, rng, shares=maker.flags)
    enough = (draws + 1) * ERROR > 1 and not np.isnan(joint.p)  # of fewer draws no p is small
    permuted = table["headline"] & table["counted"] & table["view"].isin(["", "direct"]) & enough
    for at in np.flatnonzero(permuted):
        ends = {"estimate": table["effect"][at], **{end: table[end][at] for end in ("ci_low", "ci_high")}, "p": np.nan}
        agree(ends, float(joint.own[table["counted"][:at].sum()]))
        table.loc[at, ["ci_low", "ci_high"]] = ends["ci_low"], ends["ci_high"]
    return table, joint.p


class _Value(NamedTuple):
    """What is compared under one view: sums of both sides, on which scale, and what else is in the contrast."""

    sums: Sums
    lines: Mapping[str, Line] = {}
    references: tuple[tuple[str, Side], ...] = ()
    link: Link | None = None
    centred: bool = False


class _Maker:
    """Makes the rows of one contrast."""

    def __init__(self, contrast: Contrast, talk: Talk) -> None:
        self.contrast, self.talk = contrast, talk
        self.sides = [np.flatnonzero(side & (talk.clusters >= 0)) for side in contrast.sides]
        self.languages = sorted({str(code) for at in self.sides for code in np.unique(talk.language[at])})
        self.places = [talk.places(at) for at in self.sides]
        self.shares = contrast.value is not None and not contrast.around
        self.tests: list[tuple[Side, Side]] = []
        #: Whether the values of each test are 0 and 1.
        self.flags: list[bool] = []
        self.seen: set[tuple[Any, ...]] = set()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a specification, and keep what is tested."""
        for way in self._ways():
            names = self._names(way)
            scored = self._sums(way.score)
            linked = self._sums(way.linked) if any(view.startswith(LINKED) for view in names) else None
            for counted in self.talk.filters:
                for view, value in self._views(way, counted, names, scored, linked):
                    base = {"id": self.contrast.name, "view": view, "instrument": way.instrument}
                    base |= {"lens": way.lens, "masked": way.masked, "laughter": way.laughter, **counted.choices}
                    for weighting in WEIGHTINGS:
                        yield from self._row({**base, "weighting": weighting}, value, way, counted)

    def _sums(self, scores: np.ndarray | None) -> Sums | None:
        return None if scores is None else tuple(places.sums(scores) for places in self.places)

    def _ways(self) -> list[Way]:
        known, coded = np.concatenate(self.sides), self.contrast.coded
        further = [] if coded is None else for_language([Way(CORRECTED, coded.outcomes, coded=coded)], known)
        further = [self._offered(way) for way in further]
        if self.shares:
            return [Way(CODEBOOK if further else "", self.contrast.value), *further]
        first = next((way for way in self.talk.ways if way.instrument == INSTRUMENT), None)
        if self.contrast.around:
            how = dict(zip(("lens", "masked", "laughter"), first.choices, strict=True))
            around = Way(INSTRUMENT, self.contrast.value, **how, ordinary=first.ordinary, level=first.score)
            return [around, *further]
        ways = self.talk.ways if len(self.languages) == 1 else self.talk.ways_across
        return [self._offered(way) for way in for_language(ways, known)]

    def _offered(self, way: Way) -> Way:
        """Withhold a way of human codes where these do not stand for a side."""
        if way.coded is None:
            return way
        kept, value = self.talk.rows["kept"].to_numpy(dtype=bool), self.contrast.value
        for at, name in zip(self.sides, self.contrast.names, strict=True):
            mine = at[kept[at]]
            wanted = mine if value is None else mine[~np.isnan(value[mine])]
            if not (len(wanted) and way.coded.stand_for(mine, wanted)):
                return replace(way, score=None, why=f"codes do not stand for all {name}")
        return way

    def _views(
        self, way: Way, counted: Filter, names: Sequence[str], scored: Sums | None, linked: Sums | None
    ) -> Iterator[tuple[str, _Value | str]]:
        """Yield the lawful views of a way, each with its values, or with why there are none."""
        if scored is None:
            yield from ((view, way.why) for view in names if self._could_differ(way, counted))
            return
        if self.shares or len(self.languages) == 1 or way.coded is not None:
            yield names[0], _Value(scored)
            return
        if not names:
            yield "", NO_VIEW
        for view in names:
            if view.startswith(LINKED):
                # The lens is of linked words, so that other texts may have a score. English scores are as they are.
                link, own = self.talk.links[view.removeprefix(f"{LINKED} by ")], self.talk.links["sd"]
                slope = link.slope / own.slope
                yield view, _Value(linked, {"zh": (slope, link.intercept - slope * own.intercept)}, link=link)
                continue
            made = {code: self._level(way, counted, view, code) for code in self.languages}
            if any(one is None for one in made.values()):
                yield view, "no reference collection with these choices"
                continue
            lines = {code: (1 / level.spread, -level.mean / level.spread) for code, (level, _) in made.items()}
            references = tuple((code, side) for code, (_, side) in made.items() if side is not None)
            yield view, _Value(scored, lines, references, centred=True)

    def _names(self, way: Way) -> list[str]:
        """Return the lawful views of a way: all that the run's own choices have a level for."""
        if self.shares or len(self.languages) == 1:
            return ["" if self.shares else "direct"]
        if way.coded is not None:
            return [ANCHORED]
        if len(self.languages) != 2:  # noqa: PLR2004
            return []
        levels = {}
        sides = COUNTERPARTS.get(way.instrument, {})
        scored = way if way.score is not None else self._known(way.instrument)[0]
        for code, column in sides.items():
            for basis in BASES[1:]:
                found = self._level(scored, self.talk.filters[0], basis, code)
                levels |= {} if found is None else {(basis, column, code): found[0]}
        links = tuple(self.talk.links) if way.linked is not None else ()
        views = lawful_views(*self.languages, levels, links)
        return [f"{LINKED} by {view.name}" if view.basis == LINKED else view.basis for view in views]

    def _level(self, way: Way, counted: Filter, basis: str, code: str) -> tuple[Level, Side | None] | None:
        if basis == "ordinary language":
            return (way.ordinary[code], None) if code in way.ordinary else None
        return self.talk.level(way, counted, code)

    def _could_differ(self, way: Way, counted: Filter) -> bool:
        """Tell whether what was not measured could differ from what was: somebody laughs."""
        known = [one for one in self._known(way.instrument) if one.masked == "yes"]
        at = np.concatenate([at[counted.keeps[at]] for at in self.sides])
        if len(known) < 2:  # noqa: PLR2004
            return True
        return not np.array_equal(known[0].score[at], known[1].score[at], equal_nan=True)

    def _known(self, instrument: str) -> list[Way]:
        """Return the ways of an instrument that have scores."""
        ways = self.talk.ways if len(self.languages) == 1 else self.talk.ways_across
        return [way for way in ways if way.instrument == instrument and way.score is not None]

    def _row(self, keys: dict[str, Any], value: _Value | str, way: Way, counted: Filter) -> Iterator[dict[str, Any]]:
        """Yield the row of one weighting, unless it is a specification that is there."""
        run = self.talk.filters[0].choices
        headline = keys["weighting"] == "utterance" and all(keys[name] == run[name] for name in COUNTING)
        first = self.talk.ways[0].choices if self.talk.ways else ("", "", "")
        headline &= (self.shares and way.coded is None) or (
            way.instrument == INSTRUMENT and way.choices == first and keys["view"] in BASES
        )
        keys = {**keys, "headline": headline, "counted": False, "unit": self.contrast.unit, "scale": "", "ratio": {}}
        if isinstance(value, str):
            yield from self._gap_row(keys, value)
            return
        kept = self.talk.kept_classes(counted)
        picked = [sums.pick(kept, keys["weighting"]) for sums in value.sums]
        if min(one.weight.sum() for one in picked) <= 0:
            liked = NOT_LIKED if min(one.n.sum() for one in picked) > 0 else NO_LIKES
            said = all(sums.pick(kept, "utterance").n.sum() > 0 for sums in value.sums)
            yield from self._gap_row(keys, liked if said and keys["weighting"] == "likes" else NOTHING)
            return
        scale = (f"{number:.9g}" for line in value.lines.values() for number in line)
        if self._again((keys["view"], keys["instrument"], *scale, *(one.key for one in picked))):
            return
        if way.coded is not None:
            sides, made = self._by_codes(way, counted, keys["weighting"])
        else:
            picked = [one.on(value.lines) for one in picked]
            sides = tuple(one.side for one in picked)
            made = self._shares(sides) if self.shares else self._means(keys, value, picked, sides)
        if made["counted"]:
            self.tests.append(sides)
            self.flags.append(self.shares and way.coded is None)
        yield {**keys, **made}

    def _gap_row(self, keys: dict[str, Any], why: str) -> Iterator[dict[str, Any]]:
        """Yield what cannot be computed: one row an instrument, view and reason, with the choices of the first."""
        if not self._again((keys["view"], keys["instrument"], why)):
            yield {**keys, "note": why}

    def _again(self, key: tuple[Any, ...]) -> bool:
        found = key in self.seen
        self.seen.add(key)
        return found

    def _shares(self, sides: tuple[Side, Side]) -> dict[str, Any]:
        names = self.contrast.names
        row = compare_shares(self.contrast.measure, names[0], sides[0], names[1], sides[1])
        points = ratio = (float("nan"), float("nan"))
        if not np.isnan(row["ci_low"]):
            points, ratio = share_limits_at(*sides, alpha=0.1)
        out = {"counted": not np.isnan(row["p"]), "scale": row["scale"], "effect": row["effect"]}
        out |= {"ci_low": 100 * row["ci_low"], "ci_high": 100 * row["ci_high"], "gap_low": 0.0, "gap_high": 0.0}
        out |= {"low_90": 100 * points[0], "high_90": 100 * points[1]}
        ends = {"ci_low": row["ratio_low"], "ci_high": row["ratio_high"], "low_90": ratio[0], "high_90": ratio[1]}
        out["ratio"] = {"unit": RATIO, "effect": row["log_ratio"], **ends}
        return {**out, **{key: row[key] for key in ("estimate", "se", "df", *COUNTS)}}

    def _by_codes(self, way: Way, counted: Filter, weighting: str) -> tuple[tuple[Side, Side], dict[str, Any]]:
        coded, given = way.coded, []
        for side in self.sides:
            at = side[counted.keeps[side] & ~np.isnan(way.score[side])]
            weight = self.talk.weights(at, weighting)
            at, weight = at[~np.isnan(weight)], weight[~np.isnan(weight)]
            clusters, codes = np.unique(self.talk.clusters[at], return_inverse=True)
            given.append(coded.correct(at, Weights(np.ones(len(at), dtype=bool), weight, codes, clusters)))
        (a, b), names, unit = given, self.contrast.names, coded.unit
        said = {"unit_name": self.contrast.unit, "of_interest": self.contrast.smallest}
        row = corrected_row(self.contrast.measure, names[0], a, names[1], b, share=coded.share, unit=unit, **said)
        out = {"counted": not np.isnan(row["p"]), "effect": row["effect"], "scale": "", "gap_low": 0.0, "gap_high": 0.0}
        given_ends = not np.isnan(row["ci_low"])
        limits = limits_of(given, share=coded.share)
        narrow = limits(0.1) if given_ends else (np.nan, np.nan)
        ends = (row["ci_low"], row["ci_high"], *narrow)
        out |= {name: float(end) / unit for name, end in zip(_ENDS, ends, strict=True)}
        if isinstance(limits, Shares):
            ratio = (*limits.ratio(ERROR), *limits.ratio(0.1)) if given_ends else (np.nan,) * 4
            effect = float(log_ratio(limits.a, limits.b))
            out["ratio"] = {"unit": RATIO, "effect": effect, **dict(zip(_ENDS, ratio, strict=True))}
        return (a.side, b.side), {**out, **{key: row[key] for key in ("estimate", "se", "df", *COUNTS)}}

    def _means(
        self, keys: Mapping[str, Any], value: _Value, picked: Sequence[Picked], sides: tuple[Side, Side]
    ) -> dict[str, Any]:
        def held(code: str) -> float:
            return picked[0].held(code) - picked[1].held(code)

        # What both sides hold of a language cancels.
        extra = [(-held(code), side) for code, side in value.references]
        variance = 0.0
        if value.link is not None:
            # The link is linear in its intercept and slope: what multiplies them is the difference of the sides'
            # shares of Chinese, and that of the means of their Chinese points, English counting 0.
            link = value.link
            points = [one.on({"zh": (1 / link.slope, -link.intercept / link.slope)}).mean_of("zh") for one in picked]
            constant, slope = held("zh"), points[0] - points[1]
            variance = constant**2 * link.intercept_variance + slope**2 * link.slope_variance
            variance += 2 * constant * slope * link.covariance
        unit = 1.0 if value.centred else spread_of([one.moments for one in picked])
        estimate = sides[0].mean - sides[1].mean
        gap = (0.0, 0.0)
        if keys["headline"] and keys["view"] != "direct" and self.talk.aligned is not None:
            ends = [held("zh") * end for end in self._gap(keys["view"])]
            gap = min(ends), max(ends)
        row = compare(
            self.contrast.measure,
            self.contrast.names[0],
            sides[0],
            self.contrast.names[1],
            sides[1],
            # A group measured from itself is 0, not the last bits of its sums.
            estimate=round(estimate, 12) if value.centred else estimate,
            extra=extra,
            extra_variance=variance,
            unit=unit,
            unit_name=self.contrast.unit,
            of_interest=self.contrast.smallest,
        )
        narrow = t_limits(row, 0.1)
        out = {"counted": not np.isnan(row["p"]), "effect": row["effect"]}
        out |= {"ci_low": row["ci_low"] / unit, "ci_high": row["ci_high"] / unit}
        out |= {"gap_low": gap[0], "gap_high": gap[1]}
        out |= {"low_90": narrow[0] / unit, "high_90": narrow[1] / unit}
        return {**out, **{key: row[key] for key in ("estimate", "se", "df", *COUNTS)}}

    def _gap(self, basis: str) -> tuple[float, float]:
        """Return the interval of what the headline's view leaves between Chinese and English lines of one content."""
        way = self.talk.ways[0]
        levels = {
            (basis, INSTRUMENT, code): self._level(way, self.talk.filters[0], basis, code)[0] for code in ("zh", "en")
        }
        row = aligned_gap(self.talk.aligned, View(basis, INSTRUMENT, (INSTRUMENT, INSTRUMENT)), levels)
        return row["ci_low"], row["ci_high"]
