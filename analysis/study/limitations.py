"""What a run cannot show: whom it has too few of, what its groups may differ in besides, what was not scored."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.compare.across import COUNTERPARTS
from analysis.compare.clusters import FEW_FOR_P
from analysis.compare.contested import TONE
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE
from analysis.measure.options import SCALES
from analysis.study.cells import Cells, join
from analysis.study.study import Study


def limits(cells: Cells, study: Study) -> Iterator[str]:
    """Yield the limitations that follow from the corpus and its tables."""
    by_people = not study.coding("codes").empty
    nobody = not by_people and not set(study.scales) - set(SCALES)
    coded = " no text was coded by people," if nobody else ""
    what = "All but what people coded" if by_people else "All of this"
    yield (
        f"{what} measures words, not stance:{coded} mockery scores as warmth, and no claim about what anybody "
        "thinks of North Korea follows."
    )
    spoken = [LANGUAGE_NAMES[group.language] for group in study.groups if group.name != REFERENCE]
    yield _confounded(study.own_words, study.parameters.compare, spoken)
    groups = cells.tables["groups"]
    if "alone" in groups:
        told = [
            f"{cells(f'alone_{at}', 'groups', 'value', 'alone', f'index == {at}', 'utterance')} of "
            f"{cells(f'alone_group_{at}', 'groups', 'value', 'group', f'index == {at}')} in "
            f"{cells(f'alone_language_{at}', 'groups', 'value', 'language', f'index == {at}')}"
            for at in groups.index[groups["alone"] > 0]
        ]
        yield (
            f"Of {join(told)} neither thread nor account is known: each counts as a voice of its own, so that "
            "intervals are too narrow, and p too small, wherever several stand under one video or are of one account."
        )
    few = groups.query(f"effective_clusters < {FEW_FOR_P}")
    if len(few):
        told = [
            f"{cells(f'few_{at}', 'groups', 'value', 'group', f'index == {at}')} in "
            f"{cells(f'few_language_{at}', 'groups', 'value', 'language', f'index == {at}')}"
            for at in few.index
        ]
        yield f"For a p there are too few effective clusters of {join(told)}."
    if any(group.language == "en" for group in study.groups):
        yield (
            "Where an export names no language, letters tell it: all that is written in Latin ones counts as English "
            "(German, Spanish, Turkish, too), and its words are scored as English words."
        )
    if cells.has("02-coverage"):
        words = cells.tables["02-coverage"].query("instrument != 'emoji' and n_a > 0")
        if len(words):
            at = f"index == {words['estimate'].idxmin()}"
            low = cells("lowest", "02-coverage", "value", "estimate", at, ".0%")
            what, whose = (
                cells(f"lowest_{name}", "02-coverage", "value", name, at) for name in ("instrument", "label")
            )
            yield f"Coverage is lowest by {what} for {whose} ({low}); what is not scored may differ from what is."
    if "02-across" in cells.tables and not cells.has("02-across"):
        yield "No comparison across languages was possible."
    missing = [LANGUAGE_NAMES[each] for each in COUNTERPARTS[TONE] if not _references(study, each)]
    if missing:
        where = " or ".join(missing)
        yield f"There is no reference collection in {where}: how warm ordinary talk is anyway is not known."


def _references(study: Study, language: str) -> bool:
    spoken = {group.language for group in study.groups if group.name != REFERENCE}
    have = {group.language for group in study.groups if group.name == REFERENCE}
    return language not in spoken or language in have


def _confounded(rows: pd.DataFrame, compare: str, spoken: list[str]) -> str:
    """Say which of platform, language and collection the groups coincide with, or may differ in besides."""
    if (groups := rows["group"].nunique()) < 2:  # noqa: PLR2004
        if groups and len(spoken) > 1:
            talk = join([f"its {language}" for language in spoken])
            return f"There is one group alone: what sets {talk} apart may be due to who speaks which, where and when."
        return "There is one group alone, which is compared with nobody." if groups else "Nobody's own words are there."
    others = [name for name in ("language", "platform", "collection") if name != compare]
    out, varied, alike = [], [], []
    for name in others:
        spread, shared = rows.groupby("group")[name].nunique(), rows.groupby(name)["group"].nunique()
        if (spread == 1).all() and (shared == 1).all():
            out.append(name)
        elif len(shared) > 1:
            varied.append(name)
        elif len(shared) == 1:
            alike.append(name)
    told = f"Group and {join(out)} coincide entirely: no difference can be put down to one of them. " if out else ""
    varied += [] if compare in {"year", "period"} else ["period"]
    what = join(varied)
    which = "that" if len(varied) == 1 else "any of these"
    if varied:
        return f"{told}Groups may differ in {what}, too, and what sets them apart may be due to {which}."
    common = f"Groups have the same {join(alike)}; " if alike else ""
    return f"{told}{common}{'i' if common else 'I'}n what else they differ nobody recorded."
