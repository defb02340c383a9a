"""What is removed is gone from every book, what stays adds up, and what cannot be undone is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis import disk
from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus, read_info, store
from analysis.corpus.remove import remove
from analysis.errors import InputError, ParameterError
from analysis.study.holdings import read_holdings

DOUYIN = {"aweme_id": "v1", "content": "好", "user_id": "u1", "like_count": 1, "parent_comment_id": "0"}


def crawl(path: Path, *ids: str, at: int = 0, thread: str = "v1", bad: int = 0) -> Path:
    """Write comments as MediaCrawler does, crawled ``at`` so many seconds after the others; and rows without words."""
    rows = [{**DOUYIN, "comment_id": name, "aweme_id": thread} for name in ids]
    rows += [{**DOUYIN, "comment_id": f"bad{number}", "content": ""} for number in range(bad)]
    whole = [{"create_time": 1738737222, "last_modify_ts": 1771725361056 + 1000 * at, **row} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in whole), encoding="utf-8")
    return path


def bring(into: Path, path: Path, name: str = "C", **said: Any) -> None:
    import_files([path], into, ImportOptions(name, **said))


def assert_consistent(into: Path) -> None:
    """Hold the books of a corpus against each other."""
    info, frame = read_info(into), read_corpus(into)
    for file in info["files"]:
        assert file["read"] == file["imported"] + file["rejected"] + file["duplicates"]
    assert info["rows"] == len(frame) == sum(file["imported"] for file in info["files"])
    seen = pq.read_table(into / info["seen"])["file"].to_pylist()
    assert [seen.count(place) for place in range(len(info["files"]))] == [file["imported"] for file in info["files"]]
    for name, field in ((store.REJECTED, "rejected"), (store.DUPLICATES, "duplicates")):
        lines = (into / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == sum(file[field] for file in info["files"])
        assert info["lists"][name] == disk.sha256(into / name)
    names = [file["name"] for file in info["files"]]
    if len(set(names)) == len(names):
        rows = read_list(into, store.DUPLICATES)
        counted = [row["counted"] if "counted" in row else names.index(row["file"]) for row in rows]
        assert [counted.count(at) for at in range(len(names))] == [file["duplicates"] for file in info["files"]]
    assert [sum(why.values()) for why in read_holdings(into).files["reasons"]] == [
        file["rejected"] for file in info["files"]
    ]
    threads = {(row["platform"], row["thread_id"]): row["collected"] for row in store.read_threads(into)}
    assert threads == frame.groupby(["platform", "thread_id"]).size().to_dict()


def test_a_file_goes_with_all_that_the_books_say_of_it(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, crawl(tmp_path / "a.jsonl", "1", "2", "2", thread="va", bad=1))
    bring(into, crawl(tmp_path / "b.jsonl", "3", "4", "3", thread="vb", bad=2))
    bring(into, crawl(tmp_path / "c.jsonl", "5", "5", thread="vc", bad=3))
    assert_consistent(into)
    done = remove(into, file="b.jsonl")
    assert (done.rows, done.files, done.left, done.not_back) == (2, 1, 3, {})
    assert_consistent(into)
    assert read_corpus(into)["utterance_id"].tolist() == ["1", "2", "5"]
    assert [file["name"] for file in read_info(into)["files"]] == ["a.jsonl", "c.jsonl"]
    assert [row["file"] for row in read_list(into, store.REJECTED)] == ["a.jsonl", *["c.jsonl"] * 3]
    assert [row["thread_id"] for row in store.read_threads(into)] == ["va", "vc"]


def test_removed_and_imported_again_it_is_the_corpus_that_it_was(tmp_path: Path) -> None:
    into, right = tmp_path / "c", tmp_path / "right"
    files = [crawl(tmp_path / f"{name}.jsonl", f"{name}1", f"{name}2", thread=name, bad=1) for name in "abc"]
    for file in files:
        bring(into, file)
    for file in (files[0], files[2], files[1]):
        bring(right, file)
    remove(into, file="b.jsonl")
    bring(into, files[1])
    assert_consistent(into)
    assert read_corpus(into).equals(read_corpus(right))
    assert read_info(into)["files"] == read_info(right)["files"]
    assert store.read_threads(into) == store.read_threads(right)


def test_a_collection_goes_with_its_files_and_takes_its_part_of_others(tmp_path: Path) -> None:
    into = tmp_path / "c"
    path = tmp_path / "both.csv"
    path.write_text("text,collection,platform,thread_id\na,A,weibo,t\nb,B,weibo,t\nc,B,weibo,u\n,B,weibo,u\n", "utf-8")
    bring(into, path, "A")
    bring(into, crawl(tmp_path / "b.jsonl", "1", "2"), "B")
    done = remove(into, collection="B")
    assert (done.rows, done.files, done.left, done.parts) == (4, 1, 1, {"both.csv": 2})
    assert_consistent(into)
    (file,) = read_info(into)["files"]
    assert (file["name"], file["read"], file["imported"], file["rejected"], file["removed"]) == ("both.csv", 2, 1, 1, 2)
    # What is missing of the file may come again: the row that stayed is its duplicate then.
    bring(into, path, "A")
    assert sorted(read_corpus(into)["text"]) == ["a", "b", "c"]
    assert_consistent(into)


def test_a_row_that_another_file_lost_to_the_one_that_goes_is_not_back_and_that_is_said(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, crawl(tmp_path / "a.jsonl", "1", "2"))
    bring(into, crawl(tmp_path / "b.jsonl", "2", "3", at=9))  # newer: takes the place of 2
    bring(into, crawl(tmp_path / "d.jsonl", "3", "4"))  # older: its 3 is left out
    done = remove(into, file="b.jsonl")
    assert done.not_back == {"a.jsonl": 1, "d.jsonl": 1}
    assert "not back: 1 row of a.jsonl" in "\n".join(done.lines())
    assert sorted(read_corpus(into)["utterance_id"]) == ["1", "4"]
    assert_consistent(into)


def test_what_gave_up_its_place_goes_without_the_one_that_took_it(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, crawl(tmp_path / "a.jsonl", "1", "2"))
    bring(into, crawl(tmp_path / "b.jsonl", "2", "3", at=9))
    done = remove(into, file="a.jsonl")
    assert done.not_back == {}
    assert sorted(read_corpus(into)["utterance_id"]) == ["2", "3"]
    assert_consistent(into)


def test_files_of_one_name_in_two_collections_are_told_apart(tmp_path: Path) -> None:
    into = tmp_path / "c"
    for name in "AB":
        (tmp_path / name).mkdir()
        bring(
            into, crawl(tmp_path / name / "x.jsonl", f"{name}1", f"{name}1", thread=name, bad=1 + (name == "B")), name
        )
    remove(into, collection="A")
    assert_consistent(into)
    assert read_corpus(into)["utterance_id"].tolist() == ["B1"]
    assert [row["utterance_id"] for row in read_list(into, store.DUPLICATES)] == ["B1"]
    assert len(read_list(into, store.REJECTED)) == 2


def test_places_of_files_follow_also_where_names_are_the_same(tmp_path: Path) -> None:
    into = tmp_path / "c"
    for at, (name, ids) in enumerate({"A": "11", "B": "122", "D": "344"}.items()):  # B's 1 takes the place of A's
        (tmp_path / name).mkdir()
        bring(into, crawl(tmp_path / name / "x.jsonl", *ids, at=at, thread="v1"), name)
    bring(into, crawl(tmp_path / "y.jsonl", "3", at=9), "E")  # takes the place of D's
    assert [file["duplicates"] for file in read_info(into)["files"]] == [2, 1, 2, 0]
    remove(into, collection="B")
    rows = [(row["utterance_id"], row.get("counted")) for row in read_list(into, store.DUPLICATES)]
    assert rows == [("1", None), ("1", 0), ("4", None), ("3", 1)]
    assert [file["duplicates"] for file in read_info(into)["files"]] == [2, 2, 0]


def test_clusters_of_what_stays_are_as_they_were(tmp_path: Path) -> None:
    into = tmp_path / "c"
    for name, platform in (("a", "weibo"), ("b", "douyin"), ("c", "weibo")):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"text,thread_id,platform\n{name},v1,{platform}\n", encoding="utf-8")
        bring(into, path, name)
    assert read_corpus(into)["cluster_id"].tolist() == ["v1", "douyin:v1", "v1"]
    remove(into, file="a.csv")
    assert read_corpus(into)["cluster_id"].tolist() == ["douyin:v1", "v1"]


def test_the_last_row_removed_leaves_an_empty_corpus_that_an_import_adds_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = tmp_path / "c"
    path = crawl(tmp_path / "a.jsonl", "1", bad=1)
    bring(into, path)
    assert main(["remove", str(into), "--collection", "C"]) == 0
    assert "the corpus is empty now; an import adds to it" in capsys.readouterr().out
    assert (read_info(into)["rows"], read_info(into)["files"], store.read_threads(into)) == (0, [], [])
    assert read_list(into, store.REJECTED) == []
    assert main(["info", str(into)]) == 0
    assert "0 utterances in 0 collections, of 0 files" in capsys.readouterr().out
    bring(into, path)
    assert_consistent(into)
    assert len(read_corpus(into)) == 1


def test_broken_off_it_leaves_the_corpus_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into = tmp_path / "c"
    bring(into, crawl(tmp_path / "a.jsonl", "1"))
    before = {file.name: file.read_bytes() for file in into.iterdir()}

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "commit", killed)
    with pytest.raises(KeyboardInterrupt):
        remove(into, file="a.jsonl")
    assert {file.name: file.read_bytes() for file in into.iterdir()} == before


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    into = tmp_path / "c"
    bring(into, crawl(tmp_path / "a.jsonl", "1"))
    with pytest.raises(InputError, match=r"has no file 'b.jsonl' \(accepted: a.jsonl\)"):
        remove(into, file="b.jsonl")
    with pytest.raises(InputError, match=r"has no collection 'D' \(accepted: C\)"):
        remove(into, collection="D")
    for what in ({}, {"file": "a.jsonl", "collection": "C"}):
        with pytest.raises(ParameterError, match="what is to be removed"):
            remove(into, **what)
    with pytest.raises(InputError, match="no corpus here"):
        remove(tmp_path / "none", collection="C")
