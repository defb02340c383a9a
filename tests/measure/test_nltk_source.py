"""NLTK's lists and patterns, read from its source, are those that importing it gives."""

from __future__ import annotations

import subprocess
import sys

import nltk.sentiment.vader
import nltk.tokenize.casual
import pytest

from analysis.measure import english
from analysis.measure.nltk_source import definitions


def test_the_patterns_are_those_of_the_tweet_tokenizer() -> None:
    imported = nltk.tokenize.casual
    read = definitions("tokenize/casual.py", *english._CASUAL)  # noqa: SLF001
    assert read.REGEXPS_PHONE == imported.REGEXPS_PHONE
    for name in ("EMOTICON_RE", "HANDLES_RE"):
        one, other = getattr(read, name), getattr(imported, name)
        assert (one.pattern, one.flags) == (other.pattern, other.flags)


def test_the_lists_are_those_of_vader() -> None:
    read = definitions("sentiment/vader.py", "VaderConstants").VaderConstants
    imported = nltk.sentiment.vader.VaderConstants
    names = {name for name, value in vars(imported).items() if isinstance(value, (set, dict, list, float))}
    assert {"NEGATE", "BOOSTER_DICT", "SPECIAL_CASE_IDIOMS", "PUNC_LIST", "C_INCR", "N_SCALAR", "B_DECR"} <= names
    for name in names:
        assert getattr(read, name) == getattr(imported, name), name
    assert list(read.BOOSTER_DICT) == list(imported.BOOSTER_DICT)


def test_what_nltk_does_not_define_is_not_made_up() -> None:
    with pytest.raises(AttributeError):
        definitions("sentiment/vader.py", "Nothing").Nothing  # noqa: B018


_MEASURE = """
import sys, pandas as pd
from analysis.measure.aligned import aligned_lines
from analysis.measure.batch import measure_batch
from analysis.measure.neutral import neutral_table
measure_batch(aligned_lines())
measure_batch(aligned_lines().assign(text="wow :-) <3 @you.me http://a.co/b?c=1 don't +1 (555) 123-4567"))
neutral_table()
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"nltk", "scipy", "sklearn", "matplotlib"}))
"""


def test_measuring_imports_none_of_what_takes_longest() -> None:
    ran = subprocess.run([sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"
