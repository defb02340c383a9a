"""Run the cells of all notebooks in this process, one notebook after the other: a run without its kernels."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import nbformat

from analysis import paths
from analysis.corpus.quotations import NAME, import_quotations
from analysis.study.parameters import find_notebooks
from analysis.study.study import QUOTATIONS_FOLDER


def run_cells(corpus: str, out: Path, only: Collection[str] = (), **parameters: object) -> None:
    """Execute the cells of all notebooks, or of some, with the parameters that each declares among those given."""
    os.chdir(paths.NOTEBOOKS)
    for path in find_notebooks(only):
        names: dict[str, object] = {}
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, path.name, "exec"), names)  # noqa: S102  the project's own notebooks
                if "parameters" in cell.metadata.get("tags", []):
                    told = {"corpus": corpus, "out": str(out), **parameters}
                    names |= {name: value for name, value in told.items() if name in names}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("out", type=Path)
    parser.add_argument("--draws", type=int, default=1999)
    parser.add_argument("--only", nargs="*", default=())
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if told.corpus == NAME:
            os.environ[QUOTATIONS_FOLDER] = str(Path(work) / NAME)
            import_quotations(Path(work) / NAME)
        run_cells(told.corpus, told.out.resolve(), told.only, draws=told.draws)


if __name__ == "__main__":
    main()
