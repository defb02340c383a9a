"""Sheets hold what was drawn and nothing of who said it; a sample that goes on knows all its probabilities."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.cli import main
from analysis.compare.sampling import design
from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.codes import item_code, read_coding
from analysis.corpus.remove import remove
from analysis.errors import InputError, ParameterError
from analysis.measure.cache import measured_files
from analysis.parameters import parse_parameters
from analysis.study.holdings import read_holdings
from analysis.study.manifest import make_manifest
from analysis.study.read_codes import take_codes
from analysis.study.sheet import Asked, make_sheet, read_frame, tell_power
from analysis.study.translated import take_translations

SIDES = {"western_commenter": "so {} and free, number {}", "chinese_viewer": "这里很{} 第{}号"}
WORDS = {"western_commenter": ["happy", "sad", "ordinary", "zzz"], "chinese_viewer": ["快乐", "悲伤", "普通", "嗯"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a measured corpus of two sides, 180 utterances each in 20 threads, some of whose cells are dangerous."""
    folder = tmp_path_factory.mktemp("sheet")
    for vantage, form in SIDES.items():
        texts = [form.format(WORDS[vantage][at % 4], at) for at in range(180)]
        texts = [("=HYPERLINK(1) ", "-2 ", "", "")[at % 4] + text for at, text in enumerate(texts)]
        ids = [f"-{vantage[0]}{at:03}" if at % 5 else f"{vantage[0]}{at:03}" for at in range(180)]
        frame = pd.DataFrame(
            {
                "utterance_id": ids,
                "text": texts,
                "thread_id": [f"{vantage[0]}-thread-{at % 20}" for at in range(180)],
                "speaker": [f"somebody {at}" for at in range(180)],
            }
        )
        frame.to_parquet(folder / f"{vantage}.parquet")
        said = ImportOptions(f"Collection {vantage}", {}, {"vantage": vantage, "platform": "youtube"})
        import_files([folder / f"{vantage}.parquet"], folder / "corpus", said)
    measured_files(folder / "corpus")
    return folder / "corpus"


def test_what_cannot_be_drawn_is_told_where_there_is_any(made: Path) -> None:
    frame, told = read_frame(made)
    assert told == f"{len(frame)} utterances can be drawn"
    assert len(frame) == 360


@pytest.fixture
def corpus(made: Path, tmp_path: Path) -> Path:
    """Return a corpus to be changed."""
    return Path(shutil.copytree(made, tmp_path / "corpus"))


def test_of_a_corpus_in_which_nobody_has_a_vantage_nothing_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,thread_id\nso clean,a\nstaged,b\n", encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Reference"))
    with pytest.raises((InputError, ParameterError), match="vantage retag"):
        make_sheet(tmp_path / "corpus", Asked(codes=10))


@pytest.fixture(scope="module")
def drawn(made: Path) -> Path:
    """Return a corpus with a sample of 120 for two coders; tests only read it."""
    folder = Path(shutil.copytree(made, made.parent / "drawn"))
    make_sheet(str(folder), Asked(codes=120, coders=2, overlap=30, concepts=["staged", "ordinary life"]))
    return folder


def rows_of(path: Path) -> list[tuple]:
    return list(openpyxl.load_workbook(path)["codes"].iter_rows(values_only=True))


def test_the_sheets_hold_what_was_drawn_and_nothing_of_who_said_it(drawn: Path) -> None:
    sample = read_coding(drawn, "sample")
    texts = read_corpus(drawn).set_index("utterance_id")["text"]
    sheets = drawn / "coding" / "sheets"
    items = []
    for coder in (1, 2):
        header, *rows = rows_of(sheets / f"wave1-coder{coder}.xlsx")
        assert header == ("item", "text", "stance", "staged", "ordinary life", "concepts read", "note", "coder")
        assert {row[-1] for row in rows} == {f"coder{coder}"}
        items.append([row[0] for row in rows])
        assert items[-1] != sorted(items[-1])
        csv = pd.read_csv(sheets / f"wave1-coder{coder}.csv", dtype=str, keep_default_na=False)
        assert csv[["item", "text"]].to_numpy().tolist() == [list(row[:2]) for row in rows]
        tasks = json.loads((sheets / f"wave1-coder{coder}-label-studio.json").read_text(encoding="utf-8"))
        lines = (sheets / f"wave1-coder{coder}-doccano.jsonl").read_text(encoding="utf-8").splitlines()
        assert [task["data"]["item"] for task in tasks] == items[-1]
        assert [json.loads(line)["item"] for line in lines] == items[-1]
        assert all(set(task["data"]) == {"item", "text", "coder"} for task in tasks)
    expected = {item_code(uid, "original"): texts[uid] for uid in sample["utterance_id"]}
    assert len(expected) == 120
    assert set(items[0]) | set(items[1]) == set(expected)
    assert len(set(items[0]) & set(items[1])) == 30
    assert [task["data"]["text"] for task in tasks] == [expected[item] for item in items[1]]
    hidden = ["thread", "youtube", "Collection", "western", "chinese_viewer", "probability", "user_"]
    for path in sheets.iterdir():
        data = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                data = b"".join(book.read(name) for name in book.namelist())
        assert not [word for word in hidden if word.encode() in data], path.name


def test_no_cell_is_run_and_drop_downs_name_the_accepted_values(drawn: Path) -> None:
    sheets = drawn / "coding" / "sheets"
    seen = ""
    for path in sheets.glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        for sheet in book:
            for row in sheet.iter_rows():
                assert all(cell.data_type in {"s", "n"} for cell in row)  # n: empty
                seen += "".join(str(cell.value) for cell in row if cell.value and "HYPERLINK" in str(cell.value))
    assert "'=HYPERLINK" in seen
    assert "\n=" not in (sheets / "wave1-coder1.csv").read_text(encoding="utf-8-sig")
    book = openpyxl.load_workbook(sheets / "wave1-coder1.xlsx")
    rules = {rule.promptTitle: rule for rule in book["codes"].data_validations.dataValidation}
    assert set(rules) == {"stance", "staged", "ordinary life", "concepts read"}
    assert rules["stance"].formula1 == "values!$A$2:$A$7"
    assert [cell.value for cell in book["values"]["A"]][:7] == ["stance", "-2", "-1", "0", "1", "2", "unclear"]
    assert all(len(rule.prompt) <= 255 for rule in rules.values())
    assert book["codes"]["C2"].number_format == "@"
    page = [row[0] for row in book["codebook"].iter_rows(values_only=True)]
    assert page[-3:] == ["stance", "staged", "ordinary life"]


def test_the_interface_of_label_studio_is_xml_with_every_value(drawn: Path) -> None:
    root = ET.parse(drawn / "coding" / "sheets" / "label-studio.xml").getroot()  # noqa: S314  our own
    told = {one.get("name"): [choice.get("value") for choice in one] for one in root.iter("Choices")}
    assert told == {
        "stance": ["-2", "-1", "0", "1", "2", "unclear"],
        "concepts": ["staged", "ordinary life"],
        "concepts_read": ["yes"],
    }


def test_two_waves_have_the_probability_of_being_in_either(corpus: Path) -> None:
    frame, _ = read_frame(corpus)
    make_sheet(str(corpus), Asked(codes=60, concepts=["none"], seed=5))
    once = read_coding(corpus, "sample")
    said = make_sheet(str(corpus), Asked(more=90))
    sample = read_coding(corpus, "sample").set_index("utterance_id")
    one, two = (pd.Series(design(frame, n).probability, index=frame["utterance_id"]) for n in (60, 90))
    assert once.set_index("utterance_id")["probability"].to_dict() == pytest.approx(one[once["utterance_id"]].to_dict())
    expected = 1 - (1 - one) * (1 - two)
    assert sample["probability"].to_dict() == pytest.approx(expected[sample.index].to_dict(), rel=1e-9)
    # As many as both waves drew, each once.
    waves = [design(frame, n).draw(np.random.default_rng([5, wave, 0])) for wave, n in ((1, 60), (2, 90))]
    assert set(sample.index) == set(frame["utterance_id"][waves[0] | waves[1]])
    assert (sample["wave"] == 2).sum() == (waves[1] & ~waves[0]).sum() < 90
    assert any("drawn before and not coded again" in line for line in said)
    assert (sample["translation"] == "yes").sum() == 100


def test_an_utterance_that_came_later_counts_with_the_wave_that_it_could_be_in(corpus: Path, tmp_path: Path) -> None:
    make_sheet(str(corpus), Asked(codes=40))
    late = pd.DataFrame({"utterance_id": ["late"], "text": ["so late and free"], "thread_id": ["w-thread-1"]})
    late.to_parquet(tmp_path / "late.parquet")
    said = {"vantage": "western_commenter", "platform": "youtube"}
    import_files([tmp_path / "late.parquet"], corpus, ImportOptions("Collection western_commenter", {}, said))
    make_sheet(str(corpus), Asked(more=361))
    sample = read_coding(corpus, "sample").set_index("utterance_id")
    assert len(sample) == 361
    assert sample["probability"].to_numpy() == pytest.approx(1)
    assert sample.loc["late", "wave"] == 2


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    bytes_of = []
    for name in ("a", "b"):
        folder = Path(shutil.copytree(made, tmp_path / name))
        make_sheet(str(folder), Asked(codes=30, coders=2, seed=3))
        paths = sorted(path for path in (folder / "coding").rglob("*") if path.is_file())
        bytes_of.append({path.relative_to(folder): path.read_bytes() for path in paths})
    assert bytes_of[0] == bytes_of[1]
    assert len(bytes_of[0]) == 16
    folder = Path(shutil.copytree(made, tmp_path / "c"))
    make_sheet(str(folder), Asked(codes=30, coders=2, seed=4))
    assert (folder / "coding" / "sample.csv").read_bytes() != bytes_of[0][Path("coding/sample.csv")]


def test_nothing_is_written_over_and_nothing_changes_where_something_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sample to go on with"):
        make_sheet(str(corpus), Asked(more=10))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "wave1-coder1.csv").write_text("coded", encoding="utf-8")
    with pytest.raises(InputError, match=r"wave1-coder1\.csv: exists and is not replaced"):
        make_sheet(str(corpus), Asked(codes=30, out=tmp_path / "out"))
    assert not (corpus / "coding").exists()
    make_sheet(str(corpus), Asked(codes=30))
    with pytest.raises(InputError, match=r"has a sample already \(accepted: --more N\)"):
        make_sheet(str(corpus), Asked(codes=30))
    before = (corpus / "coding" / "sample.csv").read_bytes()
    make_sheet(str(corpus), Asked(more=0, out=tmp_path / "again"))
    for path in (corpus / "coding" / "sheets").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    assert (corpus / "coding" / "sample.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("item,nominal,a b,x", "row 1, column variable: 'item' cannot name a variable"),
        ("v,ordered,1 2,x", r"column kind: 'ordered' is not known \(accepted: ordinal, nominal\)"),
        ("v,ordinal,a b,x", "column values: are no numbers"),
        ("v,nominal,=a b,x", "column values: '=a' cannot be a value"),
        ("v,nominal,a A,x", "column values: are not 2 to 50 different values"),
    ],
)
def test_a_scheme_of_ones_own_is_looked_at(made: Path, tmp_path: Path, row: str, says: str) -> None:
    (tmp_path / "scheme.csv").write_text(f"variable,kind,values,meaning\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        make_sheet(str(made), Asked(scheme=tmp_path / "scheme.csv"))


def test_numbers_that_cannot_be_are_refused(made: Path) -> None:
    with pytest.raises(ParameterError, match=r"--codes 0 \(accepted: 1 to 1,000,000,000\)"):
        Asked(codes=0)
    with pytest.raises(ParameterError, match=r"--coders 500 \(accepted: 1 to 100\)"):
        Asked(coders=500)
    with pytest.raises(ParameterError, match="--seed 99999999999999999999"):
        Asked(seed=99999999999999999999)
    with pytest.raises(ParameterError, match="--more keeps the scheme"):
        Asked(more=10, concepts=["staged"])
    with pytest.raises(ParameterError, match="'joy' is no concept of the codebook"):
        make_sheet(str(made), Asked(concepts=["joy"]))
    with pytest.raises(ParameterError, match="were chosen, not gathered"):
        make_sheet("quotations", Asked())


def test_power_draws_nothing(made: Path) -> None:
    said = tell_power(str(made), Asked(codes=120))
    assert any(line.startswith("Chinese viewers - western commenters") for line in said)
    assert not (made / "coding").exists()


def test_no_more_is_promised_or_drawn_than_there_is(made: Path, corpus: Path) -> None:
    frame, _ = read_frame(made)
    said = tell_power(str(made), Asked(codes=9999))
    numbers = {int(line.split()[2].replace(",", "")) for line in said if line.startswith("Chinese viewers  ")}
    assert max(numbers) == len(frame)
    assert any(line.startswith(f"there are {len(frame):,} utterances") for line in said)
    drawn = make_sheet(str(corpus), Asked(codes=9999, concepts=["none"]))
    assert f"wave 1: {len(frame):,} utterances drawn in" in drawn[1]
    assert drawn[1].endswith("strata, all that there are, of 9,999 asked for")


def test_translations_become_sheets_of_their_own(corpus: Path) -> None:
    make_sheet(str(corpus), Asked(codes=110, coders=2, overlap=10, concepts=["none"]))
    sheets = corpus / "coding" / "sheets"
    book = openpyxl.load_workbook(sheets / "wave1-translator.xlsx")
    page = book["translation"]
    assert page.max_row == 101
    for row in page.iter_rows(min_row=2, max_row=91):
        row[2].value = f"in other words: {row[1].value}"
    book.save(sheets / "back.xlsx")
    taken = take_translations(sheets / "back.xlsx", str(corpus))
    assert not taken.refused
    assert taken.said[0].endswith("100 rows = 90 new + 0 unchanged + 10 not yet translated + 0 refused")
    rows = [row for at in (1, 2) for row in rows_of(sheets / f"wave1-coder{at}-translation.xlsx")[1:]]
    originals = {row[0] for at in (1, 2) for row in rows_of(sheets / f"wave1-coder{at}.xlsx")}
    assert len({row[0] for row in rows}) == 90
    assert not originals & {row[0] for row in rows}
    assert all(row[1].startswith("in other words: ") for row in rows)
    again = take_translations(sheets / "back.xlsx", str(corpus))
    assert again.said[0].endswith("0 new + 90 unchanged + 10 not yet translated + 0 refused")
    page.cell(2, 3).value = "quite another"
    book.save(sheets / "back.xlsx")
    other = take_translations(sheets / "back.xlsx", str(corpus))
    assert other.refused
    assert "back.xlsx, cell C2: another translation is there already; that stays" in other.said[0]
    # What a translator did later becomes sheets beside those that the coders have.
    for row in page.iter_rows(min_row=92, max_row=101):
        row[2].value = f"in other words: {row[1].value}"
    book.save(sheets / "later.xlsx")
    assert (
        "10 new + 89 unchanged + 0 not yet translated + 1 refused"
        in take_translations(sheets / "later.xlsx", str(corpus)).said[1]
    )
    later = {row[0] for at in (1, 2) for row in rows_of(sheets / f"wave1-coder{at}-translation-2.xlsx")[1:]}
    assert len(later) == 10
    assert not later & {row[0] for row in rows}
    page["C1"] = "in Chinese"
    book.save(sheets / "renamed.xlsx")
    lost = take_translations(sheets / "renamed.xlsx", str(corpus))
    assert lost.refused
    assert "'in Chinese' is no column of the sheet; the column is not read (accepted: translation)" in lost.said[0]
    # Codes of the translation are of the same utterance, in its other variant.
    coded = openpyxl.load_workbook(sheets / "wave1-coder1-translation.xlsx")
    coded["codes"]["C2"] = "1"
    coded.save(sheets / "coded.xlsx")
    take_codes([sheets / "coded.xlsx"], str(corpus), "2026-05-01")
    codes = read_coding(corpus, "codes")
    assert codes[["variant", "coder", "variable", "value"]].to_numpy().tolist() == [
        ["translation", "coder1", "stance", "1"]
    ]
    assert item_code(codes["utterance_id"][0], "translation") == coded["codes"]["A2"].value


def test_a_pinned_corpus_and_a_manifest_carry_the_codes_and_a_removal_counts_them(corpus: Path, tmp_path: Path) -> None:
    parameters = parse_parameters({"corpus": str(corpus)})
    assert "coding" not in make_manifest(parameters, corpus, "corpus")["corpus"]
    make_sheet(str(corpus), Asked(codes=40, concepts=["none"]))
    sheet = corpus / "coding" / "sheets" / "wave1-coder1.xlsx"
    book = openpyxl.load_workbook(sheet)
    for row in range(2, 42):
        book["codes"].cell(row, 3).value = "1"
    book.save(tmp_path / "coded.xlsx")
    before = make_manifest(parameters, corpus, "corpus")["corpus"]
    take_codes([tmp_path / "coded.xlsx"], str(corpus), "2026-05-01")
    after = make_manifest(parameters, corpus, "corpus")["corpus"]
    assert before != after
    assert set(after["coding"]) == {"sample", "scheme", "codes"}
    store.pin(corpus, tmp_path / "pinned")
    codes = read_coding(corpus, "codes")
    removed = remove(corpus, collection="Collection chinese_viewer")
    gone = codes["utterance_id"].str.contains("c").sum()
    assert (removed.codes, removed.coded) == (gone, gone)
    assert any(
        f"{gone} codes of {gone} utterances that went: kept in coding/, and count no more" in line
        for line in removed.lines()
    )
    # Kept, and still readable; the pinned corpus is what it was.
    assert len(read_coding(corpus, "codes")) == 40
    assert read_coding(tmp_path / "pinned", "codes").equals(codes)
    assert len(read_corpus(tmp_path / "pinned")) == 360
    assert make_manifest(parameters, tmp_path / "pinned", "corpus")["corpus"] == after
    said = take_codes([tmp_path / "coded.xlsx"], str(corpus), "2026-05-02").said
    assert said[-1] == f"{gone} codes of {gone} utterances no longer in the corpus are kept, and count no more"
    assert any("coded: 40 codes" in line for line in read_holdings(corpus).lines())


def test_the_commands_do_it_all(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--corpus", str(corpus)]
    assert main(["sheet", *at, "--codes", "40", "--concepts", "staged", "--out", str(tmp_path / "sheets")]) == 0
    told = capsys.readouterr().out
    assert "wave 1: 40 utterances drawn" in told
    assert "\nwestern commenters " in told
    assert "western_commenter " not in told
    path = tmp_path / "sheets" / "wave1-coder1.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",,,,,coder1", ",2,,yes,,coder1")
    lines[2] = lines[2].replace(",,,,,coder1", ",-3,,,,coder1")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["codes", str(path), *at, "--coder", "Ann"]) == 2
    out = capsys.readouterr().out
    assert f"{path}, cell C3: '-3' is no value of stance (accepted: -2, -1, 0, 1, 2, unclear)" in out
    assert "40 rows = 2 with codes + 38 without + 0 refused" in out
    assert '3 codes (1 "no" because the concepts were read) = 2 new + 0 unchanged + 0 replaced + 1 refused' in out
    assert read_coding(corpus, "codes")[["coder", "variable", "value"]].to_numpy().tolist() == [
        ["Ann", "stance", "2"],
        ["Ann", "staged", "no"],
    ]
    capsys.readouterr()
    assert main(["sheet", *at, "--power"]) == 0
    told = capsys.readouterr().out
    assert "Chinese viewers - western commenters" in told
    assert not re.search("chinese_viewer|western_commenter", told)
    assert main(["sheet", *at, "--more", "10"]) == 0
