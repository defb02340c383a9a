"""The constructed corpus is what its truth says, utterance by utterance and in expectation."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.cli import main
from analysis.compare.vocabulary import is_term
from analysis.corpus import ImportOptions, import_file, read_corpus, read_info
from analysis.corpus import demo_draw as module
from analysis.corpus.demo import write_demo
from analysis.corpus.demo_draw import LEADS, plant
from analysis.corpus.demo_plan import CELLS, LANGUAGES, TONES, concepts_of, planted_truth, read_plan
from analysis.corpus.schema import ACCEPTED
from analysis.corpus.store import read_threads
from analysis.errors import InputError, ParameterError
from analysis.measure.batch import NEEDED, measure_batch, score_texts
from analysis.measure.concepts import read_codebook
from analysis.measure.instruments import make_instruments

N = 3_000


def planted_table(utterances: int, seed: int) -> pd.DataFrame:
    """Return what was planted in each utterance: ``utterance_id, collection, cluster, concepts, tone, term``."""
    plan, parts = read_plan(), []
    concepts = np.empty(len(plan.topics), dtype=object)
    concepts[:] = [concepts_of(topic) for topic in plan.topics]
    for planted in plant(utterances, seed):
        cell = CELLS[planted.cell]
        columns = {
            "utterance_id": [f"demo-{n:09d}" for n in range(planted.first + 1, planted.first + len(planted.topic) + 1)],
            "collection": cell.collection,
            "cluster": planted.cluster,
            "concepts": concepts[planted.topic],
            "tone": np.array(TONES, dtype=object)[planted.tone],
            "term": np.array(plan.words["thing", cell.language], dtype=object)[planted.thing],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "demo"
    write_demo(N, folder, 7)
    return folder


@pytest.fixture(scope="module")
def corpus(demo):
    return read_corpus(demo)


@pytest.fixture(scope="module")
def measured(corpus):
    return measure_batch(corpus[list(NEEDED)])


@pytest.fixture(scope="module")
def every_sentence():
    """Return every sentence of both languages, measured, with what it was made of."""
    plan, parts = read_plan(), []
    for language in LANGUAGES:
        texts = plan.bodies(language)
        each = len(texts) // len(plan.frames[language])
        kinds = [
            (t, o) for i, t in enumerate(plan.topics) for k, o in enumerate(TONES) for _ in range(plan.count[i, k])
        ]
        topic, tone = np.repeat(np.array(kinds, dtype=object), each, axis=0).T
        parts.append(pd.DataFrame({"language": language, "text": texts, "topic": topic, "tone": tone}))
    frame = pd.concat(parts, ignore_index=True)
    frame["utterance_id"] = frame.index.astype(str)
    frame["frame"] = frame.index // each
    out = measure_batch(frame.reindex(columns=list(NEEDED)).assign(posted_at=pd.Timestamp("2020-01-01", tz="UTC")))
    return frame, out.measures.to_pandas(), out.mentions.to_pandas()


def test_the_mentions_are_those_planted_in_every_utterance(measured):
    planted = planted_table(N, 7)
    found = Counter(zip(*measured.mentions.select(["utterance_id", "concept"]).to_pydict().values(), strict=True))
    expected = Counter(
        (i, c) for i, some in zip(planted["utterance_id"], planted["concepts"], strict=True) for c in some
    )
    assert found == expected
    assert set(expected.values()) == {1}


def test_the_key_words_are_those_planted_in_every_utterance(measured):
    planted = planted_table(N, 7)
    terms = {
        term for slot, language in read_plan().words if slot == "thing" for term in read_plan().words[slot, language]
    }
    tokens = measured.measures["tokens"].to_pylist()
    assert [[t for t in some if t in terms] for some in tokens] == [[term] for term in planted["term"]]


def test_every_possible_sentence_mentions_its_topic_and_nothing_else(every_sentence):
    frame, _, mentions = every_sentence
    found = mentions.groupby("utterance_id")["concept"].agg(lambda some: tuple(sorted(some)))
    found = frame["utterance_id"].map(found).map(lambda some: some if isinstance(some, tuple) else ())
    wrong = found != frame["topic"].map(lambda topic: tuple(sorted(concepts_of(topic))))
    assert not wrong.any(), pd.concat([frame["text"], found], axis=1)[wrong].head().to_string()


def test_every_sentence_has_the_words_that_the_plan_counts(every_sentence):
    frame, measures, _ = every_sentence
    words = measures["tokens"].map(lambda tokens: sum(map(is_term, tokens)))
    assert words.groupby(frame["frame"]).nunique().eq(1).all()
    plan = read_plan()
    assert words.groupby(frame["frame"]).first().tolist() == [*plan.frame_words["en"], *plan.frame_words["zh"]]


def test_warm_sentences_are_warmer_than_neutral_and_those_than_cold(every_sentence):
    frame, measures, mentions = every_sentence
    tools = {"en": ("labmt", "vader", "nrcvad"), "zh": ("labmt", "zh_rules", "nrcvad")}
    for language, names in tools.items():
        mine = frame["language"] == language
        for name in names:
            means = measures[mine].groupby(frame["tone"][mine])[name].mean()
            assert means["cold"] < means["neutral"] < means["warm"], (language, name, means)
    around = mentions.merge(frame, on="utterance_id", suffixes=("_around", ""))
    means = around.pivot_table(index=["language", "concept"], columns="tone", values="tone_around")
    assert ((means["cold"] < means["neutral"]) & (means["neutral"] < means["warm"])).all(), means


def test_a_moment_of_the_video_changes_neither_score_nor_words():
    for language, body in (("en", "The guide at the corner looks miserable."), ("zh", "走廊的导游看着很痛苦。")):
        texts = [lead + body for lead in LEADS]
        scores = score_texts(texts, np.full(len(texts), language), make_instruments())
        for name, values in scores.items():
            np.testing.assert_array_equal(values, values[0], err_msg=f"{language} {name}")


def test_the_plans_probabilities_sum_to_one_and_both_languages_say_as_much():
    plan = read_plan()
    for share in (plan.topic_share, plan.tone_share, plan.thing_share):
        np.testing.assert_allclose(share.sum(axis=-1), 1, rtol=0, atol=1e-12)
        assert (share > 0).all()
    assert (plan.count > 0).all()
    for cell, _ in enumerate(CELLS):
        places, frames = len(plan.words["place", "en"]), plan.frame_share(cell)
        assert frames.sum() == pytest.approx(1, abs=1e-12)
        assert len(frames) * len(plan.things) * places == len(plan.bodies(CELLS[cell].language))
    for texts in plan.frames.values():
        assert len(set(texts)) == len(texts)
        assert all(text.count("{thing}") == text.count("{place}") == 1 for text in texts)


def test_rows_are_constructed_and_of_the_schema(corpus, demo):
    assert set(corpus["evidence"]) == {"constructed"}
    assert corpus["collection"].str.startswith("Constructed ").all()
    assert corpus["utterance_id"].is_unique
    for name, accepted in ACCEPTED.items():
        assert set(corpus[name].dropna()) <= set(accepted)
    assert set(corpus["vantage"].dropna()) == set(ACCEPTED["vantage"])
    assert set(corpus.loc[corpus["vantage"].isna(), "language"]) == {"en", "zh"}
    assert corpus.groupby("vantage")["origin"].nunique().to_dict() == {
        "chinese_viewer": 1,
        "vlogger": 2,
        "western_commenter": 1,
    }
    assert 0 < corpus["likes"].isna().mean() < 0.3
    assert corpus["likes"].mean() > 2 * corpus["likes"].median()
    assert corpus["posted_at"].dt.year.nunique() > 10
    assert read_info(demo)["rows"] == len(corpus) == N


def test_a_platform_would_have_said_how_many_comments_most_threads_have(corpus, demo):
    """Hold the list of threads against the rows themselves, counted by pandas."""
    threads = pd.DataFrame(read_threads(demo))
    comments = corpus[corpus["kind"] == "comment"].groupby(["platform", "thread_id"]).size()
    counted = threads.set_index(["platform", "thread_id"])["collected"]
    assert counted.to_dict() == comments.to_dict()
    assert counted.index.is_monotonic_increasing
    told = threads.dropna(subset="platform_comment_count")
    assert 0.8 < len(told) / len(threads) < 1
    share = told["collected"] / told["platform_comment_count"]
    assert (share <= 1).all()
    # Whole comments: a thread of one has at most one more.
    assert (told["platform_comment_count"] <= 2 * told["collected"]).all()
    assert 0.6 < share.mean() < 0.9


def test_every_concept_of_the_codebook_is_planted():
    plan = read_plan()
    assert plan.concepts == tuple(sorted(row["concept"] for row in read_codebook()))
    # Of each, every collection of some thousand utterances has enough for the tone around it.
    assert min(plan.topic_share[:, plan.topics.index(concept)].min() for concept in plan.concepts) >= 0.01


def test_clusters_are_unequal_and_stand_on_both_sides(corpus):
    sizes = corpus.groupby(["collection", "cluster_id"]).size()
    assert sizes.groupby("collection").std().min() > 3
    sides = corpus.groupby("cluster_id")["collection"].agg(lambda names: frozenset(n[12:] for n in names))
    kinds = set(sides)
    assert {"western commenters", "western vloggers"} in kinds
    assert {"Chinese viewers", "Chinese vloggers"} in kinds
    assert {"western commenters", "Chinese viewers", "western vloggers"} in kinds
    accounts = corpus[corpus["cluster_id"].str.startswith("account")]
    assert set(accounts["vantage"]) == {"vlogger"}
    assert accounts.groupby("cluster_id")["thread_id"].nunique().max() == 5
    rest = corpus[~corpus["cluster_id"].str.startswith("account")]
    assert (rest["cluster_id"] == rest["thread_id"]).all()


@pytest.fixture(scope="module")
def large():
    return planted_table(60_000, 3)


def test_utterances_of_a_cluster_are_as_alike_as_planted_and_its_two_sides_too(large):
    """The correlation of two utterances of a cluster, from all their pairs."""
    alike = {
        "term": [
            _alike(rows, rows["term"] == term) for _, rows in large.groupby("collection") for term in set(rows["term"])
        ],
        "topic": [_alike(rows, rows["concepts"] == ()) for _, rows in large.groupby("collection")],
    }
    assert np.mean(alike["term"]) == pytest.approx(1 / (1 + module.WORDS_CONCENTRATION), rel=0.2)
    assert np.mean(alike["topic"]) == pytest.approx(1 / (1 + module.TOPICS_CONCENTRATION), rel=0.3)
    assert np.mean([_alike(rows, rows["tone"] == "warm") for _, rows in large.groupby("collection")]) > 0.04
    # In the threads that western commenters share with vloggers, what one side speaks of goes with what the other does.
    # Over the topics the correlations are independent but for their shares' sum: 0 on average, were there no link.
    speaks = {topic: large["concepts"] == concepts_of(topic) for topic in read_plan().topics}
    found = []
    for hit in speaks.values():
        means = large.assign(hit=hit.astype(float)).pivot_table(index="cluster", columns="collection", values="hit")
        pairs = means[["Constructed western commenters", "Constructed western vloggers"]].dropna()
        assert len(pairs) > 100
        found.append(stats.pearsonr(*pairs.to_numpy().T).statistic)
    assert np.mean(found) * np.sqrt(len(pairs) * len(found)) > stats.norm.isf(0.001)


def _alike(rows, hit):
    away = hit.astype(float) - hit.mean()
    sums = pd.DataFrame({"sum": away, "square": away**2, "n": 1}).groupby(rows["cluster"]).sum()
    pairs = (sums["sum"] ** 2 - sums["square"]).sum() / (sums["n"] * (sums["n"] - 1)).sum()
    return pairs / (hit.mean() * (1 - hit.mean()))


def test_shares_words_and_tones_come_near_the_truth_in_a_large_corpus(large):
    """Hold draws against the truth with the standard error of cluster means (scipy), not with the study's own code."""
    table, truth = large, planted_truth(60_000)
    z = []
    for name, rows in table.groupby("collection"):
        told = truth["collections"][name]
        for concept, share in told["prevalence"].items():
            z.append(_z(rows["concepts"].map(lambda some, c=concept: c in some), rows["cluster"], share))
        for tone, share in told["tone"]["all utterances"].items():
            z.append(_z(rows["tone"] == tone, rows["cluster"], share))
        for tone, share in told["tone"]["freedom"].items():
            mine = rows[rows["concepts"].map(lambda some: "freedom" in some)]
            z.append(_z(mine["tone"] == tone, mine["cluster"], share))
        for term, share in told["words"].items():
            z.append(_z(rows["term"] == term, rows["cluster"], share * told["words_per_utterance"]))
    assert np.abs(z).max() < stats.norm.isf(0.0005 / len(z))
    # An error of a tenth in any share would be found: the standard errors are small.
    assert 0.7 < np.std(z) < 1.3


def _z(hit, clusters, share):
    sums = pd.DataFrame({"away": hit.astype(float) - share, "cluster": clusters}).groupby("cluster")["away"].sum()
    return sums.sum() / np.sqrt(np.square(sums).sum())


def test_groups_of_several_collections_are_their_mixture():
    truth = planted_truth(10_000)
    parts = [truth["collections"][f"Constructed {who} vloggers"] for who in ("western", "Chinese")]
    whole = truth["groups"]["vantage"]["vlogger"]
    assert whole["prevalence"]["freedom"] == pytest.approx((0.14 + 0.12) / 2)
    warm = [part["prevalence"]["freedom"] * part["tone"]["freedom"]["warm"] for part in parts]
    assert whole["tone"]["freedom"]["warm"] == pytest.approx(sum(warm) / 2 / whole["prevalence"]["freedom"])
    ratio = next(row for row in truth["log_ratios"] if row["term"] == "电车" and row["a"].endswith("viewers"))
    long = [truth["collections"][ratio[side]]["words_per_utterance"] for side in "ab"]
    assert ratio["log_ratio"] == pytest.approx(np.log2(0.08 / long[0]) - np.log2(0.08 / long[1]))
    assert set(truth["groups"]["vantage"]) == {"western_commenter", "chinese_viewer", "vlogger", "reference"}


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(demo, tmp_path):
    write_demo(N, tmp_path / "again", 7)
    names = sorted(path.name for path in demo.iterdir() if path.is_file())
    assert "truth.json" in names
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (demo / name).read_bytes()
    write_demo(N, tmp_path / "again", 8)  # a constructed corpus may be replaced
    assert read_info(tmp_path / "again")["content"] != read_info(demo)["content"]
    truth = json.loads((tmp_path / "again" / "truth.json").read_text(encoding="utf-8"))
    assert (truth["seed"], truth["content"]) == (8, read_info(tmp_path / "again")["content"])


def test_chunks_are_bounded_and_join_without_a_gap(monkeypatch):
    whole = planted_table(N, 7)
    monkeypatch.setattr(module, "_CHUNK", 300)
    parts = list(plant(N, 7))
    assert len(parts) > len(CELLS)
    lengths = [len(part.topic) for part in parts]
    assert [part.first for part in parts] == (np.cumsum(lengths) - lengths).tolist()
    largest = whole.groupby(["collection", "cluster"]).size().max()
    assert max(lengths) < 300 + 2 * largest
    # Chunks cut at clusters: the clusters are the same, whatever the chunks.
    assert np.concatenate([part.cluster for part in parts]).tolist() == whole["cluster"].tolist()


def test_a_file_can_be_added_and_the_mixed_folder_is_then_not_overwritten(tmp_path):
    folder = tmp_path / "demo"
    write_demo(1_000, folder)
    (tmp_path / "mine.csv").write_text("text\nso free\n", encoding="utf-8")
    import_file(tmp_path / "mine.csv", folder, ImportOptions("Mine"))
    assert read_info(folder)["rows"] == 1_001
    with pytest.raises(InputError, match="not constructed"):
        write_demo(1_000, folder)
    assert read_info(folder)["rows"] == 1_001


@pytest.mark.parametrize(("utterances", "seed"), [(999, 1), (-5, 1), (1_000, -1)])
def test_too_few_utterances_and_negative_seeds_are_refused_and_nothing_made(tmp_path, utterances, seed):
    with pytest.raises(ParameterError, match="accepted"):
        write_demo(utterances, tmp_path / "demo", seed)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        write_demo(1_000, tmp_path)
    with pytest.raises(InputError, match="is a file"):
        write_demo(1_000, tmp_path / "notes.txt")
    assert os.listdir(tmp_path) == ["notes.txt"]  # noqa: PTH208


def test_the_command_says_what_was_written_and_where_the_truth_stands(tmp_path: Path, capsys):
    folder = tmp_path / "demo"
    assert main(["demo", "--utterances", "1000", "--into", str(folder), "--seed", "2"]) == 0
    clusters = read_corpus(folder, ["cluster_id"])["cluster_id"].nunique()
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}: 1,000 constructed utterances in {clusters} clusters",
        f"its true values: {folder / 'truth.json'}",
    ]
    assert main(["demo", "--utterances", "10", "--into", str(tmp_path / "small")]) == 2
    assert "accepted: 1,000 or more" in capsys.readouterr().err
    assert main(["demo", "--utterances", "many", "--into", str(folder)]) == 2
