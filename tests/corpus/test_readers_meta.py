"""What the fixtures of Instagram and Facebook cannot show: packed files and workbooks, depth, names of files."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.readers import shapes
from analysis.corpus.readers.instagram import shortcode
from analysis.corpus.readers.shape import Draft, File

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
BY_SHAPE = {shape.name: shape for shape in shapes()}


@pytest.fixture(autouse=True)
def _plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pseudonyms, "of", lambda _, __, account: f"<{account}>")


def drafts(shape: str, *records: dict[str, Any], file: str = "file.json") -> list[Draft]:
    return [draft for record in records for draft in BY_SHAPE[shape].read(record, File(file))]


def test_a_post_has_the_same_thread_whichever_tool_saw_it() -> None:
    assert shortcode("3955069879184525006") == shortcode("3955069879184525006_701") == "DbjOxmqpAbO"
    assert shortcode("POLARIS_1") is None
    assert shortcode("9" * 400) is None
    item = {"pk": "3955069879184525006", "caption": {"text": "x"}}
    comment = {"id": "1", "postUrl": "https://www.instagram.com/demo/p/DbjOxmqpAbO/?igsh=x"}
    (post,) = drafts("zeeschuimer-instagram", {"data": item})
    (below,) = drafts("apify-instagram-comments", comment)
    assert post["thread_id"] == below["thread_id"] == "DbjOxmqpAbO"


def test_replies_that_nest_a_thousand_deep_come_in() -> None:
    comment: dict[str, Any] = {"id": "0", "text": "innermost", "ownerUsername": "demo"}
    for number in range(1, 5_000):
        comment = {"id": str(number), "text": "x", "ownerUsername": "demo", "replies": [comment]}
    found = drafts("apify-instagram-comments", {**comment, "postUrl": "https://www.instagram.com/p/CODE/"})
    assert len(found) == 5_000
    assert (found[-1]["parent_id"], found[-1]["thread_id"]) == ("1", "CODE")


def test_instaloader_posts_and_comments_meet_and_the_uploader_is_known(tmp_path: Path) -> None:
    name = "2024-05-01_12-00-00_UTC"
    post = (FOLDER / "instaloader-posts" / f"{name}.json").read_bytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{name}.json.xz").write_bytes(lzma.compress(post))
    comments = (FOLDER / "instaloader-comments" / f"{name}_comments.json").read_bytes()
    (tmp_path / "in" / f"{name}_comments.json").write_bytes(comments)
    import_files(
        [tmp_path / "in"], tmp_path / "corpus", ImportOptions("Fixture", constants={"vantage": "western_commenter"})
    )
    frame = read_corpus(tmp_path / "corpus").set_index("utterance_id")
    assert set(frame["thread_id"]) == {name}
    assert frame.loc["17900000000000011", "vantage"] == "vlogger"
    assert frame.loc["17900000000000012", "vantage"] == "western_commenter"


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
            found = drafts("instagram-download-comments", *json.loads(path.read_text(encoding="utf-8")))
            assert "demo.9" not in {draft.get("text") for draft in found}


@pytest.mark.parametrize(
    ("shape", "record", "names"),
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
def test_rules_may_match_names(shape: str, record: dict[str, Any], names: set[str]) -> None:
    assert names <= set(drafts(shape, record)[0]["names"])
