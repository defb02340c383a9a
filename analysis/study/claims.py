"""What notebook 06 calls: the claims of the seeds, held against what people said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.claims import COLUMNS, Claim, parse_claims
from analysis.compare.links import add_linked
from analysis.compare.specifications import INSTRUMENT, Ground, Scores
from analysis.compare.verdicts import assess
from analysis.corpus.readers.table import read_rows
from analysis.measure.concepts import read_codebook
from analysis.measure.options import MASKED, UNMASKED
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
    links = labmt_links()
    ground = Ground(
        measures=study.measures,
        mentions=study.mentions,
        concepts=[row["concept"] for row in read_codebook()],
        scores={mark: _scores(study, mark, instruments[mark], lens) for mark in instruments},
        instruments=instruments,
        links=links,
        aligned=_chosen(study.aligned, "_masked"),
    )
    verdicts, specifications = assess(read_claims(), ground, np.random.default_rng(seed), draws)
    return Claims(style.rounded(verdicts), style.rounded(specifications))


def _scores(study: Study, masked: str, instruments: list[str], lens: float) -> Scores:
    """Give the plain names to the masked or the unmasked scores, whatever the run's own choice."""
    rows = _chosen(study.measures, "_masked" if masked == "yes" else UNMASKED)
    own = rows["evidence"] != "paraphrase"
    return Scores(
        add_linked(rows, labmt_links()),
        tone_levels(rows[own], tuple(instruments), lens, masked=masked == "yes"),
    )


def _chosen(rows: pd.DataFrame, twin: str) -> pd.DataFrame:
    return rows.assign(**{name: rows[name + twin] for name in MASKED})


def claims_figure(study: Study, tables: Claims) -> style.Saved:
    """Draw every claim with its verdict and its specifications."""
    figure = show_claims.draw_claims(tables.verdicts, tables.specifications)
    return study.save(figure, show_claims.claim_rows(tables.verdicts, tables.specifications), "06-claims")


def verdict_table(tables: Claims) -> pd.DataFrame:
    """Return each claim with its verdict and the data that would decide it."""
    told = tables.verdicts.assign(verdict=tables.verdicts["verdict"] + ": " + tables.verdicts["reason"])
    return told[["id", "claim", "verdict", "needs"]].set_index("id")
