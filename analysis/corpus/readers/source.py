"""Open what people have (a file, a folder, an archive, a compressed dump) as named streams of bytes.

Nothing is unpacked to disk, a member's name is never used as a path, and a folder's links are followed only within
it. What a stream may unpack to is bounded by how much there was to unpack.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from analysis.errors import InputError

#: Beyond the first :data:`FREE` bytes a stream may unpack to this many times its packed size; text packs 5 to 40 times.
RATIO = 250
FREE = 64 * 2**20
#: An archive of more members than this, or a folder of more files, is not looked through.
MEMBERS = 100_000
#: Pushshift's dumps are compressed with a window of 2 GiB.
_WINDOW = 2**31
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz", b"BZh": "bzip2", b"PK\x03\x04": "zip"}
_ENDINGS = {".gz": "gzip", ".zst": "zstd", ".xz": "xz", ".bz2": "bzip2"}
_ENCRYPTED = 0x1
_CHUNK = 2**20
_PART = 2**12
#: What opening and reading a damaged container may raise.
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Source:
    """A named stream of bytes that can be opened again and again.

    Attributes
    ----------
    name : str
        What books and messages call it: the file's name, with the place within a folder or an archive before it.
    path : Path
        The file on disk that holds it.
    opens : callable
        Returns the unpacked bytes from their beginning.
    inside : bool
        Whether it was found within a folder or an archive, where much else may lie beside the data.
    packed : bool
        Whether the file on disk is not the stream itself.
    member, members : str, mapping of str to callable
        Within an archive, its own name, and what opens each of all.

    """

    name: str
    path: Path
    opens: Callable[[], BinaryIO]
    inside: bool = False
    packed: bool = False
    member: str = ""
    members: Mapping[str, Callable[[], BinaryIO]] = field(default_factory=dict, repr=False, compare=False)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the stream; a damaged container is an :class:`InputError`."""
        try:
            with self.opens() as stream:
                yield stream
        except DAMAGE as error:
            raise InputError(f"cannot be unpacked or read: {error}", file=self.name) from error

    def head(self, size: int = 2**20) -> bytes:
        """Return the first bytes; of a packed stream that breaks off, those before that."""
        found = bytearray()
        with self.open() as stream:
            try:
                while len(found) < size and (part := stream.read(min(_PART, size - len(found)))):
                    found += part
            except DAMAGE:
                if not found:
                    raise
        return bytes(found)

    def digest(self) -> str:
        """Return the SHA-256 of the file on disk; a member's name tells it from the others of its archive."""
        found = hashlib.sha256()
        with self.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()

    def has(self, name: str) -> bool:
        """Tell whether a file of that name lies in the same folder."""
        return self._member(name) in self.members if self.members else self.path.with_name(name).is_file()

    def beside(self, name: str) -> Source | None:
        """Return the file of that name in the same folder, if there is one; a link may lead anywhere and is none."""
        if not self.has(name) or (not self.members and self.path.with_name(name).is_symlink()):
            return None
        if self.members:
            member = self._member(name)
            return replace(self, name=printable(member), opens=self.members[member], member=member)
        return next(iter(_of_file(self.path.with_name(name), "", None)), None)

    def _member(self, name: str) -> str:
        folder, slash, _ = self.member.rpartition("/")
        return f"{folder}{slash}{name}"

    @property
    def suffix(self) -> str:
        """Return the ending of the name, small, without that of a compression."""
        name = self.name.lower()
        for packed in (".gz", ".zst", ".zstd", ".xz", ".bz2"):
            name = name.removesuffix(packed)
        return os.path.splitext(name)[1]  # noqa: PTH122  a member's name is no path


class _Bounded(io.RawIOBase):
    """A stream that stops where it has unpacked to more than its packed size can honestly hold."""

    def __init__(self, stream: BinaryIO, name: str, packed: int, beneath: BinaryIO | None) -> None:
        self._stream, self._name, self._left, self._beneath = stream, name, FREE + RATIO * packed, beneath

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        try:
            data = self._stream.read(len(buffer))
        except Exception as error:
            if type(error).__name__ == "ZstdError":  # of a package that is imported only where it is needed
                raise EOFError(str(error)) from error
            raise
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


def _bounded(stream: BinaryIO, name: str, packed: int, beneath: BinaryIO | None = None) -> BinaryIO:
    return io.BufferedReader(_Bounded(stream, name, packed, beneath), _CHUNK)


def _zstd(packed: BinaryIO) -> BinaryIO:
    import zstandard  # noqa: PLC0415  only who has a dump pays for it

    return zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
        packed, read_across_frames=True, closefd=True
    )


_UNPACK: dict[str, Callable[..., BinaryIO]] = {"gzip": gzip.open, "xz": lzma.open, "bzip2": bz2.open, "zstd": _zstd}


def printable(name: str) -> str:
    """Return a file's name as text that can be stored: one unpacked from a Chinese archive may hold half characters."""
    return name.encode("utf-8", "backslashreplace").decode()


def sources(path: Path) -> list[Source]:
    """Return the streams of a file, a folder or an archive, in the order of their names.

    Raises
    ------
    InputError
        If there is no such file, or an archive is damaged or holds too many members.

    """
    if path.is_dir():
        return [source for file in _files(path) for source in _of_file(file, f"{path.name}/", path)]
    if not path.is_file():
        problem = "no such file" if not path.exists() else "is not a file"
        raise InputError(problem, file=path, accepted=["a file, a folder or a ZIP archive"])
    return _of_file(path, "", None)


def _files(folder: Path) -> list[Path]:
    """Return a folder's files; links that lead out of it, and hidden files, are left out."""
    top = folder.resolve()
    found: list[Path] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        here = (Path(place) / name for name in names if not name.startswith("."))
        found += [file for file in here if _leads_within(file, top)]
        if len(found) > MEMBERS:
            raise InputError(f"holds more than {MEMBERS:,} files", file=folder)
    return sorted(found, key=str)


def _leads_within(file: Path, top: Path) -> bool:
    try:
        return file.resolve().is_relative_to(top) and file.is_file()
    except (OSError, RuntimeError):  # a link to itself
        return False


def _of_file(path: Path, before: str, folder: Path | None) -> list[Source]:
    name = printable(before + (str(path.relative_to(folder)) if folder else path.name))
    inside = folder is not None
    with path.open("rb") as file:
        head = file.read(8)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if kind is None:
        return [Source(name, path, lambda: path.open("rb"), inside)]
    if kind == "zip":
        return _members(path, name, inside=inside)
    size = path.stat().st_size
    return [Source(name, path, lambda: _unpacked(kind, path.open("rb"), name, size), inside, packed=True)]


def _unpacked(kind: str, packed: BinaryIO, name: str, size: int) -> BinaryIO:
    return _bounded(_UNPACK[kind](packed), name, size, packed)


def _members(path: Path, name: str, *, inside: bool) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except DAMAGE as error:
        if path.suffix.lower() == ".zip":
            raise InputError(f"is not a whole ZIP archive: {error}", file=name) from error
        return [Source(name, path, lambda: path.open("rb"), inside)]
    if len(members) > MEMBERS:
        raise InputError(f"holds more than {MEMBERS:,} members", file=name)
    names = {member.filename for member in members}
    if "[Content_Types].xml" in names or "xl/workbook.xml" in names:
        _refuse_swollen(members, name)
        return [Source(name, path, lambda: path.open("rb"), inside)]

    def opener(member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
        def opens() -> BinaryIO:
            if member.flag_bits & _ENCRYPTED:
                raise InputError("is encrypted; unpack it first", file=f"{name}: {printable(member.filename)}")
            archive = zipfile.ZipFile(path)
            own = f"{name}: {printable(member.filename)}"
            stream = _bounded(archive.open(member), own, member.compress_size)
            archive.close()  # the member keeps the file open until it is closed itself
            # A folder that holds compressed files (instaloader's .json.xz) may have been packed as it was.
            kind = _ENDINGS.get(os.path.splitext(member.filename.lower())[1])  # noqa: PTH122  no path
            return stream if kind is None else _unpacked(kind, stream, own, member.compress_size)

        return opens

    # As in a folder, what is hidden is no data.
    shown = [m for m in members if not m.filename.rpartition("/")[2].startswith(".")]
    kept = [m for m in shown if not m.filename.startswith("__MACOSX/") and not m.filename.endswith(".zip")]
    openers = {member.filename: opener(member) for member in members}
    return [
        Source(
            f"{name}: {printable(member.filename)}",
            path,
            opener(member),
            inside=True,
            packed=True,
            member=member.filename,
            members=openers,
        )
        for member in sorted(kept, key=lambda member: (member.filename, member.header_offset))
    ]


def _refuse_swollen(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook that would unpack to more than memory should hold; its strings are read at once."""
    whole = sum(member.file_size for member in members)
    strings = sum(member.file_size for member in members if member.filename.lower().endswith("sharedstrings.xml"))
    if whole > FREE * 4 or strings > FREE:
        raise InputError(f"is a workbook of {whole // 2**20:,} MB; save its sheet as CSV", file=name)
