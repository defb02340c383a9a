"""What the methods say of human codes and of the multiverse."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.study.cells import Cells

#: Variables whose alpha the methods name; the table has all.
_MOST_ALPHAS = 5


def robustness(cells: Cells) -> Iterator[str]:
    """Yield what the tables of notebook 05 carry."""
    if cells.has("05-agreement"):
        coders = cells("coders", "05-agreement", "max", "coders", "", "coder")
        variables = cells("coded_variables", "05-agreement", "different", "variable", "", "variable")
        yield f"A probability sample of utterances was coded by {coders} ({variables})."
        table = cells.tables["05-agreement"]
        both = table[(table["part"] == "all") & table["alpha"].notna()]
        cited = " [@krippendorff2019]"
        for at in both.index[:_MOST_ALPHAS]:
            name, items, alpha = (
                cells(f"alpha_{at}_{column}", "05-agreement", "value", column, f"index == {at}", form)
                for column, form in (("variable", ""), ("items", "item"), ("alpha", ".2f"))
            )
            yield f"On {name}, Krippendorff's alpha of {items} was {alpha}{cited}."
            cited = ""
        low = "part == 'all' and mark == 'too low'"
        if len(table.query(low)):
            names = cells("low_alphas", "05-agreement", "names", "variable", low)
            yield f"That is too low for even tentative conclusions from the codes of {names}, and what they correct."
    if cells.has("05-corrected"):
        rows = cells("corrected", "05-corrected", "count", "", "", "estimate")
        given = cells("corrected_given", "05-corrected", "count", "", "ci_low == ci_low")
        yield (
            f"{rows} of groups were corrected by the codes (design-based supervised learning [@egami2023]); {given} "
            "have enough coded clusters for an interval."
        )
    if cells.has("05-choices"):
        told = [
            cells(f"multiverse_{how}", "05-choices", "sum", how, "axis != axis", ",.0f")
            for how in ("specifications", "drawn", "gaps")
        ]
        contrasts = cells("multiverse_contrasts", "05-choices", "count", "", "axis != axis", "contrast")
        yield (
            f"Every specification was made of {contrasts}, declared beforehand [@steegen2016; @simonsohn2020]: "
            f"{told[0]} in all, of which {told[1]} have an interval and {told[2]} could not be computed or were "
            "withheld."
        )
