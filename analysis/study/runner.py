"""Run the notebooks: check everything first, measure once, two kernels at a time, whole results into place."""

from __future__ import annotations

import errno
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, Self

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator
from tqdm import tqdm

from analysis import disk, memory, paths
from analysis.compare import kept as tables
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.corpus.whole import require_whole
from analysis.errors import NotebookError, ParameterError, VantageError
from analysis.forking import Source
from analysis.parameters import Parameters
from analysis.study.manifest import make_manifest, read_manifest
from analysis.study.measuring import measure_corpus
from analysis.study.paper import write_paper
from analysis.study.parameters import declared_parameters, find_notebooks
from analysis.study.placing import PAPER, keep_failed, notebooks_of, put_in_place, require_place, seal
from analysis.study.scores import strangers
from analysis.study.study import (
    MEASURED_FOLDER,
    QUOTATIONS_FOLDER,
    Study,
    found,
    found_files,
    open_study,
    run_folder,
    told_path,
)

_AT_ONCE = 2
#: The notebooks that take longest start first, after what most others take up: no processor waits long for another.
_FIRST = ["00-overview", "03-vocabulary", "05-robustness"]
_TIMEOUT = 3600
_SOON = 1.2
_KERNEL = "python3"


class Ran(NamedTuple):
    """Where a run left its figures, notebooks and report, if it wrote one.

    Parameters that no notebook of it has; and what is said of rows of ``scores`` that are of no utterance.
    """

    figures: Path
    notebooks: Path
    names: list[str]
    report: Path | None = None
    idle: Sequence[str] = ()
    strangers: str = ""

    def lines(self) -> list[str]:
        """Return what is printed."""
        page = f"{self.report}: all of it on one page" if self.report else ""
        unread = f"no notebook of this run reads {', '.join(self.idle)}" if self.idle else ""
        made = f"{', '.join(self.names)}: figures in {self.figures}, notebooks in {self.notebooks}"
        return [made, *filter(None, (page, unread, self.strangers))]


def run_study(
    parameters: Parameters,
    only: Sequence[str] = (),
    *,
    report: bool = False,
    quiet: bool = False,
    source: Source | None = None,
) -> Ran:
    """Run the study and put its figures, executed notebooks and manifest in place.

    Parameters
    ----------
    parameters : Parameters
        Of `analysis.parameters.parse_parameters`.
    only : sequence of str
        Names of the notebooks to run; empty: all.
    report : bool
        Write the page of the folder, too (`analysis.study.report`).
    quiet : bool
        Show no progress.
    source : analysis.forking.Source, optional
        What kernels are forked from; else each starts by itself.

    Raises
    ------
    VantageError
        Before any kernel starts, or from a notebook: the user can mend it. Nothing was moved into place.
    NotebookError
        A notebook failed for another reason; the copy with the error is kept beside the executed ones.

    """
    notebooks = find_notebooks(only)
    wanted = {notebook: declared_parameters(notebook) for notebook in notebooks}
    read, default = set().union(*wanted.values()), Parameters()
    idle = [name for name, value in parameters if value != getattr(default, name) and name not in read]
    parameters = found_files(parameters).with_files(lambda path: str(Path(path).resolve()))
    asked = Path(parameters.out) if parameters.out else _default_out(parameters)
    # papermill changes the working directory of the whole process while a notebook runs: nothing stays relative.
    out = asked.expanduser().resolve()
    kept = notebooks_of(out)
    corpus = Path(found(parameters.corpus)).resolve()
    name = NAME if parameters.corpus == NAME else corpus.name
    rows = 0 if parameters.corpus == NAME else store.read_info(Path(found(parameters.corpus)))["rows"]
    if large := memory.more_than_free(rows):
        disk.LOG.warning(large)
    if any(out.glob(f"{disk.PREFIX}*")):  # of a run that was killed, or that goes on
        with disk.locked(out):
            disk.mend(out)
    before = require_place(out, kept, notebooks)
    with disk.made(out), disk.naming(out), disk.scratch(out) as folder, _progress(quiet) as bar:
        # What a run reads is what it opened: imports that are committed meanwhile do not reach it.
        opened = folder / "corpus" / name
        if parameters.corpus == NAME:
            import_quotations(opened)
        else:
            pinned = store.pin(corpus, opened)
        measured = measure_corpus(
            opened,
            parameters.options,
            quiet=quiet,
            beside=opened if parameters.corpus == NAME else corpus,
            pinned=folder,
        )
        manifest = make_manifest(parameters, opened, name)
        others = strangers(Path(parameters.scores), opened) if parameters.scores else ""
        given = {**parameters.model_dump(mode="json"), "out": str(folder / "figures")}
        given["corpus"] = NAME if parameters.corpus == NAME else str(opened)
        told = {MEASURED_FOLDER: str(measured)}
        told |= {QUOTATIONS_FOLDER: str(opened)} if parameters.corpus == NAME else {}
        with _kernel_environment(folder, told):
            bar.total = len(notebooks)
            parameters_of = {notebook: {key: given[key] for key in wanted[notebook]} for notebook in notebooks}
            shown = _shown(folder, opened, corpus, parameters)
            if report:  # Bokeh takes a second to load, in which notebooks run
                Thread(target=import_module, args=("analysis.study.report",)).start()
            _run_notebooks(parameters_of, folder, shown, kept.parent / "failed", bar, source)
            # What an earlier run left in the folder counts where it was made from the same.
            same = "earlier" not in before and all(before.get(key) == value for key, value in manifest.items())
            study = open_study(**given)
            write_paper(study, [folder / "figures", *([out] if same else [])], folder / PAPER)
        if parameters.corpus != NAME:
            require_whole(opened / pinned["table"], pinned["content"], corpus / pinned["table"])
        put_in_place(folder, out, kept, notebooks, manifest)
        page = _write_report(out, study) if report else None
        del study  # Windows removes no file that is mapped
    shown_kept = asked if kept.parent == out else kept.parent
    names, shown_page = [notebook.stem for notebook in notebooks], page and shown_kept / page.name
    return Ran(asked, shown_kept / "notebooks", names, shown_page, tuple(idle), others)


def _run_notebooks(
    parameters: dict[Path, dict[str, Any]],
    folder: Path,
    shown: dict[str, str],
    failed: Path,
    bar: tqdm,
    source: Source | None = None,
) -> None:
    """Run each notebook with its parameters, two at a time, and seal it; one that fails is kept among the failed."""
    in_turn = sorted(parameters, key=lambda notebook: notebook.stem not in _FIRST)
    with Kernels(source) as kernels:
        for notebook in in_turn:
            job = kernels.pool.submit(_execute, notebook, folder, parameters[notebook], kernels)
            kernels.jobs.append(job)
        notebooks = dict(zip(kernels.jobs, in_turn, strict=True))
        for job in as_completed(notebooks):  # who fails is told at once
            notebook = notebooks[job]
            try:
                job.result()
            except (VantageError, NotebookError):
                keep_failed(folder / notebook.name, failed)
                raise
            _seal_run(folder / notebook.name, shown)
            bar.set_postfix_str(notebook.stem)
            bar.update()


def _seal_run(notebook: Path, shown: dict[str, str]) -> None:
    book = nbformat.read(notebook, as_version=4)
    strip_run(book, shown)
    seal(book)
    nbformat.write(book, notebook)


def _write_report(out: Path, study: Study) -> Path:
    """Write the page of what is in the folder now; its lines are of the corpus that the run opened."""
    from analysis.study.report import OTHER_RUN, VOCABULARY, write_report  # noqa: PLC0415  only where it is asked for

    if VOCABULARY in read_manifest(out).get("earlier", {}):
        return write_report(out, None, OTHER_RUN)
    return write_report(out, study)


def _shown(folder: Path, opened: Path, corpus: Path, parameters: Parameters) -> dict[str, str]:
    """Return what stands for each path in an executed notebook.

    Run again by hand, it is to find what it was run on, and not to write over the run's figures.
    """
    shown = {str(folder / "figures"): "", str(folder): ".", str(paths.ROOT): "."}
    shown[str(opened)] = NAME if parameters.corpus == NAME else told_path(corpus)
    return shown | {path: told_path(Path(path)) for path in [str(corpus), *parameters.files]}


def _default_out(parameters: Parameters) -> Path:
    """Return ``figures/`` for the quotations as they are by default, ``runs/<corpus name>/`` for another corpus."""
    if parameters.corpus != NAME:
        return run_folder(parameters.corpus)
    usual = Parameters()
    others = [name for name, value in parameters if value != getattr(usual, name)]
    if others:
        message = (
            f"figures/ holds the figures of the quotations with the default parameters; with another "
            f"{', '.join(others)} say where to (accepted: --out DIR)"
        )
        raise ParameterError(message)
    return paths.FIGURES


@contextmanager
def _progress(quiet: bool) -> Iterator[tqdm]:  # noqa: FBT001
    # None: tqdm itself is silent where the error stream is no terminal.
    with tqdm(unit="notebook", desc="notebooks", disable=True if quiet else None, leave=False) as bar:
        yield bar


class Kernels:
    """The kernels that run, two at a time: leaving it by an error, or an interruption, stops them at once."""

    def __init__(self, source: Source | None = None) -> None:
        """Start with none, and with what they are forked from, if they are."""
        self._source = source
        self.pool = ThreadPoolExecutor(_AT_ONCE)
        self.jobs: list[Future[None]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop what runs, if something went wrong; who interrupts does not wait long for threads to notice it."""
        if kind is None:
            self.pool.shutdown()
            return
        self._stopped = True
        logging.disable()  # nobody needs to hear from each library that the kernels are dead
        if self._source:
            self._source.kill()
        for process in self._processes:
            process.kill()
        interrupted = not issubclass(kind, Exception)
        self.pool.shutdown(wait=not interrupted, cancel_futures=True)
        if interrupted:
            wait(self.jobs, _SOON)
        logging.disable(logging.NOTSET)

    def manager(self) -> type[AsyncKernelManager]:
        """Return what starts a kernel and tells of it."""
        add, source = self._add, self._source

        class Manager(AsyncKernelManager):
            def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
                command = super().format_kernel_cmd(extra_arguments)
                return source.command(command) if source else command

            async def start_kernel(self, **options: Any) -> None:  # noqa: ANN401
                await super().start_kernel(**options)
                add(self.provisioner.process)

        return Manager

    def _add(self, process: subprocess.Popen[bytes]) -> None:
        self._processes.append(process)
        if self._stopped:
            process.kill()


@contextmanager
def _kernel_environment(folder: Path, told: dict[str, str]) -> Iterator[None]:
    """Make kernels start from this environment, with no start-up files, history or settings of the user's."""
    mine = {
        "JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **memory.OF_KERNELS,
        tables.FOLDER: str(folder / "tables"),
        **told,
    }
    (folder / "tables").mkdir()
    before, working = {key: os.environ.get(key) for key in mine}, Path.cwd()
    os.environ.update(mine)
    try:
        yield
    finally:
        # Two notebooks at once can leave papermill's working directory behind instead of restoring ours.
        os.chdir(working)
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _execute(notebook: Path, folder: Path, given: dict[str, Any], kernels: Kernels) -> None:
    try:
        papermill.execute_notebook(
            _literal(notebook),
            _literal(folder / notebook.name),
            parameters=given,
            kernel_name=_KERNEL,
            cwd=str(notebook.parent),
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,  # it would write and check the whole notebook twice a cell
            execution_timeout=_TIMEOUT,
            kernel_manager_class=kernels.manager(),
            # The kernel would warn on every start that loopback is not encrypted.
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
    except PapermillExecutionError as error:
        if error.ename == "OSError" and error.evalue.startswith(f"[Errno {errno.ENOSPC}]"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        message = f"{notebook.stem}: {error.evalue}"
        # The user's errors carry the house's names; a traceback would not help with them.
        if error.ename in {kind.__name__ for kind in _family(VantageError)}:
            raise VantageError(message) from None
        message = f"{notebook.stem}, cell {error.cell_index}: {error.ename}: {error.evalue}"
        raise NotebookError(message) from error


def _literal(path: Path) -> str:
    """Return a path as papermill takes it: it fills in what stands between braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _family(kind: type) -> set[type]:
    return {kind}.union(*(_family(child) for child in kind.__subclasses__()))


def _escaped(path: str) -> str:
    return PythonTranslator.translate_escaped_str(path)[1:-1]


def strip_run(book: nbformat.NotebookNode, shown: dict[str, str]) -> None:
    """Remove from an executed notebook what differs between two equal runs: times, random ids, paths.

    Parameters
    ----------
    book : nbformat.NotebookNode
        Changed in place.
    shown : dict of str to str
        Path to what stands for it.

    """
    book.metadata.pop("papermill", None)
    book.metadata.get("language_info", {}).pop("version", None)
    # As papermill and as Python write a path into a cell: with escapes for what is not ASCII.
    shown = {form: name for path, name in shown.items() for form in (_escaped(path), repr(path)[1:-1], path)}
    pattern = re.compile("|".join(re.escape(path) for path in sorted(shown, key=len, reverse=True)))

    def clean(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return pattern.sub(lambda found: shown[found.group()], value)
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return nbformat.from_dict({key: clean(item) for key, item in value.items()})
        return value

    for number, cell in enumerate(book.cells):
        for key in ("papermill", "execution", "collapsed"):
            cell.metadata.pop(key, None)
        cell["id"] = f"cell-{number}"
        cell.source = clean(cell.source)
        if "outputs" in cell:
            cell.outputs = clean(cell.outputs)
