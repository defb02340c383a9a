"""Findings in sentences: the strongest first, as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from analysis.compare.findings import CLAIM, FOUND, GATHER, NOT_ASKED, NOT_FOUND, SMALL, WHOLE
from analysis.corpus.spreadsheet import unguarded
from analysis.errors import plural
from analysis.show.concordance import escaped
from analysis.study.sentences import sentence

#: So many of the strongest are told; the table has all.
MOST_TOLD = 12
#: Of so many pairs of groups the same is told one by one.
_ALIKE = 6
HEADINGS = {
    FOUND: "What holds",
    SMALL: "What differs by less than matters",
    NOT_FOUND: "What was looked for and not found",
    NOT_ASKED: "What could not be asked",
    GATHER: "What to gather next",
}


def with_sentences(table: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``sentence`` to the findings (`analysis.compare.findings.findings`)."""
    return table.assign(sentence=[sentence(row) for row in table.to_dict("records")])


class Told(str):
    """Findings as Markdown; a notebook shows them as HTML, in which no name of the corpus's works."""

    __slots__ = ()

    def told(self, heading: str, items: str, item: str, text: str, shown: Callable[[str], str]) -> str:
        """Return the findings in another form.

        Parameters
        ----------
        heading, items, item, text : str
            Each with ``{}`` for what it holds: a heading, a list, one of its items, a sentence alone.
        shown : callable
            What writes a heading or sentence, in which names stand.

        """
        out = []
        for block in self.split("\n\n"):
            lines = block.split("\n")
            if lines[0].startswith("- "):
                said = [item.format(shown(line.removeprefix("- "))) for line in lines]
                out.append(items.format("".join(said)))
            elif block.startswith("### "):
                out.append(heading.format(shown(block.removeprefix("### "))))
            else:
                out.append(text.format(shown(block)))
        return "".join(out)

    def _repr_html_(self) -> str:
        said = self.told("<h3>{}</h3>", "<ul>{}</ul>", "<li>{}</li>", "<p>{}</p>", escaped)
        return f'<div class="tex2jax_ignore mathjax_ignore">{said}</div>'


def tell(table: pd.DataFrame) -> Told:
    """Tell the findings: the strongest first, what is not found and not asked summed up, and what to gather.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`with_sentences`.

    """
    whole = table.loc[table["kind"] == WHOLE, "sentence"].iloc[0]
    return Told("\n\n".join([_line(whole), *_blocks(table)]))


def _blocks(table: pd.DataFrame) -> Iterator[str]:
    for kind, heading in HEADINGS.items():
        rows = table[table["kind"] == kind]
        if kind in {NOT_FOUND, NOT_ASKED}:
            rows = rows[rows["count"].notna() | ((rows["family"] == CLAIM) & (kind == NOT_FOUND))]
            alike = rows.groupby(["family", "note"], dropna=False).cumcount()
            more = int(((alike >= _ALIKE) & (rows["family"] != CLAIM)).sum())
            rows = rows[(alike < _ALIKE) | (rows["family"] == CLAIM)]
        if rows.empty and kind != FOUND:
            continue
        yield f"### {heading}"
        lines = rows["sentence"]
        if kind in {FOUND, SMALL}:
            lines = lines.head(MOST_TOLD)
        yield "\n".join(f"- {_line(text)}" for text in lines) or "Nothing."
        if len(lines) < len(rows):
            yield "The strongest stand here, all in the table."
        if kind in {NOT_FOUND, NOT_ASKED} and more:
            yield f"The same of other pairs of groups, in {plural(more, 'more sentence')}, stands in the table."


def _line(text: str) -> str:
    return unguarded(" ".join(text.split()))
