"""The seed corpus: what the three seed documents quote and report."""

from __future__ import annotations

from pathlib import Path

from analysis import paths
from analysis.corpus.importer import FileReport, import_file
from analysis.corpus.options import ImportOptions

#: The name by which the seed corpus is asked for.
NAME = "quotations"


def import_quotations(into: Path) -> FileReport:
    """Make a corpus of ``data/quotations.csv``; its public speakers keep their names."""
    options = ImportOptions(collection="Seed quotations", keep_speakers=True)
    return import_file(paths.DATA / "quotations.csv", into, options)
