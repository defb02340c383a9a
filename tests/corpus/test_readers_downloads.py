"""Downloads of an account's own words, as texts and in any language: what one fixture alone cannot show."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.readers import formats
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"

#: Lists of other things that a download holds, and texts of other people.
OTHERS = {
    "Browsing History.txt": "Date: 2022-01-01 00:00:01 UTC\nLink: https://www.tiktokv.example.org/share/video/1/\n\n",
    "Searches.txt": "Date: 2022-01-01 00:00:01 UTC\nSearch Term: SECRETSEARCH\n",
    "Share History.txt": "Date: 2022-01-01 00:00:01\nShared Content: video\nLink: https://example.org\nMethod: copy\n",
    "Recently Deleted Posts.txt": "Date: 2022-01-01 00:00:01\nDate deleted: 2022-01-02 00:00:01\nLink: x\nLike(s): 1\n",
    "letter.txt": "Date: 1 May 2022\nComment: of another program, with a comma\n",
    "Direct Messages.txt": ">>> Chat History with demo:\n2022-01-01 00:00:01 UTC demo: SECRETMESSAGE\n",
}


def shape_of(path: Path) -> str | None:
    (source,) = sources(path)
    match = recognise(sample(source), formats())
    return None if match is None else match.format.name


@pytest.mark.parametrize("name", OTHERS)
def test_other_lists_of_a_tiktok_download_are_no_comments(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(OTHERS[name] * 3, encoding="utf-8")
    assert shape_of(tmp_path / name) is None


def test_the_texts_of_a_tiktok_download_are_read_from_the_archive_that_is_sent(tmp_path: Path) -> None:
    archive = tmp_path / "TikTok_Data.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, text in OTHERS.items():
            packed.writestr(f"TikTok/Activity/{name}", text)
        comments = (FOLDER / "tiktok-download-text-comments" / "Comments.txt").read_text(encoding="utf-8")
        packed.writestr("TikTok/Comment/Comments.txt", comments.replace("\n", "\r\n"))
        packed.write(FOLDER / "tiktok-download-text-posts" / "Posts.txt", "TikTok/Post/Posts.txt")
        packed.writestr("TikTok/.DS_Store", b"\0")
    found = import_files([archive], tmp_path / "corpus", ImportOptions("Fixture"))
    assert [report.format for report in found.reports] == [
        "tiktok-download-text-posts",
        "tiktok-download-text-comments",
    ]
    texts = set(read_corpus(tmp_path / "corpus")["text"])
    assert "two lines:\nNote: the second 🎈" in texts
    assert len(texts) == 3
    assert not any(".DS_Store" in name for name in found.skipped)


_ROW = ["UgTfAAAAAAAAAAAAAAAAAAAABAg", "UCichAAAAAAAAAAAAAAAAAAA", "2025-12-30T14:28:42+00:00", "0", "", "vidAAAAAAA2"]


@pytest.mark.parametrize(
    ("place", "cell"),
    [(1, "somebody"), (2, "30.12.2025"), (3, "free"), (4, "an answer"), (5, "a title of a video")],
)
def test_a_table_is_takeouts_only_if_every_cell_of_its_first_row_fits(tmp_path: Path, place: int, cell: str) -> None:
    path = tmp_path / "a.csv"
    for changed in (_ROW, [*_ROW[:place], cell, *_ROW[place + 1 :]]):
        path.write_text(f"1,2,3,4,5,6,7\n{','.join(changed)},words\n", encoding="utf-8")
        assert (shape_of(path) == "youtube-takeout-localised") == (changed is _ROW)


def test_an_english_table_of_takeouts_is_known_by_its_header_in_any_order_of_shapes(tmp_path: Path) -> None:
    header = "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text"
    (tmp_path / "a.csv").write_text(f"{header}\n{','.join(_ROW)},words\n", encoding="utf-8")
    begun = sample(sources(tmp_path / "a.csv")[0])
    names = {recognise(begun, order).format.name for order in (formats(), formats()[::-1])}  # type: ignore[union-attr]
    assert names == {"youtube-takeout-comments"}


def test_a_header_that_names_a_column_twice_is_not_taken_for_takeouts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"1,2,3,4,5,6,6\n{','.join(_ROW)},words\n", encoding="utf-8")
    assert shape_of(tmp_path / "a.csv") is None


def test_a_document_that_breaks_off_has_what_stands_above_and_its_whole_comments(tmp_path: Path) -> None:
    document = json.loads((FOLDER / "tiktok-comment-scrapper" / "gen2.json").read_text(encoding="utf-8"))
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(document)[:-40], encoding="utf-8")
    (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Fixture")).reports
    frame = read_corpus(tmp_path / "corpus")
    assert set(frame["kind"]) == {"caption", "comment"}
    assert frame["thread_id"].nunique(dropna=False) == 1
    (reason,) = report.reasons
    assert reason.startswith("1 not valid JSON: ")
    assert reason.endswith("(the file ends too early)")


@pytest.mark.parametrize("name", ["tiktok-comment-scrapper/gen2.json", "yt-dlp-comments/walk.info.json"])
def test_what_stands_above_the_comments_comes_in_with_many_documents_in_one_file(tmp_path: Path, name: str) -> None:
    text = json.dumps(json.loads((FOLDER / name).read_text(encoding="utf-8")))
    (tmp_path / "all.jsonl").write_text(f"{text}\n{text}\n", encoding="utf-8")
    (report,) = import_files([tmp_path / "all.jsonl"], tmp_path / "corpus", ImportOptions("Fixture")).reports
    frame = read_corpus(tmp_path / "corpus")
    assert frame["kind"].value_counts().to_dict() == {"caption": 1, "comment": 2}
    assert report.duplicates == 3


def test_an_archive_of_nothing_that_is_read_says_what_its_files_hold(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as packed:
        packed.writestr("Takeout/.DS_Store", b"\0")
        packed.writestr("Takeout/channel.csv", "Channel ID,Channel Visibility\nUCme,Public\n")
    with pytest.raises(InputError, match="the file has: Channel ID, Channel Visibility"):
        import_files([tmp_path / "takeout.zip"], tmp_path / "corpus", ImportOptions("Fixture"))
