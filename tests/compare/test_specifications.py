"""Specifications of a claim: each equals the contrast of the notebook that shows it; planted truths are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from analysis.compare import across
from analysis.compare.claim_rules import parse_claims
from analysis.compare.claims import assess
from analysis.compare.clusters import make_side
from analysis.compare.concepts import prevalence_contrasts
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import Group
from analysis.compare.jackknife import standard_error
from analysis.compare.links import add_linked, linked_contrast
from analysis.compare.specifications import OTHER, ClaimInputs, Scores, specify
from analysis.compare.tone import tone_contrasts
from analysis.errors import InputError
from analysis.measure.pairs import Link

NAMES = ["labmt", "nrcvad", "vader", "zh_rules", "emoji"]
LINKS = {
    "sd": Link("sd", 1.6, -3.0, 0.004, 0.1, -0.019, 3000),
    "ols": Link("ols", 1.2, -1.0, 0.004, 0.1, -0.019, 3000),
    "reverse": Link("reverse", 2.1, -5.0, 0.004, 0.1, -0.019, 3000),
}
WESTERN, CHINESE, VLOG = "vantage=western_commenter", "vantage=chinese_viewer", "vantage=vlogger"


def make_group(name, vantage, language, clusters, each, seed, *, tone=0.0, shares=None, **more):
    """Return utterances of one group, their scores around a tone, and their mentions by share."""
    rng = np.random.default_rng(seed)
    n = clusters * each
    cluster = np.repeat(np.arange(clusters), each)
    level = rng.normal(0, 0.3, clusters)[cluster]
    rows = pd.DataFrame(
        {
            "utterance_id": [f"{name}-{language}-{i}" for i in range(n)],
            "collection": f"Collection {name}",
            "cluster_id": [f"{name} {i:02}" for i in cluster],
            "thread_id": [f"{name} {i:02}" for i in cluster],
            "vantage": vantage,
            "origin": None,
            "platform": "x",
            "kind": "comment",
            "language": language,
            "evidence": "verbatim",
            "year": 2025,
            "likes": pd.array(rng.integers(0, 9, n), dtype="Int64"),
        }
    ).assign(**more)
    reads = {"vader": ("en",), "zh_rules": ("zh",)}
    for instrument in [*NAMES, "labmt_linked"]:
        score = tone + level + rng.normal(0, 1, n)
        scored = (rng.random(n) < 0.9) & (language in reads.get(instrument, (language,)))
        rows[instrument] = np.where(scored, score, np.nan)
        rows[f"{instrument}_unmasked"] = rows[instrument] + rng.normal(0, 0.1, n)
    mentions = []
    for concept, share in (shares or {}).items():
        hit = rng.random(n) < np.clip(share + 0.1 * level * share, 0, 1)
        near = tone + level[hit] + rng.normal(0, 1, hit.sum())
        mentions.append(pd.DataFrame({"utterance_id": rows["utterance_id"][hit], "concept": concept, "tone": near}))
    return rows, pd.concat(mentions) if mentions else pd.DataFrame(columns=["utterance_id", "concept", "tone"])


def inputs(*parts, background=True, links=LINKS, instruments=NAMES):
    """Make claim inputs of groups, with the levels of reference collections and of ordinary language."""
    measures = pd.concat([rows for rows, _ in parts], ignore_index=True)
    mentions = pd.concat([found for _, found in parts], ignore_index=True)
    masked = add_linked(measures, LINKS)
    unmasked = add_linked(measures.assign(**{name: measures[f"{name}_unmasked"] for name in NAMES[:-1]}), LINKS)
    scores = {}
    for mark, rows in (("yes", masked), ("no", unmasked)):
        levels = across.reference_levels(rows, tuple(NAMES))
        if background:
            for language in ("en", "zh"):
                levels["ordinary language", "labmt", language] = across.Level(0.1, 1.5)
        scores[mark] = Scores(rows, levels)
    concepts = ["staged", "commerce", "ordinary life", "surveillance", "freedom"]
    return ClaimInputs(
        measures, mentions, concepts, scores, {"yes": instruments, "no": instruments[:-1] or instruments}, links
    )


def claim(measure="overall tone", concept="", a=WESTERN, b=VLOG, direction="higher", **more):
    smallest = "0.2 sd" if "tone" in measure else "5 points"
    row = {"id": "1", "claim": "Text.", "document": "000", "measure": measure, "concept": concept}
    row |= {"a_name": "those", "a": a, "b_name": "these", "b": b, "direction": direction, "smallest": smallest}
    return parse_claims([{**row, "source": "Seeds", "needs": "More.", **more}])[0]


def run(asked, where):
    return specify(asked, where, np.random.default_rng(1), 199)


ENGLISH = (
    make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.5, shares={"staged": 0.4, "ordinary life": 0.2}),
    make_group("v", "vlogger", "en", 12, 9, 2, shares={"staged": 0.1, "ordinary life": 0.5}),
)
BOTH = (
    make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.5),
    make_group("c", "chinese_viewer", "zh", 12, 9, 3),
    make_group("re", None, "en", 15, 9, 4, tone=0.3),
    make_group("rz", None, "zh", 15, 9, 5, tone=-0.2),
)


# Each specification is the contrast that a notebook shows -------------------------------------------------------------


@pytest.mark.parametrize("weighting", ["utterance", "cluster", "likes"])
def test_prevalence_is_that_of_notebook_04(weighting):
    where = inputs(*ENGLISH)
    table, p, barred = run(claim("prevalence", "staged"), where)
    assert (barred, len(table), table["counted"].all()) == ("", 3, True)
    assert table.loc[table["headline"], "weighting"].tolist() == ["utterance"]
    flagged = flag_concepts(where.measures.assign(group=where.measures["vantage"]), where.mentions, ["staged"])
    expected = prevalence_contrasts(flagged, ["staged"], weighting).iloc[0]
    row = table[table["weighting"] == weighting].iloc[0]
    for name, scale in (("effect", 1), ("ci_low", 100), ("ci_high", 100), ("g_a", 1), ("n_b", 1), ("df", 1)):
        source = {"ci_low": "ci_low", "ci_high": "ci_high"}.get(name, name)
        assert row[name] == pytest.approx(expected[source] * scale), name
    assert row["low_90"] > row["ci_low"]
    assert p <= 0.05


def test_co_mention_is_the_share_that_mentions_both():
    where = inputs(*ENGLISH)
    table, _, _ = run(claim("co-mention", "ordinary life + staged"), where)
    ids = where.mentions.groupby("concept")["utterance_id"].agg(set)
    both = ids["ordinary life"] & ids["staged"]
    share = where.measures["utterance_id"].isin(both).groupby(where.measures["vantage"]).mean()
    head = table[table["headline"]].iloc[0]
    assert head["effect"] == pytest.approx(100 * (share["western_commenter"] - share["vlogger"]))


def test_tone_within_a_language_is_that_of_notebook_02():
    where = inputs(*ENGLISH)
    table, _, _ = run(claim(), where)
    assert set(table["view"]) == {"direct"}
    # Four instruments are read in English; three of them have an unmasked twin.
    assert len(table) == (4 + 3) * 3
    rows = where.measures.assign(group=where.measures["vantage"])
    neutral = dict.fromkeys([(name, "en") for name in NAMES], (-0.3, 0.3))
    shown = tone_contrasts(rows, neutral, np.random.default_rng(1), "utterance", 99)
    shown = shown[shown["statistic"] == "mean"].set_index(["instrument", "weighting"])
    masked = table[table["masked"].isin(["yes", ""])]
    assert len(masked) == len(shown) == 12
    for row in masked.to_dict("records"):
        expected = shown.loc[(row["instrument"], row["weighting"])]
        assert row["effect"] == pytest.approx(expected["effect"])
        assert row["ci_low"] * expected["estimate"] / expected["effect"] == pytest.approx(expected["ci_low"])
    head = table[table["headline"]]
    assert head[["instrument", "masked", "weighting"]].to_numpy().tolist() == [["labmt", "yes", "utterance"]]


@pytest.mark.parametrize("sides", [ENGLISH, BOTH])
def test_the_other_choice_of_laughter_is_a_fork_of_what_can_laugh_and_never_the_headline(sides):
    where = inputs(*sides)
    rows, levels, _ = where.scores["yes"]
    laughing = add_linked(rows.assign(labmt=rows["labmt"] + 0.3, labmt_linked=rows["labmt_linked"] + 0.3), LINKS)
    scores = {key: some._replace(laughter="apart") for key, some in where.scores.items()}
    scores[OTHER] = Scores(laughing, levels, "score")
    more = {"scores": scores, "instruments": {**where.instruments, OTHER: ["labmt"]}}
    claimed = claim() if sides is ENGLISH else claim(a=CHINESE, b=WESTERN)
    before, after = run(claimed, where)[0], run(claimed, ClaimInputs(**{**where.__dict__, **more}))[0]
    fork = after[after["laughter"] == "score"]
    assert len(fork) == len(after) - len(before) > 0
    assert fork["instrument"].str.startswith("labmt").all()
    assert set(fork["masked"]) == {"yes"}
    assert not fork["headline"].any()
    assert set(after.loc[after["instrument"] == "labmt", "laughter"]) == {"apart", "score"}
    assert set(after.loc[after["instrument"] == "nrcvad", "laughter"]) <= {""}
    head = [table.loc[table["headline"], "estimate"].tolist() for table in (before, after)]
    assert head[0] == head[1]


def test_tone_across_languages_is_that_of_notebook_02():
    where = inputs(*BOTH)
    table, _, barred = run(claim(a=CHINESE, b=WESTERN), where)
    assert barred == ""
    assert set(table["view"]) == {"reference collection", "ordinary language", "linked"}
    assert table.loc[table["headline"], "view"].tolist() == ["reference collection"]
    rows, levels, _ = where.scores["yes"]
    zh, en = (
        Group(name, language, name, "", rows[rows["vantage"] == name])
        for name, language in (("chinese_viewer", "zh"), ("western_commenter", "en"))
    )
    assert set(table["weighting"]) == {"utterance", "cluster", "likes"}
    for row in table[table["masked"] != "no"].to_dict("records"):
        weighting = row["weighting"]
        if row["view"] == "linked":
            link = LINKS[row["instrument"].removeprefix("labmt by ")]
            expected = linked_contrast(zh.rows, en.rows, link, weighting=weighting)
        else:
            views = across.lawful_views("zh", "en", levels)
            (view,) = [one for one in views if (one.basis, one.name) == (row["view"], row["instrument"])]
            expected = across.centred_contrast(zh, en, view, levels, weighting)
        for name in ("estimate", "se", "df", "effect", "g_a", "g_b", "note"):
            assert row[name] == pytest.approx(expected[name]), (row["view"], row["instrument"], name)


def test_the_headline_across_languages_has_the_gap_of_aligned_lines_as_far_as_its_sides_differ_in_language():
    lines = pd.concat([make_group("line", "x", language, 40, 2, 8 + i)[0] for i, language in enumerate(("en", "zh"))])
    lines.loc[lines["language"] == "zh", "labmt"] += 0.7
    few = {"links": {}, "instruments": ["labmt"]}
    where = inputs(*BOTH, make_group("u", "vlogger", "en", 12, 9, 7), make_group("v", "vlogger", "zh", 12, 9, 6), **few)
    where = ClaimInputs(**{**where.__dict__, "aligned": lines})
    levels = {key: level._replace(rows=None) for key, level in where.scores["yes"].levels.items()}
    zh, en = (Group(c, c, "", "", lines[lines["language"] == c]) for c in ("zh", "en"))
    view = across.View("reference collection", "labmt", ("labmt", "labmt"))
    expected = across.centred_contrast(zh, en, view, levels)
    for sides, factor in (({"a": CHINESE, "b": WESTERN}, 1.0), ({"a": WESTERN, "b": CHINESE}, -1.0)):
        table = run(claim(**sides), where)[0]
        head = table[table["headline"]].iloc[0]
        ends = sorted(factor * expected[end] for end in ("ci_low", "ci_high"))
        assert [head["gap_low"], head["gap_high"]] == pytest.approx(ends)
    table = run(claim(), where)[0]
    rows = where.measures[(where.measures["vantage"] == "vlogger") & where.measures["labmt"].notna()]
    share = (rows["language"] == "zh").mean()
    head = table[table["headline"]].iloc[0]
    assert head["gap_low"] == pytest.approx(-share * expected["ci_high"])
    assert not table.loc[~table["headline"] & (table["masked"] == "no"), ["gap_low", "gap_high"]].any(axis=None)


def test_without_reference_collections_ordinary_language_is_the_headline():
    table, _, _ = run(claim(a=CHINESE, b=WESTERN), inputs(*BOTH[:2], instruments=["labmt"]))
    assert table.loc[table["headline"], "view"].tolist() == ["ordinary language"]


def test_a_side_in_two_languages_is_measured_from_both_references():
    mixed = make_group("v", "vlogger", "zh", 12, 9, 6, tone=1.0)
    few = {"links": {}, "instruments": ["labmt"]}
    where = inputs(*BOTH, make_group("u", "vlogger", "en", 11, 9, 7), mixed, **few)
    table, _, _ = run(claim(), where)
    rows = where.scores["yes"].rows
    value = pd.Series(np.nan, index=rows.index)
    for language in ("en", "zh"):
        reference = rows[rows["vantage"].isna() & (rows["language"] == language)]["labmt"]
        value = value.where(rows["language"] != language, (rows["labmt"] - reference.mean()) / reference.std())
    means = value.groupby(rows["vantage"]).mean()
    head = table[table["headline"]].iloc[0]
    assert head["view"] == "reference collection"
    assert head["effect"] == pytest.approx(means["western_commenter"] - means["vlogger"])
    # English weighs 1 on the one side and under 1 on the other: its reference cancels in part, the Chinese not at all.
    vloggers = rows[(rows["vantage"] == "vlogger") & rows["labmt"].notna()]
    share = (vloggers["language"] == "zh").mean()
    sides = [
        make_side(value[rows["vantage"] == name], rows.loc[rows["vantage"] == name, "cluster_id"])
        for name in ("western_commenter", "vlogger")
    ]
    references = []
    for language in ("en", "zh"):
        found = rows[rows["vantage"].isna() & (rows["language"] == language)]
        references.append(make_side(found["labmt"] / found["labmt"].std(), found["cluster_id"]))
    terms = [(1.0, sides[0]), (-1.0, sides[1]), (-share, references[0]), (share, references[1])]
    se, df = standard_error(terms)
    assert (head["se"], head["df"]) == pytest.approx((se, df))


def test_tone_around_a_concept_is_the_mean_around_an_utterances_mentions():
    shares = {"freedom": 0.6}
    where = inputs(
        make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.8, shares=shares),
        make_group("v", "vlogger", "en", 12, 9, 2, shares=shares),
    )
    again = where.mentions.assign(tone=where.mentions["tone"] + 1.0)
    where = ClaimInputs(**{**where.__dict__, "mentions": pd.concat([where.mentions, again], ignore_index=True)})
    table, _, barred = run(claim("tone around a concept", "freedom", direction="lower"), where)
    assert (barred, set(table["instrument"]), set(table["masked"]), len(table)) == ("", {"labmt"}, {"yes"}, 3)
    tone = where.mentions.groupby("utterance_id")["tone"].mean()
    vantage = where.measures.set_index("utterance_id")["vantage"].reindex(tone.index)
    means = tone.groupby(vantage).mean()
    head = table[table["headline"]].iloc[0]
    assert head["estimate"] == pytest.approx(means["western_commenter"] - means["vlogger"])
    assert head["n_a"] == (vantage == "western_commenter").sum()


def test_evidence_is_a_fork_where_it_differs_and_paraphrases_have_no_tone():
    told = make_group("v", "vlogger", "en", 12, 9, 2, shares={"staged": 0.2})
    told[0].loc[told[0].index % 3 == 0, "evidence"] = "paraphrase"
    where = inputs(ENGLISH[0], told)
    table, _, _ = run(claim("prevalence", "staged"), where)
    assert table.groupby("evidence")["n_b"].first().to_dict() == {"all allowed": 108, "verbatim": 72}
    assert table.loc[table["headline"], "evidence"].tolist() == ["all allowed"]
    tone, _, _ = run(claim(), where)
    assert set(tone["evidence"]) == {"all allowed"}
    assert tone["n_b"].max() <= 72


# What bars a claim ----------------------------------------------------------------------------------------------------


def test_what_a_claim_was_drawn_from_cannot_test_it_but_the_rest_can():
    seeds = tuple((rows.assign(collection="Seeds"), found) for rows, found in ENGLISH)
    table, p, barred = run(claim("prevalence", "staged"), inputs(*seeds))
    assert (len(table), barred) == (0, "source of the claim")
    assert np.isnan(p)
    assert run(claim("prevalence", "staged"), inputs(seeds[0], ENGLISH[1]))[2] == "source of the claim"
    # An unknown concept or an absent side does not hide it.
    assert run(claim("prevalence", "unheard"), inputs(*seeds))[2] == "source of the claim"
    more = make_group("s", "vlogger", "en", 3, 9, 7, shares={"staged": 1.0}, collection="Seeds")
    with_seeds = run(claim("prevalence", "staged"), inputs(*ENGLISH, more))[0]
    pd.testing.assert_frame_equal(with_seeds, run(claim("prevalence", "staged"), inputs(*ENGLISH))[0])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (claim("prevalence", "staged", b=CHINESE), "no utterances of these"),
        (claim("prevalence", "staged", a=CHINESE, b=f"{VLOG} + year=2013"), "no utterances of those nor of these"),
        (claim("prevalence", "weather"), "the codebook has no concept 'weather'"),
        (claim("prevalence", "commerce"), "no utterance here mentions commerce"),
        (claim("co-mention", "commerce + staged"), "no utterance here mentions commerce and staged"),
        (claim("tone around a concept", "freedom"), "too few scored mentions (0 in 0 clusters and 0 in 0 clusters"),
    ],
)
def test_why_a_claim_cannot_be_tested_is_said(asked, why):
    table, p, barred = run(asked, inputs(*ENGLISH))
    assert barred.startswith(why)
    assert table.empty
    assert np.isnan(p)


def test_too_few_scored_mentions_on_one_side_are_counted_out():
    where = inputs(*ENGLISH)
    rows = where.mentions[where.mentions["concept"] == "staged"].merge(where.measures, on="utterance_id")
    a, b = (rows[rows["vantage"] == vantage] for vantage in ("western_commenter", "vlogger"))
    assert len(a) >= 30 > len(b)
    told = " and ".join(f"{len(side)} in {side['cluster_id'].nunique()} clusters" for side in (a, b))
    why = f"too few scored mentions ({told}; 30 in 10 a side are needed)"
    assert run(claim("tone around a concept", "staged"), where)[2] == why


def test_two_languages_without_any_level_have_no_lawful_view():
    asked, few = claim(a=CHINESE, b=WESTERN), {"background": False, "instruments": ["labmt"]}
    linked = run(asked, inputs(*BOTH[:2], **few))[0]
    assert set(linked["view"]) == {"linked"}
    assert not linked["headline"].any()
    assert run(asked, inputs(*BOTH[:2], links={}, **few))[2] == "no lawful comparison of the two sides"


def test_an_utterance_on_both_sides_is_an_error():
    with pytest.raises(InputError, match="claim 1: an utterance is on both sides"):
        run(claim("prevalence", "staged", b=f"{VLOG} | {WESTERN}"), inputs(*ENGLISH))


# The whole ------------------------------------------------------------------------------------------------------------


def test_planted_truths_get_their_verdicts_with_holm_over_those_that_were_tested():
    shares = {"w": 0.4, "v": 0.1}, {"w": 0.1, "v": 0.4}, {"w": 0.14, "v": 0.13}, {"w": 0.2, "v": 0.2}
    names = ("staged", "commerce", "ordinary life", "surveillance")
    parts = [
        make_group(key, vantage, "en", 25, 20, seed, shares={c: s[key] for c, s in zip(names, shares, strict=True)})
        for key, vantage, seed in (("w", "western_commenter", 11), ("v", "vlogger", 12))
    ]
    asked = [claim("prevalence", name) for name in names]
    asked = [one._replace(number=str(i)) for i, one in enumerate([*asked, claim("prevalence", "freedom", b=CHINESE)])]
    verdicts, every = assess(asked, inputs(*parts), np.random.default_rng(1), 499)
    assert verdicts["verdict"].tolist() == ["supported", "contradicted", "negligible", "undecided", "untestable"]
    assert verdicts["p"].notna().tolist() == [True] * 4 + [False]
    assert verdicts["p_holm"].iloc[0] == pytest.approx(4 * verdicts["p"].iloc[0])
    assert (verdicts["specifications"].tolist(), len(every)) == ([3, 3, 3, 3, 0], 12)
    assert verdicts["reason"].iloc[4] == "no utterances of these"
    # Clusters of one size: the mean of their shares is the share, and Welch's t knows which ones differ.
    for name, row in zip(names, verdicts.iloc[:4].itertuples(), strict=True):
        said = [
            rows["utterance_id"]
            .isin(mentions.loc[mentions["concept"] == name, "utterance_id"])
            .groupby(rows["cluster_id"])
            .mean()
            for rows, mentions in parts
        ]
        welch = ttest_ind(*said, equal_var=False)
        assert (row.p < 0.05) == (welch.pvalue < 0.05), name
        ends = np.multiply(100, welch.confidence_interval())
        np.testing.assert_allclose((row.ci_low, row.ci_high), ends, atol=1.0, err_msg=name)
    # With so few draws no p can be low enough, which is no finding of the test.
    few, _ = assess(asked, inputs(*parts), np.random.default_rng(1), 19)
    assert few["verdict"].iloc[0] == "undecided"
    assert few["reason"].iloc[0] == "19 draws are too few for the joint test"
    # One test of 19 draws has .05 as its least p, of 20 a smaller one.
    for draws, bare in ((19, False), (20, True)):
        one, _ = assess(asked[3:4], inputs(*parts), np.random.default_rng(1), draws)
        assert one["reason"].iloc[0].endswith("the joint test finds nothing") == bare
    # What one claim gets does not depend on the claims after it.
    alone, _ = assess(asked[:1], inputs(*parts), np.random.default_rng(1), 499)
    assert alone["p"].iloc[0] == verdicts["p"].iloc[0]
    assert alone["p_holm"].iloc[0] == alone["p"].iloc[0]
