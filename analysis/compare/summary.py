"""The study on one page: who speaks, how warmly, of what, in which words; an empty cell says what would fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.across import Levels, View, centred_contrast
from analysis.compare.claim_rules import SOURCE
from analysis.compare.claims import claim_verdicts
from analysis.compare.clusters import effective_clusters
from analysis.compare.concepts import prevalence
from analysis.compare.concordance import readable
from analysis.compare.contested import TONE, choose_basis, contested, level_row, make_cells
from analysis.compare.dataset import Dataset
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, Group, group_order, join_names, main_languages
from analysis.compare.keyness import keyness, leading, settings
from analysis.compare.tone import language_levels
from analysis.compare.vocabulary import count_terms
from analysis.corpus.schema import VANTAGES, VLOGGER
from analysis.digits import rounded, settled
from analysis.errors import plural
from analysis.measure.background import background_shares
from analysis.measure.concepts import LANGUAGES
from analysis.measure.pairs import glosses

#: So many utterances with a vantage, mostly told in other words than the speaker's, are for reading.
FOR_READING = 100
MOST_CONCEPTS = MOST_WORDS = 8
#: Quotations of a cell, and characters of one.
MOST_QUOTED, _QUOTED = 2, 90
#: Where the distributions end, in standard deviations of the reference; what lies beyond is in the last bin.
REACH = 2.0
_BINS = 32
_NAMES = dict(zip(VANTAGES, ("western commenters", "Chinese viewers", "vloggers"), strict=True))
_RETOLD = ("translated", "paraphrase")
_COLUMNS = (
    *("part", "column", "vantage", "origin", "language", "name", "text", "gloss", "estimate", "ci_low", "ci_high"),
    *("unit", "n_a", "clusters_a", "g_a", "threads", "hits", "tone", "bin_low", "bin_high", "share", "rank"),
    *("evidence", "dates", "verdict", "note"),
)


def summary(study: Dataset) -> pd.DataFrame:
    """Return the table of the overview: what the study's other tables say of each vantage, one beside the other.

    Groups are always the vantages; vloggers are two or three where western and Chinese ones are there. A corpus for
    reading (under :data:`FOR_READING` utterances, most of them translated or paraphrased) has quotations in the place
    of shares and words, unless the parameter ``lines`` is 0.

    Returns
    -------
    pandas.DataFrame
        ``part`` is

        - ``title``: one row, ``name`` the collections, ``n_a`` the utterances;
        - ``who``: one a ``column``: utterances (``n_a``), ``threads``, clusters, ``text`` the languages, ``dates``;
        - ``axis``: what tone is measured from (``name``), ``text`` the reference collections or what is missing,
          ``estimate`` what the same comparison leaves on aligned text (Chinese minus English);
        - ``tone``: mean by ``column`` and ``language`` in sd of the reference, and ``bin``: its distribution;
        - ``concept``: the share (``estimate``) of the utterances that mention ``name``, ``tone`` of the words around it
          (missing with too few), or ``quotation``: its ``text``;
        - ``word``: ``name`` with its ``gloss``, ``estimate`` the log ratio against ``text``;
        - ``claim``: ``name`` its id, ``text`` the claim, ``verdict`` and ``note`` why, ``estimate`` (in ``unit``).

        A cell that has nothing has one row whose ``note`` says what would fill it.

    """
    own = replace(study, measures=add_columns(study.measures))
    said = own.measures[own.measures["vantage"].notna()]
    names = column_names(said["group"])
    groups = [group for group in own.groups if group.language in LANGUAGES]
    levels = language_levels(own, own.own_words, (TONE,))
    reading = _for_reading(own, said)
    concepts = _concepts(own, said, quoted=reading)
    rows: list[dict[str, Any]] = [{"part": "title", "name": join_names(said["collection"]), "n_a": len(said)}]
    rows += [_who(name, said[said["group"] == name]) for name in names]
    rows += _tone(own, names, groups, levels)
    if reading:
        rows += _quotations(own, names, said, concepts)
    else:
        rows += _shares(own, names, groups, levels, concepts)
        rows += _words(own, names, groups)
    rows += _claims(study)
    table = pd.DataFrame(rows).reindex(columns=list(_COLUMNS))
    vantages = {name: name.split(",")[0] for name in names}
    table["vantage"] = table["column"].map(vantages)
    table["origin"] = [name.partition(", ")[2] if isinstance(name, str) else None for name in table["column"]]
    for name in ("n_a", "clusters_a", "threads", "hits", "rank"):
        table[name] = table[name].astype("Int64")
    return rounded(table)


def add_columns(measures: pd.DataFrame) -> pd.DataFrame:
    """Make the groups those of the overview: vantages, of which the vloggers are parted where both sides are there."""
    group = measures["vantage"].astype(object).where(measures["vantage"].notna(), REFERENCE)
    vlogger = group == VLOGGER
    origins = measures["origin"].astype(object).where(measures["origin"].notna(), "other")
    if {"western", "chinese"} <= set(origins[vlogger]):
        group = group.where(~vlogger, "vlogger, " + origins)
    return measures.assign(group=group)


def column_names(groups: pd.Series) -> list[str]:
    """Return the columns in order: each vantage, in the corpus or not.

    Examples
    --------
    >>> column_names(pd.Series(["vlogger, western", "vlogger, chinese"]))
    ['western_commenter', 'chinese_viewer', 'vlogger, western', 'vlogger, chinese']

    """
    there = set(groups)
    order = {"western": 0, "chinese": 1}
    out = []
    for vantage in VANTAGES:
        mine = [name for name in there if name.split(",")[0] == vantage]
        out += sorted(mine, key=lambda name: (order.get(name.partition(", ")[2], 2), name)) or [vantage]
    return out


def called(column: str) -> str:
    """Return what a sentence calls a column.

    Examples
    --------
    >>> called("vlogger, chinese"), called("western_commenter"), called("Rason, 2025")
    ('Chinese vloggers', 'western commenters', 'Rason, 2025')

    """
    vantage, _, origin = column.partition(", ")
    if vantage not in _NAMES:  # somebody's own name, commas and all
        return column
    before = {"": "", "chinese": "Chinese ", "other": "other "}.get(origin, f"{origin} ")
    return before + _NAMES[vantage]


def _for_reading(study: Dataset, said: pd.DataFrame) -> bool:
    retold = settled(said["evidence"].isin(_RETOLD).mean()) if len(said) else 0
    return bool(0 < len(said) < FOR_READING and retold >= 0.5 and study.parameters.lines)  # noqa: PLR2004


def _who(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    if rows.empty:
        return {"part": "who", "column": name, "n_a": 0, "note": f"no {called(name)} in the corpus"}
    sizes = rows["cluster_id"].value_counts()
    spoken = rows["language"].value_counts()
    main = [code for code in LANGUAGE_NAMES if code in main_languages(rows["language"])]
    told = ", ".join(f"{LANGUAGE_NAMES[code]} {spoken[code]:,}" for code in main)
    if more := len(rows) - int(spoken[main].sum()):
        told += f", other {more:,}"
    counts = {"n_a": len(rows), "threads": rows["thread_id"].nunique(), "clusters_a": len(sizes)}
    counts["g_a"] = effective_clusters(sizes.to_numpy(dtype=float))
    return {"part": "who", "column": name, **counts, "text": told, "dates": _dates(rows["year"])}


def _dates(years: pd.Series) -> str:
    known = years.dropna().astype(int)
    if known.empty:
        return "no dates"
    span = "–".join(map(str, dict.fromkeys([known.min(), known.max()])))
    return span + (f", {len(years) - len(known):,} undated" if len(known) < len(years) else "")


def _absent(study: Dataset, name: str) -> str:
    """Say what would fill a cell of scored words."""
    rows = study.measures[study.measures["group"] == name]
    if rows.empty:
        return f"no {called(name)} in the corpus"
    if (rows["evidence"] == "paraphrase").all():
        return "paraphrases alone, which are never scored: needs their own words"
    spoken = rows["language"].value_counts()
    main = [code for code in LANGUAGE_NAMES if code in spoken.index]
    main = sorted(main, key=lambda code: -spoken[code])
    if main[0] not in LANGUAGES:
        return f"mostly {LANGUAGE_NAMES[main[0]]}, which no instrument here reads"
    return "no utterance with a scored word"


# Tone -----------------------------------------------------------------------------------------------------------------


def _tone(study: Dataset, names: list[str], groups: list[Group], levels: Levels) -> Iterator[dict[str, Any]]:
    scored = [group for group in groups if group.vantage != REFERENCE and group.rows[TONE].notna().any()]
    basis = choose_basis(scored, levels)
    yield _axis(study, scored, levels)
    for name in names:
        mine = [group for group in scored if group.name == name]
        if not mine:
            yield {"part": "tone", "column": name, "note": _absent(study, name)}
        for group in mine:
            level = levels[basis, TONE, group.language]
            about = {"column": name, "language": group.language}
            yield {**level_row(TONE, group, level, study.parameters.weighting), "part": "tone", **about}
            scores = (group.rows[TONE].dropna() - level.mean) / level.spread
            edges = settled(np.linspace(-REACH, REACH, _BINS + 1))
            counts, _ = np.histogram(np.clip(settled(scores), -REACH, REACH), bins=edges)
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
                yield {"part": "bin", **about, "bin_low": low, "bin_high": high, "share": count / counts.sum()}


def _axis(study: Dataset, scored: list[Group], levels: Levels) -> dict[str, Any]:
    """Say what tone is measured from, what is missing for better, and what aligned text leaves."""
    languages = sorted({group.language for group in scored})
    basis = choose_basis(scored, levels)
    if basis == "reference collection":
        named = [f"{join_names(levels[basis, TONE, code].rows['collection'])}" for code in languages]
        text, note = " and ".join(dict.fromkeys(named)), ""
    else:
        lacking = [LANGUAGE_NAMES[code] for code in languages if ("reference collection", TONE, code) not in levels]
        text = "ordinary " + " and ".join(LANGUAGE_NAMES[code] for code in languages)
        note = f"no reference collection in {' or '.join(lacking)}: one would show how warm such talk is anyway"
    weighting = study.parameters.weighting
    if weighting != "utterance":
        weighed = f"means and shares are weighted by {weighting}, and effective clusters may be fewer than above"
        note = "; ".join(filter(None, (note, weighed)))
    out = {"part": "axis", "name": basis, "text": text, "note": note}
    if languages == ["en", "zh"]:
        known = {key: level._replace(rows=None) for key, level in levels.items()}
        lines = {
            code: Group(f"aligned {code}", code, REFERENCE, "aligned lines", rows)
            for code, rows in study.aligned.groupby("language")
        }
        out["estimate"] = centred_contrast(lines["zh"], lines["en"], View(basis, TONE, (TONE, TONE)), known)["estimate"]
    return out


# Concepts -------------------------------------------------------------------------------------------------------------


def _concepts(study: Dataset, said: pd.DataFrame, *, quoted: bool) -> list[str]:
    """Return the concepts that are shown: those mentioned most, the columns weighing alike; for reading, by most."""
    found = study.mentioned[study.mentioned["vantage"].notna()]
    shares = found.groupby("group")[study.concepts].mean()
    score = settled((shares > 0).sum() + shares.mean()) if quoted else settled(shares.mean())
    order = pd.Series(score, index=study.concepts).sort_values(ascending=False, kind="stable")
    return list(order[order > 0].index[:MOST_CONCEPTS]) if len(said) else []


def _shares(
    study: Dataset, names: list[str], groups: list[Group], levels: Levels, concepts: list[str]
) -> Iterator[dict[str, Any]]:
    flagged = study.mentioned[study.mentioned["vantage"].notna()]
    if concepts:
        weighting = study.parameters.weighting
        table = prevalence(flagged, concepts, weighting).set_index(["measure", "a"])
        speakers = [group for group in groups if group.vantage != REFERENCE]
        cells = make_cells(speakers, study.mentions, concepts)
        tones = contested(cells, levels, choose_basis(speakers, levels), weighting)
    for rank, concept in enumerate(concepts, start=1):
        for name in names:
            cell: dict[str, Any] = {"part": "concept", "column": name, "name": concept, "rank": rank}
            if name not in set(flagged["group"]):
                yield cell | {"note": _absent(study, name)}
                continue
            row = table.loc[(concept, name)]
            keys = ["estimate", "ci_low", "ci_high", "n_a", "clusters_a", "g_a", "hits", "note"]
            around = tones[(tones["measure"] == concept) & (tones["a"] == name)]
            around = around.sort_values("scored", ascending=False, kind="stable").head(1)
            tone = around["estimate"].iloc[0] if len(around) else np.nan
            yield cell | row[keys].to_dict() | {"language": row["languages"], "tone": tone}


def _quotations(study: Dataset, names: list[str], said: pd.DataFrame, concepts: list[str]) -> Iterator[dict[str, Any]]:
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
                yield cell | {"note": f"not in their {of}" if len(rows) else _absent(study, name), "n_a": 0}


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


# Words and claims -----------------------------------------------------------------------------------------------------


def _words(study: Dataset, names: list[str], groups: list[Group]) -> Iterator[dict[str, Any]]:
    """Yield the words that set each column apart from the others of its language, or from the reference."""
    made: dict[tuple[tuple[str, ...], ...], pd.DataFrame] = {}
    for name in names:
        mine = [group for group in groups if group.name == name]
        if not mine:
            yield {"part": "word", "column": name, "note": _absent(study, name)}
        for group in mine:
            cell = {"part": "word", "column": name, "language": group.language}
            same = [other for other in groups if other.language == group.language and other.name != name]
            others = [other for other in same if other.vantage != REFERENCE] or same
            if not others:
                spoken = LANGUAGE_NAMES[group.language]
                needs = f"nothing else in {spoken} to set it against: needs a reference collection in {spoken}"
                yield cell | {"note": needs}
                continue
            sides = [group], others
            key = tuple((group.language, *(side.name for side in part)) for part in sides)
            if key[::-1] in made:  # two columns have one table
                table = made[key[::-1]].query("log_ratio < 0").assign(side="b")
            else:
                made[key] = _key_words(study, *sides)
                table = made[key].query("log_ratio > 0").assign(side="a")
            order = sorted(others, key=lambda other: group_order([o.name for o in others]).index(other.name))
            named = [called(other.name) if other.vantage != REFERENCE else "the reference" for other in order]
            against = " and ".join(named)
            if table.empty:
                yield cell | {"text": against, "note": f"no word sets them apart from {against}"}
            sign = 1 if (table["side"] == "a").all() else -1
            for row in table.to_dict("records"):
                low, high = sorted((sign * row["ci_low"], sign * row["ci_high"]))
                there, elsewhere = (row["n_a"], row["n_b"])[::sign]
                yield cell | {
                    "name": row["term"],
                    "gloss": glosses().get(row["term"], "") if group.language == "zh" else "",
                    "text": against,
                    "estimate": sign * row["log_ratio"],
                    "ci_low": low,
                    "ci_high": high,
                    "unit": "log ratio" if elsewhere else "only here",
                    "n_a": there,
                    "rank": row["rank"],
                    "note": row["note"],
                }


def _key_words(study: Dataset, a: Sequence[Group], b: Sequence[Group]) -> pd.DataFrame:
    rows = [pd.concat([group.rows for group in side]) for side in (a, b)]
    counts = [count_terms(study.tokens(part), part["cluster_id"]) for part in rows]
    background = background_shares(a[0].language)
    return leading(rounded(keyness(*counts, background, **settings(study, a[0].language))), MOST_WORDS)


def _claims(study: Dataset) -> Iterator[dict[str, Any]]:
    verdicts, _ = claim_verdicts(study)
    for row in verdicts.to_dict("records"):
        about = {"part": "claim", "name": row["id"], "text": row["claim"], "note": row["reason"]}
        if row["reason"] == SOURCE:
            about["note"] = "the claims were drawn from these very words: a corpus of other people's would test them"
        numbers = {"estimate": row["effect"], **{key: row[key] for key in ("ci_low", "ci_high", "unit")}}
        yield about | {"verdict": row["verdict"]} | numbers
