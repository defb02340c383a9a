"""Unpacked bytes of packed streams, within bounds of size and of memory; text in UTF-16 as UTF-8."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from analysis.corpus.readers.encodings import HALF
from analysis.errors import InputError

#: Beyond the first :data:`FREE` bytes a stream may unpack to this many times its packed size; text packs 5 to 40 times.
RATIO = 250
FREE = 64 * 2**20
#: Pushshift's dumps are compressed with a window of 2 GiB, of which as much is held in memory as was unpacked: so much
#: of such a stream is read, and no window that takes more than that is filled.
_WINDOW, _HELD = 2**31, 384 * 2**20
_MEMORY = f"takes more than {_HELD // 2**20} MB of memory to unpack; unpack it first (zstd -d --long=31, xz -d)"
_NO_MEMORY = re.compile("too much memory|Memory usage limit")
#: More bytes than the head of a zstd frame has.
_ZSTD_HEADER = 18
#: Marks of encodings that become UTF-8, the longer first: that of UTF-32 begins as that of UTF-16 does.
_MARKED = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: So many bytes tell UTF-16 without its mark.
_LOOKED_AT = 4096
#: One pair in so many has a 0, at least, and one half so many times as often as the other.
_FEWEST, _CLEARLY = 4, 3
_CHUNK = 2**20
#: What stands before the JSON of tweets in X's download; its other files (messages, likes) stay no JSON: nobody means
#: to import them with their folder.
_ASSIGNED = re.compile(rb"\s*window\.YTD\.tweets?\.part\d{1,4}\s*=\s*")
#: A block of zstd may hold 32,768 times its size: so much is unpacked at a time.
_PIECE = 2**10
#: What opening and reading a damaged container may raise.
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)


class _Bounded(io.RawIOBase):
    """A stream that stops where it has unpacked to more than its packed size can honestly hold."""

    def __init__(self, stream: BinaryIO, name: str, packed: int, beneath: BinaryIO | None) -> None:
        self._stream, self._name, self._left, self._beneath = stream, name, FREE + RATIO * packed, beneath
        self._fault: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        if self._fault is not None:
            raise self._fault  # a stream that broke off is not at its end, however often it is asked
        try:
            # No more than can be had at once: what comes before a fault is good.
            data = self._stream.read1(len(buffer))
        except MemoryError:
            raise InputError(_MEMORY, file=self._name) from None
        except _faults() as error:
            if _NO_MEMORY.search(str(error)):
                raise InputError(_MEMORY, file=self._name) from None
            self._fault = EOFError(str(error))
            raise self._fault from error
        self._left -= len(data)
        if self._left < 0:
            problem = f"unpacks to more than {RATIO} times its size; it is not read"
            raise InputError(problem, file=self._name)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        if self._beneath is not None:
            self._beneath.close()
        super().close()


def bounded(stream: BinaryIO, name: str, packed: int, beneath: BinaryIO | None = None) -> BinaryIO:
    """Return a stream that is refused where it unpacks to more than its packed size can honestly hold."""
    return io.BufferedReader(_Bounded(stream, name, packed, beneath), _CHUNK)


class _Frames:
    """A stream of zstd or xz: it tells where it breaks off, and takes no more memory than it may."""

    def __init__(self, packed: BinaryIO, begin: Callable[[bytes], tuple[Any, float]]) -> None:
        self._file, self._begin = packed, begin
        self._parts, self._rest = self._unpacked(), io.BytesIO()

    def _unpacked(self) -> Iterator[bytes]:
        frame, left = None, 0.0
        while data := self._file.read(_PIECE):
            # Zeros may stand between two streams of xz.
            while data := data if frame else data.lstrip(b"\0"):
                if frame is None:
                    frame, left = self._begin(data)
                yield (part := frame.decompress(data))
                left -= len(part)
                if left < 0:
                    raise MemoryError
                data = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
        if frame is not None:
            raise EOFError("the file ends too early")

    def read1(self, size: int) -> bytes:
        """Return some bytes, none at the end."""
        # A part may be 32 MB, of which 8 KB are asked for at a time: what is left is not copied each time.
        while not (out := self._rest.read(size)):
            part = next(self._parts, None)
            if part is None:
                return b""
            self._rest = io.BytesIO(part)
        return out

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Recoded(io.RawIOBase):
    """A stream of UTF-16 or 32 (PowerShell and spreadsheets write such) as UTF-8; what is none is none there either."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors=HALF, newline="")
        self._rest = b""  # of a sign that is longer than what was asked for

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        whole = self._rest or self._text.read(max(len(buffer) // 4, 1)).encode(errors="surrogateescape")
        data, self._rest = whole[: len(buffer)], whole[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _zstd(packed: BinaryIO) -> _Frames:
    import zstandard  # noqa: PLC0415  only who has a dump pays for it

    engine = zstandard.ZstdDecompressor(max_window_size=_WINDOW)

    def begin(data: bytes) -> tuple[Any, float]:
        window = zstandard.get_frame_parameters(data).window_size if len(data) > _ZSTD_HEADER else _WINDOW
        return engine.decompressobj(), float("inf") if window <= _HELD else _HELD

    return _Frames(packed, begin)


def _xz(packed: BinaryIO) -> _Frames:
    return _Frames(packed, lambda _: (lzma.LZMADecompressor(memlimit=_HELD), float("inf")))


def _faults() -> tuple[type[Exception], ...]:
    """Return what unpacking may raise; zstd's own kind only where somebody has read such a file."""
    zstandard = sys.modules.get("zstandard")
    return (*DAMAGE, zstandard.ZstdError) if zstandard else DAMAGE


def in_utf8(stream: BinaryIO) -> BinaryIO:
    """Return a stream of UTF-16 or 32 as UTF-8, of X's download (JavaScript) what is JSON, any other as it is."""
    head = stream.peek(_LOOKED_AT)[:_LOOKED_AT]
    if found := _ASSIGNED.match(head):
        stream.read(found.end())
    encoding = next((name for mark, name in _MARKED.items() if head.startswith(mark)), None) or _utf16(head)
    return io.BufferedReader(_Recoded(stream, encoding), _CHUNK) if encoding else stream


def _utf16(head: bytes) -> str | None:
    """Return which UTF-16 a text without its mark is in, None where in none: a 0 stands in every other byte.

    >>> _utf16("so, no".encode("utf-16-le")), _utf16("so, no".encode("utf-16-be")), _utf16(b"so, no")
    ('utf-16-le', 'utf-16-be', None)
    """
    pairs = len(head) // 2
    zeros = [head[start : 2 * pairs : 2].count(0) for start in (0, 1)]
    # Letters, marks and digits have a 0 in one half of their pairs, always the same; 一 (4E00) has it in the other.
    if max(zeros) * _FEWEST < max(pairs, 2) or max(zeros) < _CLEARLY * min(zeros):
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


_UNPACK: dict[str, Callable[[BinaryIO], Any]] = {"gzip": gzip.open, "xz": _xz, "bzip2": bz2.open, "zstd": _zstd}


def unpacked(kind: str, packed: BinaryIO, name: str, size: int) -> BinaryIO:
    """Return the unpacked bytes of a stream of ``size`` bytes that is gzip, xz, bzip2 or zstd."""
    return bounded(_UNPACK[kind](packed), name, size, packed)
