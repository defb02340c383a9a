"""A Dask cluster measures a corpus to the bytes of one process, also when a worker is killed while it works."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_file, store
from analysis.errors import VantageError
from analysis.measure import workers
from analysis.measure.cache import measured_files

distributed = pytest.importorskip("distributed", reason="Dask is an extra: vantage-study[cluster]")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Return two workers on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a corpus of six parts."""
    monkeypatch.setattr(store, "BATCH", 2)
    texts = "\n".join(f"{text} {row}" for row, text in enumerate(["so free and happy :)", "导游在看着"] * 6))
    (tmp_path / "a.csv").write_text(f"text\n{texts}\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Test"))
    return tmp_path / "corpus"


def kill_one_that_works(cluster: Any, killed: list[str]) -> None:
    """Kill the process of the first worker that has something to do."""
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        while not killed:
            busy = [address for address, tasks in client.processing().items() if tasks]
            for worker in cluster.workers.values():
                if worker.worker_address in busy[:1]:
                    os.kill(worker.pid, signal.SIGKILL)
                    killed.append(worker.worker_address)
            time.sleep(0.01)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_a_cluster_that_loses_a_worker_makes_the_same_bytes(cluster: Any, corpus: Path) -> None:
    right = measured_files(shutil.copytree(corpus, corpus.parent / "copy"))
    killed: list[str] = []
    killer = threading.Thread(target=kill_one_that_works, args=(cluster, killed))
    killer.start()
    steps: list[tuple[int, int]] = []
    files = measured_files(
        corpus, progress=lambda rows, done: steps.append((rows, done)), scheduler=cluster.scheduler_address
    )
    killer.join()
    assert len(killed) == 1
    assert steps[-1] == (12, 12)
    for one, other in zip(files, right, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert [path.name for path in (corpus / "measured").iterdir()] == [files.measures.parent.name]


def test_a_worker_with_another_version_is_refused(
    cluster: Any, corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("analysis.measure.cache.version", lambda _: "0")
    assert main(["measure", "--corpus", str(corpus), "--scheduler", cluster.scheduler_address]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "vantage: a worker of the cluster has another version of vantage, of its data or of a package"


def test_what_a_worker_fails_at_is_told_and_nothing_is_measured_here(
    cluster: Any, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "there")

    monkeypatch.setattr(workers, "write_part", lambda *_: pytest.fail("measured here"))
    monkeypatch.setattr(workers, "measure_there", fail)
    with pytest.raises(
        VantageError, match=r"the cluster gave up on a part; those that are done stay \(PermissionError"
    ):
        measured_files(corpus, scheduler=cluster.scheduler_address)


def test_a_scheduler_that_is_not_there_is_named(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workers, "_CONNECTING", 0.5)
    for address in ("tcp://127.0.0.1:1", "nowhere"):
        assert main(["measure", "--corpus", str(corpus), "--scheduler", address]) == 2
        said = capsys.readouterr().err.splitlines()
        assert f"--scheduler: no scheduler answers at '{address}' (accepted: tcp://HOST:8786" in said[-1]
