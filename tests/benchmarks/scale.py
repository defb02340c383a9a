"""From ten thousand comments on: what it takes to construct, import, measure and study them, and how it grows.

    python tests/benchmarks/scale.py --utterances 10000 100000 338209 10000000

Each step is a command of its own, as a user gives it; imported is the same talk as a CSV of six columns. Printed are
seconds by the clock on the wall and of the processor, seconds of the processor for a million comments, and the largest
process that took part in it (on Linux). *Growth* is the exponent between two sizes: 1 where ten times as many take ten
times as long, 0 where they take as long. Of more than a million comments the study is of a random sample of whole
clusters (``vantage sample``). Ten million take an hour, most of it to import them, and some 10 GB of the disk.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv

from analysis.corpus import store

COMMAND = [sys.executable, "-m", "analysis.cli"]
COLUMNS = ["utterance_id", "text", "thread_id", "speaker", "posted_at", "likes"]
#: Of more utterances than this a sample is studied, of so many.
MOST, SAMPLE = 1_000_000, 300_000


class Taken(NamedTuple):
    """What a command took: seconds by the clock and of the processor, and megabytes of its largest process."""

    wall: float
    processor: float
    largest: float


def take(*words: str) -> Taken:
    """Run a command and return what it and the processes that it started took."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"vantage {' '.join(words)} ended with {process.returncode}"
        raise RuntimeError(message)
    return Taken(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def write_csv(corpus: Path, path: Path) -> None:
    """Write a corpus as somebody's own table, in batches."""
    writer = None
    for batch in store.batches(corpus, COLUMNS):
        table = pa.Table.from_batches([batch])
        table = table.set_column(COLUMNS.index("posted_at"), "posted_at", table["posted_at"].cast(pa.string()))
        writer = writer or csv.CSVWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def steps(utterances: int, folder: Path) -> dict[str, Taken]:
    """Take a corpus of so many constructed utterances through all steps."""
    corpus, imported, table = (folder / name for name in ("constructed", "imported", "table.csv"))
    out = {"construct": take("demo", "--utterances", str(utterances), "--into", str(corpus))}
    write_csv(corpus, table)
    named = ",".join(f"{name}={name}" for name in COLUMNS)
    who = ("--collection", "all", "--vantage", "western_commenter", "--platform", "tiktok")
    out["import"] = take("import", "--into", str(imported), *who, "--columns", named, str(table))
    out["measure"] = take("measure", "--corpus", str(corpus))
    name, studied = "study, with report", corpus
    if utterances > MOST:
        name, studied = f"study of a sample of {SAMPLE:,}, with report", folder / "sample"
        given = ("--into", str(studied), "--utterances", str(SAMPLE))
        out[f"sample of {SAMPLE:,}"] = take("sample", "--corpus", str(corpus), *given)
    out[name] = take("run", "--corpus", str(studied), "--out", str(folder / "run"), "--quiet")
    return out


def growth(small: tuple[int, float], large: tuple[int, float]) -> float:
    """Return the exponent by which a quantity grows between two sizes."""
    return float(np.log(large[1] / small[1]) / np.log(large[0] / small[0]))


def page(found: dict[int, dict[str, Taken]]) -> str:
    """Return the table."""
    lines = [
        "| utterances | step | s | s of processor | s of processor a million | growth | largest process, MB | growth |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    sizes = sorted(found)
    for place, size in enumerate(sizes):
        for step, taken in found[size].items():
            grown = ["", ""]
            if place and (before := found[sizes[place - 1]].get(step)):
                pairs = (before.processor, taken.processor), (before.largest, taken.largest)
                grown = [f"{growth((sizes[place - 1], one), (size, two)):.2f}" for one, two in pairs]
            million = taken.processor / size * 1e6
            lines.append(
                f"| {size:,} | {step} | {taken.wall:.1f} | {taken.processor:.1f} | {million:.1f} | {grown[0]} | "
                f"{taken.largest:,.0f} | {grown[1]} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table; ``--out`` is written, too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--utterances", type=int, nargs="+", default=[10_000, 100_000, 338_209])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = {}
    for utterances in options.utterances:
        with tempfile.TemporaryDirectory() as folder:
            found[utterances] = steps(utterances, Path(folder))
        print(page(found), flush=True)
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors ({platform.machine()})"
    if options.out:
        options.out.write_text(f"{machine}\n\n{page(found)}", encoding="utf-8")


if __name__ == "__main__":
    main()
