"""What was said: the schema, the store, and the readers that fill it."""

from analysis.corpus.importer import ImportOptions, Sums, import_file
from analysis.corpus.quotations import import_quotations
from analysis.corpus.store import batches, read_corpus, read_info

__all__ = ["ImportOptions", "Sums", "batches", "import_file", "import_quotations", "read_corpus", "read_info"]
