"""What several notebooks of one run need is made once, and lies in memory once: arrays are mapped from a file."""

from __future__ import annotations

import mmap
import os
import pickle
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from analysis import disk
from analysis.parameters import Parameters

if TYPE_CHECKING:
    from analysis.compare.dataset import Dataset

#: Where the runner keeps them while it runs; nowhere else are any kept.
FOLDER = "VANTAGE_TABLES"
#: Arrays begin at places that any number may begin at.
_ALIGNED = 64
Made = TypeVar("Made")


def kept(make: Callable[[Dataset], Made]) -> Callable[[Dataset], Made]:
    """Keep what a function makes of a study as it was opened, for the other notebooks of the run.

    Parameters
    ----------
    make : callable
        Of a study alone.

    Returns
    -------
    callable
        The same; of a study whose rows were changed after it was opened, nothing is kept or taken.

    """

    @wraps(make)
    def once(study: Dataset) -> Made:
        if not study.as_opened:
            return make(study)
        return keep(make.__name__, study.parameters, lambda: make(study))

    return once


def keep(name: str, parameters: Parameters, make: Callable[[], Made]) -> Made:
    """Make what is called by a name, or take what another notebook of this run made of the same parameters.

    Where figures go, and in which formats, is left out of what it is known by.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return make()
    asked = parameters.model_dump_json(exclude={"out", "figure_formats"})
    path = Path(folder) / f"{name}-{sha256(asked.encode()).hexdigest()[:16]}"
    if not path.is_file():
        with disk.whole(path) as whole:
            _write(whole, make())
    return _read(path)


def _write(path: Path, made: Any) -> None:  # noqa: ANN401  whatever is kept
    """Write the arrays of what was made one after the other, then what else it is and where they stand."""
    spans = []
    with path.open("wb") as file:

        def apart(buffer: pickle.PickleBuffer) -> None:
            file.write(bytes(-file.tell() % _ALIGNED))
            start = file.tell()
            file.write(buffer.raw())
            spans.append((start, file.tell()))

        rest = pickle.dumps(made, protocol=5, buffer_callback=apart)
        start = file.tell()
        pickle.dump((rest, spans), file)
        file.write(start.to_bytes(8, "little"))


def _read(path: Path) -> Any:  # noqa: ANN401
    """Map what was written: what is not looked at takes no memory, and what is written to is this process's own."""
    with path.open("rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    # Of this run's own folder, which no other user can write to.
    rest, spans = pickle.loads(view[int.from_bytes(view[-8:], "little") : -8])  # noqa: S301
    return pickle.loads(rest, buffers=[view[slice(*span)] for span in spans])  # noqa: S301
