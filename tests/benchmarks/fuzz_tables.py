"""A hundred thousand tables as people's scripts and spreadsheets spoil them: no comment is lost without being counted.

    python tests/benchmarks/fuzz_tables.py --inputs 100000 --seed 1
    python tests/benchmarks/fuzz_tables.py --only 1234 --seed 1 --show      (one of them again)

Each table has comments of which every one holds a word of its own. It is written with a mark between cells, an encoding
and line ends drawn at random, and spoiled one to three times: quotes opened and not closed, marks and line ends put in,
ids rounded, columns shuffled and doubled, bytes flipped, its end cut off. It is read as by ``vantage import --columns``
or by the names of its columns. Then, by the words:

- read = imported + rejected + duplicates;
- there are as many rows read as comments whose word stands whole in the file (two in one line are one row);
- no text of the corpus holds the words of two comments, unless they stand in one line;
- of comments that differ in author, text or time none is a duplicate.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import re
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import closing
from pathlib import Path

from analysis.corpus import ImportOptions
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.parsed_items import Intake
from analysis.corpus.plan import plan_files
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.rules import read_rules
from analysis.errors import VantageError

HEADERS = (
    ("id", "video_id", "author", "text", "likes", "time"),
    ("评论id", "视频id", "用户昵称", "评论内容", "点赞数", "评论时间"),
    ("nr", "clip", "who", "said", "thumbs", "when"),
)
COLUMNS = ("utterance_id", "thread_id", "speaker", "text", "likes", "posted_at")
WORDS = (
    "the square is empty",
    'he said "no"',
    "one, two; three",
    "两条街\n都很干净",
    "导游说：可以",
    "so | so",
    "a\tb",
    "it’s so clean",
)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16")
WORD = re.compile(r"w[0-9]{4}z")


class Rows(list):
    """The list of rejected or duplicate rows, kept in memory."""

    @property
    def number(self) -> int:
        """Return how many there are."""
        return len(self)


def make(number: int, seed: int) -> tuple[bytes, dict[str, str]]:
    """Return a spoiled table and the mapping by which it is read, nothing where its names are known."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311
    header, rounding = rng.choice(HEADERS), rng.choice([0, 0, 0, 1, 2])
    rows = []
    for place in range(rng.randrange(3, 40)):
        own = 7_241_024_491_999_022_391 + place * rng.choice([7, 7_000_000])
        name = [
            str(own),
            f"{own:.14e}".replace("e+18", "E+18") if rounding == 1 else f"{round(own, -4)}",
            str(int(float(own))),
        ]
        words = f"w{place:04d}z {rng.choice(WORDS)}"
        time = f"2024-07-{place % 28 + 1:02d} 10:{place:02d}:00"
        rows.append([name[rounding], f"v{place % 3}", f"u{place % 5}", words, str(place), time])
    order = list(range(len(header)))
    if rng.random() < 0.3:
        rng.shuffle(order)
    table = [[row[place] for place in order] for row in [list(header), *rows]]
    if rng.random() < 0.1:
        table = [[*row, row[0]] for row in table]
    encoding = rng.choice(ENCODINGS)
    if rng.random() < 0.1:
        encoding = "utf-8"
        lines = [
            json.dumps(dict(zip(table[0], row, strict=True)), ensure_ascii=rng.random() < 0.5) for row in table[1:]
        ]
        data = ("\n".join(lines) if rng.random() < 0.7 else f"[{', '.join(lines)}]").encode()
    else:
        out = io.StringIO()
        how = {"delimiter": rng.choice(",,,;\t|"), "lineterminator": rng.choice(["\n", "\n", "\r\n"])}
        csv.writer(out, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), **how).writerows(table)
        data = out.getvalue().encode("utf-8" if encoding == "utf-16" else encoding)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        data = rng.choice(SPOILINGS)(data, rng)
    if encoding == "utf-16":
        data = data.decode("utf-8", "replace").encode("utf-16")
    known = header is not HEADERS[2]
    return data, {} if known else dict(zip(COLUMNS, header, strict=True))


def _put(data: bytes, rng: random.Random, sign: bytes) -> bytes:
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    at = rng.randrange(len(lines[place]) + 1)
    lines[place] = lines[place][:at] + sign + lines[place][at:]
    return b"\n".join(lines)


def stray_quote(data: bytes, rng: random.Random) -> bytes:
    """Open a quote at the beginning of a cell, or anywhere."""
    marks = [found.end() for found in re.finditer(rb"[,;\t|\n]", data)]
    if marks and rng.random() < 0.7:
        at = rng.choice(marks)
        return data[:at] + b'"' + data[at:]
    return _put(data, rng, b'"')


def mark(data: bytes, rng: random.Random) -> bytes:
    """Put in a mark between cells, or a line end."""
    return _put(data, rng, rng.choice([b",", b";", b"\t", b"\n", b"\r\n", b"\r"]))


def byte(data: bytes, rng: random.Random) -> bytes:
    """Change a byte."""
    at = rng.randrange(len(data) or 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def cut(data: bytes, rng: random.Random) -> bytes:
    """Cut off the end."""
    return data[: rng.randrange(len(data) // 2, len(data) + 1)]


def lost(data: bytes, rng: random.Random) -> bytes:
    """Drop a quote or a mark."""
    places = [found.start() for found in re.finditer(rb'[",;\t|]', data)]
    at = rng.choice(places) if places else 0
    return data[:at] + data[at + 1 :]


def twice(data: bytes, rng: random.Random) -> bytes:
    """Repeat a line."""
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    return b"\n".join([*lines[:place], lines[place], *lines[place:]])


SPOILINGS = (stray_quote, stray_quote, mark, byte, cut, lost, twice)


def decoded(data: bytes) -> str:
    """Return a file's text as whoever opens it would see it."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    return data.decode("latin-1")  # the words are ASCII


def check(data: bytes, columns: dict[str, str], pseudonyms: Pseudonyms, path: Path) -> Counter[str]:
    """Read a table and hold it to what the module promises."""
    path.write_bytes(data)
    options = ImportOptions("Fuzz", columns=columns)
    try:
        (task,) = plan_files([path], options)[0]
        rejects, duplicates = Rows(), Rows()
        with ImportIndex(rejects, duplicates) as index:
            intake = Intake(0, task, index, read_rules(None), pseudonyms, options)
            texts: list[str] = []
            for batch in intake.batches():
                texts += batch["text"]
    except VantageError:
        return Counter(refused=1)
    rejected = sum(intake.reasons.values())
    assert intake.read == intake.imported + rejected + intake.duplicates, "counts do not add up"
    words = Counter(word for word in WORD.findall(decoded(data)))
    # A line end that was spoiled makes one row of two comments.
    lines = re.split(r"\{" if task.sample.kind == "json" else r"[\r\n]", decoded(data))
    merged = sum(max(len(set(WORD.findall(line))) - 1, 0) for line in lines)
    # A header that was spoiled may be found in a row of comments.
    if task.sample.has_headers:
        merged += len(set(WORD.findall(str(task.sample.documents[: task.match.header + 1]))))
    assert len(words) <= intake.read + merged, f"of {len(words)} comments {intake.read} are read, {merged} merged"
    swallowed = sum(max(len(set(WORD.findall(text))) - 1, 0) for text in texts)
    assert swallowed <= merged, f"{swallowed} comments stand in those of others"
    again = sum(number - 1 for number in words.values()) + len(lines) - len(set(lines))
    assert intake.duplicates <= again, f"{intake.duplicates} duplicates, {again} lines twice"
    return Counter(read=1, rows=intake.read, imported=intake.imported, rejected=rejected, duplicates=intake.duplicates)


def main() -> int:
    """Make tables, read them, print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--show", action="store_true", help="print the table")
    options = parser.parse_args()
    os.environ.setdefault("VANTAGE_KEY", "a key for benchmarks only")
    sums: Counter[str] = Counter()
    numbers = range(options.first, options.first + options.inputs) if options.only is None else [options.only]
    with tempfile.TemporaryDirectory() as folder, closing(Pseudonyms(b"a key for benchmarks only")) as pseudonyms:
        for number in numbers:
            data, columns = make(number, options.seed)
            if options.show:
                print(decoded(data))
            try:
                sums += check(data, columns, pseudonyms, Path(folder) / "a.csv")
            except Exception as error:  # noqa: BLE001  whatever it is, it is the finding
                sums["faults"] += 1
                print(f"{number}: {type(error).__name__}: {error}", flush=True)
                if options.only is not None:
                    traceback.print_exc()
    print(", ".join(f"{name} {number:,}" for name, number in sums.items()))
    return 1 if sums["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
