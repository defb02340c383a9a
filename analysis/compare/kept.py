"""What several notebooks of one run need is made once, and lies in memory once: arrays are mapped from a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analysis import disk, mapped
from analysis.parameters import Parameters

if TYPE_CHECKING:
    from analysis.compare.dataset import Dataset

#: Where the runner keeps them while it runs; nowhere else are any kept.
FOLDER = "VANTAGE_TABLES"
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

    Where figures go, and in which formats, is left out of what it is known by. Who asks while another makes it waits.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return make()
    asked = parameters.model_dump_json(exclude={"out", "figure_formats"})
    path = Path(folder) / f"{name}-{sha256(asked.encode()).hexdigest()[:16]}" / "made"
    with disk.locked(path.parent, say=False):
        if not path.is_file():
            with disk.whole(path) as whole:
                mapped.write(whole, make())
    return mapped.read(path)
