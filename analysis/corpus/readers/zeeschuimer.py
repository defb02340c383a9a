"""What 4CAT makes of Zeeschuimer's lines: the same objects, lifted to the top, with ``__import_meta`` beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from analysis.corpus.readers.shape import Draft, File, Shape


def fourcat(shape: Shape) -> Shape:
    """Return the shape of 4CAT's NDJSON of what a shape of Zeeschuimer's holds."""

    def read(line: dict[str, Any], file: File) -> Iterator[Draft]:
        yield from shape.read({**line["__import_meta"], "data": line}, file)

    def bare(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path.removeprefix("data.") for path in paths if path.startswith("data."))

    return replace(
        shape,
        name=f"4cat-ndjson-{shape.platform}-{shape.about}",
        tool="4CAT",
        required=("__import_meta.source_platform", *bare(shape.required)),
        forbidden=bare(shape.forbidden),
        values={"__import_meta.source_platform": shape.values["source_platform"]},
        read=read,
        generations={name: bare(paths) for name, paths in shape.generations.items()},
    )
