"""What a notebook opens: the measures of its corpus, ready to compare, and the folder for its figures."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from analysis import paths
from analysis.compare.attributes import IN_CORPUS, add_split, join_attributes, read_attributes
from analysis.compare.boilerplate import is_boilerplate
from analysis.compare.dataset import Dataset, keep_rows
from analysis.compare.groups import LANGUAGE_NAMES, add_group, in_order
from analysis.compare.kept import keep
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.corpus.readers.table import read_table
from analysis.errors import InputError, ParameterError
from analysis.measure.boilerplate import LANGUAGES as BOILERPLATE_LANGUAGES
from analysis.measure.cache import READ_ONLY, MeasuredFiles, measured_files
from analysis.measure.lexicon import user_lexicon
from analysis.measure.options import MASKED, OTHER_LAUGHTER, SCALES, UNMASKED, neutral_band
from analysis.parameters import COLUMN, COMPARE, Options, Parameters, lexicon_name, parse_parameters
from analysis.show import notebook, style
from analysis.study.scores import join_classes, join_scores, read_columns

#: Where the runner has put the imported quotations and what it measured, so that no kernel does either again.
QUOTATIONS_FOLDER = "VANTAGE_QUOTATIONS"
MEASURED_FOLDER = "VANTAGE_MEASURED"
#: What an instrument gives beside its score: what it counted warm and cold, and how many units it scored.
_PARTS = ("_pos", "_neg", "_n")


@dataclass(frozen=True, repr=False)
class Study(Dataset):
    """An opened study: what is compared, and where its figures go.

    Attributes
    ----------
    out : Path
        Where figures go.
    boilerplate : pandas.DataFrame
        How many utterances are a platform's phrase or a bot's notice, by group and language; they are left out of
        ``measures`` unless asked for.

    """

    out: Path = field(default_factory=Path)
    boilerplate: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        """Say what is open, in one line."""
        groups = self.measures["group"].nunique()
        return f"<Study of {len(self.measures):,} utterances, {groups} groups by {self.parameters.compare}>"

    @property
    def constructed(self) -> bool:
        """Whether there are utterances that nobody said."""
        return bool((self.measures["evidence"] == "constructed").any())

    def save(self, name: str, table: pd.DataFrame, figure: Figure | None = None) -> None:
        """Write ``name.csv`` and, of a figure, ``name.png`` and the other ``figure_formats``; a notebook shows it.

        Constructed utterances are declared on it. Where there is nothing to draw, a notebook says so in a sentence.

        Raises
        ------
        ParameterError
            If the name is not one that a file of the folder can have everywhere, or if the table is none.

        """
        if not re.fullmatch(r"\w[\w-]{0,199}", name):
            message = f"'{name}' cannot name a figure (accepted: letters, digits, _ and -, as file_name(...) gives)"
            raise ParameterError(message)
        if not isinstance(table, pd.DataFrame):
            message = (
                f"a {type(table).__name__} is no table (accepted: save(name, table, figure), the table a DataFrame)"
            )
            raise ParameterError(message)
        if figure is None:
            self.out.mkdir(parents=True, exist_ok=True)
            style.write_csv(table, self.out / f"{name}.csv")
            return
        formats = self.parameters.figure_formats
        notebook.show(style.save(figure, table, self.out, name, constructed=self.constructed, formats=formats))


def file_name(*parts: str | float | None) -> str:
    """Join the parts of a figure's name, each made fit for a file name; a missing one (no second group) is left out.

    Examples
    --------
    >>> file_name("02-contrasts", "en", "western_commenter", "Reddit 2017-19")
    '02-contrasts-en-western_commenter-Reddit_2017_19_c1db72'

    """
    first, *others = parts
    return "-".join([first, *(slug(part) for part in others if isinstance(part, str))])


def slug(name: str) -> str:
    """Make a name fit for a file name; one that has to be changed carries its hash, so that names stay different.

    Examples
    --------
    >>> slug("western_commenter"), slug("Reddit 2017-19")
    ('western_commenter', 'Reddit_2017_19_c1db72')

    """
    if re.fullmatch("[a-z0-9_]{1,50}", name):
        return name
    plain = "".join(c if c.isalnum() else "_" for c in name)[:50]
    return f"{plain}_{hashlib.blake2b(name.encode(), digest_size=3).hexdigest()}"


def default_out(corpus: str) -> Path:
    """Return ``runs/<corpus name>/by-hand/``: what the runner made is held by its manifest, and is not touched."""
    return run_folder(corpus) / "by-hand"


def run_folder(corpus: str) -> Path:
    """Return ``runs/<corpus name>/``."""
    return paths.RUNS / (NAME if corpus == NAME else Path(found(corpus)).resolve().name)


def corpus_folder(corpus: str) -> Path:
    """Return the folder of a corpus; the quotations are imported afresh unless the runner has done it."""
    if corpus != NAME:
        return Path(found(corpus))
    if QUOTATIONS_FOLDER in os.environ:
        return Path(os.environ[QUOTATIONS_FOLDER])
    folder = _temporary() / NAME
    import_quotations(folder)
    return folder


def _temporary() -> Path:
    """Return a folder that is gone with this process."""
    folder = Path(tempfile.mkdtemp(prefix="vantage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _measured(folder: Path, options: Options) -> MeasuredFiles:
    """Return what was measured; of a corpus that cannot be written to, it is measured elsewhere."""
    try:
        return measured_files(folder, options)
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
    copy = _temporary() / "corpus"
    store.pin(folder, copy)
    return measured_files(copy, options)


def open_study(namespace: Mapping[str, Any] | None = None, /, **given: object) -> Study:
    """Open a corpus for comparison; it is measured first if that was not done.

    Parameters
    ----------
    namespace : mapping, optional
        A notebook's ``globals()``: those of its names that are parameters count, as its tagged cell declares them.
    **given : object
        Parameters by name; see :class:`analysis.parameters.Parameters`.

    Raises
    ------
    VantageError
        If a parameter, a file of the user's or the corpus is not as it should be; one line says which and how.

    """
    if namespace is not None and not isinstance(namespace, Mapping):
        message = (
            f"open_study({namespace!r}): name what it is (accepted: open_study(corpus=...), open_study(globals()))"
        )
        raise ParameterError(message)
    named = [name for name in Parameters.model_fields if name in (namespace or {}) and name not in given]
    parameters = found_files(parse_parameters({name: namespace[name] for name in named} | given))
    out = _out(parameters.out) if parameters.out else default_out(parameters.corpus)
    study = keep("study", parameters, lambda: _open(parameters))
    if namespace is not None:
        notebook.prepare(constructed=study.constructed)
        notebook.watch(namespace, named)
    study = replace(study, out=out)
    object.__setattr__(study, "as_opened", True)  # it is frozen, and whoever replaces a part of it does not take this
    return study


def _open(parameters: Parameters) -> Study:
    """Open a study, but for where its figures go."""
    folder = corpus_folder(parameters.corpus)
    scales = dict(SCALES) | {lexicon_name(path): user_lexicon(Path(path)).scale for path in parameters.lexicons}
    measured = os.environ.get(MEASURED_FOLDER)
    files = MeasuredFiles.of(Path(measured)) if measured else _measured(folder, parameters.options)
    names = _read_of(pq.read_schema(files.measures).names, masked=parameters.masked)
    measures, aligned = (_read(path, names) for path in (files.measures, files.aligned))
    measures["row"] = np.arange(len(measures))
    nobodys = _boilerplate(files, measures["language"].to_numpy())
    allowed = measures["evidence"].isin(parameters.evidence)
    measures = measures if allowed.all() else measures[allowed]
    if measures.empty:
        message = f"no utterance of the corpus has the evidence {', '.join(parameters.evidence)}"
        raise ParameterError(message)
    measures = _grouped(measures, folder, parameters)
    kept = _kept(measures, nobodys, folder, parameters)
    counted = _count_boilerplate(measures, nobodys)
    if columns := _own_columns(parameters):
        given = read_columns(Path(parameters.scores), columns)
        own = [name for name in parameters.instruments if name.startswith(COLUMN)]
        measures, found_scales = join_scores(measures, given, own, kept)
        scales |= found_scales
        measures = join_classes(measures, given, parameters.classes)
    chosen = [name for name in scales if name in parameters.instruments or name not in SCALES]
    masked = parameters.masked
    measures, aligned = (_choose_masking(frame, masked=masked) for frame in (measures, aligned))
    # Groups that were emptied do not count among the largest.
    measures, left_out = in_order(add_group(measures[kept], parameters.compare)), measures[~kept]
    left_out = _grouped_alike(left_out, measures, parameters.compare)
    return Study(
        corpus=folder,
        files=files,
        parameters=parameters,
        measures=measures,
        left_out=left_out,
        nobodys=nobodys,
        mentions=pq.read_table(files.mentions).to_pandas(),
        aligned=aligned,
        scales={name: scales[name] for name in chosen},
        neutral=_neutral(files, {name: scales[name] for name in chosen}, masked=masked),
        boilerplate=counted,
    )


def _read(path: Path, names: Sequence[str]) -> pd.DataFrame:
    """Read columns of the measures, one by one: read together they stand in memory twice."""
    file = pq.ParquetFile(path)
    columns = {name: file.read(columns=[name]).to_pandas()[name] for name in names}
    # Looked up again and again: as Python's own strings, whose hashes are known, ten times as fast; each held once.
    columns["utterance_id"] = columns["utterance_id"].astype(object)
    codes, clusters = pd.factorize(columns["cluster_id"])
    columns["cluster_id"] = pd.Series(np.append(clusters.astype(object), None)[codes], dtype=object)
    pa.default_memory_pool().release_unused()
    return pd.DataFrame(columns, copy=False)


def _read_of(names: Sequence[str], *, masked: bool) -> list[str]:
    """Return the columns that are compared: all but tokens, and of what was measured a second time the scores alone."""
    twice = ["_linked", f"_linked{UNMASKED}", OTHER_LAUGHTER, *([UNMASKED] if masked else [])]
    left_out = tuple(again + part for again in twice for part in _PARTS)
    return [name for name in names if name != "tokens" and not name.endswith(left_out)]


def found_files(parameters: Parameters) -> Parameters:
    """Return the parameters with the paths of the user's own files, whose columns are looked at.

    Raises
    ------
    VantageError
        If a column that was asked for is missing.

    """
    parameters = parameters.with_files(found)
    if parameters.attributes:
        _, table = read_attributes(Path(parameters.attributes))
        if parameters.compare not in {*COMPARE, *table}:
            accepted = [*COMPARE, *table]
            raise InputError(f"no column '{parameters.compare}'", file=parameters.attributes, accepted=accepted)
    if columns := _own_columns(parameters):
        read_table(Path(parameters.scores), ["utterance_id", *columns])
    elif parameters.scores:
        message = "scores: no column of it is asked for (accepted: classes=NAME, or instruments=vader,...,column:NAME)"
        raise ParameterError(message)
    return parameters


def _own_columns(parameters: Parameters) -> list[str]:
    """Return the columns of the user's table that are asked for, each once."""
    scored = [name.removeprefix(COLUMN) for name in parameters.instruments if name.startswith(COLUMN)]
    return list(dict.fromkeys([*scored, *parameters.classes]))


def found(path: str) -> str:
    """Return where a file or folder of the user's is: as given, or else relative to the project.

    A notebook is run from its own folder, so that ``corpora/mine`` would mean ``notebooks/corpora/mine`` there.
    """
    own = Path(path).expanduser()
    return str(own if own.exists() or not (paths.ROOT / own).exists() else paths.ROOT / own)


def told_path(path: Path) -> str:
    """Return what an executed notebook calls a file or folder: relative to the project, or else its name."""
    return path.relative_to(paths.ROOT).as_posix() if path.is_relative_to(paths.ROOT) else path.name


def _out(out: str) -> Path:
    """Return where figures go; what is relative belongs to the project where a notebook of the project is open.

    A file in the way is told before hours are measured, not when the first figure is saved.
    """
    inside = Path.cwd().is_relative_to(paths.ROOT)
    folder = paths.ROOT / Path(out).expanduser() if inside else Path(out).expanduser()
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise InputError("is a file, not a folder", file=place, accepted=["another out"])
    return folder


def _grouped(measures: pd.DataFrame, folder: Path, parameters: Parameters) -> pd.DataFrame:
    """Add ``group``, after the columns that it may be one of."""
    if parameters.attributes or parameters.split_at or parameters.compare == "region":
        more = store.read_corpus(folder, ["utterance_id", *IN_CORPUS])
        measures = measures.merge(more, on="utterance_id", how="left").set_index(measures.index)
    if parameters.split_at:
        measures = add_split(measures, parameters.split_at)
    if parameters.attributes:
        measures = join_attributes(measures, Path(parameters.attributes), parameters.compare)
    return add_group(measures, parameters.compare)


def _grouped_alike(left_out: pd.DataFrame, measures: pd.DataFrame, compare: str) -> pd.DataFrame:
    """Give what is left out the groups of what is compared; ordinary talk may have the same value as a group."""
    keys, ordinary = list(dict.fromkeys([compare, "ordinary"])), {"ordinary": lambda rows: rows["vantage"].isna()}
    groups = measures.assign(**ordinary)[[*keys, *({"group"} - {compare})]].drop_duplicates()
    rows = left_out.drop(columns={"group"} - {compare}).assign(**ordinary)
    return rows.merge(groups, on=keys, how="left").drop(columns="ordinary")


def _neutral(
    files: MeasuredFiles, scales: Mapping[str, tuple[float, float]], *, masked: bool
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return what is neutral by instrument and language: by ordinary language where that tells, else by the scale."""
    known = {
        (row["instrument"], row["language"]): (row["low"], row["high"])
        for row in pq.read_table(files.neutral).to_pylist()
    }
    measured = {name: name if masked or name not in MASKED else name + UNMASKED for name in scales}
    return {
        (name, language): known.get((measured[name], language), neutral_band(scale))
        for name, scale in scales.items()
        for language in LANGUAGE_NAMES
    }


def _boilerplate(files: MeasuredFiles, languages: np.ndarray) -> np.ndarray:
    """Tell which rows of the measures are boilerplate, in batches."""
    found, start = np.zeros(len(languages), dtype=bool), 0
    for batch in pq.ParquetFile(files.measures).iter_batches(batch_size=50_000, columns=["tokens"]):
        part = languages[start : start + len(batch)]
        for language in BOILERPLATE_LANGUAGES:
            at = np.flatnonzero(part == language)
            if len(at):
                found[start + at] = is_boilerplate(batch["tokens"].take(pa.array(at)), language)
        start += len(batch)
    return found


def _kept(measures: pd.DataFrame, nobodys: np.ndarray, folder: Path, parameters: Parameters) -> np.ndarray:
    """Tell which rows are compared: what was chosen of boilerplate and of duplicates."""
    copies = np.full(len(measures), -1)
    if parameters.duplicates == "first":
        groups = store.read_text_duplicates(folder).set_index("utterance_id")["duplicate_group"]
        copies = measures["utterance_id"].map(groups).fillna(-1).to_numpy(dtype=int)
    mine = nobodys[measures["row"].to_numpy()]
    return keep_rows(np.ones(len(mine), dtype=bool), mine, copies, parameters.boilerplate, parameters.duplicates)


def _count_boilerplate(measures: pd.DataFrame, nobodys: np.ndarray) -> pd.DataFrame:
    flagged = measures.assign(boilerplate=nobodys[measures["row"].to_numpy()])
    by = flagged.groupby(["group", "language"], sort=True)["boilerplate"]
    return by.agg(utterances="size", boilerplate="sum").reset_index()


def _choose_masking(measures: pd.DataFrame, *, masked: bool) -> pd.DataFrame:
    """Give the plain names to the masked or the unmasked scores; both keep a name of their own."""
    for name in MASKED:
        measures[f"{name}_masked"] = measures[name]
        for part in () if masked else ("", *_PARTS):
            if f"{name}{UNMASKED}{part}" in measures:
                measures[f"{name}{part}"] = measures[f"{name}{UNMASKED}{part}"]
    return measures
