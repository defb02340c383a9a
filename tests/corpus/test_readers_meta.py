"""What the fixtures of Instagram and Facebook cannot show: packed files and workbooks, depth, names of files."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.readers import formats
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File
from analysis.corpus.readers.instagram import shortcode
from analysis.corpus.readers.meta_library import _numbered

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
BY_FORMAT = {format_.name: format_ for format_ in formats()}


pytestmark = pytest.mark.usefixtures("plain_names")


def a_folder(path: Path, files: dict[str, bytes], *, packed: bool = False) -> Path:
    """Write files into a folder, or into an archive of one."""
    if packed:
        with ZipFile(path.with_suffix(".zip"), "w") as archive:
            for name, data in files.items():
                archive.writestr(f"somebody/{name}", data)
        return path.with_suffix(".zip")
    path.mkdir()
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


def parsed_items(format_: str, *records: dict[str, Any], file: str = "file.json") -> list[ParsedItem]:
    return [parsed for record in records for parsed in BY_FORMAT[format_].read(record, File(file))]


def test_a_post_has_the_same_thread_whichever_tool_saw_it() -> None:
    assert shortcode("3955069879184525006") == shortcode("3955069879184525006_701") == "DbjOxmqpAbO"
    assert shortcode("POLARIS_1") is None
    assert shortcode("9" * 400) is None
    item = {"pk": "3955069879184525006", "caption": {"text": "x"}}
    comment = {"id": "1", "postUrl": "https://www.instagram.com/demo/p/DbjOxmqpAbO/?igsh=x"}
    (post,) = parsed_items("zeeschuimer-instagram", {"data": item})
    (below,) = parsed_items("apify-instagram-comments", comment)
    assert post["thread_id"] == below["thread_id"] == "DbjOxmqpAbO"


def test_replies_that_nest_a_thousand_deep_come_in() -> None:
    comment: dict[str, Any] = {"id": "0", "text": "innermost", "ownerUsername": "demo"}
    for number in range(1, 5_000):
        comment = {"id": str(number), "text": "x", "ownerUsername": "demo", "replies": [comment]}
    found = parsed_items("apify-instagram-comments", {**comment, "postUrl": "https://www.instagram.com/p/CODE/"})
    assert len(found) == 5_000
    assert (found[-1]["parent_id"], found[-1]["thread_id"]) == ("1", "CODE")


@pytest.mark.parametrize("packed", [False, True])
def test_instaloader_posts_and_comments_meet_and_the_uploader_is_known(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001  a case
    name, comments = "2024-05-01_12-00-00_UTC", "2024-05-01_12-00-00_UTC_comments.json"
    files = {
        f"{name}.json.xz": lzma.compress((FOLDER / "instaloader-posts" / f"{name}.json").read_bytes()),
        comments: (FOLDER / "instaloader-comments" / comments).read_bytes(),
    }
    folder = a_folder(tmp_path / "in", files, packed=packed)
    import_files([folder], tmp_path / "corpus", ImportOptions("Fixture", constants={"vantage": "western_commenter"}))
    frame = read_corpus(tmp_path / "corpus").set_index("utterance_id")
    # The code of its address, which other tools have too.
    assert set(frame["thread_id"]) == {"DSDLDXjDOGC"}
    assert frame.loc["17900000000000011", "vantage"] == "vlogger"
    assert frame.loc["17900000000000012", "vantage"] == "western_commenter"


@pytest.mark.parametrize("beside", [b"{", b"[]", b'{"node": 1}', b'{"node": {}}', b"\xff", b"[" * 100_000])
def test_comments_beside_a_damaged_post_come_in_under_its_name(tmp_path: Path, beside: bytes) -> None:
    name, comments = "2024-05-01_12-00-00_UTC", "2024-05-01_12-00-00_UTC_comments.json"
    files = {f"{name}.json": beside, comments: (FOLDER / "instaloader-comments" / comments).read_bytes()}
    import_files([a_folder(tmp_path / "in", files) / comments], tmp_path / "corpus", ImportOptions("Fixture"))
    assert set(read_corpus(tmp_path / "corpus")["thread_id"]) == {name}


def test_a_link_beside_comments_is_not_followed(tmp_path: Path) -> None:
    name, comments = "2024-05-01_12-00-00_UTC", "2024-05-01_12-00-00_UTC_comments.json"
    folder = a_folder(tmp_path / "in", {comments: (FOLDER / "instaloader-comments" / comments).read_bytes()})
    (folder / f"{name}.json").symlink_to(FOLDER / "instaloader-posts" / f"{name}.json")
    import_files([folder / comments], tmp_path / "corpus", ImportOptions("Fixture"))
    assert set(read_corpus(tmp_path / "corpus")["thread_id"]) == {name}


_POST, _VIDEO = "2024-05-02_07-08-09_UTC", "2024-05-03_07-08-09_UTC"
_FOLDER = {
    # The caption of a post whose metadata lie beside it, of one without, and of one that is a film.
    "2024-05-01_12-00-00_UTC.txt": b"Graph, with a caption\n",
    "2024-05-01_12-00-00_UTC.json.xz": lzma.compress(
        (FOLDER / "instaloader-posts" / "2024-05-01_12-00-00_UTC.json").read_bytes()
    ),
    f"{_POST}.txt": b"a caption\n",
    f"{_POST}_1.jpg": b"\0",
    f"{_VIDEO}.txt": b"beneath a film, and a comma\n",
    f"{_VIDEO}.mp4": b"\0",
    f"{_VIDEO}_comments.json": b'[{"id": 1, "created_at": 1714720089, "text": "first", "owner": {"username": "d5"}}]',
    # None of these is a caption.
    f"{_POST}_old_01.txt": b"what it said before\n",
    f"{_POST}_location.txt": b"A place\nhttps://maps.example.org\n",
    "notes.txt": b"what the researcher thinks\n",
    "2024-05-02.txt": b"a diary, of a day\n",
}


@pytest.mark.parametrize("packed", [False, True])
def test_a_caption_comes_in_once_and_no_other_text_does(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001  a case
    source = a_folder(tmp_path / "in", _FOLDER, packed=packed)
    found = import_files([source], tmp_path / "corpus", ImportOptions("Fixture"))
    frame = read_corpus(tmp_path / "corpus").set_index("text")
    assert set(frame.index) == {"Graph, with a caption", "a caption", "beneath a film, and a comma", "first"}
    assert frame["kind"].to_dict() | {"first": "comment"} == {
        "Graph, with a caption": "caption",
        "a caption": "post",
        "beneath a film, and a comma": "caption",
        "first": "comment",
    }
    assert frame.loc["first", "thread_id"] == frame.loc["beneath a film, and a comma", "thread_id"] == _VIDEO
    assert {name.rsplit("/", 1)[-1] for name in found.skipped} == {
        *(name for name in _FOLDER if name.endswith((".jpg", ".mp4"))),
        f"{_POST}_old_01.txt",
        f"{_POST}_location.txt",
        "notes.txt",
        "2024-05-02.txt",
    }
    assert [report.reasons for report in found.reports if report.rejected] == [
        ("1 the same post is read from the .json file beside it",)
    ]


def test_a_download_says_whose_it_is_in_the_name_of_its_archive(tmp_path: Path) -> None:
    comments = (FOLDER / "instagram-download-comments" / "post_comments_1.json").read_bytes()
    with ZipFile(tmp_path / "instagram-demo.nine-2026-01-31-AbCd.zip", "w") as archive:
        archive.writestr("your_instagram_activity/comments/post_comments_1.json", comments)
    archive = tmp_path / "instagram-demo.nine-2026-01-31-AbCd.zip"
    import_files([archive], tmp_path / "corpus", ImportOptions("Fixture"))
    assert set(read_corpus(tmp_path / "corpus")["speaker"]) == {"<demo.nine>"}


def test_the_name_of_a_medias_owner_never_becomes_a_text() -> None:
    for path in (FOLDER / "instagram-download-comments").glob("*.json"):
        if path.name != "expected.json":
            found = parsed_items("instagram-download-comments", *json.loads(path.read_text(encoding="utf-8")))
            assert "demo.9" not in {parsed.get("text") for parsed in found}


@pytest.mark.parametrize(
    ("format_", "record", "names"),
    [
        ("zeeschuimer-instagram", {"data": {"pk": "1", "user": {"username": "a", "full_name": "A"}}}, {"a", "A"}),
        ("zeeschuimer-instagram", {"data": {"id": "1", "owner": {"username": "a"}}}, {"a"}),
        ("zeeschuimer-instagram-comments", {"data": {"user": {"unique_id": "a", "nickname": "A"}}}, {"a", "A"}),
        ("apify-instagram-comments", {"text": "x", "ownerUsername": "a", "owner": {"full_name": "A"}}, {"a", "A"}),
        ("instaloader-comments", {"owner": {"username": "a"}}, {"a"}),
        ("apify-facebook-comments", {"profileName": "A"}, {"A"}),
        ("meta-content-library-comments", {"owner.username": "a", "owner.name": "A"}, {"a", "A"}),
        ("meta-content-library-posts", {"post_owner": {"username": "a", "name": "A"}}, {"a", "A"}),
        ("crowdtangle-facebook", {"User Name": "a", "Page Name": "A"}, {"a", "A"}),
        ("crowdtangle-instagram", {"User Name": "a", "Account": "A"}, {"a", "A"}),
        (
            "zeeschuimer-facebook",
            {"data": {"comet_sections": {"content": {"story": {"actors": [{"id": "1", "name": "A"}]}}}}},
            {"A"},
        ),
    ],
)
def test_rules_may_match_names(format_: str, record: dict[str, Any], names: set[str]) -> None:
    assert names <= set(parsed_items(format_, record)[0]["names"])


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://www.facebook.com/page/posts/pfbid02abc?rdid=1#x", "pfbid02abc"),
        ("https://www.facebook.com/page/posts/123/", "123"),
        ("https://www.facebook.com/permalink.php?id=5&story_fbid=987", "987"),
        ("https://www.facebook.com/permalink.php?story_fbid=", None),
        ("", None),
    ],
)
def test_the_number_of_a_crowdtangle_post_is_in_its_address(address: str, number: str | None) -> None:
    found = _numbered({"URL": address, "Facebook Id": "5"})
    assert found == (None if number is None else f"5_{number}")
