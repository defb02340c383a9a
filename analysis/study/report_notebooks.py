"""What a run's executed notebooks show, as parts of a page in which nothing that people wrote acts."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import mistune
import nbformat
from markupsafe import Markup
from PIL import Image

from analysis.compare.concordance import visible

#: How to go on with a notebook is of no use on a page.
_RECIPES = "Going on from here"
_CANNOT = "What this cannot"
_TAGS = frozenset(["table", "caption", "tr", "th", "td", "p", "b", "h3", "h4", "ul", "ol", "li", "bdi", "br", "i"])
_VOID = frozenset(["br"])
_ALIGNED = re.compile(r"text-align:\s*(right|center)")
#: Figures are of few colours: with this many, and without loss from there, they take a quarter of their bytes.
_COLOURS = 256
_NEARLY_WHITE = 250
#: In pixels, for the page: what is wider stands in the run's folder for print.
_WIDEST = 780


@dataclass
class Picture:
    """A figure of the run: its name, where it is known, and its picture within the page."""

    name: str
    source: str
    width: int
    height: int
    about: str
    #: What is read to who cannot see it.
    title: str


@dataclass
class Part:
    """A section of a notebook: its heading and what stands under it, in order, as (kind, content)."""

    number: str
    heading: str
    content: list[tuple[str, object]] = field(default_factory=list)


@dataclass
class Chapter:
    """A notebook: its parts, and what it says of what it cannot."""

    name: str
    title: str
    parts: list[Part]
    limits: list[Markup]

    def pictures(self) -> Iterator[Picture]:
        """Yield the figures, in order."""
        for part in self.parts:
            yield from (each for _, each in part.content if isinstance(each, Picture))


def read_chapter(path: Path, names: Mapping[str, str]) -> Chapter:
    """Read an executed notebook.

    Parameters
    ----------
    names : mapping of str to str
        The SHA-256 of each picture of the run to its name, ``NN-name``.

    Returns
    -------
    Chapter
        Without what the notebook says of going on from it.

    """
    book = nbformat.read(path, as_version=4)
    parts, limits = [Part(f"{path.stem}-0", "")], list[Markup]()
    title, left_out, cannot = path.stem, False, False
    for cell in book.cells:
        if cell.cell_type == "markdown":
            first, _, rest = cell.source.partition("\n")
            if first.startswith("# "):
                title, cell.source = _heading(first[2:]), rest
            elif first.startswith("## "):
                heading = _heading(first[3:])
                left_out, cannot = heading == _RECIPES, heading.startswith(_CANNOT)
                cell.source = rest
                if not cannot and not left_out:
                    parts.append(Part(f"{path.stem}-{len(parts)}", heading))
            text = read_markdown(cell.source)
            if cannot:
                limits.append(text)
            elif not left_out and text.strip():
                parts[-1].content.append(("text", text))
        elif cell.cell_type == "code" and not left_out:
            parts[-1].content.append(("code", visible(cell.source)))
            for output in cell.outputs:
                _add_output(output.get("data", {}), parts[-1], names)
    return Chapter(path.stem, title, [part for part in parts if part.content], limits)


def _heading(markdown: str) -> str:
    """Return a heading without its marks: it stands in the contents and below figures, too."""
    return visible(markdown).replace("`", "")


def _add_output(data: Mapping[str, str], part: Part, names: Mapping[str, str]) -> None:
    if "image/png" in data:
        picture = base64.b64decode(data["image/png"])
        title = visible(data.get("text/plain", ""))
        title = "" if title.startswith("<") else title  # of another library's object only its class
        part.content.append(("figure", make_picture(picture, names, part.heading, title)))
    elif "text/html" in data:
        part.content.append(("html", tamed(data["text/html"])))
    elif "text/plain" in data:
        part.content.append(("plain", visible(data["text/plain"])))


def make_picture(png: bytes, names: Mapping[str, str], about: str, title: str) -> Picture:
    """Make a picture part of the page, in few colours."""
    with Image.open(io.BytesIO(png)) as image, io.BytesIO() as file:
        whole = image if image.mode == "RGB" else image.convert("RGB")  # figures are, and a copy is another 10 MB
        whole.thumbnail((_WIDEST, whole.height), reducing_gap=1.0)
        few = whole.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        # Few colours leave the ground a little off white.
        few.putpalette([255 if value >= _NEARLY_WHITE else value for value in few.getpalette() or []])
        few.convert("RGB").save(file, format="WEBP", lossless=True, method=4, quality=20)
        source = "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
        return Picture(names.get(hashlib.sha256(png).hexdigest(), ""), source, *few.size, about, title or about)


def read_markdown(source: str) -> Markup:
    """Return Markdown as HTML; what is HTML in it is shown, not read, and no link leads out of the page."""
    lower = re.sub(r"^#", "##", visible(source), flags=re.MULTILINE)  # the page has headings above it
    shown = mistune.create_markdown(escape=True, plugins=["table"])(lower)
    return tamed(str(shown), frozenset({"code", "pre", "strong", "em", "h3", "h4", "h5", "thead", "tbody"}))


class _Tamed(HTMLParser):
    """Writes HTML anew: known tags without attributes but a cell's width and side; of all else its text."""

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__()
        self.tags, self.out, self.open = tags, list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.tags:
            return
        given = dict(attrs)
        said, span = _ALIGNED.search(given.get("style") or ""), given.get("colspan") or ""
        said_class = f' class="{said[1]}"' if said else ""
        self.out.append(
            f"<{tag}{said_class}" + (f' colspan="{span}"' if re.fullmatch("[0-9]{1,3}", span) else "") + ">"
        )
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while (closed := self.open.pop()) != tag:
                self.out.append(f"</{closed}>")
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(html.escape(data))


def tamed(shown: str, more: frozenset[str] = frozenset()) -> Markup:
    """Return HTML of a notebook without anything that acts, whoever changed the notebook meanwhile.

    Examples
    --------
    >>> print(tamed('<p onclick="x()">a <b>b</b> <img src=x onerror=y>&lt;i&gt;<script>z()</script></p>'))
    <p>a <b>b</b> &lt;i&gt;z()</p>

    """
    reader = _Tamed(_TAGS | more)
    reader.feed(shown)
    reader.close()
    closing = "".join(f"</{tag}>" for tag in reversed(reader.open))
    return Markup("".join(reader.out) + closing)  # noqa: S704  written anew, tag by tag
