"""Rows that a user adds to the project's lists: one that would do nothing is refused, with what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.measure.boilerplate import read_boilerplate
from analysis.measure.chinese import read_words
from analysis.measure.laughter import laughs_in
from analysis.measure.lexicon import _mask_rows
from analysis.measure.zh_rules import read_rules

MASKS, LAUGHTER, RULES = "instrument,language,term,reason", "language,pattern,reason", "kind,term,value,reason"
BOILERPLATE = "pattern,language,match,reason"


@pytest.mark.parametrize(
    ("read", "header", "row", "said"),
    [
        (
            _mask_rows,
            MASKS,
            "Vader,en,paradise,mine",
            "column instrument: 'Vader' is not known (accepted: vader, labmt",
        ),
        (_mask_rows, MASKS, "labmt,eng,paradise,mine", "column language: 'eng' is not known (accepted: en, zh)"),
        (_mask_rows, MASKS, "vader,en, ,mine", "column term: is empty"),
        (lambda path: laughs_in("en", path), LAUGHTER, "en,ha(ha,mine", "column pattern: is no pattern: missing )"),
        (lambda path: laughs_in("en", path), LAUGHTER, "en,ha(?=ha),mine", "column pattern: is no pattern: Invalid"),
        (lambda path: laughs_in("en", path), LAUGHTER, "english,ha,mine", "column language: 'english' is not known"),
        (lambda path: laughs_in("en", path), LAUGHTER, "any,,mine", "column pattern: is empty"),
        (
            read_rules,
            RULES,
            "negatoin,不要,-0.7,mine",
            "column kind: 'negatoin' is not known (accepted: word, emoji_code",
        ),
        (read_rules, RULES, "negation,不要,nan,mine", "column value: 'nan' is not a number"),
        (read_rules, RULES, "negation,,-0.7,mine", "column term: is empty"),
        (
            lambda path: read_boilerplate("en", path),
            BOILERPLATE,
            "sent by,eng,part,mine",
            "column language: 'eng' is not",
        ),
        (read_words, "word,reason", ",mine", "column word: is empty"),
    ],
)
def test_a_row_that_would_do_nothing_is_refused(
    tmp_path: Path, read: Callable[[Path], object], header: str, row: str, said: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, row 1, {said}")


def test_a_list_that_excel_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("\ufefflanguage;pattern;reason\r\nen;kek+;mine\r\n", encoding="utf-16")
    assert laughs_in("en", path)("KEKK")
