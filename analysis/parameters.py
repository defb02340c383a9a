"""The study's parameters: what each means, its type and default, and how what the user gave becomes them.

A parameter is declared here and in the notebooks that have it, nowhere else.
"""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import PurePath
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from analysis.errors import ParameterError

#: The instruments that need no file of the user's.
INSTRUMENTS = ("vader", "labmt", "nrcvad", "zh_rules", "emoji")
#: What marks an instrument as a column of the user's own table.
COLUMN = "column:"
#: What marks a column of the measures that holds the user's own classes.
CLASS = "class:"
#: What utterances can be grouped by, beside the columns of the user's own table of attributes.
COMPARE = ("vantage", "origin", "collection", "platform", "kind", "region", "year", "period")
EVIDENCE = ("verbatim", "translated", "paraphrase", "constructed")
#: Texts in a list, as a notebook or a file gives them.
Texts = Annotated[tuple[str, ...], Strict(strict=False)]
_A_DATE = "a date, 2025-03-05"
_KINDS = {bool: "true, false", int: "a whole number", float: "a number", str: "a text"}


class Options(BaseModel):
    """The part that changes what is measured.

    Attributes
    ----------
    lens : float
        How far from neutral a word's rating must be to count, in points of labMT's English scale.
    ironic : {"skip", "literal", "cold"}
        What ``zh_rules`` does with words and codes that are ironic more often than not.
    lexicons : tuple of str
        Paths of the user's own lexicons (CSV: term, score); they are instruments without being named.
    dictionaries : tuple of str
        Paths of the user's own words that Chinese segmentation is to keep whole (CSV: word).
    hashtags : {"read", "skip"}
        Whether instruments and codebook read the words in hashtags.
    laughter : {"apart", "score"}
        Whether laughter is left out of the tone, a channel beside it, or scored with the words.
    emoji : {"apart", "names"}
        Whether ``vader`` leaves emoji to their own channel, or reads their names, as ``vaderSentiment`` does.

    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    lens: Annotated[float, Field(ge=0, lt=4)] = 0.5
    ironic: Literal["skip", "literal", "cold"] = "skip"
    lexicons: Texts = ()
    dictionaries: Texts = ()
    hashtags: Literal["read", "skip"] = "read"
    laughter: Literal["apart", "score"] = "apart"
    emoji: Literal["apart", "names"] = "apart"


class Parameters(Options):
    """Everything that a run can be told; each notebook declares the part that it uses, with the same defaults.

    Attributes
    ----------
    corpus : str
        ``quotations`` or the folder of a corpus.
    out : str
        Where figures go.
    compare : str
        What the groups are: vantage, origin, collection, platform, kind, region, year, period, or a column of
        ``attributes``.
    attributes : str
        The user's own table (CSV, XLSX …) with one of ``utterance_id, thread_id, speaker, region, collection``.
    split_at : str
        A date (``2025-03-05``): with ``compare = "period"`` the groups are before it, and from it on.
    weighting : {"utterance", "cluster", "likes"}
        What counts alike: each comment, each video (of a vlogger, each account), or each like.
    evidence : tuple of str
        Kinds of evidence to keep.
    instruments : tuple of str
        Names of instruments; ``column:NAME`` is the column NAME of ``scores``.
    scores : str
        A table with ``utterance_id`` and the user's own scores or classes.
    classes : tuple of str
        Columns of ``scores`` that hold classes (stance, theme …), from a person or a model; the first is shown by the
        others.
    masked : bool
        Leave the words of ``data/masks.csv`` unscored.
    min_count : int
        Occurrences that a term needs in a pair of groups.
    prior_share : float
        Strength of the prior of the log-odds.
    node : tuple of str
        Concepts or words whose neighbours and lines are shown.
    window : int
        Terms on each side of a node.
    lines : int
        Lines of a concordance in each group; with 0 no line of anybody is in a figure, a table or the report.
    boilerplate : {"drop", "keep"}
        What to do with utterances that nobody wrote: a platform's phrase, a bot's notice.
    duplicates : {"keep", "first"}
        Keep every copy of a long text that was pasted again and again, or the first one alone.
    draws : int
        Permutations of clusters; more of them where a row stands out among many, so that its q can be told.
    seed : int
        Of the generator of all permutations.
    topic_words : {"keep", "drop"}
        Whether the words that the talk is about (those of ``data/masks.csv`` that name the topic, countries and
        offices) are among the key words and pairs.
    figure_formats : tuple of {"png", "svg", "pdf"}
        Files of each figure, beside its CSV; PNG has 300 dots an inch.

    """

    corpus: str = "quotations"
    out: str = ""
    compare: str = "vantage"
    attributes: str = ""
    split_at: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    weighting: Literal["utterance", "cluster", "likes"] = "utterance"
    evidence: Annotated[tuple[Literal[EVIDENCE], ...], Strict(strict=False), Field(min_length=1)] = EVIDENCE
    instruments: Texts = INSTRUMENTS
    scores: str = ""
    classes: Texts = ()
    masked: bool = True
    min_count: Annotated[int, Field(ge=1)] = 3
    prior_share: Annotated[float, Field(gt=0, le=1)] = 0.02
    node: Texts = ("freedom", "staged")
    window: Annotated[int, Field(ge=1, le=50)] = 5
    lines: Annotated[int, Field(ge=0, le=10_000)] = 20
    boilerplate: Literal["drop", "keep"] = "drop"
    duplicates: Literal["keep", "first"] = "keep"
    draws: Annotated[int, Field(ge=99)] = 1999
    seed: Annotated[int, Field(ge=0)] = 1
    topic_words: Literal["keep", "drop"] = "keep"
    figure_formats: Annotated[tuple[Literal["png", "svg", "pdf"], ...], Strict(strict=False), Field(min_length=1)] = (
        "png",
        "svg",
    )

    @property
    def files(self) -> list[str]:
        """The user's own files that the run reads beside the corpus."""
        return [path for path in [*self.lexicons, *self.dictionaries, self.scores, self.attributes] if path]

    def with_files(self, change: Callable[[str], str]) -> Parameters:
        """Return the parameters with the path of each of the user's own files as ``change`` returns it."""
        own: dict[str, Any] = {name: tuple(map(change, getattr(self, name))) for name in ("lexicons", "dictionaries")}
        own |= {name: change(path) for name in ("scores", "attributes") if (path := getattr(self, name))}
        return self.model_copy(update=own)

    @property
    def options(self) -> Options:
        """The part that changes what is measured."""
        return Options(**{name: getattr(self, name) for name in Options.model_fields})

    @model_validator(mode="after")
    def _know_each_other(self) -> Parameters:
        known = [*INSTRUMENTS, *map(lexicon_name, self.lexicons)]
        for name in self.instruments:
            if name.startswith(COLUMN):
                if not self.scores:
                    message = f"'{name}' needs the table that holds it: scores=FILE"
                    raise ParameterError(message)
            elif name not in known:
                accepted = ", ".join([*known, f"{COLUMN}NAME with scores=FILE"])
                message = f"unknown instrument '{name}' (accepted: {accepted})"
                raise ParameterError(message)
        if self.classes and not self.scores:
            message = f"'{self.classes[0]}' needs the table that holds it: scores=FILE"
            raise ParameterError(message)
        if self.compare not in COMPARE and not self.attributes:
            accepted = f"{', '.join(COMPARE)}, or a column of attributes=FILE"
            message = f"compare '{self.compare}' is not known (accepted: {accepted})"
            raise ParameterError(message)
        try:
            date.fromisoformat(self.split_at or "2025-03-05")
        except ValueError:
            message = f"parameter 'split_at' cannot be '{self.split_at}' (accepted: a date, 2025-03-05)"
            raise ParameterError(message) from None
        if self.compare == "period" and not self.split_at:
            message = "compare 'period' needs the date that parts the periods: split_at=2025-03-05"
            raise ParameterError(message)
        return self


def lexicon_name(path: str) -> str:
    """Return the instrument's name of a user's lexicon: its file's, letters and digits."""
    return "".join(c if c.isalnum() else "_" for c in PurePath(path).stem)


def parse_parameters(given: Mapping[str, object]) -> Parameters:
    """Check names, types and values.

    Raises
    ------
    ParameterError
        One line that names the parameter, what is wrong and what is accepted.

    """
    for name in given:
        if name not in Parameters.model_fields:
            problem = "unknown parameter" if str(name).isidentifier() else "parameter name"
            not_one = "" if str(name).isidentifier() else " is not an identifier"
            message = f"{problem} '{name}'{not_one} (accepted: {', '.join(Parameters.model_fields)})"
            raise ParameterError(message)
    try:
        return Parameters.model_validate({name: _without_paths(value) for name, value in given.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name, value = str(first["loc"][0]), first["input"]
        shown, accepted = f"{value!r}", _accepted(name, first)
        if hasattr(value, "to_csv"):  # a table of pandas, whose cells are no message
            shown = f"a {type(value).__name__}"
            accepted += ', the name of a file: save it first, as with .to_csv("mine.csv", index=False)'
        message = f"parameter '{name}' cannot be {shown} (accepted: {accepted})"
        raise ParameterError(message) from None


def _without_paths(value: object) -> object:
    """Return a value with each path in it as the text that it is."""
    if isinstance(value, (list, tuple)):
        return [_without_paths(each) for each in value]
    return str(value) if isinstance(value, PurePath) else value


def _accepted(name: str, error: Mapping[str, Any]) -> str:
    """Say in English what a parameter may be."""
    kind = plain_type(Parameters.model_fields[name].annotation)
    if error["type"] == "literal_error":
        return error["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
    if error["type"] == "string_pattern_mismatch":
        return _A_DATE
    if error["type"] == "too_short":
        return "one at least"
    if kind is list and len(error["loc"]) == 1:
        return accepted_values(name)
    if error["type"].endswith("_type"):
        return _KINDS[kind if len(error["loc"]) == 1 else str]
    return error["msg"].removeprefix("Input should be ")


def meanings() -> dict[str, str]:
    """Return what each parameter means, as the docstrings of :class:`Parameters` and :class:`Options` say it."""
    out: dict[str, str] = {}
    for kind in (Parameters, Options):
        part = inspect.getdoc(kind).partition("Attributes\n----------\n")[2]
        for name, text in re.findall(r"^(\w+) : .*\n((?:    .+\n?)+)", part, re.MULTILINE):
            out[name] = " ".join(text.replace("``", "").split())
    return out


def accepted_values(name: str) -> str:
    """Say in English what a parameter may be, before anything was given.

    >>> accepted_values("weighting"), accepted_values("window")
    ('utterance, cluster, likes', 'a whole number, 1 or more, 50 or less')
    """
    field = Parameters.model_fields[name]
    kinds = [each for each in (field.annotation, *get_args(field.annotation)) if get_origin(each) is Literal]
    listed = plain_type(field.annotation) is list
    if kinds:
        return ("a list of " if listed else "") + ", ".join(get_args(kinds[0]))
    if any(getattr(limit, "pattern", None) for limit in field.metadata):
        return _A_DATE
    words = {"ge": "{:,} or more", "gt": "over {:,}", "le": "{:,} or less", "lt": "under {:,}"}
    limits = [
        text.format(value)
        for limit in field.metadata
        for key, text in words.items()
        if (value := getattr(limit, key, None)) is not None
    ]
    return ", ".join(["a list of texts" if listed else _KINDS[plain_type(field.annotation)], *limits])


def plain_type(annotation: object) -> type:
    """Return the type that a notebook writes for a parameter."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return type(get_args(annotation)[0])
    kind = get_origin(annotation) or annotation
    return list if kind is tuple else kind  # type: ignore[return-value]


def from_text(name: str, text: str) -> object:
    """Read a value as a command line gives it: ``verbatim,translated`` is a list. Nothing is evaluated.

    >>> from_text("masked", "false"), from_text("node", "freedom, real people"), from_text("masked", "no")
    (False, ['freedom', 'real people'], 'no')
    """
    field = Parameters.model_fields.get(name)
    kind = NoneType if field is None else plain_type(field.annotation)
    if kind is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in {bool, int, float}:
        try:
            value = json.loads(text.strip().lower())
        except ValueError:
            return text
        return value if isinstance(value, (bool, int, float)) and math.isfinite(value) else text
    return text
