"""The rule for verdicts by hand-worked cases, Holm against statsmodels, and what the claims table may hold."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.compare.claim_rules import GroupFilter, holm, judge, parse_claims
from analysis.compare.claims import Explored, assess
from analysis.compare.multiverse import COLUMNS as SPECIFIED
from analysis.errors import InputError

GOOD = {
    "id": "1",
    "claim": "Western voices speak of it more.",
    "document": "000 + 001",
    "measure": "prevalence",
    "concept": "staged",
    "a_name": "western voices",
    "a": "vantage=western_commenter | vantage=vlogger + origin=western",
    "b_name": "vloggers of 2013",
    "b": "vantage=vlogger + year=2013",
    "direction": "higher",
    "smallest": "5 points",
    "source": "Seed quotations",
    "needs": "More.",
}


def table(
    head=(8.0, 4.0, 12.0, 5.0, 11.0), others=(6.0, 7.0), g=(20.0, 30.0), *, counted=True, note="", gap=(0.0, 0.0)
):
    """Return specifications: the headline's effect, 95 % and 90 % ends, and the other effects."""
    names = ("effect", "ci_low", "ci_high", "low_90", "high_90")
    rows = [
        {**dict(zip(names, head, strict=True)), "headline": True, "counted": counted, "g_a": g[0], "g_b": g[1]},
        *({"effect": x, "headline": False, "counted": True, "g_a": 20.0, "g_b": 30.0} for x in others),
    ]
    return pd.DataFrame(rows).assign(note=note, gap_low=gap[0], gap_high=gap[1])


# The headline's effect, 95 % interval and 90 % interval; the smallest effect is 5.
BEYOND = (8.0, 4.0, 12.0, 5.0, 11.0)
BEYOND_SMALL = (2.0, 0.5, 3.5, 0.8, 3.2)
WITHIN = (0.5, -4.0, 5.0, -3.2, 4.2)
TOUCHES = (0.5, -4.0, 5.0, -3.2, 5.0)
WIDE = (3.0, -2.0, 8.0, -1.0, 7.0)


@pytest.mark.parametrize(
    ("head", "others", "p", "word"),
    [
        (BEYOND, (6.0, 7.0), 0.04, "supported"),
        (BEYOND, (6.0, 7.0), 0.05, "undecided"),
        (BEYOND, (6.0, 7.0), np.nan, "undecided"),
        (BEYOND, (-6.0, -7.0), 0.01, "undecided"),
        (BEYOND, (-8.0, 8.0, -8.0), 0.01, "undecided"),
        (BEYOND_SMALL, (2.0, 2.0), 0.01, "supported"),
        (BEYOND_SMALL, (2.0, 2.0), 0.2, "negligible"),
        (BEYOND_SMALL, (-2.0, -2.0), 0.01, "negligible"),
        (WITHIN, (1.0, 2.0), 0.5, "negligible"),
        (WITHIN, (1.0, 2.0), 0.001, "negligible"),
        (TOUCHES, (1.0, 2.0), 0.5, "undecided"),
        (WIDE, (6.0, 7.0), 0.5, "undecided"),
        (WIDE, (6.0, 7.0), 0.001, "undecided"),
    ],
)
def test_the_rule_by_hand_and_in_the_mirror(head, others, p, word):
    mirrored = {"supported": "contradicted"}.get(word, word)
    effect, low, high, low_90, high_90 = head
    turned = (-effect, -high, -low, -high_90, -low_90)
    assert judge(table(head, others), p, 1, 5.0).word == word
    assert judge(table(turned, [-x for x in others]), p, -1, 5.0).word == word
    assert judge(table(turned, [-x for x in others]), p, 1, 5.0).word == mirrored
    assert judge(table(head, others), p, -1, 5.0).word == mirrored


@pytest.mark.parametrize(("p", "head"), list(product((0.01, 0.5, np.nan), (BEYOND, WITHIN, WIDE))))
def test_what_cannot_be_tested_comes_before_every_other_verdict(p, head):
    nothing = (np.nan,) * 5
    for rows, barred, reason in (
        (table(head), "source of the claim", "source of the claim"),
        (table(nothing), "", "nothing to measure"),
        (table(head).iloc[1:], "", "nothing to measure"),
        (table(head, g=(9.9, 30.0)), "", "too few effective clusters (9.9 and 30.0; 10 a side are needed)"),
        (table(head, g=(9.96, 10.0)), "", "too few effective clusters (9.96 and 10.0; 10 a side are needed)"),
        (table(head, g=(30.0, 9.9)), "", "too few effective clusters (30.0 and 9.9; 10 a side are needed)"),
        (table(head, counted=False, note="no variation"), "", "no variation"),
    ):
        assert judge(rows, p, 1, 5.0, barred) == ("untestable", reason)


@pytest.mark.parametrize(
    ("head", "gap", "word"),
    [
        (BEYOND, (-2.0, 3.9), "supported"),
        (BEYOND, (1.0, 4.0), "undecided"),
        (BEYOND, (-9.0, -8.0), "supported"),
        (WITHIN, (-0.5, 0.7), "negligible"),
        (WITHIN, (-0.9, 0.7), "undecided"),
        (WITHIN, (-0.5, 1.9), "undecided"),
    ],
)
def test_across_languages_only_what_exceeds_the_gap_on_aligned_text_is_claimed(head, gap, word):
    effect, low, high, low_90, high_90 = head
    turned = (-effect, -high, -low, -high_90, -low_90)
    assert judge(table(head, gap=gap), 0.01, 1, 5.0).word == word
    assert judge(table(turned, (-6.0, -7.0), gap=(-gap[1], -gap[0])), 0.01, -1, 5.0).word == word
    if word == "undecided" and head is BEYOND:
        assert judge(table(head, gap=gap), 0.01, 1, 5.0).reason == (
            "the interval does not exceed the gap between translations of the same lines"
        )


def test_g_of_exactly_ten_is_enough():
    assert judge(table(g=(10.0, 10.0)), 0.01, 1, 5.0).word == "supported"


def test_specifications_that_are_not_counted_have_no_say():
    rows = table(others=(-9.0, -9.0, -9.0))
    assert judge(rows, 0.01, 1, 5.0).word == "undecided"
    rows.loc[1:, "counted"] = False
    assert judge(rows, 0.01, 1, 5.0).word == "supported"


def test_the_reason_says_what_is_missing():
    assert judge(table(BEYOND), 0.5, 1, 5.0).reason == "the joint test finds nothing"
    why = "the interval is compatible with no difference and the joint test finds nothing"
    assert judge(table(WIDE), 0.5, 1, 5.0).reason == why
    assert judge(table(BEYOND, (-9.0, -9.0)), 0.01, 1, 5.0).reason == "the specifications' median points the other way"
    assert judge(table(BEYOND_SMALL), 0.01, 1, 5.0).reason.endswith("but within the smallest effect")


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels_and_leaves_out_what_was_not_tested(seed):
    rng = np.random.default_rng(seed)
    p = rng.random(9) ** 3
    p[4] = p[7]
    expected = multipletests(p, method="holm")[1]
    np.testing.assert_allclose(holm(p), expected, rtol=1e-12)
    holed = np.insert(p, [0, 3, 9], np.nan)
    np.testing.assert_allclose(holm(holed), np.insert(expected, [0, 3, 9], np.nan), rtol=1e-12)
    assert holm(np.array([])).size == 0


# The table ------------------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_claim():
    (claim,) = parse_claims([GOOD])
    assert (claim.number, claim.documents, claim.concepts) == ("1", ("000", "001"), ("staged",))
    assert (claim.sign, claim.smallest, claim.unit) == (1, 5.0, "points")
    assert claim.a.alternatives == (
        (("vantage", "western_commenter"),),
        (("vantage", "vlogger"), ("origin", "western")),
    )
    two = {**GOOD, "measure": "co-mention", "concept": "ordinary life + surveillance", "direction": "lower"}
    assert parse_claims([two])[0].concepts == ("ordinary life", "surveillance")
    assert parse_claims([two])[0].sign == -1
    assert parse_claims([{**GOOD, "measure": "overall tone", "concept": "", "smallest": "0.2 sd"}])[0].unit == "sd"


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("claim", "", "is empty"),
        ("needs", " ", "is empty"),
        ("measure", "keyness", "(accepted: prevalence, tone around a concept, overall tone, co-mention)"),
        ("direction", "more", "(accepted: higher, lower)"),
        ("concept", "", "holds 0 concepts (accepted: one concept)"),
        ("concept", "staged + fear", "holds 2 concepts (accepted: one concept)"),
        ("smallest", "5", "(accepted: a number and 'points')"),
        ("smallest", "0.2 sd", "(accepted: a number and 'points')"),
        ("smallest", "0 points", "(accepted: a number and 'points')"),
        ("a", "vlogger", "(accepted: vantage=VALUE, origin=VALUE, platform=VALUE, kind=VALUE, year=VALUE)"),
        ("a", "speaker=Kim", "'speaker=Kim' is not a condition"),
        ("b", "vantage=tourist", "(accepted: vantage=western_commenter, vantage=chinese_viewer, vantage=vlogger)"),
        ("b", "vantage=vlogger + year=13", "'13' is not a valid year (accepted: year=YYYY)"),
        ("b", "vantage=vlogger |", "'' is not a condition"),
        ("b", "platform=", "'' is not a valid platform"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_accepted(column, cell, says):
    with pytest.raises(InputError) as error:
        parse_claims([GOOD, {**GOOD, "id": "2", column: cell}], "claims.csv")
    assert str(error.value).startswith(f"claims.csv, row 2, column {column}: ")
    assert says in str(error.value)


def test_an_id_that_stands_twice_and_a_row_that_is_cut_off_are_errors():
    with pytest.raises(InputError, match="row 2, column id: '1' occurs twice"):
        parse_claims([GOOD, GOOD])
    with pytest.raises(InputError, match="row 1, column needs: a cell of the row is missing"):
        parse_claims([{**GOOD, "needs": None}])


def test_groups_are_alternatives_of_conditions_and_what_is_not_known_is_not_theirs():
    measures = pd.DataFrame(
        {
            "vantage": ["western_commenter", "vlogger", "vlogger", "vlogger", None],
            "origin": ["western", "western", "chinese", None, "western"],
            "year": pd.array([2013, 2013, 2013, None, 2013], dtype="float64"),
        }
    )
    claim = parse_claims([GOOD])[0]
    assert claim.a.select(measures).tolist() == [True, True, False, False, False]
    assert claim.b.select(measures).tolist() == [False, True, True, False, False]
    assert GroupFilter("nobody", ()).select(measures).sum() == 0


def test_whom_a_claim_is_judged_on_is_named_without_its_own_source():
    # Western commenters of two collections, one thread each; a Chinese vlogger's account, whose posts are threads.
    there = pd.DataFrame(
        {
            "utterance_id": ["1", "2", "3"],
            "collection": ["Reddit", "Seed quotations", "Douyin"],
            "vantage": ["western_commenter", "western_commenter", "vlogger"],
            "origin": ["western", "western", "chinese"],
            "platform": ["reddit", "tiktok", "douyin"],
            "kind": ["comment", "comment", "post"],
            "year": [2013, 2013, 2013],
            "thread_id": ["t1", "t2", "t3"],
            "cluster_id": ["t1", "t2", "account"],
        }
    )
    nothing = pd.DataFrame(columns=list(SPECIFIED)).astype({"headline": bool, "counted": bool})
    claims = parse_claims([GOOD, {**GOOD, "id": "2", "source": "Reddit"}])
    verdicts, _ = assess([Explored(claim, "barred", nothing, np.nan, (), ()) for claim in claims], there)
    named = verdicts[["a", "b", "collections_a", "collections_b", "units_a", "units_b"]].to_numpy().tolist()
    sides = ["western commenters", "vloggers of 2013, all Chinese"]
    assert named == [
        [*sides, "Reddit", "Douyin", "threads", "accounts"],
        [*sides, "Seed quotations", "Douyin", "threads", "accounts"],
    ]


def test_the_last_bits_of_a_sum_decide_no_verdict():
    above = 0.1 + 0.2  # 0.30000000000000004
    touching = table((1.0, above, 2.0, above, 1.9), gap=(0.0, 0.3))
    assert judge(touching, 0.01, 1, 5.0).word != "supported"
    # 0.1 + 0.2 is no wider than 0.3.
    assert judge(table((0.0, -0.4, 0.4, -0.3, 0.3)), 0.5, 1, above).word == "undecided"
    assert judge(table(BEYOND), np.nextafter(0.05, 0), 1, 5.0).word == "undecided"
    assert judge(table(g=(np.nextafter(10, 0), 12.0)), 0.01, 1, 5.0).word == "supported"
