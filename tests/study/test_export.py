"""What is exported is what is in the corpus and what was measured, and no spreadsheet runs or cuts any of it."""

from __future__ import annotations

import shutil
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.errors import InputError
from analysis.measure.cache import measured_files
from analysis.study import export
from analysis.study.export import export_corpus

TEXTS = [
    "so free and happy",
    "=1+1 staged",
    "这么自由\n演的",
    "평양",
    'a;=cmd|" x',
    "said @someone +8613800138000",
    "\x07bell",
    "-",
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a measured corpus whose cells are of every kind that a table must keep; tests only read it."""
    folder = tmp_path_factory.mktemp("export")
    frame = pd.DataFrame(
        {
            "utterance_id": [str(7512345678901234560 + at) for at in range(len(TEXTS))],
            "text": TEXTS,
            "speaker": [f"-name {at}" for at in range(len(TEXTS))],
            "likes": [3, None, 12, None, 0, 1, 1, 1],
            "posted_at": ["2025-01-02T03:04:05Z", None, *["2025-02-03"] * 6],
        }
    )
    frame["likes"] = frame["likes"].astype("Int64")
    frame.to_parquet(folder / "a.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANTAGE_KEY", "a key of some length")
        said = {"vantage": "western_commenter", "platform": "youtube"}
        import_files([folder / "a.parquet"], folder / "corpus", ImportOptions("C", {}, said))
    measured_files(folder / "corpus")
    return folder / "corpus"


def test_parquet_holds_the_corpus_its_measures_and_its_concepts(tmp_path: Path, corpus: Path) -> None:
    done = export_corpus(str(corpus), tmp_path / "a.parquet")
    table, said = pd.read_parquet(tmp_path / "a.parquet"), read_corpus(corpus)
    assert (done.rows, done.columns) == table.shape
    same = [name for name in said if name != "language"]
    pd.testing.assert_frame_equal(table[same], said[same])
    measures = pq.read_table(measured_files(corpus).measures).to_pandas()
    for name in ("language", "vader", "vader_n", "labmt", "zh_rules", "emoji_n"):
        pd.testing.assert_series_equal(table[name], measures[name])
    mentions = pq.read_table(measured_files(corpus).mentions).to_pandas()
    for concept in ("freedom", "staged"):
        ids = set(mentions.loc[mentions["concept"] == concept, "utterance_id"])
        right = [
            float(name in ids) if language in {"en", "zh"} else None
            for name, language in zip(table["utterance_id"], table["language"], strict=True)
        ]
        assert (
            table[f"concept_{concept}"].astype(object).where(table[f"concept_{concept}"].notna(), None).tolist()
            == right
        )
        assert 1.0 in right
        assert None in right
    assert "concept_ordinary_life" in table


def test_a_part_of_an_export_is_a_corpus_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As README says: one platform by itself has the texts, sides, collections and clusters that it had."""
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    for platform, vantage in (("weibo", "chinese_viewer"), ("youtube", "vlogger"), ("weibo", "")):
        rows = [f"t{at % 3},a{at % 2},{at},'so free {at}" for at in range(7)]
        (tmp_path / "a.csv").write_text("\n".join(["thread_id,speaker,likes,text", *rows]) + "\n", encoding="utf-8")
        said = {"platform": platform, "vantage": vantage} if vantage else {"platform": platform}
        import_files(
            [tmp_path / "a.csv"], tmp_path / "mine", ImportOptions(f"C of {vantage or 'all'}", {}, said, again=True)
        )
    whole, part = str(tmp_path / "mine"), str(tmp_path / "part")
    export = tmp_path / "mine.parquet"
    assert main(["export", whole, "--to", str(export)]) == 0
    assert main(["import", str(export), "--into", part, "--collection", "W", "--where", "platform=weibo"]) == 0
    was, now = read_corpus(tmp_path / "mine"), read_corpus(tmp_path / "part")
    was = was[was["platform"] == "weibo"].reset_index(drop=True)
    same = ["utterance_id", "text", "vantage", "collection", "platform", "thread_id", "cluster_id", "likes"]
    assert len(now) == 14
    pd.testing.assert_frame_equal(now[same], was[same])


def test_csv_is_for_spreadsheets_and_comes_back(tmp_path: Path, corpus: Path) -> None:
    export_corpus(str(corpus), tmp_path / "a.csv")
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfutterance_id,")
    table = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    said = read_corpus(corpus)
    assert table["utterance_id"].tolist() == said["utterance_id"].tolist()
    assert not table.map(lambda cell: cell[:1] in tuple("=+@\t")).to_numpy().any()
    assert "'=1+1 staged" in table["text"].tolist()
    assert table["posted_at"].tolist()[:2] == ["2025-01-02T03:04:05Z", ""]
    assert table["likes"].tolist()[:4] == ["3", "", "12", ""]
    assert "这么自由" in "".join(table["text"])


def test_xlsx_keeps_ids_and_runs_nothing(tmp_path: Path, corpus: Path) -> None:
    export_corpus(str(corpus), tmp_path / "a.xlsx")
    (header, *rows) = openpyxl.load_workbook(tmp_path / "a.xlsx")["utterances"].iter_rows()
    said = read_corpus(corpus)
    at = {cell.value: place for place, cell in enumerate(header)}
    assert [row[at["utterance_id"]].value for row in rows] == said["utterance_id"].tolist()
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    texts = [row[at["text"]].value for row in rows]
    assert not any(text.startswith(("=", "+", "@", "-")) for text in texts)
    assert "\ufffdbell" in texts
    assert [row[at["likes"]].value for row in rows][:4] == [3, None, 12, None]


def test_sav_is_read_as_it_was_written(tmp_path: Path, corpus: Path) -> None:
    export_corpus(str(corpus), tmp_path / "a.sav")
    table, _ = pyreadstat.read_sav(tmp_path / "a.sav")
    right = export_frame(tmp_path, corpus)
    assert table["text"].tolist() == right["text"].tolist()
    assert table["utterance_id"].tolist() == right["utterance_id"].tolist()
    assert table["posted_at"].tolist()[0] == datetime(2025, 1, 2, 3, 4, 5)  # noqa: DTZ001  SPSS knows no zones
    for name in ("vader", "likes", "concept_freedom"):
        assert table[name].astype(float).equals(right[name].astype(float)), name
    assert table["parent_id"].tolist() == [""] * len(table)


def export_frame(tmp_path: Path, corpus: Path) -> pd.DataFrame:
    export_corpus(str(corpus), tmp_path / "right.parquet", force=True)
    return pd.read_parquet(tmp_path / "right.parquet")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "sav"])
def test_the_same_corpus_is_the_same_bytes_and_what_is_masked_stays_so(tmp_path: Path, corpus: Path, kind: str) -> None:
    for name in "ab":
        export_corpus(str(corpus), tmp_path / f"{name}.{kind}")
    data = (tmp_path / f"a.{kind}").read_bytes()
    assert data == (tmp_path / f"b.{kind}").read_bytes()
    frame = export_frame(tmp_path, corpus)
    assert frame["speaker"].str.fullmatch("user_[0-9a-f]{12}").all()
    assert not frame["text"].str.contains("someone|13800138000").any()
    # No clock is in it.
    if kind == "xlsx":
        with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
            assert {each.date_time[0] for each in book.infolist()} == {1980}
            assert str(datetime.now(UTC).year).encode() not in book.read("docProps/core.xml")
    if kind == "sav":
        assert pyreadstat.read_sav(tmp_path / "a.sav", metadataonly=True)[1].creation_time.year == 1980


def test_paraphrases_have_no_score(tmp_path: Path) -> None:
    export_corpus("quotations", tmp_path / "q.parquet")
    table = pd.read_parquet(tmp_path / "q.parquet")
    reported = table["evidence"] == "paraphrase"
    assert table.loc[reported, ["vader", "vader_n", "labmt"]].isna().all(axis=None)
    assert table.loc[~reported, "vader_n"].notna().all()
    assert table.loc[reported, "concept_freedom"].notna().all()


def test_a_file_that_is_there_is_replaced_when_that_is_asked_for(
    tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.csv"
    out.write_text("mine", encoding="utf-8")
    assert main(["export", str(corpus), "--to", str(out)]) == 2
    assert "exists and is not replaced" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["export", str(corpus), "--to", str(out), "--force"]) == 0
    assert f"{out}: {len(TEXTS)} utterances in" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("name", ["a.xls", "a", "a.txt"])
def test_an_ending_that_is_not_known_is_refused(tmp_path: Path, corpus: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"is not known \(accepted: .csv, .parquet, .sav, .xlsx\)"):
        export_corpus(str(corpus), tmp_path / name)


def test_what_does_not_fit_is_said_before_anything_is_written(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "measure_corpus", lambda *_, **__: pytest.fail("it was measured"))
    monkeypatch.setattr(export, "CELL", 15)
    monkeypatch.setattr(export, "SAV_BYTES", 15)
    for kind, said in (("xlsx", "19 characters"), ("sav", "19 bytes")):
        with pytest.raises(InputError, match=f"row 1, column utterance_id: a text of {said} does not fit"):
            export_corpus(str(corpus), tmp_path / f"a.{kind}")
    monkeypatch.setattr(export, "SHEET_ROWS", len(TEXTS))
    with pytest.raises(InputError, match=rf"{len(TEXTS)} utterances do not fit: a sheet holds {len(TEXTS) - 1} below"):
        export_corpus(str(corpus), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_cell_is_measured_as_excel_counts_it() -> None:
    # An emoji is two units of UTF-16; what begins a formula gets an apostrophe.
    assert [export._units(text) for text in ("ab", "😀", "=a")] == [2, 2, 3]  # noqa: SLF001


def test_without_pyreadstat_the_package_is_named(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(InputError, match="needs the package pyreadstat: pip install pyreadstat"):
        export_corpus(str(corpus), tmp_path / "a.sav")
    assert list(tmp_path.iterdir()) == []


def test_the_corpus_is_left_as_it_was(tmp_path: Path, corpus: Path) -> None:
    copy = shutil.copytree(corpus, tmp_path / "c")
    before = {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    export_corpus(str(copy), tmp_path / "a.csv")
    assert {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
