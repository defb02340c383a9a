"""Measured in parts, by whom, where and in whatever order, a corpus has the tables of one process, to the byte."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analysis import disk, paths
from analysis.cli import main
from analysis.corpus import ImportOptions, import_file, store
from analysis.errors import InputError
from analysis.measure import cache, parts, workers
from analysis.measure.cache import measure_share, measured_files
from analysis.measure.parts import LINES, Parts

ROWS, BATCH = 14, 3
TEXTS = ["so free and happy :)", "the guide is watching, staged!", "这么自由", "导游在看着，都是演的", "평양 👍"]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a corpus of five parts, of which the last is shorter."""
    monkeypatch.setattr(store, "BATCH", BATCH)
    texts = "\n".join(f"{TEXTS[row % len(TEXTS)]} {row}".replace(",", "") for row in range(ROWS))
    (tmp_path / "a.csv").write_text(f"text\n{texts}\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Test"))
    return tmp_path / "corpus"


@pytest.fixture
def right(corpus: Path) -> dict[str, bytes]:
    """Return what one process makes of a copy of it."""
    copy = shutil.copytree(corpus, corpus.parent / "copy")
    return tables(measured_files(copy).measures.parent)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def home(corpus: Path) -> Path:
    (found,) = (corpus / "measured").glob("*.parts")
    return found


def assert_measured(corpus: Path, right: dict[str, bytes]) -> None:
    (folder,) = (corpus / "measured").iterdir()
    assert tables(folder) == right


def test_one_process_writes_the_tables_of_one_writer(corpus: Path, right: dict[str, bytes]) -> None:
    """All rows in a single part go through no joining: what that is worth is in test_join."""
    cut = cache._cut(corpus, None, corpus, cache.Options())  # noqa: SLF001
    assert cut.names == [*(f"{number:06}" for number in range(5)), LINES]
    whole = Parts(cut.table, cut.content, cut.rows, cut.folder.with_name("one-part"), cut.options, batch=BATCH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parts, "size", ROWS)
        (corpus.parent / "whole").mkdir()
        parts.measure_into(whole, "000000", corpus.parent / "whole")
    for name, content in tables(corpus.parent / "whole").items():
        assert content == right[name], name


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 1, 3)])
def test_shares_in_any_order_are_the_tables_of_one_process(
    corpus: Path, right: dict[str, bytes], order: tuple[int, ...]
) -> None:
    spans = {number: measure_share(corpus, number, 3) for number in order}
    assert [spans[number] for number in (1, 2, 3)] == [(0, 6), (6, 12), (12, 14)]
    measured_files(corpus, merge=True)
    assert_measured(corpus, right)


@pytest.mark.parametrize("shares", [1, 2, 5, 6, 9])
def test_every_part_is_in_one_share(corpus: Path, right: dict[str, bytes], shares: int) -> None:
    spans = [measure_share(corpus, number, shares) for number in range(1, shares + 1)]
    assert sum(stop - start for start, stop in spans) == ROWS
    measured_files(corpus, merge=True)
    assert_measured(corpus, right)


def test_putting_together_measures_nothing_and_says_which_share_is_missing(
    corpus: Path, right: dict[str, bytes]
) -> None:
    with pytest.raises(InputError, match="no part of it was measured"):
        measured_files(corpus, merge=True)
    measure_share(corpus, 2, 4)
    with pytest.raises(InputError, match=r"of 4 shares, 1, 3-4 are not measured in full \(accepted: --part 1/4 and"):
        measured_files(corpus, merge=True)
    measure_share(corpus, 1, 4)
    measure_share(corpus, 4, 4)
    with pytest.raises(InputError, match="of 4 shares, 3 is not measured in full"):
        measured_files(corpus, merge=True)
    measure_share(corpus, 3, 4)
    measured_files(corpus, merge=True)
    assert_measured(corpus, right)


def test_what_is_there_is_not_measured_again(
    corpus: Path, right: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    measure_share(corpus, 2, 3)
    measured: list[str] = []
    real = parts.measure_into
    monkeypatch.setattr(parts, "measure_into", lambda cut, name, *a: (measured.append(name), real(cut, name, *a)))
    steps: list[tuple[int, int]] = []
    measure_share(corpus, 2, 3)
    assert measured == []
    with caplog.at_level(logging.INFO, "analysis"):
        measured_files(corpus, progress=lambda rows, done: steps.append((rows, done)))
    assert measured == ["000000", "000001", "000004", LINES]
    assert (steps[0], steps[-1]) == ((8, 3), (8, 8))
    assert "2 of 6 parts were measured before" in caplog.text
    assert_measured(corpus, right)
    measure_share(corpus, 1, 3)
    assert_measured(corpus, right)


def test_a_damaged_part_is_measured_again_and_a_strangers_file_is_left_alone(
    corpus: Path, right: dict[str, bytes]
) -> None:
    measure_share(corpus, 1, 1)
    damaged = home(corpus) / "000001" / "mentions.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(InputError, match="of 1 shares, 1 is not"):
        measured_files(corpus, merge=True)
    mine = home(corpus) / "000001" / "notes.txt"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="000001: holds files that measuring did not write"):
        measured_files(corpus)
    assert mine.read_text(encoding="utf-8") == "mine"
    mine.unlink()
    measured_files(corpus)
    assert_measured(corpus, right)


_KILLED = """
import os, signal, sys
from pathlib import Path
from analysis.corpus import store
from analysis.measure import cache, parts
store.BATCH = {batch}
real = getattr(parts, "{where}")
calls = []
def die(*given):
    calls.append(given)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given)
setattr(parts, "{where}", die)
cache.measured_files(Path(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("where", ["seal", "put"])
def test_a_kill_loses_the_part_in_hand_and_no_other(
    corpus: Path, right: dict[str, bytes], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = _KILLED.format(batch=BATCH, where=where)
    ran = subprocess.run([sys.executable, "-c", script, str(corpus)], check=False, capture_output=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    there = sorted(path.name for path in home(corpus).iterdir() if not path.name.startswith(disk.PREFIX))
    assert there == ["000000", "000001"]
    measured: list[str] = []
    real = parts.measure_into
    monkeypatch.setattr(parts, "measure_into", lambda cut, name, *a: (measured.append(name), real(cut, name, *a)))
    measured_files(corpus)
    assert measured == ["000002", "000003", "000004", LINES]
    assert_measured(corpus, right)


def test_parts_of_another_size_are_not_put_together_with_these(
    corpus: Path, right: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 2)
    measure_share(corpus, 1, 2)
    monkeypatch.setattr(store, "BATCH", BATCH)
    measured_files(corpus)
    assert_measured(corpus, right)


def test_parts_of_another_content_go_when_this_is_measured(corpus: Path) -> None:
    measure_share(corpus, 1, 3)
    old = home(corpus)
    (corpus.parent / "b.csv").write_text("text\nso scary\n", encoding="utf-8")
    import_file(corpus.parent / "b.csv", corpus, ImportOptions("Test"))
    measured_files(corpus)
    assert not old.exists()
    assert len([*(corpus / "measured").iterdir()]) == 1


def test_a_large_corpus_has_no_more_parts_than_file_systems_like() -> None:
    def cut(rows: int) -> Parts:
        return Parts(Path(), "", rows, Path(), cache.Options(), batch=20_000)

    for rows in (10**6, 19_999_999, 20_000_000, 39_999_999, 10**9):
        names = cut(rows).names[:-1]
        assert len(names) <= 2_000
        spans = [cut(rows).span(name) for name in names]
        assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
        assert spans[-1].stop == rows
        assert all(span.start % 20_000 == 0 for span in spans)
    assert cut(10**6).size == 20_000
    assert cut(10**9).size == 1_000_000


def test_rows_are_read_wherever_they_stand(tmp_path: Path) -> None:
    table = pa.table({"a": range(20), "b": [str(i) for i in range(20)]})
    with pa.parquet.ParquetWriter(tmp_path / "t", table.schema) as file:
        for start, rows in ((0, 5), (5, 1), (6, 9), (15, 5)):
            file.write_table(table.slice(start, rows))
    rows = store.Rows(tmp_path / "t", ["b"])
    for start in range(20):
        for stop in range(start + 1, 21):
            assert rows.take(start, stop).equals(table.select(["b"]).slice(start, stop - start))


# Processes ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Return those that are started; a few rows are many."""
    started: list[subprocess.Popen[str]] = []

    class Popen(subprocess.Popen[str]):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            started.append(self)

    monkeypatch.setattr(workers.subprocess, "Popen", Popen)
    monkeypatch.setattr(cache, "MANY", ROWS - 1)
    return started


def by_whom(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    here: list[str] = []
    real = workers.write_part
    monkeypatch.setattr(workers, "write_part", lambda cut, name, *a: (here.append(name), real(cut, name, *a)))
    return here


def test_two_processes_write_the_same_bytes(
    corpus: Path,
    right: dict[str, bytes],
    processes: list[subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here, steps = by_whom(monkeypatch), []
    measured_files(corpus, workers=2, progress=lambda rows, done: steps.append((rows, done)))
    assert len(processes) == 1
    assert processes[0].poll() is not None
    assert 0 < len(here) < 6
    assert here == [LINES, *(f"{number:06}" for number in (4, 3, 2, 1))][: len(here)]
    assert steps[-1] == (ROWS, ROWS)
    assert caplog.text == ""
    assert_measured(corpus, right)


def test_a_process_that_is_killed_costs_its_part_and_the_bytes_are_the_same(
    corpus: Path,
    right: dict[str, bytes],
    processes: list[subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = by_whom(monkeypatch)
    measured_files(corpus, workers=3, progress=lambda *_: [process.kill() for process in processes])
    assert len(processes) == 2
    assert sorted(here) == [*(f"{number:06}" for number in range(5)), LINES]
    assert caplog.text.count("a process that measured was lost; its parts are measured here") == 1
    assert_measured(corpus, right)


def test_an_error_stops_the_processes_and_what_is_measured_stays(
    corpus: Path, right: dict[str, bytes], processes: list[subprocess.Popen[str]]
) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured_files(corpus, workers=2, progress=interrupt)
    assert processes[0].poll() is not None
    assert (home(corpus) / LINES).is_dir()
    measured_files(corpus)
    assert_measured(corpus, right)


@pytest.mark.parametrize(("count", "many"), [(1, ROWS - 1), (2, ROWS)])
def test_no_process_is_started_for_few_rows_or_if_one_is_asked_for(
    corpus: Path, processes: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch, count: int, many: int
) -> None:
    monkeypatch.setattr(cache, "MANY", many)
    measured_files(corpus, workers=count)
    assert processes == []


def test_a_process_ends_with_the_one_that_started_it(corpus: Path) -> None:
    cut = cache._cut(corpus, None, corpus, cache.Options())  # noqa: SLF001
    other = workers.Processes(cut, 1)
    (process,) = other._processes  # noqa: SLF001
    assert other.submit("000001").result() is None
    assert (cut.home / "000001").is_dir()
    process.stdin.close()  # as the kernel does when the other end is gone
    assert process.wait(20) == 0


def test_how_a_corpus_is_cut_is_told_to_another_process(corpus: Path) -> None:
    cut = cache._cut(corpus, None, corpus, cache.Options())  # noqa: SLF001
    own = cache.Options(lens=1.5, dictionaries=("a b.csv",))
    for known in (None, corpus / "measured" / "朝鲜"):
        told = Parts(cut.table, cut.content, cut.rows, cut.folder, own, BATCH, known, shares=7)
        assert Parts.from_json(told.to_json()) == told


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_measures_parts_and_puts_them_together(
    corpus: Path, right: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (2, 1):
        assert main(["measure", "--corpus", str(corpus), "--part", f"{number}/2"]) == 0
    assert main(["measure", "--corpus", str(corpus), "--merge"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        f"{corpus}: part 2/2 measured, rows 10 to 14",
        f"{corpus}: part 1/2 measured, rows 1 to 9",
        f"{corpus}: 14 utterances measured",
    ]
    assert_measured(corpus, right)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_files_for_slurm_measure_a_corpus(corpus: Path) -> None:
    def batch(name: str, **told: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "VANTAGE": str(Path(sys.executable).parent / "vantage"), **told}
        script = paths.ROOT / "docs" / "slurm" / f"{name}.sbatch"
        return subprocess.run(["bash", script, corpus], env=environment, capture_output=True, text=True, check=False)

    assert batch("measure", SLURM_ARRAY_TASK_ID="2", SHARES="2").returncode == 0
    missing = batch("merge")
    assert missing.returncode == 2
    assert "of 2 shares, 1 is not measured in full" in missing.stderr
    assert batch("measure", SLURM_ARRAY_TASK_ID="1", SHARES="2").returncode == 0
    assert batch("merge").returncode == 0
    assert measured_files(corpus, merge=True).measures.exists()
    text = (paths.ROOT / "docs" / "slurm" / "measure.sbatch").read_text(encoding="utf-8")
    assert "--array=1-64\n" in text
    assert "${SHARES:-64}" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        *(
            (
                ["--part", part],
                f"--part: '{part}' is not K/N with K from 1 to N (accepted: 1/64 to 64/64, for 64 shares)",
            )
            for part in ("0/3", "4/3", "3", "1/0", "a/b", "1/2/3", " 1/2", "-1/2", "٣/٤")
        ),
        (["--workers", "0"], "--workers: 0 is not accepted (accepted: 1 or more)"),
        (["--part", "1/2", "--merge"], "argument --merge: not allowed with argument --part"),
        (["--scheduler", "tcp://h:1", "--workers", "3"], "argument --workers: not allowed with argument --scheduler"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    corpus: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    arguments = [f"{given[0]}={given[1]}", *given[2:]] if len(given) > 1 else given
    assert main(["measure", "--corpus", str(corpus), *arguments]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1
    assert not (corpus / "measured").exists()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="asked of Linux alone")
def test_more_than_one_process_is_the_default_of_the_command(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = cache.started

    def started(cut: Parts, others: int, scheduler: str | None) -> Any:
        asked.append(others)
        return real(cut, 0, scheduler)

    monkeypatch.setattr(cache, "started", started)
    monkeypatch.setattr(cache, "MANY", ROWS - 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert main(["--quiet", "measure", "--corpus", str(corpus)]) == 0
    assert asked == [1]
