"""Where parameters come from: a file, the command line, and the cell in which a notebook declares its own."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import yaml

from analysis import paths
from analysis.errors import InputError, ParameterError
from analysis.parameters import Parameters, accepted_values, from_text, meanings

TAG = "parameters"
_WIDTH = 100
#: No file that a person writes says more; one whose aliases repeat each other may say a thousand million.
_MOST_VALUES = 100_000


def load_yaml(text: str) -> Any:  # noqa: ANN401  any value of YAML
    """Return what a text in YAML says; ValueError if its aliases (``*a``) make it too many values."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is not None and _values(node, {}) > _MOST_VALUES:
            message = f"says more than {_MOST_VALUES:,} values"
            raise ValueError(message)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many values a node is, those of an alias each time that it is said; ``known`` has them by node."""
    if id(node) not in known:
        known[id(node)] = 1  # of one that holds itself
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        inner = (each for part in parts for each in (part if isinstance(part, tuple) else (part,)))
        known[id(node)] += sum(_values(each, known) for each in inner)
    return known[id(node)]


def read_parameters(file: Path | None, pairs: Sequence[str]) -> dict[str, Any]:
    """Read a YAML or JSON file of parameters, then NAME=VALUE pairs, which win. Nothing is evaluated."""
    given: dict[str, Any] = {}
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
            loaded = json.loads(text) if file.suffix == ".json" else load_yaml(text)
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            problem = f"cannot be read as parameters: {str(error).splitlines()[0]}"
            raise InputError(problem, file=file, accepted=["a YAML or JSON mapping of names to values"]) from error
        if not isinstance(loaded, dict):
            raise InputError("holds no parameters", file=file, accepted=["a YAML or JSON mapping of names to values"])
        given.update(loaded)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            message = f"'-p {pair}' is not NAME=VALUE (accepted: -p NAME=VALUE)"
            raise ParameterError(message)
        given[name.strip()] = from_text(name.strip(), value)
    return given


def declared_parameters(notebook: Path) -> list[str]:
    """Return the names that a notebook's ``parameters`` cell declares.

    Raises
    ------
    ParameterError
        If there is not exactly one such cell, or it holds anything but typed defaults of the study's parameters.

    """
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if TAG in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        message = f"{notebook.name}: {len(cells)} cells are tagged '{TAG}' where there must be one"
        raise ParameterError(message)
    try:
        lines = ast.parse(cells[0].source).body
    except SyntaxError as error:
        message = f"{notebook.name}: the '{TAG}' cell may hold lines 'name: type = default' only"
        raise ParameterError(message) from error
    names = []
    for line in lines:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name) or line.value is None:
            message = f"{notebook.name}: the '{TAG}' cell may hold lines 'name: type = default' only"
            raise ParameterError(message)
        if line.target.id not in Parameters.model_fields:
            message = f"{notebook.name} declares '{line.target.id}' (accepted: {', '.join(Parameters.model_fields)})"
            raise ParameterError(message)
        names.append(line.target.id)
    return names


def find_notebooks(only: Sequence[str] = ()) -> list[Path]:
    """Return the study's notebooks in order, or those asked for by name (``02-sentiment``)."""
    found = {path.stem: path for path in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))}
    for name in only:
        if name not in found:
            several = "; of several each has an --only of its own" if "," in name else ""
            message = f"there is no notebook '{name}' (accepted: {', '.join(found)}{several})"
            raise ParameterError(message)
    return [path for name, path in found.items() if not only or name in only]


def parameter_lines() -> list[str]:
    """Return every parameter as lines to print: default, meaning, what is accepted, the notebooks that use it."""
    users = {notebook.stem: declared_parameters(notebook) for notebook in find_notebooks()}
    out = []
    for name, meaning in meanings().items():
        default = Parameters.model_fields[name].default
        shown = ",".join(default) if isinstance(default, tuple) else json.dumps(default).strip('"')
        shown = shown or "(nothing)"
        out += textwrap.wrap(f"{name} = {shown}", _WIDTH, subsequent_indent=" " * 12, break_on_hyphens=False)
        notebooks = [stem for stem, declared in users.items() if name in declared]
        told = {"meaning": meaning, "accepted": accepted_values(name), "notebooks": " ".join(notebooks)}
        for key, text in told.items():
            out += textwrap.wrap(text, _WIDTH, initial_indent=f"  {key:10}", subsequent_indent=" " * 12)
    return [*out, "", "On the command line -p NAME=VALUE, a list as a,b; in a file --parameters FILE (YAML or JSON)."]
