"""Notebook 06 on the project's own claims: the seeds cannot test them, other talk is told why or why not."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis import paths
from analysis.compare import claims
from analysis.compare.claim_rules import COLUMNS, MEASURES
from analysis.corpus.quotations import import_quotations
from analysis.errors import InputError
from analysis.measure.concepts import read_codebook
from analysis.study import open_study


def test_the_project_states_its_claims_with_halves_as_rows():
    found = claims.read_claims()
    assert [claim.number for claim in found] == ["1", "2", "2b", "3", "3b", "4", "4b", "5", "6", "7", "7b"]
    assert {claim.measure for claim in found} == set(MEASURES)
    assert {claim.source for claim in found} == {"Seed quotations"}
    assert {(claim.unit, claim.smallest) for claim in found} == {("points", 5.0), ("sd", 0.2)}
    with (paths.DATA / "quotations.csv").open(encoding="utf-8", newline="") as file:
        documents = {row["document"] for row in csv.DictReader(file)}
    assert {document for claim in found for document in claim.documents} <= documents
    lower = {claim.number for claim in found if claim.sign < 0}
    assert lower == {"6", "7"}


def test_every_claim_names_a_concept_of_the_codebook():
    known = {row["concept"] for row in read_codebook()}
    assert [c for claim in claims.read_claims() for c in claim.concepts if c not in known] == []


def test_a_table_without_a_column_is_refused(tmp_path: Path):
    path = tmp_path / "claims.csv"
    path.write_text(",".join(COLUMNS[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"claims\.csv, column needs: there is no such column"):
        claims.read_claims(path)


def test_the_seeds_cannot_test_what_was_drawn_from_them(tmp_path: Path):
    import_quotations(tmp_path / "quotations")
    study = open_study(corpus=str(tmp_path / "quotations"), out=str(tmp_path / "out"), draws=99)
    verdicts, specifications = claims.claim_verdicts(study)
    assert set(verdicts["verdict"] + ": " + verdicts["reason"]) == {"untestable: source of the claim"}
    assert len(verdicts) == 11
    assert (verdicts["needs"].str.len() > 40).all()
    assert specifications.empty
    assert set(claims.claim_rows(verdicts, specifications)["row"]) == {"claim"}


def test_other_talk_is_held_against_the_claims_and_told_why_it_cannot_decide(bilingual: Path, tmp_path: Path):
    study = open_study(corpus=str(bilingual), out=str(tmp_path), draws=99)
    verdicts, rows = claims.claim_verdicts(study)
    verdicts = verdicts.set_index("id")
    assert "source of the claim" not in set(verdicts["reason"])
    assert verdicts["reason"].str.len().min() > 0
    testable = verdicts[verdicts["verdict"] != "untestable"]
    assert (testable["p_holm"] >= testable["p"]).all()
    assert np.isnan(verdicts.loc[verdicts["verdict"] == "untestable", "p"]).all()
    assert set(rows.loc[rows["headline"], "weighting"]) <= {"utterance"}
    assert rows[rows["headline"]].groupby("id").size().max() == 1
    # The run's own choices of masking and weighting move no verdict: the headline was declared before looking.
    other = open_study(
        corpus=str(bilingual), out=str(tmp_path), draws=99, masked=False, weighting="cluster", instruments=["vader"]
    )
    again = claims.claim_verdicts(other)[0].set_index("id")
    assert again["effect"].equals(verdicts["effect"])
