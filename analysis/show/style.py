"""One style for every figure: sizes, fonts for every script, files that are the same each time."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from analysis.compare.concordance import is_wide, visible
from analysis.corpus.spreadsheet import tame
from analysis.digits import DIGITS, settled
from analysis.errors import ParameterError
from analysis.show.canvas import POINTS, Canvas
from analysis.show.palette import INK

#: Inches: the width of a journal's page. Points: titles, labels, and what is said beside and below; nothing is smaller.
WIDTH = 6.5
TITLE, TEXT, SMALL = 9.0, 7.0, 6.0
#: So many rows a figure holds; the table holds them all.
MOST_ROWS = 12
#: What is written across a figure of utterances that nobody said.
CONSTRUCTED = "constructed data"
#: In inches: how far apart it stands at most, and the room that it takes at full size.
_MARK_EVERY, _MARK_INCHES = 9.0, (5.4, 2.7)
#: Columns that hold texts, and counts.
_TEXTS = frozenset({"note", "b", "label", "term", "collocate", "baselines", "text", "period"}) | frozenset(
    {"language_b", "label_b", "vantage_b", "uncorrected_by"}
)
_COUNT = re.compile(
    r"^(n|clusters|utterances|tokens|times|holding|together|node|term|group_clusters|node_clusters)_[ab]$|"
    r"^(codes|coded_clusters)_[ab]$|"
    r"^(scored|unscored|hits|clusters|units|platform_comment_count|collected|together|dated|undated|rank|specifications)$"
)

_RC = {
    "figure.dpi": 300,
    "savefig.dpi": 300,
    "svg.hashsalt": "vantage",
    "svg.fonttype": "path",
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.labelsize": SMALL,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": TEXT,
    "figure.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "legend.frameon": False,
}
_NO_METADATA = {
    "png": {},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}


class GlyphError(RuntimeError):
    """A figure holds a character that none of its fonts can draw."""


#: Signs that a line of a sentence may hold.
_LINE = 90


class Sentence(Figure):
    """What stands in the place of a figure where nothing can be drawn: it is read, and no picture of it is written.

    Who saves it all the same finds the sentence in the picture, not an empty page.
    """

    def __init__(self, said: str) -> None:
        """Take what is said: why there is nothing to draw, and what would change it."""
        lines = textwrap.wrap(label(said, 2 * len(said)), _LINE)
        super().__init__(figsize=(WIDTH, 0.3 + len(lines) * 1.5 * TEXT / POINTS))
        Canvas(self)
        self.said = said
        self.subplots().axis("off")  # who goes on as with a figure finds axes
        self.text(0.02, 0.5, "\n".join(lines), va="center", fontsize=TEXT, color=INK, parse_math=False)

    def __repr__(self) -> str:
        """Return what is said: a terminal shows it."""
        return visible(self.said)

    def _repr_html_(self) -> str:
        return f'<p class="tex2jax_ignore mathjax_ignore">{html.escape(visible(self.said))}</p>'


def title_of(figure: Figure) -> str:
    """Return what who cannot see a figure is told, in one line: its title, what its panels are and what axes measure.

    Of a figure that writes its title otherwise its label counts (`matplotlib.figure.Figure.set_label`).
    """
    title = figure.get_suptitle() or str(figure.get_label())
    panels = [ax.get_title(loc) for ax in figure.axes for loc in ("left", "center", "right")]
    axes = [label.rpartition("\n")[2] for ax in figure.axes for label in (ax.get_xlabel(), ax.get_ylabel())]
    parts = (title, "; ".join(dict.fromkeys(filter(None, panels))), "; ".join(dict.fromkeys(filter(None, axes))))
    first, *others = [" ".join(part.split()) for part in parts]
    told = [first, *(f"{name}: {part}" for name, part in zip(("Panels", "Axes"), others, strict=True) if part)]
    return visible(" ".join(part if part.endswith(("?", ".")) else f"{part}." for part in told if part))


class Saved(NamedTuple):
    """A figure on disk; a notebook shows it, and its title to who cannot see it."""

    png: Path
    title: str

    def __repr__(self) -> str:
        """Return the figure's title: no path of a machine stands in a notebook."""
        return self.title

    def _repr_png_(self) -> bytes:
        return self.png.read_bytes()


@cache
def _font_files() -> tuple[Path, ...]:
    dejavu = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    chinese = _only("pylopdf_fonts_zh_cn", r"Sans.*\.otf$")
    korean = _only("pylopdf_fonts_ko", r"Sans.*\.otf$")
    emoji = _only("manimgx_fonts", r"NotoEmoji.*\.ttf$")
    return (dejavu, chinese, korean, emoji)


def _only(package: str, pattern: str) -> Path:
    found = sorted(path for path in Path(str(files(package))).rglob("*") if re.search(pattern, path.name))
    if not found:
        message = f"the font package {package} holds no file like {pattern}"
        raise FileNotFoundError(message)
    return found[0]


@cache
def rc() -> dict[str, object]:
    """Return the settings of every figure, after making the fonts known to matplotlib."""
    names = []
    for path in _font_files():
        # By a name of our own, else a font of the system's that is called alike would be taken.
        entry = font_manager.ttfFontProperty(FT2Font(str(path)))
        font_manager.fontManager.ttflist.append(replace(entry, name=f"Vantage {entry.name}"))
        names.append(f"Vantage {entry.name}")
    # Fallback glyph by glyph works only where font.family itself is the list. The backend is left alone: matplotlib
    # would not put it back, and these figures bring their own canvas.
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")}
    return {**defaults, **_RC, "font.family": names}


@cache
def _drawable() -> frozenset[int]:
    return frozenset(code for path in _font_files() for code in FT2Font(str(path)).get_charmap())


#: The last letter of words in Arabic or Hebrew, before what is in neither.
_BACKWARD = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LAST_BACKWARD = re.compile(rf"[{_BACKWARD}](?=(?:[^\w{_BACKWARD}]|[\d_])*+(?:[^{_BACKWARD}]|\Z))")


def label(text: str, most: int = 60) -> str:
    r"""Make a text of somebody else fit to be drawn.

    White space becomes one space; marks that reverse or hide text go; a character that no font has is named by its
    code; what is longer than ``most`` columns, of which a Chinese character or an emoji takes two, ends in an ellipsis.
    Markup and mathematics are never read: the figures draw text as it stands.

    Examples
    --------
    >>> label("a\u202eb  c")
    'ab c'

    """
    shown = visible(text)
    known = _drawable()
    pieces = [
        c if ord(c) in known or c == "\u200d" else f"‹U+{ord(c):04X}›"
        for c in unicodedata.normalize("NFC", " ".join(shown.split()))[: most + 1]
    ]
    ends = list(accumulate(2 if is_wide(piece[0]) else len(piece) for piece in pieces))
    if ends and ends[-1] > most:
        pieces = [*pieces[: bisect_right(ends, most - 1)], "…"]
    return forward("".join(pieces))


def forward(line: str) -> str:
    r"""Make a line run from left to right where Arabic or Hebrew stands in it too.

    Else "a minus b" is drawn as b minus a, and of "a: 55 times" the number before the name.

    Examples
    --------
    >>> forward("a minus b"), forward("\u0627 minus b"), forward("\u0627 \u0627: 55")
    ('a minus b', '\u200e\u0627\u200e minus b', '\u200e\u0627 \u0627\u200e: 55')

    """
    if line.isascii() or not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in line):
        return line
    return "\u200e" + _LAST_BACKWARD.sub("\\g<0>\u200e", line.replace("\u200e", ""))


def mark(
    ax: Axes,
    x: float,
    ends: Sequence[float],
    y: float,
    colour: str,
    marker: str,
    size: float,
    width: float = 1.2,
    **more: object,
) -> None:
    """Draw an estimate with its interval, hollow where it has none; ``more`` is how matplotlib draws its marker."""
    given = not pd.isna(ends[0])
    if given:
        ax.plot(ends, [y, y], color=colour, linewidth=width)
    face = colour if given else "white"
    ax.plot(x, y, marker=marker, markersize=size, color=colour, markerfacecolor=face, **{"clip_on": False, **more})


def read_back(table: pd.DataFrame, *one: str) -> pd.DataFrame:
    """Return a table as `analysis.compare` made it, whether it comes from there or from the CSV of a figure.

    A CSV does not tell an empty text from a missing one, nor a missing count from a missing measure.

    Parameters
    ----------
    *one : str
        Columns of which the table may hold one combination: instruments, languages and pairs share no scale.

    Raises
    ------
    ParameterError
        If it holds several; it says how to draw them one by one.

    """
    out = table.reset_index(drop=True)
    for name, values in list(out.items()):
        if pd.api.types.is_float_dtype(values.dtype) and _COUNT.search(str(name)) and (values.dropna() % 1 == 0).all():
            out[name] = values.astype("Int64")
        elif not pd.api.types.is_numeric_dtype(values.dtype) or (str(name) in _TEXTS and values.isna().all()):
            cells = values.to_numpy(dtype=object, copy=True)
            cells[values.isna().to_numpy()] = ""
            out[name] = pd.Series(cells, dtype=object)
    known = [name for name in one if name in out]
    several = len(out[known].drop_duplicates()) if known else 1
    if several > 1:
        message = (
            f"the table holds {several:,} of ({', '.join(one)}), and a figure shows one (accepted: one of "
            f"table.groupby({list(one)}, dropna=False))"
        )
        raise ParameterError(message)
    return out


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure in the study's style, without touching matplotlib's global state."""
    with mpl.rc_context(rc()):
        figure = Figure(figsize=(width, height), layout="constrained")
        Canvas(figure)
        return figure


def nothing_to_draw(why: str = "The table has no row to draw: choose others.") -> Sentence:
    """Return what says why there is nothing: somebody chose rows of a table, and none is left."""
    with mpl.rc_context(rc()):
        return Sentence(why)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    r"""Write the numbers behind a figure: UTF-8, ``\n``, eight significant digits, no cell that a spreadsheet runs.

    A text that begins with ``= + - @``, full-width or not, a tab or a line end gets an apostrophe before it (OWASP's
    advice against formula injection; lossy, and only in text columns), unless it is a number, ``-1``. So does what
    would begin a cell where a spreadsheet parts cells at semicolons or tabs, which quotation marks do not hinder:
    ``a;=1``; but ``;-)`` stays. A carriage return becomes ``\n``: not every Python quotes it.
    """
    csv_cells(table).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def csv_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of a table as :func:`write_csv` writes them."""
    out = table.copy()
    for name, kind in out.dtypes.items():
        if pd.api.types.is_float_dtype(kind):
            # Adding 0 turns -0 into 0.
            values, gone = settled(out[name]).tolist(), out[name].isna()
            out[name] = ["" if no else f"{v + 0.0:.{DIGITS}g}" for v, no in zip(values, gone, strict=True)]
        elif not pd.api.types.is_numeric_dtype(kind):
            texts = ["" if no else str(v) for v, no in zip(out[name].tolist(), out[name].isna(), strict=True)]
            tamed = {text: tame(text) for text in set(texts)}  # a group's name stands in thousands of rows
            out[name] = [tamed[text] for text in texts]
    return out


def declare(figure: Figure) -> None:
    """Write "constructed data" across a figure, once, over what is drawn: again where a part could be cut out alone."""
    if any(text.get_text() == CONSTRUCTED for text in figure.texts):
        return
    width, height = figure.get_size_inches()
    across, down = max(round(width / _MARK_EVERY), 1), max(round(height / _MARK_EVERY), 1)
    # A low figure gets smaller letters: none of them may fall off its edge.
    size = 44 * min(1, height / down / _MARK_INCHES[1], width / across / _MARK_INCHES[0])
    mark = {"fontsize": size, "color": INK, "alpha": 0.13, "rotation": 24, "ha": "center", "va": "center"}
    for column in range(across):
        for row in range(down):
            figure.text((column + 0.5) / across, (row + 0.5) / down, CONSTRUCTED, **mark)


def save(
    figure: Figure,
    table: pd.DataFrame,
    folder: Path,
    name: str,
    *,
    constructed: bool = False,
    formats: Sequence[str] = ("png", "svg"),
) -> Saved | Figure:
    """Write ``name.csv`` and, unless there is nothing to draw, ``name.png`` and the like.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Made by :func:`new_figure`; of a :class:`Sentence` no picture is written, and none is left of an earlier one.
    table : pandas.DataFrame
        Every row behind the drawing.
    folder : Path
        Made if it is missing.
    name : str
        ``NN-name``, without an ending.
    constructed : bool
        Write :data:`CONSTRUCTED` across the figure: nobody said what it shows.
    formats : sequence of str
        ``png`` (300 dots an inch), ``svg``, ``pdf``.

    Returns
    -------
    Saved or Figure
        What a notebook shows.

    Raises
    ------
    GlyphError
        If a character has no glyph in any of the fonts.

    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(figure, Sentence):
        for ending in _NO_METADATA:
            (folder / f"{name}.{ending}").unlink(missing_ok=True)
        write_csv(table, folder / f"{name}.csv")
        return figure
    with mpl.rc_context(rc()), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            # Laid out once for all files: left on, the layout is made anew, twice, for each. "none" would put a
            # placeholder in its place, for which matplotlib draws each file twice.
            layout = figure.get_layout_engine()
            if layout is not None:
                layout.execute(figure)
                figure.set_layout_engine(None)
            if constructed:
                declare(figure)
            for ending in formats:
                figure.savefig(folder / f"{name}.{ending}", metadata=_NO_METADATA[ending])
        except UserWarning as error:
            message = f"{name}: {error}"
            raise GlyphError(message) from error
    write_csv(table, folder / f"{name}.csv")
    return Saved(folder / f"{name}.png", title_of(figure)) if "png" in formats else figure
