"""The notebooks call the library: few cells, no logic, no outputs, and the parameters that the study declares."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

import nbformat
import pytest

from analysis import paths, study
from analysis.study.parameters import TAG, Parameters, declared_parameters, find_notebooks

NOTEBOOKS = find_notebooks()
MOST_CELLS = 15
#: What a cell may do: import, assign, call, show.
_PLAIN = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
_LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.For, ast.AsyncFor),
    *(ast.While, ast.Try, ast.With, ast.Match, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.BinOp, ast.BoolOp, ast.Compare, ast.Subscript, ast.NamedExpr, ast.JoinedStr),
)

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def sources(path: Path) -> list[str]:
    """Return the sources of a notebook's code cells."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def plain_type(annotation: object) -> type:
    """Return the type that a notebook writes for a type of the parameters."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        (kind,) = {type(value) for value in get_args(annotation)}
        return kind
    return get_origin(annotation) or annotation  # type: ignore[return-value]


def test_the_study_has_its_notebooks() -> None:
    names = [path.stem for path in NOTEBOOKS]
    assert names[:4] == ["01-corpus", "02-sentiment", "03-vocabulary", "04-concepts"]
    assert sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb")) == names


@every_notebook
def test_a_notebook_has_at_most_15_cells_and_says_first_what_it_is_about(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert len(cells) <= MOST_CELLS
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith(f"# {int(path.stem[:2])}. ")


@every_notebook
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


@every_notebook
def test_a_notebook_holds_no_logic(path: Path) -> None:
    for source in sources(path):
        tree = ast.parse(source)
        assert [ast.unparse(line) for line in tree.body if not isinstance(line, _PLAIN)] == []
        assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, _LOGIC)] == []
        assert not source.lstrip().startswith(("%", "!"))


@every_notebook
def test_a_notebook_imports_the_library_and_what_shows_its_figures_only(path: Path) -> None:
    for source in sources(path):
        for line in ast.walk(ast.parse(source)):
            assert not isinstance(line, ast.Import)
            if isinstance(line, ast.ImportFrom):
                assert line.module in {"IPython.display", "analysis.study"}


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
        assert default == field.default
        assert type(default) is type(field.default) is not NoneType


@every_notebook
def test_a_notebook_uses_every_parameter_that_it_declares(path: Path) -> None:
    used = {
        node.id
        for source in sources(path)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert set(declared_parameters(path)) <= used


def test_every_parameter_of_the_study_reaches_a_notebook() -> None:
    assert {name for path in NOTEBOOKS for name in declared_parameters(path)} == set(Parameters.model_fields)


@every_notebook
def test_every_name_that_a_notebook_calls_is_in_the_library(path: Path) -> None:
    tree = ast.parse("\n".join(sources(path)))
    imported = [line for line in tree.body if isinstance(line, ast.ImportFrom) and line.module == "analysis.study"]
    names = {name.name for line in imported for name in line.names}
    rooms = {name: import_module(f"analysis.study.{name}") for name in names - set(study.__all__)}
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) in rooms]
    assert called
    assert [ast.unparse(node) for node in called if not hasattr(rooms[ast.unparse(node.value)], node.attr)] == []
