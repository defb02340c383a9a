"""Adding rows measures those rows: the tables are, to the byte, those of measuring everything, whatever was known."""

from __future__ import annotations

import csv
import logging
import shutil
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import paths
from analysis.corpus import ImportOptions, import_files, store
from analysis.corpus.remove import remove
from analysis.corpus.retag import retag
from analysis.measure import batch, concepts, known
from analysis.measure.cache import measure_share, measured_files
from analysis.parameters import Options

SAID = {
    "en": [
        "so free and happy :)",
        "the guide is watching, staged!",
        "lol #NorthKorea",
        "nothing",
        "so free and happy :)",
    ],
    "zh": ["这么自由", "导游在看着，都是演的", "哈哈[笑cry]", "没有", "这么自由"],
    "ko": ["평양 👍", "so free and happy :)", "平壤"],
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a corpus be read in batches of three, so that what is known stands in several groups of rows."""
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    monkeypatch.setattr(store, "BATCH", 3)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that are measured from now on, but for the project's own lines."""
    texts: list[str] = []
    real = batch.measure_batch

    def spy(frame: pd.DataFrame, *options: Any) -> batch.Measured:
        texts.extend(frame["text"] if set(frame["collection"]) != {"aligned lines"} else [])
        return real(frame, *options)

    monkeypatch.setattr(batch, "measure_batch", spy)
    return texts


def bring(into: Path, name: str) -> None:
    rows = [f"{name}{at},{text.replace(',', '')},v{at % 2},2025-0{at + 1}-01" for at, text in enumerate(SAID[name])]
    path = into.parent / f"{name}.csv"
    path.write_text("\n".join(["utterance_id,text,thread_id,posted_at", *rows]) + "\n", encoding="utf-8")
    import_files([path], into, ImportOptions(name))


def assert_as_from_scratch(corpus: Path, options: Options | None = None) -> None:
    """Compare every byte with what measuring a copy of the corpus gives, of which nothing is known."""
    copy = corpus.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(corpus, copy, ignore=shutil.ignore_patterns("measured"))
    made, right = measured_files(corpus, options), measured_files(copy, options)
    assert made.measures.parent.name == right.measures.parent.name
    for one, other in zip(made, right, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert made.measures.with_name(known.TEXTS).read_bytes() == right.measures.with_name(known.TEXTS).read_bytes()
    shutil.rmtree(copy)


@pytest.mark.parametrize("order", list(permutations(SAID)))
def test_whatever_the_order_it_is_measuring_from_scratch(
    tmp_path: Path, order: tuple[str, ...], measured: list[str]
) -> None:
    corpus = tmp_path / "corpus"
    told: set[str] = set()
    for name in order:
        bring(corpus, name)
        measured.clear()
        measured_files(corpus)
        new = {text.replace(",", "") for text in SAID[name]} - told
        assert set(measured) == new
        told |= new
        assert pq.read_metadata(measured_files(corpus).mentions).num_rows > 0 or name == "ko"
        assert_as_from_scratch(corpus)


def test_two_rows_more_are_two_rows_measured(tmp_path: Path, measured: list[str]) -> None:
    corpus, steps = tmp_path / "corpus", []
    bring(corpus, "en")
    measured_files(corpus)
    (tmp_path / "b.csv").write_text("text\none more\nand another\n", encoding="utf-8")
    import_files([tmp_path / "b.csv"], corpus, ImportOptions("More"))
    measured.clear()
    measured_files(corpus, progress=lambda rows, done: steps.append((rows, done)))
    assert measured == ["one more", "and another"]
    assert steps[-1] == (2, 2)


def test_who_speaks_is_no_part_of_what_is_measured(tmp_path: Path, measured: list[str]) -> None:
    corpus = tmp_path / "corpus"
    for name in SAID:
        bring(corpus, name)
    measured_files(corpus)
    measured.clear()
    retag(corpus, "zh", {"vantage": "chinese_viewer"})
    measured_files(corpus)
    remove(corpus, collection="en")
    measured_files(corpus)
    assert measured == []
    assert_as_from_scratch(corpus)


def test_a_language_that_is_said_is_part_of_what_is_measured(tmp_path: Path, measured: list[str]) -> None:
    corpus, rules = tmp_path / "corpus", tmp_path / "sources.yaml"
    bring(corpus, "en")
    measured_files(corpus)
    rules.write_text("- file: en.csv\n  language: ko\n", encoding="utf-8")
    retag(corpus, "en", {}, rules)
    measured.clear()
    measured_files(corpus)
    assert len(measured) == len(SAID["en"])
    assert_as_from_scratch(corpus)


def test_other_options_know_nothing_of_each_other_and_each_keeps_what_it_knows(
    tmp_path: Path, measured: list[str]
) -> None:
    corpus, cold = tmp_path / "corpus", Options(ironic="cold")
    bring(corpus, "zh")
    measured_files(corpus)
    measured.clear()
    measured_files(corpus, cold)
    assert len(measured) == len(SAID["zh"])
    bring(corpus, "ko")
    for options in (None, cold):
        measured.clear()
        measured_files(corpus, options)
        assert sorted(measured) == sorted(SAID["ko"])
        assert_as_from_scratch(corpus, options)
    assert len([*(corpus / "measured").iterdir()]) == 2


@pytest.fixture
def other_codebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Return what changes the codebook: "happy" and 自由 become mentions of its first concept."""
    data = shutil.copytree(paths.DATA, tmp_path / "data")
    real = concepts.read_codebook

    def change() -> None:
        rows = (data / "concepts.csv").read_text(encoding="utf-8").splitlines()
        cells = next(csv.reader([rows[1]]))
        cells[2:4] = [f"{cells[2]}|happy", f"{cells[3]}|自由"]
        with (data / "concepts.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([*csv.reader([rows[0]]), cells, *csv.reader(rows[2:])])
        monkeypatch.setattr(paths, "DATA", data)
        monkeypatch.setattr(concepts, "read_codebook", lambda: real(data / "concepts.csv"))
        batch.codebook.cache_clear()

    yield change
    batch.codebook.cache_clear()


def test_another_codebook_finds_concepts_again_and_scores_nothing(
    tmp_path: Path, measured: list[str], other_codebook: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    corpus = tmp_path / "corpus"
    for name in SAID:
        bring(corpus, name)
    was = measured_files(corpus)
    before = {path.name: path.read_bytes() for path in was}
    other_codebook()
    measured.clear()
    with caplog.at_level(logging.INFO, "analysis"):
        now = measured_files(corpus)
    assert measured == []
    assert "concepts are found again, by another codebook" in caplog.text
    assert not was.measures.exists()
    assert pq.read_metadata(now.mentions).num_rows > len(SAID["en"]) // 2
    assert [path.name for path in now if path.read_bytes() != before[path.name]] == ["mentions.parquet"]
    assert_as_from_scratch(corpus)


def test_another_codebook_after_a_share_of_it_was_measured(
    tmp_path: Path, measured: list[str], other_codebook: Callable[[], None]
) -> None:
    """Whoever lost the tables that were known measures again, whatever parts are there."""
    corpus = tmp_path / "corpus"
    for name in SAID:
        bring(corpus, name)
    was = measured_files(corpus)
    other_codebook()
    measured.clear()
    measure_share(corpus, 1, 2)
    assert measured == []
    shutil.rmtree(was.measures.parent)
    assert_as_from_scratch(corpus)
    assert len(measured) == 2 * sum(map(len, SAID.values()))


def test_another_codebook_for_a_corpus_of_one_part(
    tmp_path: Path, measured: list[str], other_codebook: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 100)
    corpus = tmp_path / "corpus"
    bring(corpus, "en")
    measured_files(corpus)
    other_codebook()
    measured.clear()
    measured_files(corpus)
    assert measured == []
    assert_as_from_scratch(corpus)


def test_another_codebook_and_new_rows_at_once(
    tmp_path: Path, measured: list[str], other_codebook: Callable[[], None]
) -> None:
    corpus = tmp_path / "corpus"
    bring(corpus, "en")
    bring(corpus, "zh")
    measured_files(corpus)
    other_codebook()
    bring(corpus, "ko")
    remove(corpus, collection="zh")
    measured.clear()
    measured_files(corpus)
    assert sorted(measured) == sorted(set(SAID["ko"]) - {text.replace(",", "") for text in SAID["en"]})
    assert_as_from_scratch(corpus)


def test_texts_that_differ_in_half_of_what_they_are_known_by_are_two(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    bring(corpus, "en")
    files = measured_files(corpus)
    digest = b"12345678"
    there = [digest + b"a" * 8, b"87654321" + b"b" * 8]
    texts = pa.table([pa.array(there * 2, pa.binary(16))], schema=known.SCHEMA)
    pq.write_table(texts, files.measures.with_name(known.TEXTS))
    asked = pa.array([b"-" * 16, *there[::-1], digest + b"b" * 8, b"\xff" * 16, b"\0" * 16], pa.binary(16))
    find = known.Known(files.measures.parent).find
    assert find(asked).tolist() == [-1, 1, 2, -1, -1, -1]
    assert find(asked[1:]).tolist() == [1, 2, -1, -1, -1]
    # The first from where the text now stands; the last, where none comes after.
    assert find(asked[1:], 2).tolist() == [3, 2, -1, -1, -1]
    assert find(asked[2:], 100).tolist() == [2, -1, -1, -1]


def test_damaged_tables_are_not_believed(tmp_path: Path, measured: list[str]) -> None:
    corpus = tmp_path / "corpus"
    bring(corpus, "en")
    first = measured_files(corpus)
    bring(corpus, "ko")
    first.mentions.write_bytes(first.mentions.read_bytes()[:-1])
    measured.clear()
    measured_files(corpus)
    assert len(measured) == len(SAID["en"]) + len(SAID["ko"])
    assert_as_from_scratch(corpus)


def test_how_many_were_measured_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    corpus = tmp_path / "corpus"
    with caplog.at_level(logging.INFO, "analysis"):
        bring(corpus, "en")
        measured_files(corpus)
        assert "known" not in caplog.text
        bring(corpus, "ko")
        measured_files(corpus)
    assert "2 of 8 utterances measured; the others were known" in caplog.text
