"""What a command frees goes back to the system."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from analysis import memory

#: glibc takes pieces from its heap as large as the largest that was ever freed; what lies between others stays there.
HELD = """
import sys
from pathlib import Path
from analysis import memory
if sys.argv[1] == "give back":
    memory.give_back()
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
before = resident()
large = bytearray(30_000_000)
del large
pieces = [bytearray(b"x" * size) for _ in range(400) for size in (300_000, 4_000)]
del pieces[::2]
held = resident() - before
import pyarrow
print(held, pyarrow.default_memory_pool().backend_name)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_command_holds_little_of_what_it_freed() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in memory.SETTINGS}
    found = {}
    for how in ("give back",):  # whether it would be kept without hangs on the C library and its settings
        command = [sys.executable, "-c", HELD, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        held, found[how] = done.stdout.split()
        assert int(held) < 20_000_000  # 120 MB were freed
    assert found["give back"] == "system"


@pytest.mark.parametrize(
    ("utterances", "free", "told"),
    [
        (3_000_000, 4e9, "3,000,000 utterances: a run takes about 6.3 GB of memory, of which 4.0 are free"),
        (3_000_000, 8e9, ""),
        (50_000, 1e9, ""),
    ],
)
def test_a_run_that_takes_more_than_is_free_says_so(
    utterances: int, free: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=free))
    said = memory.more_than_free(utterances)
    assert said.startswith(told)
    assert bool(said) == bool(told)
