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
from analysis.corpus.keys import key_file, read_key
from analysis.corpus.privacy import Pseudonyms, is_nobody
from analysis.errors import InputError

KEY = b"0123456789abcdef"


def test_a_pseudonym_is_an_hmac_of_platform_and_account() -> None:
    whole = hmac.new(KEY, "weibo\x1f张三".encode(), hashlib.sha256).hexdigest()
    assert Pseudonyms(KEY).of("weibo", "张三") == "user_" + whole[:12]


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
    assert Pseudonyms(KEY).text(said, "youtube") == kept


def test_a_mention_is_the_pseudonym_of_its_name_small_or_capital() -> None:
    names = Pseudonyms(KEY)
    assert names.text("@Mara hi, u/Ben", "reddit") == f"@{names.of('reddit', 'mara')} hi, u/{names.of('reddit', 'ben')}"
    assert names.masked["mention"] == 2


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


def test_where_the_key_is_kept_is_said_once_a_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANTAGE_KEY", raising=False)
    monkeypatch.setenv("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"text,speaker\nword {name},somebody\n", encoding="utf-8")
    said = [import_files([tmp_path / f"{name}.csv"], tmp_path / "corpus", ImportOptions("Test")).notes for name in "ab"]
    assert [len(notes) for notes in said] == [1, 0]
    assert str(key_file()) in said[0][0]
    assert "without it" in said[0][0]
    monkeypatch.setenv("VANTAGE_KEY", "one key of some length")
    assert not import_files([tmp_path / "a.csv"], tmp_path / "other", ImportOptions("Test")).notes


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


@pytest.mark.parametrize(
    ("said", "names", "kept"),
    [
        ("快看@小明 真的", ["小明"], "快看@{} 真的"),
        ("@小明，你好", ["小明"], "@{}，你好"),
        ("@小明你好", ["小明你好"], "@{}"),
        ("@小明你说的那个城市我也去过一次真的很干净很安静", ["小明你说的那个城市我也去过一次真的很干净"], "@{}很安静"),
        ("see https://www.tiktok.com/@Mara.K/video/7", [], "see https://tiktok.com"),
        ("ask /u/Ben or reddit.com/user/Ben", ["ben"], "ask /u/{} or reddit.com"),
        ("＠小明 好", ["小明"], "＠{} 好"),
        ("a@b", ["b"], "a@{}"),
    ],
)
def test_a_mention_ends_where_the_platform_ends_it_and_no_sentence_is_lost(
    said: str, names: list[str], kept: str
) -> None:
    hides = Pseudonyms(KEY)
    assert hides.text(said, "weibo") == kept.format(*(hides.of("weibo", name) for name in names))


def test_who_speaks_under_a_name_and_who_is_mentioned_by_it_are_one() -> None:
    hides = Pseudonyms(KEY)
    assert hides.text("@Mara hi", "tiktok") == f"@{hides.of('tiktok', '@mara')} hi"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vi\u1ec7t", "Vie\u0323\u0302t"),
        ("\uae40\ucca0\uc218", "\u1100\u1175\u11b7\u110e\u1165\u11af\u1109\u116e"),
        ("mara", "ma\u200bra\u200e"),
        ("mara", "u/Mara"),
        ("mara", "/u/mara"),
    ],
)
def test_one_account_has_one_pseudonym_however_a_file_writes_it(one: str, other: str) -> None:
    assert Pseudonyms(KEY).of("reddit", one) == Pseudonyms(KEY).of("reddit", other)


def test_accounts_that_nobody_can_see_stay_two() -> None:
    assert Pseudonyms(KEY).of(None, "\u200b") != Pseudonyms(KEY).of(None, "\u200b\u200b")


@pytest.mark.parametrize(
    "name", ["用户已注销", "匿名用户", "知乎用户", "微博用户", "Anonymous", "[deleted]", "Facebook User", "0"]
)
def test_who_is_gone_or_hidden_is_not_one_speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "one key of some length")
    head = "评论内容,评论时间,用户昵称,点赞数\n"
    (tmp_path / "format.csv").write_text(f"{head}一,,{name},1\n二,,{name},1\n三,,某人,1\n", encoding="utf-8")
    (tmp_path / "table.csv").write_text(f"text,speaker\na,{name}\nb,{name}\nc,somebody\n", encoding="utf-8")
    for number, file in enumerate(("format.csv", "table.csv")):
        constants = {"vantage": "vlogger"}
        import_files([tmp_path / file], tmp_path / str(number), ImportOptions("Test", constants=constants))
        frame = read_corpus(tmp_path / str(number))
        assert frame["speaker"].isna().tolist() == [True, True, False]
        assert frame["cluster_id"].nunique() == 3


@pytest.mark.parametrize("name", ["知乎用户AbC1", "用户5623451234", "user", "user8812345"])
def test_a_name_that_a_platform_made_up_for_one_account_is_that_accounts(name: str) -> None:
    assert not is_nobody(name)
