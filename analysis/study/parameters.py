"""The study's parameters: their names, types and defaults, and how what the user gave becomes them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import nbformat
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analysis import paths
from analysis.errors import InputError, ParameterError
from analysis.measure.options import Options

TAG = "parameters"


class Parameters(BaseModel):
    """Everything that a run can be told; each notebook declares the part that it uses, with the same defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = "quotations"
    out: str = ""
    compare: Literal["vantage", "origin", "collection"] = "vantage"
    weighting: Literal["utterance", "cluster", "likes"] = "utterance"
    evidence: Annotated[list[Literal["verbatim", "translated", "paraphrase", "constructed"]], Field(min_length=1)] = [
        "verbatim",
        "translated",
        "paraphrase",
        "constructed",
    ]
    instruments: list[str] = ["vader", "labmt", "nrcvad", "zh_rules", "emoji"]
    scores: str = ""
    lexicons: list[str] = []
    dictionaries: list[str] = []
    lens: Annotated[float, Field(ge=0, lt=4)] = 0.5
    masked: bool = True
    ironic: Literal["skip", "literal", "cold"] = "skip"
    hashtags: Literal["read", "skip"] = "read"
    laughter: Literal["apart", "score"] = "apart"
    emoji: Literal["apart", "names"] = "apart"
    min_count: Annotated[int, Field(ge=1)] = 3
    prior_share: Annotated[float, Field(gt=0, le=1)] = 0.02
    node: list[str] = ["freedom", "staged"]
    window: Annotated[int, Field(ge=1, le=50)] = 5
    lines: Annotated[int, Field(ge=0, le=10_000)] = 20
    boilerplate: Literal["drop", "keep"] = "drop"
    floods: Literal["keep", "first"] = "keep"
    draws: Annotated[int, Field(ge=99)] = 1999
    seed: Annotated[int, Field(ge=0)] = 1

    @field_validator("evidence", "instruments", "lexicons", "dictionaries", "node", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read ``verbatim,translated``, as a command line gives it."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def files(self) -> list[str]:
        """The user's own files that the run reads beside the corpus."""
        return [path for path in [*self.lexicons, *self.dictionaries, self.scores] if path]

    @property
    def options(self) -> Options:
        """The part that changes what is measured."""
        return Options(
            self.lens,
            self.ironic,
            tuple(self.lexicons),
            tuple(self.dictionaries),
            self.hashtags,
            self.laughter,
            self.emoji,
        )


def parse_parameters(given: Mapping[str, object]) -> Parameters:
    """Check names, types and values.

    Raises
    ------
    ParameterError
        One line that names the parameter, what is wrong and what is accepted.

    """
    accepted = ", ".join(Parameters.model_fields)
    for name in given:
        if not str(name).isidentifier():
            message = f"parameter name '{name}' is no identifier (accepted: {accepted})"
            raise ParameterError(message)
        if name not in Parameters.model_fields:
            message = f"unknown parameter '{name}' (accepted: {accepted})"
            raise ParameterError(message)
    try:
        return Parameters.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        kind = str(Parameters.model_fields[name].annotation).replace("typing.", "")
        kind = {"<class 'int'>": "a whole number", "<class 'float'>": "a number", "<class 'str'>": "a text"}.get(
            kind, kind
        )
        accepted = kind if "pars" in first["type"] else first["msg"].removeprefix("Input should be ")
        if first["type"] == "literal_error":
            accepted = accepted.replace(" or ", ", ").replace("'", "")
        message = f"parameter '{name}' cannot be {first['input']!r} (accepted: {accepted})"
        raise ParameterError(message) from None


def read_parameters(file: Path | None, pairs: Sequence[str]) -> dict[str, Any]:
    """Read a YAML or JSON file of parameters, then NAME=VALUE pairs, which win. Nothing is evaluated."""
    given: dict[str, Any] = {}
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
            loaded = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            problem = f"cannot be read as parameters: {str(error).splitlines()[0]}"
            raise InputError(problem, file=file, accepted=["a YAML or JSON mapping of names to values"]) from error
        if not isinstance(loaded, dict):
            raise InputError("holds no parameters", file=file, accepted=["a YAML or JSON mapping of names to values"])
        given.update(loaded)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            message = f"'-p {pair}' is no parameter (accepted: -p NAME=VALUE)"
            raise ParameterError(message)
        given[name.strip()] = value
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


def find_notebooks(only: Sequence[str] = (), folder: Path = paths.NOTEBOOKS) -> list[Path]:
    """Return the study's notebooks in order, or those asked for by name (``02-sentiment``)."""
    found = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]-*.ipynb"))}
    for name in only:
        if name not in found:
            message = f"there is no notebook '{name}' (accepted: {', '.join(found)})"
            raise ParameterError(message)
    return [path for name, path in found.items() if not only or name in only]
