"""Exports of Label Studio and doccano, as rows of named cells (:mod:`analysis.study.coded_files`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.corpus.coding_scheme import CODER, CONCEPTS, ITEM, READ, TEXT, YES, Variable, folded, plain, tag_of
from analysis.errors import InputError
from analysis.study.coded_cells import FORMS, Cell, Opened, Row, quoted

_SHOWN = 12
#: Where doccano's versions have the labels of a document.
_LABELS = ("label", "labels", "categories", "category", "cats")


def of_json(path: Path, text: str, scheme: Sequence[Variable]) -> Opened:
    """Read what is JSON: one document, or one a line."""
    out = Opened()
    try:
        told = json.loads(text)
        documents = [(f"task {at}", one) for at, one in enumerate(told if isinstance(told, list) else [told], start=1)]
    except (ValueError, RecursionError):
        documents = []
        # Other line ends may stand within a text.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    documents.append((f"line {number}", json.loads(line)))
                except (ValueError, RecursionError):
                    out.problems.append(f"{path}, line {number}: is not JSON (accepted: the line as it was exported)")
                    out.lost_rows += 1
    return of_documents(path, documents, scheme, out)


def unpacked(cell: str) -> Any:  # noqa: ANN401  any JSON value
    """Return a cell of Label Studio's CSV: several choices stand in it as JSON."""
    with suppress(ValueError, RecursionError):
        return json.loads(cell) if cell.startswith('{"choices"') else cell
    return cell


def of_documents(path: Path, documents: Sequence[tuple[str, Any]], scheme: Sequence[Variable], out: Opened) -> Opened:
    """Read documents, each with what its place is called.

    Raises
    ------
    InputError
        If none of them is an item that was to be coded.

    """
    # Of several annotators the sheet's own coder is one, and nobody says which.
    people = {who for _, one in documents if isinstance(one, dict) for who in _people(one)}
    many = len(people) > 1
    if many:
        each = "each is a coder of their own, unless --coder says who"
        out.notes.append(f"{path}: several annotated; {each}: {', '.join(sorted(people))}")
    tags = {*(tag_of(one.name) for one in scheme), CONCEPTS, tag_of(READ)}
    strange: dict[str, None] = {}
    for where, one in documents:
        place = f"{path}, {where}"
        if not isinstance(one, dict):
            out.problems.append(f"{place}: is no object (accepted: what Label Studio or doccano exports)")
            out.lost_rows += 1
        elif isinstance(one.get("data"), dict):
            _read_task(out, place, one, scheme, many=many)
        elif any(isinstance(one.get(name), list) for name in _LABELS):
            _read_labels(out, place, one, scheme)
        else:
            _read_short_task(out, place, one, scheme, many=many)
            strange.update(dict.fromkeys(map(str, one)))
    if strange and not tags & strange.keys() and len(out.rows) and not any(_coded(row) for row in out.rows):
        problem = f"holds no code: it has {', '.join([*strange][:_SHOWN])}, and none of {', '.join(sorted(tags))}"
        raise InputError(problem, file=path, accepted=FORMS)
    if not any(ITEM in row.cells for row in out.rows):
        raise InputError("holds no coded item", file=path, accepted=FORMS)
    return out


def _coded(row: Row) -> bool:
    return bool(row.cells.keys() - {ITEM, TEXT, CODER})


def _cells(place: str, data: Mapping[str, Any]) -> dict[str, Cell]:
    return {name: Cell(data[name], f"{place}, {name}") for name in (ITEM, TEXT, CODER) if plain(data.get(name))}


def _people(task: Mapping[str, Any]) -> list[str]:
    return [_who(one, "completed_by") for one in _given(task)] if "data" in task else [_who(task, "annotator")]


def _given(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Before its version 1.0 Label Studio called them completions.
    given = task.get("annotations") or task.get("completions") or []
    whole = given if isinstance(given, list) else []
    return [one for one in whole if isinstance(one, dict) and not one.get("was_cancelled")]


def _read_task(out: Opened, place: str, task: Mapping[str, Any], scheme: Sequence[Variable], *, many: bool) -> None:
    """Read a task of Label Studio's JSON, which may have been annotated by several."""
    given = _given(task)
    for one in given:
        cells = _cells(place, task["data"])
        if many:
            cells[CODER] = Cell(_who(one, "completed_by"), place)
        for result in one.get("result") or []:
            value = result.get("value") if isinstance(result, dict) else None
            if isinstance(value, dict) and isinstance(value.get("choices"), list):
                _choose(out, cells, place, str(result.get("from_name")), value["choices"], scheme)
        out.rows.append(Row(place, cells, _day(one)))
    if not given:
        out.rows.append(Row(place, _cells(place, task["data"])))


def _who(annotation: Mapping[str, Any], key: str) -> str:
    who = annotation.get(key)
    return " ".join(re.findall(r"[\w.-]+", f"annotator {who.get('id') if isinstance(who, dict) else who}"))


def _day(annotation: Mapping[str, Any]) -> str | None:
    when = str(annotation.get("updated_at") or annotation.get("created_at") or "")[:10]
    return when if re.fullmatch(r"\d{4}-\d\d-\d\d", when) else None


def _read_short_task(
    out: Opened, place: str, task: Mapping[str, Any], scheme: Sequence[Variable], *, many: bool
) -> None:
    """Read an annotation of Label Studio's short forms: JSON-MIN, CSV."""
    cells = _cells(place, task)
    if many:
        cells[CODER] = Cell(_who(task, "annotator"), place)
    for tag in (*(tag_of(one.name) for one in scheme), CONCEPTS, tag_of(READ)):
        value = task.get(tag)
        if value is not None and value != "":
            chosen = value.get("choices") if isinstance(value, dict) else value
            _choose(out, cells, place, tag, chosen if isinstance(chosen, list) else [chosen], scheme)
    out.rows.append(Row(place, cells, _day(task)))


def _choose(
    out: Opened, cells: dict[str, Cell], place: str, tag: str, chosen: Sequence[Any], scheme: Sequence[Variable]
) -> None:
    names = {tag_of(one.name): one.name for one in scheme} | {tag_of(READ): READ}
    concepts = {folded(one.name): one.name for one in scheme if one.is_concept}
    for choice in chosen:
        name = concepts.get(folded(choice)) if tag == CONCEPTS else names.get(tag)
        value = YES if tag == CONCEPTS else choice
        if name is None:
            accepted = ", ".join([*names, CONCEPTS] if tag != CONCEPTS else concepts.values())
            out.problems.append(f"{place}, {tag}: {quoted(choice)} is not of the scheme (accepted: {accepted})")
            out.lost_codes += 1
        elif name in cells and plain(cells[name].value) != plain(value):
            cells[name] = Cell(f"{plain(cells[name].value)} and {plain(value)}", f"{place}, {name}")
        else:
            cells[name] = Cell(value, f"{place}, {name}")


def _read_labels(out: Opened, place: str, document: Mapping[str, Any], scheme: Sequence[Variable]) -> None:
    """Read a document of doccano, whose labels are "stance: -1", a concept, or that the concepts were read."""
    data = document | (document["meta"] if isinstance(document.get("meta"), dict) else {})
    cells = _cells(place, data)
    if TEXT not in cells and plain(document.get("data")):
        cells[TEXT] = Cell(document["data"], f"{place}, {TEXT}")
    labels = next(document[name] for name in _LABELS if isinstance(document.get(name), list))
    for label in labels:
        name, colon, value = str(label).rpartition(":")
        if colon:
            _choose(out, cells, place, tag_of(_called(name, scheme)), [value], scheme)
        elif folded(label) == folded(READ):
            cells[READ] = Cell(YES, f"{place}, {READ}")
        else:
            _choose(out, cells, place, CONCEPTS, [label], scheme)
    out.rows.append(Row(place, cells))


def _called(name: str, scheme: Sequence[Variable]) -> str:
    return next((one.name for one in scheme if folded(one.name) == folded(name)), plain(name))
