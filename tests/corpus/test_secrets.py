"""What nobody may know is planted in the fixtures of every format, and looked for in everything an import leaves."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.readers import formats
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
#: Known by its cells alone: with a column more it would be another.
BY_CELLS = "youtube-takeout-localised"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.name != "expected.json" and path.parent.name != BY_CELLS)
JSON = {".json", ".jsonl", ".ndjson"}
TABLE = {".csv", ".tab"}
SECRETS = {
    "source_url": "https://www.example.org/api?msToken=SECRET1&verifyFp=SECRET2&device_id=SECRET3",
    "user_agent": "SECRET4 (a researcher's browser)",
    "avatar": "https://p3.example.org/a.jpeg?x-signature=SECRET5",
    "note_url": "https://www.example.org/1?xsec_token=SECRET6",
    "sessionid": "SECRET7",
    "email": "SECRET10@mail.example.org",
    "phone_number": "13800138000",
}
PLANTED = {**SECRETS, **{f"{name}_x": secret for name, secret in SECRETS.items()}}
#: Names of what holds an account or its name.
ACCOUNTS = re.compile(
    r"(?:.*[./])?(?:uid|user|user_?id|sec_uid|user_?hash|creator_hash|unique_?id|user_unique_id|user_?name|screen_name|"
    r"nick_?name|user_nickname|owner_?username|profile_?(?:id|name)|profile(?: id)|author|author_full|author_?fullname|"
    r"author_?(?:id|name|nickname|username|user_id)|authordisplayname|authorchannel(?:id|url)|channel ?id|full_name|"
    r"user_link|user_url_token|(?:user|page|group) name|name|name \(click to view profile\)|isreplytoname|"
    r"retweeted_user|replied_author|quote_author|channel|channel_(?:id|url)|uploader|uploader_(?:id|url)|user_id_str|(?<=[./])pk|昵称|用户昵称)",
    re.IGNORECASE,
)
#: Where an id or a name is an account's.
PEOPLE = re.compile(
    r"(?:.*_)?(?:user|author|owner|actor|channel|profile)s?|user_results|authorchannelid", re.IGNORECASE
)
OF_PEOPLE = {"id", "name", "id_str", "rest_id", "value", "pk"}
_LINK = re.compile(r"https?://\S+")


def signed(value: str) -> str:
    """Return an address with a token at its end; other text as it is."""
    if not re.fullmatch(r"https?://\S+", value):
        return value
    return value + ("&" if "?" in value else "?") + "msToken=SECRET9"


def of_account(name: str, above: str) -> bool:
    if "geo" in (name + above) or above in {"place", "places"}:
        return False
    return bool(ACCOUNTS.fullmatch(name) and name != "name") or bool(PEOPLE.fullmatch(above) and name in OF_PEOPLE)


def planted(value: Any, above: str = "") -> Any:
    """Return a copy with secrets beside what is in each object, every account marked and every address signed."""
    if isinstance(value, list):
        return [planted(part, above) for part in value]
    if isinstance(value, str):
        return signed(value)
    if not isinstance(value, dict):
        return value
    out = {name: planted(part, above if above == "user_results" else name) for name, part in value.items()}
    for name, part in value.items():
        room = above == "channel" and "categoryId" in value  # Discord's: nobody's account
        if isinstance(part, str) and part and of_account(name, above) and not room:
            out[name] = part + "SECRET8"
    return {**{name: text for name, text in PLANTED.items() if name not in out}, **out}


def in_json(path: Path) -> bytes:
    text = path.read_text(encoding="utf-8-sig")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    return "".join(json.dumps(planted(document)) + "\n" for document in documents).encode()


def in_rows(rows: list[list[Any]], header: int) -> list[list[Any]]:
    """Return a table with columns of secrets, every account marked and every address signed."""
    names = [str(name or "").strip() for name in rows[header]]
    out = [*rows[:header], [*rows[header], *PLANTED]]
    for row in rows[header + 1 :]:
        if not any(row):
            continue
        cells = [signed(cell) if isinstance(cell, str) else cell for cell in row]
        for at, name in enumerate(names[: len(cells)]):
            if isinstance(cells[at], str) and cells[at] and (name == "Name" or of_account(name, "")):
                cells[at] += "SECRET8"
        out.append([*cells, *([""] * (len(names) - len(cells)) if header else []), *PLANTED.values()])
    return out


def in_table(path: Path) -> bytes:
    begun = sample(sources(path)[0])
    match = recognise(begun, formats())
    assert match is not None
    form: dict[str, Any] = {"delimiter": begun.delimiter}
    if match.format.escape:
        form |= {"escapechar": match.format.escape, "doublequote": False}
    text = path.read_bytes().decode("utf-8-sig" if begun.encoding == "utf-8" else begun.encoding, "replace")
    out = io.StringIO()
    csv.writer(out, **form).writerows(in_rows(list(csv.reader(io.StringIO(text, newline=""), **form)), match.header))
    return out.getvalue().encode()


def in_workbook(path: Path) -> bytes:
    match = recognise(sample(sources(path)[0]), formats())
    assert match is not None
    rows = [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in in_rows(rows, match.header):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def in_text(path: Path) -> bytes:
    """Return captions with secrets in their header and their notes, and a post with secrets in its front matter."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    if path.suffix == ".vtt":
        more = [f"{name}: {text}" for name, text in PLANTED.items()]
        return "\n".join([lines[0], *more, *lines[1:], "", "NOTE", *more, ""]).encode()
    if lines[0].startswith("---"):
        marked = [signed(line + "SECRET8") if line.lower().startswith("author:") else line for line in lines[1:]]
        lines = [lines[0], *(f"{name}: '{text.replace(chr(39), '')}'" for name, text in PLANTED.items()), *marked]
    return "\n".join(lines).encode()


def left_by(into: Path) -> str:
    """Return all that the files of a corpus hold, but for the links that people wrote into their texts."""
    found = []
    for path in sorted(into.iterdir()):
        if path.suffix != ".parquet":
            found.append(path.read_text(encoding="utf-8"))
            continue
        table = pq.read_table(path)
        for name in table.column_names:
            cells = str(table[name].to_pylist())
            found.append(_LINK.sub("", cells) if name == "text" else cells)
        found.append(str(table.schema.metadata))
    return "\n".join(found)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "SECRET KEY of some length")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_token_no_device_and_no_account_is_left_anywhere(tmp_path: Path, path: Path) -> None:
    suffix = path.suffix.lower()
    plant = (
        in_json if suffix in JSON else in_table if suffix in TABLE else in_workbook if suffix == ".xlsx" else in_text
    )
    other, into = tmp_path / "SECRET at home" / path.name, tmp_path / "corpus"
    other.parent.mkdir()
    other.write_bytes(plant(path))
    try:
        imported = import_files([other], into, ImportOptions("Test", format=path.parent.name))
    except InputError as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert "no row was imported" in told
        assert "SECRET" not in told
        assert not into.exists()
        return
    # Twice: a second import reads what the first left, and the same rows as another crawl are all duplicates.
    import_files([other], into, ImportOptions("Test again", format=path.parent.name, again=True))
    assert sum(report.read for report in imported.reports) > 0
    assert {store.INFO, store.REJECTED, store.DUPLICATES} <= {file.name for file in into.iterdir()}
    # In a table beneath a title what is planted is a column's name, and columns are named.
    told = "\n".join(line for line in imported.lines(Path("corpus")) if not line.startswith("  not read: "))
    assert re.findall(r".{0,40}(?:SECRET|13800138000).{0,20}", left_by(into) + told) == []


@pytest.mark.parametrize("path", sorted((FOLDER / BY_CELLS).glob("*.csv")), ids=lambda path: path.name)
def test_the_channel_of_a_takeout_is_left_nowhere(tmp_path: Path, path: Path) -> None:
    channels = set(re.findall(r"UC[\w-]{22}", path.read_text(encoding="utf-8")))
    imported = import_files([path], tmp_path / "corpus", ImportOptions("Test"))
    left = left_by(tmp_path / "corpus") + "\n".join(imported.lines(Path("corpus")))
    assert channels
    assert [channel for channel in channels if channel in left] == []


@pytest.mark.parametrize("where", [{}, {"nick": "somebody"}, {"author": "other"}])
def test_a_tables_rejected_rows_tell_nobodys_name(tmp_path: Path, where: dict[str, str]) -> None:
    columns = {"text": "said", "utterance_id": "id", "speaker": "author", "posted_at": "when", "likes": "likes"}
    rows = [
        ["1", "@SECRETname hi, SECRET.mail@example.org", "SECRET author", "2025-01-01", "1", "SECRET nick", "SECRET"],
        ["1", "another text @SECRETname", "SECRET author", "2025-01-01", "1", "SECRET nick", "SECRET"],
        ["2", "hi @SECRETname", "SECRET author", "no time", "1", "SECRET nick", "SECRET"],
        ["3", "hi @SECRETname", "SECRET author", "2025-01-01", "many", "SECRET nick", "SECRET"],
        ["4", "@SECRETname", "SECRET author", "2025-01-01", "1", "SECRET nick", "SECRET", "one cell too many"],
        ["5", "fine", "other", "2025-01-01", "1", "somebody", "SECRET"],
        ["5", "fine", "other", "2025-01-01", "1", "somebody", "SECRET"],
    ]
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "said", "author", "when", "likes", "nick", "token"], *rows])
    into = tmp_path / "corpus"
    imported = import_files([path], into, ImportOptions("Test", columns, where=where))
    (report,) = imported.reports
    assert report.read == 7 == report.imported + report.rejected + report.duplicates
    assert report.rejected >= 1
    assert report.duplicates == 1
    told = "\n".join(imported.lines(Path("corpus")))
    assert re.findall(r".{0,40}SECRET.{0,20}", left_by(into) + told) == []


def test_a_thread_that_is_a_title_names_nobody(tmp_path: Path) -> None:
    rows = "so free,A talk with @SECRETname,@SECRETname\nso quiet,A talk with @SECRETname,SECRET.mail@example.org\n"
    (tmp_path / "a.csv").write_text("text,thread_id,cluster_id\n" + rows, encoding="utf-8")
    columns = {name: name for name in ("text", "thread_id", "cluster_id")}
    (tmp_path / "b.csv").write_text("text,thread_id,cluster_id\nso @SECRETname,v,A talk\n", encoding="utf-8")
    assert (
        import_files([tmp_path / "b.csv"], tmp_path / "corpus", ImportOptions("Test", columns)).replaced["mention"] == 1
    )
    imported = import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", columns))
    assert "SECRET" not in left_by(tmp_path / "corpus") + "\n".join(imported.lines(Path("corpus")))


@pytest.mark.parametrize("column", ["utterance_id", "parent_id", "collection", "platform", "original_language"])
@pytest.mark.parametrize("name", ["@SECRETname", "＠SECRETname", "u/SECRETname", "SECRET.mail@example.org"])
def test_no_column_of_a_shifted_row_keeps_whom_it_names(tmp_path: Path, column: str, name: str) -> None:
    (tmp_path / "a.csv").write_text(f"words,what\nso free,{name}\n,{name}\nso quiet,b1\n", encoding="utf-8")
    imported = import_files(
        [tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", {"text": "words", column: "what"})
    )
    (report,) = imported.reports
    assert (report.imported, report.rejected) == (2, 1)
    assert "SECRET" not in left_by(tmp_path / "corpus") + "\n".join(imported.lines(Path("corpus")))


TITLES = (
    "和老板聊平壤电话13912340987",
    "看https://x.com/SECRETname视频",
    "see https://instagram.com/SECRETname now",
    "[a](https://x.com/SECRETname)",
    "加微信SECRET_1看朝鲜",
    "回复SECRETname：好",
)


@pytest.mark.parametrize("column", ["thread_id", "cluster_id", "parent_id", "utterance_id", "collection"])
@pytest.mark.parametrize("title", TITLES)
def test_a_title_without_blanks_names_nobody_either(tmp_path: Path, column: str, title: str) -> None:
    (tmp_path / "a.csv").write_text(f"words,what\nso free,{title}\n", encoding="utf-8")
    columns = {"text": "words", column: "what"}
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", columns))
    (kept,) = read_corpus(tmp_path / "corpus")[column]
    assert not re.search("SECRET|1391234", kept)
    assert len(kept) > 5


@pytest.mark.parametrize("column", ["collection", "platform", "original_language", "region"])
def test_no_word_that_rows_are_put_together_by_is_somebodys_link(tmp_path: Path, column: str) -> None:
    names = ("https://x.com/SECRETname", "instagram.com/SECRETname", "u/SECRETname", "加微信SECRET_1")
    rows = "".join(f"so free {number},{name}\n" for number, name in enumerate(names))
    (tmp_path / "a.csv").write_text("words,what\n" + rows + "so quiet,辽宁\n", encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", {"text": "words", column: "what"}))
    assert read_corpus(tmp_path / "corpus")[column].tolist()[-1] == "辽宁"
    assert "SECRET" not in left_by(tmp_path / "corpus")


def test_an_address_in_a_files_name_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "SECRET.mail@example.org.csv").write_text("text,video_id\nso free,v\n", encoding="utf-8")
    import_files([tmp_path / "SECRET.mail@example.org.csv"], tmp_path / "corpus", ImportOptions("Test"))
    assert "SECRET" not in left_by(tmp_path / "corpus")


def test_addresses_that_are_threads_stay_as_many_threads(tmp_path: Path) -> None:
    rows = "".join(f"so free {number},{number // 2}SECRET@g.example.org\n" for number in range(4))
    (tmp_path / "a.csv").write_text("text,thread_id\n" + rows, encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test"))
    corpus = read_corpus(tmp_path / "corpus")
    assert corpus.groupby("thread_id").size().tolist() == [2, 2]
    assert "SECRET" not in left_by(tmp_path / "corpus")


@pytest.mark.parametrize("name", ["thread_id", "cluster_id", "parent_id", "utterance_id"])
def test_who_speaks_is_no_id(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text("text,author\nso free,SECRETname\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"is mapped to speaker and to {name}") as refused:
        import_files(
            [tmp_path / "a.csv"],
            tmp_path / "corpus",
            ImportOptions("Test", {"text": "text", "speaker": "author", name: "author"}),
        )
    assert "SECRET" not in str(refused.value)


def test_the_name_in_a_downloads_name_is_not_kept(tmp_path: Path) -> None:
    (comments,) = (path for path in FILES if path.parts[-2:] == ("instagram-download-comments", "post_comments_1.json"))
    archive = tmp_path / "instagram-SECRET.name-2025-01-02-AbCdEf12.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(comments, "your_instagram_activity/comments/post_comments_1.json")
    folder = tmp_path / "facebook-SECRETname-2025-01-02-AbCdEf12" / "comments"
    folder.mkdir(parents=True)
    shutil.copy(comments, folder)
    into = tmp_path / "corpus"
    imported = import_files([archive, folder.parent], into, ImportOptions("Test"))
    assert [report.file for report in imported.reports] == [
        "instagram-[name]-2025-01-02-AbCdEf12.zip: your_instagram_activity/comments/post_comments_1.json",
        "facebook-[name]-2025-01-02-AbCdEf12/comments/post_comments_1.json",
    ]
    assert "SECRET" not in left_by(into) + "\n".join(imported.lines(Path("corpus")))


def test_what_could_not_be_read_is_not_said_where_it_may_be_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "comment_id,video_id,author,text,likes,published_at\n"
    (tmp_path / "a.csv").write_text(head + "c1,v1,x,so quiet,hill.fern,青石板\n", encoding="utf-8")
    assert main(["import", str(tmp_path / "a.csv"), "--into", str(tmp_path / "corpus"), "--collection", "Test"]) == 0
    assert main(["info", str(tmp_path / "corpus")]) == 0
    said = "".join(capsys.readouterr())
    assert "likes not read in 1 row, e.g. in row 1" in said
    assert "fern" not in said
    assert "青石板" not in said


def test_who_keeps_names_keeps_labels_and_ids_as_they_are(tmp_path: Path) -> None:
    said = "utterance_id,collection,platform,original_language,text\n@one,Mine,TikTok,en,so free here\n"
    (tmp_path / "a.csv").write_text(said, encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", keep_speakers=True))
    (row,) = read_corpus(tmp_path / "corpus").to_dict("records")
    kept = [row[name] for name in ("utterance_id", "collection", "platform", "original_language")]
    assert kept == ["@one", "Mine", "tiktok", "en"]
