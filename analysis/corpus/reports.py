"""What an import did, in numbers and in the lines that are printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.corpus import store, told
from analysis.errors import argument, first_few, plural

#: Of reasons and files so many are named.
SHOWN = 10


class FileReport(NamedTuple):
    """Rows read = imported + rejected + duplicates.

    Attributes
    ----------
    threadless : int
        How many are clusters of their own.
    format : str
        What the file was read as.
    unlike : str
        The vantage that it was said to be of, where most rows are in other letters than that writes.
    reasons : tuple of str
        Why rows were rejected.
    noted : tuple of Note
        What of the others could not be read, or was not.

    """

    file: str
    read: int
    imported: int
    rejected: int
    duplicates: int
    threadless: int
    format: str = ""
    unlike: str = ""
    reasons: tuple[str, ...] = ()
    noted: tuple[told.Note, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say beside the counts, as it is printed."""
        return tuple(map(str, self.noted))

    def __str__(self) -> str:
        """Return the report as lines to print."""
        line = (
            f"{self.file}: {self.format}{': ' if self.format else ''}{plural(self.read, 'row')} read = "
            f"{self.imported:,} imported + {self.rejected:,} rejected + {plural(self.duplicates, 'duplicate')}"
        )
        if self.reasons:
            line += f"; rejected: {', '.join(first_few(self.reasons, SHOWN))}"
        return line


class Imported(NamedTuple):
    """What an import did.

    Attributes
    ----------
    reports : list of FileReport
        One a file.
    skipped : list of str
        Files of no known format.
    replaced : dict of str to int
        How many names were replaced by pseudonyms, and how many addresses and numbers were masked.
    text_duplicates : tuple of int
        Of the whole corpus: texts that stand in it several times, and the utterances that they are.
    idle : list of int
        Rules of ``sources.yaml`` that match no row, counted from 1.
    notes : list of str
        What the user should know of the key.
    without_vantage, without_origin, without_platform : int
        Rows that came in of which nobody said who speaks; of vloggers, where they come from; of all, where they stood.

    """

    reports: list[FileReport]
    skipped: list[str]
    replaced: dict[str, int]
    text_duplicates: tuple[int, int] = (0, 0)
    idle: Sequence[int] = ()
    notes: Sequence[str] = ()
    without_vantage: int = 0
    without_origin: int = 0
    without_platform: int = 0

    def lines(self, into: Path | str) -> list[str]:
        """Return what there is to say, in the order of the files."""
        own, alike = told.summed([report.noted for report in self.reports])
        each = zip(self.reports, own, strict=True)
        out = [line for report, notes in each for line in (str(report), *(f"  {note}" for note in notes))]
        if len(self.reports) > 1:
            counts = ((each.read, each.imported, each.rejected, each.duplicates) for each in self.reports)
            out += [str(FileReport("together", *map(sum, zip(*counts, strict=True)), 0)), *(f"  {n}" for n in alike)]
        if any(report.rejected for report in self.reports):
            out.append(f"rejected rows and their reasons: {Path(into) / store.REJECTED}")
        if self.skipped:
            more = len(self.skipped) - SHOWN
            out.append(f"skipped: {'; '.join(self.skipped[:SHOWN])}" + (f" and {more:,} more" if more > 0 else ""))
        if self.idle:
            out.append(told.idle(self.idle))
        if self.replaced:
            out.append(
                "replaced by pseudonyms or masked: " + ", ".join(plural(n, name) for name, n in self.replaced.items())
            )
        texts, utterances = self.text_duplicates
        if texts:
            found = f"{plural(texts, 'text')} in {plural(utterances, 'utterance')}"
            out.append(f"duplicate texts in the whole corpus, marked and kept: {found}")
        if any(report.imported for report in self.reports):
            out.append(f"to run the study on it: vantage run --corpus {argument(Path(into))}")
        return [*out, *self.notes, *self._last(f"vantage retag {argument(Path(into))} --collection NAME")]

    def _last(self, retag: str) -> list[str]:
        """Return what matters most, which stands at the end; ``retag`` is the command that mends it."""
        imported = sum(report.imported for report in self.reports)
        out = [] if imported else ["nothing was imported: every row is in the corpus already, or was rejected"]
        out += told.unlike([(each.file, each.unlike) for each in self.reports if each.unlike], retag)
        out += told.unsaid(self.without_vantage, self.without_origin, self.without_platform, retag)
        return [
            *out,
            *told.without_threads([(min(each.threadless, each.imported), each.imported) for each in self.reports]),
        ]
