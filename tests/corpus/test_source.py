"""What is opened, what is refused, and that nothing hostile costs memory or leaves its place."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import time
import zipfile
from collections import Counter
from functools import partial
from pathlib import Path

import openpyxl
import pytest
import zstandard
from helpers import read_list

from analysis import disk
from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.readers import source as opening
from analysis.corpus.readers import unpack
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

LINE = {"parent_id": "t3_a", "created_utc": 1514765865, "link_id": "t3_a", "author": "x", "score": 1}
OPTIONS = ImportOptions("Test")
#: Bzip2 in small blocks: of a block that breaks off nothing can be read, and several fit into a small file.
PACKS = [gzip.compress, lzma.compress, partial(bz2.compress, compresslevel=1), zstandard.ZstdCompressor().compress]


def comment(number: int, body: str = "so free") -> dict[str, object]:
    return {**LINE, "id": f"c{number}", "body": body}


def ndjson(*comments: dict[str, object]) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in comments).encode()


def texts(folder: Path) -> list[str]:
    return read_corpus(folder)["text"].tolist()


@pytest.mark.parametrize("pack", PACKS)
def test_packed_files_are_read_whatever_they_are_called(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "dump"
    path.write_bytes(pack(ndjson(comment(1), comment(2, "自由"))))
    import_files([path], tmp_path / "corpus", OPTIONS)
    assert texts(tmp_path / "corpus") == ["so free", "自由"]


def test_a_dump_of_several_frames_with_a_window_of_two_gigabytes_is_read(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, enable_ldm=True)
    frames = b""
    for number in (1, 2):
        out = io.BytesIO()
        with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(out, closefd=False) as stream:
            stream.write(ndjson(comment(number)))
        frames += out.getvalue()
    (tmp_path / "RC.zst").write_bytes(frames)
    import_files([tmp_path / "RC.zst"], tmp_path / "corpus", OPTIONS)
    assert len(texts(tmp_path / "corpus")) == 2


def test_a_folder_and_an_archive_are_looked_through_and_the_rest_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.json").write_bytes(ndjson(comment(1)))
    (folder / "b.ndjson").write_bytes(ndjson(comment(2)))
    (folder / "notes.txt").write_text("nothing here", encoding="utf-8")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("x/c.json", ndjson(comment(3)))
        archive.writestr("picture.jpg", b"\xff\xd8\xff\x00")
    imported = import_files([folder], tmp_path / "corpus", OPTIONS)
    assert [report.file for report in imported.reports] == [
        "exports/b.ndjson",
        "exports/c.zip: x/c.json",
        "exports/deep/a.json",
    ]
    assert imported.skipped == ["exports/c.zip: picture.jpg", "exports/notes.txt"]
    assert sorted(read_corpus(tmp_path / "corpus")["utterance_id"]) == ["t1_c1", "t1_c2", "t1_c3"]


def test_a_members_name_is_never_a_path(tmp_path: Path) -> None:
    path = tmp_path / "in" / "evil.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.json", ndjson(comment(1)))
        archive.writestr("/etc/absolute.json", ndjson(comment(2)))
    import_files([path], tmp_path / "corpus", OPTIONS)
    assert len(texts(tmp_path / "corpus")) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["corpus", "in"]
    assert list(path.parent.iterdir()) == [path]


def test_links_are_followed_within_a_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (tmp_path / "outside.json").write_bytes(ndjson(comment(1)))
    (folder / "a.json").write_bytes(ndjson(comment(2)))
    (folder / "out.json").symlink_to(tmp_path / "outside.json")
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    assert [source.name for source in sources(folder)] == ["exports/a.json"]


@pytest.mark.parametrize("kind", ["zip", "gz", "gz.zip"])
def test_a_bomb_stops_before_it_fills_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(opening, "FREE", 2**16)
    monkeypatch.setattr(unpack, "FREE", 2**16)
    data = ndjson(comment(1)) + b" " * 2**25
    path = tmp_path / f"bomb.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(data))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            name, held = ("a.json.gz", gzip.compress(data)) if kind == "gz.zip" else ("a.json", data)
            archive.writestr(name, held)
    with pytest.raises(InputError, match="unpacks to more than 250 times its size"):
        import_files([path], tmp_path / "corpus", OPTIONS)
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("ending", ["gz", "xz", "bz2", "zst"])
def test_a_packed_file_within_an_archive_is_read(tmp_path: Path, ending: str) -> None:
    pack = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "zst": zstandard.ZstdCompressor().compress}
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(f"a.json.{ending}", pack[ending](ndjson(comment(1), comment(2))))
    import_files([tmp_path / "in.zip"], tmp_path / "corpus", OPTIONS)
    assert len(texts(tmp_path / "corpus")) == 2


@pytest.mark.parametrize("pack", PACKS)
def test_a_packed_file_cut_off_gives_what_came_before(tmp_path: Path, pack: object) -> None:
    rows = [comment(n, "".join(chr(0x4E00 + n * k % 20_000) for k in range(200))) for n in range(1500)]
    whole = pack(ndjson(*rows))
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 3 // 4])
    (report,) = import_files([tmp_path / "cut"], tmp_path / "corpus", OPTIONS).reports
    assert report.imported > 100
    assert 1 <= report.rejected <= 2
    assert report.read == report.imported + report.rejected


@pytest.mark.parametrize("array", [True, False])
@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_small_packed_file_cut_off_gives_what_came_before_too(tmp_path: Path, pack: object, array: bool) -> None:  # noqa: FBT001
    rows = [comment(n, "".join(chr(0x4E00 + n * k % 20_000) for k in range(200))) for n in range(50)]
    whole = pack(json.dumps(rows, indent=1).encode() if array else ndjson(*rows))
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 3 // 4])
    (report,) = import_files([tmp_path / "cut"], tmp_path / "corpus", OPTIONS).reports
    assert report.imported > 20
    assert report.read == report.imported + report.rejected


@pytest.mark.parametrize("pack", [lzma.compress, zstandard.ZstdCompressor().compress])
def test_what_unpacks_to_much_at_a_time_is_read_in_linear_time(tmp_path: Path, pack: object) -> None:
    size = 60 * 2**20
    (tmp_path / "one.zst").write_bytes(pack(b"a" * size))
    begun, read = time.process_time(), 0
    with sources(tmp_path / "one.zst")[0].open() as stream:
        while part := stream.read1(8192):  # as a text is read line by line
            read += len(part)
    assert read == size
    assert time.process_time() - begun < 3


def test_a_zstd_file_cut_where_a_line_ends_is_told_to_be_cut(tmp_path: Path) -> None:
    pieces = zstandard.ZstdCompressor().compressobj()
    data = pieces.compress(ndjson(comment(1))) + pieces.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    (tmp_path / "cut").write_bytes(data)
    (report,) = import_files([tmp_path / "cut"], tmp_path / "corpus", OPTIONS).reports
    assert (report.imported, report.rejected) == (1, 1)
    (row,) = read_list(tmp_path / "corpus", store.REJECTED)
    assert "cannot be unpacked" in row["reason"]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="is not a complete ZIP archive"):
        import_files([tmp_path / "cut.zip"], tmp_path / "corpus", OPTIONS)


def test_a_workbooks_first_sheet_is_a_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "title", "selftext", "author", "num_comments", "created_utc"])
    book.active.append(["p1", "Is it open?", None, "x", 3, 1561670645.0])
    book.save(tmp_path / "posts.xlsx")
    begun = sample(sources(tmp_path / "posts.xlsx")[0])
    assert begun.kind == "xlsx"
    assert list(begun.documents[0]) == ["id", "title", "selftext", "author", "num_comments", "created_utc"]


def test_json_nested_too_deep_and_numbers_that_are_none_reject_their_rows(tmp_path: Path) -> None:
    deep = b'{"id": "c0", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"
    odd = json.dumps(comment(5)).replace("1514765865", "1e999").encode() + b"\n"
    nan = json.dumps(comment(6)).replace('"score": 1', '"score": NaN').encode() + b"\n"
    (tmp_path / "a.jsonl").write_bytes(ndjson(comment(1)) + deep + odd + nan + ndjson(comment(2)))
    (report,) = import_files([tmp_path / "a.jsonl"], tmp_path / "corpus", OPTIONS).reports
    assert (report.read, report.imported, report.rejected) == (5, 4, 1)
    reasons = [row["reason"] for row in read_list(tmp_path / "corpus", store.REJECTED)]
    assert reasons == ["JSON nested too deep"]
    assert report.notes[0] == "posted_at not read in 1 row, e.g. '1e999'"


def test_a_json_array_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    data = json.dumps([comment(number, "so free " * number) for number in range(1, 2000)], indent=4).encode()
    (tmp_path / "a.json").write_bytes(data[: len(data) * 3 // 4])
    (report,) = import_files([tmp_path / "a.json"], tmp_path / "corpus", OPTIONS).reports
    assert report.rejected == 1
    assert report.imported > 1000
    (row,) = read_list(tmp_path / "corpus", store.REJECTED)
    assert row["row"] == report.read
    assert "the file ends too early" in row["reason"]


@pytest.mark.parametrize("text", ["NA", "None", "0042", "👍🏽", "a\u2028b", "a\r\nb", "x" * 10_000_000, "\ufeffbom"])
def test_words_come_back_as_they_were_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(comment(1, text), ensure_ascii=False).encode())
    import_files([tmp_path / "a.jsonl"], tmp_path / "corpus", OPTIONS)
    assert texts(tmp_path / "corpus") == [text]


def test_gb18030_utf16_and_utf32_are_read(tmp_path: Path) -> None:
    rows = "id,title,selftext,author,num_comments,created_utc\np1,自由𠮷😀,,x,3,1561670645\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("gb18030"))
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", OPTIONS)
    assert texts(tmp_path / "corpus") == ["自由𠮷😀"]
    # PowerShell's ">" and a spreadsheet's "Unicode text" write it; a file cut within a character loses its last row.
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        name, size = codec, 2 if "16" in codec else 4
        data = ("\ufeff" + rows.replace(",", "\t").replace("p1", name)).encode(codec)
        (tmp_path / name).write_bytes(data + (data[(len(rows.partition("\n")[0]) + 2) * size :])[:-3])
        (report,) = import_files([tmp_path / name], tmp_path / "corpus", OPTIONS).reports
        assert (report.imported, report.read) == (1, 2)
        (source,) = sources(tmp_path / name)
        assert all(source.head(size) == source.head(99)[:size] for size in range(60))
    assert texts(tmp_path / "corpus") == ["自由𠮷😀"] * 5


def test_a_byte_that_is_no_utf8_rejects_its_row_only(tmp_path: Path) -> None:
    lines = [f"p{number},自由,,x,3,1561670645\n".encode() for number in range(9)]
    lines[4] = lines[4].replace("由".encode(), b"\xd3")
    (tmp_path / "a.csv").write_bytes(b"id,title,selftext,author,num_comments,created_utc\n" + b"".join(lines))
    (report,) = import_files([tmp_path / "a.csv"], tmp_path / "corpus", OPTIONS).reports
    assert (report.imported, report.rejected) == (8, 1)


def test_an_unknown_file_is_refused_with_what_it_holds_and_what_is_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"remark": "x", "link_id": "t3_a", "nick": "y"}]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_files([tmp_path / "a.json"], tmp_path / "corpus", OPTIONS)
    said = str(caught.value)
    assert "it has: remark, link_id, nick" in said
    assert "the nearest format is" in said
    assert not (tmp_path / "corpus").exists()


def test_a_window_of_zstd_takes_no_more_memory_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "_HELD", 2**20)
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=24)
    lines = [ndjson(comment(number, f"so free {number * 7919}")) for number in range(12_000)]
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(
        (tmp_path / "RC.zst").open("wb")
    ) as stream:
        for line in lines:
            stream.write(line)
    with pytest.raises(InputError, match=r"RC\.zst: takes more than .* of memory to unpack; unpack it first"):
        import_files([tmp_path / "RC.zst"], tmp_path / "corpus", OPTIONS)


def test_a_dictionary_of_xz_takes_no_more_memory_than_it_may(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**29}]
    (tmp_path / "a.xz").write_bytes(lzma.compress(ndjson(comment(1)), filters=filters))
    with pytest.raises(InputError, match=r"a\.xz: takes more than .* of memory to unpack; unpack it first"):
        import_files([tmp_path / "a.xz"], tmp_path / "corpus", OPTIONS)


def test_zeros_may_stand_between_two_streams_of_xz(tmp_path: Path) -> None:
    packed = [lzma.compress(ndjson(comment(number))) for number in (1, 2)]
    (tmp_path / "a.xz").write_bytes(packed[0] + b"\0" * 8 + packed[1] + b"\0" * 4096)
    import_files([tmp_path / "a.xz"], tmp_path / "corpus", OPTIONS)
    assert len(texts(tmp_path / "corpus")) == 2


def test_members_that_together_unpack_to_too_much_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "FREE", 2**16)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"{number}.json", ndjson(comment(number)) + b" " * 2**20)
    with pytest.raises(InputError, match=r"a\.zip: unpacks to more than 250 times its size"):
        import_files([tmp_path / "a.zip"], tmp_path / "corpus", OPTIONS)


def test_an_archive_is_opened_and_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()
    whole, digest = zipfile.ZipFile.__init__, disk.sha256
    monkeypatch.setattr(zipfile.ZipFile, "__init__", lambda *args: opened.update(["archive"]) or whole(*args))
    monkeypatch.setattr(disk, "sha256", lambda path: opened.update(["hash"]) or digest(path))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(200):
            archive.writestr(f"{number:03}.json", ndjson(comment(number)))
    opened.clear()
    import_files([tmp_path / "a.zip"], tmp_path / "corpus", OPTIONS)
    assert opened["archive"] == 2  # to see what is in it, and to read that
    assert opened["hash"] < 20
    assert len(texts(tmp_path / "corpus")) == 200


def test_a_member_without_a_name_does_not_keep_the_others_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("~~", "{}")
        archive.writestr("b.json", ndjson(comment(2)))
    # A name ends at its first NUL.
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes().replace(b"~~", b"\0\0"))
    assert [member.filename for member in zipfile.ZipFile(tmp_path / "a.zip").infolist()] == ["", "b.json"]
    done = import_files([tmp_path / "a.zip"], tmp_path / "corpus", OPTIONS)
    assert [report.file for report in done.reports] == ["a.zip: b.json"]
    assert len(texts(tmp_path / "corpus")) == 1


def test_a_members_damaged_name_does_not_keep_the_others_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("自由.json", ndjson(comment(1)))
        archive.writestr("b.json", ndjson(comment(2)))
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace("自由".encode(), b"\xe2\x28\xa1\xff\xff\xff", 1))
    done = import_files([tmp_path / "a.zip"], tmp_path / "corpus", OPTIONS)
    assert [report.file for report in done.reports] == ["a.zip: b.json"]
    assert len(done.skipped) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b't="inlineStr"><is><t>so</t></is>', b't="s"><v>999</v>', "is not a complete workbook"),
        (b"</sheetData>", b"<row><c><v>1</v></c></row>" * 400_000 + b"</sheetData>", "is a workbook of 10 MB"),
    ],
    ids=["a string that is not there", "a row half a million times"],
)
def test_a_workbook_that_is_damaged_or_swollen_is_told(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    book = openpyxl.Workbook()
    for row in (["text"], ["so"]):
        book.active.append(row)
    book.save(tmp_path / "good.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "good.xlsx") as good,
        zipfile.ZipFile(tmp_path / "bad.xlsx", "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, good.read(name).replace(old, new))
    with pytest.raises(InputError, match=said):
        import_files([tmp_path / "bad.xlsx"], tmp_path / "corpus", ImportOptions("Test"))
