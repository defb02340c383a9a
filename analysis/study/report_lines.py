"""The lines that a report quotes: a few for every word and concept, each line once, by a fixed rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.concordance import QUOTABLE, readable, word_places
from analysis.compare.cooccurrence import counted
from analysis.compare.groups import Group
from analysis.compare.nodes import readable_groups
from analysis.measure.ragged import Ragged
from analysis.study.study import Study

#: Words of a line; a longer utterance is cut into several.
_WORDS = 40
#: A line is cut here, whatever its words.
_MOST_CHARACTERS = 400
#: Bytes of all lines together; they become a third of that in the page.
MOST_BYTES = 800_000


class Lines(NamedTuple):
    """Lines, and which of them hold what.

    Attributes
    ----------
    text, collection : list of str
        Of each line.
    group : list of int
        The number of its group among :attr:`groups`.
    groups : list of Group
    held : dict of (str, str) to list of int
        A language and a term, or ``""`` and a concept, to the numbers of its lines.
    words : dict of str to list of str
        Concept to the words that stand for it in its lines.
    constructed, said : bool
        Whether there are lines that nobody said, and lines that somebody did.

    """

    text: list[str]
    collection: list[str]
    group: list[int]
    groups: list[Group]
    held: dict[tuple[str, str], list[int]]
    words: dict[str, list[str]]
    constructed: bool
    said: bool


class _Side:
    """The lines of one group that could be quoted, and which of the wanted items each holds."""

    def __init__(
        self, study: Study, number: int, group: Group, tokens: Ragged, place: Mapping[tuple[str, str], int]
    ) -> None:
        self.group, self.tokens = group, tokens
        rows = study.with_text(group.rows[["utterance_id", "cluster_id", "collection", "evidence"]])
        self.texts, self.collections = (rows[name].to_numpy(dtype=object) for name in ("text", "collection"))
        self.flags = counted(tokens)
        rank = np.concatenate([[0], np.cumsum(self.flags)])
        self.first = rank[tokens.offsets]
        lengths = np.diff(self.first)
        parts = np.maximum(np.rint(lengths / _WORDS).astype(np.int64), 1)
        self.line_from = np.concatenate([[0], np.cumsum(parts)])
        # Somebody's own words, each text once, one line a cluster before any cluster has a second.
        may = rows["evidence"].isin(QUOTABLE).to_numpy() & ~rows["text"].duplicated().to_numpy()
        order = np.random.default_rng([study.parameters.seed, number]).permutation(len(rows))
        clusters = pd.Series(rows["cluster_id"].to_numpy(dtype=object)[order])
        order = order[np.argsort(clusters.groupby(clusters).cumcount().to_numpy(), kind="stable")]
        turn = np.empty(len(rows), dtype=np.int64)
        turn[order] = np.arange(len(rows))

        text = np.repeat(np.arange(len(rows)), tokens.lengths())
        wanted = np.array([place.get((group.language, word), -1) for word in tokens.vocabulary], dtype=np.int64)
        said = np.flatnonzero((wanted[tokens.codes] >= 0) & self.flags) if len(wanted) else np.array([], dtype=np.int64)
        owner = pd.Index(rows["utterance_id"]).get_indexer(study.mentions["utterance_id"])
        mentions = study.mentions.loc[owner >= 0, ["concept", "start", "end"]].assign(text=owner[owner >= 0])
        concepts = mentions["concept"].map(lambda name: place.get(("", name), -1)).to_numpy(dtype=np.int64)
        hit = tokens.offsets[mentions["text"].to_numpy(dtype=np.int64)] + mentions["start"].to_numpy(dtype=np.int64)
        items = np.concatenate([wanted[tokens.codes[said]], concepts]) if len(wanted) else concepts
        at = np.concatenate([said, hit])
        keep = (items >= 0) & may[text[at]]
        items, at = items[keep], at[keep]
        within = np.minimum((rank[at] - self.first[text[at]]) // _WORDS, parts[text[at]] - 1)
        line = self.line_from[text[at]] + within
        lines = int(self.line_from[-1])
        pairs = np.stack(np.divmod(np.unique(items * lines + line), max(lines, 1)))
        self.owner = np.repeat(np.arange(len(rows)), parts)
        self.items, self.lines = pairs[:, np.lexsort((pairs[1], turn[self.owner[pairs[1]]], pairs[0]))]
        self.item_from = np.searchsorted(self.items, np.arange(len(place) + 1))
        by_line = np.argsort(self.lines, kind="stable")
        self.by_line, self.held_from = self.items[by_line], np.searchsorted(self.lines[by_line], np.arange(lines + 1))
        self.mentions = mentions

    def held_by(self, line: int) -> np.ndarray:
        """Return the items that a line holds."""
        return self.by_line[self.held_from[line] : self.held_from[line + 1]]

    def text(self, line: int) -> tuple[str, int]:
        """Return a line as it is to be read, and the number of its utterance."""
        i = int(self.owner[line])
        shown = readable(self.texts[i])
        part, parts = line - int(self.line_from[i]), int(self.line_from[i + 1] - self.line_from[i])
        if parts > 1:
            span = slice(*self.tokens.offsets[i : i + 2].tolist())
            words = [self.tokens.vocabulary[code] for code in self.tokens.codes[span][self.flags[span]].tolist()]
            places = word_places(shown, words, self.group.language)
            begin = _begin(places, part * _WORDS) if part else 0
            if begin is None:
                return "", i
            end = _begin(places, (part + 1) * _WORDS) if part < parts - 1 else None
            shown = ("… " if part else "") + shown[begin:end].strip() + (" …" if end else "")
        return (shown if len(shown) <= _MOST_CHARACTERS else shown[: _MOST_CHARACTERS - 1] + "…"), i


def _begin(places: Sequence[tuple[int, int] | None], number: int) -> int | None:
    """Return where a word of a text begins, or the next one that was found in it."""
    return next((place[0] for place in places[number:] if place is not None), None)


def choose_lines(study: Study, terms: Mapping[str, Sequence[str]], concepts: Sequence[str]) -> Lines:
    """Choose the lines of a report; none with the parameter ``lines`` at 0.

    Concepts come first, then terms in the order given: every one gets its first line in each group before any gets a
    second, up to ``lines``, until all of them hold :data:`MOST_BYTES`. A line that holds several counts for each.

    Parameters
    ----------
    terms : mapping of str to sequence of str
        The terms of each language, the most telling first.

    """
    most = study.parameters.lines
    wanted = [("", concept) for concept in concepts]
    wanted += [(language, term) for language, mine in terms.items() for term in mine]
    place = {item: number for number, item in enumerate(wanted)}
    groups = readable_groups(study) if most else []
    sides = [_Side(study, number, group, tokens, place) for number, (group, tokens) in enumerate(groups)]
    chosen: list[dict[int, int]] = [{} for _ in sides]
    text, owner, group, collection, size = list[str](), list[int](), list[int](), list[str](), 0
    seen = set[tuple[int, str]]()
    counts = [np.zeros(len(wanted), dtype=np.int64) for _ in sides]
    ahead = [side.item_from[:-1].copy() for side in sides]
    open_items = [(number, item) for item in range(len(wanted)) for number in range(len(sides))]
    for round_ in range(1, most + 1):
        left = []
        for number, item in open_items:
            if size > MOST_BYTES:
                break
            side = sides[number]
            while counts[number][item] < round_ and ahead[number][item] < side.item_from[item + 1]:
                line = int(side.lines[ahead[number][item]])
                ahead[number][item] += 1
                if line in chosen[number]:
                    continue
                shown, i = side.text(line)
                if not shown or (number, shown) in seen:
                    continue
                seen.add((number, shown))
                chosen[number][line] = len(text)
                counts[number][side.held_by(line)] += 1
                text.append(shown)
                owner.append(i)
                group.append(number)
                collection.append(side.collections[i])
                size += len(shown.encode())
            if ahead[number][item] < side.item_from[item + 1]:
                left.append((number, item))
        open_items = left
    held: dict[tuple[str, str], list[int]] = {}
    for number, side in enumerate(sides):
        mine = np.array([chosen[number].get(line, -1) for line in side.lines.tolist()], dtype=np.int64)
        items, mine = side.items[mine >= 0], mine[mine >= 0]
        turn = np.arange(len(items)) - np.searchsorted(items, items)
        for item, line in zip(items[turn < most].tolist(), mine[turn < most].tolist(), strict=True):
            held.setdefault(wanted[item], []).append(line)
    made = [side.group.rows["evidence"] == "constructed" for side in sides]
    evidence = (any(rows.any() for rows in made), not all(rows.all() for rows in made))
    return Lines(text, collection, group, [side.group for side in sides], held, _words(sides, concepts), *evidence)


def _words(sides: Sequence[_Side], concepts: Sequence[str]) -> dict[str, list[str]]:
    """Return the words that stand for each concept, as tokens spell them."""
    out: dict[str, set[str]] = {concept: set() for concept in concepts}
    for side in sides:
        tokens, between = side.tokens, "" if side.group.language == "zh" else " "
        begin = tokens.offsets[side.mentions["text"].to_numpy(dtype=np.int64)]
        spans = zip(
            side.mentions["concept"],
            (begin + side.mentions["start"].to_numpy(dtype=np.int64)).tolist(),
            (begin + side.mentions["end"].to_numpy(dtype=np.int64)).tolist(),
            strict=True,
        )
        for concept, start, end in spans:
            if concept in out:
                out[concept].add(between.join(tokens.vocabulary[code] for code in tokens.codes[start:end].tolist()))
    return {concept: sorted(words) for concept, words in out.items()}
