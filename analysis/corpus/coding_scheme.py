"""By what people code: variables, the values of each, and what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import paths
from analysis.corpus.codes import TABLES
from analysis.corpus.readers.table import read_rows
from analysis.errors import InputError, ParameterError

DEFAULT = paths.DATA / "coding.csv"
#: Columns of a sheet that are no variables, and the one that says that blank means no.
OWN = ITEM, TEXT, CODER, NOTE, READ, TRANSLATION = ("item", "text", "coder", "note", "concepts read", "translation")
#: In Label Studio the concepts stand together, each to be ticked.
CONCEPTS = "concepts"
KINDS = ("ordinal", "nominal")
YES, NO = YES_NO = ("yes", "no")
_NAME = re.compile(r"[^\W\d_][\w -]{0,39}")
_NUMBER, _WORD = re.compile(r"0|-?[1-9][0-9]{0,2}"), re.compile(r"[^\W\d_][\w-]{0,39}")
#: What neither a workbook nor XML can hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MOST = 50
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")


def plain(value: object) -> str:
    r"""Return a cell as text, as it was meant: without blanks around it, full-width signs, a number's empty decimals.

    Examples
    --------
    >>> [plain(value) for value in (" Yes\u3000", "\uff0d\uff12", 2.0, "2,0", "\u22121", None, "'-1", "+1")]
    ['Yes', '-2', '2', '2', '-1', '', '-1', '1']

    """
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = unicodedata.normalize("NFKC", str(value)).translate(_DASHES)
    text = " ".join("".join(" " if c.isspace() else c for c in text if unicodedata.category(c) != "Cf").split())
    text = text[1:].strip() if text.startswith("'") else text
    if number := re.fullmatch(r"\+?(-?) ?(\d+)(?:[.,]0*)?", text):
        digits = number[2].lstrip("0")
        return number[1] + digits if digits else "0"
    return text


def folded(name: object) -> str:
    """Return a column's name without what hands change: capitals, blanks, underscores."""
    return plain(name).casefold().replace("_", " ")


def tag_of(name: str) -> str:
    """Return what a control of Label Studio is called.

    >>> tag_of("concepts read")
    'concepts_read'
    """
    return re.sub(r"\W+", "_", name)


def _told_apart(name: str) -> str:
    """Return what of a name comes back from every form of a sheet: neither capitals nor which of blank, _ and -."""
    return folded(tag_of(name))


class Variable(NamedTuple):
    """What is coded.

    Attributes
    ----------
    name : str
    kind : {"ordinal", "nominal"}
    values : tuple of str
        Those accepted; ``unclear`` may be among numbers.
    meaning : str

    """

    name: str
    kind: str
    values: tuple[str, ...]
    meaning: str

    @property
    def is_concept(self) -> bool:
        """Whether a blank means no, in a row whose concepts were all read."""
        return set(self.values) == set(YES_NO)


def read_scheme(path: Path) -> list[Variable]:
    """Read a scheme.

    Raises
    ------
    InputError
        If a column is missing, a name or a value is not one that a cell can hold everywhere, or one occurs twice.

    """
    out: list[Variable] = []
    for number, row in enumerate(read_rows(path, TABLES["scheme"]), start=1):
        cells = {name: " ".join(row[name].split()) for name in row}
        variable = Variable(cells["variable"], cells["kind"], tuple(cells["values"].split()), cells["meaning"])
        wrong = _wrong(variable, [one.name for one in out])
        if wrong is not None:
            column, problem, accepted = wrong
            raise InputError(problem, file=path, row=number, column=column, accepted=accepted)
        out.append(variable)
    if not out:
        raise InputError("has no variable", file=path, accepted=[f"rows of {', '.join(TABLES['scheme'])}"])
    return out


def _wrong(variable: Variable, before: Sequence[str]) -> tuple[str, str, list[str]] | None:
    name, kind, values, meaning = variable
    if not _NAME.fullmatch(name) or _told_apart(name) in map(_told_apart, (*OWN, CONCEPTS, *before)):
        letters = "letters, digits, blanks, _ and -, each name once (capitals, or blank for _ or -, make no other name)"
        accepted = [f"{letters}, none of {', '.join((*OWN, CONCEPTS))}"]
        return "variable", f"'{name}' cannot name a variable", accepted
    if kind not in KINDS:
        return "kind", f"'{kind}' is not known", list(KINDS)
    folded = [value.casefold() for value in values]
    if not 1 < len(values) <= _MOST or len(set(folded)) < len(values):
        return "values", "are not 2 to 50 different values", ["values separated by blanks"]
    numbers = [value for value in values if _NUMBER.fullmatch(value)]
    if strange := [value for value in values if value not in numbers and not _is_word(value)]:
        return (
            "values",
            f"'{strange[0]}' cannot be a value",
            ["whole numbers such as -1, 0, 12", "words of letters, digits, _ and -"],
        )
    if kind == KINDS[0] and len(numbers) < 2:  # noqa: PLR2004  an order of two
        return "values", "are no numbers, and ordinal ones have an order", ["-1 0 1 unclear", "kind nominal"]
    seen = ["letters and signs that can be seen"]
    return ("meaning", "holds a control character", seen) if _CONTROL.search(meaning) else None


def _is_word(value: str) -> bool:
    return _WORD.fullmatch(value) is not None and plain(value) == value


def with_concepts(
    scheme: Sequence[Variable], codebook: Sequence[dict[str, str]], chosen: Sequence[str]
) -> list[Variable]:
    """Add concepts of the codebook, each a variable of yes and no.

    Raises
    ------
    ParameterError
        If one is not in the codebook, or is a variable of the scheme.

    """
    known = {row["concept"]: row["definition"] for row in codebook}
    named = {_told_apart(variable.name) for variable in scheme}
    for name in chosen:
        if name not in known or _told_apart(name) in named:
            problem = "is a variable of the scheme" if _told_apart(name) in named else "is no concept of the codebook"
            message = f"--concepts: '{name}' {problem} (accepted: {', '.join(known)}, or none)"
            raise ParameterError(message)
    return [*scheme, *(Variable(name, "nominal", YES_NO, known[name]) for name in dict.fromkeys(chosen))]


def scheme_table(scheme: Sequence[Variable]) -> pd.DataFrame:
    """Return a scheme as a table of :data:`analysis.corpus.codes.TABLES`."""
    rows = [(one.name, one.kind, " ".join(one.values), one.meaning) for one in scheme]
    return pd.DataFrame(rows, columns=list(TABLES["scheme"]))


def scheme_of(table: pd.DataFrame) -> list[Variable]:
    """Return the scheme of a table of :func:`analysis.corpus.codes.read_coding`."""
    return [
        Variable(row.variable, row.kind, tuple(row.values_.split()), row.meaning)
        for row in table.rename(columns={"values": "values_"}).itertuples(index=False)
    ]
