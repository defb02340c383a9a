"""What notebook 03 calls: which words set the groups of one language apart."""

from __future__ import annotations

from analysis.compare import vocabulary
from analysis.compare.groups import lawful_pairs, main_groups
from analysis.measure.ordinary import ordinary_shares
from analysis.show import style
from analysis.show import vocabulary as show_vocabulary
from analysis.study.session import Study, slug


def vocabulary_figures(study: Study, min_count: int, prior_share: float) -> list[style.Saved]:
    """Draw the vocabulary of every pair of groups of one language."""
    saved = []
    groups = [group for group in main_groups(study.own_words) if group.language in {"en", "zh"}]
    counts = {(g.name, g.language): vocabulary.count_terms(study.tokens(g.rows), g.rows["cluster_id"]) for g in groups}
    for a, b in lawful_pairs(groups):
        sides = [counts[group.name, group.language] for group in (a, b)]
        terms = vocabulary.keyness(*sides, ordinary_shares(a.language), min_count=min_count, prior_share=prior_share)
        table = style.rounded(terms)
        sizes = tuple(
            f"{int(side.matrix.sum()):,} words, {len(group.rows):,} utterances, {len(side.clusters):,} clusters"
            for side, group in zip(sides, (a, b), strict=True)
        )
        figure = show_vocabulary.draw_vocabulary(table, a, b, sizes, min_count)
        saved.append(study.save(figure, table, f"03-keyness-{a.language}-{slug(a.name)}-{slug(b.name)}"))
    return saved
