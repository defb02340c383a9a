"""Half a million files that are nearly what a tool writes: no traceback, none over five seconds, counts adding up.

    python tests/benchmarks/fuzz_import.py --inputs 500000 --seed 1
    python tests/benchmarks/fuzz_import.py --only 1234 --seed 1      (one of them again, with its traceback)

Each input is a fixture of the readers' (``tests/fixtures/imports``) that was changed one to four times: bytes flipped,
cut, doubled; values retyped, keys renamed, lists nested; numbers made huge, NaN; delimiters, quotes, encodings and line
ends changed. It is planned and read as by ``vantage import``, without the Parquet at the end; every thousandth is
imported whole. The same seed makes the same inputs.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.parsed_items import Intake
from analysis.corpus.plan import plan_files
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.rules import read_rules
from analysis.corpus.schema import SCHEMA
from analysis.corpus.store import CRAWLED
from analysis.errors import VantageError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "imports"
#: Seconds of the processor, so that a busy machine is no fault; every how many inputs are imported whole.
SECONDS, WHOLE = 5, 1000
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1e308, 10**40, -(10**25), 2**63, 2**64, 1e-320, "", " ", "\x00", "\ud800", "\u202e"),
    *(
        "NaN",
        "Infinity",
        "null",
        "[deleted]",
        "１２",
        "٣",
        "²",
        "1e999",
        "1.2万",
        "-0",
        "2024-13-45",
        "0001-01-01",
        "9" * 400,
    ),
    *(
        "9999-12-31T23:59:59Z",
        "292277026596",
        "-62135596800",
        "253402300800000",
        "1,2,3",
        "a" * 5000,
        "=1+1",
        "<b>",
        "&#",
    ),
    *(
        "&#x110000;",
        "@",
        "//@",
        "http://",
        "[",
        "](",
        "\r",
        "\u2028",
        "\ufeff",
        "😀" * 50,
        [],
        {},
        [[]],
        {"": None},
        [None],
    ),
    *([{"a": [1]}], {"text": {"text": "x"}}, float("nan"), float("inf"), "2024-01-01T00:00:00+99:99", "12:61", "١٢:٣٤"),
]
BYTES = [
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\r\n",
    b"{",
]
BYTES += [
    b"}",
    b"[",
    b"]",
    b"\\",
    b"\\u",
    b":",
    b"-->",
    b"---\n",
    b"WEBVTT\n",
    b"\x1a",
    b"\x81\x30",
    b"NaN",
    b"1e9999",
    b"9" * 5000,
]
CODECS = ("utf-16", "utf-16-be", "gb18030", "utf-8-sig", "latin-1", "utf-32", "shift_jis", "cp1252")


class TimeUpError(Exception):
    """An input took too long."""


class Rows:
    """Stands for a list on disk."""

    number = 0

    def append(self, row: dict[str, Any]) -> None:
        """Count a row that can be written."""
        json.dumps(row)
        self.number += 1


def flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8, 40])):
        if out:
            out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def spliced(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice([0, 0, 1, 5, 50]))
    return data[:at] + rng.choice(BYTES) * rng.choice([1, 1, 2, 30]) + data[end:]


def cut(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.7 else data[at:]


def doubled(data: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(data) + 1)
    end = rng.randrange(begin, len(data) + 1)
    return data[:end] + data[begin:end] * rng.choice([1, 1, 2, 20]) + data[end:]


def recoded(data: bytes, rng: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(rng.choice(CODECS), "replace")


def lines_changed(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    what = rng.randrange(5)
    if what == 0:
        rng.shuffle(lines)
    elif what == 1:
        del lines[rng.randrange(len(lines))]
    elif what == 2:
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return rng.choice([b"\n", b"\r\n", b"\r", b"\n\n"]).join(lines) if what > 2 else b"\n".join(lines)


def marks_changed(data: bytes, rng: random.Random) -> bytes:
    old, new = rng.sample([b",", b";", b"\t", b"|", b'"', b"'", b":"], 2)
    return data.replace(old, new, rng.choice([1, 5, -1]))


def packed(data: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.5:
        return gzip.compress(data, 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(rng.choice(["a.json", "../a.csv", "/a.jsonl", "a\u202e.csv", "a/b.txt", " "]), data)
    return out.getvalue()


def restructured(data: bytes, rng: random.Random) -> bytes:
    """Change values, names and nesting of JSON, a document or a line at a time; other text as cells."""
    text = data.decode("utf-8", "replace")
    try:
        return json.dumps(changed(json.loads(text), rng)).encode()
    except (ValueError, RecursionError):
        pass
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    try:
        lines[at] = json.dumps(changed(json.loads(lines[at]), rng))
    except (ValueError, RecursionError):
        mark = rng.choice(",;\t")
        cells = lines[at].split(mark)
        value = rng.choice(VALUES)
        cells[rng.randrange(len(cells))] = value if isinstance(value, str) else json.dumps(value)
        lines[at] = mark.join(cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def changed(value: Any, rng: random.Random) -> Any:
    """Return a JSON value with something in it changed."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        places += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    if not places:
        return rng.choice(VALUES)
    for _ in range(rng.choice([1, 1, 2, 5])):
        holder, key = rng.choice(places)
        if isinstance(holder, dict) and key not in holder:
            continue
        what = rng.randrange(7)
        if what < 3:
            holder[key] = rng.choice(VALUES)
        elif what == 3:
            holder[key] = [holder[key]]
        elif what == 4:
            holder[key] = {rng.choice(["", "id", "text", "\u202e"]): holder[key]}
        elif what == 5 and isinstance(holder, dict):
            holder[rng.choice([str(key).upper(), "", f"{key} ", "text", "id"])] = holder.pop(key)
        elif isinstance(holder, dict):
            del holder[key]
    return value


def nested(data: bytes, rng: random.Random) -> bytes:
    depth = rng.choice([10, 900, 5000, 100_000])
    return rng.choice([b"[" * depth + data, b'{"a":' * depth + data, b"[" * depth + data + b"]" * depth])


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [restructured] * 6 + [
    *(flipped, spliced, spliced, cut, doubled, recoded, lines_changed, lines_changed, marks_changed, marks_changed)
]
RARE: list[Callable[[bytes, random.Random], bytes]] = [packed, nested]


def make(number: int, seed: int, fixtures: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return the name and the bytes of one input."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311
    name, data = rng.choice(fixtures)
    for _ in range(rng.choice([1, 1, 2, 3, 4])):
        data = rng.choice(RARE if rng.random() < 0.02 else MUTATIONS)(data, rng)
    if rng.random() < 0.05:
        name = rng.choice(["a.csv", "a.tsv", "a.txt", "a.json", "a.jsonl", "a.xlsx", "a.parquet", "a", "a.vtt"])
    return name, data[: 2**20]


def read(path: Path, pseudonyms: Pseudonyms, options: ImportOptions) -> Counter[str]:
    """Plan and read a file as an import does; return its counts."""
    counts: Counter[str] = Counter()
    rejects = Rows()
    plan, _ = plan_files([path], options)
    with ImportIndex(rejects, Rows()) as index:
        intakes = []
        for place, task in enumerate(plan):
            task.record(options)
            intake = Intake(place, task, index, read_rules(None), pseudonyms, options)
            for columns in intake.batches():
                columns.pop(CRAWLED)
                pa.table(columns, schema=SCHEMA)
            intakes.append(intake)
        gone = sum((intake.gave_up for intake in intakes), Counter())
        for place, intake in enumerate(intakes):
            rejected, moved = sum(intake.reasons.values()), gone[place]
            counts["read"] += intake.read
            counts["imported"] += intake.imported - moved
            counts["rejected"] += rejected
            counts["duplicates"] += intake.duplicates + moved
            assert intake.read == intake.imported + rejected + intake.duplicates, "counts do not add up"
        assert len(index) == counts["imported"], "the index holds other rows than were imported"
        assert rejects.number == counts["rejected"], "rows are rejected that are not listed"
        list(index.thread_rows())
    return counts


def whole(path: Path, folder: Path, options: ImportOptions) -> Counter[str]:
    """Import a file into a corpus of its own; return its counts."""
    into = folder / f"corpus-{time.monotonic_ns()}"
    done = import_files([path], into, options)
    counts = Counter(
        {name: sum(getattr(each, name) for each in done.reports) for name in ("read", "imported", "rejected")}
    )
    counts["duplicates"] = sum(each.duplicates for each in done.reports)
    assert counts["read"] == counts["imported"] + counts["rejected"] + counts["duplicates"], "counts do not add up"
    assert len(read_corpus(into)) == counts["imported"], "the corpus holds other rows than were imported"
    return counts


def read_fixtures() -> list[tuple[str, bytes]]:
    files = (path for path in sorted(FIXTURES.rglob("*")) if path.is_file() and path.name != "expected.json")
    return [(path.name, path.read_bytes()) for path in files if path.stat().st_size < 2**16]


OPTIONS = ImportOptions("Fuzz", constants={"vantage": "western_commenter"})


def main() -> int:
    """Run the inputs and print the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=500_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--only", type=int)
    told = parser.parse_args()

    def ring(*_: object) -> None:
        raise TimeUpError

    signal.signal(signal.SIGPROF, ring)
    os.environ["VANTAGE_KEY"] = "a key of some length"
    fixtures = read_fixtures()
    counts: Counter[str] = Counter()
    total: Counter[str] = Counter()
    bad: list[tuple[int, str]] = []
    slowest, begun = (0.0, -1), time.monotonic()
    numbers = range(told.first, told.first + told.inputs) if told.only is None else [told.only]
    with tempfile.TemporaryDirectory() as place, closing(Pseudonyms(b"a key of some length")) as pseudonyms:
        folder = Path(place)
        for number in numbers:
            if time.monotonic() - begun > told.seconds:
                break
            name, data = make(number, told.seed, fixtures)
            path = folder / name
            path.write_bytes(data)
            counts["inputs"] += 1
            at = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                total += whole(path, folder, OPTIONS) if number % WHOLE == 0 else read(path, pseudonyms, OPTIONS)
                counts["read"] += 1
            except VantageError as error:
                counts["refused in one line"] += 1
                if "\n" in str(error):
                    bad.append((number, f"{name}: more than one line"))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                bad.append((number, f"{name}: {type(error).__name__}: {error!s:.100}"))
                sys.stdout.write(f"  {number} {bad[-1][1]}\n")
                if told.only is not None:
                    traceback.print_exc()
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, (time.process_time() - at, number))
            path.unlink(missing_ok=True)
    rows = ", ".join(f"{total[name]:,} {name}" for name in ("read", "imported", "rejected", "duplicates"))
    sys.stdout.write(
        f"seed {told.seed}: {', '.join(f'{n:,} {name}' for name, n in counts.items())}; rows: {rows}\n"
        f"slowest: {slowest[0]:.2f} s (input {slowest[1]}); faults: {len(bad)}; {time.monotonic() - begun:,.0f} s\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
