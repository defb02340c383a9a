"""What a run's texts cite: the entries of ``data/references.bib``, and citations as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis import paths
from analysis.study.cells import CITED, keys

_ENTRY = re.compile(r"@\w+\{(\w+),")


def references(cited: Sequence[str]) -> str:
    """Return the entries that are cited.

    Raises
    ------
    KeyError
        If one is missing.

    """
    entries = _entries()
    return "\n\n".join(entries[key] for key in sorted(cited)) + "\n"


def _entries() -> dict[str, str]:
    text = (paths.DATA / "references.bib").read_text(encoding="utf-8")
    return {found[1]: entry for entry in text.strip().split("\n\n") if (found := _ENTRY.match(entry))}


def with_names(text: str) -> str:
    """Put names and years in the place of keys.

    Examples
    --------
    >>> with_names("so [@hutto2014; @dodds2011].")
    'so (Hutto and Gilbert 2014; Dodds et al. 2011).'
    >>> with_names("so [@rychly2008].")
    'so (Rychlý 2008).'

    """
    entries = _entries()

    def shown(found: re.Match[str]) -> str:
        return " (" + "; ".join(_label(entries[key]) for key in keys(found.group())) + ")"

    return CITED.sub(shown, text)


def _label(entry: str) -> str:
    who = re.search(r"author = \{(.*?)\}, \w+ = ", entry)
    year = re.search(r"year = \{(\d+)\}", entry)
    written = who[1].replace(r"{\'y}", "ý") if who else ""  # the one accent that the file has
    names = [name.split(",")[0].strip("{}") for name in written.split(" and ")] if who else []
    several = names[0] + " et al." if len(names) > 2 else " and ".join(names)  # noqa: PLR2004
    return f"{several} {year[1] if year else ''}".strip()
