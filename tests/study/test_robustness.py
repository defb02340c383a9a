"""Notebook 05 on real rows: what was left out comes back, other lenses are what a run with them measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.compare.claims import claim_verdicts, explored_claims
from analysis.compare.coded_scores import CodedScores
from analysis.compare.correction import Pseudo
from analysis.compare.robustness import about_claim, multiverses, tone_contrasts
from analysis.compare.talk import study_talk
from analysis.corpus import ImportOptions, import_file
from analysis.study import open_study
from analysis.study.study import Study

#: Of these somebody pasted one many times, and a bot wrote some.
PASTED = "This is a long text that somebody pasted again and again under every video that there is, and again."
BOT = "I am a bot, and this action was performed automatically."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, fixture_file: Path) -> Path:
    """Return the bilingual fixture with copies and a bot's notices."""
    made = tmp_path_factory.mktemp("robust")
    rows = [{"text": PASTED if i % 2 else f"{BOT} {'Again. ' * (i % 5)}", "thread_id": f"t{i % 7}"} for i in range(24)]
    pd.DataFrame(rows).to_csv(made / "more.csv", index=False)
    import_file(fixture_file, made / "corpus", ImportOptions("Bilingual fixture"))
    columns = {name: name for name in rows[0]}
    import_file(made / "more.csv", made / "corpus", ImportOptions("Pasted", columns, {"vantage": "western_commenter"}))
    return made / "corpus"


def opened(folder: Path, **more: object) -> Study:
    return open_study(corpus=str(folder), out=str(folder.parent / "out"), draws=99, **more)


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Study, pd.DataFrame, pd.DataFrame]:
    """Return a study and its multiverse, with scores as if codes had corrected them: made once."""
    study = opened(folder)
    score = np.linspace(-1, 1, len(study.every))
    coded = CodedScores({"corrected": Pseudo(score, score, np.ones(len(score)), share=False, unit=1.0)}, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.compare.talk.coded_scores", lambda *_: coded)
        return study, *multiverses(study)


def test_every_choice_of_whom_to_count_is_what_a_run_with_it_counts(folder: Path) -> None:
    talk = study_talk(opened(folder))
    assert (~talk.rows["kept"]).sum() > 0
    for counted in talk.filters:
        choices = {name: counted.choices[name] for name in ("boilerplate", "duplicates")}
        if counted.choices["evidence"] != "all allowed" or counted.choices["length"] != "any":
            continue
        run = opened(folder, **choices)
        rows = run.measures.sort_values("row")
        assert talk.rows.loc[counted.keeps, "utterance_id"].tolist() == rows["utterance_id"].tolist()
        assert talk.rows.loc[counted.keeps, "group"].tolist() == rows["group"].tolist()
        # Whatever was left out, every run knows the same utterances.
        assert run.every["utterance_id"].tolist() == talk.rows["utterance_id"].tolist()
    assert {tuple(counted.choices.values())[1:3] for counted in talk.filters} >= {("keep", "keep"), ("drop", "first")}
    # The run's own choices come first.
    for how in ({"boilerplate": "keep"}, {"duplicates": "first"}):
        run = opened(folder, **how)
        first = study_talk(run).filters[0]
        assert first.keeps.tolist() == run.every["kept"].tolist()


def test_another_lens_gives_the_scores_that_a_run_with_it_measures(folder: Path) -> None:
    ways = {(way.instrument, *way.choices): way for way in study_talk(opened(folder)).ways}
    other = opened(folder, lens=1.0, laughter="score")
    pairs = {"labmt": "labmt", "nrcvad": "nrcvad"}
    for name, column in pairs.items():
        for masked, ending in (("yes", "_masked"), ("no", "_unmasked")):
            way = ways[name, "1 points", masked, "score"]
            np.testing.assert_array_equal(way.score, other.scores(column + ending))
    linked = ways["labmt", "1 points", "yes", "score"].linked
    np.testing.assert_array_equal(linked, other.scores("labmt_linked_masked"))
    # Only some of the utterances of a lens have a score under another.
    assert np.isnan(linked).sum() > np.isnan(ways["labmt", "0 points", "yes", "score"].linked).sum()


def test_the_headline_contrasts_are_declared_and_each_has_its_rows(
    made: tuple[Study, pd.DataFrame, pd.DataFrame],
) -> None:
    study, table, choices = made
    claims = [about_claim(one) for one in explored_claims(study) if one.vantages]
    declared = [*(about for _, about in tone_contrasts(study, study.every)), *claims]
    named = [about["contrast"] for about in declared]
    assert named[0].startswith("tone in ")
    # A bar of a claim has the colour of a side: both sides of these are one vantage each.
    sides = {about["contrast"].partition(":")[0]: (about["vantage_a"], about["vantage_b"]) for about in declared}
    assert sides["claim 1"] == ("western_commenter", "vlogger")
    assert len(set(named)) == len(named)
    assert list(dict.fromkeys(table["contrast"])) == [name for name in named if name in set(table["contrast"])]
    whole = choices[choices["axis"] == ""].set_index("contrast")
    assert (whole["specifications"] == table.groupby("contrast").size().reindex(whole.index)).all()
    assert (whole["drawn"] + whole["gaps"] == whole["specifications"]).all()
    gaps = table[table["ci_low"].isna()]
    assert (gaps["note"] != "").all()
    assert table.groupby("contrast")["headline"].sum().max() == 1


def test_a_claim_has_one_p_and_one_interval_in_both_notebooks(folder: Path) -> None:
    study = opened(folder)
    verdicts, _ = claim_verdicts(study)
    table, _ = multiverses(study)
    heads = table[table["headline"] & table["id"].str.startswith("claim_")].set_index("id")
    both = verdicts.set_index("claim_" + verdicts["id"]).loc[heads.index]
    both = both[both["p"].notna()]
    assert len(both)
    units = ["units_a", "units_b"]
    assert "accounts" in set(heads[units].to_numpy().ravel())
    pd.testing.assert_frame_equal(heads.loc[both.index, units], both[units], check_dtype=False)
    pd.testing.assert_series_equal(both["p"], heads["joint_p"].loc[both.index], check_names=False)
    ends = ["effect", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(both[ends], heads.loc[both.index, ends])


def test_scores_that_human_codes_correct_are_one_more_instrument(
    made: tuple[Study, pd.DataFrame, pd.DataFrame],
) -> None:
    _, table, _ = made
    mine = table[table["instrument"] == "corrected"]
    assert set(mine["view"]) <= {"direct", "human codes"}
    assert len(mine)
