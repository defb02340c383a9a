"""Two kernels serve all notebooks of a run, and no notebook sees anything of those before it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.errors import NotebookError
from analysis.study import runner
from analysis.study.runner import Kernels, _execute


def book(folder: Path, name: str, *cells: str) -> Path:
    """Write a notebook."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=kernel), path)
    return path


def run(folder: Path, *books: Path) -> list[list[tuple[int, str]]]:
    """Run notebooks, one after the other; return the numbers of their cells, and what they show."""
    with Kernels() as kernels:
        kernels.jobs += [kernels.pool.submit(_execute, path, folder, {}, kernels) for path in books]
        for job in kernels.jobs:
            job.result()
    cells = [nbformat.read(folder / path.name, as_version=4).cells for path in books]
    return [[(c.execution_count, "".join(o.data["text/plain"] for o in c.outputs)) for c in each] for each in cells]


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let one kernel serve all."""
    monkeypatch.setattr(runner, "_AT_ONCE", 1)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path


def test_a_notebook_sees_nothing_of_the_one_before_in_its_kernel(one: Path) -> None:
    first = book(one, "01-first", "mine = 1; import os; os.getpid()", "display = None; mine + 1", "mine")
    second = book(one, "02-second", "import os; os.getpid()", "'mine' in globals(), len(Out), len(In)", "display('x')")
    (one_pid, *shown), (other_pid, *after) = run(one, first, second)
    assert one_pid == other_pid
    assert shown == [(2, "2"), (3, "1")]
    assert after == [(2, "(False, 1, 3)"), (3, "'x'")]
    assert not psutil.pid_exists(int(one_pid[1]))


def test_each_of_two_kernels_serves_who_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    told = run(tmp_path, *(book(tmp_path, f"{i}", "import os; os.getpid()") for i in range(5)))
    assert len({pid for [(_, pid)] in told}) == 2
    assert {number for [(number, _)] in told} == {1}


def test_an_error_names_its_notebook_though_the_kernel_served_others(one: Path) -> None:
    fine = [book(one, f"0{i}-fine", "1") for i in range(2)]
    with pytest.raises(NotebookError, match=r"^02-wrong, cell 1: ZeroDivisionError: division by zero$"):
        run(one, *fine, book(one, "02-wrong", "2", "1 / 0"))
    assert "ZeroDivisionError" in (one / "02-wrong.ipynb").read_text(encoding="utf-8")


def test_a_notebook_is_written_when_it_has_run_and_not_at_each_cell(one: Path) -> None:
    there = f"import os; os.path.exists({str(one / 'x.ipynb')!r})"
    assert run(one, book(one, "x", "'so' + 'far'", there)) == [[(1, "'sofar'"), (2, "False")]]
    assert "sofar" in (one / "x.ipynb").read_text(encoding="utf-8")
