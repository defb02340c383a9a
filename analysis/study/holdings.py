"""What a corpus holds, for people to read: its collections, who speaks in them, and the files that it was made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width

import numpy as np
import pandas as pd

from analysis import disk
from analysis.compare.clusters import effective_clusters
from analysis.corpus import store
from analysis.corpus.clean import without_values
from analysis.corpus.codes import read_coding
from analysis.corpus.sample import NOT_SAMPLED, is_changed, tell
from analysis.corpus.store import SAMPLE
from analysis.digits import effective
from analysis.errors import first_few, plural, printable
from analysis.measure.language import detect

WHO = ("vantage", "origin", "platform", "kind")
_GROUP = ["collection", *WHO, "language", "thread_id", "cluster_id"]
_SHOWN = 8


class Holdings(NamedTuple):
    """What a corpus holds.

    Attributes
    ----------
    collections : pandas.DataFrame
        ``collection, rows, languages, first, last, threads, clusters, effective_clusters``: a row a collection, and a
        thread with its platform (`analysis.compare.clusters.effective_clusters`).
    who : pandas.DataFrame
        ``collection, vantage, origin, platform, kind, rows, threads, clusters, effective_clusters``: a row each that
        occurs together.
    files : pandas.DataFrame
        ``file, collection, format, read, imported, rejected, duplicates, reasons``: in the order of their import;
        ``reasons`` is a Counter of why rows were rejected, None where the list of them is not what was written.
    coded : list of str
        What people coded of it, in a line; without one where nothing was drawn.
    sample : str
        What it is a random sample of; empty for one that is none.

    """

    folder: Path
    collections: pd.DataFrame
    who: pd.DataFrame
    files: pd.DataFrame
    coded: list[str]
    sample: str = ""

    def lines(self) -> list[str]:
        """Return what there is to say, a line each, with a blank one between the tables."""
        counted = [
            plural(int(self.collections["rows"].sum()), "utterance"),
            plural(len(self.collections), "collection"),
            plural(len(self.files), "file"),
        ]
        out = [f"{self.folder}: {counted[0]} in {counted[1]}, of {counted[2]}"]
        out += [self.sample] if self.sample else []
        if len(self.collections):
            out += ["", *layout(self.collections), "", *layout(self.who)]
        if len(self.files):
            out += ["", *layout(self.files.drop(columns="reasons"))]
            said = list(map(_told_reasons, self.files["file"], self.files["rejected"], self.files["reasons"]))
            out += ["", *filter(None, said)] if any(said) else []
        return [*out, *([""] if self.coded else []), *self.coded]


def _told_reasons(file: str, rejected: int, reasons: Counter[str] | None) -> str:
    if not rejected:
        return ""
    if reasons is None:
        return f"{file}, {rejected:,} rejected: {store.REJECTED} is not what the import wrote"
    most = [f"{number:,} {reason}" for reason, number in reasons.most_common()]
    return f"{file}, {rejected:,} rejected: {', '.join(first_few(most, _SHOWN))}"


def read_holdings(folder: Path | str) -> Holdings:
    """Look at a corpus, in batches.

    Raises
    ------
    InputError
        If there is no corpus, or its table is not what was imported.

    """
    folder = Path(folder)
    info = store.read_info(folder)
    parts = [_counted(batch.to_pandas()) for batch in store.batches(folder, [*_GROUP, "text", "posted_at"])]
    rows = pd.concat(parts, ignore_index=True) if parts else _counted(store.read_corpus(folder))
    by = rows.groupby(_GROUP, dropna=False, sort=True)
    rows = by.agg(rows=("rows", "sum"), first=("first", "min"), last=("last", "max")).reset_index()
    rows["thread"] = rows["platform"].fillna("") + "\x1f" + rows["thread_id"]
    said = tell(info[SAMPLE]) if SAMPLE in info else ""
    if said and is_changed(info):
        said += f"; changed since, by imports or removals: {plural(info['rows'], 'utterance')} now"
    return Holdings(folder, _collections(rows), _who(rows), _files(folder, info), _coded(folder), said)


def _coded(folder: Path) -> list[str]:
    sample, codes = read_coding(folder, "sample"), read_coding(folder, "codes")
    if sample.empty:
        return []
    there = {uid for batch in store.batches(folder, ["utterance_id"]) for uid in batch.column(0).to_pylist()}
    gone = int((~sample["utterance_id"].isin(there)).sum())
    drawn = f"{plural(len(sample), 'utterance')} drawn in {plural(sample['wave'].nunique(), 'wave')}"
    by = f"{plural(len(codes), 'code')} by {plural(codes['coder'].nunique(), 'coder')}"
    return [f"coded: {by}, of {drawn}" + (f", {gone:,} of them no longer in the corpus" if gone else "")]


def _counted(part: pd.DataFrame) -> pd.DataFrame:
    given = part["language"].to_numpy(dtype=object)
    part = part.assign(language=np.where(pd.isna(given), detect(part["text"].tolist()), given))
    by = part.groupby(_GROUP, dropna=False, sort=True)["posted_at"]
    return by.agg(rows="size", first="min", last="max").reset_index()


def _sizes(rows: pd.DataFrame) -> dict[str, Any]:
    clusters = rows.groupby("cluster_id")["rows"].sum().to_numpy(dtype=float)
    return {
        "rows": int(rows["rows"].sum()),
        "threads": rows["thread"].nunique(),
        "clusters": len(clusters),
        "effective_clusters": effective_clusters(clusters),
    }


def _collections(rows: pd.DataFrame) -> pd.DataFrame:
    out = []
    for name, mine in rows.groupby("collection", sort=True):
        by_language = mine.groupby("language")["rows"].sum().sort_values(ascending=False, kind="stable")
        sizes = _sizes(mine)
        out.append(
            {
                "collection": name,
                "rows": sizes.pop("rows"),
                "languages": ", ".join(f"{language} {number:,}" for language, number in by_language.items()),
                "first": _day(mine["first"].min()),
                "last": _day(mine["last"].max()),
                **sizes,
            }
        )
    names = ["collection", "rows", "languages", "first", "last", "threads", "clusters", "effective_clusters"]
    return pd.DataFrame(out, columns=names)


def _who(rows: pd.DataFrame) -> pd.DataFrame:
    by = rows.groupby(["collection", *WHO], dropna=False, sort=True)
    out = [dict(zip(["collection", *WHO], name, strict=True)) | _sizes(mine) for name, mine in by]
    table = pd.DataFrame(out, columns=["collection", *WHO, "rows", "threads", "clusters", "effective_clusters"])
    return table.astype(dict.fromkeys(WHO, object))


def _day(moment: datetime) -> str | None:
    return None if pd.isna(moment) else moment.date().isoformat()


def _files(folder: Path, info: dict[str, Any]) -> pd.DataFrame:
    names = ["file", "collection", "format", "read", "imported", "rejected", "duplicates", "reasons"]
    names[-1:-1] = [NOT_SAMPLED] if SAMPLE in info else []
    reasons = _reasons(folder, info)
    rows = [
        {**file, "file": file["name"], "format": file.get("format"), "reasons": why}
        for file, why in zip(info["files"], reasons, strict=True)
    ]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({NOT_SAMPLED: "Int64"}) if SAMPLE in info else table  # none of a file that came later


def _reasons(folder: Path, info: dict[str, Any]) -> list[Counter[str] | None]:
    """Return why rows of each file were rejected: the list has the files' rows one after the other."""
    path = folder / store.REJECTED
    known = info.get("lists", {}).get(store.REJECTED)
    if known is None or not path.is_file() or disk.sha256(path) != known:
        return [None] * len(info["files"])
    with path.open(encoding="utf-8") as file:
        return [
            Counter(without_values(json.loads(line)["reason"]) for line in islice(file, record["rejected"]))
            for record in info["files"]
        ]


def layout(table: pd.DataFrame) -> list[str]:
    """Lay a table out in columns, numbers to the right; a dash is what is missing.

    >>> layout(pd.DataFrame({"name": ["a", None], "rows": [1200, 3]}))
    ['name   rows', 'a     1,200', '-         3']
    """
    columns = [_cells(table[name]) for name in table]
    right = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    lines = zip(*([name.replace("_", " "), *cells] for name, cells in zip(table, columns, strict=True)), strict=True)
    return lined(list(lines), right)


def _cells(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column):
        return ["-" if np.isnan(value) else effective(value) for value in column]
    if pd.api.types.is_integer_dtype(column):
        return ["-" if pd.isna(value) else f"{value:,}" for value in column]
    return ["-" if pd.isna(value) else printable(str(value)) for value in column]


def lined(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Put the cells of lines below each other; ``right`` says which columns stand to the right."""
    widths = [max(map(width, cells)) for cells in zip(*lines, strict=True)]
    return ["  ".join(map(_padded, line, widths, right)).rstrip() for line in lines]


def _padded(cell: str, wide: int, right: bool) -> str:  # noqa: FBT001
    blanks = " " * (wide - width(cell))
    return blanks + cell if right else cell + blanks


def width(text: str) -> int:
    r"""Return how many columns of a terminal a text takes: a Chinese character takes two.

    >>> width("abc"), width("朝鲜"), width("e\u0301")
    (3, 4, 1)
    """
    return sum(0 if combining(c) else 2 if east_asian_width(c) in {"W", "F"} else 1 for c in text)
