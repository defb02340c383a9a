"""The commands that look at a corpus, mend it, measure it and get it out, and more; see :mod:`analysis.cli`.

Each takes what was parsed, calls one function of a room, and returns the lines to print.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import plural

if TYPE_CHECKING:
    from analysis.study.read_codes import Taken

Lines = list[str]


class ToMend(list[str]):
    """Lines of which some name what was left out and can be mended: the command exits with 2."""


Add = Callable[[str, Callable[[argparse.Namespace], Lines], str], argparse.ArgumentParser]


class Accepted(Sequence[str]):
    """What a column of the corpus may hold; looked up when it is asked for, since the schema takes a second to load."""

    def __init__(self, column: str, *others: str) -> None:
        """Take the column, and what else is accepted."""
        self._column, self._others = column, others

    def __getitem__(self, place: int) -> str:
        """Return one of them."""
        from analysis.corpus.schema import ACCEPTED

        return (*ACCEPTED[self._column], *self._others)[place]

    def __len__(self) -> int:
        """Return how many there are."""
        from analysis.corpus.schema import ACCEPTED

        return len(ACCEPTED[self._column]) + len(self._others)


def add_commands(add: Add) -> None:
    """Add the commands that come between an import and a run."""
    info = add("info", _info, "show what is in a corpus: collections, who speaks, files and what was rejected")
    info.add_argument("folder", metavar="DIR", type=Path, help="a corpus folder")

    retag = add("retag", _retag, "say anew who speaks in a collection; threads and clusters follow")
    retag.add_argument("folder", metavar="DIR", type=Path, help="a corpus folder")
    retag.add_argument("--collection", metavar="NAME", required=True, help="the collection whose rows are meant")
    for name, letter in (("vantage", "V"), ("origin", "O"), ("kind", "K")):
        also = () if name == "kind" else ("none",)
        retag.add_argument(f"--{name}", metavar=letter, choices=Accepted(name, *also), help="%(choices)s")
    retag.add_argument("--sources", metavar="FILE", type=Path, help="rules in YAML, as vantage import takes them")

    remove = add("remove", _remove, "take a collection or a file out of a corpus")
    remove.add_argument("folder", metavar="DIR", type=Path, help="a corpus folder")
    remove.add_argument("--collection", metavar="NAME", help="remove its rows, and the files that had no others")
    remove.add_argument("--file", metavar="NAME", help="remove what was imported from a file, as vantage info names it")

    sample = add("sample", _sample, "draw whole clusters of a large corpus at random, as a corpus of its own")
    sample.add_argument("--corpus", metavar="DIR", type=Path, required=True, help="the corpus, which stays as it is")
    sample.add_argument("--into", metavar="DIR", type=Path, required=True, help="a new or empty folder")
    sample.add_argument("--utterances", metavar="N", type=int, required=True, help="how many it is to have, about")
    sample.add_argument("--whole", metavar="NAME", action="append", default=[], help="a collection to keep all of")
    sample.add_argument("--seed", metavar="S", type=int, default=1, help="each seed draws another sample; default: 1")

    measure = add("measure", _measure, "measure a corpus and keep the results beside it")
    measure.add_argument("--corpus", metavar="DIR", type=Path, required=True)
    how = measure.add_mutually_exclusive_group()
    how.add_argument("--workers", metavar="N", type=int, help="processes, if there is much to measure; default: 2")
    how.add_argument("--part", metavar="K/N", help="measure one of N shares of it, such as 3/64, and nothing else")
    how.add_argument("--merge", action="store_true", help="put together what --part 1/N to N/N measured")
    how.add_argument("--scheduler", metavar="ADDRESS", help="measure on a Dask cluster, e.g. tcp://HOST:8786")

    demo = add("demo", _demo, "write a constructed corpus with known differences")
    demo.add_argument("--utterances", metavar="N", type=int, required=True)
    demo.add_argument("--into", metavar="DIR", type=Path, required=True, help="the corpus folder")
    demo.add_argument("--seed", metavar="S", type=int, default=1, help="each seed gives another corpus; default: 1")


def add_coding(add: Add) -> None:
    """Add the commands of what people code."""
    sheet = add("sheet", _sheet, "draw a sample of a corpus to be coded by people, and write its coding sheets")
    sheet.add_argument(
        "--corpus", metavar="DIR", required=True, help="a corpus folder; the sample is kept in its coding/"
    )
    sheet.add_argument("--codes", metavar="N", type=int, help="utterances to be coded; default: 300")
    sheet.add_argument("--coders", metavar="K", type=int, help="a sheet for each of so many coders; default: 1")
    sheet.add_argument("--overlap", metavar="N", type=int, help="utterances that all coders get; default: 100")
    sheet.add_argument("--concepts", metavar="A,B", help="those of the codebook to be coded, or none; default: all")
    sheet.add_argument(
        "--scheme", metavar="FILE", type=Path, help="your own variables: variable, kind, values, meaning"
    )
    sheet.add_argument("--more", metavar="N", type=int, help="go on with a sample: draw so many more; 0: sheets again")
    sheet.add_argument("--translated", metavar="FILE", type=Path, help="a translator's sheet: write what to code of it")
    sheet.add_argument("--out", metavar="DIR", type=Path, help="where sheets go; default: coding/sheets of the corpus")
    sheet.add_argument("--seed", metavar="S", type=int, help="each seed draws another sample; default: 1")
    sheet.add_argument("--power", action="store_true", help="only say how many codes would give which intervals")

    codes = add("codes", _codes, "read coded sheets: XLSX, CSV, exports of Label Studio and doccano")
    codes.add_argument("files", metavar="FILE", nargs="+", type=Path)
    codes.add_argument("--corpus", metavar="DIR", required=True, help="the corpus of which the sheet was drawn")
    codes.add_argument("--coder", metavar="NAME", help="who coded; default: what the sheet says")
    codes.add_argument(
        "--replace", action="store_true", help="take codes that differ from earlier ones, which are kept"
    )


def add_outputs(add: Add) -> None:
    """Add the commands that come after a run, or beside it."""
    export = add("export", _export, "write a corpus, measured, as one table: a row an utterance")
    export.add_argument("folder", metavar="DIR", help="a corpus folder, or quotations")
    export.add_argument("--to", metavar="FILE", type=Path, required=True, help=".csv, .xlsx, .parquet or .sav")
    export.add_argument("--force", action="store_true", help="replace FILE if it exists")

    score = add("score", _score, "score the texts of any table, and compare the scores with human labels")
    score.add_argument("file", metavar="FILE", type=Path, help="CSV, TSV, JSON Lines, Parquet or XLSX")
    score.add_argument("--text", metavar="COLUMN", required=True, help="the column that holds the texts")
    score.add_argument("--language", metavar="L", help="en, zh, ko or ja; default: by the script of each text")
    score.add_argument("--gold", metavar="COLUMN", help="human labels: numbers, or words for classes")
    for tone in ("positive", "negative", "neutral"):
        score.add_argument(f"--{tone}", metavar="LABEL,...", default="", help=f"labels that mean {tone}")
    score.add_argument("--cluster", metavar="COLUMN", help="what texts belong to, e.g. a thread; intervals resample it")
    score.add_argument(
        "--lexicon",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a lexicon of your own, with columns term and score",
    )
    score.add_argument("--out", metavar="FILE", type=Path, help="default: <name of FILE>-scores.csv")
    score.add_argument("--force", action="store_true", help="replace the file named by --out if it exists")

    add(
        "parameters",
        _parameters,
        "list every parameter of a run: what it means, its default, the notebooks that use it",
    )


def _info(options: argparse.Namespace) -> Lines:
    from analysis.study.holdings import read_holdings

    return read_holdings(options.folder).lines()


def _retag(options: argparse.Namespace) -> Lines:
    from analysis.corpus.retag import SAID, retag

    said = {name: value for name in SAID if (value := getattr(options, name)) is not None}
    return retag(options.folder, options.collection, said, options.sources).lines()


def _remove(options: argparse.Namespace) -> Lines:
    from analysis.corpus.remove import remove

    return remove(options.folder, collection=options.collection, file=options.file).lines()


def _sample(options: argparse.Namespace) -> Lines:
    from analysis.corpus.sample import sample

    drawn = sample(options.corpus, options.into, options.utterances, seed=options.seed, whole=options.whole).lines()
    return [f"{options.into}: {drawn[0]}", *drawn[1:]]


def _export(options: argparse.Namespace) -> Lines:
    from analysis.study.export import export_corpus

    return export_corpus(options.folder, options.to, force=options.force, quiet=options.quiet).lines()


def _measure(options: argparse.Namespace) -> Lines:
    from analysis.corpus import read_info
    from analysis.study.measuring import measure_corpus, measure_part

    if options.part is not None:
        return [f"{options.corpus}: {measure_part(options.corpus, options.part, quiet=options.quiet)}"]
    measure_corpus(
        options.corpus,
        quiet=options.quiet,
        workers=options.workers,
        scheduler=options.scheduler,
        merge=options.merge,
    )
    return [f"{options.corpus}: {plural(read_info(options.corpus)['rows'], 'utterance')} measured"]


def _demo(options: argparse.Namespace) -> Lines:
    from analysis.corpus.demo import write_demo

    written = write_demo(options.utterances, options.into, options.seed)
    return [
        f"{written.corpus}: {written.utterances:,} constructed utterances in {plural(written.clusters, 'cluster')}",
        f"its true values: {written.truth}",
    ]


def _score(options: argparse.Namespace) -> Lines:
    import numpy as np

    from analysis.compare.gold import label_words
    from analysis.study.score import score_table

    given = [words.split(",") if words else [] for words in (options.positive, options.negative, options.neutral)]
    scored = score_table(
        options.file,
        options.text,
        np.random.default_rng(1),
        language=options.language,
        gold=options.gold,
        words=label_words(*given) if any(given) else None,
        cluster=options.cluster,
        lexicons=options.lexicon,
        out=options.out,
        force=options.force,
        quiet=options.quiet,
    )
    return scored.lines()


def _sheet(options: argparse.Namespace) -> Lines:
    from analysis.study.sheet import Asked, make_sheet, tell_power
    from analysis.study.translated import take_translations

    if options.translated is not None:
        return _told(take_translations(options.translated, options.corpus, options.out))
    concepts = None if options.concepts is None else [name.strip() for name in options.concepts.split(",")]
    names = ("codes", "coders", "overlap", "scheme", "more", "seed", "out")
    asked = Asked(**{name: getattr(options, name) for name in names}, concepts=concepts)
    return (tell_power if options.power else make_sheet)(options.corpus, asked, quiet=options.quiet)


def _codes(options: argparse.Namespace) -> Lines:
    from analysis.study.read_codes import take_codes

    today = date.today().isoformat()  # noqa: DTZ011  the day where the coders are
    taken = take_codes(options.files, options.corpus, today, coder=options.coder, replace=options.replace)
    return _told(taken)


def _told(taken: Taken) -> Lines:
    return ToMend(taken.said) if taken.refused else taken.said


def _parameters(_: argparse.Namespace) -> Lines:
    from analysis.study.parameters import parameter_lines

    return parameter_lines()
