"""Who has a corpus alone, and no key, cannot find out by trying who was masked in it; and what a key may be."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, keys, read_corpus, read_info, store
from analysis.corpus.keys import fingerprint, key_file, read_key
from analysis.errors import InputError

ONE, OTHER = "one key of some length", "another key of some length"
GUESSES = (
    ("@rivermoss", "moss@example.org", "13912340987", "mara.k"),
    ("@hillfern_2031", "fern.hill@mail.example", "13712345678", "other_one"),
    ("@青石板", "q@b.example", "+82 10-2345-6789", "jo"),
)
KEYED = re.compile(r"user_[0-9a-f]{12}")


def table(path: Path, header: str, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


def left_by(into: Path) -> tuple[list[dict[str, object]], str]:
    """Return what a corpus holds: its rows, and all else that lies there; what the key made counts as one."""
    frame = read_corpus(into)
    for name in ("text", "speaker"):
        frame[name] = [None if cell is None else KEYED.sub("*", str(cell)) for cell in frame[name]]
    info = json.dumps(read_info(into), sort_keys=True)
    info = re.sub(r'"sha256 \(keyed\)": "[0-9a-f]{64}"|[0-9a-f]{64}|-[0-9a-f]{12}\.', "*", info)
    lists = [(into / name).read_text(encoding="utf-8") for name in (store.REJECTED, store.DUPLICATES)]
    more = [json.dumps(store.read_threads(into)), store.read_text_duplicates(into).to_json()]
    return frame.astype(str).to_dict("records"), "\n".join([info, *lists, *more])


def imported(tmp_path: Path, place: str, guess: tuple[str, ...]) -> tuple[list[dict[str, object]], str]:
    name, mail, number, account = guess
    folder = tmp_path / place
    folder.mkdir()
    thread = f"https://www.tiktok.com/@{account}/video/7512345678901234567"
    said = [f"{name} hello", f"{name} hello", f"write to {mail}", f"call {number} now", "shifted"]
    rows = [(words, thread, account, "2025-01-01") for words in said[:4]] + [(said[4], thread, "2025", account)]
    path = table(folder / "a.csv", "comment video_url who when", *rows)
    columns = {"text": "comment", "thread_id": "video_url", "speaker": "who", "posted_at": "when"}
    import_files([path], folder / "corpus", ImportOptions("Test", columns))
    head = "评论内容,评论时间,用户昵称,点赞数\n"
    format_ = folder / "b.csv"
    format_.write_text(head + "".join(f"{words},,{account},1\n" for words in said[:4]), encoding="utf-8")
    import_files([format_], folder / "corpus", ImportOptions("Test"))
    return left_by(folder / "corpus")


def test_no_guess_of_a_name_can_be_confirmed_without_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for number, guess in enumerate(GUESSES):
        monkeypatch.setenv("VANTAGE_KEY", f"key number {number} of some length")  # who guesses has another key
        found.append(imported(tmp_path, str(number), guess))
    rows, rest = found[0]
    # What an address was replaced by is told by the text; that it was one of these, by nothing.
    for other_rows, other_rest in found[1:]:
        assert other_rows == rows
        assert re.sub(r'"keys": \[.*?\]', "", other_rest) == re.sub(r'"keys": \[.*?\]', "", rest)
    assert len({row["utterance_id"] for row in rows}) == len(rows) == 9
    assert {str(row["thread_id"]) for row in rows} <= {"7512345678901234567", "None", "nan"}


def test_nobodys_name_is_left_in_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    imported(tmp_path, "a", GUESSES[0])
    whole = b"".join(path.read_bytes() for path in (tmp_path / "a" / "corpus").iterdir())
    whole += read_corpus(tmp_path / "a" / "corpus").to_csv().encode()
    for word in ("rivermoss", "moss@", "13912340987", "mara.k"):
        assert word.encode() not in whole
    # A row whose cells are shifted has no time; what stood there instead is told on the terminal alone.
    assert read_corpus(tmp_path / "a" / "corpus")["posted_at"].notna().sum() == 4


def test_two_people_with_the_same_words_are_two_rows_and_a_file_twice_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    path = table(tmp_path / "a.csv", "text", ("@rivermoss hi",), ("@hillfern hi",), ("hi",))
    assert import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports[0].imported == 3
    before = {file.name: file.read_bytes() for file in (tmp_path / "corpus").iterdir()}
    assert import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports[0].duplicates == 3
    assert {file.name: file.read_bytes() for file in (tmp_path / "corpus").iterdir()} == before
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    assert import_files([copy], tmp_path / "corpus", ImportOptions("Test")).reports[0].duplicates == 3


def test_a_filter_by_author_is_not_kept_in_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    path = table(tmp_path / "a.csv", "text author", ("a", "rivermoss"), ("b", "hillfern"))
    for asked in ("rivermoss", "hillfern"):
        options = ImportOptions("Test", {"text": "text"}, where={"author": asked})
        assert import_files([path], tmp_path / "corpus", options).reports[0].imported == 1
    written = b"".join(file.read_bytes() for file in (tmp_path / "corpus").iterdir())
    assert b"rivermoss" not in written
    assert b"hillfern" not in written


def run(*arguments: object) -> int:
    return main(["import", *map(str, arguments), "--collection", "Test"])


def test_another_key_is_refused_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    first = table(tmp_path / "a.csv", "text speaker", ("a", "x"))
    second = table(tmp_path / "b.csv", "text speaker", ("b", "x"))
    into = tmp_path / "corpus"
    assert run(first, "--into", into) == 0
    monkeypatch.setenv("VANTAGE_KEY", OTHER)
    before = {file.name: file.read_bytes() for file in into.iterdir()}
    capsys.readouterr()
    for file in (first, second):
        assert run(file, "--into", into) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "--other-key" in said[0]
    assert {file.name: file.read_bytes() for file in into.iterdir()} == before
    assert run(second, "--into", into, "--other-key") == 0
    assert read_info(into)["keys"] == [fingerprint(ONE.encode()), fingerprint(OTHER.encode())]
    assert run(first, "--into", into, "--other-key") == 0
    assert len(read_corpus(into)) == 2


def test_a_corpus_without_a_fingerprint_is_added_to_and_its_files_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    first = table(tmp_path / "a.csv", "text", ("a",))
    into = tmp_path / "corpus"
    monkeypatch.setattr(keys, "sealed", lambda _, digest: digest)
    import_files([first], into, ImportOptions("Test"))
    monkeypatch.undo()
    monkeypatch.setenv("VANTAGE_KEY", ONE)
    info = read_info(into)
    del info["keys"]
    import hashlib  # noqa: PLC0415  as an older version wrote it

    info["files"][0].pop("sha256 (keyed)")
    info["files"][0]["sha256"] = hashlib.sha256(first.read_bytes()).hexdigest()
    (into / store.INFO).write_text(json.dumps(info), encoding="utf-8")
    assert import_files([first], into, ImportOptions("Test")).reports[0].duplicates == 1
    import_files([table(tmp_path / "b.csv", "text", ("b",))], into, ImportOptions("Test"))
    assert read_info(into)["keys"] == [fingerprint(ONE.encode())]
    assert all("sha256" not in file for file in read_info(into)["files"])


posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


@pytest.fixture
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VANTAGE_KEY", raising=False)
    monkeypatch.setenv("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME", str(tmp_path / "config"))
    key_file().parent.mkdir(parents=True)
    return key_file()


@pytest.mark.parametrize(
    "key", ["clé très secrète 1".encode(), "clé très secrète 1".encode("latin-1"), b"\xff\xfe" * 9]
)
def test_any_bytes_are_a_key(tmp_path: Path, own_key: Path, key: bytes) -> None:
    own_key.write_bytes(b"\xef\xbb\xbf" + key + b"\r\n")
    assert read_key() == key
    path = table(tmp_path / "a.csv", "text speaker", ("a", "x"))
    assert import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports[0].imported == 1


@posix
@pytest.mark.parametrize("key", [b"cl\xc3\xa9 de seize octets", b"cl\xe9 de seize octets"])
def test_any_bytes_of_the_environment_are_a_key(monkeypatch: pytest.MonkeyPatch, key: bytes) -> None:
    monkeypatch.setitem(os.environb, b"VANTAGE_KEY", key)
    assert read_key() == key


def test_an_empty_key_file_is_named(own_key: Path) -> None:
    own_key.write_bytes(b"\n")
    with pytest.raises(InputError) as caught:
        read_key()
    assert str(own_key) in str(caught.value)
    assert "VANTAGE_KEY" not in str(caught.value)
    assert "empty" in str(caught.value)


def test_a_key_file_that_cannot_be_read_is_named(own_key: Path) -> None:
    own_key.mkdir()
    with pytest.raises(InputError, match=re.escape(str(own_key))):
        read_key()


@posix
def test_a_key_that_others_can_read_is_said(tmp_path: Path, own_key: Path) -> None:
    own_key.write_bytes(b"0123456789abcdef")
    own_key.chmod(0o644)
    path = table(tmp_path / "a.csv", "text", ("a",))
    said = import_files([path], tmp_path / "corpus", ImportOptions("Test")).lines(tmp_path / "corpus")
    assert any(line.endswith(f"chmod 600 {own_key}") for line in said)
    own_key.chmod(0o600)
    said = import_files([path], tmp_path / "other", ImportOptions("Test")).lines(tmp_path / "other")
    assert not any("chmod" in line for line in said)


def test_a_fingerprint_costs_more_than_a_hash_and_tells_keys_apart() -> None:
    assert fingerprint(b"0123456789abcdef") != fingerprint(b"0123456789abcdeg")
    assert len(fingerprint(b"0123456789abcdef")) == 16


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_key_that_is_no_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    monkeypatch.setattr(keys, "key_file", lambda: tmp_path / "key")
    os.mkfifo(tmp_path / "key")
    with pytest.raises(InputError, match="is not a file"):
        read_key()
