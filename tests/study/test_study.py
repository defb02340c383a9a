"""What a notebook opens: the user's own scores and lexicons are instruments; masks can be switched."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.compare.tone import tone_scores
from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.errors import InputError, ParameterError
from analysis.measure.instruments import make_instruments
from analysis.measure.options import READS, SCALES
from analysis.show import style
from analysis.study import open_study
from analysis.study.holdings import read_holdings
from analysis.study.scores import join_classes, join_scores, read_columns, strangers
from analysis.study.study import _read


@pytest.fixture
def measures():
    return pd.DataFrame({"utterance_id": ["7481930275516042511", "007", "c"], "language": "en"})


def write(path, rows, header="utterance_id,model"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_own_scores_are_joined_by_id_and_a_missing_one_is_missing(measures, tmp_path):
    path = write(tmp_path / "mine.csv", ["007,-0.5", "7481930275516042511,0.25", "elsewhere,1", "c,"])
    joined, scales = join_scores(measures, read_columns(path, ["model"]), ["column:model"])
    assert joined["column:model"].tolist()[:2] == [0.25, -0.5]
    assert np.isnan(joined["column:model"].iloc[2])
    assert joined["column:model_n"].tolist() == [1, 1, 0]
    assert scales == {"column:model": (-0.5, 0.5)}


def test_scores_of_a_spreadsheet_with_decimal_commas_are_the_same(measures, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes("utterance_id;model\n007;-0,5\n7481930275516042511;1,125\nc;2\n".encode("utf-16"))
    joined, _ = join_scores(measures, read_columns(path, ["model"]), ["column:model"])
    assert joined["column:model"].tolist() == [1.125, -0.5, 2]
    # Nobody knows whether these are thousands, or two labels.
    for cell in ("1,125", "1,5"):
        either = write(tmp_path / "either.csv", [f'007,"{cell}"', "c,2"])
        with pytest.raises(InputError, match=f"'{cell}' is not a number"):
            join_scores(measures, read_columns(either, ["model"]), ["column:model"])


def test_of_whom_scores_are_is_counted_in_the_whole_corpus(bilingual, tmp_path):
    ids = store.read_corpus(bilingual, ["utterance_id"])["utterance_id"].tolist()
    assert strangers(write(tmp_path / "mine.csv", [f"{name},1" for name in ids]), bilingual) == ""
    path = write(tmp_path / "more.csv", [*(f"{name},1" for name in ids[:3]), "7.24E+02x,1", "x,"])
    assert strangers(path, bilingual) == f"{path}: 2 of 5 rows are of no utterance of the corpus"


def test_classes_in_an_order_are_scores_and_others_are_classes(measures, tmp_path):
    path = write(tmp_path / "mine.csv", ["007, Against ,life", "c,支持,Market  Trade"], "utterance_id,stance,theme")
    joined, scales = join_scores(measures, read_columns(path, ["stance"]), ["column:stance"])
    assert joined["column:stance"].tolist()[1:] == [-1, 1]
    assert scales == {"column:stance": (-1.0, 1.0)}
    joined = join_classes(measures, read_columns(path, ["stance", "theme"]), ["stance", "theme"])
    assert joined["class:stance"].tolist()[1:] == ["against", "支持"]
    assert joined["class:theme"].tolist()[1:] == ["life", "market trade"]
    assert joined["class:theme"].isna().tolist() == [True, False, False]


def test_what_is_no_class_is_refused(measures, tmp_path):
    with pytest.raises(InputError, match="no class belongs to an utterance"):
        join_classes(measures, read_columns(write(tmp_path / "mine.csv", ["x,for"]), ["model"]), ["model"])
    many = pd.DataFrame({"utterance_id": [str(i) for i in range(30)]})
    rows = [f"{i},text number {i}" for i in range(30)]
    with pytest.raises(InputError, match=r"column model: holds 30 classes \(accepted: 20 at most\)"):
        join_classes(many, read_columns(write(tmp_path / "mine.csv", rows), ["model"]), ["model"])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["007,warm"], "row 1, column model: 'warm' is not a number"),
        (["007,inf"], "row 1, column model: 'inf' is not a number"),
        (["c,1", "007,-1e308"], "row 2, column model: '-1e308' is not a number"),
        (["007,1_0"], "row 1, column model: '1_0' is not a number"),
        (["007,1", "007,2"], "row 2, column utterance_id: the id '007' occurs twice"),
        (["x,1"], "no score belongs to an utterance"),
    ],
)
def test_scores_that_cannot_be_joined_name_row_and_column(measures, tmp_path, rows, says):
    with pytest.raises(InputError, match=says):
        join_scores(measures, read_columns(write(tmp_path / "mine.csv", rows), ["model"]), ["column:model"])


def test_a_column_without_its_table_is_an_error():
    with pytest.raises(ParameterError, match="scores=FILE"):
        open_study(instruments=["column:model"])
    with pytest.raises(ParameterError, match="scores=FILE"):
        open_study(classes=["stance"])


def test_a_table_of_which_no_column_is_asked_for_is_an_error(tmp_path):
    with pytest.raises(ParameterError, match=r"scores: no column of it is asked for .*classes=NAME"):
        open_study(scores=str(write(tmp_path / "mine.csv", ["007,1"])))


def test_scales_and_languages_are_those_of_the_instruments():
    tools = {tool.name: tool for tool in make_instruments()}
    assert {name: tools[name].scale for name in SCALES} == SCALES
    assert {name: tools[name].languages for name in READS} == READS


def test_instruments_lexicons_and_masks_reach_the_study(bilingual, tmp_path):
    lexicon = write(tmp_path / "rough.csv", ["free,2", "staged,-1", "自由,2"], "term,score")
    plain = open_study(corpus=str(bilingual), out=str(tmp_path / "out"), lexicons=[str(lexicon)], instruments=["vader"])
    assert plain.scales == {"vader": (-1.0, 1.0), "rough": (-2.0, 2.0)}
    assert plain.measures["rough"].notna().sum() == (plain.measures["rough_n"] > 0).sum() > 0
    bare = open_study(corpus=str(bilingual), out=str(tmp_path / "out"), lexicons=[str(lexicon)], masked=False)
    assert (bare.measures["labmt_n"] > plain.measures["labmt_n"]).any()
    pd.testing.assert_series_equal(bare.measures["labmt_masked"], plain.measures["labmt"], check_names=False)
    with pytest.raises(ParameterError, match="unknown instrument 'vadre'"):
        open_study(corpus=str(bilingual), out=str(tmp_path / "out"), lexicons=[str(lexicon)], instruments=["vadre"])


@pytest.mark.parametrize("masked", [True, False])
def test_of_what_was_measured_twice_the_parts_go_with_the_scores_that_are_compared(bilingual, tmp_path, masked):
    study = open_study(corpus=str(bilingual), out=str(tmp_path / "out"), masked=masked)
    whole = pq.read_table(study.files.measures).to_pandas().iloc[study.measures["row"]]
    for part in ("", "_pos", "_neg", "_n"):
        of = f"labmt{'' if masked else '_unmasked'}{part}"
        assert study.measures[f"labmt{part}"].tolist() == pytest.approx(whole[of].tolist(), nan_ok=True)
    assert study.measures["labmt_masked"].tolist() == pytest.approx(whole["labmt"].tolist(), nan_ok=True)
    # A hundred columns of each row would be in the memory of every kernel.
    assert not {"labmt_other_laughter_n", "labmt_linked_pos"} & set(study.measures)
    assert "labmt" not in study.mentioned


def test_what_cannot_be_scored_has_no_score(bilingual, tmp_path):
    study = open_study(corpus=str(bilingual), out=str(tmp_path / "out"), draws=99)
    # Paraphrases are never scored, and an unread language never gets a 0.
    assert (study.own_words["evidence"] != "paraphrase").all()
    unread = study.measures[study.measures["language"].isin(["ko", "ja"])]
    assert len(unread) > 0
    assert unread[["vader", "labmt", "nrcvad", "zh_rules"]].isna().all().all()


def test_without_lines_no_table_of_tone_holds_anybodys_words(tmp_path):
    shown = tone_scores(open_study(corpus="quotations", out=str(tmp_path)))
    assert shown["text"].notna().any()
    kept = tone_scores(open_study(corpus="quotations", out=str(tmp_path), lines=0))
    assert kept["text"].isna().all()
    assert kept["utterance_id"].isna().all()
    means = [table[table["part"] == "mean"].reset_index(drop=True) for table in (shown, kept)]
    pd.testing.assert_frame_equal(*means, check_dtype=False)


def test_a_figure_in_the_place_of_its_table_is_refused(bilingual, tmp_path):
    study = open_study(corpus=str(bilingual), out=str(tmp_path / "out"))
    with pytest.raises(ParameterError, match=r"a Figure is no table \(accepted: save\(name, table, figure\)"):
        study.save("mine", style.new_figure(2.0), pd.DataFrame({"a": [1]}))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["", "..", "../x", "/x", "a/b", "a\\b", "a\nb", "x\0y", "x" * 300, "A:b"])
def test_a_name_that_is_no_file_of_the_folder_is_refused(bilingual, tmp_path, name):
    study = open_study(corpus=str(bilingual), out=str(tmp_path / "out"))
    with pytest.raises(ParameterError, match="cannot name a figure"):
        study.save(name, study.boilerplate)
    assert not (tmp_path / "out").exists()
    assert repr(study).startswith("<Study of ")


def test_a_folder_that_is_not_named_is_refused_instead_of_opening_the_quotations(bilingual):
    with pytest.raises(ParameterError, match=r"name what it is \(accepted: open_study\(corpus=...\)"):
        open_study(str(bilingual))


def test_folders_may_be_text_in_a_notebook(tmp_path):
    (tmp_path / "a.csv").write_text("text,thread_id\nso,a\n", encoding="utf-8")
    corpus = str(tmp_path / "corpus")
    (tmp_path / "sources.yaml").write_text("- file: a.csv\n  vantage: vlogger\n", encoding="utf-8")
    said = ImportOptions("Test", rules=str(tmp_path / "sources.yaml"))
    imported = import_files(str(tmp_path / "a.csv"), corpus, said)
    assert imported.lines(corpus)[0].startswith("a.csv")
    assert len(read_corpus(corpus)) == read_holdings(corpus).collections["rows"].sum() == 1


@pytest.mark.parametrize("beneath", ["", "figures"])
def test_a_file_where_figures_are_to_go_is_told_before_anything_is_measured(bilingual, tmp_path, beneath):
    (tmp_path / "own.csv").write_text("so", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.csv: is a file, not a folder"):
        open_study(corpus=str(bilingual), out=str(tmp_path / "own.csv" / beneath))


def test_a_column_that_the_corpus_has_itself_is_not_compared_by(bilingual, tmp_path):
    (tmp_path / "own.csv").write_text("region,platform\n广东,a\n", encoding="utf-8")
    regions = open_study(corpus=str(bilingual), compare="region").measures["region"].dropna()
    (tmp_path / "own.csv").write_text(f"region,platform\n{regions.iloc[0]},a\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.csv, column platform: the corpus has a column of this name itself"):
        open_study(corpus=str(bilingual), attributes=str(tmp_path / "own.csv"), compare="platform")


def test_ids_are_each_held_once_and_a_missing_one_stays_missing(tmp_path):
    names = ["t1", None, "t2", "t1"]
    table = pa.table({"utterance_id": list("abcd"), "cluster_id": pa.array(names, pa.string())})
    pq.write_table(table, tmp_path / "measures.parquet")
    read = _read(tmp_path / "measures.parquet", ["utterance_id", "cluster_id"])
    assert read["utterance_id"].tolist() == list("abcd")
    assert read["cluster_id"].tolist() == names
    assert read["cluster_id"][0] is read["cluster_id"][3]
