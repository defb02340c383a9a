"""TikTok, Douyin, Xiaohongshu and 4CAT: what one fixture alone cannot show."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analysis.corpus import ImportOptions, import_files, store
from analysis.corpus.readers import douyin, formats, fourcat, rednote, tiktok, tiktok_download, tiktok_exports, traktok
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
MODULES = (tiktok, traktok, tiktok_exports, tiktok_download, douyin, rednote, fourcat)
MINE = {format_.name for module in MODULES for format_ in module.FORMATS}
FILES = sorted(path for path in FOLDER.glob("*/*") if path.parent.name in MINE and path.name != "expected.json")


pytestmark = pytest.mark.usefixtures("plain_names")


def rows(into: Path) -> list[dict[str, Any]]:
    return pq.read_table(store.table_path(into)).to_pylist()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_token_address_or_search_of_the_researcher_is_kept(tmp_path: Path, path: Path) -> None:
    into = tmp_path / "corpus"
    import_files([path], into, ImportOptions("Fixture"))
    assert rows(into)
    for file in into.iterdir():
        data = file.read_bytes() if file.suffix != ".parquet" else json.dumps(rows(into), default=str).encode()
        assert b"SECRET" not in data, file.name
        assert b"example.org" not in data, file.name


def test_the_fixtures_hold_what_must_not_be_kept() -> None:
    assert sum(b"SECRET" in path.read_bytes() for path in FILES) > len(FILES) // 3


def test_who_uploads_a_video_is_known_from_the_video_when_he_comments(tmp_path: Path) -> None:
    """The page names him in the fixture of comments; here the page is another, and his account alone tells."""
    videos = FOLDER / "zeeschuimer-tiktok-posts" / "gen2.ndjson"
    lines = (FOLDER / "zeeschuimer-tiktok-comments" / "comments.ndjson").read_text(encoding="utf-8").splitlines()
    line = {**json.loads(lines[0]), "source_platform_url": "https://www.tiktok.com/foryou"}
    comments = tmp_path / "a-first-by-name.ndjson"
    comments.write_text(json.dumps(line) + "\n", encoding="utf-8")
    options = ImportOptions("Fixture", constants={"vantage": "western_commenter"})
    import_files([comments], tmp_path / "alone", options)
    assert [row["vantage"] for row in rows(tmp_path / "alone")] == ["western_commenter"] * 2
    import_files([comments, videos], tmp_path / "both", options)
    found = {row["utterance_id"]: row for row in rows(tmp_path / "both")}
    own, other = found["7422222222222222002"], found["7422222222222222001"]
    assert (own["vantage"], other["vantage"]) == ("vlogger", "western_commenter")
    assert own["cluster_id"] == found["7411111111111111001"]["cluster_id"] != other["cluster_id"]


def test_a_download_with_a_long_history_is_known_by_what_stands_first(tmp_path: Path) -> None:
    document = json.loads((FOLDER / "tiktok-download" / "old.json").read_text(encoding="utf-8"))
    history = document["Activity"]["Video Browsing History"]
    history["VideoList"] = history["VideoList"] * 20_000
    path = tmp_path / "user_data_tiktok.json"
    for indent in (None, 2):
        path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
        into = tmp_path / f"corpus {indent}"
        (report,) = import_files([path], into, ImportOptions("Fixture")).reports
        assert (report.format, report.read, report.imported) == ("tiktok-download-activity", 4, 2)
        assert [row["text"] for row in rows(into)] == ["so cute 🥺", "Two dogs #dog"]


def test_a_download_is_read_from_the_archive_that_tiktok_sends(tmp_path: Path) -> None:
    path = tmp_path / "TikTok_Data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(FOLDER / "tiktok-download" / "new.json", "user_data_tiktok.json")
        archive.writestr("Posts/video-1.mp4", bytes(2_000))
    imported = import_files([path], tmp_path / "corpus", ImportOptions("Fixture"))
    assert [report.format for report in imported.reports] == ["tiktok-download"]
    assert [row["text"] for row in rows(tmp_path / "corpus")] == ["00123", "A new title"]


def test_replies_nested_beyond_any_call_are_all_read() -> None:
    comment: dict[str, Any] = {"cid": "0", "text": "the deepest", "aweme_id": "7", "user": {"uid": "1"}}
    for depth in range(1, 5_000):
        comment = {**comment, "cid": str(depth), "text": "a reply", "reply_comment": [comment]}
    found = list(tiktok.comments(comment))
    assert len(found) == 5_000
    assert (found[0]["utterance_id"], found[-1]["text"]) == ("4999", "the deepest")


@pytest.mark.parametrize(
    "cell",
    [
        "{" * 300 + "}" * 300,
        "[" * 100_000,
        "{'uid': " + "-" * 50_000 + "1}",
        "{'uid': " + "9" * 5_000 + "}",
        "{'uid': '1'" + " " * 300_000 + "}",
        "{[]: 1}",
        "{'uid': __import__('os').getcwd()}",
        "\0",
        "nan",
        "",
    ],
    ids=lambda cell: f"{cell[:12]!r} of {len(cell)}",
)
def test_a_cell_that_is_no_account_costs_the_account_only(cell: str) -> None:
    row = {"cid": "1", "aweme_id": "2", "text": "said", "user": cell, "create_time": "1633815496"}
    (parsed,) = _read("pyktok-comments", row)
    assert "author" not in parsed
    assert (parsed["text"], "problem" in parsed) == ("said", False)


def _read(name: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    (format_,) = (format_ for format_ in formats() if format_.name == name)
    return list(format_.read(row, None))  # type: ignore[arg-type]  rows of a table ask nothing of their file


@pytest.mark.parametrize("unix", ["1768140000", ""])
@pytest.mark.parametrize(
    "format_",
    [format_ for format_ in formats() if format_.name.startswith("4cat-") and format_.kinds == ("csv",)],
    ids=lambda format_: format_.name,
)
def test_the_clock_of_a_4cat_server_is_never_taken_for_a_time(format_: Any, unix: str) -> None:
    row = {"id": "1", "thread_id": "1", "body": "said", "timestamp": "2026-01-11 22:00:00", "unix_timestamp": unix}
    (parsed,) = format_.read({"author": "a", **row}, None)
    assert parsed.get("posted_at") == (unix or ("2026-01-11 22:00:00" if format_.name == "4cat-any" else None))
    assert format_.assumed_timezone == "unknown"  # then a day is all that the server's clock is believed


def test_each_file_is_known_among_all_shapes_by_one_only() -> None:
    for path in FILES:
        (source,) = sources(path)
        begun = sample(source)
        match = recognise(begun, formats())
        assert match is not None
        others = [format_ for format_ in formats() if format_.name != match.format.name]
        second = recognise(begun, others)
        # A more general format may fit too; never one that asks for as much.
        if second is not None:
            asked = len(match.format.required) + len(match.format.values)
            assert len(second.format.required) + len(second.format.values) < asked, (path.name, second.format.name)


def test_folded_comments_count_as_collected_against_all_that_the_platform_says_there_are(tmp_path: Path) -> None:
    import_files([FOLDER / "douyin-web-comments" / "folded.json"], tmp_path / "corpus", ImportOptions("Fixture"))
    (thread,) = store.read_threads(tmp_path / "corpus")
    assert (thread["platform_comment_count"], thread["collected"]) == (90, 3)
