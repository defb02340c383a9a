"""A row of the findings as a sentence: every number, name and direction in it stands in a cell of the row."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.compare.claim_rules import CONTRADICTED, NOTHING, SOURCE, SUPPORTED, comma_after
from analysis.compare.clusters import WEIGHTINGS
from analysis.compare.contrasts import IN_REFERENCE, cause
from analysis.compare.findings import (
    ACROSS,
    ALONE,
    AROUND,
    CLAIM,
    CONCEPT,
    FOUND,
    GAP,
    GATHER,
    LACKING,
    NOT_ASKED,
    NOT_FOUND,
    OVERALL,
    SMALL,
    TOGETHER,
    WHOLE,
)
from analysis.compare.groups import LANGUAGE_NAMES, any_of, called, speakers
from analysis.corpus.schema import VANTAGES, VLOGGER
from analysis.digits import effective, ratio, sure
from analysis.errors import plural
from analysis.show.lettering import instruments
from analysis.study.cells import join

_TAIL = (
    " (95 % interval {effect_low} to {effect_high}; {q}; n = {n_a} and {n_b} in {clusters_a}{units_a} and {clusters_b} "
    "{units_b}, effectively {g_a} and {g_b})"
)
#: What a ratio of shares is of.
_HALF = " with half a mention added to each side"
_SHARES = ", in {share_a} of what they say against {share_b}"
#: What a row says of its sides, by family; a is the higher one.
_SAYS = {
    CONCEPT: "{a} speak of {measure} more often than {b}" + _SHARES + ": {effect}",
    OVERALL: "{a} speak in warmer words than {b}, both in {language}, by {instrument}: {effect}",
    ACROSS: (
        "{a} in {language_a} speak in warmer words than {b} in {language_b}, each measured from {basis} in its own "
        "language, by {instrument}, and by more than translations of the same lines differ ({gap_low} to {gap_high}): "
        "{effect}"
    ),
    AROUND: "the words around {measure} are warmer where {a} speak than where {b} do, both in {language}: {effect}",
    TOGETHER: (
        "{a} speak of {measure} in one breath more often than {b}, given how often each speaks of either: {effect}"
    ),
}
_ABOUT = {
    CONCEPT: "how often {a} and {b} speak of {measure}",
    OVERALL: "the tone of {a} and {b} in {language} by {instrument}",
    ACROSS: "the tone of {a} in {language_a} and {b} in {language_b} by {instrument}",
    AROUND: "the tone around {measure} of {a} and {b} in {language}",
    TOGETHER: "how often, given how often each speaks of either, {a} and {b} speak of {measure} in one breath",
}
#: The same of several rows at once; what they are called stands where there is room.
_SEVERAL = {
    CONCEPT: "how often {a} and {b} speak of {several}",
    OVERALL: "the tone of {a} and {b} in {language} by {several}",
    ACROSS: "the tone of {a} in {language_a} and {b} in {language_b} by {several}",
    AROUND: "the tone around {several} of {a} and {b} in {language}",
    TOGETHER: "how often, given how often each speaks of either, {a} and {b} speak in one breath of {several}",
}
_MANY = {CONCEPT: "concepts", AROUND: "concepts", TOGETHER: "pairs of concepts"}
_NOT_FOUND = {
    "": "No difference was found in {about}",
    ALONE: "A difference in {about} stands out on its own, but not among all contrasts together",
    GAP: "A difference in {about} is not beyond the one between translations of the same lines",
}
_REASONS = {
    "too few clusters": "too few {units}",
    IN_REFERENCE: "a reference collection has too few threads",
    "too few": "too few mentions",
    "all or none on both sides": "nobody on either side does, or everybody",
    SOURCE: "they were drawn from these very words, and a corpus of other people's would test them",
}
#: What is missing may be any mention of a concept.
UNHEARD = "no mention"
_GATHERS = {
    "vantage": "{a}: none are in the corpus. {more} for anything.",
    CONCEPT: "{a}: {clusters_a} {cluster} with {n_a} utterances in English or Chinese, effectively {g_a}. {more} for "
    "how often they speak of what.",
    OVERALL: "{a}{spoken}: {clusters_a} {cluster} with {n_a} utterances in their own words, effectively {g_a}. {more} "
    "for their tone.",
    LACKING: (
        "A reference collection in {language} (ordinary talk of the same platforms: {note}): {clusters_a} threads are "
        "here. {more_for_p} more threads, at the least, would show how warm such talk is anyway."
    ),
    AROUND: (
        "{a} in {language}: the tone around {count} concepts could not be asked. Nearest is {measure}, with {n_a} "
        "scored mentions in {clusters_a} {cluster}; it needs "
    ),
    UNHEARD: (
        "{a} in {language}: the tone around {count} concepts could not be asked, for none has a scored mention. "
        "Each needs {more_hits} in {more_for_p} {cluster}."
    ),
}
_BASES = {"reference collection": "a reference collection", "ordinary language": "ordinary talk"}
#: So many names are listed.
_NAMED = 6
_ONE = re.compile(
    r"(?<![\d.,])1 ((?:more |scored )?(?:thread|account|cluster|mention|utterance|concept|contrast|claim))s\b"
    r"(?:( or (?:thread|account|utterance))s\b)?"
)
#: A unit that both ends of a range have is said once.
_TWICE = re.compile(r"(?<=\d) (times as often|points|sd)(?= to [\d.,]+ \1)")


def sentence(row: Mapping[str, Any]) -> str:
    """Say in plain English what one row of the findings says, and no more."""
    text = string.Formatter().vformat(template(row), (), _Cells(row))
    text = _TWICE.sub("", _ONE.sub(r"1 \1\2", text))
    return text[0].upper() + text[1:]


def template(row: Mapping[str, Any]) -> str:
    """Return the sentence of a row with the names of cells in the place of their values."""
    text = _template(row)
    return text.replace("{effect} (", "{effect}" + _HALF + " (") if _has_halves(row) else text


def _has_halves(row: Mapping[str, Any]) -> bool:
    """Tell whether a ratio is another than that of the shares, if they are told at all, by the half that is added."""
    if row.get("unit") != "times" or row.get("family") not in {CONCEPT, CLAIM}:
        return False
    shares = [row.get(name) for name in ("share_a", "share_b")]
    return any(pd.isna(share) or not share for share in shares) or _digits(shares[0] / shares[1]) != _digits(
        row["effect"]
    )


def _template(row: Mapping[str, Any]) -> str:
    if row["kind"] == WHOLE:
        weighed = " Means and shares are weighted by {note}; of claims each utterance counts alike."
        return _whole(row["count"], row["tested"], row["found"]) + (weighed if row.get("note") in WEIGHTINGS else "")
    if row["kind"] == GATHER:
        return _gather(row)
    if row["family"] == CLAIM:
        return _claim(row)
    if row["kind"] in {FOUND, SMALL}:
        less = ", which is less than the {smallest} that would matter" if row["kind"] == SMALL else ""
        says = _SAYS[row["family"]]
        if pd.isna(row["share_a"]):
            says = says.replace(_SHARES, "")
        return says + _TAIL + less + "."
    summed = not pd.isna(row["count"])
    about = (_SEVERAL if summed and row["count"] > 1 else _ABOUT)[row["family"]]
    if summed and row["count"] == 1 and row["family"] in {OVERALL, ACROSS}:
        about = about.replace("{instrument}", "{measure}")
    if row["kind"] == NOT_ASKED:
        return about + " could not be tested: {reason}."
    return _not_found(row, _NOT_FOUND[row["note"]].replace("{about}", about), summed=summed)


def _whole(count: int, tested: int, found: int) -> str:
    if not count:
        return "No contrast could be looked at: there are no two groups to compare."
    looked = "{count} contrasts were looked at" if count > 1 else "{count} contrast was looked at"
    if not tested:
        return f"{looked}; none could be tested."
    holds = {0: "none holds", 1: "{found} holds"}.get(found, "{found} hold")
    return f"{looked}; {{tested}} could be tested{', all together' if tested > 1 else ''}; {holds}."


def _not_found(row: Mapping[str, Any], said: str, *, summed: bool) -> str:
    if not summed:
        return said + ": {effect}" + _TAIL + ". " + _seen(row, "detectable")
    same = cell_text("detectable", row["detectable_low"]) == cell_text("detectable", row["detectable_high"])
    if row["count"] == 1 or same or math.isinf(row["detectable_low"]):
        return said + ". " + _seen(row, "detectable_low")
    if math.isinf(row["detectable_high"]):
        return said + ". What would have been seen four times in five is from {detectable_low}, without an end."
    seen = ". What would have been seen four times in five is from {detectable_low} to {detectable_high}"
    return said + seen + _rarer(row) + "."


def _seen(row: Mapping[str, Any], cell: str) -> str:
    """Say what would have been seen; where the interval of a ratio has no end, its width tells nothing of it."""
    if math.isinf(row[cell]):
        return "The interval of the ratio has no end, so what would have been seen cannot be said."
    return "{" + cell + "} would have been seen four times in five" + _rarer(row) + "."


def _rarer(row: Mapping[str, Any]) -> str:
    """Say of a ratio which way it would have been seen: of what is rare, intervals reach farther towards none."""
    return "; what is as much rarer would be seen less surely" if row["unit"] == "times" else ""


def _gather(row: Mapping[str, Any]) -> str:
    said = _GATHERS[UNHEARD if row["family"] == AROUND and not row["n_a"] else row["family"]]
    if row["family"] == LACKING and not row["note"]:
        said = said.replace(" of the same platforms: {note}", "")
    if row["family"] == AROUND and row["n_a"]:
        words = {"more_hits": "{more_hits} more mentions", "more_for_p": "{more_for_p} more {cluster}"}
        said += " and ".join(text for name, text in words.items() if row[name]) + "."
    more = "{more_for_p} more {cluster} of the usual size would, at the least, give a p"
    if row["family"] == "vantage":  # of nobody no size is usual
        more = more.replace("more {cluster} of the usual size", "{cluster} of one size")
    if row["more_for_interval"]:
        more = more.replace("a p", "intervals, {more_for_p} a p,").replace("for_p", "for_interval", 1)
    return said.replace("{more}", more)


def _claim(row: Mapping[str, Any]) -> str:
    if not pd.isna(row["count"]):
        return "{count} claims ({id}) could not be tested: {reason}."
    if row["kind"] == NOT_ASKED:
        return "Claim {id}, “{measure}”, could not be tested: {reason}."
    held = row["basis"] in {SUPPORTED, CONTRADICTED} and row["kind"] == NOT_FOUND
    more = ", but not among all contrasts together" if held else ""
    less = ", by less than the {smallest} that would matter" if row["kind"] == SMALL else ""
    tail = _TAIL.replace("{q}", "joint test, among all contrasts: {q}")
    seen = " " + _seen(row, "detectable") if row["kind"] == NOT_FOUND else ""
    if row["note"] == NOTHING:  # among what holds the same contrast may stand, tested by itself
        seen = (
            " The interval of this one analysis lies beyond 0; a claim is judged by all its analyses together." + seen
        )
    judged = "Claim {id}, “{measure}”, is {basis}" + more + less + " ({note}): "
    return judged + "{a}" + comma_after(str(row["a"])) + " against {b} {effect}" + tail + "." + seen


class _Cells(dict):
    """The texts of a row's cells, as a sentence holds them."""

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if name in _COMPOSED:
            return _COMPOSED[name](self)
        if not isinstance(value, str):
            return cell_text(name, value, self.get("smallest_unit" if name == "smallest" else "unit"))
        if name == "measure" and self.get("family") == CLAIM:
            return value.rstrip(".")  # within a sentence
        if name == "measure" and self.get("family") in _MANY:
            return _quoted(value, " + ")
        if name == "instrument" or (name == "measure" and self["family"] in {OVERALL, ACROSS}):
            return instruments(value)
        return _CALLED.get(name, {}).get(value, value)


def _several(cells: _Cells) -> str:
    if cells["family"] in _MANY and cells.get("count") > _NAMED:
        return f"{cells['count']} {_MANY[cells['family']]}"
    if cells["family"] == TOGETHER:
        return f"{cells['count']} pairs of concepts"
    if cells["family"] in _MANY:
        return _quoted(str(cells.get("measure")), ", ")
    return join(cells["measure"].split(", "))


def _quoted(names: str, between: str) -> str:
    """Return concepts as a sentence names them: some are no nouns, as “staged” is not."""
    return join([f"“{name}”" for name in names.split(between)])


def _reason(cells: _Cells) -> str:
    note = cells["note"]
    nouns = dict.fromkeys(noun for side in "ab" for noun in _units(cells, side).split(" or "))
    known = _REASONS.get(cause(note))
    return known.replace("{units}", " or ".join(nouns)) if known else note


def _units(cells: _Cells, side: str) -> str:
    noun = cells.get(f"units_{side}")
    return any_of([noun] if isinstance(noun, str) else [])


def _clusters(cells: _Cells) -> str:
    if _units(cells, "a") in {"threads", "accounts", "utterances"}:
        return _units(cells, "a")
    return {VLOGGER: "accounts"}.get(cells.get("a"), "threads" if cells.get("a") in VANTAGES else _units(cells, "a"))


def _who(cells: _Cells, side: str) -> str:
    """Name a side; where it does nothing, in a claim or before the colon of what to gather, by its bare name."""
    alone = cells["family"] == CLAIM or cells["kind"] == GATHER
    return (called if alone else speakers)(cells.get(side))


def _spoken(cells: _Cells) -> str:
    return "" if pd.isna(cells.get("language")) else f" in {cells['language']}"


_CALLED = {"basis": _BASES} | dict.fromkeys(("language", "language_a", "language_b"), LANGUAGE_NAMES)
_COMPOSED = {
    **{side: lambda cells, side=side: _who(cells, side) for side in "ab"},
    "several": _several,
    "reason": _reason,
    "cluster": _clusters,
    "spoken": _spoken,
    "units_a": lambda cells: "" if _units(cells, "a") == _units(cells, "b") else f" {_units(cells, 'a')}",
    "units_b": lambda cells: _units(cells, "b"),
}


def cell_text(name: str, value: Any, unit: object = "") -> str:  # noqa: ANN401
    """Return the value of a cell as a sentence writes it: three digits, counts whole.

    Examples
    --------
    >>> cell_text("effect", 12.3456, "points"), cell_text("q", 0.00012), cell_text("share_a", 0.0413)
    ('12.3 points', 'q < .001', '4.13 %')
    >>> cell_text("effect", 1.0, "points"), cell_text("q", 0.04998)
    ('1 point', 'q = 0.04998')
    >>> cell_text("smallest", 1.5, "times"), cell_text("effect_low", -0.0312), cell_text("effect_low", 1.0004, "times")
    ('ratio of 1.5', '−0.0312', '1.0004')

    """
    if pd.isna(value):
        return "not known"
    if name in {"p", "q"}:
        return f"{name} {sure(value, 3)}"
    if name.startswith("share"):
        return f"{_digits(100 * value)} %"
    if name.startswith("g_"):
        return effective(value)
    if name in {"effect", "detectable", "detectable_low", "detectable_high", "smallest"}:
        times = "ratio of {}" if name == "smallest" else "{} times as often"
        words = {"points": plural(_digits(value), "point"), "times": times, "sd": "{} sd"}
        return words.get(str(unit), "{}").format(_digits(value, unit))
    return _digits(value, unit) if isinstance(value, float) else f"{value:,}"


def _digits(value: float, unit: object = "") -> str:
    if not math.isfinite(value):
        return "no end"
    if abs(value) >= 1_000:  # noqa: PLR2004
        return f"{value:,.0f}".replace("-", "−")
    return (ratio(value, 3) if str(unit) == "times" else f"{value:.3g}").replace("-", "−")
