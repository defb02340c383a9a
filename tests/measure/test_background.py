"""Shares of ordinary language."""

import pytest
from wordfreq import get_frequency_dict, word_frequency

from analysis.measure.background import _Shares, background_shares


def test_shares_are_of_their_whole():
    shares = _Shares({"a": 1.0, "b": 3.0})
    assert dict(shares) == {"a": 0.25, "b": 0.75}
    assert shares.get("c", 0.5) == 0.5
    assert len(shares) == 2


def test_ordinary_language_is_that_of_wordfreq():
    shares = background_shares("en")
    assert sum(shares.values()) == pytest.approx(1)
    assert len(shares) == len(get_frequency_dict("en"))
    assert shares["the"] / shares["river"] == pytest.approx(
        word_frequency("the", "en") / word_frequency("river", "en"), rel=0.02
    )
    assert not background_shares("ko")
