"""The drift check: regenerate, and name every figure, row and value that is not what was committed."""

from __future__ import annotations

import csv
import platform
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analysis import disk, forking, paths
from analysis.parameters import parse_parameters
from analysis.study.manifest import FIGURE, file_hash, found_parameters, read_manifest
from analysis.study.parameters import find_notebooks
from analysis.study.runner import run_study

#: Elsewhere than on the reference platform: how far numbers, and pixels (mean over all, of 0 to 1), may be apart.
NUMBER_TOLERANCE = 1e-6
PIXEL_TOLERANCE = 0.02
_REFERENCE = ("linux", "x86_64", (3, 11))
_MOST_LINES = 20


def check_figures(against: Path, corpus: Path | None = None, *, quiet: bool = False) -> list[str]:
    """Regenerate the figures of a run's folder, each with its own parameters and corpus, and compare.

    Of ``figures/`` every notebook runs, of another folder those that left something in it.

    Parameters
    ----------
    against : Path
        A folder with a manifest, which names the corpus.
    corpus : Path, optional
        Where the corpus is; default: ``corpora/NAME``, here or in the project, or beside the folder of runs.
    quiet : bool
        Show no progress.

    Returns
    -------
    list of str
        One line a difference; empty if there is none.

    Raises
    ------
    InputError
        If the folder holds no manifest, or its corpus, or a file of the user's that the run read, is not at hand as
        it was.

    """
    disk.mend_pending(against)
    manifest = read_manifest(against)
    earlier = {stem: {**manifest, **differs} for stem, differs in manifest.get("earlier", {}).items()}
    numbers = {name[:2] for name in manifest["figures"]}
    every = against.resolve() == paths.FIGURES or not numbers
    rest = [book.stem for book in find_notebooks() if book.stem not in earlier and (every or book.stem[:2] in numbers)]
    runs = [([stem], found_parameters(each, against, corpus)) for stem, each in earlier.items()]
    if rest:
        runs.append((rest, found_parameters(manifest, against, corpus)))
    with tempfile.TemporaryDirectory(prefix="vantage-check-") as work, forking.source() as source:
        made = Path(work) / "figures"
        for stems, parameters in runs:
            run_study(parse_parameters({**parameters, "out": str(made)}), stems, quiet=quiet, source=source)
        return compare_folders(against, made, exact=on_reference_platform())


def on_reference_platform() -> bool:
    """Tell whether bytes are promised here: Linux on x86-64 with the Python that CI uses."""
    return (sys.platform, platform.machine(), sys.version_info[:2]) == _REFERENCE


def compare_folders(committed: Path, made: Path, *, exact: bool) -> list[str]:
    """Compare two folders of figures, the committed one first.

    Parameters
    ----------
    committed, made : Path
        Folders with manifests.
    exact : bool
        Compare bytes. Otherwise numbers and pixels have a tolerance, except in files that are not what the
        committed manifest says they were: those were changed by hand.

    """
    before, after = read_manifest(committed), read_manifest(made)
    out = _compare_manifests(before, after)
    names = {path.name for folder in (committed, made) for path in folder.iterdir() if FIGURE.fullmatch(path.name)}
    for name in sorted(names | set(before["figures"])):
        old, new = committed / name, made / name
        if not old.exists():
            out.append(f"{name}: not committed, but the study makes it")
        elif not new.exists():
            out.append(f"{name}: committed, but the study does not make it")
        else:
            recorded = before["figures"].get(name)
            changed = file_hash(old) != recorded
            found = _compare_files(name, old, new, exact=exact or changed)
            if changed and not found:
                found = [f"manifest.json: figures, {name}: committed {recorded}, now {file_hash(new)}"]
            out += found
    return out


def _compare_manifests(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Compare what the figures were made from; their own hashes are compared file by file."""
    out = []
    for key in sorted(set(before) | set(after)):
        if key == "figures" or before.get(key) == after.get(key):
            continue
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            parts = [part for part in sorted(set(old) | set(new)) if old.get(part) != new.get(part)]
            out += [f"manifest.json: {key}, {part}: committed {old.get(part)}, now {new.get(part)}" for part in parts]
        else:
            out.append(f"manifest.json: {key}: committed {old}, now {new}")
    return out


def _compare_files(name: str, old: Path, new: Path, *, exact: bool) -> list[str]:
    if file_hash(old) == file_hash(new):
        return []
    if old.suffix == ".csv":
        return compare_csv(name, old, new, exact=exact)
    if old.suffix == ".png":
        distance = _pixel_distance(old, new)
        if exact or distance > PIXEL_TOLERANCE:
            return [f"{name}: the picture differs (mean pixel distance {distance:.3g} of 1)"]
        return []
    # SVG and PDF hold glyph outlines, whose last digits differ between platforms; picture and numbers are compared.
    return [f"{name}: the drawing differs"] if exact else []


def _pixel_distance(old: Path, new: Path) -> float:
    try:
        # With or without a transparency that nobody sees it is the same picture.
        a, b = (np.asarray(Image.open(path).convert("RGBA"), dtype=float) / 255 for path in (old, new))
    except (OSError, SyntaxError, ValueError):
        return 1.0
    return float(np.abs(a - b).mean()) if a.shape == b.shape else 1.0


def compare_csv(name: str, old: Path, new: Path, *, exact: bool) -> list[str]:
    """Compare two tables cell by cell: as text first, then as numbers unless ``exact``."""
    rows = []
    for path in (old, new):
        with path.open(encoding="utf-8", newline="") as file:
            rows.append(list(csv.reader(file)))
    header = rows[1][0] if rows[1] else []
    out = []
    for number, (before, after) in enumerate(zip_longest(*rows)):
        if before is None or after is None:
            out.append(f"{name}, row {number}: committed {before or 'no row'}, now {after or 'no row'}")
            continue
        for place, (a, b) in enumerate(zip_longest(before, after)):
            if a != b and (exact or not _close(a, b)):
                column = header[place] if place < len(header) else f"{place + 1}"
                out.append(f"{name}, row {number}, column {column}: committed {a!r}, now {b!r}")
    if not out and exact:
        out.append(f"{name}: the same cells, written otherwise (quotes or row ends)")
    more = len(out) - _MOST_LINES
    return out if more <= 0 else [*out[:_MOST_LINES], f"{name}: and {more} more"]


def _close(a: str | None, b: str | None) -> bool:
    try:
        return abs(float(a or "") - float(b or "")) <= NUMBER_TOLERANCE
    except ValueError:
        return False
