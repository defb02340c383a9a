"""The drift check names every figure, row and value that is not what was committed, and nothing else."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from analysis import paths
from analysis.cli import main
from analysis.errors import InputError
from analysis.forking import Source
from analysis.parameters import Parameters, parse_parameters
from analysis.study import check
from analysis.study.check import NUMBER_TOLERANCE, compare_folders
from analysis.study.manifest import FIGURE, MANIFEST, file_hash, manifest_text, read_manifest
from analysis.study.parameters import find_notebooks
from analysis.study.runner import Ran

CSVS = sorted(path.name for path in paths.FIGURES.glob("*.csv"))
CELLS = 25
both_modes = pytest.mark.parametrize("exact", [True, False], ids=["exact", "tolerant"])


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """Return a copy of the committed figures."""
    return shutil.copytree(paths.FIGURES, tmp_path / "committed")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a second copy, for what a study made."""
    return shutil.copytree(paths.FIGURES, tmp_path / "made")


def read(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    """Write a CSV file as figures are written."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def number(cell: str) -> float | None:
    """Return a cell as a number, if it is one."""
    try:
        return float(cell)
    except ValueError:
        return None


def edits(cell: str) -> list[str]:
    """Return what somebody might make of a cell: other words, other numbers, a digit in the eighth place."""
    value = number(cell)
    if value is None:
        return [cell + "x", cell[:-1] + "ß"] if cell else ["0", "x"]
    return [f"{value + 1:.8g}", f"{value * (1 + 2e-7) + 1e-12:.17g}", "", "none"]


def sample(path: Path, seed: int) -> list[tuple[int, int, str]]:
    """Draw cells of a CSV file, header included, and what each is changed to."""
    rng = np.random.default_rng(seed)
    rows = read(path)
    cells = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    chosen = [cells[k] for k in rng.permutation(len(cells))[:CELLS]]
    return [(i, j, new) for i, j in chosen for new in edits(rows[i][j]) if new != rows[i][j]]


# Nothing changed ------------------------------------------------------------------------------------------------------


@both_modes
def test_equal_folders_do_not_differ(committed: Path, made: Path, *, exact: bool) -> None:
    assert compare_folders(committed, made, exact=exact) == []
    assert CSVS


@both_modes
def test_line_ends_of_a_checkout_are_no_difference(committed: Path, made: Path, *, exact: bool) -> None:
    for path in [*committed.glob("*.csv"), *committed.glob("*.svg"), committed / MANIFEST]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert compare_folders(committed, made, exact=exact) == []


# A cell changed -------------------------------------------------------------------------------------------------------


def folders_of(tmp_path: Path, name: str) -> tuple[Path, Path]:
    """Return two folders, each with one table of the committed figures and a manifest of it."""
    committed, made = tmp_path / "committed", tmp_path / "made"
    for folder in (committed, made):
        folder.mkdir()
        shutil.copy(paths.FIGURES / name, folder / name)
        manifest = {"parameters": {}, "corpus": {"name": "quotations"}, "figures": {name: file_hash(folder / name)}}
        (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")
    return committed, made


@pytest.mark.parametrize("name", CSVS)
def test_any_cell_edited_by_hand_is_named_with_figure_row_and_both_values(tmp_path: Path, name: str) -> None:
    committed, made = folders_of(tmp_path, name)
    rows = read(made / name)
    for i, j, new in sample(made / name, seed=1):
        edited = [list(row) for row in rows]
        edited[i][j] = new
        write(committed / name, edited)
        # The column is called what the made file calls it.
        line = f"{name}, row {i}, column {rows[0][j]}: committed {new!r}, now {rows[i][j]!r}"
        for exact in (True, False):
            assert compare_folders(committed, made, exact=exact) == [line]


@pytest.mark.parametrize("name", CSVS)
def test_any_cell_that_the_study_makes_otherwise_is_named_beyond_the_tolerance(tmp_path: Path, name: str) -> None:
    committed, made = folders_of(tmp_path, name)
    rows = read(committed / name)
    for i, j, new in sample(committed / name, seed=2):
        edited = [list(row) for row in rows]
        edited[i][j] = new
        write(made / name, edited)
        line = f"{name}, row {i}, column {edited[0][j]}: committed {rows[i][j]!r}, now {new!r}"
        assert compare_folders(committed, made, exact=True) == [line]
        before, after = number(rows[i][j]), number(new)
        close = before is not None and after is not None and abs(before - after) <= NUMBER_TOLERANCE
        assert compare_folders(committed, made, exact=False) == ([] if close else [line])


@both_modes
@pytest.mark.parametrize("change", ["added", "removed"])
def test_a_row_too_many_or_too_few_is_named(committed: Path, made: Path, change: str, *, exact: bool) -> None:
    rows = read(committed / CSVS[0])
    other = [*rows, rows[-1]] if change == "added" else rows[:-1]
    write(made / CSVS[0], other)
    (line,) = compare_folders(committed, made, exact=exact)
    assert line.startswith(f"{CSVS[0]}, row {len(rows) - (change == 'removed')}: committed ")
    assert "no row" in line


@both_modes
def test_the_same_cells_written_otherwise_are_a_change_of_the_committed_file(
    committed: Path, made: Path, *, exact: bool
) -> None:
    with (committed / CSVS[0]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(read(made / CSVS[0]))
    assert compare_folders(committed, made, exact=exact) == [
        f"{CSVS[0]}: the same cells, written otherwise (quotes or row ends)"
    ]


def test_many_differences_are_counted_and_the_first_ones_named(committed: Path, made: Path) -> None:
    rows = read(committed / CSVS[0])
    write(made / CSVS[0], [rows[0], *([cell + "x" for cell in row] for row in rows[1:])])
    lines = compare_folders(committed, made, exact=True)
    assert len(lines) == 21
    assert lines[-1] == f"{CSVS[0]}: and {(len(rows) - 1) * len(rows[0]) - 20} more"


# Pictures, files, manifests -------------------------------------------------------------------------------------------


@both_modes
@pytest.mark.parametrize("ending", ["png", "svg", "csv"])
def test_a_figure_that_is_gone_or_new_is_named(committed: Path, made: Path, ending: str, *, exact: bool) -> None:
    (committed / f"01-grid.{ending}").unlink()
    assert compare_folders(committed, made, exact=exact) == [f"01-grid.{ending}: not committed, but the study makes it"]
    assert compare_folders(made, committed, exact=exact) == [
        f"01-grid.{ending}: committed, but the study does not make it"
    ]


def repaint(path: Path, shift: float) -> None:
    """Make every pixel of a picture darker."""
    picture = matplotlib.image.imread(path)
    matplotlib.image.imsave(path, np.clip(picture - shift, 0, 1))


@both_modes
def test_a_picture_edited_by_hand_is_named(committed: Path, made: Path, *, exact: bool) -> None:
    repaint(committed / "01-grid.png", 0.004)
    (line,) = compare_folders(committed, made, exact=exact)
    assert re.fullmatch(r"01-grid\.png: the picture differs \(mean pixel distance 0\.00\d+ of 1\)", line)


@pytest.mark.parametrize(("shift", "tolerated"), [(0.008, True), (0.1, False)])
def test_a_picture_may_differ_a_little_elsewhere_than_on_the_reference_platform(
    committed: Path, made: Path, shift: float, *, tolerated: bool
) -> None:
    repaint(made / "01-grid.png", shift)
    assert len(compare_folders(committed, made, exact=True)) == 1
    assert (compare_folders(committed, made, exact=False) == []) == tolerated


def test_a_picture_of_another_size_or_none_is_as_far_as_can_be(committed: Path, made: Path) -> None:
    matplotlib.image.imsave(made / "01-grid.png", np.ones((5, 5, 4)))
    (made / "04-prevalence.png").write_bytes(b"no picture")
    assert compare_folders(committed, made, exact=False) == [
        f"{name}.png: the picture differs (mean pixel distance 1 of 1)" for name in ("01-grid", "04-prevalence")
    ]


def test_a_drawing_is_compared_on_the_reference_platform_or_when_edited_by_hand(committed: Path, made: Path) -> None:
    drawing = made / "01-grid.svg"
    drawing.write_text(drawing.read_text(encoding="utf-8").replace("<g ", "<g  ", 1), encoding="utf-8")
    assert compare_folders(committed, made, exact=True) == ["01-grid.svg: the drawing differs"]
    assert compare_folders(committed, made, exact=False) == []
    assert compare_folders(made, committed, exact=False) == ["01-grid.svg: the drawing differs"]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda it: it["data"].update({"concepts.csv": "0"}), "manifest.json: data, concepts.csv: committed 0, now "),
        (lambda it: it["parameters"].pop("compare"), "manifest.json: parameters, compare: committed None, now vantage"),
        (lambda it: it.update(lock="0"), "manifest.json: lock: committed 0, now "),
        (
            lambda it: it["figures"].update({"01-grid.csv": "0"}),
            "manifest.json: figures, 01-grid.csv: committed 0, now ",
        ),
    ],
)
@both_modes
def test_a_manifest_that_says_something_else_is_named(
    committed: Path, made: Path, edit: Callable[[dict[str, dict[str, str]]], None], line: str, *, exact: bool
) -> None:
    manifest = json.loads((committed / MANIFEST).read_text(encoding="utf-8"))
    edit(manifest)
    (committed / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (found,) = compare_folders(committed, made, exact=exact)
    assert found.startswith(line)


def test_a_manifest_lists_every_figure_with_its_hash_and_nothing_of_the_run() -> None:
    manifest = read_manifest(paths.FIGURES)
    names = {path.name for path in paths.FIGURES.iterdir() if path.name != MANIFEST}
    assert set(manifest["figures"]) == names
    assert all(FIGURE.fullmatch(name) for name in names)
    assert {name: file_hash(paths.FIGURES / name) for name in names} == manifest["figures"]
    stems = {name.removesuffix(".png") for name in names if name.endswith(".png")}
    # What is read, not drawn, is a table alone: lines, findings, and what a sentence stands for.
    tables = names - {f"{stem}.{ending}" for stem in stems for ending in ("csv", "png", "svg")}
    assert {name for name in tables if not name.startswith(("03-concordance", "06-findings"))} == {
        "01-collected.csv",
        "02-across.csv",
        "03-collocations-en-freedom-western_commenter-vlogger.csv",
        "03-collocations-en-staged-western_commenter-vlogger.csv",
        "04-contested-contrasts.csv",
        "04-contested.csv",
        "04-timeline.csv",
        "05-agreement.csv",
        "05-choices.csv",
        "05-corrected.csv",
        "05-multiverse-tone_en-western_commenter-vlogger.csv",
        "06-claims.csv",
    }
    assert parse_parameters(manifest["parameters"]) == Parameters()
    text = (paths.FIGURES / MANIFEST).read_text(encoding="utf-8")
    assert not re.search(r'"[/~]|[A-Z]:\\|\d{4}-\d{2}-\d{2}|\d{2}:\d{2}', text)
    assert not {"time", "date", "host", "user", "python", "platform"} & set(manifest)


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"figures": {}, "parameters": {}, "corpus": []}'])
def test_a_folder_without_a_manifest_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="holds no manifest") as caught:
        compare_folders(tmp_path, paths.FIGURES, exact=True)
    assert str(caught.value).startswith(str(tmp_path))


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Parameters]:
    """Let the study make the committed figures again, at once; return the parameters that it was told."""
    seen: list[Parameters] = []

    def run(parameters: Parameters, only: list[str], *, quiet: bool, source: Source | None) -> Ran:
        assert source or sys.platform != "linux"
        assert only == [notebook.stem for notebook in find_notebooks()]
        seen.append(parameters)
        assert quiet
        shutil.copytree(paths.FIGURES, parameters.out)
        return Ran(Path(parameters.out), Path(parameters.out), [])

    monkeypatch.setattr(check, "run_study", run)
    return seen


def test_a_check_regenerates_with_the_manifests_parameters_elsewhere(
    capsys: pytest.CaptureFixture[str], told: list[Parameters], committed: Path
) -> None:
    manifest = json.loads((committed / MANIFEST).read_text(encoding="utf-8"))
    manifest["parameters"]["min_count"] = 4
    (committed / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert main(["check", "--quiet", "--against", str(committed)]) == 1
    assert capsys.readouterr().out == "manifest.json: parameters, min_count: committed 4, now 3\n"
    (parameters,) = told
    assert (parameters.corpus, parameters.min_count) == ("quotations", 4)
    assert not Path(parameters.out).exists()
    assert committed not in Path(parameters.out).parents


@both_modes
def test_a_check_exits_with_1_when_a_figure_was_edited_and_with_0_when_none_was(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    told: list[Parameters],
    committed: Path,
    *,
    exact: bool,
) -> None:
    monkeypatch.setattr(check, "on_reference_platform", lambda: exact)
    assert main(["check", "--quiet", "--against", str(committed)]) == 0
    assert capsys.readouterr().out == f"{committed}: regenerated, no difference\n"
    rows = read(committed / "04-prevalence.csv")
    was, rows[3][0] = rows[3][0], "somebody else"
    write(committed / "04-prevalence.csv", rows)
    assert main(["check", "--quiet", "--against", str(committed)]) == 1
    column = rows[0][0]
    assert capsys.readouterr().out == (
        f"04-prevalence.csv, row 3, column {column}: committed 'somebody else', now {was!r}\n"
    )
    assert len(told) == 2


@pytest.mark.parametrize(
    ("platform", "machine", "version", "promised"),
    [
        ("linux", "x86_64", (3, 11), True),
        ("linux", "aarch64", (3, 11), False),
        ("darwin", "x86_64", (3, 11), False),
        ("linux", "x86_64", (3, 12), False),
    ],
)
def test_bytes_are_promised_on_one_platform(
    monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, version: tuple[int, int], *, promised: bool
) -> None:
    monkeypatch.setattr(check.sys, "platform", platform)
    monkeypatch.setattr(check.sys, "version_info", (*version, 7, "final", 0))
    monkeypatch.setattr(check.platform, "machine", lambda: machine)
    assert check.on_reference_platform() == promised
