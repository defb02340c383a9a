"""Limits and units of what is read: sizes and times at the edge where they turn into something else, by hand."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus, read_info
from analysis.corpus.convert import excel_moment, moment, stamp, unix_seconds
from analysis.corpus.counts import count
from analysis.corpus.keys import read_key
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.text_duplicates import find_text_duplicates
from analysis.errors import InputError

KEY = b"0123456789abcdef"


def test_a_speakers_pseudonym_knows_no_capitals_and_no_at() -> None:
    names = Pseudonyms(KEY)
    whole = hmac.new(KEY, b"reddit\x1fmara", hashlib.sha256).hexdigest()
    found = [names.of("reddit", name) for name in ("mara", "Mara", "@MARA")]
    assert set(found) == {"user_" + whole[:12]}
    for name in found:
        names.enter(name)
    assert names.replaced()["author"] == 1


def bring(tmp_path: Path, name: str, text: str, collected: str) -> None:
    """Import a table of one row, of which a rule says when it was gathered."""
    (tmp_path / name).write_text(f"utterance_id,text\nx1,{text}\n", encoding="utf-8")
    rules = tmp_path / f"{name}.yaml"
    rules.write_text(f"- file: {name}\n  collected: {collected}\n", encoding="utf-8")
    import_files([tmp_path / name], tmp_path / "corpus", ImportOptions("Test", rules=rules))


def test_of_two_tables_with_one_id_the_later_gathered_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", KEY.decode())
    into = tmp_path / "corpus"
    bring(tmp_path, "a.csv", "as a has it", "2025-01-02")
    bring(tmp_path, "b.csv", "as b has it", "2025-01-03")
    bring(tmp_path, "c.csv", "as c has it", "2025-01-01")
    assert read_corpus(into)["text"].tolist() == ["as b has it"]
    # Until 3 January 2025 there were 20,091 days from 1970; in milliseconds.
    assert pq.read_table(into / read_info(into)["seen"])["crawled"].to_pylist() == [20_091 * 86_400_000]
    # Of one moment there are no two versions of a comment: the id is another's.
    bring(tmp_path, "d.csv", "as d has it", "2025-01-03")
    assert read_corpus(into)["text"].tolist() == ["as b has it", "as d has it"]


@pytest.mark.parametrize(
    ("text", "copies", "found"),
    [
        ("a" * 30, 2, 0),
        ("a" * 30, 3, 3),
        ("a" * 29, 3, 0),
        ("罗先欢迎大家今年夏天", 3, 3),
        ("罗先欢迎大家今年夏", 3, 0),
        # The beginning of 2,000 signs decides.
        ("a" * 2_000, 3, 3),
    ],
)
def test_three_copies_of_thirty_letters_are_duplicates(text: str, copies: int, found: int) -> None:
    texts = [text + "!" * at + ("b" * at if len(text) == 2_000 else "") for at in range(copies)]
    table = pa.table({"utterance_id": [str(at) for at in range(copies)], "text": texts})
    with find_text_duplicates(table.to_batches()) as duplicates:
        assert (duplicates.number, duplicates.utterances) == (int(found > 0), found)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("99999999", None),  # eight digits are a count, or a day
        ("100000000", 100_000_000),
        ("99999999999", 99_999_999_999),
        ("100000000000", 100_000_000),
        ("99999999999999", 99_999_999_999.999),
        ("100000000000000", 100_000_000),
        ("1738737220123456", 1_738_737_220.123456),
        ("100000000000000000", None),
        ("999999999999999999", None),  # eighteen digits are an id
        ("1000000000000000000", 1_000_000_000),
        ("1738737220123456789", 1_738_737_220.123456789),
        ("1.73874E+18", None),  # a spreadsheet rounded it
        ("1738737220.5", 1_738_737_220.5),
    ],
)
def test_seconds_and_parts_of_them_are_told_apart_by_their_size(text: str, seconds: float | None) -> None:
    assert unix_seconds(text) == (None if seconds is None else pytest.approx(seconds, rel=1e-15))


def test_times_of_tools_are_in_milliseconds_of_utc() -> None:
    assert stamp("1738737220") == stamp("1738737220000") == stamp("2025-02-05T14:33:40+08:00") == 1_738_737_220_000
    assert stamp("soon") == stamp(None) == -1
    assert moment("2025-02-05 14:33", "+08:00")[0] == datetime(2025, 2, 5, 6, 33, tzinfo=UTC)
    assert moment("2025-02-05 14:33", "unknown") == (datetime(2025, 2, 5, 14, 33, tzinfo=UTC), "day")
    # The first day of Excel's that is right (it believes in 29 February 1900), and a quarter past six in the evening.
    assert excel_moment("10001.760416667") == "1927-05-19T18:15:00"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("2千", 2_000), ("2k", 2_000), ("2тыс", 2_000), ("2万", 20_000), ("2萬", 20_000), ("2w", 20_000)),
        *(("2m", 2_000_000), ("2mio", 2_000_000), ("2млн", 2_000_000), ("2亿", 200_000_000), ("2億", 200_000_000)),
        *(("2b", 2_000_000_000), ("1.234", 1_234), ("1.5K", 1_500), ("9" * 18, 10**18 - 1), ("-3", -3)),
    ],
)
def test_a_count_is_in_ones(text: str, number: int) -> None:
    assert count(text) == number


@pytest.mark.parametrize(("size", "good"), [(15, False), (16, True)])
def test_a_key_has_sixteen_bytes(monkeypatch: pytest.MonkeyPatch, size: int, *, good: bool) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "k" * size)
    if good:
        assert read_key() == b"k" * size
    else:
        with pytest.raises(InputError, match="shorter than 16 bytes"):
            read_key()
