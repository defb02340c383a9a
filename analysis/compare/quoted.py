"""Quotations of the overview: of a corpus for reading the words themselves, concept by vantage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.compare.concordance import readable
from analysis.compare.dataset import Dataset
from analysis.compare.groups import called
from analysis.errors import plural

#: Quotations of a cell, and characters of one.
MOST_QUOTED, _QUOTED = 2, 90


def quotations(study: Dataset, names: list[str], said: pd.DataFrame, concepts: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what each column says of each concept: what was not quoted yet first, verbatim before paraphrase."""
    texts = study.with_text(said)
    order = {"verbatim": 0, "translated": 1, "constructed": 2, "paraphrase": 3}
    used: set[str] = set()
    for rank, concept in enumerate(concepts, start=1):
        found = study.mentions[study.mentions["concept"] == concept].drop_duplicates("utterance_id")
        starts = found.set_index("utterance_id")["start"]
        for name in names:
            cell: dict[str, Any] = {"part": "quotation", "column": name, "name": concept, "rank": rank}
            rows = texts[texts["group"] == name]
            mine = rows[rows["utterance_id"].isin(starts.index)]
            tokens = study.tokens(mine).to_pylist()
            first = {u: words[starts[u]] for u, words in zip(mine["utterance_id"], tokens, strict=True)}
            place = [(u in used, order[e], u) for u, e in zip(mine["utterance_id"], mine["evidence"], strict=True)]
            mine = mine.iloc[sorted(range(len(mine)), key=place.__getitem__)]
            for row in mine.head(MOST_QUOTED).to_dict("records"):
                used.add(row["utterance_id"])
                text = _around(readable(row["text"]), first[row["utterance_id"]])
                yield cell | {"text": text, "evidence": row["evidence"], "n_a": len(mine)}
            if mine.empty:
                of = "only utterance" if len(rows) == 1 else plural(len(rows), "utterance")
                why = f"not in their {of}" if len(rows) else f"no {called(name)} in the corpus"
                yield cell | {"note": why, "n_a": 0}


def _around(text: str, word: str) -> str:
    """Cut a text to what fits a cell, from the beginning of the clause that holds the word.

    Examples
    --------
    >>> _around("I came by train. " + "It rained and rained. " * 4 + "Nobody follows me, and so on", "follows")
    '… Nobody follows me, and so on'

    """
    line = " ".join(text.split())
    if len(line) <= _QUOTED:
        return line
    place = max(line.lower().find(word.lower()), 0)
    start = max([0, *(match.end() for match in re.finditer(r"[.,;:!?–]\s", line[:place]))])
    start = start if place - start <= _QUOTED // 2 else line.rfind(" ", 0, place - _QUOTED // 3) + 1
    start = start if place > _QUOTED // 2 else 0
    line = ("… " if start else "") + line[start:]
    return line if len(line) <= _QUOTED else line[: line.rfind(" ", 0, _QUOTED)] + " …"
