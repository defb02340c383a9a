"""A sample is of whole clusters, all equally probable, and a corpus like any other; its books add up."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis import disk
from analysis.cli import main
from analysis.compare.clusters import FEW_FOR_P
from analysis.compare.summary import summary
from analysis.corpus import ImportOptions, codes, import_files, read_corpus, read_info, store
from analysis.corpus import sample as sampling
from analysis.corpus.demo import write_demo
from analysis.corpus.remove import remove
from analysis.corpus.retag import retag
from analysis.corpus.sample import NOT_SAMPLED, draw, sample
from analysis.errors import InputError
from analysis.study.cells import Cells
from analysis.study.holdings import read_holdings
from analysis.study.methods import methods
from analysis.study.paper_tables import own_tables
from analysis.study.study import open_study

#: Clusters of each collection; "both" are in two.
CLUSTERS = {"A": 60, "B": 40, "both": 12}
PASTED = "the very same long words that somebody pasted under every video"


def clusters_of(name: str) -> list[tuple[str, str, int]]:
    """Return the rows of a file: collection, cluster, and how many of its cluster come before it."""
    out = [(name, f"{name}{at}", nth) for at in range(CLUSTERS[name]) for nth in range(1 + at % 7)]
    return out + [(name, f"both{at}", nth) for at in range(CLUSTERS["both"]) for nth in range(2)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two files in two collections, rows of clusters far apart, some rejected and some twice."""
    folder = tmp_path_factory.mktemp("sampled")
    into = folder / "whole"
    for name in ("A", "B"):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["utterance_id", "collection", "thread_id", "cluster_id", "platform", "vantage", "text", "n"])
            rows = sorted(clusters_of(name), key=lambda row: hashlib.sha256(repr(row).encode()).digest())
            for collection, cluster, nth in rows:
                said = PASTED if nth == 0 else f"so good {name}{cluster}{nth}"
                out.writerow(
                    [f"{name}-{cluster}-{nth}", collection, cluster, cluster, "weibo", "chinese_viewer", said, 1]
                )
            out.writerow([f"{name}-none", name, "A1", "A1", "weibo", "chinese_viewer", "", 1])
            out.writerow([f"{name}-{name}0-0", name, f"{name}0", f"{name}0", "weibo", "chinese_viewer", PASTED, 1])
        import_files([folder / f"{name}.csv"], into, ImportOptions(name))
    return into


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_whole_clusters_go_or_stay_in_the_order_of_the_corpus(corpus: Path, tmp_path: Path) -> None:
    every = read_corpus(corpus)
    before = files_of(corpus)
    sample(corpus, tmp_path / "s", 170)
    mine = read_corpus(tmp_path / "s")
    assert 0 < len(mine) < len(every)
    pd.testing.assert_frame_equal(
        mine, every[every["cluster_id"].isin(mine["cluster_id"])].reset_index(drop=True), check_dtype=False
    )
    # A cluster in two collections is whole in both.
    both = mine[mine["cluster_id"].str.startswith("both")].groupby("cluster_id")["collection"].nunique()
    assert len(both)
    assert set(both) == {2}
    assert files_of(corpus) == before
    assert not [path for path in tmp_path.iterdir() if path.name != "s"]


@pytest.mark.parametrize("seed", range(1, 6))
def test_collections_are_sampled_at_one_rate_and_counts_add_up(corpus: Path, tmp_path: Path, seed: int) -> None:
    every = read_corpus(corpus)
    done = sample(corpus, tmp_path / "s", len(every) // 2, seed=seed)
    mine, info = read_corpus(tmp_path / "s"), read_info(tmp_path / "s")
    assert done.drawn["rate"] == len(every) // 2 / len(every)
    assert done.drawn == info["sample"]
    for name in ("A", "B"):
        counts = done.drawn["collections"][name]
        rows = [frame[frame["collection"] == name] for frame in (mine, every)]
        assert counts == {"utterances": [*map(len, rows)], "clusters": [each["cluster_id"].nunique() for each in rows]}
    assert done.drawn["utterances"] == [len(mine), len(every)]
    assert done.drawn["clusters"] == [mine["cluster_id"].nunique(), every["cluster_id"].nunique()]
    # Those in both are drawn with the first of them by name.
    of_a = mine.loc[mine["collection"] == "A", "cluster_id"].nunique()
    of_b = mine.loc[mine["cluster_id"].str.startswith("B"), "cluster_id"].nunique()
    for drawn, number in ((of_a, CLUSTERS["A"] + CLUSTERS["both"]), (of_b, CLUSTERS["B"])):
        assert abs(drawn - done.drawn["rate"] * number) < 1
    for file, name in zip(info["files"], ("A", "B"), strict=True):
        assert file["read"] == file["imported"] + file["rejected"] + file["duplicates"] + file[NOT_SAMPLED]
        assert file["imported"] == (mine["source_file"] == f"{name}.csv").sum()
        assert (file["rejected"], file["duplicates"]) == (1, 1)
    assert info["rows"] == len(mine)
    for name in (store.REJECTED, store.DUPLICATES):
        assert read_list(tmp_path / "s", name) == read_list(corpus, name)
        assert info["lists"][name] == disk.sha256(tmp_path / "s" / name)
    seen = pq.read_table(tmp_path / "s" / info["seen"])["file"].to_pylist()
    assert [info["files"][at]["name"] for at in seen] == mine["source_file"].tolist()
    copies = store.read_text_duplicates(tmp_path / "s")
    assert copies["utterance_id"].tolist() == mine.loc[mine["text"] == PASTED, "utterance_id"].tolist()
    threads = {row["thread_id"]: row["collected"] for row in store.read_threads(tmp_path / "s")}
    assert threads == mine["thread_id"].value_counts().to_dict()


def test_the_same_seed_gives_the_same_bytes_and_another_others(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sample(corpus, tmp_path / name, 170, seed=seed)
        monkeypatch.setattr(store, "BATCH", 37)  # however it is read, the same clusters
    assert files_of(tmp_path / "a").keys() >= {"corpus.json", store.REJECTED}
    assert read_corpus(tmp_path / "a").equals(read_corpus(tmp_path / "b"))
    assert set(read_corpus(tmp_path / "a")["cluster_id"]) != set(read_corpus(tmp_path / "c")["cluster_id"])
    monkeypatch.undo()
    sample(corpus, tmp_path / "d", 170)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "d")


def test_every_cluster_is_as_probable_as_any_other_and_means_are_those_of_the_corpus() -> None:
    rng = np.random.default_rng(5)
    # What is said rests on how large a cluster is: a draw that prefers large ones is found out.
    sizes = rng.geometric(0.1, size=90).astype(float)
    means = np.log(sizes) + rng.normal(size=90)
    clusters = {"a": np.arange(50, dtype=np.uint64), "b": np.arange(40, 90, dtype=np.uint64)}
    rate, draws = 0.23, 4000
    found = np.zeros((draws, 90))
    for seed in range(draws):
        found[seed, draw(clusters, rate, (), np.random.default_rng(seed)).astype(int)] = 1
    share = found.mean(axis=0)
    assert np.abs(share - rate).max() < 4.5 * np.sqrt(rate * (1 - rate) / draws)
    for told, truth in (
        (found @ means / found.sum(axis=1), means.mean()),
        (found @ sizes / found.sum(axis=1), sizes.mean()),
        (found @ (sizes * means) / rate, sizes @ means),
        (found @ sizes, rate * sizes.sum()),
    ):
        assert abs(told.mean() - truth) < 4 * told.std() / np.sqrt(draws)
    # Two collections, to one cluster each; no pair of clusters goes together.
    assert set(found[:, :50].sum(axis=1)) <= {11, 12}
    assert set(found.sum(axis=1)) <= {20, 21}
    together = np.corrcoef(found.T)[np.triu_indices(90, 1)]
    assert np.abs(together).max() < 0.1


def test_a_collection_may_be_kept_whole_and_that_is_said(corpus: Path, tmp_path: Path) -> None:
    every = read_corpus(corpus)
    with pytest.raises(InputError, match=r"leaves fewer than 10 clusters: .* of 52 clusters of 'B'.*--whole \"B\""):
        sample(corpus, tmp_path / "s", 60)
    assert not (tmp_path / "s").exists()
    done = sample(corpus, tmp_path / "s", 240, whole=["B"])
    mine = read_corpus(tmp_path / "s")
    of_b = set(every.loc[every["collection"] == "B", "cluster_id"])
    assert set(mine.loc[mine["collection"] == "B", "cluster_id"]) == of_b
    assert len(mine) < len(every)
    # Those of both are whole, in A as well.
    always = every["cluster_id"].isin(of_b)
    assert set(every.loc[always, "utterance_id"]) <= set(mine["utterance_id"])
    assert "no mean over them and others is that of the corpus: B" in done.lines()[0]
    assert sampling.LEAST == FEW_FOR_P


def test_the_least_that_is_named_is_enough(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sample(corpus, tmp_path / "s", 20)
    enough = int(str(caught.value).split("accepted: --utterances ")[1].split()[0])
    with pytest.raises(InputError):
        sample(corpus, tmp_path / "s", enough - 1)
    sample(corpus, tmp_path / "s", enough)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--utterances", "0"], "--utterances 0: these would be none (accepted: more than 0, fewer than"),
        (["--utterances", "-3"], "--utterances -3: these would be none"),
        (["--utterances", "99999"], "--utterances 99999: the corpus has only "),
        (["--utterances", "5", "--whole", "B"], "the collections kept whole, with the rest of their clusters, have "),
        (["--utterances", "99", "--whole", "C"], "has no collection 'C' (accepted: A, B)"),
        (["--utterances", "99", "--seed", "-1"], "--seed -1 (accepted: 0 or more)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["sample", "--corpus", str(corpus), "--into", str(tmp_path / "x" / "s"), *options]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_not_free_is_refused_and_an_empty_one_is_not(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "full", tmp_path / "full" / "mine.txt", corpus):
        with pytest.raises(InputError):
            sample(corpus, place, 170)
    for place in (corpus / "s", corpus / "x" / ".." / "s"):
        with pytest.raises(InputError, match="lies inside the corpus"):
            sample(corpus, place, 170)
    with pytest.raises(InputError, match="no corpus here"):
        sample(tmp_path / "none", tmp_path / "s", 170)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    sample(corpus, tmp_path / "empty", 170)
    assert len(read_corpus(tmp_path / "empty"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_broken_off_it_leaves_nothing(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(sampling, "bring_codes", stop)
    with pytest.raises(error):
        sample(corpus, tmp_path / "new" / "s", 170)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_one_left_beside_it_is_removed_by_the_next(corpus: Path, tmp_path: Path) -> None:
    with disk.scratch(tmp_path) as left:
        shutil.copytree(left, kept := tmp_path / "kept")
    kept.rename(tmp_path / left.name)
    (tmp_path / left.name / "made").mkdir()
    sample(corpus, tmp_path / "s", 170)
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_corpus_that_changes_meanwhile_is_not_sampled(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(corpus, tmp_path / "c")
    monkeypatch.setattr(sampling, "bring_codes", lambda *_: remove(tmp_path / "c", file="B.csv") and (0, 0))
    with pytest.raises(InputError, match="was changed while it was sampled"):
        sample(tmp_path / "c", tmp_path / "s", 170)
    assert not (tmp_path / "s").exists()


def test_it_is_a_corpus_like_any_other(corpus: Path, tmp_path: Path) -> None:
    into = tmp_path / "s"
    sample(corpus, into, 170)
    drawn = read_info(into)["sample"]
    was = read_corpus(into)
    # The files are known, and come in no second time.
    import_files([corpus.parent / "A.csv"], into, ImportOptions("A"))
    assert read_corpus(into).equals(was)
    (tmp_path / "new.csv").write_text("text,thread_id\nhello there,t\n", encoding="utf-8")
    import_files([tmp_path / "new.csv"], into, ImportOptions("New"))
    assert len(read_corpus(into)) == len(was) + 1
    held = read_holdings(into)
    assert held.sample.endswith(f"; changed since, by imports or removals: {len(was) + 1} utterances now")
    left_out = [file.get(NOT_SAMPLED) for file in read_info(into)["files"]]
    assert left_out[-1] is None
    # Counts are whole numbers, also beside a file that came in later.
    lines = held.lines()
    for name, number in zip(("A.csv", "B.csv", "new.csv"), left_out, strict=True):
        (line,) = (line for line in lines if line.startswith(f"{name} ") and "rejected:" not in line)
        assert line.split()[-1] == ("-" if number is None else f"{number:,}")
    retag(into, "B", {"vantage": "western_commenter"})
    done = remove(into, file="A.csv")
    assert done.rows == (was["source_file"] == "A.csv").sum()
    (left, _) = read_info(into)["files"]
    assert left["read"] == left["imported"] + left["rejected"] + left["duplicates"] + left[NOT_SAMPLED]
    assert read_info(into)["sample"] == drawn


def test_info_says_what_it_is_a_sample_of(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--into", str(tmp_path / "s"), "--utterances", "170", "--seed", "7"]
    assert main(["sample", "--corpus", str(corpus), *arguments]) == 0
    told = capsys.readouterr().out
    drawn = read_info(tmp_path / "s")["sample"]
    rows, clusters = (f"{drawn[name][0]} of {drawn[name][1]} {name}" for name in ("utterances", "clusters"))
    line = f"a random sample of whole clusters of the corpus 'whole': {rows}, {clusters}, each cluster with the "
    line += f"probability {drawn['rate']:.4g} (seed 7)"
    assert told.startswith(f"{tmp_path / 's'}: {line}\n")
    assert main(["info", str(tmp_path / "s")]) == 0
    shown = capsys.readouterr().out
    assert f"\n{line}\n" in shown
    assert "not sampled" in shown
    assert main(["info", str(corpus)]) == 0
    shown = capsys.readouterr().out
    assert "random sample" not in shown
    assert "not sampled" not in shown
    sample(tmp_path / "s", tmp_path / "again", 150)
    assert read_holdings(tmp_path / "again").sample.endswith(f"; that was {line}")
    for file in read_info(tmp_path / "again")["files"]:
        assert file["read"] == file["imported"] + file["rejected"] + file["duplicates"] + file[NOT_SAMPLED]


def test_codes_of_what_stays_are_copied(corpus: Path, tmp_path: Path) -> None:
    whole = tmp_path / "c"
    shutil.copytree(corpus, whole)
    every = read_corpus(whole)["utterance_id"]
    coded = every.iloc[::3].tolist()
    shared = {"variant": "original", "coder": "Anna", "variable": "stance", "value": "1", "date": "", "sheet": "s"}
    tables = {
        "sample": pd.DataFrame(
            [{"utterance_id": uid, "wave": 1, "stratum": "x", "probability": 0.25, "translation": ""} for uid in coded]
        ),
        "codes": pd.DataFrame([{"utterance_id": uid, **shared} for uid in coded]),
        "waves": pd.DataFrame([dict.fromkeys(codes.TABLES["waves"], 1)]),
        "scheme": pd.DataFrame([dict.fromkeys(codes.TABLES["scheme"], "1")]),
    }
    with disk.changing(whole) as work:
        pq.write_table(pa.table({"utterance_id": every, "probability": [0.25] * len(every)}), work / codes.FRAME)
        codes.put(whole, work, tables, {codes.FRAME: whole / codes.FOLDER / codes.FRAME})
    done = sample(whole, tmp_path / "s", 170)
    there = read_corpus(tmp_path / "s")["utterance_id"].tolist()
    mine = [uid for uid in coded if uid in there]
    assert (done.codes, done.coded) == (len(mine), len(mine))
    assert f"  {len(mine)} codes of {len(mine)} utterances copied" in done.lines()
    for name in ("sample", "codes"):
        old, new = (codes.read_coding(folder, name) for folder in (whole, tmp_path / "s"))
        pd.testing.assert_frame_equal(new, old[old["utterance_id"].isin(there)].reset_index(drop=True))
    assert codes.read_coding(tmp_path / "s", "waves").equals(codes.read_coding(whole, "waves"))
    frame = pq.read_table(tmp_path / "s" / codes.FOLDER / codes.FRAME)
    assert Counter(frame["utterance_id"].to_pylist()) == Counter(there)
    assert not (tmp_path / "s" / codes.FOLDER / "translations.csv").exists()
    assert "no longer in the corpus" not in "".join(read_holdings(tmp_path / "s").coded)


def test_a_threads_total_is_taken_over_only_with_all_its_comments(tmp_path: Path) -> None:
    rows = [
        {
            "utterance_id": f"{at}-{nth}",
            "thread_id": f"t{at}",
            "cluster_id": f"c{at}-{nth % 2 * (at % 2)}",
            "text": "so",
        }
        for at in range(60)
        for nth in range(4)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    rules = tmp_path / "sources.yaml"
    rules.write_text("".join(f'- thread: "t{at}"\n  comments: "9"\n' for at in range(60)), encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "c", ImportOptions("C", rules=rules))
    before = {row["thread_id"]: row for row in store.read_threads(tmp_path / "c")}
    assert {row["platform_comment_count"] for row in before.values()} == {9}
    sample(tmp_path / "c", tmp_path / "s", 120)
    told = Counter()
    for row in store.read_threads(tmp_path / "s"):
        parted = row["collected"] < before[row["thread_id"]]["collected"]
        assert row["platform_comment_count"] == (None if parted else 9)
        told[parted] += 1
    assert min(told[True], told[False]) > 5


def test_a_study_says_that_it_is_of_a_sample(tmp_path: Path) -> None:
    write_demo(8000, tmp_path / "demo")
    sample(tmp_path / "demo", tmp_path / "s", 2000)
    drawn = read_info(tmp_path / "s")["sample"]
    # Nobody looked for duplicate texts in a constructed corpus, nor in a sample of it.
    assert "text_duplicates" not in read_info(tmp_path / "s")
    study = open_study(corpus=str(tmp_path / "s"), out=str(tmp_path / "out"), draws=99)
    tables = own_tables(study)
    cells = Cells(tables)
    told = " ".join(map(cells.fill, next(iter(methods(cells, study))).sentences))
    counts = [f"{number:,}" for name in ("clusters", "utterances") for number in drawn[name]]
    assert "random sample of whole clusters of a larger corpus, each drawn with the probability 0.25 whatever" in told
    assert "(seed 1): {} of {} clusters, {} of {} utterances;".format(*counts) in told
    title = summary(study).iloc[0]
    assert title["note"].startswith(f"A random sample: {counts[0]} of {counts[1]} threads")
    assert "since it was drawn" not in told
    remove(tmp_path / "s", collection="Constructed reference (en)")
    study = open_study(corpus=str(tmp_path / "s"), out=str(tmp_path / "out"), draws=99)
    cells = Cells(own_tables(study))
    told = " ".join(map(cells.fill, next(iter(methods(cells, study))).sentences))
    assert f"it has {read_info(tmp_path / 's')['rows']:,} utterances now and is not that sample" in told
    # A demo in its place is no sample any more.
    write_demo(8000, tmp_path / "s")
    assert "sample" not in json.loads((tmp_path / "s" / "corpus.json").read_text(encoding="utf-8"))
