"""What notebook 05 shows: the headline contrasts of a study, each by every specification.

The headline contrasts are declared here, before looking: the tone of every pair of the study's groups, within a
language and, by the lawful views, across two; and what every claim compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.compare.choices import COLUMNS as SUMMED
from analysis.compare.choices import summarise
from analysis.compare.claims import Explored, explored_claims
from analysis.compare.contrasts import SIZES
from analysis.compare.dataset import Dataset
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, plain_name
from analysis.compare.multiverse import COLUMNS as SPECIFIED
from analysis.compare.multiverse import NUMBERS, Contrast, explore
from analysis.compare.statistics import OF_INTEREST
from analysis.compare.talk import study_talk
from analysis.digits import rounded

#: What a contrast's rows hold besides, the same in each.
ABOUT = (
    *("contrast", "group_a", "group_b", "measure", "language", "a", "b"),
    *("label_a", "label_b", "vantage_a", "vantage_b", "units_a", "units_b", "joint_p", "joint_n"),
)


def tone_contrasts(study: Dataset, rows: pd.DataFrame) -> Iterator[tuple[Contrast, dict[str, str]]]:
    """Yield the contrasts of tone, with what tells of them; references are no side across languages."""
    own = (rows["evidence"] != "paraphrase").to_numpy()
    for a, b in combinations(study.groups, 2):
        if a.language != b.language:
            if REFERENCE in {a.name, b.name} or {a.language, b.language} != {"en", "zh"}:
                continue
            a, b = sorted((a, b), key=lambda group: group.language, reverse=True)  # noqa: PLW2901  zh first, as in 02
        sides = tuple(
            own & (rows["group"] == group.name).to_numpy() & (rows["language"] == group.language).to_numpy()
            for group in (a, b)
        )
        spoken = "-".join(dict.fromkeys((a.language, b.language)))
        told = " and ".join(LANGUAGE_NAMES[code] for code in spoken.split("-"))
        about = {
            "contrast": f"tone in {told}: {plain_name(a.name)} and {plain_name(b.name)}",
            "group_a": a.name,
            "group_b": b.name,
        }
        about |= {"measure": "tone", "language": spoken, "a": a.name, "b": b.name, "label_a": a.label}
        about |= {"label_b": b.label, "vantage_a": a.vantage, "vantage_b": b.vantage}
        about |= {"units_a": a.units, "units_b": b.units}
        name = f"tone_{spoken.replace('-', '_')}"
        yield Contrast(name, "tone", (a.name, b.name), sides, smallest=OF_INTEREST["sd"]), about


def about_claim(explored: Explored) -> dict[str, str | None]:
    """Return what tells of the contrast of a claim."""
    claim = explored.claim
    about = {"contrast": f"claim {claim.number}: {claim.text}", "group_a": None, "group_b": None}
    about |= {"measure": claim.measure, "language": ""}
    about |= {"a": claim.a.name, "b": claim.b.name, "label_a": claim.a.name, "label_b": claim.b.name}
    for side, vantage, units in zip("ab", explored.vantages, explored.units, strict=True):
        about |= {f"vantage_{side}": vantage, f"units_{side}": units}
    return about


def multiverses(study: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make every headline contrast by every specification.

    Returns
    -------
    tuple of pandas.DataFrame
        A row a specification (`analysis.compare.multiverse.explore`), with :data:`ABOUT` (the groups only where
        these are what is compared); and a row a choice (`analysis.compare.choices.summarise`),
        with ``contrast, a, b``.

    """
    talk, found = study_talk(study), []
    for contrast, about in tone_contrasts(study, talk.rows):
        # The same draws whatever else is looked at.
        found.append((about, *explore(contrast, talk, study.rng(), study.parameters.draws)))
    # What notebook 06 says of a claim, with its draws.
    found += [
        (about_claim(one), one.table.assign(id=f"claim_{one.claim.number}"), one.p)
        for one in explored_claims(study)
        if one.vantages
    ]
    tables, sums = [], []
    for about, table, p in found:
        if len(table):
            tables.append(table.assign(**about, joint_p=p, joint_n=int(table["counted"].sum())))
            sums.append(summarise(table, p).assign(**{name: about[name] for name in ("contrast", "a", "b")}))
    if not tables:
        empty = pd.DataFrame(columns=list(dict.fromkeys([*SPECIFIED, *ABOUT])))
        return empty, pd.DataFrame(columns=[*SUMMED, "contrast", "a", "b"])
    specified = pd.concat(tables, ignore_index=True)
    for name in SIZES:
        specified[name] = specified[name].astype("Float64").astype("Int64")
    specified["note"] = specified["note"].where(specified["ci_low"].isna(), "")
    return rounded(_typed(specified)), rounded(pd.concat(sums, ignore_index=True))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = (*NUMBERS, "estimate", "se", "df", "g_a", "g_b", "joint_p")
    return table.assign(**{name: table[name].astype(np.float64) for name in numbers})
