"""The tutorial runs, from the export folder that it brings along to a figure, and says what it did."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
import papermill
import pytest

from analysis import paths
from analysis.corpus import read_corpus
from analysis.parameters import Parameters
from analysis.study.parameters import declared_parameters, find_notebooks

TUTORIAL = paths.NOTEBOOKS / "tutorial.ipynb"
EXPORTS = paths.DATA / "example"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the tutorial as papermill does; the folder holds ``book.ipynb``, ``corpus`` and ``out``."""
    folder = tmp_path_factory.mktemp("tutorial")
    papermill.execute_notebook(
        str(TUTORIAL),
        str(folder / "book.ipynb"),
        parameters={"corpus": str(folder / "corpus"), "out": str(folder / "out")},
        kernel_name="python3",
        cwd=str(paths.NOTEBOOKS),
        progress_bar=False,
    )
    return folder


def shown(folder: Path) -> str:
    """Return all that the executed notebook shows as text."""
    cells = nbformat.read(folder / "book.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    return "\n".join(output.get("data", {}).get("text/plain", output.get("text", "")) for output in outputs)


def test_every_row_of_the_exports_is_accounted_for(ran: Path) -> None:
    text = shown(ran)
    assert "48 rows read = 48 imported + 0 rejected + 0 duplicates" in text
    assert "25 rows read = 24 imported + 0 rejected + 1 duplicate" in text
    assert "24 rows read = 24 imported + 0 rejected + 0 duplicates" in text
    corpus = read_corpus(ran / "corpus")
    assert len(corpus) == 96
    assert corpus.groupby("vantage")["cluster_id"].nunique().to_dict() == {
        "chinese_viewer": 12,
        "western_commenter": 12,
    }


def test_nobody_said_it_and_every_row_says_so(ran: Path) -> None:
    assert set(read_corpus(ran / "corpus")["evidence"]) == {"constructed"}


def test_the_figure_and_its_numbers_are_there(ran: Path) -> None:
    for suffix, begins in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        assert (ran / "out" / f"tutorial-concepts{suffix}").read_bytes().startswith(begins)
    drawn = pd.read_csv(ran / "out" / "tutorial-concepts.csv")
    assert set(drawn["a"]) == {"western_commenter", "chinese_viewer"}
    assert drawn["hits"].sum() > 50
    # Twelve videos a side: every share has its interval.
    assert drawn[["ci_low", "ci_high"]].notna().all(axis=None)


def test_the_exports_are_small() -> None:
    files = [path for path in EXPORTS.rglob("*") if path.is_file()]
    assert 3 <= len(files) <= 8
    assert sum(path.stat().st_size for path in files) < 60_000


def test_a_run_of_the_study_does_not_run_it() -> None:
    assert TUTORIAL not in find_notebooks()
    assert set(declared_parameters(TUTORIAL)) <= set(Parameters.model_fields)
