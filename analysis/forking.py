"""Kernels forked from one process that has imported what notebooks import: by itself each would take two seconds to.

On Linux: elsewhere a process is not forked safely once it has loaded what draws, and each kernel starts by itself.
"""

from __future__ import annotations

import gc
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from analysis import memory, paths

#: What shows and saves what notebooks draw.
_SHOWING = ("ipykernel.kernelapp", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg")
_IMPORTS = re.compile(r'"from (analysis[.\w]*) import')
_SERVE = "import sys; del sys.path[0]; from analysis.forking import serve; serve()"
#: What stands for a kernel among the processes of a run, as long as it lives; it starts in 15 ms.
_ASK = """\
import json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
with socket.socket(socket.AF_UNIX) as asking:
    asking.connect(sys.argv[1])
    asking.sendall(json.dumps([os.getcwd(), dict(os.environ), *sys.argv[2:]]).encode() + b"\\n")
    asking.recv(1)
"""
_ENDING = 1.0
_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>


class Source:
    """The process that kernels are forked from: it imports while others work, and who asks meanwhile waits."""

    def __init__(self) -> None:
        """Start it.

        Raises
        ------
        OSError
            If there is no place for a socket, as where the path of the folder for temporary files is too long.

        """
        self._asked = False
        self._folder = tempfile.TemporaryDirectory(prefix="vantage-")  # of this user alone
        self._path = str(Path(self._folder.name) / "kernels")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen()
            self._held = socket.socket(socket.AF_UNIX)
            self._held.connect(self._path)
            self._process = subprocess.Popen(  # noqa: S603  this Python
                [sys.executable, "-c", _SERVE],
                stdin=listener,
                env={**os.environ, **memory.OF_KERNELS, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
                start_new_session=True,  # Ctrl-C is for who waits
            )

    def command(self, kernel: list[str]) -> list[str]:
        """Return the command that has a kernel forked, for the one that would start it."""
        self._asked = True
        return [sys.executable, "-I", "-S", "-c", _ASK, self._path, *kernel[kernel.index("-f") :]]

    def kill(self) -> None:
        """End it at once, and with it all kernels."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End it, when all kernels have ended."""
        if not self._asked:
            self._process.kill()
        self._held.close()
        self._process.wait()
        self._folder.cleanup()


@contextmanager
def source(*, wanted: bool = True) -> Iterator[Source | None]:
    """Have kernels forked while this lasts; None where that is not wanted, or cannot be."""
    made = None
    if wanted and sys.platform == "linux":
        with suppress(OSError):
            made = Source()
    try:
        yield made
    except BaseException:
        if made:
            made.kill()
        raise
    if made:
        made.close()


def serve() -> None:
    """Import, then fork a kernel for each that asks, until who started this is done, or gone.

    Standard input is the socket on which kernels are asked for; the first to connect is who started this.
    """
    notebooks = [path.read_text(encoding="utf-8") for path in sorted(paths.NOTEBOOKS.glob("*.ipynb"))]
    for name in dict.fromkeys([*_SHOWING, *_IMPORTS.findall("\n".join(notebooks))]):
        with suppress(ImportError):  # a notebook that is being written says it better
            import_module(name)
    for language in ("en", "zh"):  # ordinary language, which most notebooks ask for
        import_module("analysis.measure.background").background_shares(language)
    gc.collect()
    gc.freeze()  # what was imported stays: no kernel looks through it for what to free
    with socket.socket(fileno=0) as listener, listener.accept()[0] as run:
        while run not in select.select([listener, run], [], [])[0]:
            _fork(listener)
            _reap()
        with suppress(OSError):  # who was killed leaves its folder
            Path(listener.getsockname()).unlink()
            Path(listener.getsockname()).parent.rmdir()
    # They are about to end; if not, whoever they work for was killed, and they end with this process.
    end = time.monotonic() + _ENDING
    while _reap() and time.monotonic() < end:
        time.sleep(0.01)


def _fork(listener: socket.socket) -> None:
    """Fork a kernel, which ends here."""
    connection, _ = listener.accept()
    with connection, connection.makefile(encoding="utf-8") as lines:
        asked = lines.readline()
        if not asked.endswith("\n") or os.fork():  # who asked can be dead before it was heard
            return
        import ctypes  # noqa: PLC0415

        from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415

        # It ends with what it was forked from; that it has ended is seen by the connection, which it holds.
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
        listener.close()
        os.open(os.devnull, os.O_RDONLY)  # the lowest that is free: standard input
        folder, environment, *sys.argv[1:] = json.loads(asked)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        launch_new_instance()
    sys.exit()


def _reap() -> bool:
    """Take leave of kernels that have ended: what they took counts as this process's. Tell whether any is left."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False
