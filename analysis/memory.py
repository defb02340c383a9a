"""What is freed goes back to the system at once: by itself glibc keeps pieces of it, and Arrow's allocator arenas.

And what a run takes is told before it starts, where that is more than is free.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

_BYTES = 200_000
#: What glibc and Arrow read when a process starts.
SETTINGS = {"MALLOC_MMAP_THRESHOLD_": str(_BYTES), "ARROW_DEFAULT_MEMORY_POOL": "system"}
#: Kernels make and free arrays by the thousand: what is smaller is kept for the next, and so much at the end, as each
#: would cost page faults again (in a run of 338,209 utterances 6.5 million of them, not 10.7, for 7 MB).
OF_KERNELS = SETTINGS | {"MALLOC_MMAP_THRESHOLD_": "2000000", "MALLOC_TRIM_THRESHOLD_": "16000000"}
_M_MMAP_THRESHOLD = -3
#: Bytes that the processes of a run take together: at any size, and for each utterance (``tests/benchmarks/scale.md``).
_RUN, _UTTERANCE = 1_200_000_000, 1_700
#: Of fewer no sample is worth its intervals.
_MANY = 100_000


def give_back() -> None:
    """Set this for a process that has not loaded Arrow, and for those that it starts.

    The report of 338,209 utterances takes 0.77 GB instead of 1.09, measuring them 0.36 instead of 0.46, and no longer.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BYTES)


def more_than_free(utterances: int) -> str:
    """Return what to say before a run of so many utterances that takes more memory than is free; else nothing."""
    import psutil  # noqa: PLC0415  every command starts here, few run notebooks

    taken, free = _RUN + _UTTERANCE * utterances, psutil.virtual_memory().available
    if utterances < _MANY or taken <= free:
        return ""
    return (
        f"{utterances:,} utterances: a run takes about {taken / 1e9:.1f} GB of memory, of which {free / 1e9:.1f} are "
        "free; a random sample of whole clusters takes less (vantage sample)"
    )
