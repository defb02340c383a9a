"""What later commands do to a corpus: a newer crawl, another platform, a kill at any moment; and what is marked."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis.corpus import Imported, ImportOptions, import_files, parsed_items, read_corpus, read_info, spill, store
from analysis.corpus.text_duplicates import find_text_duplicates

DOUYIN = {"aweme_id": "v1", "content": "好", "user_id": "u1", "like_count": 1, "parent_comment_id": "0"}
FIXTURES = Path(__file__).parents[1] / "fixtures" / "imports"
XHS = {"note_id": "n1", "content": "好", "user_id": "u1", "like_count": 1, "parent_comment_id": ""}


def write(path: Path, *rows: dict[str, Any], crawled: int = 1771725361056) -> Path:
    whole = [{"create_time": 1738737222, "last_modify_ts": crawled, **row} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in whole), encoding="utf-8", newline="\n")
    return path


def bring(tmp_path: Path, *paths: Path, **options: Any) -> Imported:
    return import_files(paths, tmp_path / "corpus", ImportOptions("Test", **options))


def counts(into: Path) -> list[tuple[int, int, int, int]]:
    return [(f["read"], f["imported"], f["rejected"], f["duplicates"]) for f in read_info(into)["files"]]


def test_a_newer_crawl_in_a_later_command_takes_the_rows_place_and_an_older_one_does_not(tmp_path: Path) -> None:
    rows = [{**DOUYIN, "comment_id": str(number)} for number in range(3)]
    bring(tmp_path, write(tmp_path / "a.jsonl", *rows))
    newer = write(tmp_path / "b.jsonl", {**rows[1], "like_count": 9}, crawled=1771725361057)
    older = write(tmp_path / "c.jsonl", {**rows[0], "like_count": 5}, crawled=1771725361055)
    bring(tmp_path, newer)
    into = tmp_path / "corpus"
    assert counts(into) == [(3, 2, 0, 1), (1, 1, 0, 0)]
    bring(tmp_path, older)
    assert read_corpus(into).set_index("utterance_id")["likes"].to_dict() == {"0": 1, "2": 1, "1": 9}
    assert counts(into) == [(3, 2, 0, 1), (1, 1, 0, 0), (1, 0, 0, 1)]
    assert len(read_list(into, store.DUPLICATES)) == 2
    assert pq.read_table(into / read_info(into)["seen"]).to_pydict() == {
        "crawled": [1771725361056, 1771725361056, 1771725361057],
        "file": [0, 0, 1],
    }
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    bring(tmp_path, tmp_path / "a.jsonl", newer, older)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before


@pytest.mark.parametrize("commands", [1, 2])
def test_an_id_that_two_platforms_have_is_two_utterances(tmp_path: Path, commands: int) -> None:
    one = write(tmp_path / "a.jsonl", {**DOUYIN, "comment_id": "7"}, {**DOUYIN, "comment_id": "8"})
    other = write(
        tmp_path / "b.jsonl", {**XHS, "comment_id": "7"}, {**XHS, "comment_id": "9", "parent_comment_id": "7"}
    )
    for files in ((one, other),) if commands == 1 else ((one,), (other,)):
        bring(tmp_path, *files)
    frame = read_corpus(tmp_path / "corpus").set_index("utterance_id")
    assert frame["platform"].to_dict() == {
        "7": "douyin",
        "8": "douyin",
        "xiaohongshu:7": "xiaohongshu",
        "9": "xiaohongshu",
    }
    assert frame.loc["9", "parent_id"] == "xiaohongshu:7"
    (tmp_path / "copy.jsonl").write_text(other.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (report,) = bring(tmp_path, tmp_path / "copy.jsonl").reports
    assert (report.imported, report.duplicates) == (0, 2)


@pytest.mark.parametrize("commands", [1, 2])
def test_a_thread_id_that_two_platforms_have_is_two_clusters(tmp_path: Path, commands: int) -> None:
    one = write(tmp_path / "a.jsonl", {**DOUYIN, "comment_id": "1"}, {**DOUYIN, "comment_id": "2"})
    other = write(tmp_path / "b.jsonl", {**XHS, "comment_id": "3", "note_id": "v1"})
    for files in ((one, other),) if commands == 1 else ((one,), (other,)):
        bring(tmp_path, *files)
    (tmp_path / "c.csv").write_text("text,thread_id,platform\nso,v1,weibo\nno,v1,douyin\n", encoding="utf-8")
    bring(tmp_path, tmp_path / "c.csv")
    frame = read_corpus(tmp_path / "corpus")
    assert frame["thread_id"].tolist() == ["v1"] * 5
    assert frame["cluster_id"].tolist() == ["v1", "v1", "xiaohongshu:v1", "weibo:v1", "v1"]


def test_what_is_kept_on_disk_during_an_import_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands over many formats: with a newer crawl, made ids, repeated texts, vloggers and threads."""
    made = {}
    for recent in (2, 50_000):
        monkeypatch.setattr(spill, "RECENT", recent)
        root = tmp_path / str(recent)
        root.mkdir()
        rows = [
            {**DOUYIN, "comment_id": str(number), "content": f"一二三四五六七八九十{number}"} for number in range(9)
        ]
        bring(root, write(root / "a.jsonl", *rows), FIXTURES)
        newer = write(root / "b.jsonl", *({**row, "like_count": 9} for row in rows[3:]), crawled=1771725361057)
        (root / "c.csv").write_text("text,thread_id\nso,v1\nso,v1\nso,v1\nno,v1\n", encoding="utf-8")
        bring(root, newer, root / "c.csv")
        made[recent] = {path.name: path.read_bytes() for path in (root / "corpus").iterdir()}
    assert made[2] == made[50_000]
    assert len(read_corpus(tmp_path / "2" / "corpus")) > 200


def test_when_rows_were_crawled_is_read_however_it_was_written(tmp_path: Path) -> None:
    rows = [{**DOUYIN, "comment_id": str(number)} for number in range(7)]
    for begin in range(0, 7, 3):
        bring(tmp_path, write(tmp_path / f"{begin}.jsonl", *rows[begin : begin + 3], crawled=1771725361056 + begin))
    into = tmp_path / "corpus"
    seen = into / read_info(into)["seen"]
    # Under a name that tells no hash: one that does is held to it.
    pq.write_table(pq.read_table(seen), into / "seen-two.parquet", row_group_size=2)
    told = (into / "corpus.json").read_text(encoding="utf-8")
    (into / "corpus.json").write_text(told.replace(seen.name, "seen-two.parquet"), encoding="utf-8")
    newer = [{**rows[number], "like_count": 9} for number in (1, 4)]
    report = bring(tmp_path, write(tmp_path / "new.jsonl", *newer, crawled=1771725361058)).reports
    assert [(each.imported, each.duplicates) for each in report] == [(1, 1)]
    assert read_corpus(into).set_index("utterance_id")["likes"].to_dict() == {
        name: 1 + 8 * (name == "1") for name in "0123456"
    }


def test_rules_reach_tables(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(
        "- account: 'Walker'\n  vantage: vlogger\n  origin: western\n"
        "- file: a.csv\n  collection: Rason\n  region: 吉林\n- thread: t\n  comments: 40\n",
        encoding="utf-8",
    )
    (tmp_path / "a.csv").write_text("text,thread_id,speaker\nhi,t,@walker\nho,t,somebody\n", encoding="utf-8")
    imported = bring(
        tmp_path, tmp_path / "a.csv", rules=tmp_path / "sources.yaml", constants={"vantage": "western_commenter"}
    )
    frame = read_corpus(tmp_path / "corpus")
    assert frame["vantage"].tolist() == ["vlogger", "western_commenter"]
    assert frame["collection"].tolist() == ["Rason", "Rason"]
    assert frame["region"].tolist() == ["吉林", "吉林"]
    assert frame["cluster_id"].tolist() == ["account 1", "t"]
    assert store.read_threads(tmp_path / "corpus") == [
        {"thread_id": "t", "platform": None, "platform_comment_count": 40, "collected": 2}
    ]
    assert imported.replaced["author"] == 2


# Duplicate texts ------------------------------------------------------------------------------------------------------


def test_copies_are_marked_whatever_they_are_varied_by_and_none_is_dropped(tmp_path: Path) -> None:
    copied = "Visit the beautiful city of Rason this summer"
    said = [
        copied,
        f"{copied.upper()}!!! 100%",
        "so",
        f"🎉 {copied} https://x.example/{1} @you",
        "so",
        "so",
        copied + " or not",
    ]
    said += [
        "欢迎大家今年夏天来罗先旅游",
        "欢迎大家，今年夏天来罗先旅游！2",
        "欢迎大家今年夏天来罗先旅游[doge]",
        "欢迎 大家今年夏天来罗先旅游",
    ]
    rows = [{**DOUYIN, "comment_id": f"c{at}", "content": text} for at, text in enumerate(said)]
    imported = bring(tmp_path, write(tmp_path / "a.jsonl", *rows))
    assert store.read_text_duplicates(tmp_path / "corpus").to_dict("list") == {
        "utterance_id": ["c0", "c1", "c3", "c7", "c8", "c10"],
        "duplicate_group": [1, 1, 1, 2, 2, 2],
    }
    assert imported.text_duplicates == (2, 6)
    assert "duplicate texts in the whole corpus, marked and kept: 2 texts in 6 utterances" in imported.lines(Path())
    assert len(read_corpus(tmp_path / "corpus")) == 11


def test_duplicate_texts_do_not_depend_on_batches() -> None:
    texts = ["a text of more than thirty letters in it", "short"] * 5
    whole = pa.table({"utterance_id": [str(n) for n in range(10)], "text": texts})
    for size in (1, 3, 10):
        with find_text_duplicates(whole.to_batches(max_chunksize=size)) as text_duplicates:
            assert (text_duplicates.number, text_duplicates.utterances) == (1, 5)
            found = text_duplicates.rows.read_all().to_pydict()
        assert found == {"utterance_id": ["0", "2", "4", "6", "8"], "duplicate_group": [1] * 5}
    with find_text_duplicates([]) as text_duplicates:
        counts = text_duplicates.number, text_duplicates.utterances, text_duplicates.rows.read_all().num_rows
        assert counts == (0, 0, 0)


def test_what_is_short_in_letters_is_told_before_anything_is_taken_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def number(text: str) -> int:
        names = [str(n) for n in range(3)]
        with find_text_duplicates([pa.record_batch({"utterance_id": names, "text": [text] * 3})]) as text_duplicates:
            return text_duplicates.number

    # Its compatibility form is a sentence of 18 letters.
    assert number("\ufdfa") == 1
    monkeypatch.delattr("analysis.corpus.text_duplicates._VARIED")  # which takes its time to be made ready
    assert number("so free") == 0


# Killed -------------------------------------------------------------------------------------------------------------

#: For each folder a copy of this process, which dies at that step; the folder's name is its number. The first that
#: comes to its end is the last: there are no more steps to die at.
KILLED = """
import os, signal, sys
from pathlib import Path
from analysis import disk
from analysis.corpus import ImportOptions, import_files, keys, parsed_items
from analysis.corpus.writer import Writer
parsed_items.BATCH = 2
# What a first import looks up, and a key's fingerprint, which takes a while on purpose, each copy has from here.
keys.fingerprint(keys.read_key())
import_files([Path(sys.argv[1])], Path(sys.argv[2]), ImportOptions("Test"))
left = 0
def dies(real):
    def call(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    return call
os.replace, os.unlink = dies(os.replace), dies(os.unlink)
os.fsync, os.mkdir, os.rmdir = dies(os.fsync), dies(os.mkdir), dies(os.rmdir)
Writer.write, Writer.drop = dies(Writer.write), dies(Writer.drop)
disk.sha256 = dies(disk.sha256)
for into in sys.argv[3:]:
    left = int(Path(into).name)
    child = os.fork()
    if child == 0:
        import_files([Path(sys.argv[1])], Path(into), ImportOptions("Test"))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
    if status == 0:
        break
"""


def state(into: Path) -> Any:
    """Return what a corpus says, whole."""
    if not (into / store.INFO).exists():
        return None
    lists = [read_list(into, name) for name in (store.REJECTED, store.DUPLICATES)]
    return read_info(into), pq.read_table(store.table_path(into)).to_pylist(), lists, store.read_threads(into)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("first", [True, False])
def test_killed_at_any_moment_it_is_the_old_corpus_or_the_new_one_and_running_again_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, first: bool
) -> None:
    monkeypatch.setattr(parsed_items, "BATCH", 2)
    old = write(
        tmp_path / "a.jsonl", *({**DOUYIN, "comment_id": f"{n}"} for n in range(4)), {"comment_id": "x"} | DOUYIN
    )
    new = write(
        tmp_path / "b.jsonl",
        *({**DOUYIN, "comment_id": f"{n}", "content": "新" * n} for n in range(6)),
        crawled=1771725361057,
    )
    if not first:
        import_files([old], tmp_path / "start", ImportOptions("Test"))
    (tmp_path / "start").mkdir(exist_ok=True)
    before = state(tmp_path / "start")
    done = tmp_path / "done"
    shutil.copytree(tmp_path / "start", done)
    import_files([new], done, ImportOptions("Test"))
    after, files = state(done), sorted(path.name for path in done.iterdir())
    folders = [tmp_path / "killed" / str(left) for left in range(90)]
    for into in folders:
        shutil.copytree(tmp_path / "start", into)
    command = [sys.executable, "-c", KILLED, new, tmp_path / "before", *folders]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    codes = [int(code) for code in ran.stdout.split()]
    assert codes == [*([-signal.SIGKILL] * (len(codes) - 1)), 0]
    was_new = []
    for into, code in zip(folders, codes, strict=False):
        found = state(into)
        assert found in (before, after)
        was_new += [found == after] if code else []
        import_files([new], into, ImportOptions("Test"))
        assert state(into) == after
        assert sorted(path.name for path in into.iterdir()) == files
    assert was_new == sorted(was_new)
    assert set(was_new) == {False, True}
    assert len(was_new) > 8
