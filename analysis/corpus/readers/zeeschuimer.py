"""Zeeschuimer's lines, and what 4CAT makes of them: the same objects, lifted up, with ``__import_meta`` beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File, Format


def captured(
    parse: Callable[[dict[str, Any]], ParsedItem],
) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of lines that hold what a site sent (``data``) and when that was seen."""

    def read(line: dict[str, Any], _: File) -> Iterator[ParsedItem]:
        yield {"crawled": line.get("timestamp_collected"), **parse(line["data"])}

    return read


def fourcat(format_: Format) -> Format:
    """Return the format of 4CAT's NDJSON of what a format of Zeeschuimer's holds."""

    def read(line: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        yield from format_.read({**line["__import_meta"], "data": line}, file)

    def bare(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path.removeprefix("data.") for path in paths if path.startswith("data."))

    return replace(
        format_,
        name=f"4cat-ndjson-{format_.platform}-{format_.about}",
        tool="4CAT",
        required=("__import_meta.source_platform", *bare(format_.required)),
        forbidden=bare(format_.forbidden),
        values={"__import_meta.source_platform": format_.values["source_platform"]},
        read=read,
        versions={name: bare(paths) for name, paths in format_.versions.items()},
    )
