"""The instruments of the study, registered in one place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from analysis.errors import ParameterError
from analysis.measure.emoji import Emoji
from analysis.measure.instrument import Instrument
from analysis.measure.lexicon import read_masks, user_lexicon, word_means
from analysis.measure.vader import Vader
from analysis.measure.zh_rules import ZhRules

#: What the names in :func:`analysis.measure.cache` and the notebooks stand for: languages and scale of each.
BUILT_IN = ("vader", "labmt", "nrcvad", "zh_rules", "emoji")
UNMASKED = "_unmasked"


@dataclass(frozen=True)
class Options:
    """What changes a measure.

    Attributes
    ----------
    lens : float
        How far from neutral a word's rating must be to count, in points of labMT's English scale.
    ironic : {"skip", "literal", "cold"}
        What ``zh_rules`` does with words and codes that are ironic more often than not.
    lexicons : tuple of str
        Paths of the user's own lexicons (CSV: term, score).

    """

    lens: float = 1.0
    ironic: Literal["skip", "literal", "cold"] = "skip"
    lexicons: tuple[str, ...] = ()


@cache
def make_instruments(options: Options = Options()) -> tuple[Instrument, ...]:
    """Return every instrument, in the order of their columns; the masked ones also without masks.

    Raises
    ------
    ParameterError
        If a user's lexicon has the name of another instrument.

    """
    plain_vader, plain_rules = Vader(), ZhRules(ironic=options.ironic)
    plain_vader.name, plain_rules.name = "vader" + UNMASKED, "zh_rules" + UNMASKED
    out: list[Instrument] = [
        Vader(masks=read_masks("vader", "en")),
        word_means("labmt", options.lens),
        word_means("nrcvad", options.lens),
        ZhRules(masks=read_masks("zh_rules", "zh"), ironic=options.ironic),
        Emoji(),
        plain_vader,
        word_means("labmt", options.lens, masked=False),
        word_means("nrcvad", options.lens, masked=False),
        plain_rules,
    ]
    for path in options.lexicons:
        own = user_lexicon(Path(path))
        if own.name in {tool.name for tool in out}:
            message = f"the lexicon {path} has the name of another instrument, '{own.name}'; rename the file"
            raise ParameterError(message)
        out.append(own)
    return tuple(out)
