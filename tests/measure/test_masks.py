"""What stands for a name, an address or a number that was masked is nobody's word."""

import pytest

from analysis.corpus.identity_numbers import CARD, ID
from analysis.corpus.links import IP
from analysis.corpus.mentions import EMAIL
from analysis.corpus.personal_numbers import PHONE
from analysis.measure import chinese, english
from analysis.measure.chunks import split


@pytest.mark.parametrize("mask", [IP, EMAIL, CARD, ID, PHONE, "@user_0123456789ab", "user_0123456789ab"])
def test_a_mask_is_no_word_in_either_language(mask: str) -> None:
    assert english.tokenize(split([f"Call {mask}, my phone", f"({mask})"])).lists() == [
        ["call", ",", "my", "phone"],
        ["(", ")"],
    ]
    bare, masked = chinese.tokenize(["打电话 ，谢谢", f"打电话 {mask}，谢谢"]).lists()
    assert masked == bare


def test_brackets_of_ones_own_stay() -> None:
    assert english.tokenize(split(["[phone number]"])).lists() == [["[", "phone", "number", "]"]]
