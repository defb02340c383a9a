"""Measure a constructed corpus in one process, in two, in parts and on a Dask cluster: seconds, efficiency, same bytes.

    python tests/benchmarks/measure_scaling.py [--utterances 338209] [--repeat 3]

Each way begins as a person would begin it, ``vantage measure`` on a copy of the corpus of which nothing was measured;
of several repetitions the fastest counts. *Wall* is seconds from the command to the prompt, with all that is loaded
first; *processor* those of all processes together: on a machine that others use, the first says what they did.
*Efficiency* is what one worker takes divided by twice what two take. Dask's workers have measured another corpus
before: this is the step itself, without loading. First, what the machine itself gives: the same arithmetic in one
process and in two at once, which share nothing. Two processors that are the threads of one core do less than twice what
one does, and no program gets beyond that. Then two rows are added. Bytes that are not those of one process stop the
script.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from analysis.corpus import ImportOptions, import_file
from analysis.corpus.demo import write_demo
from analysis.disk import sha256
from analysis.measure.cache import measured_files

SHARES = 4
VANTAGE = [sys.executable, "-m", "analysis.cli"]


class Took(NamedTuple):
    """Seconds of the wall, of all processors, and the largest process in MB."""

    wall: float
    processor: float
    peak: float

    def __str__(self) -> str:
        """Return three cells of a table."""
        return (
            f"{self.wall:.1f} | {self.processor:.1f} | {self.peak:.0f}"
            if self.peak
            else f"{self.wall:.1f} | {self.processor:.1f} |"
        )


def command(*arguments: object) -> Took:
    """Run ``vantage measure``."""
    begun = time.perf_counter()
    process = subprocess.Popen([*VANTAGE, "--quiet", "measure", *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {arguments}")
    return Took(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def of_the_machine() -> float:
    """Return the efficiency of two processes that count and share nothing: 1 where each has a core to itself."""
    counting = [sys.executable, "-c", "sum(number * number for number in range(40_000_000))"]

    def seconds(number: int) -> float:
        begun = time.perf_counter()
        for process in [subprocess.Popen(counting) for _ in range(number)]:
            process.wait()
        return time.perf_counter() - begun

    return min(seconds(1) for _ in range(3)) / min(seconds(2) for _ in range(3))


def in_shares(corpus: Path) -> Took:
    """Measure one share after the other and put them together; the wall is that of the slowest and of the latter."""
    parts = [command("--corpus", corpus, "--part", f"{k}/{SHARES}") for k in range(1, SHARES + 1)]
    last = command("--corpus", corpus, "--merge")
    print(
        f"| (a share, and to put them together) | {max(p.wall for p in parts):.1f}, {last.wall:.1f} | | | |", flush=True
    )
    processor = sum(took.processor for took in (*parts, last))
    return Took(max(took.wall for took in parts) + last.wall, processor, max(took.peak for took in (*parts, last)))


def on_dask(number: int, other: Path) -> Callable[[Path], Took]:
    """Return what measures on so many workers that have loaded what they need."""
    from distributed import LocalCluster  # noqa: PLC0415  an extra

    def measure(corpus: Path) -> Took:
        named = {"n_workers": number, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
        with LocalCluster(**named) as cluster:
            shutil.rmtree(other / "measured", ignore_errors=True)
            measured_files(other, scheduler=cluster.scheduler_address)
            processes = [psutil.Process(), *(psutil.Process(worker.pid) for worker in cluster.workers.values())]
            begun, before = time.perf_counter(), [p.cpu_times() for p in processes]
            measured_files(corpus, scheduler=cluster.scheduler_address)
            after = [p.cpu_times() for p in processes]
            used = sum(now.user + now.system - was.user - was.system for was, now in zip(before, after, strict=True))
            return Took(time.perf_counter() - begun, used, 0)

    return measure


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--utterances", type=int, default=338_209)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    told = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{options.utterances:,} constructed utterances; {told}; the fastest of {options.repeat}\n")
    print(f"Two processes that share nothing reach {of_the_machine():.2f} of the ideal on this machine.\n")
    print("| | wall s | processor s | peak MB | efficiency, wall (processor) |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        corpus, other = Path(folder) / "corpus", Path(folder) / "other"
        write_demo(options.utterances, corpus, 1)
        write_demo(100_000, other, 2)
        ways: dict[str, Callable[[Path], Took]] = {
            "one process": lambda copy: command("--corpus", copy, "--workers", 1),
            "two processes": lambda copy: command("--corpus", copy, "--workers", 2),
            f"{SHARES} shares, put together": in_shares,
            "Dask, one worker": on_dask(1, other),
            "Dask, two workers": on_dask(2, other),
        }
        right: list[str] = []
        fastest: dict[str, Took] = {}
        for name, measure in ways.items():
            took = []
            for _ in range(options.repeat):
                copy = Path(folder) / "copy"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(corpus, copy)
                took.append(measure(copy))
                made = [sha256(path) for path in measured_files(copy)]
                right = right or made
                if made != right:
                    raise SystemExit(f"{name}: other bytes")
            best = fastest[name] = Took(*map(min, zip(*took, strict=True)))
            one = {"two processes": "one process", "Dask, two workers": "Dask, one worker"}.get(name)
            cell = (
                ""
                if one is None
                else f"{fastest[one].wall / best.wall / 2:.2f} ({fastest[one].processor / best.processor:.2f})"
            )
            print(f"| {name} | {best} | {cell} |", flush=True)
        (Path(folder) / "more.csv").write_text("text\none more\nand another\n", encoding="utf-8")
        import_file(Path(folder) / "more.csv", copy, ImportOptions("More"))
        print(f"| two rows more | {command('--corpus', copy)} | |")


if __name__ == "__main__":
    main()
