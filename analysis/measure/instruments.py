"""The instruments of the study, registered in one place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analysis.errors import ParameterError
from analysis.measure.chinese import user_words
from analysis.measure.emoji import Emoji
from analysis.measure.instrument import Instrument
from analysis.measure.lexicon import read_masks, user_lexicon, word_means
from analysis.measure.options import DEFAULT, UNMASKED, Options
from analysis.measure.pairs import linked_word_means
from analysis.measure.vader import Vader
from analysis.measure.zh_rules import ZhRules


@cache
def make_instruments(options: Options = DEFAULT) -> tuple[Instrument, ...]:
    """Return every instrument, in the order of their columns; the masked ones also without masks.

    Raises
    ------
    ParameterError
        If a user's lexicon has the name of another instrument.

    """
    vader = Vader(masks=read_masks("vader", "en"))
    rules = ZhRules(masks=read_masks("zh_rules", "zh"), ironic=options.ironic, words=user_words(options.dictionaries))
    out: list[Instrument] = [
        vader,
        word_means("labmt", options.lens),
        word_means("nrcvad", options.lens),
        rules,
        Emoji(),
        linked_word_means(options.lens),
        vader.unmasked("vader" + UNMASKED),
        word_means("labmt", options.lens, masked=False),
        word_means("nrcvad", options.lens, masked=False),
        rules.unmasked("zh_rules" + UNMASKED),
        linked_word_means(options.lens, masked=False),
    ]
    for path in options.lexicons:
        own = user_lexicon(Path(path))
        if own.name in {tool.name for tool in out}:
            message = f"the lexicon {path} has the name of another instrument, '{own.name}'; rename the file"
            raise ParameterError(message)
        out.append(own)
    return tuple(out)
