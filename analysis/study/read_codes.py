"""Codes come back: read, judged, and kept beside their corpus, where none is overwritten unless it is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import disk
from analysis.corpus.codes import (
    FOLDER,
    ORIGINAL,
    TABLES,
    TRANSLATION,
    item_code,
    put,
    read_coding,
)
from analysis.corpus.coding_scheme import Variable, scheme_of
from analysis.errors import InputError, plural
from analysis.study.coded_cells import alike_too
from analysis.study.coded_files import open_coded
from analysis.study.coded_rows import Code, Item, Judged, judge
from analysis.study.sheet import corpus_of, texts_of

_KEY = ["utterance_id", "variant", "coder", "variable"]


class Taken(NamedTuple):
    """What became of files of codes.

    Attributes
    ----------
    said : list of str
        Lines for people to read; the counts of each file add up.
    refused : bool
        Whether something was not taken that whoever coded it can mend.

    """

    said: list[str]
    refused: bool


def known_items(corpus: Path) -> dict[str, Item]:
    """Return all that was to be coded, by its code: of the sample the originals, and what was translated."""
    sample = read_coding(corpus, "sample")
    texts = texts_of(corpus, sample["utterance_id"])
    translated = dict(read_coding(corpus, "translations").itertuples(index=False, name=None))
    out = {}
    for uid, both in zip(sample["utterance_id"], sample["translation"], strict=True):
        out[item_code(uid, ORIGINAL)] = Item(uid, ORIGINAL, texts.get(uid))
        if both == "yes":
            out[item_code(uid, TRANSLATION)] = Item(uid, TRANSLATION, translated.get(uid))
    return out


def take_codes(
    files: Sequence[Path], corpus: str, today: str, *, coder: str | None = None, replace: bool = False
) -> Taken:
    """Read codes into a corpus.

    Parameters
    ----------
    files : sequence of Path
        See :func:`analysis.study.coded_files.open_coded`.
    corpus : str
        A corpus folder from which a sheet was drawn.
    today : str
        The date of codes that have none, ``2026-05-01``.
    coder : str, optional
        Who coded; default: what the files say.
    replace : bool
        Take a code that differs from what the same coder said of the same before; that is kept in ``replaced.csv``.

    Raises
    ------
    InputError, ParameterError
        If there is no sample, or a file cannot be read at all; nothing is changed then.

    """
    folder = corpus_of(corpus)
    with disk.changing(folder) as work:
        items = known_items(folder)
        if not items:
            raise InputError("has no sample, so that there is nothing to code", file=folder, accepted=["vantage sheet"])
        scheme = scheme_of(read_coding(folder, "scheme"))
        judged = {path: judge(open_coded(path, scheme), items, scheme, coder, today) for path in dict.fromkeys(files)}
        merged = _Merged(folder, replace=replace)
        said = [line for path, one in judged.items() for line in merged.add(path, one)]
        merged.put(folder, work, today)
        gone = {item.utterance_id for item in items.values() if item.text is None and item.variant == ORIGINAL}
        said += merged.lines(folder, gone, scheme)
    problems = [line for one in judged.values() for line in one.problems] + merged.problems
    notes = [line for one in judged.values() for line in one.notes]
    return Taken([*problems, *notes, *said], bool(problems))


class _Merged:
    """Codes that there are, with those that come in."""

    def __init__(self, folder: Path, *, replace: bool) -> None:
        self._before = read_coding(folder, "codes")
        self._replaced = read_coding(folder, "replaced")
        self._replace = replace
        self._place = {key: at for at, key in enumerate(self._before[_KEY].itertuples(index=False, name=None))}
        self._values: list[str] = self._before["value"].tolist()
        self._new: dict[tuple[str, ...], Code] = {}
        self._changed: dict[tuple[str, ...], Code] = {}
        #: Who coded, as first written: capitals make no other person.
        self._coders: dict[str, str] = {}
        for name in self._before["coder"]:
            self._coders.setdefault(name.casefold(), name)
        self.problems: list[str] = []

    def add(self, path: Path, judged: Judged) -> list[str]:
        """Take in the codes of a file; return its counts."""
        counts = dict.fromkeys(("new", "unchanged", "replaced", "refused"), 0)
        values = defaultdict(dict)
        given, blank = (
            [one._replace(coder=self._coders.setdefault(one.coder.casefold(), one.coder)) for one in some]
            for some in (judged.codes, judged.left_blank)
        )
        for code in given:
            values[code.key].setdefault(code.value, code)
        erased = [one for one in blank if one.key not in values and self._known(one.key) is not None]
        for code in given:
            counts[self._take(code, list(values[code.key].values()))] += 1
        counts["refused"] += judged.refused_cells
        coded = judged.rows - judged.blank - judged.refused_rows
        implied = f' ({judged.implied:,} "no" because the concepts were read)' if judged.implied else ""
        rows = f"{coded:,} with codes + {judged.blank:,} without + {judged.refused_rows:,} refused"
        codes = " + ".join(f"{number:,} {name}" for name, number in counts.items())
        known = dict.fromkeys((one.coder, code.coder) for one, code in zip(judged.codes, given, strict=True))
        return [
            *(f"{path}: '{name}' counts as {first}, who coded before" for name, first in known if name != first),
            *([self._kept(erased)] if erased else []),
            f"{path}: {plural(judged.rows, 'row')} = {rows}",
            f"{path}: {plural(sum(counts.values()), 'code')}{implied} = {codes}",
        ]

    def _take(self, code: Code, said: Sequence[Code]) -> str:
        """Return what becomes of a code, beside all that its file says of the same."""
        if len(said) > 1:
            if code is said[1]:
                first = said[0]
                self.problems.append(
                    f"{code.place}: {code.coder} says '{code.value}' here and '{first.value}' in {first.place}, of the "
                    f"same item and {code.variable}; neither is taken (accepted: one of them)"
                )
            return "refused"
        known = self._known(code.key)
        if known is None:
            self._new[code.key] = code
            return "new"
        if known == code.value:
            return "unchanged"
        earlier = self._earlier(code.key)
        if not self._replace or earlier:
            at = self._place.get(code.key)
            where = earlier.place if earlier else f"{self._before['sheet'][at]}, {self._before['date'][at]}"
            self.problems.append(
                f"{code.place}: {code.coder} says '{code.value}' of {code.variable}, and said '{known}' before "
                f"({where}); that stays (accepted: --replace, or --coder NAME if somebody else coded)"
            )
            return "refused"
        self._changed[code.key] = code
        return "replaced"

    def _earlier(self, key: tuple[str, ...]) -> Code | None:
        """Return what another of these files says."""
        return self._new.get(key) or self._changed.get(key)

    def _known(self, key: tuple[str, ...]) -> str | None:
        """Return what the same coder said of the same before, in these files or earlier ones."""
        if earlier := self._earlier(key):
            return earlier.value
        return self._values[self._place[key]] if key in self._place else None

    def _kept(self, erased: Sequence[Code]) -> str:
        first, *others = erased
        said = f"{first.coder} said '{self._known(first.key)}' before"
        return (
            f"{first.place}: {first.variable} of this item is blank, and {said}; a blank takes no code back, and that "
            f"stays (accepted: another value){alike_too(len(others), 'cell')}"
        )

    def put(self, folder: Path, work: Path, today: str) -> None:
        """Write the codes, if any is new or another."""
        if not self._new and not self._changed:
            return
        codes, old = self._before.copy(), []
        for key, code in self._changed.items():
            at = self._place[key]
            old.append((*codes.loc[at], code.value, today))
            codes.loc[at, ["value", "date", "sheet"]] = [code.value, code.date, _sheet(code)]
        new = [(*code.key, code.value, code.date, _sheet(code)) for code in self._new.values()]
        tables = {"codes": pd.concat([codes, pd.DataFrame(new, columns=list(TABLES["codes"]))], ignore_index=True)}
        if old:
            more = pd.DataFrame(old, columns=list(TABLES["replaced"]))
            tables["replaced"] = pd.concat([self._replaced, more], ignore_index=True)
        put(folder, work, tables)

    def lines(self, folder: Path, gone: set[str], scheme: Sequence[Variable]) -> list[str]:
        """Return what there is now."""
        codes = read_coding(folder, "codes")
        sample = read_coding(folder, "sample")
        done = codes.loc[codes["variant"] == ORIGINAL, "utterance_id"].nunique()
        coders = codes["coder"].nunique()
        counted = f"{plural(len(codes), 'code')} by {plural(coders, 'coder')}, in {plural(len(scheme), 'variable')}"
        out = [f"{folder / FOLDER / 'codes.csv'}: {counted}, of {done:,} of {plural(len(sample), 'item')}"]
        lost = codes[codes["utterance_id"].isin(gone)]
        if len(lost):
            number = plural(lost["utterance_id"].nunique(), "utterance")
            out.append(f"{plural(len(lost), 'code')} of {number} no longer in the corpus are kept, and count no more")
        return out


def _sheet(code: Code) -> str:
    """Return the name of a code's file, without the folders that it lay in."""
    path, _, cell = code.place.rpartition(", ")
    return Path(path).name or cell
