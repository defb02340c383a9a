"""A node, a term or concept: what it is searched by, and in whose talk."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analysis.compare.dataset import Dataset
from analysis.compare.groups import Group
from analysis.errors import InputError, ParameterError
from analysis.measure import chinese, english
from analysis.measure.chunks import split
from analysis.measure.concepts import LANGUAGES, Codebook, read_codebook
from analysis.measure.ragged import Ragged

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


def readable_groups(study: Dataset) -> list[tuple[Group, Ragged]]:
    """Return the groups in a language of the codebook, with their tokens."""
    return [(group, Ragged.of(study.tokens(group.rows))) for group in study.groups if group.language in LANGUAGES]


def known_tokens(groups: list[tuple[Group, Ragged]]) -> set[str]:
    """Return the Chinese tokens of the groups."""
    return {token for group, tokens in groups if group.language == "zh" for token in tokens.vocabulary}
