"""The translations beside Chinese words: one each, short enough for a figure, none missing of what the study names."""

from __future__ import annotations

import re

import pandas as pd

from analysis import paths
from analysis.compare.groups import plain_name
from analysis.measure.pairs import glosses, own_glosses

TABLE = pd.read_csv(paths.DATA / "glosses_zh.csv", dtype=str, keep_default_na=False)
#: What a label of a figure has room for.
LONGEST = 22


def test_a_word_has_one_translation_that_fits_beside_it():
    assert TABLE["word"].is_unique
    assert TABLE["word"].tolist() == sorted(TABLE["word"])
    assert all(TABLE["gloss"].str.len() <= LONGEST)
    assert all(re.fullmatch("[A-Za-z][A-Za-z', ?é-]*|“[a-z]+”", gloss) for gloss in TABLE["gloss"])
    assert not any(re.fullmatch("[a-zA-Z]+", word) and word != "yyds" for word in TABLE["word"])


def test_what_the_study_itself_names_is_translated():
    words = pd.read_csv(paths.DATA / "words_zh.csv")["word"]
    provinces = pd.read_csv(paths.DATA / "demo_provinces.csv")["region"]
    assert set(words) | set(provinces) <= set(glosses())
    # Groups are called by ours alone, and platforms name these places.
    assert {"北京", "上海", "台湾", "日本", "海外"} | set(provinces) <= set(own_glosses())


def test_ours_go_before_labmts_and_its_others_stay():
    assert (glosses()["朝鲜"], glosses()["快乐"]) == ("North Korea", "happy")
    assert own_glosses().items() <= glosses().items()
    assert not {"博", "bo", "com", "china"} & set(glosses())
    assert (glosses()["日本"], glosses()["丽"]) == ("Japan", "beautiful")
    assert (plain_name("辽宁"), plain_name("快乐"), plain_name("我的组")) == ("辽宁 (Liaoning)", "快乐", "我的组")
