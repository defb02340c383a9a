"""The key of the pseudonyms: kept outside the corpus and the repository; a corpus knows it again by a fingerprint."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import sys
from codecs import BOM_UTF8
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from analysis.errors import InputError

VARIABLE = "VANTAGE_KEY"
_SHORTEST = 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_file() -> Path:
    """Return where the key is kept: in the user's own configuration folder."""
    if sys.platform == "win32" and "APPDATA" in os.environ:
        return Path(os.environ["APPDATA"]) / "vantage" / "key"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "vantage" / "key"


def read_key() -> bytes:
    """Return the key: of ``VANTAGE_KEY``, else of the key file, which is made with a random one if it is missing.

    Any bytes are a key. Blanks, line ends and a byte order mark around that of the file are not part of it.

    Raises
    ------
    InputError
        If the key is shorter than 16 bytes, or its file cannot be made or read.

    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        key, place = os.fsencode(given), VARIABLE
    else:
        path = key_file()
        try:
            if not path.exists():
                _make(path)
            if not path.is_file():
                raise InputError(f"is not a file; set {VARIABLE}", file=path)
            key, place = path.read_bytes().removeprefix(BOM_UTF8).strip(), str(path)
        except OSError as error:
            raise InputError(f"cannot store a key: {error.strerror}; set {VARIABLE}", file=path) from error
    if len(key) < _SHORTEST:
        what = "the key file is empty" if not key and given is None else f"the key is shorter than {_SHORTEST} bytes"
        raise InputError(what, file=place, accepted=[f"{_SHORTEST} bytes or more"])
    return key


def _make(path: Path) -> None:
    """Keep a random key for its owner only; of two commands that make one at once, both read that of the first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            return
        except OSError:  # a disk without links
            os.replace(new, path)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def key_notes(*, first: bool) -> list[str]:
    """Return what to know of the key file: its place, on a corpus's first import; that others can read it."""
    path = key_file()
    if VARIABLE in os.environ or not path.exists():
        return []
    notes = []
    if first:
        notes.append(f"the key of the pseudonyms is in {path}: keep it, without it nobody can make the same ones again")
    if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
        notes.append(f"others on this computer can read the key of the pseudonyms: chmod 600 {path}")
    return notes


@lru_cache(maxsize=8)
def fingerprint(key: bytes) -> str:
    """Return by what a corpus knows a key again: scrypt (RFC 7914), so that a weak key is not cheaply guessed by it."""
    found = hashlib.scrypt(key, salt=b"the key of a corpus of vantage", n=2**14, r=8, p=1, dklen=8)
    return found.hex()


def sealed(key: bytes, digest: str) -> str:
    """Return a digest under the key (HMAC-SHA256).

    By the plain digest of a small file somebody who has the corpus could try which name stood in it.
    """
    return hmac.digest(key, digest.encode(), "sha256").hex()
