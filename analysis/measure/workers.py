"""Who measures parts beside this process: others of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import pyarrow as pa

from analysis.disk import LOG
from analysis.errors import ParameterError, VantageError
from analysis.measure.parts import Parts, write_part

_CONNECTING = 30  # seconds


class Workers(Protocol):
    """Takes parts to be measured; a job is a future."""

    #: Whether they are so few that this process measures too.
    helped: bool

    def submit(self, name: str) -> Any:  # noqa: ANN401  concurrent.futures' and Dask's have no common class
        """Have a part measured."""


class Processes:
    """Other processes of this machine, each with one part at a time; when this process ends, however, they end.

    A thread waits for each: what is to be measured goes to its standard input, what is done comes from its output.
    """

    helped = True

    def __init__(self, parts: Parts, number: int) -> None:
        """Start so many."""
        command = [sys.executable, "-m", "analysis.measure.workers"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._processes = [subprocess.Popen(command, text=True, encoding="utf-8", **pipes) for _ in range(number)]  # noqa: S603
        self._pool = ThreadPoolExecutor(number)
        self._idle, self._mine = list(self._processes), threading.local()
        for process in self._processes:
            _tell(process, parts.absolute().to_json())

    def submit(self, name: str) -> Any:  # noqa: ANN401
        """Have a part measured; its job fails if the process does."""
        return self._pool.submit(self._measure, name)

    def _measure(self, name: str) -> None:
        if not hasattr(self._mine, "process"):
            self._mine.process = self._idle.pop()
        _tell(self._mine.process, name)
        if self._mine.process.stdout.readline() != name + "\n":
            raise ChildProcessError(name)

    def close(self) -> None:
        """Stop them at once: what is measured is in its place."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()
        self._pool.shutdown()
        for process in self._processes:
            process.communicate()


def _tell(process: subprocess.Popen[str], line: str) -> None:
    process.stdin.write(line + "\n")
    process.stdin.flush()


class Cluster:
    """The workers of a Dask cluster, which see the folder of the corpus under the same path."""

    helped = False

    def __init__(self, parts: Parts, address: str) -> None:
        """Connect to the scheduler."""
        try:
            from distributed import Client  # noqa: PLC0415
        except ImportError as error:
            message = "--scheduler needs Dask (accepted: pip install 'vantage-study[cluster]')"
            raise ParameterError(message) from error
        self._parts = parts.absolute()
        try:
            self._client = Client(address, timeout=_CONNECTING, set_as_default=False)
        except (OSError, ValueError) as error:
            message = f"--scheduler: no scheduler answers at '{address}' (accepted: tcp://HOST:8786, as it prints it)"
            raise ParameterError(message) from error

    def submit(self, name: str) -> Any:  # noqa: ANN401
        """Have a part measured; Dask gives it to another worker if one is lost."""
        return self._client.submit(measure_there, self._parts, name, pure=False)

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._client.close()


#: Threads of one worker measure one after the other: measuring holds Python's lock, and counts on being alone.
_ALONE = threading.Lock()


def measure_there(parts: Parts, name: str) -> None:
    """Measure a part on a worker, if that would measure what is asked for.

    Raises
    ------
    VantageError
        If its code, data or versions are others, or it does not see the corpus.

    """
    from analysis.measure.cache import measure_key  # noqa: PLC0415  it imports this module

    with _ALONE:
        if measure_key(parts.content, parts.options) != parts.folder.name:
            message = "a worker of the cluster has another version of vantage, of its data or of a package"
            raise VantageError(message)
        write_part(parts, name)


@contextmanager
def started(parts: Parts, others: int, scheduler: str | None) -> Iterator[Workers | None]:
    """Give the workers of a scheduler, or so many other processes; None for 0."""
    if scheduler is None and not others:
        yield None
        return
    workers = Processes(parts, others) if scheduler is None else Cluster(parts, scheduler)
    try:
        yield workers
    finally:
        workers.close()


def measure_parts(
    parts: Parts,
    names: Sequence[str],
    digests: Mapping[str, Sequence[pa.Array]],
    workers: Workers | None,
    advance: Callable[[set[str]], None],
) -> None:
    """Measure parts, here and by workers.

    Parameters
    ----------
    parts : Parts
    names : sequence of str
    digests : mapping of str to sequence of Array
        Of :func:`analysis.measure.parts.digests_of`, where they are at hand.
    workers : Workers or None
        They begin with the first part, this process with the last, until they meet.
    advance : callable
        Called with the names of those measured, again and again.

    Raises
    ------
    VantageError
        If a cluster gives up. What a process of this machine does not measure is measured here.

    """
    jobs = {} if workers is None else {name: workers.submit(name) for name in names}
    told: set[str] = set()

    def measure(name: str) -> None:
        write_part(parts, name, digests.get(name))
        tell(name)

    def tell(name: str) -> None:
        told.add(name)
        # Of a cluster, whose parts are many, each question would go over the network.
        others = {name for name, job in jobs.items() if _is_done(job)} if workers is None or workers.helped else set()
        advance(told | others)

    for name in reversed(names) if jobs else names:
        if workers is None or (workers.helped and jobs[name].cancel()):
            measure(name)
    lost = False
    for name in [name for name in names if name not in told]:
        try:
            jobs[name].result()
            tell(name)
        except VantageError:
            raise
        except Exception as error:  # whatever a cluster's worker raises
            if not workers.helped:
                message = f"the cluster gave up on a part; those that are done stay ({type(error).__name__}: {error})"
                raise VantageError(message) from error
            if not lost:
                LOG.warning("a process that measured was lost; its parts are measured here")
            lost = True
            measure(name)


def _is_done(job: Any) -> bool:  # noqa: ANN401
    return job.done() and not job.cancelled() and job.exception() is None


def main() -> None:
    """Measure parts as standard input names them, a line each, and name each that is done."""
    parts = Parts.from_json(sys.stdin.readline())
    for line in sys.stdin:
        write_part(parts, line.strip())
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
