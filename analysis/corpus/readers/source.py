"""Open what people have (a file, a folder, an archive, a compressed dump) as named streams of bytes.

Nothing is unpacked to disk, a member's name is never used as a path, and a folder's links are followed only within
it. What a stream may unpack to is bounded by how much there was to unpack.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from analysis.corpus.readers.unpack import DAMAGE, FREE, RATIO, bounded, in_utf8, unpacked
from analysis.corpus.whole import sha256
from analysis.errors import InputError

#: An archive of more members than this, or a folder of more files, is not looked through.
MEMBERS = 100_000
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz", b"BZh": "bzip2", b"PK\x03\x04": "zip"}
#: pzstd begins with a frame that is skipped, and says there how long the next is: its first byte is one of sixteen.
_MAGIC |= {bytes([first]) + b"\x2a\x4d\x18": "zstd" for first in range(0x50, 0x60)}
_ENDINGS = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd", ".xz": "xz", ".bz2": "bzip2"}
_OTHERS = {b"7z\xbc\xaf\x27\x1c": "a 7z", b"Rar!\x1a\x07": "a RAR"}
#: What is not unpacked within an archive.
_PACKED = (".zip", ".tgz", ".7z", ".rar", ".tar")
#: Beyond the first so many bytes a workbook may unpack to so many times its size; its XML packs 5 to 20 times, and a
#: megabyte of it takes a second to read.
_BOOK, _BOOK_RATIO = 4 * 2**20, 50
_TAR, _TAR_AT = b"ustar", 257
#: What the names and numbers of a damaged archive may raise.
_BAD_NAMES = (UnicodeDecodeError, struct.error, ValueError)
_ENCRYPTED, _NAMED_IN_UTF8 = 0x1, 0x800
#: What systems and programs leave in folders; and what starts so.
_JUNK, _JUNK_STARTS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}), (".", "~$")
_PART = 2**12


@dataclass(frozen=True)
class Source:
    """A named stream of bytes that can be opened again and again.

    Attributes
    ----------
    name : str
        What reports and messages call it: the file's name, with the place within a folder or an archive before it.
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
    sheet : str
        Of a workbook with several sheets, the one that this is.

    """

    name: str
    path: Path
    opens: Callable[[], BinaryIO]
    inside: bool = False
    packed: bool = False
    member: str = ""
    sheet: str = ""
    members: Mapping[str, Callable[[], BinaryIO]] = field(default_factory=dict, repr=False, compare=False)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the stream, text in UTF-16 as UTF-8; a damaged container is an :class:`InputError`."""
        try:
            with self.opens() as stream:
                yield in_utf8(stream)
        except DAMAGE as error:
            raise InputError(f"cannot be unpacked or read: {error}", file=self.name) from error

    def head(self, size: int) -> bytes:
        """Return the first bytes; of a packed stream that breaks off, those before that."""
        found = bytearray()
        with self.open() as stream:
            try:
                while len(found) < size and (part := stream.read1(min(_PART, size - len(found)))):
                    found += part
            except DAMAGE:
                if not found:
                    raise
        return bytes(found)

    def digest(self) -> str:
        """Return the SHA-256 of the file on disk; a member's name tells it from the others of its archive."""
        return sha256(self.path)

    def has(self, name: str) -> bool:
        """Tell whether a file of that name lies in the same folder."""
        return self._member(name) in self.members if self.members else self.path.with_name(name).is_file()

    def sibling(self, name: str) -> Source | None:
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


def refused(problem: str, name: str) -> Callable[[], BinaryIO]:
    """Return what opens nothing, and says why: within a folder, one such file does not keep the others out."""

    def opens() -> BinaryIO:
        raise InputError(problem, file=name)

    return opens


def archive(head: bytes) -> str | None:
    """Return what archive a file is that is not looked into, by its first bytes."""
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "a tar"
    return next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)


def _state(path: Path) -> tuple[int, int]:
    """Return what changes when a file does."""
    told = path.stat()
    return told.st_mtime_ns, told.st_size


@lru_cache(maxsize=1)
def _opened(path: Path, *_: int) -> zipfile.ZipFile:
    """Return an archive: one stays open, since to open it means to read the names of all its members."""
    return zipfile.ZipFile(path)


def _junk(name: str) -> bool:
    """Tell whether a file or folder is hidden, or nobody's data."""
    return name.lower() in _JUNK or (name.startswith(_JUNK_STARTS) and name not in {".", ".."})


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
        top = f"{path.resolve().name}/"
        return [source for file in _files(path) for source in _of_file(file, top, path)]
    if not path.is_file():
        problem = "no such file" if not path.exists() else "is not a file"
        raise InputError(problem, file=path, accepted=["a file, a folder or a ZIP archive"])
    return _of_file(path, "", None)


def _files(folder: Path) -> list[Path]:
    """Return a folder's files, but no links that lead out of it, hidden files, what systems put there, nor a corpus."""
    top = folder.resolve()
    found: list[Path] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not _junk(name))
        if "corpus.json" in names and any(name.startswith("corpus-") for name in names):
            continue  # a corpus that was made of exports, here or above
        here = (Path(place) / name for name in names if not _junk(name))
        found += [file for file in here if _leads_within(file, top)]
        if len(found) > MEMBERS:
            raise InputError(f"holds more than {MEMBERS:,} files", file=folder)
    return sorted(found, key=Path.as_posix)


def _leads_within(file: Path, top: Path) -> bool:
    try:
        return file.resolve().is_relative_to(top) and file.is_file()
    except (OSError, RuntimeError):  # a link to itself
        return False


def _of_file(path: Path, before: str, folder: Path | None) -> list[Source]:
    # With the same marks on Windows: patterns of rules and ids in names rest on it.
    name = printable(before + (path.relative_to(folder).as_posix() if folder else path.name))
    inside = folder is not None
    with path.open("rb") as file:
        head = file.read(8)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if kind is None:
        return [Source(name, path, lambda: path.open("rb"), inside)]
    if kind == "zip":
        return _members(path, name, inside=inside)
    size = path.stat().st_size
    return [Source(name, path, lambda: unpacked(kind, path.open("rb"), name, size), inside, packed=True)]


def _members(path: Path, name: str, *, inside: bool) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    except (*DAMAGE, *_BAD_NAMES) as error:
        if path.suffix.lower() == ".zip":
            problem = f"is not a complete ZIP archive: {error}"
            if inside:
                return [Source(name, path, refused(problem, name), inside)]
            raise InputError(problem, file=name) from error
        return [Source(name, path, lambda: path.open("rb"), inside)]
    names = {member.filename for member in members}
    if names & {"[Content_Types].xml", "xl/workbook.xml"} or {"mimetype", "content.xml"} <= names:
        refuse_swollen(members, name)
        return [Source(name, path, lambda: path.open("rb"), inside)]
    _refuse_bomb(members, path, name)

    found = [(printable(_named(member)), member) for member in members]
    kept = [each for each in found if not any(map(_junk, each[0].split("/")))]
    openers = {inner: _opener(path, member, f"{name}: {inner}") for inner, member in found}
    return [
        Source(
            f"{name}: {inner}",
            path,
            _opener(path, member, f"{name}: {inner}"),
            inside=True,
            packed=True,
            member=inner,
            members=openers,
        )
        for inner, member in sorted(kept, key=lambda each: (each[0], each[1].header_offset))
    ]


def _opener(path: Path, member: zipfile.ZipInfo, inner: str) -> Callable[[], BinaryIO]:
    """Return what opens a member of an archive, or says why it is not opened."""
    if member.flag_bits & _ENCRYPTED:
        return refused("is encrypted; unpack it first", inner)
    if member.compress_type == zipfile.ZIP_LZMA:
        return refused("is packed as LZMA; unpack it first", inner)
    if inner.lower().endswith(_PACKED):
        return refused("is packed within an archive; unpack the archive first", inner)

    def opens() -> BinaryIO:
        # The member keeps the file open until it is closed itself.
        try:
            packed = _opened(path, *_state(path)).open(member)
        except _BAD_NAMES as error:
            raise zipfile.BadZipFile(str(error)) from error
        stream = bounded(packed, inner, member.compress_size)
        # A folder that holds compressed files (instaloader's .json.xz) may have been packed as it was.
        kind = _ENDINGS.get(os.path.splitext(member.filename.lower())[1])  # noqa: PTH122  no path
        return stream if kind is None else unpacked(kind, stream, inner, member.compress_size)

    return opens


def own_name(name: str) -> str:
    """Return a file's own name without the folder or the archive that it stands in.

    >>> own_name("exports/a.zip: deep/posts_1.json")
    'posts_1.json'
    """
    return name.rsplit("/", 1)[-1].rsplit(": ", 1)[-1]


def _named(member: zipfile.ZipInfo) -> str:
    """Return a member's name: where the archive does not say how it is written, in UTF-8, else in GB 18030."""
    name = member.filename
    if not name.isascii() and not member.flag_bits & _NAMED_IN_UTF8:
        for encoding in ("utf-8", "gb18030"):
            try:
                return name.encode("cp437").decode(encoding)
            except UnicodeError:
                continue
    return name


def refuse_swollen(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook that would unpack to more than memory should hold; its strings are read at once."""
    whole = sum(member.file_size for member in members)
    strings = sum(member.file_size for member in members if member.filename.lower().endswith("sharedstrings.xml"))
    packed = sum(member.compress_size for member in members)
    if whole > FREE * 4 or strings > FREE or whole > _BOOK + _BOOK_RATIO * packed:
        raise InputError(f"is a workbook of {whole / 2**20:,.0f} MB; save its sheet as CSV", file=name)


def _refuse_bomb(members: list[zipfile.ZipInfo], path: Path, name: str) -> None:
    """Refuse an archive of too many members, or of many that are each within bounds and together are not."""
    if len(members) > MEMBERS:
        raise InputError(f"holds more than {MEMBERS:,} members", file=name)
    if sum(member.file_size for member in members) > FREE + RATIO * path.stat().st_size:
        raise InputError(f"unpacks to more than {RATIO} times its size; it is not read", file=name)
