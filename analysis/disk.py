"""Files that are the old ones or the new ones, whole: locks, temporary folders, and moves that no kill breaks off.

A command makes what it makes in a temporary folder beside its place (:func:`scratch`). Then it writes there, in one
step, what is to be moved where (:func:`commit`): from that moment on the new files count, and whoever holds the place
next finishes what a kill broke off (:func:`mend`). Nothing is replaced or removed that was not named before, with the
hash of its bytes; nothing is ever removed for its name alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from analysis import paths
from analysis.errors import InputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOG = logging.getLogger("analysis")
PREFIX = ".vantage-"
JOURNAL = "journal.json"
_LOCK = f"{PREFIX}lock"
_OWNER = "owner"
_MARK = b"A temporary folder of vantage. When its process is gone, the next command removes it.\n"
_CHUNK = 2**20
_WAIT = 0.05
_BEYOND = 2**30
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Let the error of a full disk name what was being written: the system does not."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL and error.filename is None:
            raise OSError(error.errno, os.strerror(error.errno), str(place)) from error
        raise


# Locks ----------------------------------------------------------------------------------------------------------------


@contextmanager
def locked(folder: Path, *, say: bool = True) -> Iterator[None]:
    """Hold a folder against other writers; it is made if it is missing, and removed again if it stays empty.

    The lock dies with its process, however that ends. Who comes second waits, and says so (``say``).
    """
    with made(folder):
        held = _wait_for(folder, say=say)
        try:
            yield
        finally:
            _release(folder / _LOCK, held)


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder that is missing; remove of it what is empty at the end."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def _wait_for(folder: Path, *, say: bool) -> int:
    told = not say
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        # Gone: who held it before removed a folder that had stayed empty.
        with suppress(FileNotFoundError):
            held = _take(folder / _LOCK)
            if held is not None:
                return held
        if not told and (folder / _LOCK).exists():
            LOG.warning("%s: another command is writing here; waiting for it", folder)
            told = True
        time.sleep(_WAIT)


def _take(path: Path) -> int | None:
    """Open and lock a file; None where another holds it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform == "win32":
            # Locks bind readers there: a byte far beyond what is written.
            os.lseek(file, _BEYOND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who held it before may have removed the file after it was opened here.
        if os.path.samestat(os.fstat(file), path.stat()):
            return file
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
            os.close(file)
            raise OSError(error.errno, error.strerror, str(path)) from error
    os.close(file)
    return None


def _release(path: Path, file: int) -> None:
    if sys.platform == "win32":  # an open file cannot be removed; a file that another opened meanwhile stays
        os.close(file)
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        if os.fstat(file).st_size == 0:
            path.unlink()
    os.close(file)


# Temporary folders ----------------------------------------------------------------------------------------------------


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Give a temporary folder in a folder; it goes at the end, or is finished and removed by :func:`mend`."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with suppress(FileNotFoundError):  # an empty one may be removed by :func:`mend`
            owner = _take(folder / _OWNER)
            break
    if owner is None:
        raise OSError(errno.EAGAIN, "is locked by another process", str(folder))
    try:
        with naming(parent):
            os.write(owner, _MARK)
        yield folder
    finally:
        os.close(owner)
        if not (folder / JOURNAL).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _is_scratch(folder: Path) -> bool:
    """Tell whether a folder is a temporary one of ours: it holds our mark, or nothing."""
    if not folder.name.startswith(PREFIX) or folder.is_symlink() or not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    mark = (folder / _OWNER).read_bytes() if _OWNER in names else b""
    return mark == _MARK or (not mark and names <= {_OWNER})


def is_ours(path: Path) -> bool:
    """Tell whether something in a folder is a lock or a temporary folder of ours, alive or left over."""
    return (path.name == _LOCK and path.is_file() and not path.stat().st_size) or _is_scratch(path)


def is_pending(parent: Path) -> bool:
    """Tell whether a command that was broken off left a folder to be mended."""
    return any(_is_scratch(path.parent) for path in parent.glob(f"{PREFIX}*/{JOURNAL}"))


def mend(parent: Path) -> None:
    """Finish what a command that was broken off had committed, and remove what it had not; hold the lock for it."""
    for folder in sorted(parent.glob(f"{PREFIX}*")):
        if not _is_scratch(folder):
            continue
        with suppress(OSError):
            folder.rmdir()
            continue
        owner = _take(folder / _OWNER)
        if owner is None:  # its process lives
            continue
        try:
            if (folder / JOURNAL).exists():
                _finish(folder)
                LOG.warning("%s: finished what a command that was broken off had begun to put in place", parent)
        finally:
            os.close(owner)
        shutil.rmtree(folder, ignore_errors=True)


def mend_pending(parent: Path) -> None:
    """Finish what a command that was broken off had committed; nothing is waited for where there is none."""
    if is_pending(parent):
        with locked(parent):
            mend(parent)


def tidy(parent: Path) -> None:
    """Mend a folder in which something is left over, if nobody is writing there now and it can be written to."""
    with suppress(OSError):
        if any(parent.glob(f"{PREFIX}*")):
            held = _take(parent / _LOCK)
            if held is not None:
                try:
                    mend(parent)
                finally:
                    _release(parent / _LOCK, held)


@contextmanager
def changing(folder: Path) -> Iterator[Path]:
    """Hold a folder against other writers, mended; gives a temporary folder in it, for :func:`commit`."""
    with locked(folder):
        mend(folder)
        with scratch(folder) as work, naming(folder):
            yield work


# Moves ----------------------------------------------------------------------------------------------------------------


def commit(folder: Path, moves: Mapping[str, Path], remove: Iterable[Path] = ()) -> None:
    """Move files out of a temporary folder into their places, and remove others: all of it, whatever happens.

    Parameters
    ----------
    folder : Path
        Of :func:`scratch`.
    moves : mapping of str to Path
        Names within the folder, and where they go, in this order. What is there now is replaced; what comes there
        between a kill and the mending stays.
    remove : iterable of Path
        Files that go afterwards, if they have not changed by then.

    """
    parent = folder.parent

    def told(path: Path) -> str:
        return path.relative_to(parent).as_posix() if path.is_relative_to(parent) else str(path.resolve())

    plan = {
        "moves": [[name, told(final), sha256(final) if final.is_file() else None] for name, final in moves.items()],
        "remove": [[told(path), sha256(path)] for path in remove],
    }
    for name in moves:
        flush(folder / name)
    flush(folder)
    begun = folder / f"{JOURNAL}.new"
    begun.write_text(json.dumps(plan), encoding="utf-8")
    flush(begun)
    _read_journal(begun)  # a link within the place may lead out of it: that is refused before anything counts
    os.replace(begun, folder / JOURNAL)
    flush(folder)
    try:
        _finish(folder)
    except KeyboardInterrupt:
        _finish(folder)  # a few moves more, and it is whole


def _finish(folder: Path) -> None:
    """Do what the journal says and is not done."""
    moves, remove = _read_journal(folder / JOURNAL)
    places = set()
    for staged, final, over in moves:
        if not staged.exists():
            continue
        if final.exists() and sha256(final) not in {over, sha256(staged)}:
            LOG.warning("%s: was changed meanwhile, and stays as it is", final)
            continue
        final.parent.mkdir(parents=True, exist_ok=True)
        _replace(staged, final)
        places.add(final.parent)
    for path, known in remove:
        if path.is_file() and sha256(path) == known:
            with suppress(PermissionError):  # Windows: somebody reads it
                path.unlink()
            places.add(path.parent)
    for place in sorted(places):
        flush(place)
    with suppress(PermissionError):  # the folder itself may be new
        flush(folder.parent.parent)
    (folder / JOURNAL).unlink()


def _read_journal(journal: Path) -> tuple[list[tuple[Path, Path, str | None]], list[tuple[Path, str]]]:
    """Read what is to be moved and removed: beside the folder or in ``runs/`` alone, for it may come from anybody."""
    resolved = cache(Path.resolve)  # many files of few folders

    def within(path: Path, places: list[Path]) -> Path:
        where = resolved(path.parent) / path.name
        if not any(map(where.is_relative_to, places)):
            raise ValueError(path)
        return path

    folder, parent = journal.parent, journal.parent.parent
    inside, around = [folder.resolve()], [parent.resolve(), paths.RUNS.resolve()]
    try:
        plan = json.loads(journal.read_text(encoding="utf-8"))
        moves = [
            (within(folder / name, inside), within(parent / told, around), over) for name, told, over in plan["moves"]
        ]
        return moves, [(within(parent / told, around), known) for told, known in plan["remove"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = (
            "is not what a command that was broken off leaves, or reaches elsewhere; if it is of no use, remove it"
        )
        raise InputError(problem, file=journal.parent) from error


def _replace(staged: Path, final: Path) -> None:
    try:
        os.replace(staged, final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with scratch(final.parent) as other:  # on another disk
            shutil.copyfile(staged, other / "file")
            flush(other / "file")
            os.replace(other / "file", final)
        staged.unlink()


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk itself."""
    if path.is_dir():
        if sys.platform == "win32":  # folders cannot be opened there
            return
        file = os.open(path, os.O_RDONLY)
    else:
        file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(file)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Write a file in one step: gives where to write it; a reader sees the old one or, at the end, the new one."""
    with scratch(path.parent) as folder, naming(path):
        yield folder / "made"
        flush(folder / "made")
        os.replace(folder / "made", path)
        flush(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step (:func:`whole`)."""
    with whole(path) as made:
        made.write_text(text, encoding="utf-8", newline="\n")


def bring(source: Path, into: Path) -> None:
    """Have a file under a second name, so that it stays there whatever happens to the first; copied if need be."""
    try:
        os.link(source, into)
    except FileNotFoundError:
        raise
    except OSError:
        with naming(into):
            shutil.copyfile(source, into)
