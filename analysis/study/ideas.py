"""What notebook 04 calls: what each group speaks of, and how it means the same word."""

from __future__ import annotations

import pandas as pd

from analysis.compare import concepts
from analysis.measure.concepts import read_codebook
from analysis.show import concepts as show_concepts
from analysis.show import contrasts as show_contrasts
from analysis.show import style
from analysis.study.session import Study


def concept_prevalence(study: Study) -> style.Saved:
    """Draw how often each group speaks of each concept."""
    names = [row["concept"] for row in read_codebook()]
    flagged = concepts.flag_concepts(study.measures, study.mentions, names)
    table = style.rounded(concepts.prevalence(flagged, names, study.weighting))
    return study.save(show_concepts.draw_prevalence(table), table, "04-prevalence")


def concept_contrasts(study: Study) -> style.Saved:
    """Draw the contrasts of prevalence between all pairs of groups."""
    names = [row["concept"] for row in read_codebook()]
    flagged = concepts.flag_concepts(study.measures, study.mentions, names)
    table = style.rounded(concepts.prevalence_contrasts(flagged, names, study.weighting))
    title = "Difference in how often a concept is mentioned"
    drawn = table.assign(
        unit="points", row_label=[f"{r.measure}: {r.a} - {r.b}".replace("_", " ") for r in table.itertuples()]
    )
    panels = {"points": ("percentage points", concepts.OF_INTEREST_POINTS)}
    figure = show_contrasts.draw_contrasts(drawn, panels, title, "There are no two groups to compare.")
    return study.save(figure, table, "04-contrasts")


def codebook_table() -> pd.DataFrame:
    """Return the concepts and what they mean."""
    return pd.DataFrame(read_codebook())[["concept", "definition"]]
