"""A corpus on disk is whole at every moment: what was not committed leaves no trace."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pytest
from helpers import read_list, snapshot

from analysis.corpus import ImportOptions, batches, import_file, parsed_items, read_corpus, read_info, store
from analysis.corpus.keys import fingerprint, read_key
from analysis.corpus.schema import SCHEMA
from analysis.corpus.writer import Writer
from analysis.errors import InputError

TEST = ImportOptions("Test")


def write(path: Path, *lines: str) -> Path:
    """Write a text file; return its path."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of two rows, with a rejected one and a duplicate."""
    lines = ("utterance_id,text,likes", "1,a,", "2,,", "3,c,7", "1,a,")
    import_file(write(tmp_path / "a.csv", *lines), tmp_path / "corpus", TEST)
    return tmp_path / "corpus"


# Reading ------------------------------------------------------------------------------------------------------------


def test_a_corpus_says_what_it_holds_and_where_it_came_from(corpus: Path) -> None:
    info = read_info(corpus)
    table = (corpus / info["table"]).read_bytes()
    assert info["content"] == hashlib.sha256(table).hexdigest()
    assert info["table"] == f"corpus-{info['content'][:12]}.parquet"
    assert (info["version"], info["rows"], info["rejected"]) == (3, 2, 1)
    (file,) = info["files"]
    counts = {name: file[name] for name in ("read", "imported", "rejected", "duplicates")}
    assert counts == {"read": 4, "imported": 2, "rejected": 1, "duplicates": 1}
    plain = hashlib.sha256((corpus.parent / "a.csv").read_bytes()).hexdigest()
    assert file["sha256 (keyed)"] == hmac.new(read_key(), plain.encode(), hashlib.sha256).hexdigest()
    assert info["keys"] == [fingerprint(read_key())]
    assert sorted(snapshot(corpus)) == sorted(
        [
            store.INFO,
            store.REJECTED,
            store.DUPLICATES,
            *(info[name] for name in ("table", "threads", "seen", "text_duplicates")),
        ]
    )


def test_what_is_read_follows_the_schema(corpus: Path) -> None:
    frame = read_corpus(corpus)
    assert frame.columns.tolist() == SCHEMA.names
    assert read_corpus(corpus, ["text", "likes"]).columns.tolist() == ["text", "likes"]
    assert frame["text"].tolist() == ["a", "c"]
    assert str(frame["posted_at"].dtype) == "datetime64[us, UTC]"


def test_a_corpus_can_be_streamed_in_small_parts(bilingual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BATCH", 100)
    parts = list(batches(bilingual, ["utterance_id", "text"]))
    assert [part.num_rows for part in parts] == [100, 100, 100, 8]
    assert pa.Table.from_batches(parts).to_pandas().equals(read_corpus(bilingual, ["utterance_id", "text"]))


@pytest.mark.parametrize(
    ("description", "said"),
    [
        (None, "holds no corpus.json"),
        ("not JSON", "is not a corpus description"),
        ("[]", "is not a corpus description"),
        ('{"version": 3}', "is not a corpus description"),
        ('{"version": 4, "table": "corpus-0.parquet"}', "is not a corpus description"),
        ('{"version": 3, "table": "gone.parquet"}', "is not a corpus description"),
        ('{"version": 3, "table": 7}', "is not a corpus description"),
    ],
)
def test_a_folder_without_a_corpus_is_refused_in_one_line(tmp_path: Path, description: str | None, said: str) -> None:
    write(tmp_path / "corpus-0.parquet", "x")
    if description is not None:
        write(tmp_path / store.INFO, description)
    with pytest.raises(InputError, match=said) as caught:
        read_corpus(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", [1, 2])
def test_a_corpus_of_an_older_version_is_refused_with_what_can_be_done(corpus: Path, version: int) -> None:
    info = json.loads((corpus / store.INFO).read_text(encoding="utf-8"))
    (corpus / store.INFO).write_text(json.dumps({**info, "version": version}), encoding="utf-8")
    with pytest.raises(InputError, match=r"'version' is missing or wrong \(accepted: version 3, .*imported again"):
        read_corpus(corpus)


def test_a_missing_corpus_says_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such folder \(accepted: quotations, a folder that 'vantage import"):
        read_info(tmp_path / "corpuss")


# Writing ------------------------------------------------------------------------------------------------------------


def test_a_writer_that_is_left_without_a_commit_leaves_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path / "new" / "corpus") as writer:
        writer.write(SCHEMA.empty_table())
        assert any((tmp_path / "new" / "corpus").iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_commit_takes_the_place_of_the_table_before_it_which_stays_until_the_next(corpus: Path) -> None:
    named = [{part: read_info(corpus)[part] for part in store.PARTS}]
    for text in "def":
        import_file(write(corpus.parent / f"{text}.csv", "text", text), corpus, TEST)
        info = read_info(corpus)
        named.append({part: info[part] for part in store.PARTS})
        opened = {named[-2][part] for part in store.OPENED}
        assert set(info["previous"].values()) == opened
        lists = {store.INFO, store.REJECTED, store.DUPLICATES}
        assert set(snapshot(corpus)) == {*lists, *named[-1].values(), *opened}
    assert read_corpus(corpus)["text"].tolist() == ["a", "c", "d", "e", "f"]


def test_the_same_rows_in_the_same_order_are_the_same_bytes(tmp_path: Path, corpus: Path) -> None:
    import_file(tmp_path / "a.csv", tmp_path / "elsewhere", TEST)
    assert snapshot(tmp_path / "elsewhere") == snapshot(corpus)


def test_lists_are_plain_ascii_lines_of_json(corpus: Path) -> None:
    import_file(write(corpus.parent / "b.csv", "text,likes", ",自由\u2028", "d,1"), corpus, TEST)
    lines = (corpus / store.REJECTED).read_bytes().decode("ascii").splitlines()
    assert [json.loads(line)["row"] for line in lines] == [2, 1]


# Interruptions ------------------------------------------------------------------------------------------------------


def break_off(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, after: int, error: type[BaseException]) -> None:
    """Let a function work some times, then raise."""
    real: Callable[..., Any] = getattr(where, name)
    calls = 0

    def broken(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            message = "broken off"
            raise error(message)
        return real(*arguments)

    monkeypatch.setattr(where, name, broken)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("name", ["corpus", "new"])
def test_an_import_broken_off_in_the_middle_leaves_everything_as_it_was(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], name: str
) -> None:
    monkeypatch.setattr(parsed_items, "BATCH", 2)
    path = write(corpus.parent / "b.csv", "text", *map(str, range(9)))
    was = snapshot(corpus.parent)
    break_off(monkeypatch, Writer, "write", 3, error)
    with pytest.raises(error, match="broken off"):
        import_file(path, corpus.parent / name, TEST)
    assert snapshot(corpus.parent) == was
    assert not (corpus.parent / "new").exists()


@pytest.mark.parametrize("after", range(8))
def test_an_import_broken_off_while_it_moves_into_place_leaves_a_whole_corpus_and_the_next_finishes_it(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    was, info = read_corpus(corpus), read_info(corpus)
    path = write(corpus.parent / "b.csv", "utterance_id,text,likes", "4,d,", "1,a,", "5,,")
    with monkeypatch.context() as patch:
        break_off(patch, os, "replace", after, OSError)
        with pytest.raises(OSError, match="broken off"):
            import_file(path, corpus, TEST)
    assert read_corpus(corpus).equals(was)
    assert read_info(corpus) == info
    assert len([name for name in snapshot(corpus) if "journal" in name]) == (after > 0)
    report = import_file(path, corpus, TEST)
    # From its first move on the import counts: the next command finishes it, and the same file twice is nothing new.
    assert (report.imported, report.rejected, report.duplicates) == ((1, 1, 1) if after == 0 else (0, 1, 2))
    assert read_corpus(corpus)["text"].tolist() == ["a", "c", "d"]
    assert [row["row"] for row in read_list(corpus, store.REJECTED)] == [2, 3]
    assert [row["row"] for row in read_list(corpus, store.DUPLICATES)] == [4, 2]
    assert len(snapshot(corpus)) == 8


def test_a_file_that_cannot_be_read_to_its_end_leaves_everything_as_it_was(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        message = "the disk is gone"
        raise OSError(message)

    path = write(corpus.parent / "b.csv", "text", "d")
    was = snapshot(corpus)
    monkeypatch.setattr(parsed_items.Intake, "_row", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        import_file(path, corpus, TEST)
    assert snapshot(corpus) == was
