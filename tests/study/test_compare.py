"""Every column that groups can be made of runs the code of every notebook that compares."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import MagicMock

import IPython.display
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from analysis.compare import kept
from analysis.compare.attributes import KEYS
from analysis.compare.groups import plain_name
from analysis.corpus import ImportOptions, import_file, read_corpus
from analysis.parameters import COMPARE
from analysis.show import (
    agreement,
    classes,
    collocations,
    comention,
    concepts,
    contested,
    correction,
    keyness,
    multiverse,
    overview,
    timeline,
    tone,
    word_shift,
)
from analysis.study.parameters import declared_parameters, find_notebooks
from analysis.study.study import Study

DRAWING = (
    *(agreement, classes, collocations, comention, concepts, contested, correction),
    *(keyness, multiverse, overview, timeline, tone, word_shift),
)
NOTEBOOKS = {path.stem: path for path in find_notebooks() if "compare" in declared_parameters(path)}
#: One way of few groups draws every figure, provinces those of one notebook; the others make the tables alone.
FEW = ("platform",)
#: These run all notebooks (as the runner's tests do by vantage); the others, whose groups are made alike, one.
WHOLE = ("origin", "platform")
ONE = "04-concepts"
#: It makes every other's contrasts many times over: by one way of few groups, and by vantage in the runner's tests.
LONG, OF_LONG = "05-robustness", "origin"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, fixture_file: Path) -> Path:
    """Return the bilingual fixture with two years and speakers."""
    folder = tmp_path_factory.mktemp("compared")
    table = pd.read_csv(fixture_file, dtype=str, keep_default_na=False)
    before = np.arange(len(table)) % 2 == 0
    table.loc[before, "posted_at"] = table.loc[before, "posted_at"].str.replace("^2025", "2024", regex=True)
    table["speaker"] = [f"speaker {number % 60}" for number in range(len(table))]
    table.to_csv(folder / "fixture.csv", index=False)
    import_file(folder / "fixture.csv", folder / "corpus", ImportOptions("Bilingual fixture"))
    return folder / "corpus"


def run(notebook: str, given: dict[str, object], monkeypatch: pytest.MonkeyPatch, *, draw: bool) -> dict[str, tuple]:
    """Run a notebook's cells in this process; return what it saves, a table and a figure by name."""
    saved: dict[str, tuple] = {}

    def save(_: Study, name: str, table: pd.DataFrame, figure: Figure | None = None) -> None:
        assert name not in saved
        assert re.fullmatch(r"[\w-]+", name)
        saved[name] = (table, figure)

    path = NOTEBOOKS[notebook]
    given = {name: value for name, value in given.items() if name in declared_parameters(path)}
    book = parameterize_notebook(load_notebook_node(str(path)), given)
    with monkeypatch.context() as patch:
        patch.setattr(Study, "save", save)
        patch.setattr(IPython.display, "display", lambda *_: None)
        for module in () if draw else DRAWING:
            for name in filter(re.compile("draw_").match, vars(module)):
                patch.setattr(module, name, MagicMock())
        exec("\n".join(cell.source for cell in book.cells if cell.cell_type == "code"), {})  # noqa: S102
    return saved


@pytest.mark.parametrize("way", [*COMPARE[1:], *(f"{key} of attributes" for key in KEYS)])
def test_every_notebook_runs_by_every_column(way: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given: dict[str, object] = {"corpus": str(corpus), "out": str(tmp_path), "draws": 99, "compare": way}
    key = way.split(maxsplit=1)[0]
    if way == "period":
        given |= {"split_at": "2025-01-01"}
    elif way not in COMPARE:
        values = sorted(set(read_corpus(corpus, [key])[key].dropna()))
        own = pd.DataFrame(
            {key: values, "half": ["one", "other half"] * (len(values) // 2) + ["one"] * (len(values) % 2)}
        )
        own.to_csv(tmp_path / "own.csv", index=False)
        given |= {"attributes": str(tmp_path / "own.csv"), "compare": "half"}
    # As in a run, the notebooks share the tables that several of them need.
    (tmp_path / "tables").mkdir()
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "tables"))
    whole = [name for name in NOTEBOOKS if name != LONG or way == OF_LONG]
    for notebook in whole if way in WHOLE else [ONE]:
        draw = way in FEW or (way, notebook) == ("region", ONE)
        saved = run(notebook, given, monkeypatch, draw=draw)
        assert saved
        if notebook != ONE:
            continue
        table, figure = saved["04-prevalence"]
        groups = list(dict.fromkeys(table["a"]))
        assert len(groups) >= 2
        if not draw:
            continue
        said = [text.get_text() for text in figure.findobj(Text)]
        # Every group is in the legend, the many small ones together.
        assert all(any(text.startswith(plain_name(group)) for text in said) for group in groups)
        if way == "region":
            shifts = run("02-sentiment", given, monkeypatch, draw=False)
            pairs = {name: figure for name, (_, figure) in shifts.items() if name.startswith("02-contrasts-zh")}
            assert len(pairs) == 55
            assert sum(figure is not None for figure in pairs.values()) == 15
            assert [group for group in groups if group.startswith("other")] == ["other (7 smaller groups)"]
            assert any(text.startswith("other (7 smaller groups)") for text in said)
            assert len(groups) == 11
            assert {"not known", "reference"} < set(groups)
            legends = filter(None, [*figure.legends, *(axes.get_legend() for axes in figure.axes)])
            lines = {(line.get_color(), line.get_marker()) for legend in legends for line in legend.legend_handles}
            assert len(lines) == 11


#: What somebody who begins has, or picks by mistake: one side, a reference alone, nothing that is a language.
LITTLE = {
    "one side": ("western_commenter", ["the streets are empty, so many actors", "good people and a sad market"] * 20),
    "one utterance": ("chinese_viewer", ["街道很干净，就像八十年代的深圳"]),
    "a reference alone": ("", ["what a lovely day", "rain again"] * 10),
    "no language": ("vlogger", ["...", "!!!", "123"]),
}


@pytest.mark.parametrize("what", LITTLE)
def test_every_notebook_runs_on_what_nothing_can_be_compared_with(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    vantage, texts = LITTLE[what]
    table = pd.DataFrame({"text": texts, "thread_id": np.arange(len(texts)) % 9})
    table.to_csv(tmp_path / "little.csv", index=False)
    constants = {"platform": "tiktok", "kind": "comment"} | ({"vantage": vantage} if vantage else {})
    options = ImportOptions("Little", constants=constants, columns={"text": "text", "thread_id": "thread_id"})
    import_file(tmp_path / "little.csv", tmp_path / "corpus", options)
    (tmp_path / "tables").mkdir()
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "tables"))
    for notebook in NOTEBOOKS:
        given: dict[str, object] = {"corpus": str(tmp_path / "corpus"), "out": str(tmp_path), "draws": 99}
        run(notebook, given, monkeypatch, draw=what == "one utterance")


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_likes_that_nobody_gave_weigh_nothing_without_a_warning(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    table = read_corpus(corpus, ["text", "thread_id", "vantage", "platform", "kind"])
    table.to_csv(tmp_path / "unliked.csv", index=False)
    import_file(tmp_path / "unliked.csv", tmp_path / "unliked", ImportOptions("Unliked"))
    given: dict[str, object] = {"corpus": str(tmp_path / "unliked"), "out": str(tmp_path), "weighting": "likes"}
    saved = run(ONE, given | {"draws": 99}, monkeypatch, draw=False)
    assert saved["04-contrasts"][0]["p"].isna().all()
