"""Objects in files whose arrays are mapped, not read: processes that look at the same one share its memory."""

from __future__ import annotations

import mmap
import pickle
from pathlib import Path
from typing import Any

#: Arrays begin at places that any number may begin at.
_ALIGNED = 64


def write(path: Path, made: Any) -> None:  # noqa: ANN401  any object that can be pickled
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


def read(path: Path) -> Any:  # noqa: ANN401
    """Map what was written: what is not looked at takes no memory, and what is written to is this process's own."""
    with path.open("rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    # Of this run's own folder, which no other user can write to.
    rest, spans = pickle.loads(view[int.from_bytes(view[-8:], "little") : -8])  # noqa: S301
    return pickle.loads(rest, buffers=[view[slice(*span)] for span in spans])  # noqa: S301
