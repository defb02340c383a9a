"""The notebooks call the library: short cells, tables and figures in view, no side effects, no outputs."""

from __future__ import annotations

import ast
import builtins
from importlib import import_module
from pathlib import Path
from types import NoneType

import nbformat
import pytest

from analysis import paths
from analysis.parameters import Parameters, plain_type
from analysis.study.parameters import TAG, declared_parameters, find_notebooks

NOTEBOOKS = find_notebooks()
MOST_CELLS = 24
ROOMS = (["analysis", "compare"], ["analysis", "show"], ["analysis", "study"])
MOST_LINES = 12
#: What a cell may do: import, assign, call, show, and go through a table pair by pair.
_PLAIN = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr, ast.For)
_LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.AsyncFor, ast.While),
    *(ast.Try, ast.With, ast.Match, ast.NamedExpr, ast.Global, ast.Delete),
)
#: What reaches beyond the notebook: files, the network, processes, settings. ``study.save`` alone writes.
_BEYOND = {
    *("open", "exec", "eval", "compile", "input", "print", "__import__", "setattr", "savefig", "write", "write_csv"),
    *("to_csv", "to_excel", "to_parquet", "to_json", "to_pickle", "read_csv", "set_option", "rcParams", "environ"),
}

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
#: No part of a run; see ``test_tutorial.py``.
TUTORIAL = paths.NOTEBOOKS / "tutorial.ipynb"
with_the_tutorial = pytest.mark.parametrize("path", [*NOTEBOOKS, TUTORIAL], ids=lambda path: path.stem)


def sources(path: Path) -> list[str]:
    """Return the sources of a notebook's code cells."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def names_in(source: str) -> set[str]:
    """Return the names and attributes that a cell speaks of."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name | ast.Attribute)]
    return {node.id if isinstance(node, ast.Name) else node.attr for node in nodes}


def test_the_study_has_its_notebooks() -> None:
    names = [path.stem for path in NOTEBOOKS]
    assert names[:3] == ["00-overview", "01-corpus", "02-sentiment"]
    assert sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb")) == [*names, "tutorial"]


def test_what_codes_are_worth_is_explained_where_the_tables_have_it() -> None:
    cells = nbformat.read(paths.NOTEBOOKS / "05-robustness.ipynb", as_version=4).cells
    at = next(at for at, cell in enumerate(cells) if "corrected_contrasts(study)" in cell.source)
    assert all(name in cells[at - 1].source for name in ("`worth` is how many", "`more` how many"))


@every_notebook
def test_a_notebook_has_few_cells_and_says_first_what_it_is_about(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert len(cells) <= MOST_CELLS
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith(f"# {int(path.stem[:2])}. ")


@with_the_tutorial
def test_a_notebook_is_stored_without_outputs_or_traces_of_a_run(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert set(book.metadata) <= {"kernelspec", "language_info"}
    assert "version" not in book.metadata.get("language_info", {})
    for cell in book.cells:
        assert set(cell.metadata) <= {"tags"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert path.read_bytes().endswith(b"}\n")
    assert b"\r" not in path.read_bytes()


@with_the_tutorial
def test_a_cell_is_short_and_has_no_side_effect_but_saving(path: Path) -> None:
    for source in sources(path):
        tree = ast.parse(source)
        assert [ast.unparse(line) for line in tree.body if not isinstance(line, _PLAIN)] == []
        assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, _LOGIC)] == []
        called = [
            n.id if isinstance(n, ast.Name) else n.attr
            for n in ast.walk(tree)
            if isinstance(n, ast.Name | ast.Attribute)
        ]
        assert _BEYOND.isdisjoint(called)
        assert not source.lstrip().startswith(("%", "!"))
        lines = [line for line in tree.body if not isinstance(line, ast.Import | ast.ImportFrom | ast.AnnAssign)]
        assert sum((line.end_lineno or 0) - line.lineno + 1 for line in lines) <= MOST_LINES


@pytest.mark.parametrize("source", ["open('x')", "table.to_csv('x')", "figure.savefig('x')", "pd.set_option('a', 1)"])
def test_a_side_effect_would_be_found(source: str) -> None:
    assert not _BEYOND.isdisjoint(names_in(source))


@every_notebook
def test_every_name_in_a_notebook_exists(path: Path) -> None:
    known = set(dir(builtins))
    for source in sources(path):
        tree = ast.parse(source)
        for line in ast.walk(tree):
            assert not isinstance(line, ast.Import)
            if isinstance(line, ast.ImportFrom):
                assert line.module == "IPython.display" or line.module.split(".")[:2] in ROOMS
                room = import_module(line.module)
                assert [name.name for name in line.names if not hasattr(room, name.name)] == []
                known |= {name.asname or name.name for name in line.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                known.add(node.id)
        assert [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in known] == []


@every_notebook
def test_a_notebook_hands_all_its_parameters_over_once(path: Path) -> None:
    calls = [n for source in sources(path) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    opened = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "open_study"]
    assert opened == ["open_study(globals())"]
    loaded = {
        n.id
        for source in sources(path)
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    assert loaded.isdisjoint(declared_parameters(path))


@with_the_tutorial
def test_a_notebook_sorts_in_a_way_that_equal_rows_do_not_depend_on_the_processor(path: Path) -> None:
    for source in sources(path):
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "sort_values":
                assert "kind='stable'" in ast.unparse(call)


@every_notebook
def test_a_notebook_ends_with_two_cells_that_show_how_to_go_on(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    at = [i for i, cell in enumerate(cells) if cell.source.startswith("## Going on from here")]
    assert len(at) == 1
    rows, figure = cells[at[0] + 1 : at[0] + 3]
    assert rows.cell_type == figure.cell_type == "code"
    assert "set_size_inches" in figure.source


@every_notebook
def test_a_notebook_declares_names_types_and_defaults_as_the_study_does(path: Path) -> None:
    (cell,) = [cell for cell in nbformat.read(path, as_version=4).cells if TAG in cell.metadata.get("tags", [])]
    declared = declared_parameters(path)
    assert declared[:2] == ["corpus", "out"]
    assert len(set(declared)) == len(declared)
    for line in ast.parse(cell.source).body:
        assert isinstance(line, ast.AnnAssign)
        field = Parameters.model_fields[ast.unparse(line.target)]
        assert ast.unparse(line.annotation) == plain_type(field.annotation).__name__
        default = ast.literal_eval(line.value or ast.Constant(None))
        expected = list(field.default) if isinstance(field.default, tuple) else field.default
        assert default == expected
        assert type(default) is type(expected) is not NoneType


def test_every_parameter_of_the_study_reaches_a_notebook() -> None:
    assert {name for path in NOTEBOOKS for name in declared_parameters(path)} == set(Parameters.model_fields)
