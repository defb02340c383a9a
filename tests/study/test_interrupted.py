"""Who interrupts a run has the terminal back at once, and no kernel goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest
from tqdm import tqdm

from analysis.cli import main
from analysis.errors import NotebookError
from analysis.study import runner
from analysis.study.parameters import find_notebooks
from analysis.study.runner import Kernels

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_kernels_are_stopped_and_what_has_not_begun_does_not_begin(error: type[BaseException]) -> None:
    processes: list[subprocess.Popen[bytes]] = []

    def kernel(kernels: Kernels) -> None:
        processes.append(subprocess.Popen(SLEEP))
        kernels._add(processes[-1])  # noqa: SLF001
        processes[-1].wait()

    begun = 0.0
    with pytest.raises(error), Kernels() as kernels:  # noqa: PT012
        kernels.jobs += [kernels.pool.submit(kernel, kernels) for _ in range(4)]
        while len(processes) < 2:
            time.sleep(0.01)
        begun = time.monotonic()
        raise error
    assert time.monotonic() - begun < 2
    assert [process.wait(1) for process in processes] == [-signal.SIGKILL] * 2
    assert [job.cancelled() for job in kernels.jobs] == [False, False, True, True]


def test_a_notebook_that_fails_is_told_before_the_long_ones_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[subprocess.Popen[bytes]] = []

    def execute(notebook: Path, _folder: Path, _given: dict[str, object], kernels: Kernels) -> None:
        if notebook.stem == "03-vocabulary":
            message = "03-vocabulary, cell 1: KeyError: x"
            raise NotebookError(message)
        others.append(subprocess.Popen(SLEEP))
        kernels._add(others[-1])  # noqa: SLF001
        others[-1].wait()

    monkeypatch.setattr(runner, "_execute", execute)
    with tqdm(disable=True) as bar, pytest.raises(NotebookError, match="03-vocabulary"):
        runner._run_notebooks({path: {} for path in find_notebooks()}, tmp_path, {}, tmp_path / "failed", bar)  # noqa: SLF001
    assert {process.wait(1) for process in others} == {-signal.SIGKILL}


def test_a_kernel_that_starts_while_it_is_stopped_is_stopped_too() -> None:
    with pytest.raises(KeyboardInterrupt), Kernels() as kernels:
        raise KeyboardInterrupt
    late = subprocess.Popen(SLEEP)
    kernels._add(late)  # noqa: SLF001
    assert late.wait(1) == -signal.SIGKILL


def test_a_thread_that_does_not_notice_is_not_waited_for() -> None:
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Kernels() as kernels:  # noqa: PT012
        kernels.jobs.append(kernels.pool.submit(time.sleep, 3))
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 2


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to another process")
def test_a_termination_is_an_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def terminate(*_: object, **__: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        pytest.fail("went on")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(runner, "run_study", terminate)
    assert main(["run"]) == 1
    assert capsys.readouterr().err == "vantage: interrupted; nothing was changed\n"
    assert signal.getsignal(signal.SIGTERM) == before
