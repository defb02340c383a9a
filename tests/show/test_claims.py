"""The claims figure: it draws what its table says, at the size of the seeds and where every claim can be tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from readable import problems

from analysis.compare.claims import claim_rows
from analysis.show import style
from analysis.show.claims import draw_claims

HOSTILE = "<b>x</b> $\\frac{1}{$ \u202eevil 𝕏 " + "看" * 90


def verdict(number, word="supported", effect=10.0, **more):
    """Return a row of verdicts; effects of a minus b in points, the smallest is 5."""
    row = {"id": number, "claim": f"Claim {number} says more.", "document": "000", "measure": "prevalence"}
    row |= {"concept": "staged", "a": "those", "b": "these", "direction": "higher", "smallest": 5.0, "unit": "points"}
    row |= {"analysis": "utterance-weighted", "effect": effect, "ci_low": effect - 4, "ci_high": effect + 4}
    row |= {
        "low_90": effect - 3,
        "high_90": effect + 3,
        "gap_low": 0.0,
        "gap_high": 0.0,
        "median": effect,
        "specifications": 2,
        "p": 0.01,
    }
    row |= {"p_holm": 0.02, "n_a": 1200, "n_b": 80, "clusters_a": 30, "clusters_b": 12, "clusters_shared": 0}
    row |= {"g_a": 28.5, "g_b": 11.0, "collections_a": "Reddit", "collections_b": "Weibo"}
    return {**row, "verdict": word, "reason": "all three conditions hold", "needs": "More words.", **more}


def untestable(number, reason="source of the claim", **more):
    names = ("effect", "ci_low", "ci_high", "low_90", "high_90", "median", "p", "p_holm", "g_a", "g_b")
    counts = dict.fromkeys(("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared"), pd.NA)
    empty = {**dict.fromkeys(names, np.nan), **counts}
    return verdict(number, "untestable", **{**empty, "reason": reason, "specifications": 0, "analysis": "", **more})


def tables(rows, effects=(9.0, 11.0)):
    verdicts = pd.DataFrame(rows)
    for name in ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared"):
        verdicts[name] = verdicts[name].astype("Int64")
    made = [
        {"id": row["id"], "headline": i == 0, "counted": True, "effect": effect, "instrument": ""}
        for row in rows
        if row["verdict"] != "untestable"
        for i, effect in enumerate(effects)
    ]
    return verdicts, pd.DataFrame(made, columns=["id", "headline", "counted", "effect", "instrument"])


def drawing(verdicts, rows):
    return draw_claims(claim_rows(verdicts, rows))


def drawn(figure, marker):
    """Return x and y of everything drawn with a marker."""
    return [
        (float(x), float(y))
        for line in figure.axes[0].lines
        if line.get_marker() == marker
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def words(figure):
    return "\n".join(text.get_text() for text in figure.axes[0].texts)


def test_effects_stand_in_multiples_of_the_smallest_one_signed_by_the_claim():
    rows = [
        verdict("1"),
        verdict("2", direction="lower"),
        verdict("3", effect=0.3, ci_low=0.1, ci_high=0.5, low_90=0.2, high_90=0.4, smallest=0.2, unit="sd"),
        untestable("4"),
    ]
    figure = drawing(*tables(rows))
    dots, rows_at = zip(*drawn(figure, "D"), strict=True)
    assert dots == (2.0, -2.0, pytest.approx(1.5))
    assert list(rows_at) == sorted(rows_at) == pytest.approx(figure.axes[0].get_yticks())
    ticks = drawn(figure, "|")
    assert [x for x, y in ticks if y < rows_at[1]] == pytest.approx([1.8, 2.2])
    assert [x for x, y in ticks if rows_at[1] < y < rows_at[2]] == pytest.approx([-1.8, -2.2])
    ends = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() == "None" and len(line.get_xdata())]
    assert any(np.allclose(x, [1.2, 2.8]) for x in ends)
    assert any(np.allclose(x, [1.4, 2.6]) for x in ends)


def test_what_was_not_counted_is_no_tick_and_what_lies_beyond_stands_at_the_edge():
    long = {"claim": "Western voices mention surveillance more often than the others.", "analysis": "word " * 12}
    verdicts, rows = tables([verdict("1", effect=400.0, **long)], (9.0, 500.0))
    rows.loc[0, "counted"] = False
    figure = drawing(verdicts, rows)
    edge = figure.axes[0].get_xlim()[1]
    assert edge == 10.0
    assert [x for x, _ in drawn(figure, "D")] == [edge]
    assert [x for x, _ in drawn(figure, "|")] == [edge]
    assert "+400 points" in words(figure)
    # A diamond is a square on its corner, and no part of it lies on the text beside.
    figure.draw_without_rendering()
    ax = figure.axes[0]
    half = 6 / 2**0.5 * figure.dpi / 72
    assert ax.transData.transform((edge, 0))[0] + half < min(text.get_window_extent().x0 for text in ax.texts)


def test_what_codes_correct_is_a_tall_tick_and_the_foot_says_so():
    verdicts, rows = tables([verdict("1")])
    figure = drawing(verdicts, rows.assign(instrument=["codebook", "codes"]))
    tall = {line.get_markersize(): list(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "|"}
    assert tall == {7: [pytest.approx(1.8)], 12: [pytest.approx(2.2)]}
    assert "corrected by human codes" in figure.get_supxlabel()
    assert "human codes" not in drawing(verdicts, rows).get_supxlabel()


def test_a_tested_claim_tells_verdict_numbers_counts_and_collections():
    text = " ".join(words(drawing(*tables([verdict("1")]))).split())
    for part in (
        "supported: all three conditions hold",
        "those minus these: +10 points [+6, +14]",
        "joint p = 0.02 (Holm) of 2 specifications",
        "n = 1,200 in 30 clusters (28.5 effective), Reddit",
        "n = 80 in 12 clusters (11.0 effective), Weibo",
    ):
        assert part in text
    assert "Would decide it" not in text
    told = " ".join(words(drawing(*tables([verdict("1", a="vloggers, all western")]))).split())
    assert "vloggers, all western, minus these: +10 points" in told


def test_clusters_are_called_what_they_are_ratios_are_times_and_words_of_the_study_are_explained():
    ratio = {"effect": 2.0, "ci_low": 1.0, "ci_high": np.inf, "unit": "log2 ratio", "smallest": 0.585}
    row = verdict("1", **ratio, units_a="threads", units_b="threads and accounts", analysis="labmt, utterance-weighted")
    other = untestable("2", "too few in 1 cluster, of effective clusters", units_a="threads", units_b="accounts")
    figure = drawing(*tables([row, other]))
    text, said = (" ".join(told.split()) for told in (words(figure), figure.get_supxlabel()))
    assert "those against these: × 4 [2, ∞]" in text
    assert "labMT, utterance-weighted" in text
    assert "in 30 threads (28.5 effective)" in text
    assert "in 12 threads and accounts (11.0 effective)" in text
    assert "claim 2: too few in 1 thread or account, of effective threads or accounts." in said
    assert "The seeds: three documents" in said
    assert "All three conditions: the 95 % interval lies beyond 0" in said
    assert "Ratios are of shares with half a mention added to each side." in said
    assert "half a mention" not in drawing(*tables([verdict("1")])).get_supxlabel()
    undecided = drawing(*tables([verdict("1", "undecided", reason="neither")]))
    assert "All three conditions" not in undecided.get_supxlabel()
    assert problems(figure) == []


def test_one_specification_is_one_and_p_near_the_level_does_not_look_like_it():
    verdicts, rows = tables([verdict("1", p_holm=0.0495, specifications=1)])
    assert "joint p = 0.0495 (Holm) of 1 specification n = " in " ".join(words(drawing(verdicts, rows)).split())


def test_an_interval_is_not_parted_and_ochre_is_told_where_it_is_drawn():
    names = {"a": "Chinese viewers and their kin", "b": "western commenters"}
    figure = drawing(*tables([verdict("1", effect=13.25, ci_low=-10.5, ci_high=16.5, **names)]))
    told = [text.get_text() for text in figure.axes[0].texts]
    lines = [line for text in told for line in text.split("\n")]
    assert "+13 points [−10, +16]" in lines
    assert "Ochre" not in figure.get_supxlabel()
    assert "Ochre: how far translations" in drawing(*tables([verdict("1", gap_high=0.2)])).get_supxlabel()


def test_untestable_claims_are_named_with_their_reasons_below_those_that_are_tested():
    figure = drawing(*tables([verdict("1"), untestable("2"), untestable("3"), untestable("3b", "too few clusters")]))
    assert figure.get_suptitle() == "Do the seeds' claims hold of this corpus? 1 supported, 3 untestable"
    said = " ".join(figure.get_supxlabel().split())
    assert "Not tested: claims 2, 3: source of the claim; claim 3b: too few clusters." in said
    assert len(drawn(figure, "D")) == 1


def test_where_no_claim_can_be_tested_a_sentence_says_why_and_no_picture_is_written(tmp_path: Path):
    rows = [untestable("1"), untestable("2", "too few clusters")]
    figure = drawing(*tables(rows))
    assert "claim 1: source of the claim; claim 2: too few clusters" in figure.said
    assert "what would decide each" in figure.said
    style.save(figure, claim_rows(*tables(rows)), tmp_path, "06-claims")
    assert [path.name for path in tmp_path.iterdir()] == ["06-claims.csv"]


def test_no_text_runs_into_another_at_the_size_of_the_seeds():
    rows = [verdict(str(i), claim="A claim of many words " * 6, reason="many words " * 9) for i in range(11)]
    assert problems(drawing(*tables(rows))) == []


def test_hostile_names_are_drawn_as_they_stand(tmp_path: Path):
    rows = [verdict("1", a=HOSTILE, claim=HOSTILE, collections_a=HOSTILE), untestable("2", needs=HOSTILE)]
    style.save(drawing(*tables(rows)), claim_rows(*tables(rows)), tmp_path, "06-claims")
    assert b"\xe2\x80\xae" not in (tmp_path / "06-claims.svg").read_bytes()


def test_the_table_holds_every_claim_and_every_specification():
    verdicts, rows = tables([verdict("1"), untestable("2")])
    table = claim_rows(verdicts, rows)
    assert table["row"].tolist() == ["claim", "claim", "specification", "specification"]
    assert table["effect"].tolist()[2:] == [9.0, 11.0]
    assert set(verdicts) | set(rows) | {"row"} == set(table)
    alone = claim_rows(*tables([untestable("1")]))
    assert alone["row"].tolist() == ["claim"]
    assert list(alone) == list(table)


def test_no_claims_are_said_to_be_none():
    verdicts, rows = tables([verdict("1")])
    figure = drawing(verdicts.iloc[:0], rows.iloc[:0])
    assert figure.said == "There are no claims."


def test_a_collection_is_named_whole_or_not_at_all():
    long = "A collection of which the name does not fit beside the numbers of its side"
    said = words(drawing(*tables([verdict("1", collections_b=long)])))
    assert "n = 1,200 in 30 clusters (28.5 effective), Reddit" in said
    assert "n = 80 in 12 clusters (11.0 effective)" in said.splitlines()
    assert "…" not in said


@pytest.mark.parametrize("lines", ["name", "beside"])
def test_each_claim_has_the_room_that_its_lines_take(lines):
    long = {
        "reason": "the interval does not exceed the gap between translations of the same lines and no test finds it"
    }
    long |= {"a": "western commenters and western vloggers", "b": "Chinese viewers and Chinese vloggers"}
    long |= {"verdict": "undecided", "analysis": "labmt, reference collection, masked, utterance-weighted"}
    named = {
        "claim": "Vloggers and commenters of the west name ordinary life and control in one breath more often. " * 2
    }
    more = long if lines == "beside" else named
    short, tall = (drawing(*tables([verdict(str(n), **each) for n in range(4)])) for each in ({}, more))
    assert problems(tall) == []
    assert problems(short) == []
    assert tall.get_size_inches()[1] > short.get_size_inches()[1]
