"""Import every file of a folder on its own and print what was recognised, the books, and how full each field is.

    python tests/benchmarks/import_samples.py --samples FOLDER [NAME ...]

NAME keeps only files whose path holds it. Nothing is kept.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import warnings
from pathlib import Path

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.errors import VantageError

FIELDS = ["thread_id", "parent_id", "vantage", "kind", "language", "posted_at", "likes", "replies", "region", "speaker"]


def main() -> None:
    """Import and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=0, help="show this many rows of each")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
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
            said = sum(thread["said"] is not None for thread in threads)
            print(f"   {', '.join(filled)}; threads {len(threads)}, {said} with what the platform said")
            for row in frame.head(options.rows).to_dict("records"):
                print("   ", {name: value for name, value in row.items() if value is not None and value == value})  # noqa: PLR0124  NaN


if __name__ == "__main__":
    main()
