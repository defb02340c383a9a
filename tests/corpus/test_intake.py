"""Whatever a table is written in and by whom: all of it comes in right, is refused by its row, or is asked about."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import lzma
import sys
import zipfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from helpers import read_list

from analysis.cli import MEND, main
from analysis.corpus import Imported, ImportOptions, import_files, read_corpus, store
from analysis.corpus.readers.encodings import encoding_of
from analysis.errors import InputError, ParameterError

ROWS = [("广场很大，一个人也没有", "甲", "12"), ("导游说可以拍", "乙", "赞"), ("真的吗？我不信", "甲", "1.2万")]
HEADER = ("words", "name", "likes")
MAPPING = {"text": "words", "speaker": "name", "likes": "likes"}


def bring(tmp_path: Path, data: bytes, name: str = "a.csv", /, **options: Any) -> tuple[Imported, Any]:
    """Import bytes as a file into a new corpus; return the report and the corpus as a frame."""
    path = tmp_path / name
    path.write_bytes(data)
    into = tmp_path / f"corpus-{len(list(tmp_path.iterdir()))}"
    return import_files([path], into, ImportOptions("Test", **options)), read_corpus(into)


def as_csv(rows: Sequence[Sequence[str]] = ROWS, header: Sequence[str] = HEADER, mark: str = ",") -> bytes:
    """Return a table of cells that need no quotes."""
    return "".join(mark.join(row) + "\n" for row in [header, *rows]).encode()


def _objects() -> list[dict[str, Any]]:
    return [{"words": text, "user": {"name": who, "fans": 3}, "likes": likes} for text, who, likes in ROWS]


def _workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (HEADER, *ROWS):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(zip(HEADER, row, strict=True)) for row in ROWS]), out)
    return out.getvalue()


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner/a.csv", data)
    return out.getvalue()


DOTTED = {**MAPPING, "speaker": "user.name"}
CONTAINERS: dict[str, tuple[Callable[[], bytes], dict[str, str]]] = {
    "a.csv": (as_csv, MAPPING),
    "a.tsv": (lambda: as_csv(mark="\t"), MAPPING),
    "semicolons.txt": (lambda: as_csv(mark=";"), MAPPING),
    "no-ending": (as_csv, MAPPING),
    "bom.csv": (lambda: b"\xef\xbb\xbf" + as_csv(), MAPPING),
    "gb.csv": (lambda: as_csv().decode().encode("gb18030"), MAPPING),
    "utf16.csv": (lambda: as_csv().decode().encode("utf-16"), MAPPING),
    "a.csv.gz": (lambda: gzip.compress(as_csv()), MAPPING),
    "a.csv.xz": (lambda: lzma.compress(as_csv()), MAPPING),
    "a.csv.zst": (lambda: zstandard.compress(as_csv()), MAPPING),
    "a.zip": (lambda: _zip(as_csv()), MAPPING),
    "a.xlsx": (_workbook, MAPPING),
    "book.zip": (lambda: _zip(_workbook()), MAPPING),
    "a.parquet": (_parquet, MAPPING),
    "a.parquet.gz": (lambda: gzip.compress(_parquet()), MAPPING),
    "array.json": (lambda: json.dumps(_objects(), indent=1).encode(), DOTTED),
    "within.json": (lambda: json.dumps({"page": 1, "data": {"list": _objects()}}).encode(), DOTTED),
    "lines.json": (lambda: "\n".join(map(json.dumps, _objects())).encode(), DOTTED),
    "lines.txt": (lambda: "\n".join(map(json.dumps, _objects())).encode(), DOTTED),
    "places.csv": (lambda: as_csv(header=ROWS[0], rows=ROWS[1:]), {"text": "1", "speaker": "2", "likes": "3"}),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_mapping_reads_every_container_alike(tmp_path: Path, name: str) -> None:
    make, columns = CONTAINERS[name]
    imported, frame = bring(tmp_path, make(), name, columns=columns)
    _, plain = bring(tmp_path, as_csv(), "plain.csv", columns=MAPPING)
    assert frame.drop(columns="source_file").equals(plain.drop(columns="source_file"))
    assert frame["text"].tolist() == [text for text, *_ in ROWS]
    assert frame["likes"].tolist()[::2] == [12, 12_000]
    assert frame["likes"].isna().tolist() == [False, True, False]
    assert frame["speaker"].nunique() == 2
    assert [note for note in imported.reports[0].notes if not note.startswith("written in")] == []


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "街上很干净，没有人看手机"),
        ("gb18030", "气质这块拿捏了"),
        ("big5hkscs", "街上很乾淨，導遊說可以拍照"),
        ("cp949", "거리가 아주 깨끗하고 사람들이 친절해요"),
        ("cp932", "街がとてもきれいで、ガイドさんも親切でした"),
        ("euc_jp", "街がとてもきれいで、ガイドさんも親切でした"),
        ("cp1251", "Очень чисто, и людей на улицах нет"),
        ("koi8_r", "Очень чисто, и людей на улицах нет"),
        ("cp1252", "I don’t believe it — the café is “empty”"),
        ("utf-8", "街上很干净"),
        ("utf-8", "plain words"),
    ],
)
@pytest.mark.parametrize("lines", [1, 200])
def test_an_encoding_is_told_by_the_signs_of_every_day(encoding: str, text: str, lines: int) -> None:
    data = b"id,text\n" + f"1,{text}\n".encode(encoding) * lines
    assert encoding_of(data, whole=True) == encoding
    # One broken byte is no other encoding.
    if lines > 1 and encoding not in {"cp1251", "cp1252", "koi8_r"}:
        assert encoding_of(data + b"2,\xff\xff\n", whole=True) == encoding


def test_one_broken_byte_costs_its_row_and_no_other(tmp_path: Path) -> None:
    rows = [(f"广场很大，第{n}句", "甲", "1") for n in range(50)]
    data = as_csv(rows).decode().encode("gb18030").replace("第7句".encode("gb18030"), "第7".encode("gb18030") + b"\xff")
    imported, frame = bring(tmp_path, data, columns=MAPPING)
    (report,) = imported.reports
    assert (report.read, report.imported, report.rejected) == (50, 49, 1)
    assert report.notes[0] == "written in GB 18030"
    assert "广场很大，第8句" in frame["text"].tolist()


def test_one_broken_byte_in_json_of_one_line_is_no_other_encoding() -> None:
    records = [{"id": str(n), "text": "it’s so clean"} for n in range(20)]
    data = json.dumps(records, ensure_ascii=False).encode().replace(b"}, {", b"},\x9a{", 1)
    assert encoding_of(data, whole=True) == "utf-8"


def test_a_lone_sign_among_broken_rows_is_not_that_of_another_encoding() -> None:
    data = b"id,text\n" + b'1,"\xff"\n' * 4 + "2,\U0002fb6b\n".encode()  # as GB 18030 its half is a sign of every day
    assert encoding_of(data, whole=True) == "utf-8"
    one = json.dumps([{"id": n, "text": "街上很干净，没有人看手机"} for n in range(20)], ensure_ascii=False).encode(
        "gb18030"
    )
    assert encoding_of(one.replace(b"}, {", b"},\xff{", 1), whole=True) == "gb18030"
    # But one line that both may read is not all: these two signs are UTF-8, too.
    assert encoding_of("1,联通\n".encode("gb18030") + "2,街上很干净\n".encode("gb18030") * 3, whole=True) == "gb18030"


# Quotes ---------------------------------------------------------------------------------------------------------------


def _danmaku(*stray: int, rows: int = 40, end: int | None = None) -> bytes:
    """Return a table of ids, times and words in which some rows open a quote, and one closes it at its end."""
    lines = ["id,time,words"]
    for n in range(rows):
        words = f'"words {n}' if n in stray else f'words {n}"' if n == end else f"words {n}"
        lines.append(f"{n},2024-07-15 10:{n:02d}:00,{words}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("stray", "end", "lost"),
    [((7,), None, 1), ((7, 20), None, 2), ((7,), 21, 1), ((7,), 8, 1), ((39,), None, 1), ((7, 8, 9), None, 3)],
)
def test_a_stray_quote_costs_its_own_row(tmp_path: Path, stray: tuple[int, ...], end: int | None, lost: int) -> None:
    imported, frame = bring(tmp_path, _danmaku(*stray, end=end), columns={"text": "words", "utterance_id": "id"})
    (report,) = imported.reports
    assert (report.read, report.imported, report.rejected) == (40, 40 - lost, lost)
    assert set(map(str, range(40))) - set(frame["utterance_id"]) == {str(n) for n in stray}


def test_a_comment_of_several_lines_is_one_whatever_marks_are_in_it(tmp_path: Path) -> None:
    verse = "first, the square\nsecond, the hotel\n3, the train"
    data = f'id,time,words\n1,2024-07-15,"{verse}"\n2,2024-07-16,"so ""free"", they say"\n'.encode()
    imported, frame = bring(tmp_path, data, columns={"text": "words", "utterance_id": "id"})
    assert imported.reports[0].imported == 2
    assert frame["text"].tolist() == [verse, 'so "free", they say']


@pytest.mark.parametrize("said", ["they say:\n2, the hotel", "first, the square\nsecond, the hotel\n3, the train"])
def test_a_list_within_a_comment_is_no_row_of_a_table_of_two_columns(tmp_path: Path, said: str) -> None:
    data = f'id,words\n1,"{said}"\n2,so\n'.encode()
    _, frame = bring(tmp_path, data, columns={"text": "words", "utterance_id": "id"})
    assert frame["text"].tolist() == [said, "so"]


_ROWS = [f"70000000000000000{n:02d},clip,who{n},words {n},{n},2024-07-{n + 1:02d} 10:00" for n in range(6)]


@pytest.mark.parametrize(
    "spoiled",
    [
        # A cell before the text opens a quote, and a doubled one two rows later goes on; the cut end closes it.
        {1: ("words 1", '"words 1'), 3: ("words 3", '""words 3; so"')},
        {1: ("clip", '"clip'), 3: ("words 3", '""words 3, so"')},
        {1: ("700", '"700'), 2: ("words 2", '""words\n2"')},
        {2: ("words 2,2,", '"words\n2";"2,'), 4: ("words 4", 'words 4";')},
        {3: ("2024-07-04", '"2024-07-04'), 5: ("words 5,5,2024-07-06 10:00", '"')},
    ],
    ids=["text", "an earlier cell", "the first cell", "after two lines", "time, cut off"],
)
def test_a_quote_that_another_rows_quote_closes_takes_no_row_between(
    tmp_path: Path, spoiled: dict[int, tuple[str, str]]
) -> None:
    rows = [row.replace(*spoiled[n]) if n in spoiled else row for n, row in enumerate(_ROWS)]
    data = "\n".join(["nr,video,name,said,thumbs,when", *rows]).encode()
    imported, frame = bring(tmp_path, data, columns={"text": "said", "utterance_id": "nr", "thread_id": "video"})
    (report,) = imported.reports
    assert report.read == report.imported + report.rejected >= len(rows)
    assert {f"words {n}" for n in set(range(6)) - set(spoiled)} <= set(frame["text"])


def test_a_quote_may_be_escaped_by_a_backslash(tmp_path: Path) -> None:
    data = b'id,words\n1,"so \\"free\\", they say"\n2,"plain, and so on"\n'
    _, frame = bring(tmp_path, data, columns={"text": "words", "utterance_id": "id"})
    assert frame["text"].tolist() == ['so "free", they say', "plain, and so on"]


# Fields ---------------------------------------------------------------------------------------------------------------


def test_a_field_that_cannot_be_read_costs_the_field(tmp_path: Path) -> None:
    rows = [
        ("a", "2024-07-15 10:01", "5", "fr-CA"),
        ("b", "未知", "many", "klingon"),
        ("c", "07-15 10:04", "抢首评", ""),
    ]
    data = as_csv(rows, ("words", "time", "likes", "lang"))
    columns = {"text": "words", "posted_at": "time", "likes": "likes", "language": "lang"}
    imported, frame = bring(tmp_path, data, columns=columns)
    (report,) = imported.reports
    assert (report.imported, report.rejected) == (3, 0)
    assert frame["posted_at"].isna().tolist() == [False, True, True]
    assert frame["likes"].fillna(-1).tolist() == [5, -1, -1]
    assert frame["language"].fillna("?").tolist() == ["fr", "?", "?"]
    assert report.notes[:3] == (
        "language not read in 1 row, e.g. in row 2",
        "likes not read in 1 row, e.g. in row 2",
        "posted_at not read in 2 rows, e.g. in row 2",
    )
    assert "2 rows without a time" in report.notes


def test_a_text_that_a_spreadsheet_cut_comes_in_and_is_told(tmp_path: Path) -> None:
    whole, cut = "城" * 32_768, "😀" + "城" * 32_764  # an emoji is two signs there, and of the next one half is left
    book = openpyxl.Workbook()
    for row in [("words",), (whole[:-1],), (cut[:-7] + "_xD83D_",), ("so free",)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    imported, frame = bring(tmp_path, (tmp_path / "a.xlsx").read_bytes(), "a.xlsx", columns={"text": "words"})
    assert frame["text"].tolist() == [whole[:-1], cut[:-7], "so free"]
    assert any("1 text as long as a spreadsheet's cell" in note for note in imported.reports[0].notes)


SAID = dt.datetime(2023, 12, 2, 9, 45, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2023/12/2 9:45",
        "2023-12-02 9:45",
        "2023.12.02 09:45",
        "2023年12月2日 9:45",
        "2023年12月2日上午9点45".replace("点", ":"),
        "2023-12-02 09:45:00 UTC",
        "2023-12-02T09:45:00.000000000",
        "Sat, 02 Dec 2023 09:45:00 GMT",
        "Sat Dec 02 2023 17:45:00 GMT+0800 (China Standard Time)",
        "2 Dec 2023 9:45 am",
        "2-Dec-23 9:45 AM",
        "December 2, 2023 at 9:45 AM",
        "2023.12.02. 09:45",
        "2023. 12. 2. 오전 9:45",
        "2023년 12월 2일 오전 9시 45분",
        "1701510300",
        "1701510300.0",
        "1701510300000",
        "1701510300000000",
        "1701510300000000000",
        "1701510300000000000.0",
        "1.7015103e+18",
        "2. Dezember 2023 um 9:45 Uhr",
        "sábado, 2 de diciembre de 2023, 9:45",
        "2 déc. 2023 à 09:45",
        "2 декабря 2023 г. в 9:45",
        "2 dic 2023 09:45",
        "Dez 2, 2023 9:45 AM",
        "sam. 2 dez. 2023 09:45",
        "2-Dic-23 9:45",
        "9:45 AM · Dec 2, 2023",
        "09:45, 2 December 2023 (UTC)",
        "02DEC2023:09:45:00",
        "2023-12-02 09.45.00",
        "2023-12-02 04:45:00 EST",
        "2023-12-02 17:45 (UTC+8)",
        "2023－12－02 09：45",
    ],
)
def test_a_time_that_can_be_meant_in_one_way_only_is_read(tmp_path: Path, written: str) -> None:
    data = f'words,time\n"so","{written}"\n'.encode()
    _, frame = bring(tmp_path, data, columns={"text": "words", "posted_at": "time"})
    assert frame["posted_at"].tolist() == [SAID]


@pytest.mark.parametrize(
    ("times", "read", "told"),
    [
        (["02/12/2023", "12/02/2023"], [None, None], None),
        (["02/12/2023", "25/12/2023"], ["2023-12-02", "2023-12-25"], "day-first"),
        (["02/12/2023", "12/25/2023"], ["2023-02-12", "2023-12-25"], "month-first"),
        (["02/25/2023", "25/02/2023"], [None, None], None),
        (["45262.5", "45263"], ["2023-12-02", "2023-12-03"], "excel"),
        (["45262.5", "2023-12-03"], [None, "2023-12-03"], None),
    ],
)
def test_an_ambiguous_time_is_what_the_files_other_rows_make_of_it(
    tmp_path: Path, times: list[str], read: list[str | None], told: str | None
) -> None:
    data = as_csv([(f"words {n}", time) for n, time in enumerate(times)], ("words", "time"))
    imported, frame = bring(tmp_path, data, columns={"text": "words", "posted_at": "time"})
    days = [
        None if value is None else str(value)[:10]
        for value in frame["posted_at"].astype(object).where(frame["posted_at"].notna(), None)
    ]
    assert days == read
    assert any(f"read as {told}" in note for note in imported.reports[0].notes) == (told is not None)


@pytest.mark.parametrize(
    ("written", "options", "said"),
    [
        ("02/12/2023", {"time_format": "day-first"}, "2023-12-02T00:00:00"),
        ("02/12/2023", {"time_format": "month-first"}, "2023-02-12T00:00:00"),
        ("45262.5", {"time_format": "excel"}, "2023-12-02T12:00:00"),
        ("02.12.23 09-45", {"time_format": "%d.%m.%y %H-%M"}, "2023-12-02T09:45:00"),
        ("2023-12-02 17:45", {"timezone": "+08:00"}, "2023-12-02T09:45:00"),
        ("2023-12-02 17:45", {"timezone": "Asia/Shanghai"}, "2023-12-02T09:45:00"),
        ("2023-07-02 17:45", {"timezone": "America/New_York"}, "2023-07-02T21:45:00"),
        ("2023-12-02 17:45+01:00", {"timezone": "+08:00"}, "2023-12-02T16:45:00"),
        ("1701510300", {"timezone": "+08:00"}, "2023-12-02T09:45:00"),
    ],
)
def test_the_command_says_how_times_are_meant(tmp_path: Path, written: str, options: dict[str, str], said: str) -> None:
    data = as_csv([("so", written)], ("words", "time"))
    _, frame = bring(tmp_path, data, columns={"text": "words", "posted_at": "time"}, **options)
    assert frame["posted_at"].tolist() == [dt.datetime.fromisoformat(said).replace(tzinfo=dt.UTC)]


@pytest.mark.parametrize(
    ("written", "options", "counted"),
    [
        ("2023-12-02 09:45", {}, True),
        ("2023-12-02T09", {}, True),
        ("202312020945", {}, True),
        ("45262.4", {}, True),
        ("45262.4", {"time_format": "excel"}, True),
        ("45262", {"time_format": "excel"}, False),
        ("02.12.2023 09.45", {"time_format": "day-first"}, True),
        ("02.12.23 09-45", {"time_format": "%d.%m.%y %H-%M"}, True),
        ("02.12.23 09-45 +0800", {"time_format": "%d.%m.%y %H-%M %z"}, False),
        ("2023年12月2日 9时45分", {}, True),
        ("2023-12-02 09.45 UTC", {}, False),
        ("2023-12-02 09:45:00+08:00", {}, False),
        ("Sat Dec 02 2023 17:45:00 GMT+0800 (China Standard Time)", {}, False),
        ("2 Dec 2023", {}, False),
        ("1701510300", {}, False),
        ("1701510300000000000", {}, False),
        ("1900-01-00 00:00", {}, False),
    ],
)
def test_a_zone_that_was_assumed_is_told_however_the_time_is_written(
    tmp_path: Path, written: str, options: dict[str, str], *, counted: bool
) -> None:
    data = as_csv([("so", written)], ("words", "time"))
    imported, frame = bring(tmp_path, data, columns={"text": "words", "posted_at": "time"}, **options)
    told = "1 time without a zone read as UTC (--timezone says otherwise)"
    assert (told in imported.reports[0].notes) == counted
    assert frame["posted_at"].isna().tolist() == [written.startswith("1900")]


@pytest.mark.parametrize(
    "options", [{"timezone": "Mars/Olympus"}, {"time_format": "soon"}, {"time_format": "%m-%d %H:%M"}]
)
def test_a_zone_or_a_form_that_is_none_is_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match="--time"):
        bring(tmp_path, as_csv(), columns=MAPPING, **options)


# Ids ------------------------------------------------------------------------------------------------------------------


def _with_ids(*rows: tuple[str, str, str]) -> bytes:
    return as_csv(rows, ("id", "name", "words"))


BY_ID = {"text": "words", "speaker": "name", "utterance_id": "id"}


@pytest.mark.parametrize("rounded", ["7241024491999020000", "7241024491999022080"])
def test_an_id_that_a_spreadsheet_rounded_drops_nobodys_comment(tmp_path: Path, rounded: str) -> None:
    rows = [
        (rounded, "甲", "街上很干净"),
        (rounded, "乙", "街上很干净"),
        (rounded, "甲", "导游很热情"),
        (rounded, "甲", "街上很干净"),
    ]
    imported, frame = bring(tmp_path, _with_ids(*rows), columns=BY_ID)
    (report,) = imported.reports
    assert (report.imported, report.rejected, report.duplicates) == (3, 0, 1)
    assert frame["utterance_id"].is_unique
    assert sorted(frame["text"]) == ["导游很热情", "街上很干净", "街上很干净"]
    assert report.notes[0].startswith("2 rows with the id of another utterance")
    assert "rounded" in report.notes[0]


def test_the_same_conflicts_again_are_duplicates(tmp_path: Path) -> None:
    rows = [("1", "甲", "a"), ("1", "乙", "b"), ("2", "丙", "c")]
    (tmp_path / "a.csv").write_bytes(_with_ids(*rows))
    (tmp_path / "b.csv").write_bytes(_with_ids(*rows, ("3", "丁", "d")))
    into, options = tmp_path / "corpus", ImportOptions("Test", columns=BY_ID)
    import_files([tmp_path / "a.csv"], into, options)
    (report,) = import_files([tmp_path / "b.csv"], into, options).reports
    assert (report.imported, report.duplicates) == (1, 3)
    assert len(read_corpus(into)) == 4


# Names of columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            "video_id,comment_id,author,text,like_count,published_at",
            "utterance_id=comment_id,thread_id=video_id,text=text,posted_at=published_at,likes=like_count,speaker=author",
        ),
        ("videoId,Comment,Name", "thread_id=videoId,text=Comment,speaker=Name"),
        ("弹幕内容,BV号,用户id,发送时间", "thread_id=BV号,text=弹幕内容,posted_at=发送时间,speaker=用户id"),
        (
            "body,link_id,parent_id,author,id",
            "utterance_id=id,thread_id=link_id,parent_id=parent_id,text=body,speaker=author",
        ),
    ],
)
def test_well_known_names_are_taken_and_the_mapping_is_told(tmp_path: Path, header: str, mapping: str) -> None:
    names = header.split(",")
    data = as_csv([[f"{name} {row}" for name in names] for row in range(3)], names)
    imported, frame = bring(tmp_path, data)
    (report,) = imported.reports
    assert report.imported == 3
    assert f"--columns {mapping}" in report.format
    assert frame["thread_id"].notna().all()


def test_a_table_whose_thread_may_be_in_a_column_is_asked_about_with_the_mapping_to_use(tmp_path: Path) -> None:
    data = as_csv([("so", "v1", "x")], ("comment", "clip link", "mood"))
    with pytest.raises(InputError) as caught:
        bring(tmp_path, data)
    assert '--columns "thread_id=clip link,text=comment"' in str(caught.value).replace(
        "text=comment,thread_id=clip link", "thread_id=clip link,text=comment"
    )
    _, frame = bring(tmp_path, data, columns={"text": "comment", "thread_id": "clip link"})
    assert frame["thread_id"].tolist() == ["v1"]


def test_one_row_whose_account_is_an_object_costs_that_field_alone(tmp_path: Path) -> None:
    rows = [{"text": f"so {n}", "video_id": "v", "author": f"a{n}"} for n in range(3)]
    data = "".join(json.dumps(row) + "\n" for row in [*rows, {**rows[0], "text": "no", "author": {"x": "jo"}}])
    imported, frame = bring(tmp_path, data.encode(), "a.jsonl")
    assert frame["speaker"].notna().tolist() == [True, True, True, False]
    assert any("speaker not read in 1 row" in note and "jo" not in note for note in imported.reports[0].notes)


def test_a_page_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a page; export the data"):
        bring(tmp_path, b"<html><body><p>so</p></body></html>", "messages.html")


def test_an_object_is_not_who_speaks(tmp_path: Path) -> None:
    data = json.dumps(_objects()).encode()
    with pytest.raises(InputError, match=r"column user: is not who speaks but an object.*speaker=user.name"):
        bring(tmp_path, data, "a.json", columns={**MAPPING, "speaker": "user"})
    with pytest.raises(InputError, match="is not who speaks but an object"):
        bring(tmp_path, b'words,user\nso,"{""id"": 1}"\n', "b.csv", columns={"text": "words", "speaker": "user"})


def test_what_is_not_read_is_named_for_every_format(tmp_path: Path) -> None:
    record = {
        "id": "a1",
        "subreddit": "northkorea",
        "body": "so",
        "author": "x",
        "link_id": "t3_b",
        "parent_id": "t3_b",
    }
    data = json.dumps({**record, "created_utc": 1_700_000_000, "my_own_code": "7"}).encode()
    imported, _ = bring(tmp_path, data, "comments.jsonl")
    assert "my_own_code" in imported.reports[0].notes[-1]
    assert "body" not in imported.reports[0].notes[-1]


# What is said last ----------------------------------------------------------------------------------------------------


def test_what_matters_most_is_said_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_bytes(as_csv())
    into = ["--into", str(tmp_path / "corpus"), "--collection", "Test", "--columns", "text=words,speaker=name"]
    assert main(["import", str(tmp_path / "a.csv"), *into]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2].startswith("3 rows without a vantage")
    assert said[-1].startswith("3 rows without a thread, each a cluster of its own")
    (tmp_path / "b.csv").write_bytes(as_csv([("", "甲", "1")]))
    assert main(["import", str(tmp_path / "b.csv"), *into]) == MEND
    assert "no row was imported" in capsys.readouterr().err


def test_the_rejected_row_is_named_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(_danmaku(7))
    into = tmp_path / "corpus"
    import_files([tmp_path / "a.csv"], into, ImportOptions("Test", columns={"text": "words"}))
    assert [(row["row"], row["reason"]) for row in read_list(into, store.REJECTED)] == [
        (8, "a quote that is not closed")
    ]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "a.xls"])
def test_every_sheet_of_a_workbook_is_read_or_named(tmp_path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    for title, rows in (("posts", ROWS[:1]), ("comments", ROWS[1:])):
        sheet = book.create_sheet(title)
        for row in (HEADER, *rows):
            sheet.append(row)
    book.create_sheet("notes").append(("made up for a test",))
    book.save(tmp_path / name)
    into = tmp_path / "corpus"
    imported = import_files([tmp_path / name], into, ImportOptions("Test", columns=MAPPING))
    assert [(report.file, report.imported) for report in imported.reports] == [
        (f"{name}: posts", 1),
        (f"{name}: comments", 2),
    ]
    assert len(imported.skipped) == 1
    assert imported.skipped[0].startswith(f"{name}: notes")
    again = import_files([tmp_path / name], into, ImportOptions("Test", columns=MAPPING))
    assert [report.imported for report in again.reports] == [0, 0]


def test_what_is_piped_in_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(as_csv())))
    options = ["--into", str(tmp_path / "corpus"), "--collection", "Test", "--columns", "text=words"]
    assert main(["import", "-", *options]) == 0
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == [text for text, *_ in ROWS]


def test_an_ods_workbook_is_read_where_its_library_is_and_else_says_what_to_do(tmp_path: Path) -> None:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<office:document-content {names} office:version="1.2"><office:body><office:spreadsheet>'
    content += '<table:table table:name="a">'
    opened, closed = '<table:table-cell office:value-type="string"><text:p>', "</text:p></table:table-cell>"
    for row in (HEADER, *ROWS):
        content += f"<table:table-row>{''.join(f'{opened}{cell}{closed}' for cell in row)}</table:table-row>"
    content += "</table:table></office:spreadsheet></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">\
<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>\
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as book:
        book.writestr("mimetype", kind)
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)
    data = (tmp_path / "a.ods").read_bytes()
    if find_spec("odf") is None:
        with pytest.raises(InputError, match="is an ODS workbook; save it as XLSX or CSV, or install odfpy"):
            bring(tmp_path, data, "a.ods", columns=MAPPING)
        return
    _, frame = bring(tmp_path, data, "a.ods", columns=MAPPING)
    assert frame["text"].tolist() == [text for text, *_ in ROWS]


# Found by people who tried --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ({"va": [{"text": "a"}], "vb": [{"text": "b"}, {"text": "c"}]}, [("a", None), ("b", None), ("c", None)]),
        (
            {"comments": [{"text": "a", "video_id": "1"}], "replies": [{"text": "b", "video_id": "1"}]},
            [("a", "1"), ("b", "1")],
        ),
        ({"video_id": "1", "comments": [{"text": "a"}, {"text": "b"}]}, [("a", "1"), ("b", "1")]),
        (
            [{"video_id": "1", "comments": [{"text": "a"}]}, {"video_id": "2", "comments": [{"text": "b"}]}],
            [("a", "1"), ("b", "2")],
        ),
        (
            [{"text": "a", "video_id": "1", "replies": [{"text": "b", "replies": [{"text": "c"}]}]}],
            [("a", "1"), ("b", "1"), ("c", "1")],
        ),
    ],
)
def test_all_comments_of_a_document_are_read_wherever_they_stand(
    tmp_path: Path, document: Any, rows: list[tuple[str, str | None]]
) -> None:
    imported, frame = bring(tmp_path, json.dumps(document).encode(), "a.json")
    assert imported.reports[0].imported == len(rows)
    threads = frame["thread_id"].astype(object).where(frame["thread_id"].notna(), None)
    assert list(zip(frame["text"], threads, strict=True)) == rows
    assert not any("not read" in note for note in imported.reports[0].notes)


def test_a_reply_within_a_comment_answers_it(tmp_path: Path) -> None:
    data = json.dumps(
        [{"id": "1", "text": "a", "replies": [{"id": "2", "text": "b"}]}, {"id": "3", "text": "c"}]
    ).encode()
    _, frame = bring(tmp_path, data, "a.json", columns={"text": "text", "utterance_id": "id"})
    assert frame["parent_id"].fillna("").tolist() == ["", "1", ""]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("20231202094500", "2023-12-02T09:45:00"),
        ("202312020945", "2023-12-02T09:45:00"),
        ("2023-12-02 09.45", "2023-12-02T09:45:00"),
        ("99999999999", None),
        ("2/28/23 5:06 PM", "2023-02-28T17:06:00"),
    ],
)
def test_a_number_is_the_time_that_it_shows(tmp_path: Path, written: str, said: str | None) -> None:
    _, frame = bring(
        tmp_path, as_csv([("so", written)], ("words", "time")), columns={"text": "words", "posted_at": "time"}
    )
    assert frame["posted_at"].isna().tolist() == [said is None]
    if said:
        assert frame["posted_at"].tolist() == [dt.datetime.fromisoformat(said).replace(tzinfo=dt.UTC)]


def test_a_mark_within_an_unquoted_comment_is_told_though_marks_stand_at_the_end(tmp_path: Path) -> None:
    data = b"words,name,likes,\nso, really big,a,1,\nfine,b,2,\nfine too,c,2,,\n"
    imported, frame = bring(tmp_path, data, columns=MAPPING)
    assert frame["text"].tolist() == ["fine", "fine too"]
    assert imported.reports[0].rejected == 1


def test_names_of_rows_that_r_wrote_are_none_of_the_columns(tmp_path: Path) -> None:
    data = b"words\tname\tlikes\n1\tso\ta\t3\n2\tfine\tb\t4\n"
    _, frame = bring(tmp_path, data, columns=MAPPING)
    assert frame["text"].tolist() == ["so", "fine"]
    assert frame["likes"].tolist() == [3, 4]
    # One row with a mark too many is no table of R.
    imported, _ = bring(tmp_path, b"words,name,likes\n1,so,a,3\nfine,b,4\n", columns=MAPPING)
    assert imported.reports[0].rejected == 1


def test_sheets_of_other_columns_are_imported_one_after_the_other(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, header in (("2024", HEADER), ("2025", ("said", "who", "likes"))):
        sheet = book.create_sheet(title)
        for text, *more in (header, *ROWS):
            sheet.append((text if text in header else f"{text} {title}", *more))
    book.save(tmp_path / "a.xlsx")
    for columns in (MAPPING, {"text": "said", "speaker": "who"}):
        import_files([tmp_path / "a.xlsx"], tmp_path / "corpus", ImportOptions("Test", columns=columns, again=False))
    assert len(read_corpus(tmp_path / "corpus")) == 2 * len(ROWS)


@pytest.mark.parametrize("columns", [{}, {"text": "text"}, {"text": "1"}])
def test_lists_without_names_are_refused_and_never_read_as_one_row(tmp_path: Path, columns: dict[str, str]) -> None:
    for indent in (None, 1):
        document = json.dumps([["so", "v"], ["no", "v"]], indent=indent).encode()
        with pytest.raises(InputError, match="JSON by columns"):
            bring(tmp_path, document, "a.json", columns=columns)


def test_columns_by_place_stand_beneath_a_title_and_the_header(tmp_path: Path) -> None:
    table = b"Comments of May,,\n,,\ntext,video_id,author\nso,v1,x\nno,v2,y\n"
    _, frame = bring(tmp_path, table, columns={"text": "1", "thread_id": "2"})
    assert frame["text"].tolist() == ["so", "no"]


def test_lines_of_a_text_are_comments_where_the_command_says_so(tmp_path: Path) -> None:
    imported, frame = bring(tmp_path, b"I was there\nso quiet\nno\n", "a.txt", columns={"text": "1"})
    assert (imported.reports[0].read, frame["text"].tolist()) == (3, ["I was there", "so quiet", "no"])


def test_a_cell_over_several_rows_holds_for_each_and_its_words_count_once(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    rows = [
        ["Comments", "of May"],
        ["text", "author", "video_id", "likes"],
        ["so", "x", "v1"],
        ["no", "y"],
        [],
        ["yes", "z"],
    ]
    for row in [*rows, ["=1+1", "w", "v2"], ["", "", "", 3], ["well"]]:
        book.active.append(row)
    for merged in ("A1:C1", "C3:C6", "C7:C8", "A7:A8", "B7:B8"):
        book.active.merge_cells(merged)
    book.save(out)
    imported, frame = bring(tmp_path, out.getvalue(), "a.xlsx")
    assert list(zip(frame["text"], frame["thread_id"].fillna(""), strict=True)) == [
        ("so", "v1"),
        ("no", "v1"),
        ("yes", "v1"),
        ("=1+1", "v2"),
        ("well", ""),
    ]
    assert (imported.reports[0].read, imported.reports[0].rejected) == (6, 1)
    assert "a cell over several rows" in imported.reports[0].reasons[0]
