"""Any table of texts through every instrument that reads its language, and against human labels if it has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from analysis import disk
from analysis.compare.gold import DRAWS, MEASURES, Gold, agreement, read_gold
from analysis.corpus.readers.table import read_table
from analysis.corpus.spreadsheet import tame
from analysis.digits import fixed
from analysis.errors import InputError, ParameterError, plural
from analysis.measure.batch import score_texts
from analysis.measure.instrument import Instrument
from analysis.measure.instruments import make_instruments
from analysis.measure.language import detect
from analysis.measure.laughter import Laughter
from analysis.measure.neutral import Bands, neutral_bands
from analysis.measure.options import neutral_band
from analysis.parameters import Options
from analysis.show.style import write_csv
from analysis.study.holdings import lined

LANGUAGES = ("en", "zh", "ko", "ja")
_TITLES = {"r": "r", "auc": "AUC", "accuracy": "accuracy", "f1": "macro-F1"}
_ROWS = 20_000
_SHOWN = 8


class Scored(NamedTuple):
    """What scoring a table gave.

    Attributes
    ----------
    out : Path
        The table that was written.
    table : pandas.DataFrame
        One row a text: the columns of the input, ``language``, and for every instrument its score ``<name>`` (missing
        where no unit was scored) and the units that it rests on, ``<name>_n`` (missing where the language is not
        read).
    summary : pandas.DataFrame
        One row a language and instrument: ``language, instrument, texts, scored, coverage, mean``.
    agreement : pandas.DataFrame or None
        Of :func:`analysis.compare.gold.agreement`, one row a language and instrument, languages never pooled.
    notes : list of str
        What was left out, with its count.

    """

    out: Path
    table: pd.DataFrame
    summary: pd.DataFrame
    agreement: pd.DataFrame | None
    notes: list[str]

    def lines(self) -> list[str]:
        """Return what a reader of the terminal is told."""
        shown = self.summary.astype({"texts": object, "scored": object})
        for name, how in (("texts", ",.0f"), ("scored", ",.0f"), ("coverage", ".3f"), ("mean", ".3f")):
            shown[name] = ["" if pd.isna(value) else fixed(value, how) for value in shown[name]]
        out = [*_layout(shown), ""]
        if self.agreement is not None:
            out += [*_layout(_intervals(self.agreement)), ""]
        return [*out, *self.notes, f"rows scored: {len(self.table):,}, in {self.out}"]


def score_table(
    path: Path,
    text_column: str,
    rng: np.random.Generator,
    *,
    language: str | None = None,
    gold: str | None = None,
    words: Mapping[int, frozenset[str]] | None = None,
    cluster: str | None = None,
    lexicons: Sequence[Path] = (),
    out: Path | None = None,
    force: bool = False,
    quiet: bool = True,
) -> Scored:
    """Score the texts of a table by every instrument of the study that reads their language.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON Lines, Parquet or XLSX.
    rng : numpy.random.Generator
        For the intervals of the agreement.
    language : {"en", "zh", "ko", "ja"}, optional
        Of every text; without it each text's language is told by its script.
    gold : str, optional
        A column of human labels: numbers or classes, see :func:`analysis.compare.gold.read_gold`.
    words : mapping of int to frozenset of str, optional
        The words of each class, of :func:`analysis.compare.gold.label_words`.
    cluster : str, optional
        A column that says which texts belong together, such as a thread: the units of the intervals.
    lexicons : sequence of Path
        The user's own lexicons (CSV: term, score), each an instrument more.
    out : Path, optional
        A CSV file; default ``<name of the input>-scores.csv`` in the working directory.
    force : bool
        Replace the file if it exists.
    quiet : bool
        Show no progress.

    Raises
    ------
    InputError
        If the file, a column or the lexicon cannot be used, or the output cannot be written.
    ParameterError
        If the language is not known, or words or clusters are given without labels.

    """
    if language is not None and language not in LANGUAGES:
        message = f"the language '{language}' is not known (accepted: {', '.join(LANGUAGES)})"
        raise ParameterError(message)
    if gold is None and (words or cluster):
        message = "words for classes and clusters are of use with a column of labels only (accepted: --gold COLUMN)"
        raise ParameterError(message)
    out = _check_out(path, out, force=force)
    options = Options(lexicons=tuple(str(lexicon) for lexicon in lexicons))
    tools = make_instruments(options)
    frame, notes = _read(path, [name for name in (text_column, gold, cluster) if name is not None])
    labels = None if gold is None else _labels(path, gold, frame, words)
    texts = ["" if text is None else text for text in frame[text_column]]
    languages = detect(texts) if language is None else np.full(len(texts), language, dtype=object)
    scores = _score(texts, languages, tools, quiet=quiet)
    blank = np.array([not text.strip() for text in texts])
    notes += [f"empty texts: {blank.sum():,}"] if blank.any() else []
    unread = _unread(languages[~blank], tools)
    if unread:
        kinds = ", ".join(f"{name} {count:,}" for name, count in unread.items())
        notes.append(f"texts in languages that no instrument of words reads: {sum(unread.values()):,} ({kinds})")
    found = None
    if labels is not None:
        bands = neutral_bands(options)
        tone = [tool for tool in tools if tool.name != Laughter.name]
        found = _agreement(
            scores, languages, tone, bands, labels, None if cluster is None else list(frame[cluster]), rng
        )
        notes += _about(labels, found, clustered=cluster is not None)
    table, renamed = _table(frame, languages, scores, tools)
    notes += [f"the input's column '{old}' is kept as '{new}'" for old, new in renamed.items()]
    _write(table, out)
    return Scored(out, table, _summary(languages, scores, tools), found, notes)


def _check_out(path: Path, out: Path | None, *, force: bool) -> Path:
    out = Path(f"{path.stem}-scores.csv") if out is None else out
    if out.suffix.lower() != ".csv":
        raise InputError("scores are written as CSV", file=out, accepted=["a name that ends in .csv"])
    if out.is_dir():
        raise InputError("is a folder", file=out, accepted=["a name that ends in .csv"])
    if out.resolve() == path.resolve():
        raise InputError("is the input; --out must name another file", file=out)
    if out.exists() and not force:
        raise InputError("exists and is not replaced", file=out, accepted=["--out with another name", "--force"])
    return out


def _read(path: Path, wanted: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that can be read, every cell as text, and a note on those that cannot."""
    table = read_table(path, wanted)
    columns = dict.fromkeys(table.columns)
    rows, problems = [], []
    for row in table.rows:
        if row.problem is None:
            rows.append(row.value)
            columns |= dict.fromkeys(row.value)
        else:
            problems.append(f"row {row.number:,}, {row.problem}")
    if not rows:
        problem = f"no row can be read; the first: {problems[0]}" if problems else "has a header but no rows"
        raise InputError(problem, file=path)
    notes = [f"rows that cannot be read, left out: {len(problems):,}; the first: {problems[0]}"] if problems else []
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns}), notes


def _labels(path: Path, column: str, frame: pd.DataFrame, words: Mapping[int, frozenset[str]] | None) -> Gold:
    labels = read_gold(list(frame[column]), words)
    if not labels.labelled.any():
        has = f"has {_some(labels.left_out)}" if labels.left_out else "is empty"
        problem = f"no label is a number or a word for a class; the column {has}"
        accepted = ["numbers", "the words given by --positive, --negative, --neutral"]
        raise InputError(problem, file=path, column=column, accepted=accepted)
    return labels


def _some(counts: Mapping[str, int]) -> str:
    """Name the most frequent labels; they are somebody's cells, so nothing but what can be printed, and not all."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    names = ("".join(c for c in label[:24] if c.isprintable()) for label, _ in most[:_SHOWN])
    shown = ", ".join(f"'{name}' {count:,}" for name, (_, count) in zip(names, most, strict=False))
    return shown + (f" and {plural(len(most) - _SHOWN, 'more label')}" if len(most) > _SHOWN else "")


def _score(
    texts: list[str], languages: np.ndarray, tools: Sequence[Instrument], *, quiet: bool
) -> dict[str, np.ndarray]:
    parts = []
    # None: tqdm itself is silent where the error stream is no terminal.
    with tqdm(total=len(texts), unit="text", desc="scoring", disable=True if quiet else None, leave=False) as bar:
        for start in range(0, len(texts), _ROWS):
            part = slice(start, start + _ROWS)
            parts.append(score_texts(texts[part], languages[part], tools))
            bar.update(len(texts[part]))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _unread(languages: np.ndarray, tools: Sequence[Instrument]) -> dict[str, int]:
    """Count the texts in languages that only instruments of any language read, which are those of emoji."""
    read = {language for tool in tools if "none" not in tool.languages for language in tool.languages}
    return {language: count for language, count in sorted(Counter(languages.tolist()).items()) if language not in read}


def _table(
    frame: pd.DataFrame, languages: np.ndarray, scores: Mapping[str, np.ndarray], tools: Sequence[Instrument]
) -> tuple[pd.DataFrame, dict[str, str]]:
    new: dict[str, object] = {"language": languages.astype(object)}
    for tool in tools:
        new[tool.name] = scores[tool.name]
        n = pd.array(scores[f"{tool.name}_n"], dtype="Int64")
        n[~np.isin(languages, tool.languages)] = pd.NA
        new[f"{tool.name}_n"] = n
    renamed = {}
    for name in frame.columns:
        other = name
        while other in new or (other != name and other in frame.columns):
            other += "_given"
        if other != name:
            renamed[name] = other
    old = {renamed.get(name, name): frame[name] for name in frame.columns}
    return pd.DataFrame(old | new), renamed


def _write(table: pd.DataFrame, out: Path) -> None:
    # A header cell is a cell too.
    safe = table.rename(columns=tame)
    try:
        with disk.changing(out.parent) as folder:
            write_csv(safe, folder / "scores.csv")
            disk.commit(folder, {"scores.csv": out})
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=out) from error


def _summary(languages: np.ndarray, scores: Mapping[str, np.ndarray], tools: Sequence[Instrument]) -> pd.DataFrame:
    rows = []
    for language in sorted(set(languages.tolist())):
        at = languages == language
        for tool in tools:
            if language in tool.languages:
                mine = scores[tool.name][at]
                mine = mine[~np.isnan(mine)]
                mean = mine.mean() if len(mine) else np.nan
                rows.append((language, tool.name, at.sum(), len(mine), len(mine) / at.sum(), mean))
    return pd.DataFrame(rows, columns=["language", "instrument", "texts", "scored", "coverage", "mean"])


def _agreement(
    scores: Mapping[str, np.ndarray],
    languages: np.ndarray,
    tools: Sequence[Instrument],
    bands: Bands,
    labels: Gold,
    clusters: list[str | None] | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    parts = []
    for language in sorted(set(languages[labels.labelled].tolist())):
        at = np.flatnonzero(languages == language)
        mine = [tool for tool in tools if language in tool.languages]
        found = agreement(
            {tool.name: scores[tool.name][at] for tool in mine},
            {tool.name: bands.get((tool.name, language), neutral_band(tool.scale)) for tool in mine},
            labels.take(at),
            rng,
            None if clusters is None else [clusters[i] for i in at.tolist()],
        )
        found.insert(0, "language", language)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def _about(labels: Gold, found: pd.DataFrame, *, clustered: bool) -> list[str]:
    out = [
        "agreement is over all labelled texts, an unscored one in the middle of what is neutral",
        "a score is neutral in the middle third of what the instrument says of ordinary language, its ends included",
        f"in brackets: 95 % intervals from {DRAWS:,} bootstrap draws of {'clusters' if clustered else 'texts'}",
    ]
    if clustered:
        by_language = found.groupby("language")["units"].first()
        sizes = ", ".join(f"{language} {value:,.1f}" for language, value in by_language.items())
        out.append(f"effective clusters: {sizes} (of few the intervals are wide)")
    out += [f"labels of no class, left out: {_some(labels.left_out)}"] if labels.left_out else []
    out += [f"texts without a label: {labels.blank:,}"] if labels.blank else []
    return out


def _intervals(found: pd.DataFrame) -> pd.DataFrame:
    """Return the table of agreement as it is printed, without measures that no row has."""
    out = found[["language", "instrument"]].copy()
    out["n"] = [f"{n:,}" for n in found["n"]]
    out["coverage"] = ["" if pd.isna(value) else fixed(value, ".3f") for value in found["coverage"]]
    for measure in MEASURES:
        if found[measure].notna().any():
            columns = (found[f"{measure}{part}"] for part in ("", "_low", "_high"))
            out[_TITLES[measure]] = [with_interval(*values) for values in zip(*columns, strict=True)]
    return out


def with_interval(value: float, low: float, high: float) -> str:
    """Write a measure with its interval, if it has one.

    Examples
    --------
    >>> with_interval(0.8777, 0.869, 0.885), with_interval(0.5, np.nan, np.nan), with_interval(np.nan, 0, 1)
    ('0.878 [0.869, 0.885]', '0.500', '')
    >>> with_interval(0.102, -0.0002, 0.2)
    '0.102 [-0.0002, 0.200]'

    """
    if np.isnan(value):
        return ""
    value, low, high = (fixed(number, ".3f") for number in (value, low, high))
    return value + ("" if low == "nan" else f" [{low}, {high}]")


def _layout(table: pd.DataFrame) -> list[str]:
    """Lay a table of texts out in columns, numbers to the right."""
    lines = [list(table), *table.to_numpy(dtype=object).tolist()]
    return lined(lines, [name not in {"language", "instrument"} for name in table])
