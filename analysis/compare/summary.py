"""The study on one page: who speaks, how warmly, of what, in which words; an empty cell says what would fill it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.across import Levels, View, aligned_gap
from analysis.compare.claim_rules import SOURCE, comma_after
from analysis.compare.claims import claim_verdicts, read_claims
from analysis.compare.clusters import FEW_FOR_P, effective_clusters, name_clusters
from analysis.compare.concepts import prevalence
from analysis.compare.contested import TONE, choose_basis, contested, level_row, make_cells
from analysis.compare.dataset import Dataset
from analysis.compare.groups import (
    LANGUAGE_NAMES,
    REFERENCE,
    Group,
    any_of,
    called,
    cluster_noun,
    group_order,
    join_names,
    main_languages,
)
from analysis.compare.keyness import keyness, leading, settings
from analysis.compare.overview import left_out
from analysis.compare.quoted import quotations
from analysis.compare.tone import language_levels
from analysis.compare.vocabulary import count_terms
from analysis.corpus import store
from analysis.corpus.cells import platform_name
from analysis.corpus.sample import is_changed
from analysis.corpus.schema import VANTAGES, VLOGGER
from analysis.digits import rounded, settled
from analysis.measure.background import background_shares
from analysis.measure.concepts import LANGUAGES
from analysis.measure.lexicon import function_words
from analysis.measure.pairs import translation

#: So many utterances with a vantage, mostly told in other words than the speaker's, are for reading.
FOR_READING = 100
MOST_CONCEPTS = MOST_WORDS = 8
#: Where the distributions end, in standard deviations of the baseline; what lies beyond is in the last bin.
REACH = 2.0
_BINS = 32
#: Of fewer scored utterances each is a point: bins of a handful look like a distribution and are none.
FEW_POINTS = 30
#: What would fill an empty column.
_FILL = {VLOGGER: "captions or transcripts of {few} accounts"}
_COMMENTS = "comments under {few} videos or posts"
_RETOLD = ("translated", "paraphrase")
_COLUMNS = (
    *("part", "column", "vantage", "origin", "language", "name", "text", "gloss", "estimate", "ci_low", "ci_high"),
    *("unit", "n_a", "clusters_a", "g_a", "threads", "hits", "tone", "bin_low", "bin_high", "share", "rank"),
    *("evidence", "dates", "verdict", "judged", "note"),
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

        - ``title``: one row, ``name`` the collections, ``n_a`` the utterances, ``unit`` what their clusters are,
          ``hits`` how many nobody said, ``text`` what was left out, and ``note`` what it is a sample of;
        - ``who``: one a ``column``: utterances (``n_a``), ``threads``, clusters and what they are (``unit``), ``name``
          the platforms, ``text`` the languages, ``dates``;
        - ``apart``: ``text`` the columns with no ``name`` (platform, year) in common, ``note`` of which none is known;
        - ``axis``: what tone is measured from (``name``), ``text`` the reference collections or what is missing,
          ``estimate`` how far translations of the same lines are apart (Chinese minus English);
        - ``tone``: mean by ``column`` and ``language`` in sd of the baseline, ``hits`` the scored utterances of
          ``n_a``; and its distribution: ``bin``, or under :data:`FEW_POINTS` of them ``point`` (``estimate`` each);
        - ``concept``: the share (``estimate``) of the utterances that mention ``name``, ``tone`` of the words around it
          (missing with too few), or ``quotation``: its ``text``;
        - ``word``: ``name`` with its ``gloss``, ``estimate`` the log ratio against ``text``;
        - ``claim``: ``name`` its id, ``text`` the claim, ``verdict`` and ``note`` why, ``estimate`` (in ``unit``), and
          whom it is ``judged`` on where these are not the sides that it names.

        A cell that has nothing has one row whose ``note`` says what would fill it.

    """
    claims = list(_claims(study))  # first, while nothing else lies in memory
    own = replace(study, measures=add_columns(study.measures))
    said = own.measures.loc[own.measures["vantage"].notna(), own.unscored]
    names = column_names(said["group"])
    groups = [group for group in own.groups if group.language in LANGUAGES]
    levels = language_levels(own, own.own_words, (TONE,))
    reading = _for_reading(own, said)
    concepts = _concepts(own, said, quoted=reading)
    noun = any_of([cluster_noun(said)])
    about = {"name": join_names(said["collection"]), "n_a": len(said), "unit": noun}
    about["text"] = left_out(own)
    about["hits"] = int((said["evidence"] == "constructed").sum())
    info = store.read_info(study.corpus)
    if drawn := info.get(store.SAMPLE):
        number, of = drawn["clusters"]
        about["note"] = f"A random sample: {number:,} of {of:,} clusters of a larger corpus, each as a whole."
        if is_changed(info):
            about["note"] += " It was changed since, by imports or removals, and is not that sample any more."
    rows: list[dict[str, Any]] = [{"part": "title", **about}]
    rows += [_who(name, said[said["group"] == name]) for name in names]
    rows += _apart(said, names)
    rows += _tone(own, names, groups, levels)
    if reading:
        rows += quotations(own, names, said, concepts)
    else:
        rows += _shares(own, names, groups, levels, concepts)
        rows += _words(own, names, groups)
    rows += claims
    table = pd.DataFrame(rows).reindex(columns=list(_COLUMNS))
    table["note"] = [name_clusters(note, noun) if isinstance(note, str) else note for note in table["note"]]
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


def _for_reading(study: Dataset, said: pd.DataFrame) -> bool:
    retold = settled(said["evidence"].isin(_RETOLD).mean()) if len(said) else 0
    return bool(0 < len(said) < FOR_READING and retold >= 0.5 and study.parameters.lines)  # noqa: PLR2004


def _who(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    if rows.empty:
        filled = _FILL.get(name, _COMMENTS).format(few=int(FEW_FOR_P))
        return {"part": "who", "column": name, "n_a": 0, "note": f"none here; {filled} would fill it"}
    sizes = rows["cluster_id"].value_counts()
    spoken = rows["language"].value_counts()
    main = [code for code in LANGUAGE_NAMES if code in main_languages(rows["language"])]
    told = ", ".join(f"{LANGUAGE_NAMES[code]} {spoken[code]:,}" for code in main)
    if more := len(rows) - int(spoken[main].sum()):
        told += f", other {more:,}"
    counts = {"n_a": len(rows), "threads": rows["thread_id"].nunique(), "clusters_a": len(sizes)}
    counts["g_a"] = effective_clusters(sizes.to_numpy(dtype=float))
    platforms = join_names(rows["platform"].dropna().drop_duplicates().map(platform_name))
    if platforms and (lacking := int(rows["platform"].isna().sum())):
        platforms += f", {lacking:,} of unknown platform"
    counts |= {"unit": cluster_noun(rows), "name": platforms}
    return {"part": "who", "column": name, **counts, "text": told, "dates": _dates(rows["year"])}


def _apart(said: pd.DataFrame, names: list[str]) -> Iterator[dict[str, Any]]:
    """Say between which columns a difference may be that of platforms or of years: they have none in common."""
    there = [name for name in names if (said["group"] == name).any()]
    for what in ("platform", "year"):
        held = said[["group", what]].drop_duplicates()
        seen = {name: set(held.loc[held["group"] == name, what].dropna()) for name in there}
        pairs = {frozenset((a, b)) for a, b in combinations(there, 2) if seen[a] and seen[b] and not seen[a] & seen[b]}
        told = []
        for name in there:
            if others := _others(name, there, pairs):
                sides = [one for one in there if _others(one, there, pairs) == others]
                told.append(f"{' and '.join(map(called, sides))} with {' or '.join(map(called, others))}")
                pairs -= {frozenset(pair) for pair in product(sides, others)}
        unknown = [called(name) for name in there if not seen[name]]
        half_known = [name for name in there if seen[name] and held.loc[held["group"] == name, what].isna().any()]
        if told or (unknown and len(there) > 1):
            text = "; ".join(told) + (" (as far as it is known)" if told and half_known else "")
            yield {"part": "apart", "name": what, "text": text, "note": " or ".join(unknown)}


def _others(name: str, there: list[str], pairs: set[frozenset[str]]) -> list[str]:
    return [other for other in there if frozenset((name, other)) in pairs]


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
            scores = (group.rows[TONE].dropna() - level.mean) / level.spread
            row = level_row(TONE, group, level, study.parameters.weighting) | {"part": "tone", **about}
            spoken = (study.measures["group"] == name) & (study.measures["language"] == group.language)
            row |= {"hits": len(scores), "n_a": spoken.sum(), "share": len(scores) / spoken.sum()}
            yield row | {"note": row["note"].replace("clusters", group.units)}
            if len(scores) < FEW_POINTS:
                yield from ({"part": "point", **about, "estimate": score} for score in sorted(settled(scores)))
                continue
            edges = settled(np.linspace(-REACH, REACH, _BINS + 1))
            counts, _ = np.histogram(np.clip(settled(scores), -REACH, REACH), bins=edges)
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
                yield {"part": "bin", **about, "bin_low": low, "bin_high": high, "share": count / counts.sum()}


def _axis(study: Dataset, scored: list[Group], levels: Levels) -> dict[str, Any]:
    """Say what tone is measured from, what is missing for better, and how far translations of a line are apart."""
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
        weighed = (
            f"means and shares are weighted by {weighting}, and effective clusters may be fewer than above; of claims "
            "each utterance counts alike"
        )
        note = "; ".join(filter(None, (note, weighed)))
    out = {"part": "axis", "name": basis, "text": text, "note": note}
    if languages == ["en", "zh"]:
        out["estimate"] = aligned_gap(study.aligned, View(basis, TONE, (TONE, TONE)), levels)["estimate"]
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
    spoke = set(flagged["group"].unique())
    del flagged
    if concepts:
        speakers = [group for group in groups if group.vantage != REFERENCE]
        cells = make_cells(speakers, study.mentions, concepts)
        tones = contested(cells, levels, choose_basis(speakers, levels), weighting)
    for rank, concept in enumerate(concepts, start=1):
        for name in names:
            cell: dict[str, Any] = {"part": "concept", "column": name, "name": concept, "rank": rank}
            if name not in spoke:
                yield cell | {"note": _absent(study, name)}
                continue
            row = table.loc[(concept, name)]
            keys = ["estimate", "ci_low", "ci_high", "n_a", "clusters_a", "g_a", "hits", "note"]
            around = tones[(tones["measure"] == concept) & (tones["a"] == name)]
            around = around.sort_values("scored", ascending=False, kind="stable").head(1)
            tone = around["estimate"].iloc[0] if len(around) else np.nan
            yield cell | row[keys].to_dict() | {"language": row["languages"], "tone": tone}


# Words and claims -----------------------------------------------------------------------------------------------------


def _words(study: Dataset, names: list[str], groups: list[Group]) -> Iterator[dict[str, Any]]:
    """Yield the words that set each column apart from the others of its language, or from the reference collection."""
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
            named = [
                called(other.name) if other.vantage != REFERENCE else "the reference collection" for other in order
            ]
            against = " and ".join(named)
            if table.empty:
                yield cell | {"text": against, "note": f"no word sets them apart from {against}"}
            sign = 1 if (table["side"] == "a").all() else -1
            for row in table.to_dict("records"):
                low, high = sorted((sign * row["ci_low"], sign * row["ci_high"]))
                there, elsewhere = (row["n_a"], row["n_b"])[::sign]
                yield cell | {
                    "name": row["term"],
                    "gloss": translation(row["term"]) if group.language == "zh" else "",
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
    rows = [pd.concat([group.rows[["row", "cluster_id"]] for group in side]) for side in (a, b)]
    counts = [count_terms(study.tokens(part), part["cluster_id"]) for part in rows]
    background = background_shares(a[0].language)
    table = rounded(keyness(*counts, background, **settings(study, a[0].language)))
    return leading(table[~table["term"].isin(function_words(a[0].language))], MOST_WORDS)


def _claims(study: Dataset) -> Iterator[dict[str, Any]]:
    verdicts, _ = claim_verdicts(study)
    named = {claim.number: (claim.a.name, claim.b.name) for claim in read_claims()}
    for row in verdicts.to_dict("records"):
        about = {"part": "claim", "name": row["id"], "text": row["claim"], "note": row["reason"]}
        if (row["a"], row["b"]) != named[row["id"]] and row["collections_a"] and row["collections_b"]:
            about["judged"] = f"{row['a']}{comma_after(row['a'])} against {row['b']}"
        if row["reason"] == SOURCE:
            about["note"] = "the claims were drawn from these very words: a corpus of other people's would test them"
        numbers = {"estimate": row["effect"], **{key: row[key] for key in ("ci_low", "ci_high", "unit")}}
        yield about | {"verdict": row["verdict"]} | numbers
