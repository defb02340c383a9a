"""Damage every file of a corpus in every way: one line that names the file and exit 2, or the right answer.

    python tests/benchmarks/damage.py --tries 2000 --seed 1

A corpus of the bilingual fixture, measured, is copied; one of its files is emptied, cut, has bytes flipped, is deleted,
becomes a folder, or another file of the corpus; ``corpus.json`` also loses a field, or has one of another type. Then
the corpus is added to, measured, or opened as notebooks open it. Where that succeeds, what was read must be what the
whole corpus gives, but for what an import had seen of crawls.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import cli
from analysis.corpus import ImportOptions, import_file, read_corpus, store
from analysis.study import open_study

FIXTURE = Path(__file__).parents[1] / "fixtures" / "bilingual.csv"
VALUES: list[Any] = [
    None,
    True,
    -5,
    0,
    7,
    10**30,
    1.5,
    "",
    "x",
    "../corpus.json",
    "/etc/hostname",
    [],
    {},
    [1],
    [{}],
    [[]],
]


def damage(folder: Path, rng: random.Random) -> str:
    """Damage one file; say how."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = rng.choice(files)
    if path.name == store.INFO and rng.random() < 0.8:
        return described(path, rng)
    data = bytearray(path.read_bytes())
    way = rng.choice(["empty", "cut", "cut", "flip", "flip", "flip", "gone", "folder", "other", "longer"])
    if way in {"gone", "folder"}:
        path.unlink()
        if way == "folder":
            path.mkdir()
        return f"{way} {path.name}"
    if way == "flip" and data:
        for _ in range(rng.choice([1, 2, 20])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == "other":
        data = bytearray(rng.choice(files).read_bytes())
    elif way == "longer":
        data += data[: rng.choice([1, 100, 10_000])]
    else:
        del data[rng.randrange(len(data) + 1) if way == "cut" else 0 :]
    path.write_bytes(data)
    return f"{way} {path.name}"


def described(path: Path, rng: random.Random) -> str:
    """Damage a field of the description, within a file's books too."""
    info = json.loads(path.read_text(encoding="utf-8"))
    holder = info if rng.random() < 0.7 else rng.choice(info["files"])
    name = rng.choice(sorted(holder))
    if rng.random() < 0.3:
        del holder[name]
        way = f"without {name}"
    else:
        holder[name] = rng.choice(VALUES)
        way = f"{name} = {holder[name]!r}"
    path.write_text(json.dumps(info), encoding="utf-8")
    return f"{path.name} {way}"


def opened(folder: Path) -> tuple[Any, ...]:
    """Return what notebooks read of a corpus."""
    study = open_study(corpus=str(folder), out=str(folder / "out"), duplicates="first")
    texts = read_corpus(folder, ["utterance_id", "text"])
    return study.measures, study.mentions, study.aligned, pd.DataFrame(store.read_threads(folder)), texts


def attempt(folder: Path, what: str, more: Path) -> tuple[int, str, tuple[Any, ...] | None]:
    """Run one command; return its code, what it said, and what is read afterwards where it succeeded."""
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        if what == "import":
            code = cli.main(["--quiet", "import", str(more), "--into", str(folder), "--collection", "More"])
        elif what == "measure":
            code = cli.main(["--quiet", "measure", "--corpus", str(folder)])
        else:
            code = cli.DONE
        found = None
        if code == cli.DONE and what != "import":
            try:
                found = opened(folder)
            except cli.VantageError as error:
                code = cli._say(f"vantage: {error}") or cli.MEND  # noqa: SLF001
    said.seek(0)
    return code, said.read(), found


def main() -> int:
    """Run the tries and print the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    told = parser.parse_args()
    os.environ["VANTAGE_KEY"] = "a key of some length"
    counts: Counter[str] = Counter()
    faults, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        base, more = Path(place) / "base", Path(place) / "more.csv"
        import_file(FIXTURE, base, ImportOptions("Bilingual fixture"))
        more.write_text("text,thread_id\nso free,t1\n,t1\n", encoding="utf-8")
        import_file(more, base, ImportOptions("Little"))
        right = opened(base)
        for number in range(told.tries):
            if time.monotonic() - begun > told.seconds:
                break
            rng = random.Random(f"{told.seed}/{number}")  # noqa: S311
            folder = Path(place) / "corpus"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(base, folder)
            how, what = damage(folder, rng), rng.choice(["import", "measure", "open", "open"])
            try:
                code, said, found = attempt(folder, what, more)
                line = said.count("\n") == 1 if code else not said
                right_answer = found is None or all(one.equals(other) for one, other in zip(found, right, strict=True))
                if code not in {cli.DONE, cli.MEND} or not line or not right_answer:
                    message = f"exit {code}, {said!r:.200}, answers {'right' if right_answer else 'wrong'}"
                    raise AssertionError(message)  # noqa: TRY301
                counts[f"{what}: {'one line' if code else 'done'}"] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                faults += 1
                last = traceback.extract_tb(error.__traceback__)[-1]
                sys.stdout.write(
                    f"  {number} {what} after {how}: {type(error).__name__} {error!s:.300} ({last.name})\n"
                )
    counted = ", ".join(f"{n:,} {name}" for name, n in sorted(counts.items()))
    sys.stdout.write(f"seed {told.seed}: {counted}; faults: {faults}; {time.monotonic() - begun:,.0f} s\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
