"""Files that were made to harm, or that chance made so: one line or rejected rows, bounded memory, no other file."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import read_list
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.readers import formats
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources
from analysis.corpus.readers.table import read_table
from analysis.errors import VantageError

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
LINE = '{"comment_id": "%s", "aweme_id": "1", "content": %s, "user_id": "u", "last_modify_ts": 1740589025042}'
#: More than all of Python and Arrow need, less than what any of these files would unpack or grow to.
MEGABYTES = 500
#: For each two lines, a file and a corpus, a copy of this process, which has read nothing yet.
CHILD = """
import os, resource, sys
from pathlib import Path
from analysis.corpus import ImportOptions, import_files
from analysis.errors import VantageError

def bring(path, into):
    try:
        for report in import_files([Path(path)], Path(into), ImportOptions("Hostile")).reports:
            print(report)
    except VantageError as error:
        print("refused:", error)
    # Linux gives a child's ru_maxrss the memory of whoever started it as its least: VmHWM is the child's own.
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    own = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    print(int(own[0] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024, flush=True)

for line in sys.stdin:
    path, into = line.rstrip("\\n"), next(sys.stdin).rstrip("\\n")
    child = os.fork()
    if child == 0:
        bring(path, into)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("exit", os.waitstatus_to_exitcode(status), flush=True)
"""


def comment(name: str, said: str = '"hi"') -> str:
    return LINE % (name, said)


def swell(file: Any, *, said: bool = False) -> None:
    """Write 250 lines of 1 MB each: of what somebody says, which takes long to import, or of what no reader asks."""
    much = '"' + "好" * (2**20 // 3) + '"'
    line = comment("1", much) if said else f'{comment("1")[:-1]}, "other": {much}}}'
    line = f"{line}\n".encode()
    file.write((comment("0") + "\n").encode())
    for _ in range(250):
        file.write(line)


def bomb(path: Path, opens: Callable[..., Any], *, said: bool = False) -> Path:
    with opens(path, "wb") as file:
        swell(file, said=said)
    return path


def zip_bomb(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        archive.open("a.jsonl", "w") as file,
    ):
        swell(file)
    return path


def written(path: Path, *parts: str, times: int = 1) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        for part in parts:
            for _ in range(times if len(part) == 2**20 else 1):
                file.write(part)
    return path


def long_name(path: Path) -> Path:
    """Write an archive with a member whose name is as long as one may be."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * 60_000 + ".csv", "text,video_id\nso free,v\n")
    return path


def workbook(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            for _ in range(300):
                file.write(b" " * 2**20)
    return path


def sheet(path: Path, rows: str, after: str = "") -> Path:
    """Write a workbook of one sheet with a header, two rows, and the XML of others."""
    book = openpyxl.Workbook()
    for row in (["text", "video_id"], ["so free", "v"], ["so quiet", "v"]):
        book.active.append(row)
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            text = old.read(member).decode()
            new.writestr(member, text.replace("</sheetData>", rows + "</sheetData>" + after))
    return path


MB = "y" * 2**20
HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "zip.zip": (zip_bomb, "unpacks to more than"),
    "gzip.jsonl.gz": (lambda path: bomb(path, partial(gzip.open, compresslevel=6)), "unpacks to more than"),
    "xz.jsonl.xz": (lambda path: bomb(path, partial(lzma.open, preset=0), said=True), "unpacks to more than"),
    "sheet.xlsx": (workbook, "is a workbook of 300 MB"),
    "cell.csv": (
        lambda path: written(path, "text,likes\nfirst,1\n", '"', MB, '",2\nlast,3\n', times=100),
        "3 rows read = 2 imported + 1 rejected",
    ),
    "cell-of-lines.csv": (
        lambda path: written(path, "text,likes\nfirst,1\n", '"', MB[:-1] + "\n", '",2\n', times=60),
        "rejected",
    ),
    "line.jsonl": (
        lambda path: written(path, comment("1"), "\n", '{"a": "', MB, '"}\n', comment("2"), "\n", times=100),
        "3 rows read = 2 imported + 1 rejected",
    ),
    "value.json": (
        lambda path: written(path, "[", comment("1"), ', {"a": "', MB, '"}, ', comment("2"), "]", times=100),
        "3 rows read = 2 imported + 1 rejected",
    ),
    "deep.json": (
        lambda path: written(
            path, "[", comment("1"), ",", comment("2", "[" * 10_000 + '"]\\""' + "]" * 10_000), ",", comment("3"), "]"
        ),
        "3 rows read = 2 imported + 1 rejected",
    ),
    "deep.jsonl": (
        lambda path: written(
            path, comment("1"), "\n", comment("2", '{"a":' * 10_000 + "1" + "}" * 10_000), "\n", comment("3"), "\n"
        ),
        "3 rows read = 2 imported + 1 rejected",
    ),
    "brackets.json": (lambda path: written(path, "[" * 1_000_000), "refused"),
    "numbers.jsonl": (
        lambda path: written(
            path,
            *(comment(str(n))[:-1] + f', "like_count": {number}}}\n' for n, number in enumerate(("NaN", "1e999", "7"))),
        ),
        "3 rows read = 3 imported + 0 rejected",
    ),
    "nothing.json": (lambda path: written(path, ""), "refused"),
    "nothing.xlsx": (lambda path: openpyxl.Workbook().save(path) or path, "holds no row"),
    "rows.xlsx": (
        lambda path: sheet(path, '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'),
        "has cells in row 1,048,577",
    ),
    "columns.xlsx": (
        lambda path: sheet(path, "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(4, 2000))),
        "has cells in column 16,384",
    ),
    "merged.xlsx": (
        lambda path: sheet(
            path,
            "".join(f'<row r="{n}"><c r="{"A" if n > 4 else "XFD"}{n}"><v>1</v></c></row>' for n in range(4, 2000)),
            '<mergeCells count="1"><mergeCell ref="XFD4:XFD1048576"/></mergeCells>',
        ),
        "has cells in column 16,384",
    ),
    "quotes.csv": (
        lambda path: written(path, "text,video_id,likes\nso free,v,1\n", '"so quiet,v,1\n', '"\n' * 2000),
        "1,002 rows read = 2 imported + 1,000 rejected",
    ),
    "name.zip": (long_name, "1 row read = 1 imported"),
}


@pytest.fixture(scope="module")
def brings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path, Path], list[str]]]:
    """Return what imports a file in a process of its own, and returns what that printed."""
    told = tmp_path_factory.mktemp("hostile") / "errors"
    with (
        told.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as started,
    ):

        def bring(path: Path, into: Path) -> list[str]:
            print(path, into, sep="\n", file=started.stdin, flush=True)
            lines = []
            while not (line := started.stdout.readline()).startswith("exit "):
                assert line, told.read_text(encoding="utf-8")[-2000:]
                lines.append(line.rstrip("\n"))
            assert line == "exit 0\n", told.read_text(encoding="utf-8")[-2000:]
            return lines

        yield bring


@pytest.mark.skipif(sys.platform == "win32", reason="there is no measure of a child's memory")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_harm_is_refused_or_rejected_in_little_memory_and_writes_nowhere_else(
    tmp_path: Path, name: str, brings: Callable[[Path, Path], list[str]]
) -> None:
    make, said = HOSTILE[name]
    path, into = make(tmp_path / name), tmp_path / "corpus"
    *lines, peak = brings(path, into)
    assert said in lines[0]
    assert int(peak) < MEGABYTES
    assert {place.name for place in tmp_path.iterdir()} <= {name, "corpus"}


def test_half_a_character_costs_its_field_and_not_the_import(tmp_path: Path) -> None:
    names = ("platform", "collection", "language", "original_language", "cluster_id")
    lines = [json.dumps({"text": f"so {name}", "thread_id": "t", name: "\ud800x"}) + "\n" for name in names]
    path, into = written(tmp_path / "a.jsonl", *lines), tmp_path / "corpus"
    (report,) = import_files([path], into, ImportOptions("Test", {name: name for name in ("text", *names)})).reports
    assert report.imported == len(names)
    assert {note.split(" not read")[0] for note in report.notes if " not read in 1 row" in note} == set(names)


def test_names_in_an_archive_are_no_places(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    names = ("../../up.jsonl", "/abs.jsonl", "a/../../b.jsonl", "c:\\d.jsonl", "e\x1b[2J.jsonl")
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, comment(str(number)) + "\n")
    imported = import_files([path], tmp_path / "corpus", ImportOptions("Test"))
    assert sum(report.imported for report in imported.reports) == 5
    assert sorted(place.name for place in tmp_path.iterdir()) == ["corpus", "in"]
    assert {place.parent for place in tmp_path.rglob("*") if place.is_file()} == {path.parent, tmp_path / "corpus"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret.jsonl", comment("secret"), "\n")
    folder = tmp_path / "exports"
    (folder / "deeper").mkdir(parents=True)
    written(folder / "mine.jsonl", comment("mine"), "\n")
    (folder / "out.jsonl").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / "self.jsonl").symlink_to(folder / "self.jsonl")
    (folder / "broken.jsonl").symlink_to(tmp_path / "gone")
    os.mkfifo(folder / "pipe.jsonl")
    imported = import_files([folder], tmp_path / "corpus", ImportOptions("Test"))
    assert [report.file for report in imported.reports] == ["exports/mine.jsonl"]


# Whatever a record holds ---------------------------------------------------------------------------------------------

_junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["\ud800", "1e999", "\0", "9" * 400, "@" * 50, "2025-99-99T00:00:00", "0001-01-01 00:00:00"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
JSON_FILES = [path for path in sorted(FOLDER.glob("*/*")) if path.suffix in {".json", ".jsonl", ".ndjson"}]
JSON_FILES = [path for path in JSON_FILES if path.name != "expected.json"]
OTHERS = [path for path in sorted(FOLDER.glob("*/*")) if path.suffix not in {".json", ".jsonl", ".ndjson"}]


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each part of a value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for name, part in parts for place in places(part, (*way, name)))]


def mutate(value: Any, way: tuple[Any, ...], junk: Any, *, drop: bool) -> Any:
    """Return a copy with the part at a place replaced or left out."""
    if not way:
        return junk
    name, *rest = way
    if isinstance(value, list):
        return [mutate(part, tuple(rest), junk, drop=drop) if at == name else part for at, part in enumerate(value)]
    if drop and not rest:
        return {key: part for key, part in value.items() if key != name}
    return {key: mutate(part, tuple(rest), junk, drop=drop) if key == name else part for key, part in value.items()}


def balanced(path: Path, into: Path, format_: str | None) -> None:
    """Import; whatever is in the file, the counts add up or one line says what is wrong."""
    try:
        imported = import_files([path], into, ImportOptions("Test", format=format_))
    except VantageError as error:
        assert "\n" not in str(error)  # noqa: PT017  it need not be raised
        return
    for report in imported.reports:
        assert report.read == report.imported + report.rejected + report.duplicates
    assert len(read_corpus(into, ["utterance_id"])) == sum(report.imported for report in imported.reports)
    assert len(read_list(into, store.REJECTED)) == sum(report.rejected for report in imported.reports)


def balanced_both(path: Path, folder: Path, format_: str) -> None:
    """Import as the format that it was, and as whatever it is taken for now."""
    balanced(path, folder / "corpus", format_)
    with suppress(VantageError):
        match = recognise(sample(sources(path)[0]), formats())
        if match is not None and match.format.name == format_:
            return
    balanced(path, folder / "other", None)


@pytest.mark.parametrize("path", JSON_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_value_of_a_record_raises_anything(
    tmp_path_factory: pytest.TempPathFactory, path: Path, data: st.DataObject
) -> None:
    text = path.read_text(encoding="utf-8-sig")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    changed = []
    for document in documents:
        for _ in range(6):
            way = data.draw(st.sampled_from(places(document)))
            changed.append(mutate(document, way, data.draw(_junk), drop=data.draw(st.booleans())))
    folder = tmp_path_factory.mktemp("mutated")
    other = folder / f"{path.stem}.jsonl"
    other.write_text("".join(json.dumps(each) + "\n" for each in [*documents, *changed]), encoding="utf-8")
    balanced_both(other, folder, path.parent.name)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_byte_of_a_table_or_a_text_raises_anything(tmp_path: Path, path: Path) -> None:
    rng, data = random.Random(path.name), path.read_bytes()  # noqa: S311  nothing secret
    for turn in range(12):
        changed = bytearray(data)
        for _ in range(1 + turn):
            at = rng.randrange(len(changed))
            changed[at : at + rng.choice((0, 1, 1, 20))] = rng.choice(
                (b"", b'"', b"\n", b",", b"\x00", b"\xff", b"\\", b"<", b"-->", b"\r", rng.randbytes(3), b"9" * 30)
            )
        other = tmp_path / str(turn) / path.name
        other.parent.mkdir()
        other.write_bytes(bytes(changed))
        balanced_both(other, other.parent, path.parent.name)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".json", ".jsonl", ".vtt", ".txt", ".zip", ".gz"]))
def test_no_bytes_raise_anything(tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / f"a{suffix}"
    path.write_bytes(data)
    balanced(path, folder / "corpus", None)


@pytest.mark.parametrize("depth", [200, 900, 990, 1_000, 5_000])
def test_a_depth_at_which_python_only_just_reads_raises_nothing(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    path = written(tmp_path / "a.jsonl", comment("1"), "\n", comment("2", deep), "\n", f'{{"text": {deep}}}\n')
    balanced(path, tmp_path / "corpus", None)
    table = written(tmp_path / "b.jsonl", '{"text": "a"}\n', f'{{"text": {deep}}}\n')
    balanced(table, tmp_path / "other", "table")
    assert len(list(read_table(table).rows)) == 2


def test_every_shape_is_tried() -> None:
    assert {path.parent.name for path in (*JSON_FILES, *OTHERS)} == {format_.name for format_ in formats()}
