"""The folder ``paper/`` of a run: methods, findings, checklists and tables that go into an article as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis import paths
from analysis.compare.concordance import visible
from analysis.show import style
from analysis.show.lettering import minus
from analysis.study.cells import Cells, keys, look, markdown, tex
from analysis.study.findings import Told, tell
from analysis.study.methods import Section, limitations, methods
from analysis.study.paper_tables import article_tables, own_tables, read_tables
from analysis.study.references import references
from analysis.study.sentences import cell_text
from analysis.study.study import Study

_NOT_DONE = "not done"
_LONG = 30
_HEAD = r"""% Compile with XeLaTeX or LuaLaTeX (Chinese words need xeCJK's or luatexja's fonts), then BibTeX.
\documentclass{article}
\usepackage{fontspec}
\IfFileExists{xeCJK.sty}{\usepackage{xeCJK}\IfFontExistsTF{FandolSong-Regular.otf}{\setCJKmainfont{FandolSong-Regular.otf}}{}}{}
\usepackage{booktabs,longtable,lscape}
\usepackage[margin=2cm]{geometry}
\usepackage[authoryear]{natbib}
\begin{document}
"""
_TAIL = "\\bibliographystyle{plainnat}\n\\bibliography{references}\n\\end{document}\n"


def write_paper(study: Study, figures: Sequence[Path], folder: Path) -> None:
    """Write the paper's folder.

    Parameters
    ----------
    study : Study
        With the parameters of the run.
    figures : sequence of Path
        Where the tables are that the run has made, the newest folder first; what is not there is not spoken of.
    folder : Path
        ``methods.md`` and ``.tex`` (with limitations, findings and tables), ``findings.md``, ``checklists.md`` and
        ``.csv``, ``references.bib`` (what is cited), ``numbers.csv`` (which cell each number is), the tables as
        ``.csv`` and ``.tex``.

    """
    folder.mkdir(parents=True)
    own = own_tables(study)
    tables = {**own, **read_tables(figures)}
    cells = Cells(tables)
    sections = [*methods(cells, study), limitations(cells, study)]
    checks = checklists(cells)
    listed = _checklists_markdown(checks)
    cited = keys(" ".join([listed, *(sentence for _, told in sections for sentence in told)]))
    shown = dict(article_tables(tables))
    mine = {name: cells.tables[name] for name in (*own, "languages") if "/" not in name and name in cells.tables}
    for name, table in {**mine, **shown, "checklists": checks, "numbers": cells.table()}.items():
        style.write_csv(table, folder / f"{name}.csv")
    for name, table in shown.items():
        _write(folder / f"{name}.tex", _tabular(table))
    _write(folder / "references.bib", references(cited))
    _write(folder / "methods.md", "# Methods\n\n" + _as_markdown(cells, sections))
    found = ""
    if "06-findings" in tables:
        findings = tell(tables["06-findings"])
        said = findings.told("### {}\n\n", "{}\n", "- {}\n", "{}\n\n", lambda text: markdown(_plain(text)))
        _write(folder / "findings.md", f"# Findings\n\n{said.rstrip()}\n")
        found = _findings_tex(findings)
    _write(folder / "methods.tex", _HEAD + _as_tex(cells, sections) + found + _inputs(shown) + _TAIL)
    _write(folder / "checklists.md", listed)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


# Texts ----------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Return a text on one line, as no name may begin a paragraph, nor end a row of a table."""
    return " ".join(visible(text).split())


def _as_markdown(cells: Cells, sections: list[Section]) -> str:
    def shown(text: str) -> str:
        return markdown(_plain(text))

    return (
        "".join(f"## {heading}\n\n{cells.fill(' '.join(told), cells=shown)}\n\n" for heading, told in sections).rstrip()
        + "\n"
    )


def _as_tex(cells: Cells, sections: list[Section]) -> str:
    def cited(names: list[str]) -> str:
        return rf" \citep{{{','.join(names)}}}"

    def shown(text: str) -> str:
        return tex(_plain(text))

    return "".join(
        f"\\section*{{{heading}}}\n{cells.fill(' '.join(told), tex, shown, cited)}\n\n" for heading, told in sections
    )


def _findings_tex(told: Told) -> str:
    items = "\\begin{{itemize}}\n{}\\end{{itemize}}\n"
    said = told.told("\\subsection*{{{}}}\n", items, "\\item {}\n", "{}\n\n", lambda text: tex(_plain(text)))
    return f"\\section*{{Findings}}\n{said}\n"


def _inputs(shown: dict[str, pd.DataFrame]) -> str:
    tables = "".join(
        f"\\section*{{Table: {tex(name)}}}\n{{\\footnotesize\\noindent\\input{{{name}}}}}\n\n" for name in shown
    )
    return f"\\begin{{landscape}}\n{tables}\\end{{landscape}}\n"


# Checklists -----------------------------------------------------------------------------------------------------------


def checklists(cells: Cells) -> pd.DataFrame:
    """Fill ``data/checklists.csv`` with the run's numbers: ``framework, part, step, answer``, or "not done"."""
    for name, args in _COUNTED.items():
        if cells.has(args[0]) and look(cells.tables[args[0]], *args[1:]):
            cells(name, *args)
    if cells.has("01-grid"):
        held = cells.tables["01-grid"].query("utterances > 0")
        spoken = held.groupby(["platform", "kind", "year"], dropna=False)["language"].nunique().reset_index()
        cells.tables = {**cells.tables, "languages": spoken.rename(columns={"language": "languages"})}
        cells("grid_places", "languages", "count")
        cells("grid_shared", "languages", "count", rows="languages > 1")
    steps = pd.read_csv(paths.DATA / "checklists.csv", keep_default_na=False)
    return steps.assign(answer=[_answer(cells, template) for template in steps["answer"]])


_COUNTED = {
    "distributions": ("02-tone", "count", "", "part == 'mean'"),
    "periods": ("04-timeline", "different", "period"),
    "grid_cells": ("01-grid", "count", "", "utterances > 0"),
    "masking": ("02-masking", "count"),
    "specifications": ("06-claims", "count", "", "row != 'claim'"),
    "instruments": ("instruments", "count"),
    "aligned": ("data/aligned", "count"),
}


def _answer(cells: Cells, template: str) -> str:
    try:
        return cells.fill(template) if template else _NOT_DONE
    except KeyError:
        return _NOT_DONE


def _checklists_markdown(table: pd.DataFrame) -> str:
    out = [
        "# Checklists",
        "",
        "Filled by the run; what the run does not do is *not done*, and for the authors to do or to say.",
    ]
    cite = {
        "ValiText": "[@birkenmaier2023], steps for dictionaries",
        "Lind et al.": "[@lind2025], questions in our words",
    }
    for framework, steps in table.groupby("framework", sort=False):
        out += ["", f"## {framework} {cite[framework]}", "", "| part | step | answer |", "|---|---|---|"]
        out += [f"| {row.part} | {row.step} | {markdown(row.answer)} |" for row in steps.itertuples()]
    return "\n".join(out) + "\n"


# Tables ---------------------------------------------------------------------------------------------------------------


def _tabular(table: pd.DataFrame) -> str:
    shown = {name: [_cell(name, value) for value in values] for name, values in table.items()}
    if "low" in shown:
        before = list(shown)[list(shown).index("low") - 1]
        sides = zip(shown[before], shown.pop("low"), shown.pop("high"), strict=True)
        shown[before] = [value if low == _NONE else f"{value} [{low}, {high}]" for value, low, high in sides]
    kinds = [_WIDE.get(name, "r" if pd.api.types.is_numeric_dtype(table[name]) else "l") for name in shown]
    cells = pd.DataFrame({tex(name): values for name, values in shown.items()}, dtype=object)
    return cells.to_latex(index=False, escape=False, column_format="".join(kinds), longtable=len(cells) > _LONG)


_NONE = "--"
_TESTED = {"p": "p", "q": "q", "p (Holm)": "p"}
_WIDE = {"claim": "p{6cm}", "reason": "p{5cm}", "why": "p{6cm}", "platforms": "p{3cm}"}
_WIDE |= dict.fromkeys(("group", "a", "b"), "p{3.2cm}")


def _cell(name: str, value: object) -> str:
    if pd.isna(value):
        return _NONE
    if isinstance(value, str):
        return tex(_plain(value))
    tested = _TESTED.get(name, "")
    if not tested and value % 1 and abs(value) < 1_000:  # noqa: PLR2004
        return tex(minus(value, "#.3g"))  # 0.38 in a column of 0.172 is 0.380
    return tex(cell_text(tested, value).removeprefix(f"{tested} ").removeprefix("= "))
