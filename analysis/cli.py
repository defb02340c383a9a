"""The command ``vantage``: it parses, calls one function of a room, and prints."""

from __future__ import annotations

import argparse
import glob
import logging
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from analysis import memory
from analysis.cli_corpus import Accepted, Add, Lines, ToMend, add_coding, add_commands, add_outputs
from analysis.cli_models import add_models
from analysis.disk import LOG
from analysis.errors import NotebookError, ParameterError, VantageError, printable

# Where it finds this package, jsonschema (for nbformat) builds 38 grammars of addresses, which no notebook is held to.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

DONE, FAILED, MEND = 0, 1, 2

FORMATS_TEXT = """\
table   any CSV, TSV, JSON, JSON Lines, Parquet or XLSX table; --columns says what each column holds
  recognised by  well-known names of columns (text, comment, video_id, 评论内容, ...); the mapping is printed
  columns        {columns}
                 a name, the path to it in JSON (speaker=user.id), or its place where there is no header (text=3)
  encodings      UTF-8, 16 and 32, GB 18030, Big5, CP 949, Shift-JIS, Windows-1252 and 1251
  unpacked       .gz .zst .xz .bz2 .zip
  authors        become pseudonyms (--columns speaker=COLUMN), and so do @mentions in the text
  limitations    times without a time zone are read as UTC unless --timezone says otherwise; 02/12/2023 and a
                 spreadsheet's 45262.4 only where other rows or --time-format decide how they are meant
"""


DESCRIPTION = """\
Vantage compares how western commenters, Chinese viewers and vloggers talk about North Korea on social media: sentiment,
vocabulary, concepts and claims, in notebooks that anybody can run again on exports of their own. `vantage run` alone
runs them on the quotations that come with the study. Below, the commands stand in the order of work."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise ParameterError(message[0].lower() + message[1:] + f" (see: {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """Return the command's parser; each command carries the function that does it."""
    parser = _Parser(prog="vantage", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"vantage {version('vantage-study')}")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="COMMAND")

    def add(name: str, do: Callable[[argparse.Namespace], Lines], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help="no progress bars")
        command.set_defaults(do=do)
        return command

    _add_import(add)
    add("formats", _formats, "list every format that can be imported, how it is recognised, and its limitations")
    add_commands(add)
    add_coding(add)
    add_models(add)
    run = add("run", _run, "run the notebooks on a corpus and write its figures")
    run.add_argument("study", metavar="STUDY.yaml", nargs="?", type=Path, help="a study in one file; it says the rest")
    run.add_argument(
        "--freeze", action="store_true", help="write the hashes of inputs, parameters and claims beside STUDY.yaml"
    )
    run.add_argument("--corpus", metavar="DIR", help="a corpus folder; default: the seed quotations")
    run.add_argument("--parameters", metavar="FILE", type=Path, help="a YAML or JSON file of parameters")
    run.add_argument(
        "-p",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="one parameter; wins over FILE; vantage parameters lists all",
    )
    run.add_argument("--out", metavar="DIR", help="where figures go; default: figures/ or runs/<corpus name>/")
    run.add_argument(
        "--only",
        metavar="NOTEBOOK",
        action="append",
        default=[],
        help="run only this one, e.g. 02-sentiment; may be repeated",
    )

    report = add("report", _report, "write the page of a run: one HTML file to read offline, to send and to print")
    report.add_argument("--corpus", metavar="DIR", type=Path, help="where its corpus is; default: corpora/<its name>")
    report.add_argument(
        "--out", metavar="DIR", type=Path, help="the run's folder; default: figures/ or runs/<corpus name>/"
    )

    check = add("check", _check, "make the figures again and list every difference")
    check.add_argument("--against", metavar="DIR", type=Path, help="a folder that a run made; default: figures/")
    check.add_argument("--corpus", metavar="DIR", type=Path, help="where its corpus is; default: corpora/<its name>")

    add_outputs(add)
    return parser


def _add_import(add: Add) -> None:
    imports = add("import", _import, "add files to a corpus; their formats are recognised by their content")
    imports.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="files, folders or archives; - is what is piped in"
    )
    imports.add_argument("--into", metavar="DIR", type=Path, required=True, help="the corpus folder")
    imports.add_argument(
        "--collection", metavar="NAME", required=True, help='the name of this data in titles, e.g. "Reddit 2017-19"'
    )
    imports.add_argument(
        "--vantage",
        metavar="V",
        choices=Accepted("vantage"),
        help="who speaks: %(choices)s; without it, the data are a reference collection",
    )
    imports.add_argument(
        "--origin",
        metavar="O",
        choices=Accepted("origin"),
        help="%(choices)s; default: western for western commenters, chinese for Chinese viewers",
    )
    imports.add_argument(
        "--platform", metavar="NAME", help="where it was published, if the files do not say, e.g. douyin"
    )
    imports.add_argument("--kind", metavar="K", choices=Accepted("kind"), help="%(choices)s; default: comment")
    imports.add_argument("--format", metavar="F", help="default: recognised by the content; vantage formats lists all")
    imports.add_argument(
        "--sources",
        metavar="FILE",
        type=Path,
        help="rules in YAML: who speaks in which file or account, and when it was gathered",
    )
    imports.add_argument(
        "--columns", metavar="text=C,thread_id=C,...", default="", help="for any table: what each column holds"
    )
    imports.add_argument(
        "--where",
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="import only rows with this value; the others are rejected",
    )
    imports.add_argument(
        "--timezone",
        metavar="Z",
        help="of times without one, e.g. +08:00 or Asia/Shanghai; default: the format's, else UTC",
    )
    imports.add_argument(
        "--time-format",
        metavar="F",
        help="of ambiguous times: day-first or month-first (02/12/2023), excel (45262.4), or a pattern (%%d.%%m.%%Y)",
    )
    imports.add_argument(
        "--other-key",
        action="store_true",
        help="add to a corpus whose pseudonyms were made with another key; one account may then become two speakers",
    )

    imports.add_argument(
        "--again", action="store_true", help="import also files that are in already under another collection or mapping"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 done, 1 drift or a failure, 2 the user can mend it."""
    memory.give_back()
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 must not stop a study of Chinese.
        stream.reconfigure(errors="backslashreplace")
    with _told(), _terminated_like_interrupted():
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    try:
        options = build_parser().parse_args(arguments)
        _require_text(options)
        lines = options.do(options)
        _print(*lines)
        sys.stdout.flush()
    except VantageError as error:
        _say(f"vantage: {error}")
        return MEND
    except NotebookError as error:
        _say(f"vantage: {error}")
        return FAILED
    except BrokenPipeError:
        # Who reads has seen enough (| head); nothing is left to be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, sqlite3.OperationalError) as error:
        _say(f"vantage: {_trouble(error)}")
        return MEND
    except KeyboardInterrupt:
        _say("vantage: interrupted; nothing was changed")
        if arguments is None:
            # The program itself: threads that have not seen yet that their kernels are stopped would keep it waiting.
            os._exit(FAILED)
        return FAILED
    return MEND if isinstance(lines, ToMend) else FAILED if isinstance(lines, _Drift) else DONE


def _require_text(options: argparse.Namespace) -> None:
    """Refuse folders and tables to be written whose names are no Unicode: Parquet cannot be opened there."""
    for name in ("into", "corpus", "out", "against", "folder", "to"):
        try:
            str(getattr(options, name, None)).encode()
        except UnicodeEncodeError as error:
            raise ParameterError(f"--{name}: '{getattr(options, name)}' is not text in UTF-8") from error


@contextmanager
def _told() -> Iterator[None]:
    """Print what the library has to say beside its results, each a line."""
    handler = logging.Handler()
    handler.emit = lambda record: _say(f"vantage: {record.getMessage()}")
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOG.removeHandler(handler)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: kernels are stopped, temporary files removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _trouble(error: OSError | sqlite3.OperationalError) -> str:
    """Return what a disk, or the folder for temporary files (where an import keeps what it remembers), will not do."""
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}"
    return f"the folder for temporary files: {error}"


def _say(line: str) -> None:
    sys.stderr.write(" ".join(printable(line).split()) + "\n")


def _print(*lines: str) -> None:
    """Print lines that hold names of files and columns: no control sign of theirs reaches the terminal."""
    for line in lines:
        sys.stdout.write(printable(line) + "\n")


def _loading(options: argparse.Namespace) -> AbstractContextManager:
    """Show on a terminal at once that something goes on: what makes figures takes seconds to load."""
    from tqdm import tqdm

    return tqdm(bar_format="loading …", leave=False, disable=True if options.quiet else None)


def _run(options: argparse.Namespace) -> Lines:
    from analysis import forking

    with forking.source(wanted=len(options.only) != 1 and not options.freeze) as options.source:
        with _loading(options):
            from analysis.parameters import parse_parameters
            from analysis.study.parameters import read_parameters
            from analysis.study.runner import run_study

        if options.study is not None:
            return _run_file(options)
        if options.freeze:
            message = "--freeze is of a study in one file (accepted: vantage run STUDY.yaml --freeze)"
            raise ParameterError(message)
        given = read_parameters(options.parameters, options.p)
        given |= {name: value for name in ("corpus", "out") if (value := getattr(options, name)) is not None}
        own = parse_parameters(given)
        return run_study(own, options.only, report=True, quiet=options.quiet, source=options.source).lines()


def _run_file(options: argparse.Namespace) -> Lines:
    from analysis.study.runner import run_study
    from analysis.study.study_file import OpenedFile

    if options.corpus or options.parameters or options.p:
        message = "a study says its corpus and parameters itself (accepted beside it: --out, --only, --freeze)"
        raise ParameterError(message)
    study = OpenedFile(options.study)
    if options.freeze:
        return [f"{study.freeze()}: frozen; from now on the study runs as it is, or stops"]
    study.require_frozen()
    if study.said.imports:
        for line in study.bring_up_to_date():
            _print(line)
    only = options.only or study.notebooks
    own = study.parameters(options.out)
    return run_study(own, only, report=True, quiet=options.quiet, source=options.source).lines()


def _report(options: argparse.Namespace) -> Lines:
    with _loading(options):
        from analysis.study.report import report_run

    return [f"{report_run(options.out, options.corpus)}: the run on one page"]


class _Drift(Lines):
    """The differences that a check found: the command exits with 1."""


def _check(options: argparse.Namespace) -> Lines:
    with _loading(options):
        from analysis import paths
        from analysis.study.check import check_figures

    against = options.against or paths.FIGURES
    differences = check_figures(against, options.corpus, quiet=options.quiet)
    return _Drift(differences) if differences else [f"{against}: regenerated, no difference"]


def _import(options: argparse.Namespace) -> Lines:
    from analysis.corpus import ImportOptions, import_files

    if not options.collection.isascii() and options.collection != options.collection.encode(errors="replace").decode():
        message = f"--collection: '{options.collection}' is not UTF-8 text"
        raise ParameterError(message)
    named = {"vantage": options.vantage, "origin": options.origin, "platform": options.platform, "kind": options.kind}
    import_options = ImportOptions(
        options.collection,
        _pairs("--columns", options.columns.split(",") if options.columns else []),
        {name: value for name, value in named.items() if value is not None},
        _pairs("--where", options.where),
        format=options.format,
        timezone=options.timezone,
        time_format=options.time_format,
        rules=options.sources,
        other_key=options.other_key,
        again=options.again,
    )
    with tempfile.TemporaryDirectory() as folder:
        files = [file for path in options.files for file in _meant(path, Path(folder))]
        return import_files(files, options.into, import_options).lines(options.into)


def _meant(path: Path, folder: Path) -> list[Path]:
    """Return the files of a pattern, which a shell on Windows leaves as it is; of ``-`` what is piped in."""
    if str(path) == "-":
        with (folder / "standard input").open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        return [folder / "standard input"]
    found = [] if path.exists() else glob.glob(str(path))  # noqa: PTH207  a pattern with a drive is no path's
    return [Path(name) for name in sorted(found)] or [path]


def _pairs(option: str, pairs: Sequence[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            message = f"{option}: '{pair}' is not of the form NAME=VALUE"
            raise ParameterError(message)
        if name.strip() in out:
            message = f"{option}: '{name.strip()}' is given twice"
            raise ParameterError(message)
        out[name.strip()] = value.strip()
    return out


def _formats(_: argparse.Namespace) -> Lines:
    from analysis.corpus.readers import formats
    from analysis.corpus.readers.mapping import MAPPABLE

    own = [line for format_ in formats() for line in format_.lines()]
    return [*own, *FORMATS_TEXT.format(columns=", ".join(MAPPABLE)).splitlines()]


if __name__ == "__main__":
    sys.exit(main())
