"""Style: hostile labels, what stands in the CSV, files that are the same each time, and nothing left behind."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from readable import problems

from analysis.compare.groups import REFERENCE
from analysis.corpus.schema import VANTAGES
from analysis.corpus.spreadsheet import guard, tame, unguard, unguarded
from analysis.digits import rounded
from analysis.show import naming, palette, style

FAMILY = "👨\u200d👩\u200d👧"
HOSTILE = [
    "<script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    '" onload="alert(1)',
    "&amp; &lt;b&gt;",
    "$\\frac{1}{$",
    "$$x^2_$ costs $5",
    "\\textbf{x} %s {0} %(a)s",
    "_nolegend_",
    "\u202eevil\u202c",
    "fr\u200bee\ufeffdom",
    "a\x00b\x07\x1b[31m",
    "ไทย हिन्दी ខ្មែរ",
    FAMILY,
    "🇰🇵❤️👍🏽\U0001fae8",
    "朝鲜 北韓 한국 조선 ㅋㅋ",
    "مرحبا שלום",
    "a\u0301" * 30,
    "x" * 500,
    "😂" * 10_000,
    "",
]


def draw(texts=("朝鲜",), value=1.0):
    figure = style.new_figure(2.0 + 0.3 * len(texts))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        ax.plot([0, value], [0, len(texts)], color=palette.COLOURS["vlogger"])
        ax.set_yticks(range(len(texts)), [style.label(text) for text in texts])
        ax.set_title(style.label(texts[0]))
    return figure


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u202c", "ab"),
        ("a\u2066b\u2069\u200e\u200f\u061c", "ab"),
        ("fr\u200bee\u2060\ufeffdom\u00ad", "freedom"),
        ("a\x00b\x07c\x1b\x7f\x85d", "abc d"),
        ("  a \t\r\n\u2028\u3000 b  ", "a b"),
        ("a \u202e b \u200b c", "a b c"),
        ("$x_1$", "$x_1$"),
        ("<b>", "<b>"),
        ("\ud83d", ""),
        ("e\u0301", "é"),
        ("ไ", "‹U+0E44›"),
        ("\U00012000", "‹U+12000›"),
        ("\ue000\U0010ffff", "‹U+E000›‹U+10FFFF›"),
        (FAMILY, FAMILY),
        ("❤️", "❤️"),
        ("\U0001fae8", "\U0001fae8"),
        ("", ""),
    ],
)
def test_labels_by_hand(text, shown):
    assert style.label(text) == shown


@pytest.mark.parametrize("text", ["x" * 61, "汉" * 1000, "😂" * 10_000, "ไ" * 60, FAMILY * 40, "x" * 59 + "ไ"])
@pytest.mark.parametrize("most", [8, 60])
def test_long_labels_end_in_an_ellipsis(text, most):
    shown = style.label(text, most)
    assert shown.endswith("…")
    assert len(shown) <= most
    assert sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in shown) <= most
    assert style.label("x" * most, most) == "x" * most
    assert style.label("汉" * (most // 2), most) == "汉" * (most // 2)


@pytest.fixture(scope="module")
def drawable():
    """Return the code points that the fonts of the figures can draw."""
    names = style.rc()["font.family"]
    paths = [font_manager.findfont(font_manager.FontProperties(name), fallback_to_default=False) for name in names]
    return {code for path in paths for code in FT2Font(path).get_charmap()}


def test_a_font_of_the_system_with_the_same_name_is_not_taken(monkeypatch):
    """One machine has DejaVu Sans 2.37 of its own, with other glyphs' numbers than matplotlib's; drawings differed."""
    own = style.rc()["font.family"]
    manager = font_manager.fontManager
    alike = [
        replace(entry, name=entry.name.removeprefix("Vantage "), fname=f"/of/the/system/{entry.fname}")
        for entry in manager.ttflist
    ]
    monkeypatch.setattr(manager, "ttflist", [*alike, *manager.ttflist, *alike])
    found = [font_manager.findfont(font_manager.FontProperties(name), fallback_to_default=False) for name in own]
    assert Path(found[0]).is_relative_to(mpl.get_data_path())
    assert not [path for path in found if path.startswith("/of/the/system")]


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.characters(), max_size=90))
def test_what_a_label_shows_can_be_drawn_and_reads_forward(drawable, text):
    shown = style.label(text).replace("\u200e", "")  # which makes a line run from left to right
    assert all(ord(c) in drawable or c == "\u200d" for c in shown)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and c != "\u200d"]
    assert len(shown) <= 60
    assert "  " not in shown


def test_colours_are_one_a_vantage_and_every_vantage_has_one():
    assert {*VANTAGES, REFERENCE, "several"} == set(palette.COLOURS)
    colours = [mpl.colors.to_hex(colour).lower() for colour in palette.COLOURS.values()]
    assert len({*colours, palette.FAINT.lower(), style.INK.lower()}) == len(palette.COLOURS) + 2
    assert len(set(palette.MARKERS.values())) == len(palette.MARKERS)


def test_colours_differ_for_those_who_do_not_see_red_or_green():
    """Deuteranopia and protanopia by the matrices of Vienot et al. (1999): at least a fifth of the range apart."""
    rgb = np.array([mpl.colors.to_rgb(palette.COLOURS[name]) for name in VANTAGES])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    deutan = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
    protan = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]
    for matrix in (deutan, protan):
        seen = np.clip(linear @ np.array(matrix).T, 0, 1) ** (1 / 2.4)
        apart = [np.abs(seen[i] - seen[j]).max() for i in range(3) for j in range(i)]
        assert min(apart) > 1 / 5


TABLE = pd.DataFrame(
    {
        "text": ["=1+1", "+1", "-1", "@you", "\tx", "\rx", "plain", "a,b", 'say "so"', "a\rb\r\nc", None, "汉字"],
        "number": [-1.5, 0.1 + 0.2, 1 / 3, -0.0, 1e-12, 123456789.123, np.nan, np.inf, 2.0, -1e300, 5e-324, 0.12345678],
        "count": pd.array([-3, 0, 7, None, 12_345_678_901, 5, 6, 7, 8, 9, 10, 11], dtype="Int64"),
        "whole": np.arange(-6, 6),
    }
)


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def test_only_texts_that_a_spreadsheet_would_run_get_an_apostrophe(tmp_path):
    style.write_csv(TABLE, tmp_path / "x.csv")
    rows = read(tmp_path / "x.csv")
    assert [row["text"] for row in rows] == [
        *("'=1+1", "'+1", "-1", "'@you", "'\tx", "'\nx", "plain", "a,b", 'say "so"', "a\nb\nc", "", "汉字"),
    ]
    assert [row["number"] for row in rows] == [
        *("-1.5", "0.3", "0.33333333", "0", "1e-12", "1.2345679e+08", "", "inf", "2", "-1e+300"),
        *("4.9406565e-324", "0.12345678"),
    ]
    assert [row["count"] for row in rows] == ["-3", "0", "7", "", "12345678901", *"56789", "10", "11"]
    assert [row["whole"] for row in rows] == [str(i) for i in range(-6, 6)]


@pytest.mark.parametrize("number", ["-1", "-0", "-0.25", "-1e-07", "-123456789012345"])
def test_a_number_is_no_formula(number):
    assert (tame(number), guard(number), unguard(number), unguarded(f"'{number}")) == (number,) * 4


@pytest.mark.parametrize(
    "text", ["-", "-x", "-1-1", "-1+cmd", "-1\n", "-01", "-1234567890123456", "\uff0d1", "- 1", "+1"]
)
def test_what_only_begins_like_a_number_may_be_one(text):
    assert (tame(text), guard(text), unguard(guard(text))) == (f"'{text}", f"'{text}", text)


def test_the_file_is_utf8_with_plain_line_ends(tmp_path):
    style.write_csv(TABLE, tmp_path / "x.csv")
    data = (tmp_path / "x.csv").read_bytes()
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    assert "汉字".encode() in data
    before = TABLE.copy()
    style.write_csv(TABLE, tmp_path / "y.csv")
    pd.testing.assert_frame_equal(TABLE, before)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(width=64), min_size=1, max_size=20))
def test_what_was_rounded_comes_back_from_the_file(values):
    drawn = rounded(pd.DataFrame({"x": values}))
    out = io.StringIO()
    style.write_csv(drawn, out)
    back = pd.read_csv(io.StringIO(out.getvalue()), skip_blank_lines=False)["x"].astype(float)
    assert back.tolist() == pytest.approx(drawn["x"].tolist(), rel=1e-15, abs=0, nan_ok=True)
    again = rounded(drawn)
    pd.testing.assert_frame_equal(again, drawn)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_label_holds_the_figure_is_saved_and_holds_no_script(text, tmp_path):
    style.save(draw([text, "b"]), TABLE, tmp_path, "x")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    source = (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert "<script" not in source.lower()
    assert b"\r" not in (tmp_path / "x.svg").read_bytes()
    for element in ET.fromstring(source).iter():  # noqa: S314  (our own file)
        assert not str(element.tag).lower().endswith(("script", "foreignobject", "image"))
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        assert all(value.startswith("#") for name, value in element.attrib.items() if name.endswith("href"))


def test_a_missing_glyph_is_an_error_and_no_csv_claims_a_figure(tmp_path):
    """The control of the labels: without ``label`` the same character stops the figure."""
    figure = draw()
    figure.axes[0].set_title("ไ")
    with pytest.raises(style.GlyphError, match=r"01-x: Glyph 3652"):
        style.save(figure, TABLE, tmp_path, "01-x")
    assert not (tmp_path / "01-x.csv").exists()
    figure.axes[0].set_title(style.label("ไ"))
    style.save(figure, TABLE, tmp_path, "01-x")


def test_the_same_figure_twice_is_the_same_bytes(tmp_path):
    for folder in ("one", "two/deep"):
        saved = style.save(draw(["朝鲜 $x$ 👍", "free"]), TABLE, tmp_path / folder, "x", formats=("png", "svg", "pdf"))
        assert saved.png.parent == tmp_path / folder
        assert saved._repr_png_() == saved.png.read_bytes()
        assert repr(saved) == "Panels: 朝鲜 $x$ 👍."  # no path of a machine
    for ending in ("png", "svg", "pdf", "csv"):
        assert (tmp_path / f"one/x.{ending}").read_bytes() == (tmp_path / f"two/deep/x.{ending}").read_bytes()
    style.save(draw(["朝鲜 $x$ 👍", "free"], 2.0), TABLE, tmp_path / "three", "x")
    assert (tmp_path / "one/x.svg").read_bytes() != (tmp_path / "three/x.svg").read_bytes()


def test_a_figure_saved_again_is_the_same_bytes(tmp_path):
    figure = draw()
    first = style.save(figure, TABLE, tmp_path, "a").png.read_bytes()
    assert style.save(figure, TABLE, tmp_path, "b").png.read_bytes() == first


def test_files_hold_no_time_and_no_program(tmp_path):
    style.save(draw(), TABLE, tmp_path, "x", formats=("png", "svg", "pdf"))
    pdf = (tmp_path / "x.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert not [word for word in (b"CreationDate", b"Creator", b"Producer", b"Matplotlib v") if word in pdf]
    png, svg = (tmp_path / "x.png").read_bytes(), (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert b"Software" not in png
    assert "dc:date" not in svg
    assert "Matplotlib v" not in svg


def test_matplotlibs_state_is_as_it_was_and_its_settings_do_not_leak_in(tmp_path):
    style.save(draw(), TABLE, tmp_path, "plain")
    with mpl.rc_context():
        mpl.rcParams["backend"] = "svg"
        mpl.rcParams.update({"font.size": 30, "lines.linewidth": 9, "text.parse_math": True, "svg.fonttype": "none"})
        before = dict(mpl.rcParams.copy())
        style.save(draw(), TABLE, tmp_path, "loud")
        assert dict(mpl.rcParams.copy()) == before
        mpl.rcParams["backend"] = "agg"
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "loud.png").read_bytes()
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("clusters", "effective", "said"),
    [
        (1, 1.0, "1 cluster (1.0 effective)"),
        (12, 9.96, "12 clusters (9.96 effective)"),
        (12_345, 1234.5, "12,345 clusters (1,234 effective)"),
    ],
)
def test_clusters_and_how_many_are_effective(clusters, effective, said):
    assert naming.effective_size(clusters, effective) == said


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠name", "'＠name"),
        (' "=1', "' \"=1"),
        ("a;=1", "a;'=1"),
        ("a;--cmd|x", "a;'--cmd|x"),
        ("a;" + 12 * " " + "=1", "a;'" + 12 * " " + "=1"),
        (12 * " " + "=1", "'" + 12 * " " + "=1"),
        ('a;"=1"', 'a;\'"=1"'),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a\n+cmd|x", "a\n'+cmd|x"),
        ("a;-(1+2)", "a;'-(1+2)"),
        ("so ;-) and ;_; and a; -", "so ;-) and ;_; and a; -"),
        ("50+1 = 51", "50+1 = 51"),
        ("a\x1b]0;b\x07\x9b2J\tc", "a\ufffd]0;b\ufffd\ufffd2J\tc"),
    ],
)
def test_no_cell_is_a_formula_wherever_a_spreadsheet_parts_it(tmp_path: Path, text: str, safe: str) -> None:
    style.write_csv(pd.DataFrame({"x": [text]}), tmp_path / "x.csv")
    assert pd.read_csv(tmp_path / "x.csv")["x"].tolist() == [safe]
    for mark in ";\t":  # as another locale opens it
        with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file, delimiter=mark) for cell in row]
        assert not any(cell.lstrip(' "').startswith(tuple("=+@＝＋－＠")) for cell in cells)


def test_files_are_those_that_are_asked_for_at_print_resolution(tmp_path):
    shown = style.save(draw(), TABLE, tmp_path, "x", formats=("pdf",))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.pdf"]
    assert shown.get_figwidth() == style.WIDTH
    style.save(draw(), TABLE, tmp_path, "y")
    assert mpl.image.imread(tmp_path / "y.png").shape[1] == style.WIDTH * 300


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (lambda ax: ax.text(0.5, 0.5, "small", fontsize=5.9), "5.90 points: small"),
        (lambda ax: ax.figure.set_figwidth(7.0), "5.57 points"),
        (lambda ax: ax.figure.text(0.9, 0.5, "far out to the right"), "cut off: far out"),
        (lambda ax: [ax.text(0.5, 0.5, "one"), ax.text(0.52, 0.5, "two")], "on each other: one | two"),
    ],
)
def test_what_cannot_be_read_is_found(wrong, found):
    figure = draw(["free", "safe"])
    assert problems(figure) == []
    wrong(figure.axes[0])
    assert any(problem.startswith(found) for problem in problems(figure))
