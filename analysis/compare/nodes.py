"""A node, a term or concept, in the talk of every group: what stands near it, and the lines it stands in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analysis.compare.clusters import effective_clusters
from analysis.compare.collocations import (
    CooccurrenceCounts,
    contrast_collocates,
    count_near,
    describe_collocates,
)
from analysis.compare.concordance import LINE_COLUMNS, QUOTABLE, concordance
from analysis.compare.dataset import Dataset
from analysis.compare.groups import Group, lawful_pairs, name_pair
from analysis.digits import rounded
from analysis.errors import InputError, ParameterError
from analysis.measure import chinese, english
from analysis.measure.chunks import split
from analysis.measure.concepts import LANGUAGES, Codebook, read_codebook
from analysis.measure.ragged import Ragged

#: What marks a word that has the name of a concept as the word.
WORD = "word:"
_LINES = ("node", "group", "label", "language", *LINE_COLUMNS, "places", "not_quoted")


def node_patterns(node: str, known: Collection[str] = ()) -> dict[str, Codebook]:
    """Return what a node is searched by, in each language.

    Parameters
    ----------
    node : str
        The name of a concept of the codebook; or patterns as the codebook writes them (``real people``, ``stage*``,
        ``north korea|朝鲜``), which ``word:`` before them keeps from being read as a concept.
    known : collection of str
        Tokens of the corpus: what stands among them is one word there, by the user's own dictionary perhaps, and is
        not cut.

    Raises
    ------
    ParameterError
        If it holds no word.

    """
    concepts = {row["concept"]: row for row in read_codebook()}
    patterns = node.removeprefix(WORD).strip()
    row = {"concept": node, **dict.fromkeys(LANGUAGES, patterns)}
    if node in concepts:
        row = concepts[node]
    parts = sorted({chinese.simplify(part.strip(" !*")) for part in row["zh"].split("|")} & set(known))
    own = tuple(part for part, cut in zip(parts, chinese.tokenize(parts).lists(), strict=True) if len(cut) > 1)
    tokenizers = {"en": _english, "zh": lambda texts: chinese.tokenize(texts, own)}
    try:
        if patterns.strip("|!* "):
            return {language: Codebook([row], language, tokenizers[language]) for language in LANGUAGES}
    except InputError:
        pass
    message = f"node '{node}' holds no word (accepted: a concept, or words with | between them: {', '.join(concepts)})"
    raise ParameterError(message)


def _english(texts: Sequence[str]) -> Ragged:
    return english.tokenize(split(list(texts)))


def _readable_groups(study: Dataset) -> list[tuple[Group, Ragged]]:
    return [(group, Ragged.of(study.tokens(group.rows))) for group in study.groups if group.language in LANGUAGES]


def _known(groups: list[tuple[Group, Ragged]]) -> set[str]:
    return {token for group, tokens in groups if group.language == "zh" for token in tokens.vocabulary}


def collocates(study: Dataset) -> pd.DataFrame:
    """Return what stands near each node, for every pair of groups of one language, and for a group that is alone.

    Returns
    -------
    pandas.DataFrame
        ``node, language, a, b`` (``b`` missing for a group alone), then the columns of
        `analysis.compare.collocations.contrast_collocates`, and what the sides rest on: ``label_a, vantage_a,
        times_a`` (the node's occurrences), ``holding_a`` (utterances with it), ``utterances_a, node_clusters_a`` and
        the same of b. Where nothing stands near a node often enough there is one row without a ``collocate``.

    """
    options, groups = study.parameters, _readable_groups(study)
    known, whole, tables = _known(groups), [group for group, _ in groups], []
    sets: list[tuple[Group, ...]] = list(lawful_pairs(whole))
    sets += [(one,) for one in whole if sum(one.language == other.language for other in whole) == 1]
    for name in options.node:
        books = node_patterns(name, known)
        near = {
            (group.name, group.language): count_near(
                tokens, group.rows["cluster_id"], books[group.language].find(tokens), options.window
            )
            for group, tokens in groups
        }
        for chosen in sets:
            counts = [near[group.name, group.language] for group in chosen]
            if len(counts) > 1:
                table = contrast_collocates(*counts, options.min_count, draws=options.draws, rng=study.rng())
            else:
                table = describe_collocates(counts[0], options.min_count)
                table = table.rename(columns={column: f"{column}_a" for column in table if column != "collocate"})
            about = name_pair(*chosen) if len(chosen) > 1 else _name_one(*chosen)
            names = {"node": name.removeprefix(WORD), **{key: about.pop(key) for key in ("language", "a", "b")}}
            for side, group, count in zip("ab", chosen, counts, strict=False):
                about |= {f"{key}_{side}": value for key, value in _rests_on(count, group).items()}
            table = table if len(table) else table.reindex([0])
            more = {**about, "window": options.window, "min_count": options.min_count}
            tables.append(pd.DataFrame(names, table.index).join(table).assign(**more))
    return (
        rounded(pd.concat(tables, ignore_index=True))
        if tables
        else pd.DataFrame(columns=["node", "language", "a", "b"])
    )


def _name_one(group: Group) -> dict[str, str | None]:
    names = {"language": group.language, "a": group.name, "b": None}
    return names | {"label_a": group.label, "vantage_a": group.vantage}


def _rests_on(count: CooccurrenceCounts, group: Group) -> dict[str, float]:
    clusters = int((count.node > 0).sum())
    sizes = {"times": int(count.node.sum()), "holding": count.utterances, "utterances": len(group.rows)}
    return sizes | {"node_clusters": clusters, "node_effective": effective_clusters(count.node)}


def concordance_lines(study: Dataset) -> pd.DataFrame:
    """Draw lines that show each node in the words around it, by group; none with the parameter ``lines`` at 0.

    Only verbatim (and constructed) utterances are quoted, without handles.

    Returns
    -------
    pandas.DataFrame
        ``node, group, label, language``, then `analysis.compare.concordance.LINE_COLUMNS`, and how many ``places``
        may be quoted in the group and how many may not (``not_quoted``).

    """
    options, groups, rows = study.parameters, _readable_groups(study), []
    if options.lines:
        known = _known(groups)
        texts = {(group.name, group.language): study.with_text(group.rows) for group, _ in groups}
        for number, name in enumerate(options.node):
            books = node_patterns(name, known)
            for place, (group, tokens) in enumerate(groups):
                hits = books[group.language].find(tokens)
                rng = np.random.default_rng([options.seed, number, place])
                found = concordance(texts[group.name, group.language], tokens, hits, rng, options.lines)
                may = int(group.rows["evidence"].isin(QUOTABLE).to_numpy()[hits.text].sum())
                about = {"node": name.removeprefix(WORD), "group": group.name, "label": group.label}
                about |= {"language": group.language, "places": may, "not_quoted": len(hits.text) - may}
                rows.append(found.assign(**about))
    return pd.concat(rows, ignore_index=True)[list(_LINES)] if rows else pd.DataFrame(columns=_LINES)
