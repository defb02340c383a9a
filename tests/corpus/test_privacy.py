"""Nobody's name reaches a corpus, and nothing that an id, an order or a seed is made of depends on the key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from pathlib import Path

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.privacy import Pseudonyms, key_file, read_key
from analysis.errors import InputError

KEY = b"0123456789abcdef"


def test_a_pseudonym_is_an_hmac_of_platform_and_account() -> None:
    whole = hmac.new(KEY, "weibo\x1f张三".encode(), hashlib.sha256).hexdigest()
    assert Pseudonyms(lambda: KEY).of("weibo", "张三") == "user_" + whole[:12]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("write to a.b+c@mail.example.org now", "write to [email] now"),
        ("call 13800138000 or +86 138 0013 8000", "call [phone] or [phone]"),
        ("call +1 (555) 123-4567 or 555-123-4567", "call [phone] or [phone]"),
        ("video 7512345678901234567 of 2013-02-25", "video 7512345678901234567 of 2013-02-25"),
        ("2017-2019, 100 000 people, 1,234,567", "2017-2019, 100 000 people, 1,234,567"),
        ("at 10:30, $3000", "at 10:30, $3000"),
        ("@ home", "@ home"),
    ],
)
def test_addresses_and_numbers_are_masked_and_nothing_else(said: str, kept: str) -> None:
    assert Pseudonyms(lambda: KEY).text(said, "youtube") == kept


def test_a_mention_is_the_pseudonym_of_its_name_small_or_capital() -> None:
    names = Pseudonyms(lambda: KEY)
    assert names.text("@Mara hi, u/Ben", "reddit") == f"@{names.of('reddit', 'mara')} hi, u/{names.of('reddit', 'ben')}"
    assert names.counts["mentions"] == 2


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANTAGE_KEY", raising=False)
    monkeypatch.setenv("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = read_key()
    assert read_key() == made
    assert len(made) == 64
    assert key_file().is_relative_to(tmp_path)
    if sys.platform != "win32":
        assert os.stat(key_file()).st_mode & 0o777 == 0o600  # noqa: PTH116
    monkeypatch.setenv("VANTAGE_KEY", "short")
    with pytest.raises(InputError, match="shorter than 16"):
        read_key()


def test_only_pseudonyms_depend_on_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = {"id": "v", "comment_count": 2, "comments": []}
    for number, author in enumerate(["walker", "viewer", "walker"]):
        comment = {"id": f"c{number}", "parent": "root", "text": "@viewer hi", "author_id": author}
        info["comments"].append({**comment, "author_is_uploader": author == "walker"})
    table = "comment_id,aweme_id,content,user_id,last_modify_ts\n,1,@viewer hi,u,1740589025042\n"
    (tmp_path / "a.json").write_text(json.dumps(info), encoding="utf-8")
    (tmp_path / "b.csv").write_text(table, encoding="utf-8")
    frames = []
    for key in ("one key of some length", "another key of some length"):
        monkeypatch.setenv("VANTAGE_KEY", key)
        import_files([tmp_path / "a.json", tmp_path / "b.csv"], tmp_path / key, ImportOptions("Test"))
        written = b"".join(path.read_bytes() for path in (tmp_path / key).iterdir())
        assert b"walker" not in written
        assert key.encode() not in written
        frames.append(read_corpus(tmp_path / key))
    assert (frames[0]["speaker"] != frames[1]["speaker"]).all()
    rest = [frame.drop(columns=["speaker", "text"]) for frame in frames]
    assert rest[0].equals(rest[1])
    assert set(frames[0]["cluster_id"]) == {"v", "youtube account 1", "1"}
