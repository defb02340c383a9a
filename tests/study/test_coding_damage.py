"""Tables of codes that were damaged, and schemes that could not be coded back: one line, or left out alike."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.compare.coded import Coding
from analysis.corpus.codes import read_coding
from analysis.corpus.coding_scheme import Variable, plain, read_scheme
from analysis.errors import InputError
from analysis.study.coded_files import open_coded
from analysis.study.sheet import _draw_wave
from analysis.study.sheet_files import label_studio_config, write_sheets
from tests.coded_study import make_study

HEADER = "utterance_id,wave,stratum,probability,translation"
GOOD = f"{HEADER}\nu1,1,s,0.25,yes\n"


def test_another_wave_is_refused_where_the_frame_of_the_first_is_lost(tmp_path: Path) -> None:
    frame = pd.DataFrame({"utterance_id": [f"u{i:02}" for i in range(20)], "group": "g", "stratum": "g/en/1"})
    frame["cluster_id"] = frame["utterance_id"]
    wave = {"wave": 1, "seed": 1, "codes": 5, "coders": 1, "overlap": 0, "translations": 0}
    none = read_coding(tmp_path, "sample")
    sample, _ = _draw_wave(frame, none, dict(wave), tmp_path / "frame.parquet", tmp_path)
    (tmp_path / "frame.parquet").unlink()
    with pytest.raises(InputError, match=r"frame\.parquet: is lost"):
        _draw_wave(frame, sample, wave | {"wave": 2}, tmp_path / "frame.parquet", tmp_path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (GOOD.replace("stratum", "strata").encode(), "column stratum: is missing"),
        (GOOD.replace(",", ";").encode(), "column utterance_id: is missing"),
        (GOOD.replace("0.25", "").encode(), "row 1, column probability: '' is none"),
        (GOOD.replace("0.25", "nan").encode(), "row 1, column probability: 'nan' is none"),
        (GOOD.replace("0.25", '"0,25"').encode(), "row 1, column probability: '0,25' is none"),
        (GOOD.replace("u1,1", "u1,one").encode(), "row 1, column wave: 'one' is none"),
        (GOOD.replace(",yes", "").encode(), "row 1: has 4 cells, not 5"),
        (b"", "is empty"),
        (GOOD.encode("utf-16"), "is not in UTF-8"),
        (GOOD.replace("yes", "caf\u00e9").encode("cp1252"), "is not in UTF-8"),
    ],
)
def test_a_damaged_table_is_one_line_that_says_what_is_accepted(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "coding").mkdir()
    (tmp_path / "coding" / "sample.csv").write_bytes(data)
    with pytest.raises(
        InputError, match=re.escape(f"sample.csv{':' if says.startswith('is ') else ','} {says}")
    ) as told:
        read_coding(tmp_path, "sample")
    assert "(accepted: " in str(told.value)


def test_a_whole_table_is_read_with_a_byte_order_mark_and_any_order_of_columns(tmp_path: Path) -> None:
    (tmp_path / "coding").mkdir()
    (tmp_path / "coding" / "sample.csv").write_text(GOOD, encoding="utf-8-sig")
    (row,) = read_coding(tmp_path, "sample").to_dict("records")
    assert row == {"utterance_id": "u1", "wave": 1, "stratum": "s", "probability": 0.25, "translation": "yes"}


def test_a_code_that_the_scheme_has_not_is_no_code(tmp_path: Path) -> None:
    study = make_study(tmp_path, codes=40)
    whole = Coding(study).mean("stance").code
    path = next(tmp_path.rglob("codes.csv"))
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    first = table.index[table["variable"] == "stance"][0]
    uid = table.loc[first, "utterance_id"]
    table.loc[first, "value"] = "7"
    table.to_csv(path, index=False)
    study = make_study(tmp_path / "again", codes=40)
    path.replace(next((tmp_path / "again").rglob("codes.csv")))
    now = Coding(study).mean("stance").code
    changed = (study.measures["utterance_id"] == uid).to_numpy()
    assert np.isnan(now[changed]).all()
    np.testing.assert_array_equal(now[~changed], whole[~changed])


def scheme(folder: Path, *rows: str) -> Path:
    path = folder / "scheme.csv"
    path.write_text("\n".join(["variable,kind,values,meaning", *rows, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name", ["my_var", "my-var", "My Var", "concepts", "Concepts", "concepts_read", "concepts-read"]
)
def test_names_that_a_sheet_cannot_tell_apart_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"row 2, column variable: '{name}' cannot name a variable .*concepts"):
        read_scheme(scheme(tmp_path, "my var,nominal,a b,x", f"{name},nominal,a b,x"))


@pytest.mark.parametrize("value", ["00", "-0", "01", "\uff11", "\u0e51", "\ufb01ne"])
def test_values_that_come_back_as_others_are_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(
        InputError, match=f"column values: '{value}' cannot be a value .accepted: whole numbers such as"
    ):
        read_scheme(scheme(tmp_path, f"v,ordinal,-1 2 {value},x"))


@pytest.mark.parametrize("sign", ["\x01", "\x1b", "\x7f", "\ufffe"])
def test_a_control_character_in_a_scheme_is_refused(tmp_path: Path, sign: str) -> None:
    for row in (f"v,nominal,a b,x{sign}y", f"v{sign}w,nominal,a b,x"):
        with pytest.raises(InputError, match="accepted: letters"):
            read_scheme(scheme(tmp_path, row))


def test_a_prompt_is_as_long_as_excel_counts(tmp_path: Path) -> None:
    variable = Variable("\U00020000" * 30, "nominal", ("a", "b"), "\U0001f600" * 200)
    ET.fromstring(label_studio_config([variable]))  # noqa: S314  made here
    write_sheets(tmp_path, "s", "c", [("JFLKDDJBD", "so free")], [variable])
    rules = openpyxl.load_workbook(tmp_path / "s.xlsx")["codes"].data_validations.dataValidation
    for rule in rules:
        assert len(rule.prompt.encode("utf-16-le")) <= 2 * 255
        assert len(rule.promptTitle.encode("utf-16-le")) <= 2 * 32
    assert rules[0].prompt == "\U0001f600" * 119 + "\u2026"


def test_numbers_with_many_zeros_are_read_as_before() -> None:
    cases = {"000": "0", "-00": "0", "+007": "7", "- 5": "-5", "1,00": "1", "0.0": "0", "010": "10", "1.5": "1.5"}
    assert {text: plain(text) for text in cases} == cases
    assert plain("0" * 200_000 + "x") == "0" * 200_000 + "x"


def test_an_old_or_encrypted_workbook_and_a_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / "s.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    with pytest.raises(InputError, match=r"is an old workbook .* or an encrypted one"):
        open_coded(tmp_path / "s.xls", [])
    with pytest.raises(InputError, match="is a folder"):
        open_coded(tmp_path, [])
