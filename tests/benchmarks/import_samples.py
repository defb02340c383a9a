"""Import every file of a folder on its own and print what was recognised, the counts, and how full each field is.

    python tests/benchmarks/import_samples.py --samples FOLDER [NAME ...]

NAME keeps only files whose path holds it. Nothing is kept.

    python tests/benchmarks/import_samples.py --expect tests/fixtures/imports/FORMAT

writes a first ``expected.json`` beside a format's fixtures, with names in brackets: read every line of it, and mend
the reader or the line where they disagree with what the fixture says.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import warnings
from pathlib import Path

import pyarrow.parquet as pq

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.privacy import Pseudonyms
from analysis.errors import VantageError

SAME = {"collection", "evidence", "source_file", "source_tool"}
FIELDS = ["thread_id", "parent_id", "vantage", "kind", "language", "posted_at", "likes", "replies", "region", "speaker"]


def expect(folder: Path) -> None:
    """Write what the fixtures of a format give now."""
    Pseudonyms.of = lambda _, __, account: f"<{account}>"
    out = {}
    for path in sorted(path for path in folder.iterdir() if path.name != "expected.json"):
        with tempfile.TemporaryDirectory() as place:
            into = Path(place) / "corpus"
            # A corpus has rows: a fixture may have none that comes in.
            beside = Path(place) / "beside.csv"
            beside.write_text("utterance_id,text\nbeside,so\n", encoding="utf-8")
            found = import_files([path, beside], into, ImportOptions("Fixture")).reports
            (report,) = (each for each in found if each.file == path.name)
            rows = []
            for row in pq.read_table(store.table_path(into)).to_pylist():
                row["posted_at"] = None if row["posted_at"] is None else row["posted_at"].isoformat()
                if row["utterance_id"] != "beside":
                    rows.append({name: value for name, value in row.items() if value is not None and name not in SAME})
            rejected = map(json.loads, (into / store.REJECTED).read_text(encoding="utf-8").splitlines())
            out[path.name] = {
                "version": report.format.partition(" (")[2].removesuffix(")"),
                "rows": rows,
                "rejected": [[row["row"], row["reason"]] for row in rejected],
                "platform_comment_count": {
                    row["thread_id"]: row["platform_comment_count"]
                    for row in store.read_threads(into)
                    if row["platform_comment_count"] is not None
                },
            }
    text = json.dumps(out, ensure_ascii=False, indent=1) + "\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Import and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--expect", type=Path)
    parser.add_argument("--rows", type=int, default=0, help="show this many rows of each")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.expect is not None:
        expect(options.expect)
        return
    os.environ.setdefault("VANTAGE_KEY", "a key for looking only")
    warnings.simplefilter("ignore")
    files = [path for path in sorted(options.samples.rglob("*")) if path.is_file() and path.name != "SOURCE.txt"]
    for path in files:
        place = str(path.relative_to(options.samples))
        if options.names and not any(name in place for name in options.names):
            continue
        print(f"\n== {place}")
        with tempfile.TemporaryDirectory() as folder:
            into = Path(folder) / "corpus"
            try:
                imported = import_files([path], into, ImportOptions("Sample"))
            except VantageError as error:
                print(f"   {error}")
                continue
            print("\n".join(f"   {line}" for line in imported.lines(Path())))
            frame = read_corpus(into)
            filled = [f"{name} {frame[name].notna().mean():.0%}" for name in FIELDS if len(frame)]
            threads = store.read_threads(into)
            said = sum(thread["platform_comment_count"] is not None for thread in threads)
            print(f"   {', '.join(filled)}; threads {len(threads)}, {said} with what the platform said")
            for row in frame.head(options.rows).to_dict("records"):
                print("   ", {name: value for name, value in row.items() if value is not None and value == value})  # noqa: PLR0124  NaN


if __name__ == "__main__":
    main()
