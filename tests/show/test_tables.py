"""Every figure is its table's: the same picture from the CSV, and no error from any part of the table."""

from __future__ import annotations

import io
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from drawn import drawn
from readable import problems

from analysis.compare import (
    claims,
    collocations,
    comention,
    concepts,
    contested,
    keyness,
    overview,
    summary,
    timeline,
    tone,
)
from analysis.compare import concordance as lines
from analysis.compare.word_shift import word_shifts
from analysis.errors import ParameterError
from analysis.show import claims as show_claims
from analysis.show import collocations as show_collocations
from analysis.show import comention as show_comention
from analysis.show import concepts as show_concepts
from analysis.show import contested as show_contested
from analysis.show import keyness as show_keyness
from analysis.show import overview as show_overview
from analysis.show import style
from analysis.show import summary as show_summary
from analysis.show import timeline as show_timeline
from analysis.show import tone as show_tone
from analysis.show.concordance import concordance_table
from analysis.show.word_shift import draw_word_shift
from analysis.study import open_study

PAIR = ["language", "a", "b"]
pair_words = partial(show_keyness.draw_key_terms, what="pairs of words")
#: What makes each table (or several, and which of them), the columns that name what one figure shows, what draws it.
FIGURES = {
    "summary": (summary.summary, [], show_summary.draw_summary),
    "grid": (overview.corpus_grid, [], show_overview.draw_grid),
    "collected": (overview.collected_threads, [], show_overview.draw_collected),
    "tone": (tone.tone_scores, ["instrument", "language"], show_tone.draw_tone),
    "tone differences": (tone.tone_differences, PAIR, show_tone.draw_tone_differences),
    "across languages": (tone.tone_across_languages, [], show_tone.draw_across_languages),
    "coverage": (tone.tone_coverage, [], show_tone.draw_coverage),
    "laughter": (tone.laughter_shares, [], show_tone.draw_laughter),
    "masking": (tone.masking_effect, [], show_tone.draw_masking),
    "word shift": (word_shifts, PAIR, draw_word_shift),
    "keyness": (keyness.key_words, PAIR, show_keyness.draw_keyness),
    "key words": (keyness.key_words, PAIR, show_keyness.draw_key_terms),
    "key pairs": (keyness.key_pairs, PAIR, pair_words),
    "collocations": (collocations.collocates, ["node", *PAIR], show_collocations.draw_collocations),
    "prevalence": (concepts.concept_prevalence, [], show_concepts.draw_prevalence),
    "concept differences": (concepts.concept_differences, [], show_concepts.draw_concept_differences),
    "comention": (comention.concept_pairs, [], show_comention.draw_comention),
    "contested": ((contested.contested_tone, 0), [], show_contested.draw_contested),
    "contested differences": ((contested.contested_tone, 1), [], show_contested.draw_contested_differences),
    "timeline": (timeline.concept_timeline, [], show_timeline.draw_timeline),
    "claims": (lambda study: claims.claim_rows(*claims.claim_verdicts(study)), [], show_claims.draw_claims),
}
#: What a student would choose by.
CHOSEN = (
    *("a", "b", "group", "measure", "instrument", "vantage", "language", "platform", "year", "verdict"),
    *("part", "column"),
)


@pytest.fixture(scope="module")
def studies(bilingual):
    """Return the study of the bilingual fixture and that of the seeds."""
    return {"bilingual": open_study(corpus=str(bilingual), draws=99), "seeds": open_study(draws=99)}


TABLES = {}


def once(studies, corpus, make):
    """Return what a function makes of a study, made once."""
    if (corpus, make) not in TABLES:
        TABLES[corpus, make] = make(studies[corpus])
    return TABLES[corpus, make]


def made(studies, corpus, name):
    """Return the table of a figure."""
    make, part = FIGURES[name][0], None
    if isinstance(make, tuple):
        make, part = make
    table = once(studies, corpus, make)
    return table if part is None else table[part]


def split(table, by):
    return [part for _, part in table.groupby(by, sort=False, dropna=False)] if by else [table]


def back(table):
    """Return a table from its CSV, as a reader of figures/ has it."""
    out = io.StringIO()
    style.write_csv(table, out)
    return pd.read_csv(io.StringIO(out.getvalue()))


def parts(table):
    """Return parts of a table such as one chooses by hand, each once: first and last rows, one value, all but one."""
    rows = table.reset_index(drop=True)
    chosen = {tuple(part.index): part for part in _chosen(rows)}
    return [table.iloc[list(place)] for place in chosen]


def _chosen(table):
    yield table.head(0)
    yield from (table.head(1), table.tail(1), table.iloc[::2], table.sample(frac=0.5, random_state=1))
    for name in (name for name in CHOSEN if name in table):
        values = list(dict.fromkeys(table[name].dropna()))
        for value in [values[0], values[-1]] if values else []:
            yield table[table[name] == value]
            yield table[table[name] != value]


def test_a_word_that_nothing_stands_near_is_told_group_by_group_in_their_own_units(studies):
    table = made(studies, "bilingual", "collocations")
    several = [part for part in split(table, ["node", *PAIR]) if part["b"].notna().all()]
    first = several[0].head(1).assign(collocate="", label_a="these (A)", label_b="those (B)", units_a="threads")
    told = show_collocations.draw_collocations(first.assign(units_b="accounts")).said
    assert re.search(r"No term stands near it \d+ times?, in 2 threads or accounts and twice as often", told)
    assert re.search(r" It occurs: these \(A\), [\d,]+ times? in .*; those \(B\), [\d,]+ times? in .*\.$", told)


def test_the_sizes_of_points_are_said_to_be_sizes(studies):
    table = split(made(studies, "bilingual", "keyness"), PAIR)[0].assign(units_a="threads", units_b="accounts")
    told = show_keyness.draw_keyness(table).axes[0].get_legend().get_title().get_text()
    assert told == "size: in how many threads or accounts it occurs"


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_who_leaves_a_column_out_is_told_which_and_where_such_tables_come_from(studies, name):
    _, by, draw = FIGURES[name]
    table = split(made(studies, "bilingual", name), by)[0]
    given = [table.columns[-1]]
    while True:
        try:
            draw(table[given])
        except ParameterError as error:
            (lacks,) = re.findall(r"no column '(\w+)' \(accepted: a table of analysis\.compare\.\w+\.\w+,", str(error))
            assert lacks in table
            assert lacks not in given
            given.append(lacks)
        else:
            break
    assert len(given) > 1
    with pytest.raises(ParameterError, match=r"draws a table, and a list is none \(accepted: a table of analysis"):
        draw([1, 2])


def test_what_is_drawn_tells_one_number_from_another(studies):
    table = made(studies, "seeds", "prevalence")
    moved = table.assign(estimate=table["estimate"] * (1 + 1e-3))
    draw = show_concepts.draw_prevalence
    assert drawn(draw(table)) == drawn(draw(table)) != drawn(draw(moved))


@pytest.mark.parametrize("corpus", ["bilingual", "seeds"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_read_in_print_and_is_the_same_from_its_csv(studies, corpus, name):
    _, by, draw = FIGURES[name]
    tables = split(made(studies, corpus, name), by)
    # Few of many: pictures take their time, the kinds of columns are the same.
    for table in tables[:2] + tables[2:][-1:]:
        figure = draw(table)
        assert drawn(figure) == drawn(draw(back(table)))
        assert problems(figure, drawn=True) == []


@pytest.mark.parametrize("corpus", ["bilingual", "seeds"])
def test_differences_of_pairs_of_concepts_are_the_same_from_their_csv(studies, corpus):
    pairs = once(studies, corpus, comention.concept_pairs)
    table = once(studies, corpus, comention.concept_pair_differences)
    figure = show_comention.draw_concept_pair_differences(table, pairs)
    again = show_comention.draw_concept_pair_differences(back(table), back(pairs))
    assert drawn(figure) == drawn(again)
    assert problems(figure, drawn=True) == []


@pytest.mark.parametrize("corpus", ["bilingual", "seeds"])
def test_lines_are_the_same_from_their_csv(studies, corpus):
    for table in split(once(studies, corpus, lines.concordance_lines), ["node"]):
        tame = table.copy()
        for side in ("left", "keyword", "right"):
            tame[side] = table[side].map(style.tame)
        assert concordance_table(back(table)).html == concordance_table(tame).html


@pytest.mark.parametrize("name", FIGURES)
def test_any_part_of_a_table_is_drawn(studies, name):
    """A student who chooses rows gets a figure, and one that says so where nothing is left."""
    _, by, draw = FIGURES[name]
    for part in parts(split(made(studies, "bilingual", name), by)[0]):
        draw(part)


def test_any_part_of_the_differences_of_pairs_of_concepts_is_drawn(studies):
    pairs = once(studies, "bilingual", comention.concept_pairs)
    table = once(studies, "bilingual", comention.concept_pair_differences)
    for part in parts(table):
        show_comention.draw_concept_pair_differences(part, pairs)
    for part in parts(pairs):
        show_comention.draw_concept_pair_differences(table, part)


@pytest.mark.parametrize("most", [0, 1, 5])
def test_any_part_of_the_lines_is_shown(studies, most):
    table = once(studies, "bilingual", lines.concordance_lines)
    assert repr(concordance_table(table.head(most))) == f"concordance of {most:,} lines"


def test_what_comes_back_is_what_went_out():
    table = pd.DataFrame(
        {
            "term": ["a", "", "c"],
            "note": ["", "", ""],
            "vantage": ["vlogger", "", "several"],
            "n_a": pd.array([1, None, 12_345], dtype="Int64"),
            "clusters_b": pd.array([1, 2, 3], dtype="Int64"),
            "estimate": [1.0, np.nan, 3.0],
            "p": [np.nan, np.nan, np.nan],
            "share": [0.5, 1.0, np.nan],
        },
        index=[7, 3, 5],
    )
    found = style.read_back(back(table))
    pd.testing.assert_frame_equal(style.read_back(table), found, check_dtype=False)
    assert found["note"].tolist() == ["", "", ""]
    assert found["term"].tolist() == ["a", "", "c"]
    assert found["n_a"].dtype == "Int64"
    assert f"{found['n_a'][2]:,}" == "12,345"
    # Measures that happen to be whole stay measures, and one that nobody has stays missing.
    assert found["estimate"].dtype == float
    assert found["p"].isna().all()
    assert found.index.tolist() == [0, 1, 2]


def test_reading_back_changes_nothing_of_the_reader():
    table = pd.DataFrame({"note": [None, "x"], "n_a": [1.0, np.nan]})
    before = table.copy()
    again = style.read_back(style.read_back(table))
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(again, style.read_back(table))


@pytest.mark.parametrize("name", ["tone", "tone differences", "word shift", "keyness", "key words", "collocations"])
def test_a_figure_of_several_pairs_or_instruments_is_refused(studies, name):
    with pytest.raises(ParameterError, match=r"and a figure shows one \(accepted: one of table\.groupby"):
        FIGURES[name][2](made(studies, "bilingual", name))
