"""A study in one file: what is imported and how, the parameters, the notebooks. It is what a paper's appendix holds.

Paths in it are relative to the file. ``vantage run study.yaml`` brings the corpus up to date with it and runs; with
``--freeze`` it writes beside it (``study.frozen.yaml``) the hashes of inputs, parameters, claims and software instead,
as a pre-registration needs them: from then on a run of the study stops where any of them differs, and says which.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model

from analysis import disk, paths
from analysis.corpus import ImportOptions, import_files, store
from analysis.corpus.codes import coding_hashes
from analysis.corpus.importer import held
from analysis.corpus.quotations import NAME
from analysis.corpus.remove import remove
from analysis.corpus.schema import ACCEPTED
from analysis.errors import InputError, argument, plural
from analysis.parameters import Parameters, Texts, parse_parameters
from analysis.study.manifest import file_hash
from analysis.study.parameters import find_notebooks, load_yaml

#: Values of the corpus that hold for all rows of an import, as the command's options.
CONSTANTS = ("vantage", "origin", "platform", "kind")
Text = Annotated[str, StringConstraints(min_length=1)]
Paths = Annotated[Texts, Field(min_length=1)]


class _Import(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    files: Paths
    collection: Text
    vantage: Literal[ACCEPTED["vantage"]] | None = None
    origin: Literal[ACCEPTED["origin"]] | None = None
    platform: Text | None = None
    kind: Literal[ACCEPTED["kind"]] | None = None
    columns: dict[Text, Text] = {}
    where: dict[Text, Text] = {}
    sources: Text | None = None
    other_key: bool = False


#: What else an import may be told in words (a format, a time zone), whatever it is.
_WORDS = [each.name for each in fields(ImportOptions) if each.type == "str | None"]
Import = create_model("Import", __base__=_Import, **dict.fromkeys(_WORDS, (Text | None, None)))


class StudyFile(BaseModel):
    """What a study is made of.

    Attributes
    ----------
    name : str
    corpus : str
        The corpus's folder; default: ``corpora/<name of the file>``. ``quotations``: the seed corpus, without imports.
    out : str
        Where figures go; default: ``runs/<name of the file>``.
    imports : tuple of Import
        Each with ``files`` (files, folders, archives, patterns), ``collection`` and the options of ``vantage import``.
    parameters : dict
        Those of :class:`analysis.parameters.Parameters`, but ``corpus`` and ``out``.
    notebooks : tuple of str
        Which are run; default: all.

    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Text
    corpus: str = ""
    out: str = ""
    imports: Annotated[tuple[Import, ...], Field(strict=False)] = ()
    parameters: dict[str, Any] = {}
    notebooks: Texts = ()


class OpenedFile:
    """A study's file that was read and checked; its paths are found from where it lies.

    Parameters
    ----------
    path : Path

    Raises
    ------
    VantageError
        If it cannot be read, or a name or a value in it is not accepted.

    """

    def __init__(self, path: Path) -> None:
        """Read the file."""
        self.path, self.said = path, _read(path)
        self.frozen = path.with_name(f"{path.stem}.frozen.yaml")
        for name in ("corpus", "out"):
            if name in self.said.parameters:
                raise InputError("is said beside the parameters, not among them", file=path, column=name)
        parse_parameters(self.said.parameters)
        self.notebooks = [book.stem for book in find_notebooks(self.said.notebooks)]
        self._is_quotations = self.said.corpus == NAME
        if self._is_quotations == bool(self.said.imports):
            problem = "the quotations take no imports" if self._is_quotations else "there are no imports"
            raise InputError(problem, file=path, accepted=["imports", f"corpus: {NAME}"])
        self.corpus = self._at(self.said.corpus or f"corpora/{path.stem}")

    def _at(self, name: str) -> Path:
        r"""Return where something is; what was written on Windows (``exports\a.csv``) is found elsewhere too."""
        path = self.path.parent / Path(name).expanduser()
        return path if path.exists() or "\\" not in name else self._at(name.replace("\\", "/"))

    def parameters(self, out: str | None = None) -> Parameters:
        """Return the parameters of the run, with paths that lead there from anywhere."""
        own = parse_parameters(self.said.parameters).with_files(lambda path: str(self._at(path)))
        where = out or str(self._at(self.said.out or f"runs/{self.path.stem}"))
        corpus = NAME if self._is_quotations else str(self.corpus)
        return parse_parameters({**dict(own), "corpus": corpus, "out": where})

    # The corpus ------------------------------------------------------------------------------------------------------

    def bring_up_to_date(self) -> Iterator[str]:
        """Import what is not in the corpus, and anew what has other bytes or options now; yield what was done.

        Raises
        ------
        VantageError
            If a file cannot be imported (what was in the corpus stays), or the corpus holds files that the study does
            not name.

        """
        work = [(self._files(each), self._options(each)) for each in self.said.imports]
        looked = [held(files, self.corpus, options) for files, options in work]
        known = store.read_info(self.corpus)["files"] if (self.corpus / store.INFO).exists() else []
        same, stale = (set().union(*(getattr(each, name) for each in looked)) for name in ("same", "stale"))
        others = sorted({file["name"] for at, file in enumerate(known) if at not in same | stale})
        if others:
            _require_rows(path.name for files, _ in work for path in files if path.name in others)
            accepted = ["imports of the study that name them", f"vantage remove {argument(self.corpus)} --file NAME"]
            problem = f"holds {plural(len(others), 'file')} that the study does not name: {', '.join(others)}"
            raise InputError(problem, file=self.corpus, accepted=accepted)
        stale -= same
        if stale:
            # What is imported anew must be importable before what it replaces goes.
            with tempfile.TemporaryDirectory(prefix="vantage-study-") as trial:
                for (files, options), each in zip(work, looked, strict=True):
                    if each.stale and each.new:
                        reports = import_files(files, Path(trial) / "corpus", options).reports
                        _require_rows(report.file for report in reports if not report.read)
            yield from remove(self.corpus, places=stale).lines()
        for (files, options), each in zip(work, looked, strict=True):
            if each.new:
                yield from import_files(files, self.corpus, options).lines(self.corpus)
        if not any(each.new for each in looked):
            yield f"{self.corpus}: up to date"

    def _files(self, said: _Import) -> list[Path]:
        out: list[Path] = []
        for name in said.files:
            path = self._at(name)
            pattern = name.replace("\\", "/")
            apart = path.exists() or Path(pattern).is_absolute()
            found = [] if apart else sorted(self.path.parent.glob(pattern))
            out += found or [path]
        return out

    def _options(self, said: _Import) -> ImportOptions:
        told = said.model_dump()
        return ImportOptions(
            said.collection,
            said.columns,
            {name: told[name] for name in CONSTANTS if told[name] is not None},
            said.where,
            rules=None if said.sources is None else self._at(said.sources),
            other_key=said.other_key,
            # Two imports of one study may be of the same bytes.
            again=True,
            **{name: told[name] for name in _WORDS},
        )

    # Freezing --------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return what decides the study: hashes of inputs, parameters, claims, and the software.

        The hashes are plain ones (SHA-256), so that whoever has the files can check them. Of a small file somebody who
        has the corpus could try by them which name stood in it.
        """
        given = parse_parameters(self.said.parameters).model_dump(mode="json", exclude={"corpus", "out"})
        own = [self._at(path) for path in parse_parameters(self.said.parameters).files]
        read = [path for each in self.said.imports for path in self._files(each)]
        read += [self._at(each.sources) for each in self.said.imports if each.sources is not None]
        inputs = {self._told(file): _sha256(file) for path in [*read, *own] for file in _within(path)}
        imports = [each.model_dump(exclude_defaults=True, mode="json") for each in self.said.imports]
        return {
            "study": {"name": self.said.name},
            "software": {"vantage-study": version("vantage-study"), "lock": file_hash(paths.LOCK)},
            "inputs": dict(sorted(inputs.items())),
            "codes": coding_hashes(self.corpus),
            "imports": {f"{at}, {each['collection']}": each for at, each in enumerate(imports, start=1)},
            "parameters": given,
            "claims": {"claims.csv": file_hash(paths.DATA / "claims.csv")},
            "data": {path.name: file_hash(path) for path in sorted(paths.DATA.glob("*.csv")) if path.stem != "claims"},
            "notebooks": {book.name: file_hash(book) for book in find_notebooks(self.said.notebooks)},
        }

    def _told(self, file: Path) -> str:
        inside = file.resolve().is_relative_to(self.path.parent.resolve())
        return file.resolve().relative_to(self.path.parent.resolve()).as_posix() if inside else str(file)

    def freeze(self) -> Path:
        """Write the state beside the file; InputError if that was done before."""
        if self.frozen.exists():
            raise InputError("is there already; what was frozen stays", file=self.frozen, accepted=["a run of it"])
        text = yaml.safe_dump(self.state(), allow_unicode=True, sort_keys=False, width=120)
        disk.write_text(self.frozen, text)
        return self.frozen

    def require_frozen(self) -> None:
        """Refuse to go on where something is not as it was frozen, naming each; nothing is refused that was not.

        Raises
        ------
        InputError
            Naming what differs.

        """
        if not self.frozen.exists():
            return
        try:
            before = load_yaml(self.frozen.read_text(encoding="utf-8"))
            differs = list(_differences(before, self.state()))
        except (OSError, ValueError, AttributeError, TypeError, yaml.YAMLError) as error:
            raise InputError("is not what --freeze writes", file=self.frozen) from error
        if differs:
            raise InputError(
                f"the study is not as it was frozen: {'; '.join(differs)}",
                file=self.frozen,
                accepted=["what was frozen"],
            )


def _require_rows(empty: Iterable[str]) -> None:
    """Refuse a file whose rows would go and from which none would come."""
    for name in empty:
        raise InputError("holds no row any more", file=name, accepted=["one row or more"])


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for part in dict.fromkeys((*before, *now)):
        old, new = before.get(part) or {}, now.get(part) or {}
        for name in dict.fromkeys((*old, *new)):
            if name not in new:
                yield f"{part}, {name} is gone"
            elif name not in old:
                yield f"{part}, {name} is new"
            elif old[name] != new[name]:
                short = part in {"parameters", "software", "study"} and name != "lock"
                yield f"{part}, {name} was {old[name]}, is {new[name]}" if short else f"{part}, {name} is another"


def _within(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise InputError("no such file", file=path)
    return disk.sha256(path)


def _read(path: Path) -> StudyFile:
    accepted = ["a YAML file with name, imports, parameters, notebooks"]
    try:
        loaded = load_yaml(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        problem = f"cannot be read as a study: {' '.join(str(error).split())}"
        raise InputError(problem, file=path, accepted=accepted) from error
    if not isinstance(loaded, dict):
        raise InputError("holds no study", file=path, accepted=accepted)
    try:
        return StudyFile.model_validate(loaded)
    except ValidationError as error:
        raise _refused(path, error.errors(include_url=False)[0]) from None


#: What a checked file may hold, in the words of who writes one.
_SAID = {
    "tuple_type": "a list, [one, two]",
    "dict_type": "names with their values, {name: value}",
    "model_type": "names with their values, {name: value}",
    "string_type": "a text, in quotes if it is a number",
    "bool_type": "true, false",
    "too_short": "one at least",
}


def _refused(path: Path, error: Mapping[str, Any]) -> InputError:
    """Say in one line what is wrong in the file, and what is accepted there."""
    *place, name = (each + 1 if isinstance(each, int) else each for each in error["loc"])
    where = ", ".join([str(path), *(f"{each}" for each in place)])
    names = list((Import if place[:1] == ["imports"] else StudyFile).model_fields)
    kind = error["type"]
    if kind == "extra_forbidden":
        return InputError(f"'{name}' is not known", file=where, accepted=names)
    if kind == "missing":
        return InputError(f"'{name}' is missing", file=where, accepted=names)
    accepted = [error["ctx"]["expected"].replace("'", "") if kind == "literal_error" else _SAID.get(kind, error["msg"])]
    return InputError(f"{name!r} cannot be {error['input']!r}", file=where, accepted=accepted)
