"""The figure of corrected estimates: what it draws, and what it says where nobody has coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import drawn
from readable import problems

from analysis.compare.contrasts import COLUMNS
from analysis.compare.corrected import MORE
from analysis.digits import rounded
from analysis.show import style
from analysis.show.correction import draw_corrected

WHY = "Nobody has coded any utterance of this corpus."
NASTY = "<script>alert(1)</script> $\\frac{1}{$ \u202eevil ไทย 😂" * 3


def made(count, *, contrast=False, withheld=()):
    """Return a table of so many rows, half of them means and half shares."""
    rows = []
    for i in range(count):
        share = i >= count / 2
        row = dict.fromkeys((*COLUMNS, *MORE), np.nan)
        row |= {
            "measure": "stance: against" if share else "stance",
            "a": f"group {i}",
            "language_a": ("en", "zh")[i % 2],
        }
        row |= {"label_a": NASTY if i == 1 else f"group {i} (Reddit)", "vantage_a": "vlogger", "b": None}
        row |= {"estimate": 0.1 + i / 50, "ci_low": i / 50, "ci_high": 0.2 + i / 50, "note": "", "codes_a": 100}
        row |= {"coded_clusters_a": 20, "worth": 230.0, "unit": "points" if share else "sd"}
        row |= {"uncorrected": 0.3, "uncorrected_low": 0.2, "uncorrected_high": 0.4, "uncorrected_by": "labmt"}
        if contrast:
            row |= {"b": "other", "language_b": "zh", "label_b": "other", "vantage_b": "reference", "codes_b": 90}
            row |= {"coded_clusters_b": 18}
        if i in withheld:
            row |= {"ci_low": np.nan, "ci_high": np.nan, "note": "too few coded clusters: no interval"}
        rows.append(row)
    table = pd.DataFrame(rows, columns=[*COLUMNS, *MORE])
    for name in ("codes_a", "codes_b", "coded_clusters_a", "coded_clusters_b"):
        table[name] = table[name].astype("Int64")
    return rounded(table)


@pytest.mark.parametrize("contrast", [False, True])
def test_it_can_be_read_and_its_csv_draws_the_same(tmp_path, contrast):
    table = made(4, contrast=contrast, withheld=(2,))
    figure = draw_corrected(table, "Who is for it?")
    assert problems(figure) == []
    style.write_csv(table, tmp_path / "05-corrected.csv")
    again = pd.read_csv(tmp_path / "05-corrected.csv")
    assert drawn(draw_corrected(again, "Who is for it?")) == drawn(draw_corrected(table, "Who is for it?"))


def test_codes_clusters_and_worth_stand_beside_each_row():
    told = {text.get_text() for ax in draw_corrected(made(4, withheld=(2,)), "?").axes for text in ax.texts}
    assert told == {"100 / 20, worth 230", "100 / 20, too few coded clusters"}
    told = {text.get_text() for ax in draw_corrected(made(2, contrast=True), "?").axes for text in ax.texts}
    assert told == {"190 / 38, worth 230"}


def test_what_is_withheld_is_hollow_and_what_is_uncorrected_light():
    (ax, _) = draw_corrected(made(2, withheld=(0,)), "?").axes
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    light, dark = sorted(lines, key=lambda line: line.get_ydata()[0], reverse=True)
    assert dark.get_markerfacecolor() == "white"
    assert light.get_markerfacecolor() == light.get_color() != dark.get_color()
    assert (light.get_xdata()[0], dark.get_xdata()[0]) == (0.3, 0.1)


def test_languages_instruments_and_differences_are_called_as_elsewhere():
    figure = draw_corrected(made(4, contrast=True).assign(language_b="en+zh"), "?")
    assert "group 0 (English) minus other (English and Chinese)" in [
        tick.get_text() for ax in figure.axes for tick in ax.get_yticklabels()
    ]
    assert "Light: uncorrected (labMT)." in figure.get_supxlabel()
    assert [ax.get_xlabel().split("\n")[1] for ax in figure.axes] == [
        "difference, code",
        "difference, percentage points",
    ]
    assert "% of utterances" in draw_corrected(made(4), "?").axes[1].get_xlabel()


def test_more_rows_than_a_figure_holds_are_in_the_csv():
    figure = draw_corrected(made(15), "?")
    assert sum(len(ax.texts) for ax in figure.axes) == style.MOST_ROWS
    assert any(
        "3 more rows are in the CSV: stance: against, group 12 (Reddit); stance: against, group 13 (Reddit)"
        in " ".join(text.get_text().split())
        for text in figure.findobj(match=lambda a: hasattr(a, "get_text"))
    )


def test_without_a_row_it_says_why():
    figure = draw_corrected(made(0), "?", WHY)
    assert isinstance(figure, style.Sentence)
    assert figure.said == WHY
