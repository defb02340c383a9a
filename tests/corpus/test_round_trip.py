"""Texts and ids come back as they went in, and what nobody may know does not come in."""

from __future__ import annotations

import codecs
import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.privacy import Pseudonyms

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
IDS = ["7512345678901234567", "7512345678901234568", "0042", "42", "NA1", "000731"]
TEXTS = [
    "NA",
    "None",
    "nan",
    "👍🏽 👩🏽‍🚀 🇰🇵",
    "one\u2028two\u0085three",
    "a\r\nb\rc",
    'say "so", then;\tgo',
    "自由，吗",
    "\ufeffx",
    "'=1+1",
]
LONG = "城" * 3_500_000


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")


def texts_of(into: Path) -> list[str]:
    return read_corpus(into)["text"].tolist()


def comment(name: str, text: str) -> dict[str, Any]:
    return {"comment_id": name, "aweme_id": "1", "content": text, "user_id": "u", "last_modify_ts": 1740589025042}


def to_csv(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8", line: str = "\n") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator=line)
        writer.writeheader()
        writer.writerows(rows)
    return path


def to_jsonl(path: Path, rows: list[dict[str, Any]], *, ascii_only: bool, bom: bytes = b"") -> Path:
    lines = "".join(json.dumps(row, ensure_ascii=ascii_only) + "\r\n" for row in rows)
    path.write_bytes(bom + lines.encode())
    return path


@pytest.mark.parametrize("form", ["csv", "csv-bom-crlf", "jsonl", "jsonl-bom", "json", "json-ascii"])
@pytest.mark.parametrize("shape", [None, "table"])
def test_what_was_said_comes_back_as_it_was_written(tmp_path: Path, form: str, shape: str | None) -> None:
    rows = [comment(f"{IDS[at % 6]}{at // 6}", text) for at, text in enumerate(TEXTS)]
    if form.startswith("csv"):
        bom = form == "csv-bom-crlf"
        path = to_csv(tmp_path / "a.csv", rows, "utf-8-sig" if bom else "utf-8", "\r\n" if bom else "\n")
    elif form.startswith("jsonl"):
        path = to_jsonl(tmp_path / "a.jsonl", rows, ascii_only=False, bom=codecs.BOM_UTF8 if "bom" in form else b"")
    else:
        path = tmp_path / "a.json"
        path.write_text(json.dumps(rows, ensure_ascii="ascii" in form, indent=4), encoding="utf-8")
    columns = {"text": "content", "utterance_id": "comment_id"} if shape else {}
    if shape and path.suffix == ".json":
        pytest.skip("one document is no table")
    import_files([path], tmp_path / "corpus", ImportOptions("Test", columns, shape=shape))
    assert texts_of(tmp_path / "corpus") == TEXTS
    assert read_corpus(tmp_path / "corpus")["utterance_id"].tolist() == [row["comment_id"] for row in rows]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json"])
@pytest.mark.parametrize("shape", [None, "table"])
def test_ten_megabytes_in_one_cell_are_one_text(tmp_path: Path, suffix: str, shape: str | None) -> None:
    rows = [comment("1", "before"), comment("2", LONG), comment("3", "after")]
    path = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        to_csv(path, rows)
    elif suffix == ".jsonl":
        to_jsonl(path, rows, ascii_only=True)
    else:
        path.write_text(json.dumps(rows), encoding="utf-8")
    if shape and suffix == ".json":
        pytest.skip("one document is no table")
    columns = {"text": "content"} if shape else {}
    import_files([path], tmp_path / "corpus", ImportOptions("Test", columns, shape=shape))
    assert texts_of(tmp_path / "corpus") == ["before", LONG, "after"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_gb18030_is_read_with_its_rare_signs(tmp_path: Path, suffix: str) -> None:
    rows = [comment(str(at), text) for at, text in enumerate(["城市很干净", "没有自由😀", "㐀𠀀"])]
    path = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        to_csv(path, rows, "gb18030")
    else:
        path.write_bytes("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("gb18030"))
    import_files([path], tmp_path / "corpus", ImportOptions("Test"))
    assert texts_of(tmp_path / "corpus") == ["城市很干净", "没有自由😀", "㐀𠀀"]


# What nobody may know ------------------------------------------------------------------------------------------------

SECRETS = {
    "source_url": "https://www.example.org/api?msToken=SECRET1&verifyFp=SECRET2&device_id=SECRET3",
    "user_agent": "SECRET4 (a researcher's browser)",
    "avatar": "https://p3.example.org/a.jpeg?x-signature=SECRET5",
    "note_url": "https://www.example.org/1?xsec_token=SECRET6",
    "sessionid": "SECRET7",
}
JSON_FILES = [path for path in sorted(FOLDER.glob("*/*")) if path.suffix in {".json", ".jsonl", ".ndjson"}]
JSON_FILES = [path for path in JSON_FILES if path.name != "expected.json"]
NAMED = ("nickname", "username", "screen_name", "unique_id", "authorDisplayName", "sec_uid", "user_id", "uid")


def planted(value: Any) -> Any:
    """Return a copy with secrets beside what is in each object, and every account marked."""
    if isinstance(value, list):
        return [planted(part) for part in value]
    if not isinstance(value, dict):
        return value
    marked = {name: f"{part}SECRET8" for name, part in value.items() if name in NAMED and isinstance(part, str)}
    return {
        **{name: planted(part) for name, part in value.items()},
        **marked,
        **{f"{k}_x": v for k, v in SECRETS.items()},
    } | {name: text for name, text in SECRETS.items() if name not in value}


@pytest.mark.parametrize("path", JSON_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_token_no_device_and_no_account_is_ever_stored(tmp_path: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    other = tmp_path / path.name
    other.write_text("".join(json.dumps(planted(document)) + "\n" for document in documents), encoding="utf-8")
    imported = import_files([other], tmp_path / "corpus", ImportOptions("Test", shape=path.parent.name))
    assert sum(sums.read for sums in imported.sums) > 0
    stored = str(pq.read_table(store.table_path(tmp_path / "corpus")).to_pylist())
    stored += "".join(
        file.read_text(encoding="utf-8") for file in (tmp_path / "corpus").iterdir() if file.suffix != ".parquet"
    )
    assert store.INFO in {file.name for file in (tmp_path / "corpus").iterdir()}
    assert "SECRET" not in stored


@pytest.mark.parametrize(
    ("said", "names", "kept"),
    [
        ("快看@小明 真的", ["小明"], "快看@{} 真的"),
        ("@小明，你好", ["小明"], "@{}，你好"),
        ("@小明你好", ["小明你好"], "@{}"),
        ("@小明你说的那个城市我也去过一次真的很干净", ["小明你说的那个城"[:8]], "@{}市我也去过一次真的很干净"),
        ("see https://www.tiktok.com/@Mara.K/video/7", ["mara.k"], "see https://www.tiktok.com/@{}/video/7"),
        ("ask /u/Ben or reddit.com/user/Ben", ["ben", "ben"], "ask /u/{} or reddit.com/user/{}"),
        ("＠小明 好", ["小明"], "＠{} 好"),
        ("a@b", [], "a@b"),
    ],
)
def test_a_mention_ends_where_the_platform_ends_it_and_no_sentence_is_lost(
    said: str, names: list[str], kept: str
) -> None:
    hides = Pseudonyms(lambda: b"0123456789abcdef")
    assert hides.text(said, "weibo") == kept.format(*(hides.of("weibo", name) for name in names))


def test_who_speaks_under_a_name_and_who_is_mentioned_by_it_are_one() -> None:
    hides = Pseudonyms(lambda: b"0123456789abcdef")
    assert hides.text("@Mara hi", "tiktok") == f"@{hides.author('tiktok', '@mara')} hi"
