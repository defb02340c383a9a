"""The specification curve: it draws what its table says, from 8 analyses to 600, with gaps, and can be read."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from drawn import drawn
from matplotlib.text import Text
from readable import problems

from analysis import paths
from analysis.compare.multiverse import AXES, COLUMNS
from analysis.digits import rounded
from analysis.show import palette, style
from analysis.show.multiverse import FEWEST, draw_multiverse

HOSTILE = "column:<b>$\\frac{1}{$\u202eevil " + "看" * 30


def table(number=40, gaps=3, instruments=("labmt", "nrcvad", "vader"), **more):
    """Return a multiverse: the instrument moves the effect by .3 from one to the next, all else by little."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(index=range(number + gaps), columns=list(COLUMNS))
    at = np.arange(len(rows))
    rows["id"], rows["headline"], rows["counted"], rows["unit"] = "tone_en", at == 2, at < number, "sd"
    rows["view"], rows["instrument"] = "direct", [instruments[i % len(instruments)] for i in at]
    rows["lens"] = [("0 points", "0.5 points", "1 points")[i // 3 % 3] for i in at]
    rows["masked"], rows["laughter"], rows["length"] = np.where(at // 9 % 2, "no", "yes"), "", "any"
    rows["weighting"], rows["evidence"] = np.where(at // 18 % 2, "cluster", "utterance"), "all allowed"
    rows["boilerplate"], rows["duplicates"] = "drop", np.where(at // 36 % 2, "first", "keep")
    effect = -0.6 + 0.3 * (at % len(instruments)) + rng.normal(0, 0.02, len(rows))
    known = at < number
    rows["effect"] = np.where(known, effect, np.nan)
    rows["ci_low"], rows["ci_high"] = rows["effect"] - 0.2, rows["effect"] + 0.2
    rows["note"] = np.where(known, "", "too few clusters: no interval, no p")
    about = {"contrast": "tone in English: western_commenter and vlogger", "measure": "tone", "language": "en"}
    about |= {"a": "western_commenter", "b": "vlogger", "vantage_a": "western_commenter", "vantage_b": "vlogger"}
    rows = rows.astype({"effect": float, "ci_low": float, "ci_high": float})
    return rows.assign(**{**about, "joint_p": 0.004, **more})


@pytest.mark.parametrize(("number", "gaps"), [(FEWEST, 0), (40, 3), (600, 90)])
def test_a_curve_of_any_length_can_be_read_at_a_pages_width(number, gaps):
    figure = draw_multiverse(table(number, gaps))
    assert figure.get_figwidth() == style.WIDTH
    assert problems(figure) == []


def test_the_figure_that_the_notebook_goes_on_with_can_be_read():
    cells = nbformat.read(paths.ROOT / "notebooks" / "05-robustness.ipynb", as_version=4).cells
    (recipe,) = [cell.source for cell in cells if "set_size_inches" in cell.source]
    views = np.resize(["ordinary language", "linked by sd", "linked by ols", "linked by reverse", "direct"], 690)
    known = {"specifications": table(600, 90, view=views), "draw_multiverse": draw_multiverse}
    exec(recipe, known)  # noqa: S102
    assert problems(known["figure"]) == []


def test_what_moves_the_result_is_said_as_something_done():
    rows = table()
    rows["effect"] = np.where(rows["duplicates"] == "keep", 0.5, -0.5) + np.arange(len(rows)) / 1000
    rows["ci_low"], rows["ci_high"] = rows["effect"] - 0.2, rows["effect"] + 0.2
    said = " ".join(text.get_text() for text in draw_multiverse(rows).findobj(Text))
    assert "keeping copies moves the result most" in " ".join(said.split())


def test_the_joint_test_says_what_it_permutes():
    rows = table(units_a="utterances", units_b="utterances")
    said = " ".join(text.get_text() for text in draw_multiverse(rows).findobj(Text))
    assert "Joint test, utterances permuted, once for all" in " ".join(said.split())


def test_the_line_and_the_bars_are_the_table_sorted():
    rows = table()
    curve = draw_multiverse(rows).axes[0]
    (line,) = [line for line in curve.lines if line.get_color() == style.INK and len(line.get_xdata()) == 40]
    np.testing.assert_allclose(line.get_ydata(), np.sort(rows["effect"].dropna().astype(float)))
    bars = [line for line in curve.lines if len(line.get_xdata()) % 3 == 0 and np.isnan(line.get_ydata()[2])]
    ends = {
        round(float(x), 6): (float(low), float(high))
        for bar in bars
        for x, low, high in zip(bar.get_xdata()[::3], bar.get_ydata()[::3], bar.get_ydata()[1::3], strict=True)
    }
    assert len(ends) == 40
    for x, y in enumerate(line.get_ydata()):
        assert ends[x] == pytest.approx((y - 0.2, y + 0.2))
    # What does not hold 0 has the colour of who is the higher one: here side b.
    sure = {bar.get_color(): len(bar.get_xdata()) // 3 for bar in bars}
    low = (rows["ci_high"].astype(float) < 0).sum()
    assert sure == {palette.FAINT: 40 - low, palette.COLOURS["vlogger"]: low}
    (diamond,) = [line for line in curve.lines if line.get_marker() == "D"]
    assert diamond.get_ydata()[0] == pytest.approx(rows["effect"][2])


def test_two_sides_of_one_vantage_are_told_apart_and_a_headline_that_is_no_bar_is_not_promised():
    rows = table().assign(vantage_a="vlogger", b="vlogger")
    for shift, side in ((2.0, 0), (-2.0, 1)):
        moved = rows.assign(**{name: rows[name] + shift for name in ("effect", "ci_low", "ci_high")})
        colours = {line.get_color() for line in draw_multiverse(moved).axes[0].lines} - {style.INK, "white"}
        assert colours == {list(palette.plot_styles({"a": "vlogger", "b": "vlogger"}).values())[side].colour}
    assert "Diamond: the headline" in draw_multiverse(rows).get_supxlabel()
    rows.loc[2, ["effect", "ci_low", "ci_high"]] = np.nan
    said = " ".join(draw_multiverse(rows).get_supxlabel().split())
    assert "The headline is among the gaps." in said
    assert "Diamond" not in said


def test_the_title_says_what_is_to_be_seen_and_the_notes_count_the_gaps():
    figure = draw_multiverse(table())
    title = " ".join(figure.get_suptitle().split())
    below = (table()["effect"] < 0).sum()
    beyond = (table()["ci_high"].astype(float) < 0).sum()
    assert title == (
        f"Tone in English: {below} of 40 analyses find western commenters colder than vloggers, {beyond} with "
        "an interval off 0; the instrument moves the result most"
    )
    said = " ".join(figure.get_supxlabel().split())
    assert "Hatched: 3 gaps" in said
    assert "withheld): too few clusters (3)." in said
    assert "p = 0.004" in said
    one = " ".join(draw_multiverse(table(40, 1)).get_supxlabel().split())
    assert "Hatched: 1 gap (not to be computed, or withheld): " in one
    assert "colder" in figure.axes[0].get_ylabel()


def test_the_title_says_that_what_was_declared_beforehand_is_not_among_what_is_counted():
    rows = table()
    rows.loc[2, ["effect", "ci_low", "ci_high"]] = np.nan
    title = " ".join(draw_multiverse(rows).get_suptitle().split())
    assert title.startswith("Tone in English, without its headline: ")
    assert " of 39 other analyses find" in title
    claim = "claim 2: Vloggers speak of fear more often."
    title = " ".join(draw_multiverse(rows.assign(contrast=claim)).get_suptitle().split())
    assert title.startswith("Claim 2 (“Vloggers speak of fear more often”), without its headline: ")


def test_the_title_of_a_claim_says_what_is_claimed():
    about = {"contrast": "claim 2: Vloggers speak of fear more often.", "measure": "prevalence", "unit": "log2 ratio"}
    title = " ".join(draw_multiverse(table().assign(**about)).get_suptitle().split())
    assert title.startswith("Claim 2 (“Vloggers speak of fear more often”): ")
    assert "find it less often among western commenters than among vloggers" in title


def test_the_notes_say_that_shares_of_choices_overlap_and_what_all_estimates_share():
    rows = table()
    said = " ".join(draw_multiverse(rows).get_supxlabel().split())
    assert "taken alone: the instrument" in said
    assert "These shares overlap and need not add up to 100 %." in said
    assert "Only these choices" not in said
    alone = rows.assign(**{axis: rows[axis].iloc[0] for axis in AXES if axis != "instrument"})
    assert "overlap" not in draw_multiverse(alone).get_supxlabel()
    # Gaps alone are weighted otherwise: the title counts analyses of one weighting.
    rows["weighting"] = np.where(rows["ci_low"].notna(), "cluster", "utterance")
    said = " ".join(draw_multiverse(rows).get_supxlabel().split())
    assert "Only these choices gave an interval: each cluster alike." in said


def test_choices_are_named_in_words_and_the_headline_stands_on_no_line():
    figure = draw_multiverse(table())
    names = [text.get_text() for text in figure.axes[1].get_yticklabels()]
    assert {"neutral words scored", "neutral words ±0.5 out"} <= set(names)
    assert not [name for name in names if "lens" in name or "link" in name]
    assert not figure.axes[0].texts
    shown = f"{table()['effect'][2]:+.2g}".replace("-", "−")
    assert f"declared before looking ({shown})" in " ".join(figure.get_supxlabel().split())


def test_beneath_each_estimate_stand_its_choices():
    rows = table()
    figure = draw_multiverse(rows)
    matrix = figure.axes[1]
    names = [text.get_text() for text in matrix.get_yticklabels()]
    assert len(names) <= style.MOST_ROWS
    assert names[:3] == ["labMT", "NRC-VAD", "VADER"]
    order = rows[rows["ci_low"].notna()].sort_values("effect", kind="stable")["instrument"].tolist()
    marks = [line for line in matrix.lines if len(line.get_xdata()) % 3 == 0 and len(line.get_xdata())]
    at = {round(line.get_ydata()[0] + 0.36): line.get_xdata()[::3].astype(int).tolist() for line in marks}
    for y, name in enumerate(("labmt", "nrcvad", "vader")):
        assert at[y] == [x for x, one in enumerate(order) if one == name]


def test_a_choice_that_stands_apart_is_named():
    names = [f"column:prompt {i}" for i in range(9)]
    rows = table(90, 0, names)
    effect = np.where(rows["instrument"] == names[4], 1.0, -0.5 + 0.001 * (np.arange(90) % 9))
    rows = rows.assign(effect=effect, ci_low=effect - 0.1, ci_high=effect + 0.1)
    assert "the instrument moves the result most (apart: column:prompt 4)" in " ".join(
        draw_multiverse(rows).get_suptitle().split()
    )


def test_few_analyses_or_none_are_told_and_not_drawn():
    assert "none of 3 analyses has an interval (too few clusters (3))" in draw_multiverse(table(0, 3)).said
    assert "3 analyses, from −0.59 sd to +0.0066 sd; too few for a curve" in draw_multiverse(table(3, 0)).said
    rare = table(3, 0).assign(unit="log2 ratio", effect=[-3.0, -2.0, 1.0])
    assert "3 analyses, from × 0.12 to × 2; too few for a curve" in draw_multiverse(rare).said
    assert "no contrast to draw" in draw_multiverse(table().head(0)).said


def test_the_csv_holds_what_is_drawn_and_hostile_names_are_drawn_as_they_stand(tmp_path: Path):
    rows = table(24, 2, ("labmt", HOSTILE), a=HOSTILE)
    style.save(draw_multiverse(rows), rows, tmp_path, "05-multiverse")
    assert b"\xe2\x80\xae" not in (tmp_path / "05-multiverse.svg").read_bytes()
    plain = table()
    style.write_csv(plain, tmp_path / "plain.csv")
    assert drawn(draw_multiverse(pd.read_csv(tmp_path / "plain.csv"))) == drawn(draw_multiverse(rounded(plain)))
