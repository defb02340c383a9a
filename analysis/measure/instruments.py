"""The instruments of the study, registered in one place."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

from analysis.errors import ParameterError
from analysis.measure.chinese import user_words
from analysis.measure.emoji import Emoji
from analysis.measure.instrument import Instrument
from analysis.measure.laughter import Laughter
from analysis.measure.lexicon import read_masks, user_lexicon, word_means
from analysis.measure.options import DEFAULT, LAUGHING, OTHER_LAUGHTER, UNMASKED
from analysis.measure.pairs import linked_word_means
from analysis.measure.vader import Vader
from analysis.measure.zh_rules import ZhRules
from analysis.parameters import Options


@cache
def make_instruments(options: Options = DEFAULT) -> tuple[Instrument, ...]:
    """Return every instrument, in the order of their columns; the masked ones also without masks.

    Raises
    ------
    ParameterError
        If a user's lexicon has the name of another instrument.

    """
    laughter = options.laughter == "score"
    vader = Vader(read_masks("vader", "en"), laughter=laughter, emoji_names=options.emoji == "names")
    rules = ZhRules(
        read_masks("zh_rules", "zh"),
        ironic=options.ironic,
        words=user_words(options.dictionaries),
        laughter=laughter,
    )
    out: list[Instrument] = [
        vader,
        word_means("labmt", options.lens, laughter=laughter),
        word_means("nrcvad", options.lens, laughter=laughter),
        rules,
        Emoji(laughter=laughter),
        linked_word_means(options.lens, laughter=laughter),
        vader.unmasked("vader" + UNMASKED),
        word_means("labmt", options.lens, masked=False, laughter=laughter),
        word_means("nrcvad", options.lens, masked=False, laughter=laughter),
        rules.unmasked("zh_rules" + UNMASKED),
        linked_word_means(options.lens, masked=False, laughter=laughter),
        Laughter(),
    ]
    for path in options.lexicons:
        own = user_lexicon(Path(path))
        if own.name in {*(tool.name for tool in out), *(name + OTHER_LAUGHTER for name in LAUGHING)}:
            message = f"the lexicon {path} has the name of another instrument, '{own.name}'; rename the file"
            raise ParameterError(message)
        out.append(own)
    return tuple(out)


@cache
def make_other_laughter(options: Options = DEFAULT) -> tuple[Instrument, ...]:
    """Return the instruments of :data:`LAUGHING`, masked, with laughter scored if it was apart, apart if scored."""
    laughter = options.laughter != "score"
    # These two look words up while they work; what one has found its twin knows.
    vader, rules = (tool for tool in make_instruments(options) if tool.name in {"vader", "zh_rules"})
    out = (
        vader.with_laughter(laughter=laughter),
        copy(word_means("labmt", options.lens, laughter=laughter)),
        copy(word_means("nrcvad", options.lens, laughter=laughter)),
        rules.with_laughter(laughter=laughter),
        Emoji(laughter=laughter),
        copy(linked_word_means(options.lens, laughter=laughter)),
    )
    for tool in out:
        tool.name += OTHER_LAUGHTER
    return out
