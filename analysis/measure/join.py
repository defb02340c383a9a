"""Parquet files put together as they are: no value is read, and the file is the one that a single writer makes.

A Parquet file is groups of rows one after the other, and at its end a description of them, a structure in Thrift's
compact protocol (``parquet.thrift`` in github.com/apache/parquet-format; ``thrift-compact-protocol.md`` in
github.com/apache/thrift). Put together, groups are the same bytes elsewhere; of their description only places and
numbers change.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_MARK = b"PAR1"
_LENGTH = 4
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = (4, 5, 6)  # numbers of 16, 32 and 64 bits are written alike
_MANY = 15  # a list of so many or more says how many after its head

#: Fields of FileMetaData.
_ROWS, _GROUPS = 3, 4


class _Reader:
    """Goes through a structure, copying it; numbers at some places are changed on the way."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """Read a number without sign: seven bits a byte, the lowest first."""
        value = shift = 0
        while (byte := self.byte()) >= 0x80:  # noqa: PLR2004
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def fields(self) -> Any:  # noqa: ANN401
        """Yield number, kind and place of the head of each field; who takes it must go past its value."""
        field = 0
        while True:
            begin = self.at
            head = self.byte()
            if head == _STOP:
                return
            field = field + (head >> 4) if head >> 4 else _signed(self.number())
            yield field, head & 15, begin

    def items(self) -> tuple[int, int]:
        """Read the head of a list: how many, and of which kind."""
        head = self.byte()
        return (head >> 4 if head >> 4 < _MANY else self.number()), head & 15

    def copy(self, kind: int, out: bytearray, changes: Any = None) -> None:  # noqa: ANN401
        """Copy a value; ``changes`` is a function of a number, or for a structure what becomes of its fields."""
        begin = self.at
        if kind in _WHOLE:
            value = self.number()
            out += self.data[begin : self.at] if changes is None else _written(_unsigned(changes(_signed(value))))
        elif kind == _STRUCT:
            for field, inner, head in self.fields():
                out += self.data[head : self.at]
                self.copy(inner, out, (changes or {}).get(field))
            out.append(_STOP)
        elif kind in {_LIST, _SET}:
            number, inner = self.items()
            out += self.data[begin : self.at]
            for _ in range(number):
                # Alone, whether it is true is said by the head of its field; in a list, by a byte.
                self.copy(_BYTE if inner in {_TRUE, _FALSE} else inner, out, changes)
        elif kind not in {_TRUE, _FALSE}:
            lengths: Mapping[int, Callable[[], int]] = {_BYTE: lambda: 1, _DOUBLE: lambda: 8, _BINARY: self.number}
            length = lengths[kind]()
            self.at += length
            out += self.data[begin : self.at]


def _signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)


def _unsigned(value: int) -> int:
    return value << 1 ^ value >> 63


def _written(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:  # noqa: PLR2004
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _moved(by: int) -> dict[int, Any]:
    """Return what becomes of the fields of a RowGroup that stands so many bytes further on."""

    def place(value: int) -> int:
        return value + by if value else value  # 0: the writer does not say it

    def refused(_: int) -> int:
        message = "groups of rows with page indexes, Bloom filters or numbers of their own are not put together"
        raise NotImplementedError(message)

    #: Of ColumnMetaData: where the pages of data, of an index and of a dictionary begin; a Bloom filter.
    column = {9: place, 10: place, 11: place, 14: refused}
    return {1: {2: place, 3: column, 4: refused, 6: refused}, 5: place, 7: refused}


def join(files: Sequence[Path], into: Path) -> None:
    """Write the groups of rows of Parquet files, one after the other, as one file.

    Parameters
    ----------
    files : sequence of Path
        Of one schema, written with one set of options; at least one.
    into : Path
        The file to write: to the byte what one writer makes of the same groups of rows.

    Raises
    ------
    NotImplementedError
        If the files hold page indexes, Bloom filters or numbers of groups, which pyarrow does not write by itself.

    """
    groups, rows, number = bytearray(), 0, 0
    with into.open("wb") as out:
        out.write(_MARK)
        for path in files:
            with path.open("rb") as file:
                file.seek(-_LENGTH - len(_MARK), 2)
                end = file.tell() - int.from_bytes(file.read(_LENGTH), "little")
                file.seek(end)
                told = file.read()
                by = out.tell() - len(_MARK)
                file.seek(len(_MARK))
                shutil.copyfileobj(_Until(file, end), out)
            reader = _Reader(told)
            for field, kind, _ in reader.fields():
                if field == _ROWS:
                    rows += _signed(reader.number())
                elif field == _GROUPS:
                    for _ in range(reader.items()[0]):
                        reader.copy(_STRUCT, groups, _moved(by))
                        number += 1
                else:
                    reader.copy(kind, bytearray())
        description = _description(told, rows, number, groups)
        out.write(description + len(description).to_bytes(_LENGTH, "little") + _MARK)


class _Until:
    """A file that ends earlier."""

    def __init__(self, file: Any, end: int) -> None:  # noqa: ANN401
        self._file, self._end = file, end

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._end - self._file.tell()))


def _description(told: bytes, rows: int, number: int, groups: bytes) -> bytes:
    """Return a FileMetaData with other rows and groups."""
    reader, out = _Reader(told), bytearray()
    for field, kind, head in reader.fields():
        out += told[head : reader.at]
        if field == _ROWS:
            reader.number()
            out += _written(_unsigned(rows))
        elif field == _GROUPS:
            reader.copy(kind, bytearray())
            out += (
                bytes([number << 4 | _STRUCT]) if number < _MANY else bytes([_MANY << 4 | _STRUCT]) + _written(number)
            )
            out += groups
        else:
            reader.copy(kind, out)
    out.append(_STOP)
    return bytes(out)
