"""The page of a run: what its notebooks, tables and manifest say, in one HTML file that fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import paths
from analysis.compare.concordance import visible
from analysis.errors import plural
from analysis.parameters import Parameters, meanings
from analysis.study.findings import tell
from analysis.study.manifest import manifest_text
from analysis.study.parameters import find_notebooks
from analysis.study.placing import PAPER
from analysis.study.references import with_names
from analysis.study.report_notebooks import Chapter, read_chapter, read_markdown
from analysis.study.report_tables import IN_EXPLORER, page_table, read_run_table

PAGE = Path(__file__).parent / "page"
OVERVIEW, FINDINGS = "00-overview", "06-findings"
#: Sections of 01-corpus that say what was left out.
_EXCLUSIONS = ("What nobody wrote", "What no instrument could read", "What was collected")
#: Columns of tables that hold what people said.
_WORDS = {"text", "left", "keyword", "right"}
_SENTENCES, _ABOVE = "Findings in sentences", Markup('<p><a href="#findings">They stand above.</a></p>')
_QUOTES = Markup(
    "This page quotes people. A search engine can find who wrote a line: send the page to nobody who may not read the "
    "corpus, and for others make one without lines (<code>vantage run -p lines=0</code>)."
)
_CONSTRUCTED = "This page holds constructed data: nobody said those lines."


@dataclass
class Explorer:
    """The explorer: its data, if there are any; what it says of itself; whether nobody or somebody said its lines."""

    data: dict[str, Any] | None
    told: str
    constructed: bool = False
    said: bool = True


@dataclass(frozen=True)
class Run:
    """What a run left: its figures with their manifest, and its executed notebooks."""

    figures: Path
    notebooks: Path
    manifest: dict[str, Any]


def make_page(run: Run, explorer_of: Callable[[], Explorer]) -> str:
    """Return the page of a run as HTML; the same run gives the same text.

    Parameters
    ----------
    explorer_of : callable
        Makes the explorer, while the pictures are made.

    """
    names = {known: Path(name).stem for name, known in run.manifest["figures"].items() if name.endswith(".png")}
    stems = [path.stem for path in find_notebooks()]
    there = [stem for stem in stems if (run.notebooks / f"{stem}.ipynb").is_file()]
    with ThreadPoolExecutor(2) as pool:  # pictures take the time, and are made outside of Python
        reading = pool.map(lambda stem: read_chapter(run.notebooks / f"{stem}.ipynb", names), there)
        explorer, tables = explorer_of(), _tables(run)
    chapters = list(reading)
    overview = next((each for chapter in chapters for each in chapter.pictures() if each.name == OVERVIEW), None)
    shown = {each.name for chapter in chapters for each in chapter.pictures()}
    paper = run.notebooks.parent / PAPER / "methods.md"
    told = with_names(paper.read_text(encoding="utf-8")) if paper.is_file() else ""
    methods, _, limits = told.removeprefix("# Methods\n").partition("## Limitations\n")
    findings = read_run_table(run.figures / f"{FINDINGS}.csv") if FINDINGS in tables else None
    name = visible(run.manifest["corpus"]["name"])
    anchors = [("overview", "Overview"), ("findings", "Findings"), ("explorer", "Explorer")]
    anchors += [(chapter.name, chapter.title) for chapter in chapters if chapter.name != OVERVIEW]
    anchors += [(each.lower(), each) for each in ("Methods", "Limitations", "Parameters", "Manifest")]
    # Run by the page's script once it is unpacked, which its hash allows as that of any other.
    library = bokeh_script() if explorer.data is not None else ""
    scripts = [_file("tables.js") + (_file("explorer.js") if library else "")]
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=f"How North Korea is spoken of: {name}",
            told=f"{plural(len(shown - {''}), 'figure')} and {plural(len(tables), 'table')} of the corpus {name}.",
            warnings=_warnings(run, explorer),
            policy=policy([*scripts, library] if library else scripts),
            style=Markup(_file("report.css")),  # noqa: S704  our own
            contents=anchors,
            overview=overview,
            findings=None if findings is None else Markup(tell(findings)._repr_html_()),  # noqa: S704  escaped
            explorer=explorer,
            first=[_without(chapter, OVERVIEW) for chapter in chapters if chapter.name == OVERVIEW],
            chapters=[_told_above(chapter) for chapter in chapters if chapter.name != OVERVIEW],
            earlier=defaultdict(str, _earlier(run.manifest)),
            others=_others(chapters, tables, shown | {FINDINGS}),
            absent=[stem for stem in stems if stem not in {*there, OVERVIEW}],
            missing=lambda stem: f"Not there: the notebook {stem} was not run into this folder.",
            methods=read_markdown(methods),
            limitations=[read_markdown(limits), *(text for chapter in chapters for text in chapter.limits)],
            exclusions=[
                (part.number, part.heading)
                for chapter in chapters
                for part in chapter.parts
                if part.heading.startswith(_EXCLUSIONS)
            ],
            parameters=_parameters(run.manifest["parameters"]),
            manifest=visible(manifest_text(run.manifest)),
            tables=tables,
            data=packed(json.dumps({"tables": tables, "explorer": explorer.data}, ensure_ascii=False, allow_nan=False)),
            library=packed(library) if library else "",
            scripts=[Markup(text) for text in scripts],  # noqa: S704  our own, and Bokeh's
        )
    )


def _warnings(run: Run, explorer: Explorer) -> list[str]:
    """Say whose words stand on the page: people's, whom nobody may betray, or nobody's."""
    quoted = _quotes(run.manifest) and explorer.said
    return [*([_QUOTES] if quoted else []), *([_CONSTRUCTED] if explorer.constructed else [])]


def _quotes(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a notebook of the run was let quote lines."""
    parameters = [manifest["parameters"], *(was.get("parameters", {}) for was in manifest.get("earlier", {}).values())]
    return any(each.get("lines", 0) for each in parameters)


def _tables(run: Run) -> dict[str, dict[str, Any]]:
    """Return the tables of the run as the page holds them, but for those that the explorer shows."""
    out = {}
    for name in sorted(run.manifest["figures"]):
        if not name.endswith(".csv") or name.startswith(IN_EXPLORER) or not (run.figures / name).is_file():
            continue
        whole = read_run_table(run.figures / name)
        table = page_table(whole if _quotes(run.manifest) else whole.drop(columns=[*_WORDS & {*whole}]))
        most = f"the first {len(table['rows']):,} of " if len(table["rows"]) < table["count"] else ""
        out[Path(name).stem] = {**table, "told": most + plural(table["count"], "row")}
    return out


def _others(chapters: Sequence[Chapter], tables: Mapping[str, Any], shown: set[str]) -> dict[str, list[str]]:
    """Return, by notebook, the tables that belong to no figure."""
    rest = [name for name in tables if name not in shown]
    return {chapter.name: [name for name in rest if name[:2] == chapter.name[:2]] for chapter in chapters}


def _without(chapter: Chapter, name: str) -> Chapter:
    """Return a chapter without a figure that stands elsewhere on the page."""
    parts = [
        replace(part, content=[each for each in part.content if getattr(each[1], "name", None) != name])
        for part in chapter.parts
    ]
    return replace(chapter, parts=parts)


def _told_above(chapter: Chapter) -> Chapter:
    """Return a chapter without the sentences that stand at the page's beginning."""
    parts = []
    for part in chapter.parts:
        content = part.content
        if part.heading.startswith(_SENTENCES):
            content = [*(each for each in content if each[0] != "html"), ("text", _ABOVE)]
        parts.append(replace(part, content=content))
    return replace(chapter, parts=parts)


def _earlier(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Say, by notebook, what an earlier run that made its figures was made from, where that differs."""
    out = {}
    for stem, was in manifest.get("earlier", {}).items():
        now = manifest["parameters"]
        differs = [
            f"{key} = {_value(value)}" for key, value in was.get("parameters", {}).items() if value != now.get(key)
        ]
        others = sorted(set(was) - {"parameters", "parameters_hash"})
        out[stem] = "Of an earlier run with " + "; ".join([*differs, *(f"another {key}" for key in others)]) + "."
    return out


def _parameters(told: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return name, value, usual value and meaning of each parameter."""
    usual = Parameters().model_dump(mode="json")
    meaning = meanings()
    return [(name, _value(value), _value(usual.get(name)), meaning.get(name, "")) for name, value in told.items()]


def _value(value: object) -> str:
    return visible(", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value, ensure_ascii=False))


def policy(scripts: Sequence[str]) -> str:
    """Return the Content-Security-Policy of a page that runs these scripts, and fetches nothing."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def packed(text: str) -> str:
    """Return a text deflated, in base 64: a third of its bytes, and no mark that HTML reads."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def bokeh_script() -> str:
    """Return Bokeh's own JavaScript, of which the explorer needs the core alone."""
    path = paths.package_file("bokeh", "bokeh/server/static/js/bokeh.min.js")
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _file(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")
