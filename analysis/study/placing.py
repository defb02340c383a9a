"""Putting what a run made in its place: of what is there, only what a run made and nobody changed is replaced."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat

from analysis import disk, paths
from analysis.corpus.quotations import NAME
from analysis.disk import LOG
from analysis.errors import InputError, first_few
from analysis.study.manifest import MANIFEST, file_hash, join_manifests, manifest_text, read_manifest

REPORT = "report.html"
#: The folder of texts and tables for an article, and the list of what a run put there, with hashes.
PAPER, LIST = "paper", "files.json"
_SEAL = "vantage"
_REPORT_SEAL = re.compile(rb"<!-- vantage ([0-9a-f]{64}) -->\n")
_SHOWN = 5


def require_place(out: Path, kept: Path, notebooks: Sequence[Path]) -> dict[str, Any]:
    """Refuse a place where a run would have to replace what it did not make; return the manifest that is there.

    Parameters
    ----------
    out, kept : Path
        Where figures go, and executed notebooks.
    notebooks : sequence of Path
        The notebooks that are to run.

    Raises
    ------
    InputError
        If a figure or an executed notebook there is not as a run left it; nothing is touched.

    """
    if out.exists() and not out.is_dir():
        raise InputError("is a file, not a folder", file=out)
    before: dict[str, Any] = {"figures": {}}
    if (out / MANIFEST).exists():
        try:
            before = read_manifest(out)
        except InputError:
            raise InputError("is not of 'vantage run'; move it elsewhere", file=out / MANIFEST) from None
    numbers = {notebook.stem[:2] for notebook in notebooks}
    paper = kept.parent / PAPER
    figures = {name for name, known in before["figures"].items() if file_hash_of(out / name) not in {None, known}}
    changed = [out / name for name in sorted(figures) if name[:2] in numbers]
    changed += [
        kept / book.name for book in notebooks if (kept / book.name).exists() and not is_sealed(kept / book.name)
    ]
    changed += [kept.parent / REPORT] if not _is_free(kept.parent / REPORT) else []
    changed += [
        paper / name for name, known in _listed(paper).items() if file_hash_of(paper / name) not in {None, known}
    ]
    _refuse(changed, "changed since 'vantage run' made it, or somebody else's")
    return before


def notebooks_of(figures: Path) -> Path:
    """Return where the executed notebooks of a run are, by the folder of its figures; its report is beside them."""
    return (paths.RUNS / NAME if figures.resolve() == paths.FIGURES else figures) / "notebooks"


def require_report(figures: Path) -> None:
    """Refuse a place where a report would replace a file that is not one, or that somebody changed."""
    place = notebooks_of(figures).parent / REPORT
    if not _is_free(place):
        _refuse([place], "changed since 'vantage report' made it, or somebody else's")


def sealed_report(page: str) -> str:
    """Return a page with the hash of its bytes at its end: whoever changes it afterwards makes it his own."""
    return f"{page}<!-- vantage {hashlib.sha256(page.encode()).hexdigest()} -->\n"


def _is_free(place: Path) -> bool:
    """Tell whether a report may be written: nothing is there, or one as it was written."""
    if not place.exists():
        return True
    data = place.read_bytes() if place.is_file() else b""
    seal = _REPORT_SEAL.fullmatch(data[data.rfind(b"<!--") :])
    return seal is not None and hashlib.sha256(data[: data.rfind(b"<!--")]).hexdigest() == seal[1].decode()


def file_hash_of(path: Path) -> str | None:
    """Return the hash of a file; None where there is none."""
    return file_hash(path) if path.is_file() else None


def _refuse(paths: Sequence[Path], why: str) -> None:
    if paths:
        more = f" and {len(paths) - 1:,} more ({_list([path.name for path in paths[1:]])})" if len(paths) > 1 else ""
        raise InputError(f"{why}{more}; nothing is replaced: move it elsewhere, or give another --out", file=paths[0])


def _list(names: Sequence[str]) -> str:
    return ", ".join(first_few(names, _SHOWN))


def put_in_place(folder: Path, out: Path, kept: Path, notebooks: Sequence[Path], manifest: dict[str, Any]) -> None:
    """Put figures, executed notebooks and manifest in place, all of them, and remove the figures that they replace.

    Parameters
    ----------
    folder : Path
        The run's temporary folder, with the executed notebooks, sealed, and ``figures/``.
    out, kept, notebooks
        See :func:`require_place`.
    manifest : dict
        Of :func:`analysis.study.manifest.make_manifest`.

    Raises
    ------
    InputError
        As :func:`require_place`, and if a file that is not of a run has the name of a new figure.

    """
    with disk.locked(out):
        disk.mend(out)
        before = require_place(out, kept, notebooks)
        made = sorted((folder / "figures").glob("*"))
        new = {path.name: file_hash(path) for path in made}
        paper, listed = kept.parent / PAPER, _listed(kept.parent / PAPER)
        written = {path.name: file_hash(path) for path in sorted((folder / PAPER).glob("*"))}
        strange = [out / name for name in new if (out / name).exists() and name not in before["figures"]]
        strange += [paper / name for name in written if (paper / name).exists() and name not in listed]
        _refuse(strange, "is not of 'vantage run', which would write a file of that name")
        numbers = {notebook.stem[:2] for notebook in notebooks}
        old = {name: known for name, known in before["figures"].items() if Path(name).name == name}
        left = {name: known for name, known in old.items() if name[:2] not in numbers and (out / name).is_file()}
        gone = [out / name for name in old if name not in {*left, *new} and file_hash_of(out / name) == old[name]]
        failed = [kept.parent / "failed" / notebook.name for notebook in notebooks]
        moves = {f"figures/{path.name}": out / path.name for path in made}
        gone += [paper / name for name in listed if name not in written and (paper / name).is_file()]
        if written or listed:
            (folder / PAPER).mkdir(exist_ok=True)
            (folder / PAPER / LIST).write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8", newline="\n")
            moves |= {f"{PAPER}/{name}": paper / name for name in [*written, LIST]}
        moves |= {notebook.name: kept / notebook.name for notebook in notebooks}
        joined = join_manifests({**manifest, "figures": {**left, **new}}, before, [book.stem for book in notebooks])
        (folder / MANIFEST).write_text(manifest_text(joined), encoding="utf-8", newline="\n")
        disk.commit(folder, {**moves, MANIFEST: out / MANIFEST}, [*gone, *filter(is_sealed, failed)])
        with suppress(OSError):  # missing, or somebody keeps something there
            (kept.parent / "failed").rmdir()
        left_there = {"failed"} if all(map(is_sealed, (kept.parent / "failed").glob("*"))) else set()
        own = {MANIFEST, *joined["figures"], *((kept.name, PAPER, REPORT, *left_there) if kept.parent == out else ())}
        others = sorted(path.name for path in out.iterdir() if path.name not in own and not disk.is_ours(path))
        if others:
            LOG.warning("%s: not of 'vantage run', left alone: %s", out, _list(others))


def _listed(folder: Path) -> dict[str, str]:
    """Return the names and hashes of what a run put into a folder; none where no run did."""
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        return {name: known for name, known in listed.items() if Path(name).name == name}
    except (OSError, ValueError, AttributeError):
        return {}


def keep_failed(notebook: Path, place: Path) -> None:
    """Keep the copy of a notebook that failed, unless somebody else's file is in the way."""
    kept = place / notebook.name
    if not notebook.exists() or (kept.exists() and not is_sealed(kept)):
        return
    book = nbformat.read(notebook, as_version=4)
    seal(book)
    nbformat.write(book, notebook)
    place.mkdir(parents=True, exist_ok=True)
    shutil.move(notebook, kept)
    LOG.warning("%s: the notebook as far as it went", kept)


def seal(book: nbformat.NotebookNode) -> None:
    """Put into a notebook the hash of its cells and outputs: whoever changes it afterwards makes it his own."""
    book.metadata[_SEAL] = {"cells": _cells_hash(book)}


def is_sealed(path: Path) -> bool:
    """Tell whether a notebook is as a run left it."""
    try:
        book = nbformat.read(path, as_version=4)
        return book.metadata[_SEAL]["cells"] == _cells_hash(book)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError):
        return False


def _cells_hash(book: nbformat.NotebookNode) -> str:
    kept = [[cell.cell_type, cell.source, cell.get("outputs", [])] for cell in book.cells]
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
