"""From a file to its scores and back: what is written is what was measured, and nothing is made up."""

from __future__ import annotations

import csv
import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis.cli import main
from analysis.compare.gold import label_words
from analysis.corpus.spreadsheet import tame
from analysis.errors import InputError, ParameterError
from analysis.measure.batch import NEEDED, measure_batch, score_texts
from analysis.measure.instruments import make_instruments
from analysis.study import score

#: Several tests score one file again and again.
score_table = partial(score.score_table, force=True)
NAMES = [tool.name for tool in make_instruments()]
TEXTS = [
    ("en", "What a lovely and beautiful city, I love it!", "happy"),
    ("en", "I hate this awful, terrible place.", "angry"),
    ("zh", "这里真的很漂亮，我好喜欢", "joy"),
    ("zh", "太可怕了，我讨厌这个地方，真恶心", "disgust"),
    ("ko", "북한은 정말 멋지다", "happy"),
    ("none", "เกาหลีเหนือ", "surprise"),
    ("none", "", ""),
    ("none", "😀👍", "neutral"),
    ("en", "of the and to", "neutral"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, rows, header=("id", "text", "label")):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def texts(tmp_path, name="texts.csv"):
    return write(tmp_path / name, [(f"{i:03}", text, label) for i, (_, text, label) in enumerate(TEXTS)])


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rng():
    return np.random.default_rng(1)


def test_every_text_by_every_instrument_that_reads_it(tmp_path, capsys):
    assert main(["score", str(texts(tmp_path)), "--text", "text"]) == 0
    rows = read(tmp_path / "texts-scores.csv")
    assert list(rows[0]) == ["id", "text", "label", "language", *(f"{name}{n}" for name in NAMES for n in ("", "_n"))]
    assert [row["id"] for row in rows] == [f"{i:03}" for i in range(len(TEXTS))]
    assert [row["text"] for row in rows] == [text for _, text, _ in TEXTS]
    assert [row["language"] for row in rows] == [language for language, _, _ in TEXTS]
    for row in rows:
        for tool in make_instruments():
            n = row[f"{tool.name}_n"]
            assert (n != "") == (row["language"] in tool.languages)
            assert (row[tool.name] != "") == (n not in {"", "0"})
    assert float(rows[0]["vader"]) > 0.5 > -0.5 > float(rows[1]["vader"])
    assert float(rows[2]["zh_rules"]) > 0.5 > -0.5 > float(rows[3]["zh_rules"])
    assert float(rows[7]["emoji"]) > 0
    said = capsys.readouterr().out
    assert "rows scored: 9, in texts-scores.csv" in said
    assert "empty texts: 1" in said
    assert "texts in languages that no instrument of words reads: 3 (ko 1, none 2)" in said


def test_scores_are_those_of_the_measure_step():
    column = [text for _, text, _ in TEXTS]
    languages = np.array([language for language, _, _ in TEXTS], dtype=object)
    frame = pd.DataFrame({name: pd.Series([None] * len(column), dtype=object) for name in NEEDED})
    frame = frame.assign(utterance_id=[str(i) for i in range(len(column))], text=column)
    frame["posted_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    measures = measure_batch(frame).measures
    for name, values in score_texts(column, languages, make_instruments()).items():
        np.testing.assert_array_equal(values, measures[name].to_numpy(zero_copy_only=False))


def test_a_text_scores_the_same_whatever_stands_beside_it(tmp_path):
    whole = score_table(texts(tmp_path), "text", rng()).table
    for i in (0, 2):
        one = write(tmp_path / f"one{i}.csv", [("x", TEXTS[i][1], "")])
        alone = score_table(one, "text", rng()).table
        assert alone[NAMES].iloc[0].equals(whole[NAMES].iloc[i].rename(0))


def test_gold_classes_are_compared_within_a_language(tmp_path, capsys):
    assert main(["score", str(texts(tmp_path)), "--text", "text", "--gold", "label", "--out", "new/out.csv"]) == 0
    assert (tmp_path / "new" / "out.csv").is_file()
    said = capsys.readouterr().out
    assert "labels of no class, left out: 'surprise' 1" in said
    assert "texts without a label: 1" in said
    scored = score_table(texts(tmp_path), "text", rng(), gold="label")
    found = scored.agreement.set_index(["language", "instrument"])
    assert found.loc[("en", "vader"), ["n", "auc", "accuracy", "f1"]].tolist() == [3, 1, 1, 1]
    assert found.loc[("zh", "zh_rules"), ["n", "auc", "accuracy"]].tolist() == [2, 1, 1]
    assert set(found.loc["ko"].index) == {"emoji"}
    assert ("zh", "vader") not in found.index
    header = next(line for line in said.splitlines() if "AUC" in line)
    assert header.split() == ["language", "instrument", "n", "coverage", "AUC", "accuracy", "macro-F1"]


def test_labels_are_mapped_by_hand(tmp_path, capsys):
    rows = [("a", "lovely, beautiful", "7"), ("b", "awful, terrible", "3"), ("c", "lovely", "maybe")]
    path = str(write(tmp_path / "t.csv", rows))
    assert main(["score", path, "--text", "text", "--gold", "label", "--positive", "7", "--negative=3,2"]) == 0
    assert "labels of no class, left out: 'maybe' 1" in capsys.readouterr().out
    scored = score_table(tmp_path / "t.csv", "text", rng(), gold="label", words=label_words(["7"], ["3"]))
    assert scored.agreement["n"].tolist() == [2] * len(scored.agreement)
    assert main(["score", path, "--text", "text", "--gold", "label", "--positive", "7", "--negative", "7"]) == 2
    assert "given for two classes" in capsys.readouterr().err


def test_numeric_gold_has_r_with_an_interval(tmp_path):
    rows = [(i, f"{'lovely ' * (i % 4)}{'awful ' * (i % 3)}", f"{i % 4 - i % 3 - 0.5}") for i in range(40)]
    path = write(tmp_path / "t.csv", rows)
    scored = score_table(path, "text", rng(), gold="label", language="en")
    row = scored.agreement.set_index("instrument").loc["vader"]
    assert 0.8 < row["r_low"] < row["r"] < row["r_high"] < 1
    assert np.isnan(row["auc"])
    # A minus is no formula: the numbers are written as numbers.
    assert [float(cells["label"]) for cells in read(scored.out)] == [float(cells[2]) for cells in rows]
    assert any("r  " in line or line.endswith(" r") for line in scored.lines())


def test_gold_with_decimal_commas_is_the_same_gold(tmp_path):
    rows = [(i, f"{'lovely ' * (i % 4)}{'awful ' * (i % 3)}", f"{i % 4 - i % 3 - 0.125}") for i in range(40)]
    commas = [(number, text, label.replace(".", ",")) for number, text, label in rows]
    both = [
        score_table(write(tmp_path / name, of), "text", rng(), gold="label", language="en")
        for name, of in (("a.csv", rows), ("b.csv", commas))
    ]
    pd.testing.assert_frame_equal(both[0].agreement, both[1].agreement)
    # As they were written, behind what keeps a minus from being a formula.
    assert [cells["label"].removeprefix("'") for cells in read(both[1].out)] == [label for *_, label in commas]


def test_clusters_are_the_units_of_the_intervals(tmp_path, capsys):
    rows = [(i % 8, "lovely" if i % 3 else "awful", "pos" if i % 3 else "neg") for i in range(48)]
    path = write(tmp_path / "t.csv", rows)
    scored = score_table(path, "text", rng(), gold="label", cluster="id")
    assert scored.agreement["units"].unique().tolist() == [8]
    assert main(["score", str(path), "--text", "text", "--gold", "label", "--cluster", "id", "--force"]) == 0
    assert "en 8.0" in capsys.readouterr().out


def test_hostile_cells_stay_what_they_are(tmp_path):
    hostile = [
        ("=HYPERLINK(1)", '=1+1 lovely "quoted", with\r\na line', "a"),
        ("007", "@user lovely", "b"),
        ("NA", "lovely\u2028awful\u202e", "null"),
        ("-", "‘lovely’ \U0001f469\U0001f3fd\u200d\U0001f680", "-5"),
        ("1e5", "lov" + "e" * 50_000 + "ly", ""),
        ("x", "<b>lovely</b> $x_1$ %s {}", "\t"),
    ]
    scored = score_table(write(tmp_path / "t.csv", hostile, ("=id", "text", "label")), "text", rng())
    assert b"\r" not in scored.out.read_bytes()  # a line end in a cell is \n, like the rows'
    rows = read(scored.out)
    assert len(rows) == len(hostile)
    assert next(iter(rows[0])) == "'=id"
    for row, cells in zip(rows, hostile, strict=True):
        for value, cell in zip((row["'=id"], row["text"], row["label"]), cells, strict=True):
            cell = cell.replace("\r\n", "\n")  # noqa: PLW2901
            assert value in {cell, f"'{cell}"}
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r")) or value == "-5"
    assert [row["'=id"] for row in rows][1:3] == ["007", "NA"]


@pytest.mark.parametrize("name", ["=id", "\uff1did", "a;=1", "@id", "-id"])
def test_no_header_is_a_formula(tmp_path, name):
    scored = score_table(write(tmp_path / "t.csv", [("1", "lovely", "a")], (name, "text", "label")), "text", rng())
    assert next(iter(read(scored.out)[0])) == tame(name) != name


def test_columns_of_the_input_are_never_overwritten(tmp_path):
    path = write(tmp_path / "t.csv", [("fr", "lovely", "0.5", "kept")], ("language", "text", "vader", "vader_given"))
    scored = score_table(path, "text", rng())
    row = read(scored.out)[0]
    assert (row["language"], row["language_given"]) == ("en", "fr")
    assert (row["vader_given_given"], row["vader_given"]) == ("0.5", "kept")
    assert float(row["vader"]) != 0.5
    assert "the input's column 'language' is kept as 'language_given'" in scored.notes


def test_scores_can_be_scored_again(tmp_path):
    first = score_table(texts(tmp_path), "text", rng()).out
    again = score_table(first, "text", rng()).table
    assert again["vader"].equals(score_table(texts(tmp_path), "text", rng()).table["vader"])
    assert "vader_given" in again


def test_json_lines_and_parquet_say_the_same(tmp_path):
    table = score_table(texts(tmp_path), "text", rng()).table
    frame = pd.DataFrame([(text or None, label) for _, text, label in TEXTS], columns=["text", "label"])
    frame.to_parquet(tmp_path / "t.parquet")
    lines = [json.dumps(row) for row in frame.to_dict("records")]
    (tmp_path / "t.jsonl").write_text("\n".join([*lines[:-1], '{"late": "1", ' + lines[-1][1:]]), encoding="utf-8")
    for name in ("t.parquet", "t.jsonl"):
        other = score_table(tmp_path / name, "text", rng()).table
        pd.testing.assert_frame_equal(other[NAMES], table[NAMES])
    assert "late" in other


def test_rows_that_cannot_be_read_are_counted(tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,text\n1,lovely\n2\n3,caf\xff\n4,awful\n")
    assert main(["score", str(path), "--text", "text"]) == 0
    assert len(read(tmp_path / "t-scores.csv")) == 2
    assert "rows that cannot be read, left out: 2; the first: row 2, 1 cell where" in capsys.readouterr().out


def test_a_users_lexicon_is_one_more_instrument(tmp_path, capsys):
    write(tmp_path / "mine.csv", [("lovely", "-2"), ("喜欢", "2"), ("정말", "1")], ("term", "score"))
    assert main(["score", str(texts(tmp_path)), "--text", "text", "--lexicon", "mine.csv"]) == 0
    rows = read(tmp_path / "texts-scores.csv")
    assert [rows[i]["mine"] for i in (0, 2)] == ["-2", "2"]
    assert [rows[i]["mine_n"] for i in (0, 1, 2)] == ["1", "0", "1"]
    assert "(none 2)" in capsys.readouterr().out  # Korean is read now
    write(tmp_path / "vader.csv", [("a", "1")], ("term", "score"))
    assert main(["score", str(texts(tmp_path)), "--text", "text", "--force", "--lexicon", "vader.csv"]) == 2
    assert main(["score", str(texts(tmp_path)), "--text", "text", "--force", "--lexicon", "texts.csv"]) == 2
    assert "column term: there is no such column" in capsys.readouterr().err


def test_a_given_language_is_that_of_every_text(tmp_path):
    table = score_table(texts(tmp_path), "text", rng(), language="zh").table
    assert set(table["language"]) == {"zh"}
    assert table["vader_n"].isna().all()
    assert table["zh_rules_n"].notna().all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--text", "nope"], "column nope: there is no such column; the file has: id, text, label"),
        (["--text", "text", "--gold", "nope"], "column nope: there is no such column"),
        (["--text", "text", "--gold", "text", "--positive", "x"], "no label is a number or a word for a class"),
        (["--text", "text", "--language", "fr"], "the language 'fr' is not known (accepted: en, zh, ko, ja)"),
        (["--text", "text", "--out", "texts.csv"], "is the input"),
        (["--text", "text", "--out", "out.xlsx"], "scores are written as CSV"),
        (["--text", "text", "--out", "texts.csv/out.csv"], "cannot be written"),
        (["--text", "text", "--positive", "x"], "with a column of labels only"),
        (["--text", "text", "--lexicon", "none.csv"], "none.csv: no such file"),
        ([], "the following arguments are required: --text"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_two(tmp_path, capsys, options, said):
    texts(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert main(["score", "texts.csv", *options]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"id,text\n", "has a header but no rows"),
        (b"id,text\n1\n", "no row can be read; the first: row 1"),
        (b"PK\x03\x04", "is not a table"),
    ],
)
def test_files_without_texts(tmp_path, content, said):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        score_table(path, "text", rng())


def test_the_output_may_not_be_a_folder_and_labels_may_not_all_be_blank(tmp_path):
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        score_table(texts(tmp_path), "text", rng(), out=tmp_path / "d.csv")
    blank = write(tmp_path / "t.csv", [("", "lovely", "")])
    with pytest.raises(InputError, match="the column is empty"):
        score_table(blank, "text", rng(), gold="label")
    with pytest.raises(ParameterError):
        score_table(blank, "text", rng(), cluster="id")


def test_labels_are_printed_without_what_a_terminal_obeys(tmp_path):
    rows = [("1", "lovely", "\x1b[31mred\x07"), ("2", "lovely", "happy")]
    scored = score_table(write(tmp_path / "t.csv", rows), "text", rng(), gold="label")
    assert not any("\x1b" in line or "\x07" in line for line in scored.lines())


def test_same_file_same_bytes(tmp_path):
    first = score_table(texts(tmp_path), "text", rng(), gold="label")
    content = first.out.read_bytes()
    second = score_table(texts(tmp_path), "text", rng(), gold="label")
    assert second.out.read_bytes() == content
    assert second.lines() == first.lines()


def test_a_table_that_exists_is_replaced_by_force_alone(tmp_path, capsys):
    (tmp_path / "texts-scores.csv").write_text("mine\n", encoding="utf-8")
    (tmp_path / ".vantage-notes").mkdir()
    assert main(["score", str(texts(tmp_path)), "--text", "text"]) == 2
    assert "texts-scores.csv: exists and is not replaced (accepted: --out with" in capsys.readouterr().err
    assert (tmp_path / "texts-scores.csv").read_text(encoding="utf-8") == "mine\n"
    before = sorted(path.name for path in tmp_path.iterdir())
    assert main(["score", str(texts(tmp_path)), "--text", "text", "--force"]) == 0
    assert (tmp_path / "texts-scores.csv").read_text(encoding="utf-8") != "mine\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [n for n in before if n != ".vantage-notes"]
