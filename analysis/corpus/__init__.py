"""What was said: the schema, the store, and the readers that fill it."""

from analysis.corpus.importer import FileReport, Imported, import_file, import_files
from analysis.corpus.options import ImportOptions
from analysis.corpus.quotations import import_quotations
from analysis.corpus.store import batches, read_corpus, read_info

__all__ = [
    "FileReport",
    "ImportOptions",
    "Imported",
    "batches",
    "import_file",
    "import_files",
    "import_quotations",
    "read_corpus",
    "read_info",
]
