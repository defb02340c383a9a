"""What notebook 06 calls: the claims of the seeds, held against what people said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.claims import COLUMNS, Claim, parse_claims
from analysis.compare.links import add_linked
from analysis.compare.specifications import INSTRUMENT, OTHER, ClaimInputs, Scores
from analysis.compare.verdicts import assess
from analysis.corpus.readers.table import read_rows
from analysis.measure.concepts import read_codebook
from analysis.measure.options import LAUGHING, MASKED, OTHER_LAUGHTER, UNMASKED
from analysis.measure.pairs import labmt_links
from analysis.show import claims as show_claims
from analysis.show import style
from analysis.study.sentiment import tone_levels
from analysis.study.session import Study

CLAIMS = paths.DATA / "claims.csv"


@dataclass(frozen=True)
class Claims:
    """The tables of notebook 06."""

    verdicts: pd.DataFrame
    specifications: pd.DataFrame


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Read a claims table; InputError names the row and the column that is wrong."""
    return parse_claims(read_rows(path, COLUMNS), path)


def claim_tables(study: Study, draws: int = 1999, seed: int = 1, lens: float = 0.5) -> Claims:
    """Hold every claim against the corpus.

    Parameters
    ----------
    study : Study
    draws, seed : int
        Permutations of clusters, and the seed of their generator.
    lens : float
        The lens of the run, for the level of ordinary language.

    """
    # The headline's instrument is always among them.
    names = list(dict.fromkeys([INSTRUMENT, *study.scales]))
    instruments = {"yes": names, "no": [name for name in names if name in MASKED]}
    # Laughter apart or scored: a fork where anybody laughs.
    laughing = [
        name
        for name in names
        if name in LAUGHING and not study.measures[name + OTHER_LAUGHTER].equals(_chosen(study.measures, "yes")[name])
    ]
    if laughing:
        instruments[OTHER] = laughing
    links = labmt_links()
    inputs = ClaimInputs(
        measures=study.measures,
        mentions=study.mentions,
        concepts=[row["concept"] for row in read_codebook()],
        scores={mark: _scores(study, mark, instruments[mark], lens) for mark in instruments},
        instruments=instruments,
        links=links,
        aligned=_chosen(study.aligned, "yes"),
    )
    verdicts, specifications = assess(read_claims(), inputs, np.random.default_rng(seed), draws)
    return Claims(style.rounded(verdicts), style.rounded(specifications))


def _scores(study: Study, key: str, instruments: list[str], lens: float) -> Scores:
    """Give the plain names to the scores of one choice, whatever the run's own."""
    rows = _chosen(study.measures, key)
    own = rows["evidence"] != "paraphrase"
    laughter = study.laughter if key != OTHER else "score" if study.laughter == "apart" else "apart"
    levels = tone_levels(rows[own], tuple(instruments), lens, masked=key != "no", laughter=laughter)
    return Scores(add_linked(rows, labmt_links()), levels, laughter)


def _chosen(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    if key == OTHER:
        return rows.assign(**{name: rows[name + OTHER_LAUGHTER] for name in LAUGHING})
    return rows.assign(**{name: rows[name + ("_masked" if key == "yes" else UNMASKED)] for name in MASKED})


def claims_figure(study: Study, tables: Claims) -> style.Saved:
    """Draw every claim with its verdict and its specifications."""
    figure = show_claims.draw_claims(tables.verdicts, tables.specifications)
    return study.save(figure, show_claims.claim_rows(tables.verdicts, tables.specifications), "06-claims")


def verdict_table(tables: Claims) -> pd.DataFrame:
    """Return each claim with its verdict and the data that would decide it."""
    told = tables.verdicts.assign(verdict=tables.verdicts["verdict"] + ": " + tables.verdicts["reason"])
    return told[["id", "claim", "verdict", "needs"]].set_index("id")
