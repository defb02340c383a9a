"""Findings: what is planted is told, what is not is not, and no sentence says what its row does not carry."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import read_html, unsaid
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests

from analysis.compare import findings as judged
from analysis.compare.claims import claim_verdicts
from analysis.compare.clusters import effective_clusters
from analysis.compare.comention import comention_contrasts
from analysis.compare.concepts import prevalence, prevalence_contrasts
from analysis.compare.dataset import flag_concepts
from analysis.compare.findings import (
    ALONE,
    FOUND,
    GAP,
    GATHER,
    NOT_ASKED,
    NOT_FOUND,
    SMALL,
    _mentions,
    clusters_needed,
    find,
    with_scale,
)
from analysis.compare.groups import main_groups
from analysis.compare.tone import tone_contrasts
from analysis.corpus import ImportOptions, import_file
from analysis.show import style
from analysis.study import open_study
from analysis.study.findings import tell, with_sentences
from analysis.study.sentences import cell_text, sentence, template

CONCEPTS = {"staged": 0.2, "market": 0.2, "tram": 0.02}
A, B = "western_commenter", "vlogger"
#: Threads, share of them in the first group, what the shares of concepts are multiplied by.
WORLDS = {"equal": (100, 0.5, 1.0), "unequal": (100, 0.85, 1.0), "few": (16, 0.5, 1.0), "rare": (80, 0.5, 0.1)}


def construct(world: str, seed: int, *, planted: bool, names: tuple[str, str] = (A, B)) -> pd.DataFrame:
    """Return the findings of two groups of threads, alike or with ``staged`` and the tone of the first group raised."""
    threads, share, rarer = WORLDS[world]
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 12, threads)
    thread = np.repeat(np.arange(threads), sizes)
    count = len(thread)
    first = thread < share * threads
    level = rng.normal(0, 0.3, threads)[thread]
    rows = pd.DataFrame({"utterance_id": [f"u{i}" for i in range(count)], "cluster_id": [f"t{i}" for i in thread]})
    rows["group"] = rows["vantage"] = np.where(first, *names)
    rows["labmt"] = 5.5 + level + rng.normal(0, 1, count) + 0.8 * (planted & first)
    rows = rows.assign(language="en", collection="constructed", likes=pd.NA)
    mentions = []
    for name, often in CONCEPTS.items():
        raised = 1 + 2.5 * (planted & first & (name == "staged"))
        said = rng.random(count) < rarer * often * raised * np.exp(level)
        mentions.append(pd.DataFrame({"utterance_id": rows["utterance_id"][said], "concept": name}))
    flagged = flag_concepts(rows, pd.concat(mentions), list(CONCEPTS))
    tables = {
        judged.CONCEPT: prevalence_contrasts(flagged, list(CONCEPTS), rng=rng, draws=99),
        judged.OVERALL: tone_contrasts(rows, {("labmt", "en"): (5.3, 5.7)}, rng, draws=99),
        judged.TOGETHER: comention_contrasts(flagged, list(CONCEPTS), rng=rng, draws=99),
    }
    return with_sentences(find(tables, prevalence(flagged, list(CONCEPTS))))


def told(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of single contrasts that hold."""
    return table[table["kind"].isin([FOUND, SMALL])]


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("planted", [False, True])
def test_what_was_planted_is_found_and_every_sentence_is_carried_by_its_row(world: str, *, planted: bool) -> None:
    table = construct(world, 1, planted=planted)
    assert [wrong for row in table.to_dict("records") if (wrong := unsaid(row))] == []
    found = {(row["family"], row["measure"], row["a"]) for row in told(table).to_dict("records")}
    wanted = {(judged.CONCEPT, "staged", A), (judged.OVERALL, "labmt:en mean", A)}
    assert found == (wanted if planted and world in {"equal", "unequal"} else found & wanted if planted else set())
    whole = table.iloc[len(table[table["count"].isna()])]
    holds = {0: "none holds", 1: "1 holds"}.get(whole["found"], f"{whole['found']} hold")
    tested = f"{whole['tested']} could be tested, all together; {holds}" if whole["tested"] else "none could be tested"
    assert whole["sentence"] == f"7 contrasts were looked at; {tested}."
    if world == "few":
        assert whole["found"] == 0


def test_where_nothing_is_planted_hardly_any_corpus_has_a_finding() -> None:
    assert sum(len(told(construct("equal", seed, planted=False))) > 0 for seed in range(10, 15)) <= 1


def test_a_finding_is_of_the_higher_side_whichever_stands_first() -> None:
    one, other = (construct("equal", 1, planted=True, names=names) for names in ((A, B), (B, A)))
    assert set(told(one)["a"]) == {A}
    assert set(told(other)["a"]) == {B}
    first = told(one)["sentence"].iloc[0]
    assert first.startswith("Western commenters speak ")
    assert " than vloggers, " in first
    assert told(other)["sentence"].str.startswith("Vloggers speak ").all()


def test_q_is_over_all_tables_and_the_effect_that_could_be_seen_by_the_stated_formula() -> None:
    table = construct("equal", 3, planted=False)
    rows = table[table["p"].notna() & table["count"].isna()]
    assert set(rows["family"]) == {judged.CONCEPT, judged.OVERALL, judged.TOGETHER}
    np.testing.assert_allclose(rows["q"], multipletests(rows["p"], method="fdr_bh")[1], rtol=1e-9)
    assert {*rows["unit"]} == {"points", "sd", "times"}
    for row in rows.to_dict("records"):
        on = np.log2 if row["unit"] == "times" else float
        seen = (on(row["effect_high"]) - on(row["effect_low"])) / 2 * (1 + norm.ppf(0.8) / norm.ppf(0.975))
        assert on(row["detectable"]) == pytest.approx(seen, rel=1e-9)


def test_the_reader_notices_a_number_that_is_not_the_rows_and_a_side_that_is_not_the_higher_one() -> None:
    rows = told(construct("equal", 1, planted=True)).to_dict("records")
    assert rows
    for row in rows:
        for name in ("effect", "effect_low", "effect_high", "q", "n_a", "clusters_b", "g_a"):
            assert unsaid(row | {"sentence": sentence(row | {name: row[name] + 7})}), name
        assert unsaid(row | {"sentence": sentence(row | {"a": row["b"], "b": row["a"]})})
    row = next(row for row in rows if row["family"] == judged.CONCEPT)
    assert unsaid(row | {"share_a": row["share_b"], "share_b": row["share_a"]})


# Rules by constructed rows --------------------------------------------------------------------------------------------


def contrast(**cells: object) -> dict[str, object]:
    """Return a row of a table of contrasts, one that holds."""
    base = {"measure": "x", "a": "a", "b": "b", "estimate": 0.5, "ci_low": 0.3, "ci_high": 0.7, "p": 0.001}
    base |= {"effect": 0.5, "n_a": 90, "n_b": 80, "clusters_a": 30, "clusters_b": 20, "g_a": 25.0, "g_b": 15.0}
    return base | {"note": "", "language": "en", "instrument": "labmt", **cells}


def only(family: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Judge one table."""
    return with_sentences(find({family: pd.DataFrame(list(rows))}))


def test_across_languages_only_what_exceeds_the_gap_is_found_and_from_one_basis() -> None:
    gap = {"gap_low": 0.1, "gap_high": 0.2, "language": "zh-en", "view": "reference collection"}
    table = only(
        judged.ACROSS,
        contrast(**gap, exceeds="yes", a="chinese_viewer", estimate=-0.5, effect=-0.5, ci_low=-0.7, ci_high=-0.3),
        contrast(**gap | {"gap_high": 0.6}, exceeds="no"),
        contrast(**gap | {"view": "ordinary language"}, exceeds="yes"),
        contrast(**gap | {"view": "linked by sd"}, exceeds="yes"),
        contrast(**gap, exceeds="yes", b="reference"),
    )
    single = table[table["count"].isna()]
    assert list(single["kind"]) == [FOUND, NOT_FOUND]
    row = single.iloc[0]
    assert (row["a"], row["language_a"], row["b"], row["language_b"]) == ("b", "en", "chinese_viewer", "zh")
    assert (row["effect_low"], row["effect_high"], row["gap_low"], row["gap_high"]) == (0.3, 0.7, -0.2, -0.1)
    assert single.iloc[1]["note"] == GAP
    assert "is not beyond the one between translations of the same lines: 0.5 sd" in single.iloc[1]["sentence"]
    assert [wrong for each in table.to_dict("records") if (wrong := unsaid(each))] == []


def test_means_that_are_equal_to_the_last_bit_have_their_interval() -> None:
    rng = np.random.default_rng(4)
    scores, threads = rng.integers(-1, 2, 120).astype(float), np.repeat(np.arange(24), 5)
    rows = pd.DataFrame({"group": np.repeat([A, B], 120), "labmt": np.tile(scores, 2), "language": "en"})
    rows["cluster_id"] = rows["group"] + np.tile(threads, 2).astype(str)
    rows = rows.assign(
        vantage=rows["group"], collection="constructed", likes=pd.NA, utterance_id=rows.index.astype(str)
    )
    found = tone_contrasts(rows, {("labmt", "en"): (-0.5, 0.5)}, rng, draws=99)
    table = with_sentences(find({judged.OVERALL: with_scale(found, main_groups(rows))}))
    row = table.iloc[0]
    # Threads are of one size, so that the clusters' interval is Student's of their means.
    means = scores.reshape(24, 5).mean(axis=1)
    half = t.ppf(0.975, 46) * np.sqrt(2 * means.var(ddof=1) / 24) / scores.std(ddof=1)
    assert (row["kind"], row["effect"]) == (NOT_FOUND, 0)
    assert [row["effect_low"], row["effect_high"]] == pytest.approx([-half, half])
    assert row["detectable"] == pytest.approx(half * (1 + norm.ppf(0.8) / norm.ppf(0.975)))
    assert not table["sentence"].str.contains("not known").any()
    assert [wrong for each in table.to_dict("records") if (wrong := unsaid(each))] == []
    # Tone around a concept is in standard deviations already.
    around = only(judged.AROUND, contrast(estimate=0.0, effect=0.0, ci_low=-0.3, ci_high=0.3, p=1.0)).iloc[0]
    assert (around["effect_low"], around["effect_high"]) == (-0.3, 0.3)


def test_what_matters_too_little_is_told_apart_and_what_stands_out_for_itself_is_not_found() -> None:
    assert only(judged.AROUND, contrast(p=0.049))["kind"][0] == FOUND
    assert only(judged.AROUND, contrast(p=0.05))["kind"][0] == NOT_FOUND
    weak = contrast(estimate=0.1, effect=0.1, ci_low=0.05, ci_high=0.15)
    alone = [contrast(p=0.04)] + [contrast(p=0.5, ci_low=-0.1)] * 5
    table = only(judged.AROUND, weak)
    assert list(table["kind"]) == [SMALL, "whole"]
    assert table["sentence"][0].endswith("), which is less than the 0.2 sd that would matter.")
    table = only(judged.AROUND, *alone, contrast(language="zh-en"))
    assert list(table["kind"][:6]) == [NOT_FOUND] * 6
    assert list(table["note"][:6]) == [ALONE, *[""] * 5]
    assert table["sentence"][0].startswith(
        "A difference in the tone around “x” of those in “a” and those in “b” in English stands out on its own"
    )
    assert list(table["count"].dropna()) == [6, 1, 5]


def test_a_ratio_without_an_end_is_told_in_points() -> None:
    share = {"scale": "ratio", "log_ratio": 5.0, "ratio_low": 1.2, "ratio_high": np.inf}
    table = only(judged.CONCEPT, contrast(**share, estimate=0.03, effect=3.0, ci_low=0.01, ci_high=0.05))
    row = table.iloc[0]
    assert (row["kind"], row["unit"], row["smallest_unit"]) == (FOUND, "points", "times")
    assert "3 points (95 % interval 1 to 5; q = 0.001; n = 90 and 80" in row["sentence"]


def test_groups_are_called_as_people_call_them() -> None:
    for names, said in (
        (("chinese", "western"), "tone of Chinese voices and western voices in"),
        (("tiktok", "Rason, 2025"), "tone of those on TikTok and those in “Rason, 2025” in"),
        (("吉林", "not known"), "tone of those in “吉林 (Jilin)” and those not known in"),
    ):
        assert (
            said
            in only(
                judged.OVERALL, contrast(a=names[0], b=names[1], p=np.nan, statistic="mean", weighting="utterance")
            )["sentence"][0]
        )


def test_claims_are_told_with_their_verdicts() -> None:
    verdicts = [
        ("supported", 0.001, 8.0),
        ("undecided", 0.4, 2.0),
        ("untestable", np.nan, np.nan),
        ("supported", 0.2, 8.0),
    ]
    rows = [
        contrast(claim=f"Claim {'abcd'[at]}.", verdict=verdict, reason="as it is", p=p, unit="points", smallest=5.0)
        | {"effect": effect, "ci_low": effect - 3, "ci_high": effect + 3, "id": f"{at}b"}
        for at, (verdict, p, effect) in enumerate(verdicts)
    ]
    table = only(judged.CLAIM, *rows)
    assert list(table["kind"][:4]) == [FOUND, NOT_FOUND, NOT_FOUND, NOT_ASKED]
    assert table["sentence"][0].startswith(
        "Claim 0b, “Claim a”, is supported (as it is): a against b 8 points (95 % interval 5 to 11; "
        "joint test, among all contrasts: q = "
    )
    one = {**table.iloc[0], "a": "vloggers, all western", "b": "vloggers of 2013"}
    assert "(as it is): vloggers, all western, against vloggers of 2013 8 points" in sentence(one)
    assert table["sentence"][2].startswith(
        "Claim 3b, “Claim d”, is supported, but not among all contrasts together (as it is)"
    )
    assert list(table["sentence"][3:]) == [
        "Claim 2b, “Claim c”, could not be tested: as it is.",
        "4 contrasts were looked at; 3 could be tested, all together; 1 holds.",
        "1 claim (2b) could not be tested: as it is.",
    ]


def test_a_claim_whose_headline_alone_finds_something_says_why_it_is_undecided() -> None:
    """The same contrast may stand among what holds: a reader would take one of the two for an error."""
    told = {"claim": "Claim a.", "verdict": "undecided", "unit": "points", "smallest": 5.0, "effect": 8.0, "p": 0.1}
    told |= {"ci_low": 5.0, "ci_high": 11.0}
    why = "The interval of this one analysis lies beyond 0; a claim is judged by all its analyses together."
    alone = only(judged.CLAIM, contrast(reason="the joint test finds nothing", **told))["sentence"][0]
    assert f"). {why} " in alone
    wide = "the interval is compatible with no difference and the joint test finds nothing"
    assert why not in only(judged.CLAIM, contrast(reason=wide, **told))["sentence"][0]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0, 0), "No contrast could be looked at: there are no two groups to compare."),
        ((1, 0, 0), "1 contrast was looked at; none could be tested."),
        ((1, 1, 1), "1 contrast was looked at; 1 could be tested; 1 holds."),
        ((9, 2, 0), "9 contrasts were looked at; 2 could be tested, all together; none holds."),
    ],
)
def test_few_are_told_in_english(counts: tuple[int, int, int], said: str) -> None:
    assert sentence(dict(zip(("count", "tested", "found"), counts, strict=True), kind="whole")) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2.0, np.inf, "seen four times in five is from 2 times as often, without an end."),
        (np.inf, np.inf, "The interval of the ratio has no end, so what would have been seen cannot be said."),
    ],
)
def test_what_no_interval_bounds_has_no_number(low: float, high: float, said: str) -> None:
    table = only(judged.AROUND, contrast(p=0.5, ci_low=-0.1), contrast(p=0.6, ci_low=-0.2))
    row = table[table["count"].notna() & (table["kind"] == NOT_FOUND)].iloc[0]
    row = {**row, "unit": "times", "detectable_low": low, "detectable_high": high}
    assert sentence(row).endswith(said)


def test_the_apostrophe_of_a_cell_is_not_told(tmp_path: Path) -> None:
    table = only(judged.AROUND, contrast(a="=cmd|x", effect=0.5))
    table.loc[0, "sentence"] = "=cmd|x: 'so' it is."
    style.write_csv(table, tmp_path / "findings.csv")
    assert "- =cmd|x: 'so' it is." in tell(pd.read_csv(tmp_path / "findings.csv")).split("\n")


def test_clusters_needed_are_the_fewest_that_reach_the_limit() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        sizes = np.ceil(rng.lognormal(2, 1.2, rng.integers(1, 14)))
        for least in (5.0, 10.0):
            more = clusters_needed(sizes, least)

            def reached(count: int, sizes: np.ndarray = sizes) -> float:
                return effective_clusters(np.append(sizes, [sizes.mean()] * count))

            assert reached(more) >= least - 1e-9
            assert more == 0 or reached(more - 1) < least
    assert (clusters_needed(np.array([]), 10), clusters_needed(np.ones(12), 10)) == (10, 0)


# Of a corpus ----------------------------------------------------------------------------------------------------------


def test_the_seeds_find_nothing_and_what_is_missing_is_computed() -> None:
    study = open_study(draws=99)
    table = with_sentences(judged.findings(study, claim_verdicts(study)[0]))
    around = judged.contested_tone(study)[0].set_index("a")["units_a"].groupby(level=0).first()
    assert around["western_commenter"] == "threads"
    assert "accounts" in around["vlogger"]
    shares = judged.concept_prevalence(study).set_index("a")["units_a"].groupby(level=0).first()
    assert shares["western_commenter"] == "threads"
    assert [(row["sentence"], wrong) for row in table.to_dict("records") if (wrong := unsaid(row))] == []
    missing = table[(table["kind"] == GATHER) & (table["family"] == judged.CONCEPT)]
    assert list(missing["a"]) == ["western_commenter", "chinese_viewer", "vlogger"]
    for row in missing.to_dict("records"):
        sizes = study.measures.loc[study.measures["group"] == row["a"], "cluster_id"].value_counts().to_numpy()
        for name, least in (("more_for_interval", 5), ("more_for_p", 10)):
            assert effective_clusters(np.append(sizes, [sizes.mean()] * row[name])) >= least
            assert effective_clusters(np.append(sizes, [sizes.mean()] * (row[name] - 1))) < least
    around = table[(table["kind"] == GATHER) & (table["family"] == judged.AROUND)]
    assert (around["n_a"] + around["more_hits"]).tolist() == [30] * len(around)
    assert (around["clusters_a"] + around["more_for_p"]).tolist() == [10] * len(around)
    assert len(around) > 1
    text = str(tell(table))
    assert " contrasts were looked at; none could be tested.\n\n### What holds\n\nNothing." in text
    assert (
        "- 11 claims (1, 2, 2b, 3, 3b, 4, 4b, 5, 6, 7, 7b) could not be tested: they were drawn from these very words"
        in text
    )
    assert "- Chinese viewers: 1 thread with 1 utterance in English or Chinese, effectively 1.0. 4 more threads" in text
    assert "- A reference collection in English (ordinary talk of the same platforms: " in text
    assert "TikTok" in text
    assert "tiktok" not in text


def test_what_is_weighted_otherwise_is_said_first() -> None:
    study = open_study(draws=99, weighting="cluster")
    text = str(tell(with_sentences(judged.findings(study, claim_verdicts(study)[0]))))
    said = " Means and shares are weighted by cluster; of claims each utterance counts alike."
    assert text.split("\n", maxsplit=1)[0].endswith("none could be tested." + said)
    assert said not in sentence({"kind": "whole", "count": 9, "tested": 2, "found": 0})


def test_a_sentence_says_what_the_clusters_are(tmp_path: Path) -> None:
    for units, said in (
        (("threads", "threads"), "in 30 and 20 threads, effectively"),
        (("threads", "threads and accounts"), "in 30 threads and 20 threads or accounts, effectively"),
    ):
        row = only(judged.AROUND, contrast(units_a=units[0], units_b=units[1])).iloc[0]
        assert said in row["sentence"]
        assert unsaid(row.to_dict()) == []
    lines = [
        f"{side},{side}{number % 2},So staged {number}"
        for side in ("western_commenter", "chinese_viewer")
        for number in range(8)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["vantage,thread_id,text", *lines]) + "\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Made", constants={"language": "en"}))
    study = open_study(corpus=str(tmp_path / "corpus"), draws=99)
    table = judged.findings(study, claim_verdicts(study)[0])
    assert set(table["units_a"]) == {"threads", "accounts"}
    text = str(tell(with_sentences(table)))
    assert "cluster" not in text
    assert "too few scored mentions (0 in 0 threads and 0 in 0 threads; 30 in 10 a side are needed)" in text
    assert "- A reference collection in English (ordinary talk): 0 threads are here." in text
    assert "speak of 14 concepts could not be tested: too few threads." in text
    assert "- Vloggers: none are in the corpus. 5 accounts of one size would, at the least, give intervals, 10" in text


def test_a_claim_about_a_part_of_a_group_says_what_its_clusters_are(tmp_path: Path) -> None:
    lines = [f"western_commenter,,t{at % 12},p{at},So staged here {at}" for at in range(48)]
    lines += [f"vlogger,western,v{at},s{at % 12},So fine here {at}" for at in range(48)]
    (tmp_path / "a.csv").write_text("\n".join(["vantage,origin,thread_id,speaker,text", *lines]), encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Made", constants={"language": "en"}))
    study = open_study(corpus=str(tmp_path / "corpus"), draws=99)
    table = judged.findings(study, claim_verdicts(study)[0])
    (row,) = table[(table["family"] == judged.CLAIM) & (table["id"] == "1")].to_dict("records")
    assert (row["b"], row["units_a"], row["units_b"]) == ("vloggers, all western", "threads", "accounts")


def test_accounts_that_nobody_knows_are_not_asked_for(tmp_path: Path) -> None:
    lines = [f"{side},So very staged here {at}" for side in ("western_commenter", "vlogger") for at in range(20)]
    (tmp_path / "a.csv").write_text("\n".join(["vantage,text", *lines]) + "\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Made", constants={"language": "en"}))
    study = open_study(corpus=str(tmp_path / "corpus"), draws=99)
    table = with_sentences(judged.findings(study, claim_verdicts(study)[0]))
    told = table.loc[(table["kind"] == GATHER) & (table["family"] == judged.AROUND), "sentence"]
    assert len(told) == 2
    assert not [text for text in told if re.search("account|thread", text)]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (
            "from 2019-03-05 on",
            "before 2019-03-05",
            "those from 2019-03-05 on speak than where those before 2019-03-05 do",
        ),
        ("2025", "2013", "those of 2025 speak than where those of 2013 do"),
        ("comment", "caption", "comments speak than where captions do"),
        ("W3", "other (2 smaller groups)", "those in “W3” speak than where the others (2 smaller groups) do"),
    ],
)
def test_periods_years_kinds_and_names_of_ones_own_are_called_as_a_sentence_needs_it(a: str, b: str, said: str) -> None:
    table = only(judged.AROUND, contrast(a=a, b=b))
    assert f"are warmer where {said}" in table["sentence"].iloc[0]


def test_of_many_pairs_of_groups_the_same_is_not_told_one_by_one() -> None:
    none = {"p": np.nan, "ci_low": np.nan, "ci_high": np.nan, "note": "too few clusters: no interval"}
    pairs = [(a, b) for a in range(9) for b in range(a)]
    table = only(judged.AROUND, *(contrast(a=f"g{a}", b=f"g{b}", **none) for a, b in pairs))
    text = str(tell(table))
    assert text.count("could not be tested: too few clusters.") == 6
    assert "The same of other pairs of groups, in 30 more sentences, stands in the table." in text
    few = only(judged.AROUND, *(contrast(a=f"g{a}", b=f"g{b}", **none) for a, b in pairs[:6]))
    assert "other pairs of groups" not in tell(few)


def test_names_of_a_corpus_do_nothing_in_the_page() -> None:
    evil = '<img src=x onerror=alert(1)>\n### "$x$" {a}'
    table = only(judged.AROUND, contrast(a=evil, effect=0.5))
    shown = tell(table)._repr_html_()
    assert read_html(shown, "li").tags <= {"div", "p", "h3", "ul", "li", "bdi"}
    assert "&lt;img src=x onerror=alert(1)&gt; ### &quot;$x$&quot; {a}" in shown


def test_templates_name_cells_only() -> None:
    table = construct("equal", 1, planted=True)
    composed = {"several", "reason", "cluster", "spoken"}
    for row in table.to_dict("records"):
        names = {part.split("}")[0] for part in template(row).split("{")[1:]}
        assert names <= {*table.columns, *composed}
    assert cell_text("n_a", 12_345) == "12,345"


def test_what_is_nearest_lacks_least_and_nobodys_mention_is_not_near() -> None:
    cells = {"a": ["x"] * 3 + ["y"] * 2, "language": "en", "drawn": "no", "measure": [*"stu", *"st"]}
    around = pd.DataFrame(cells).assign(scored=[45, 29, 28, 0, 0], clusters=[2, 3, 9, 0, 0])
    near, none = ({"more_for_interval": 0, "kind": GATHER} | row for row in _mentions(around))
    assert (near["measure"], near["n_a"], near["clusters_a"]) == ("u", 28, 9)
    assert sentence(near).endswith(
        "Nearest is “u”, with 28 scored mentions in 9 clusters; it needs 2 more mentions and 1 more cluster."
    )
    assert sentence(near | {"n_a": 1, "clusters_a": 1}).endswith(
        "with 1 scored mention in 1 cluster; it needs 2 more mentions and 1 more cluster."
    )
    assert sentence(none) == (
        "Y in English: the tone around 2 concepts could not be asked, for none has a scored mention. Each needs 30 in "
        "10 clusters."
    )


def test_clusters_for_shares_are_those_of_the_utterances_that_the_codebook_reads(tmp_path: Path) -> None:
    lines = [f"western_commenter,v{at % 12},{'en' if at % 12 < 9 else 'ko'},So staged {at}" for at in range(24)]
    (tmp_path / "a.csv").write_text("\n".join(["vantage,thread_id,language,text", *lines]) + "\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Made"))
    study = open_study(corpus=str(tmp_path / "corpus"), draws=99)
    around = judged.contested_tone(study)[0]
    rows = {row["family"]: row | {"kind": GATHER} for row in judged.to_gather(study, around) if row.get("a") == A}
    assert sentence(rows[judged.CONCEPT]).startswith(
        "Western commenters: 9 threads with 18 utterances in English or Chinese, effectively 9.0. 1 more thread"
    )


def test_where_a_side_has_no_hit_it_is_not_said_what_would_have_been_seen() -> None:
    # Nobody of 60 threads on one side, five of 200 on the other.
    rows = pd.DataFrame({"utterance_id": [f"u{i}" for i in range(260)], "cluster_id": [f"t{i}" for i in range(260)]})
    rows["group"] = rows["vantage"] = np.repeat([A, B], [60, 200])
    rows = rows.assign(language="en", collection="constructed", likes=pd.NA)
    said = pd.DataFrame({"utterance_id": rows["utterance_id"].tail(5), "concept": "tram"})
    flagged = flag_concepts(rows, said, ["tram"])
    contrasts = prevalence_contrasts(flagged, ["tram"], rng=np.random.default_rng(1), draws=99)
    table = with_sentences(find({judged.CONCEPT: contrasts}, prevalence(flagged, ["tram"])))
    row = table.iloc[0]
    assert (row["kind"], row["unit"], row["detectable"]) == (NOT_FOUND, "points", np.inf)
    assert row["sentence"].endswith(
        "The interval of the ratio has no end, so what would have been seen cannot be said."
    )
    assert not unsaid(row.to_dict())


def test_a_unit_of_a_range_is_said_once_and_a_ratio_to_nobody_says_what_it_is_of() -> None:
    rows = construct("rare", 1, planted=True)
    row = rows[rows["family"] == judged.CONCEPT].iloc[0].to_dict()
    rarer = "; what is as much rarer would be seen less surely."
    row |= {"kind": NOT_FOUND, "note": "", "unit": "times", "count": 3, "detectable_low": 2.0, "detectable_high": 5.0}
    assert sentence(row).endswith("What would have been seen four times in five is from 2 to 5 times as often" + rarer)
    same = sentence(row | {"detectable_high": 2.0004})
    assert same.endswith(". 2 times as often would have been seen four times in five" + rarer)
    row |= {"count": np.nan, "effect": 3.0, "effect_low": 0.8, "effect_high": 9.0, "share_b": 0.0}
    assert ": 3 times as often with half a mention added to each side (95 % interval 0.8 to 9;" in sentence(row)
    # Who divides the shares that stand there gets the ratio that stands there, or is told why not.
    assert "half a mention" not in sentence(row | {"share_a": 0.03, "share_b": 0.01})
    assert "half a mention" in sentence(row | {"share_a": 0.031, "share_b": 0.01})
    assert "(95 % interval 1.0004 to 9;" in sentence(row | {"effect_low": 1.0004})
    assert "effectively 9.96 and 33.3)" in sentence(row | {"g_a": 9.96, "g_b": 33.3})
    assert sentence(row | {"unit": "points", "effect_low": -0.8}).count("(95 % interval −0.8 to 9;") == 1
    small = row | {"kind": SMALL, "smallest": 1.5, "smallest_unit": "times"}
    assert sentence(small).endswith(", which is less than the ratio of 1.5 that would matter.")
