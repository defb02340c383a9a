"""What ``vantage info`` shows is what is in the corpus, counted by hand, and nothing of it acts on a terminal."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, store
from analysis.study.holdings import read_holdings

COLUMNS = {"text": "said", "thread_id": "video", "posted_at": "date"}
ROWS = [("so free", "v1", "2025-01-02"), ("really?", "v1", "2025-03-04"), ("bad date", "v1", "x"), ("好地方", "v2", "")]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a corpus of two files in two collections."""
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    rows = [{"said": said, "video": video, "date": date, "lang": "x" * (said != "nice")} for said, video, date in ROWS]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,language\nok,zh\nok,zh\n", encoding="utf-8")
    into = tmp_path / "corpus"
    one = ImportOptions("Old \x1b[2J streets", COLUMNS, {"vantage": "western_commenter"}, {"lang": "x"})
    import_files([tmp_path / "a.jsonl"], into, one)
    import_files([tmp_path / "b.csv"], into, ImportOptions("At large"))
    return into


def test_collections_and_who_speaks_are_counted(corpus: Path) -> None:
    found = read_holdings(corpus)
    large, old = found.collections.to_dict("records")
    assert large["collection"] == "At large"
    assert (large["rows"], large["languages"], large["threads"]) == (2, "zh 2", 0)
    assert pd.isna(large["first"])
    assert (large["clusters"], large["effective_clusters"]) == (2, 2.0)
    dated = sum(file["imported"] for file in store.read_info(corpus)["files"][:1])
    assert (old["rows"], old["first"], old["last"]) == (dated, "2025-01-02", "2025-03-04")
    assert (old["threads"], old["clusters"]) == (2, 2)
    sizes = [dated - 1, 1]
    assert old["effective_clusters"] == pytest.approx(sum(sizes) ** 2 / sum(size**2 for size in sizes))
    assert found.who[["vantage", "origin"]].to_numpy().tolist()[1] == ["western_commenter", "western"]


def test_files_say_why_rows_were_rejected(corpus: Path) -> None:
    files = read_holdings(corpus).files
    info = store.read_info(corpus)["files"]
    assert files["rejected"].tolist() == [file["rejected"] for file in info]
    assert [sum(why.values()) for why in files["reasons"]] == files["rejected"].tolist()
    (corpus / store.REJECTED).write_text("changed\n", encoding="utf-8")
    assert read_holdings(corpus).files["reasons"].tolist() == [None, None]


def test_reasons_belong_to_their_file(tmp_path: Path) -> None:
    for name, text in (("a", ""), ("b", "here"), ("c", "")):
        (tmp_path / f"{name}.csv").write_text(f"text,platform,by\n{text},weibo,{name}\nfine,weibo,z\n", "utf-8")
    into = tmp_path / "corpus"
    import_files([tmp_path / "a.csv"], into, ImportOptions("One"))
    import_files([tmp_path / "b.csv", tmp_path / "c.csv"], into, ImportOptions("Two", where={"by": "z"}))
    reasons = read_holdings(into).files["reasons"].tolist()
    assert reasons == [Counter({"no text (a picture or a sticker)": 1}), *[Counter({"by is not z": 1})] * 2]


def test_the_command_prints_tables_that_nothing_in_them_breaks(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(corpus)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "Old \\x1b[2J streets" in out
    assert "western_commenter" in out
    assert f"of {len(store.read_info(corpus)['files'])} files" in out


def test_where_there_is_no_corpus_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tmp_path / "none")]) == 2
    assert "no corpus here" in capsys.readouterr().err
