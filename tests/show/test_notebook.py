"""What a notebook shows: numbers as people read them, and nothing that people wrote acts."""

from __future__ import annotations

import html

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from helpers import read_html
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from analysis.show import notebook, style
from analysis.show.notebook import figure_png, number, readable, show, table_html, table_text

HOSTILE = [
    "<script>window.pwned = 1</script>",
    '"><img src=x onerror="window.pwned = 2">',
    "</td></tr></table><style>*{display:none}</style>",
    "<a href='javascript:window.pwned=3'>x</a>",
    "&lt;b&gt;",
    "$\\frac{1}{$ costs $5",
    "--><!--",
    "x" * 500,
]
REVERSED = "a\u202egnp.exe\u202c \u2066b\u2069"
_TAGS = {"table", "thead", "tbody", "tr", "th", "td", "p", "div", "style"}


def read(shown):
    reader = read_html(shown, "td", "th")
    assert reader.tags <= _TAGS
    assert reader.attributes <= {"class", "style", "border", "scoped", "rowspan", "valign"}
    return reader.cells


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_whole_and_do_nothing(text):
    by_name = pd.DataFrame({"said": [text], "a " + text: [1]}, index=[text])
    cells = read(table_html(by_name))
    assert sorted(cells) == sorted(["", "said", "a " + text, text, text, "1"])
    assert table_text(by_name)


def test_nothing_runs_in_a_browser(what_acts):
    table = pd.DataFrame({"said": HOSTILE, HOSTILE[0]: HOSTILE}, index=HOSTILE)
    told = what_acts(table_html(table))
    assert told["pwned"] is None
    assert told["told"] == []


@pytest.mark.parametrize("shown", [table_html, table_text])
def test_marks_that_reverse_or_hide_text_are_gone(shown):
    table = pd.DataFrame({"said": [REVERSED, "a\x1b[2Jb\x00"], REVERSED: [1, 2]}, index=[REVERSED, "b"])
    table.index.name = REVERSED
    out = shown(table)
    assert not set("\u202e\u202c\u2066\u2069\x1b\x00") & set(out)
    assert "agnp.exe b" in out


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_escapes_its_cell(text):
    cells = read(table_html(pd.DataFrame({"said": [text, "end"], "n": [1, 2]})))
    assert len(cells) == 6
    assert cells[-2:] == ["end", "2"]


def test_mathematics_is_not_read():
    assert "tex2jax_ignore" in table_html(pd.DataFrame({"said": ["$x$"]}))


def test_cells_are_as_people_read_them():
    table = pd.DataFrame(
        {
            "group": ["western_commenter", "chinese_viewer", "my_own_group", None],
            "n": pd.array([1_234_567, 0, None, -1_000], dtype="Int64"),
            "year": pd.array([2017, None, 2019, 2020], dtype="Int64"),
            "share": [0.0123456, 0.5, np.nan, 1234.5],
            "counted": [True, False, True, None],
            "nothing": ["", pd.NA, None, np.nan],
        }
    )
    shown = readable(table)
    assert shown["group"].tolist() == ["western commenter", "Chinese viewer", "my_own_group", "–"]
    assert shown["n"].tolist() == ["1,234,567", "0", "–", "-1,000"]
    assert shown["year"].tolist() == ["2017", "–", "2019", "2020"]
    assert shown["share"].tolist() == ["0.0123", "0.5", "–", "1,234"]
    assert shown["counted"].tolist() == ["yes", "no", "yes", "–"]
    assert shown["nothing"].tolist() == ["–"] * 4


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (12.345, "12.3"),
        (-0.98765, "-0.988"),
        (0.0001, "0.0001"),
        (0.000099, "9.9e-05"),
        (999.9, "1,000"),
        (100.0, "100"),
        (10.0, "10"),
        (1_234_567.8, "1,234,568"),
        (1e15, "1e+15"),
        (float("inf"), "∞"),
        (-float("inf"), "-∞"),
    ],
)
def test_numbers_have_three_digits_and_separators(value, said):
    assert number(value) == said


@settings(max_examples=300, deadline=None)
@given(st.floats(-1e300, 1e300))
def test_a_number_is_itself_to_three_digits(value):
    read_again = float(number(value).replace(",", ""))
    assert read_again == pytest.approx(value, rel=0.0051, abs=1e-300)


def test_long_tables_are_cut_and_say_so_and_long_texts_are_not():
    definition = "Talk of what is not meant to be seen " * 20 + "but is"
    table = pd.DataFrame({"definition": [definition] * 21})
    assert readable(table).shape == (20, 1)
    shown = table_html(table)
    assert shown.count(html.escape(definition)) == 20
    assert shown.endswith("<p>20 of 21 rows</p>")
    assert table_text(table).endswith("20 of 21 rows")
    assert "rows" not in table_html(table.head(20))
    assert table_html(table.head(0))


def test_numbers_of_rows_are_left_out_and_names_of_rows_are_not():
    assert read(table_html(pd.DataFrame({"n": [1]}))) == ["n", "1"]
    assert read(table_html(pd.DataFrame({"n": [1]}, index=["vlogger"]))) == ["", "n", "vlogger", "1"]
    two = pd.DataFrame({"n": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")], names=["x", "y"]))
    assert {"a", "b", "c", "x", "y"} <= set(read(table_html(two)))


def test_two_columns_of_one_name_are_both_shown():
    table = pd.DataFrame([[1, 2]], columns=["n", "n"])
    assert readable(table).to_numpy().tolist() == [["1", "2"]]


def test_a_figure_is_shown_as_it_is_saved(tmp_path):
    def draw():
        figure = style.new_figure(2.0)
        with mpl.rc_context(style.rc()):
            figure.subplots().set_title(style.label("朝鲜 $x$ 👍"))
        return figure

    style.save(draw(), pd.DataFrame(), tmp_path, "x")
    with mpl.rc_context({"font.size": 30}):
        assert figure_png(draw()) == (tmp_path / "x.png").read_bytes()


def test_who_cannot_see_a_figure_is_told_its_title(tmp_path):
    figure = style.new_figure(2.0)
    figure.subplots()
    figure.suptitle("Who speaks of it \u202emore\nthan others?")
    assert style.title_of(figure) == "Who speaks of it more than others?"
    assert repr(style.save(figure, pd.DataFrame(), tmp_path, "x")) == "Who speaks of it more than others?"
    shell = InteractiveShell()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_shell", lambda: shell)
        notebook.prepare(constructed=False)
    shown, _ = shell.display_formatter.format(figure, include=["text/plain"])
    assert shown["text/plain"] == "Who speaks of it more than others?"


def test_who_cannot_see_a_figure_is_told_what_its_panels_and_axes_are():
    figure = style.new_figure(2.0)
    left, right = figure.subplots(1, 2)
    figure.suptitle("Which words set\nthe two apart? English")
    left.set_title("more in one", loc="left")
    right.set_title("more in the\nother", loc="right")
    for ax in (left, right):
        ax.set_xlabel("← less      more →\nlog ratio")
    told = "Which words set the two apart? English. Panels: more in one; more in the other. Axes: log ratio."
    assert style.title_of(figure) == told
    bare = style.new_figure(2.0)
    bare.set_label("The overview")
    assert style.title_of(bare) == "The overview."


def test_a_table_without_a_row_says_so():
    none = pd.DataFrame({"group": [], "needs": []})
    assert table_html(none).endswith("<p>no rows</p>")
    assert table_text(none).splitlines()[-1] == "no rows"
    assert "no rows" not in table_html(pd.DataFrame({"group": ["a"]}))


def test_a_sentence_in_the_place_of_a_figure_is_text_and_no_picture():
    said = style.nothing_to_draw("<script>alert(1)</script> & \u202eevil")
    assert said._repr_html_().endswith("&lt;script&gt;alert(1)&lt;/script&gt; &amp; evil</p>")
    # Who goes on as with a figure may.
    said.axes[0].set_title("x")
    said.set_size_inches(6.5, 3)


def test_outside_a_notebook_nothing_is_shown_and_nothing_is_loaded(capsys):
    show(pd.DataFrame({"n": [1]}))
    notebook.prepare(constructed=False)
    assert capsys.readouterr().out == ""


def test_who_changes_a_parameter_after_the_study_was_opened_is_told_that_it_does_nothing_yet(bilingual, capsys):
    shell = InteractiveShell()

    def run(*lines):
        result = shell.run_cell("\n".join(lines), store_history=True)
        assert result.success, result.error_in_exec
        return capsys.readouterr().err

    opened = "study = open_study(globals())"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_shell", lambda: shell)
        begun = run(f"corpus = {str(bilingual)!r}", "min_count = 3", "node = ['freedom']")
        assert begun + run("from analysis.study import open_study", opened) + run("1 + 1") == ""
        told = run("min_count = 10", "node.append('fear')")
        assert told.startswith("'min_count', 'node' are not what the study was opened with")
        assert told.count("\n") == 1
        assert run("1 + 1") == told  # what this cell shows is of the old values, too
        assert run("node.remove('fear')").startswith("'min_count' is not what")
        assert run(opened) == run("study.parameters.min_count") == ""
        assert run(opened, "seed = 2", "window = 3") == ""  # no parameters of this notebook
        assert run("del min_count").startswith("'min_count' is not")
