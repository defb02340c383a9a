"""Run the notebooks: check everything first, measure once, two kernels at a time, whole results into place."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator
from tqdm import tqdm

from analysis import paths
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.errors import NotebookError, VantageError
from analysis.measure.cache import measured_files
from analysis.measure.options import Options
from analysis.study.manifest import FIGURE, make_manifest, write_manifest
from analysis.study.parameters import Parameters, declared_parameters, find_notebooks
from analysis.study.session import MEASURED_FOLDER, QUOTATIONS_FOLDER, default_out

_AT_ONCE = 2
_TIMEOUT = 3600
_KERNEL = "python3"


class Ran(NamedTuple):
    """Where a run left its figures and its executed notebooks."""

    figures: Path
    notebooks: Path
    names: list[str]


def run_study(parameters: Parameters, only: Sequence[str] = (), *, quiet: bool = False) -> Ran:
    """Run the study and put its figures, executed notebooks and manifest in place.

    Parameters
    ----------
    parameters : Parameters
        Of `analysis.study.parameters.parse_parameters`.
    only : sequence of str
        Names of the notebooks to run; empty: all.
    quiet : bool
        Show no progress.

    Returns
    -------
    Ran

    Raises
    ------
    VantageError
        Before any kernel starts, or from a notebook: the user can mend it. Nothing was moved into place.
    NotebookError
        A notebook failed for another reason; the copy with the error is kept beside the executed ones.

    """
    notebooks = find_notebooks(only)
    wanted = {notebook: declared_parameters(notebook) for notebook in notebooks}
    files = {path: str(Path(path).expanduser().resolve()) for path in parameters.files}
    parameters = parameters.model_copy(
        update={
            "lexicons": [files[path] for path in parameters.lexicons],
            "dictionaries": [files[path] for path in parameters.dictionaries],
            "scores": files.get(parameters.scores, ""),
        }
    )
    asked = Path(parameters.out) if parameters.out else default_out(parameters.corpus)
    # papermill changes the working directory of the whole process while a notebook runs: nothing stays relative.
    out = asked.expanduser().resolve()
    name = NAME if parameters.corpus == NAME else Path(parameters.corpus).resolve().name
    if parameters.corpus != NAME:
        store.read_info(Path(parameters.corpus).expanduser())
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vantage-", dir=out.parent) as work, _progress(quiet) as bar:
        folder = Path(work)
        corpus = Path(parameters.corpus).expanduser().resolve()
        if parameters.corpus == NAME:
            corpus = folder / NAME
            import_quotations(corpus)
        measured = measure_corpus(corpus, parameters.options, quiet=quiet)
        given = {**parameters.model_dump(), "out": str(folder / "figures")}
        given["corpus"] = NAME if parameters.corpus == NAME else str(corpus)
        told = {MEASURED_FOLDER: str(measured)}
        if parameters.corpus == NAME:
            told[QUOTATIONS_FOLDER] = str(corpus)
        with _kernel_environment(folder, told):
            bar.total = len(notebooks)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                jobs = [
                    pool.submit(_execute, notebook, folder, {key: given[key] for key in wanted[notebook]})
                    for notebook in notebooks
                ]
                for job, notebook in zip(jobs, notebooks, strict=True):
                    try:
                        job.result()
                    except BaseException:
                        for other in jobs:
                            other.cancel()
                        _keep_failed(folder / notebook.name, out, name)
                        raise
                    bar.set_postfix_str(notebook.stem)
                    bar.update()
        shown = {str(folder / "figures"): "figures", str(folder): ".", str(corpus): name, str(paths.ROOT): "."}
        shown |= {path: Path(path).name for path in files.values()}
        manifest = make_manifest(parameters, corpus, name)
        kept = paths.RUNS / name if out == paths.FIGURES else out
        _move(folder, out, kept / "notebooks", notebooks, shown)
    write_manifest(out, manifest)
    return Ran(asked, (asked if kept == out else kept) / "notebooks", [notebook.stem for notebook in notebooks])


@contextmanager
def _progress(quiet: bool) -> Iterator[tqdm]:  # noqa: FBT001
    # None: tqdm itself is silent where the error stream is no terminal.
    with tqdm(unit="notebook", desc="notebooks", disable=True if quiet else None, leave=False) as bar:
        yield bar


def measure_corpus(corpus: Path, options: Options | None = None, *, quiet: bool = False) -> Path:
    """Measure a corpus if need be, showing progress on a terminal; return the folder of what was measured."""
    with tqdm(unit="utterance", desc="measuring", disable=True if quiet else None, leave=False) as bar:

        def advance(rows: int, done: int) -> None:
            bar.total = rows
            bar.update(done - bar.n)

        return measured_files(corpus, options, advance).measures.parent


@contextmanager
def _kernel_environment(folder: Path, told: dict[str, str]) -> Iterator[None]:
    """Make kernels start from this environment, with no start-up files, history or settings of the user's."""
    mine = {
        "JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **told,
    }
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


def _execute(notebook: Path, folder: Path, given: dict[str, Any]) -> None:
    try:
        papermill.execute_notebook(
            _literal(notebook),
            _literal(folder / notebook.name),
            parameters=given,
            kernel_name=_KERNEL,
            cwd=str(notebook.parent),
            progress_bar=False,
            log_output=False,
            execution_timeout=_TIMEOUT,
            # The kernel would warn on every start that loopback is not encrypted.
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
    except PapermillExecutionError as error:
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


def _keep_failed(notebook: Path, out: Path, name: str) -> None:
    if notebook.exists():
        place = (paths.RUNS / name if out == paths.FIGURES else out) / "failed"
        place.mkdir(parents=True, exist_ok=True)
        shutil.move(notebook, place / notebook.name)


def _move(folder: Path, out: Path, kept: Path, notebooks: list[Path], shown: dict[str, str]) -> None:
    """Replace the figures of the notebooks that ran, and keep the executed notebooks without traces of the run."""
    made = sorted((folder / "figures").glob("*")) if (folder / "figures").is_dir() else []
    out.mkdir(parents=True, exist_ok=True)
    kept.mkdir(parents=True, exist_ok=True)
    numbers = {notebook.stem[:2] for notebook in notebooks}
    names = {path.name for path in made}
    for path in made:
        os.replace(path, out / path.name)
    for old in out.iterdir():
        if FIGURE.fullmatch(old.name) and old.name[:2] in numbers and old.name not in names:
            old.unlink()
    for notebook in notebooks:
        book = nbformat.read(folder / notebook.name, as_version=4)
        strip_run(book, shown)
        nbformat.write(book, folder / notebook.name)
        os.replace(folder / notebook.name, kept / notebook.name)
    shutil.rmtree(kept.parent / "failed", ignore_errors=True)


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
