"""What notebook 03 calls to read on: what stands near a term or concept, and the lines it stands in."""

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
from analysis.compare.groups import Group, lawful_pairs, main_groups
from analysis.errors import InputError, ParameterError
from analysis.measure import chinese, english
from analysis.measure.chunks import split
from analysis.measure.concepts import LANGUAGES, Codebook, Mentions, read_codebook
from analysis.measure.ragged import Ragged
from analysis.show import collocations as show_collocations
from analysis.show import concordance as show_concordance
from analysis.show import style
from analysis.study.session import Study, slug

#: What marks a word that has the name of a concept as the word.
WORD = "word:"


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


def _readable_groups(study: Study) -> list[tuple[Group, Ragged]]:
    groups = [group for group in main_groups(study.own_words) if group.language in LANGUAGES]
    return [(group, Ragged.of(study.tokens(group.rows))) for group in groups]


def _known(groups: list[tuple[Group, Ragged]]) -> set[str]:
    return {token for group, tokens in groups if group.language == "zh" for token in tokens.vocabulary}


def collocation_figures(
    study: Study, node: Sequence[str], window: int, min_count: int, draws: int = 1999, seed: int = 1
) -> list[style.Saved]:
    """Draw what stands near each node, for every pair of groups of one language, and for a group that is alone."""
    saved = []
    groups = _readable_groups(study)
    known = _known(groups)
    for name in node:
        books = node_patterns(name, known)
        cooccurrences = {
            (group.name, group.language): count_near(
                tokens, group.rows["cluster_id"], books[group.language].find(tokens), window
            )
            for group, tokens in groups
        }
        whole = [group for group, _ in groups]
        sets = [list(pair) for pair in lawful_pairs(whole)]
        sets += [[one] for one in whole if sum(one.language == other.language for other in whole) == 1]
        for chosen in sets:
            counts = [cooccurrences[group.name, group.language] for group in chosen]
            if len(counts) > 1:
                table = contrast_collocates(*counts, min_count, draws=draws, rng=np.random.default_rng(seed))
            else:
                table = _alone(counts[0], min_count)
            table = style.rounded(table)
            sizes = [_size(side, group) for side, group in zip(counts, chosen, strict=True)]
            figure = show_collocations.draw_collocations(
                table, chosen, sizes, name.removeprefix(WORD), window, min_count
            )
            names = "-".join(slug(group.name) for group in chosen)
            saved.append(study.save(figure, table, f"03-collocations-{chosen[0].language}-{slug(name)}-{names}"))
    return saved


def _alone(cooccurrences: CooccurrenceCounts, min_count: int) -> pd.DataFrame:
    table = describe_collocates(cooccurrences, min_count)
    return table.rename(columns={column: f"{column}_a" for column in table.columns if column != "collocate"})


def _size(cooccurrences: CooccurrenceCounts, group: Group) -> str:
    holding = cooccurrences.node > 0
    size = style.effective_size(int(holding.sum()), effective_clusters(cooccurrences.node))
    return (
        f"{cooccurrences.node.sum():,} times in {cooccurrences.utterances:,} of {len(group.rows):,} utterances, {size}"
    )


def concordance_tables(study: Study, node: Sequence[str], lines: int, seed: int) -> list[show_concordance.Table]:
    """Show each node in the words around it, by group, and write the lines as CSV; none with 0 lines.

    Only verbatim (and constructed) utterances are quoted, without handles.
    """
    if not lines:
        return []
    tables = []
    groups = _readable_groups(study)
    known = _known(groups)
    texts = {(group.name, group.language): study.with_text(group.rows) for group, _ in groups}
    for number, name in enumerate(node):
        books = node_patterns(name, known)
        parts, rows = [], []
        for place, (group, tokens) in enumerate(groups):
            hits = books[group.language].find(tokens)
            found = concordance(
                texts[group.name, group.language], tokens, hits, np.random.default_rng([seed, number, place]), lines
            )
            parts.append((f"{group.label}: {_drawn(found, hits, group)}", found))
            rows.append(found.assign(node=name, group=group.name, language=group.language))
        columns = ["node", "group", "language", *LINE_COLUMNS]
        table = pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
        study.out.mkdir(parents=True, exist_ok=True)
        style.write_csv(table, study.out / f"03-concordance-{slug(name)}.csv")
        remark = (
            "Lines are drawn at random, one a cluster before a second, and sorted by what follows. Names with @ or u/ "
            "are left out. A search engine can find the writer of a line: paraphrase before you publish."
        )
        if (table["evidence"] == "constructed").any():
            remark += " Constructed data: nobody said the lines whose evidence is constructed."
        tables.append(show_concordance.concordance_table(name.removeprefix(WORD), parts, remark))
    return tables


def _drawn(found: pd.DataFrame, hits: Mentions, group: Group) -> str:
    may = int(group.rows["evidence"].isin(QUOTABLE).to_numpy()[hits.text].sum())
    text = f"{len(found):,} of {may:,} places"
    return text if may == len(hits.text) else f"{text} (and {len(hits.text) - may:,} translated, not quoted)"
