"""The overview: three vantages whatever there is, cells that say what they lack, letters that can be read."""

from __future__ import annotations

import colorsys
import shutil
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from readable import problems

from analysis.compare.claims import claim_verdicts
from analysis.compare.concepts import concept_prevalence
from analysis.compare.contested import contested_tone
from analysis.compare.keyness import key_words, leading
from analysis.compare.summary import FEW_POINTS, add_columns, summary
from analysis.corpus import ImportOptions, import_file
from analysis.measure.lexicon import function_words
from analysis.measure.pairs import glosses
from analysis.show import lettering, palette, style
from analysis.show.lettering import percent
from analysis.show.style import title_of
from analysis.show.summary import WIDTH, draw_summary, tone_colour
from analysis.study import open_study

VANTAGES = ("western_commenter", "chinese_viewer", "vlogger")
ENGLISH = ("The city is lovely and the people are kind", "It is all staged, I am afraid", "They are so poor, so hungry")
CHINESE = ("那里的人很友好，风景也好，我很快乐", "那里很穷，战争和死亡", "全是演的，太假了，让人哭")
KOREAN = ("거기 사람들은 친절해요", "그곳은 가난해요", "모두 연극이에요")


def rows(vantage, language, number=60, origin="western", evidence="verbatim"):
    """Return utterances of a vantage, in 12 threads."""
    texts = {"en": ENGLISH, "zh": CHINESE, "ko": KOREAN}[language]
    return [
        {
            "utterance_id": f"{vantage}-{origin}-{language}-{i}",
            "text": f"{texts[i % 3]} {i}",
            "language": language,
            "vantage": vantage,
            "origin": origin,
            "evidence": evidence,
            "kind": "comment",
            "platform": "x",
            "thread_id": f"{vantage}-{origin}-{language}-t{i % 12}",
            "posted_at": f"20{10 + i % 5}-03-01",
        }
        for i in range(number)
    ]


@pytest.fixture(scope="module")
def tables():
    """Return the tables that were made: several tests look at the same utterances."""
    return {}


@pytest.fixture
def made(tmp_path, tables):
    """Return what makes the overview's table of a list of utterances, and imports them into ``corpus``."""

    def make(*lists, name="A corpus", **parameters):
        shutil.rmtree(tmp_path / "corpus", ignore_errors=True)
        frame = pd.DataFrame([row for each in lists for row in each])
        frame.to_csv(tmp_path / "rows.csv", index=False)
        import_file(tmp_path / "rows.csv", tmp_path / "corpus", ImportOptions(name))
        key = repr((lists, name, parameters))
        if key not in tables:
            tables[key] = summary(open_study(corpus=str(tmp_path / "corpus"), draws=99, **parameters))
        return tables[key].copy()

    return make


@pytest.fixture(scope="module")
def seeds():
    """Return the overview of the seed quotations, for tests that only read it."""
    return summary(open_study(draws=99))


def said(figure):
    return " ".join(text.get_text() for text in figure.axes[0].texts)


def require_readable(figure):
    assert figure.get_figwidth() == WIDTH
    assert problems(figure) == []


def columns(table):
    return list(dict.fromkeys(table["column"].dropna()))


def cells(table, part, column):
    return table[(table["part"] == part) & (table["column"] == column)]


WESTERN, CHINESE_SIDE = rows("western_commenter", "en"), rows("chinese_viewer", "zh", origin="chinese")
VLOGGERS = [rows("vlogger", "en"), rows("vlogger", "zh", origin="chinese")]


@pytest.mark.parametrize(
    "lists",
    [[WESTERN], [CHINESE_SIDE], [VLOGGERS[0]], [WESTERN, CHINESE_SIDE], [WESTERN, CHINESE_SIDE, *VLOGGERS],
     [rows("western_commenter", "ko")], [rows("", "en")]],
)  # fmt: skip
def test_there_are_three_columns_whatever_is_there(made, lists):
    table = made(*lists)
    assert tuple(dict.fromkeys(name.split(",")[0] for name in columns(table))) == VANTAGES
    figure = draw_summary(table)
    require_readable(figure)
    for heading in ("Western commenters", "Chinese viewers", "loggers"):
        assert heading in said(figure)


def test_vloggers_are_parted_where_both_sides_are_there(made):
    assert columns(made(WESTERN, *VLOGGERS))[2:] == ["vlogger, western", "vlogger, chinese"]


def test_vloggers_of_one_side_are_not_parted(made):
    assert columns(made(WESTERN, VLOGGERS[0]))[2:] == ["vlogger"]


def test_every_cell_has_a_number_or_says_what_it_lacks(made):
    table = made(WESTERN, CHINESE_SIDE)
    for part in ("who", "tone", "concept", "word"):
        for column in VANTAGES:
            mine = cells(table, part, column)
            assert len(mine)
            told = mine["n_a"].fillna(0) > 0
            assert (told | (mine["note"].fillna("") != "")).all(), (part, column)
    assert set(cells(table, "tone", "vlogger")["note"]) == {"no vloggers in the corpus"}
    (needs,) = set(cells(table, "word", "chinese_viewer")["note"])
    assert needs == "nothing else in Chinese to set it against: needs a reference collection in Chinese"
    assert needs in said(draw_summary(table)).replace("\n", " ")


def test_paraphrases_are_said_to_be_unscored_and_a_language_to_be_unread(made):
    table = made(WESTERN, rows("chinese_viewer", "en", evidence="paraphrase"), rows("vlogger", "ko"))
    (note,) = cells(table, "tone", "chinese_viewer")["note"]
    assert note.startswith("paraphrases alone, which are never scored")
    assert set(cells(table, "tone", "vlogger")["note"]) == {"mostly Korean, which no instrument here reads"}


def test_a_missing_reference_is_named_and_one_that_is_there_is_used(made, tmp_path):
    (axis,) = made(WESTERN, CHINESE_SIDE).query("part == 'axis'").to_dict("records")
    assert axis["name"] == "ordinary language"
    assert axis["note"].startswith("no reference collection in English or Chinese")
    import_file(
        _written(tmp_path, [{**row, "vantage": ""} for row in rows("reference", "en") + rows("reference", "zh")]),
        tmp_path / "corpus",
        ImportOptions("Other talk"),
    )
    table = summary(open_study(corpus=str(tmp_path / "corpus"), draws=99))
    (axis,) = table.query("part == 'axis'").to_dict("records")
    assert (axis["name"], axis["text"]) == ("reference collection", "Other talk")
    assert set(cells(table, "word", "chinese_viewer")["text"]) == {"the reference collection"}


def _written(folder, lines):
    pd.DataFrame(lines).to_csv(folder / "more.csv", index=False)
    return folder / "more.csv"


def test_the_mean_is_measured_from_the_reference_in_its_spread(made, tmp_path):
    made(WESTERN)
    others = [{**row, "vantage": ""} for row in rows("reference", "en", 30)]
    import_file(_written(tmp_path, others), tmp_path / "corpus", ImportOptions("Other talk"))
    study = open_study(corpus=str(tmp_path / "corpus"), draws=99)
    scores = study.measures.groupby("group")["labmt"]
    expected = (scores.mean()["western_commenter"] - scores.mean()["reference"]) / scores.std()["reference"]
    table = summary(study)
    assert cells(table, "tone", "western_commenter")["estimate"].item() == pytest.approx(expected, abs=1e-7)
    assert cells(table, "bin", "western_commenter")["share"].sum() == pytest.approx(1, abs=1e-6)


def test_the_seeds_are_read_not_counted(seeds):
    assert set(seeds["part"]) == {"title", "who", "apart", "axis", "tone", "point", "quotation", "claim"}
    figure = draw_summary(seeds)
    require_readable(figure)
    assert "highly staged encounters" in said(figure)


def test_verdicts_stand_under_the_title_and_hollow_dots_are_told(seeds):
    told = said(draw_summary(seeds))
    claimed = "Claims of the three documents that the study began with (the seeds)"
    # Where all are for one reason, it stands there; and so does that nobody said what a program made.
    why = "for the claims were drawn from these very words"
    assert f"{claimed}: {(seeds['part'] == 'claim').sum()} untestable, {why}" in " ".join(told.split())
    assert "A program made these utterances" not in told
    made_up = seeds.assign(hits=seeds["hits"].mask(seeds["part"] == "title", seeds["n_a"]))
    assert "A program made these utterances; nobody said them" in said(draw_summary(made_up))
    partly = seeds.assign(hits=seeds["hits"].mask(seeds["part"] == "title", 3))
    assert "A program made 3 of these utterances; nobody said those." in said(draw_summary(partly))
    assert "hollow where there are too few threads or accounts for an interval" in told
    claim = seeds["part"] == "claim"
    judged = seeds.assign(verdict=seeds["verdict"].mask(claim & (seeds["name"] == "1"), "supported"))
    judged["ci_low"] = judged["ci_low"].where(judged["part"] != "tone", 0.0)
    judged["ci_high"] = judged["ci_high"].where(judged["part"] != "tone", 1.0)
    told = said(draw_summary(judged))
    assert "1 supported, " in told
    assert "hollow" not in told


def test_the_title_names_those_alone_who_are_heard(seeds, made):
    figure = draw_summary(seeds)
    assert "How western commenters, Chinese viewers and vloggers speak of North Korea" in said(figure)
    # Who cannot see it is told so, too, and what became of the claims.
    begins = "How western commenters, Chinese viewers and vloggers speak of North Korea. Claims of the three documents"
    assert title_of(figure).startswith(begins)
    assert "How Chinese viewers speak of North Korea" in said(draw_summary(made(CHINESE_SIDE)))
    both = said(draw_summary(made(WESTERN, CHINESE_SIDE)))
    assert "How western commenters and Chinese viewers speak of North Korea" in both
    assert "each utterance counts as independent" not in both


def test_where_no_thread_is_known_the_overview_says_what_its_intervals_are_worth(made):
    alone = made([{name: value for name, value in row.items() if name != "thread_id"} for row in CHINESE_SIDE])
    figure = draw_summary(alone)
    require_readable(figure)
    told = " ".join(said(figure).split())
    assert "no thread or account known" in told
    assert "each utterance counts as independent: intervals are too narrow, and p too small" in told


@pytest.mark.parametrize(
    ("share", "told"), [(1.0, "100 %"), (0.9997, "> 99 %"), (0.9949, "99 %"), (0.5, "50 %"), (0.0, "0 %")]
)
def test_a_hundred_percent_are_all(share, told):
    assert percent(share) == told


def test_quotations_follow_the_parameter_lines():
    assert "quotation" not in set(summary(open_study(draws=99, lines=0))["part"])


def test_comments_are_not_quoted_however_few(made):
    assert "quotation" not in set(made(rows("western_commenter", "en", 12))["part"])


def test_a_chinese_word_has_its_gloss_and_an_english_one_none(made):
    happy = [{**row, "text": "我很快乐"} for row in CHINESE_SIDE]
    table = made(happy, VLOGGERS[1], WESTERN, VLOGGERS[0])
    words = cells(table, "word", "chinese_viewer").set_index("name")
    assert words.loc["快乐", "gloss"] == "happy"
    assert not cells(table, "word", "western_commenter")["gloss"].any()
    assert "快乐 (happy)" in said(draw_summary(table))


def test_two_sides_have_one_table_of_words_seen_from_either(made):
    lights = [{**row, "text": "the wonderful lights"} for row in WESTERN]
    table = made(lights, [{**row, "text": f"{row['text']}, it is cold fog"} for row in VLOGGERS[0]])
    mine = cells(table, "word", "western_commenter").set_index("name")
    theirs = cells(table, "word", "vlogger")
    assert mine.loc["wonderful", "n_a"] == len(WESTERN)
    assert mine.loc["wonderful", "unit"] == "only here"
    assert {"cold", "fog"} <= set(theirs["name"])
    assert not set(theirs["name"]) & function_words("en")
    assert (theirs["estimate"] > 0).all()
    assert (theirs["ci_low"] <= theirs["estimate"]).all()
    assert (theirs["n_a"] > 0).all()


def test_a_gloss_is_left_out_where_it_would_be_wrong() -> None:
    known = glosses()
    assert (known["快乐"], known["不"]) == ("happy", "not")
    assert not {"把", "的", "了"} & set(known)  # words of grammar, whatever labMT's file has for them
    assert not set(known.values()) & {"the", "of", "a"}
    assert "镜头" not in known  # "shot": rated as another thing was
    assert known["罚款"] == "penalty"  # ours; labMT's is "fine"


def test_few_scores_are_dots_and_many_are_bars(made):
    table = made(WESTERN, rows("vlogger", "en", FEW_POINTS - 1))
    assert (len(cells(table, "point", "vlogger")), len(cells(table, "bin", "vlogger"))) == (FEW_POINTS - 1, 0)
    assert len(cells(table, "point", "western_commenter")) == 0
    mean = cells(table, "point", "vlogger")["estimate"].mean()
    assert mean == pytest.approx(cells(table, "tone", "vlogger")["estimate"].item(), abs=1e-6)
    figure = draw_summary(table)
    assert f"Small dots: utterances one by one, where fewer than {FEW_POINTS} are scored." in said(figure)
    dots = [line for line in figure.axes[0].lines if line.get_markersize() == 3 and line.get_marker() == "o"]
    assert len({tuple(np.ravel(dot.get_data())) for dot in dots}) == FEW_POINTS - 1
    assert "Small dots" not in said(draw_summary(made(WESTERN)))


def test_no_colour_of_tone_looks_like_that_of_a_vantage():
    def hue(colour):
        return colorsys.rgb_to_hsv(*mpl.colors.to_rgb(colour))[0]

    for tone in (-1, -0.3, 0.3, 1):
        for vantage in VANTAGES:
            apart = abs(hue(tone_colour(tone)) - hue(palette.COLOURS[vantage]))
            assert min(apart, 1 - apart) > 20 / 360, (tone, vantage)
    assert colorsys.rgb_to_hsv(*mpl.colors.to_rgb(tone_colour(0.0)))[1] == 0


def test_the_colours_of_tone_read_from_colder_to_warmer(bilingual):
    told = [
        text.get_text() for text in draw_summary(summary(open_study(corpus=str(bilingual), draws=99))).axes[0].texts
    ]
    start = told.index("colder")
    assert told[start + 1] == "warmer"
    assert told[start + 3 : start + 7] == ["−0.6", "−0.2", "+0.2", "+0.6"]


def test_how_many_are_scored_is_said_of_every_side(made):
    silent = [{**row, "utterance_id": f"s{i}", "text": "zxq"} for i, row in enumerate(WESTERN[:20])]
    table = made(WESTERN, silent, CHINESE_SIDE)
    row = cells(table, "tone", "western_commenter").iloc[0]
    assert (row["hits"], row["n_a"], row["share"]) == (60, 80, 0.75)
    assert "75 % of the English scored (60 of 80)" in said(draw_summary(table))
    assert "100 % of the Chinese scored (60 of 60)" in said(draw_summary(table))


def test_platforms_and_years_that_do_not_overlap_are_said(made):
    early = [{**row, "platform": "reddit", "posted_at": "2012-01-01"} for row in WESTERN]
    table = made(early, CHINESE_SIDE)
    apart = table[table["part"] == "apart"].set_index("name")
    assert dict(apart["text"]) == dict.fromkeys(["platform"], "western commenters with Chinese viewers")
    table = made([{**row, "posted_at": "2009-01-01"} for row in early], CHINESE_SIDE, *VLOGGERS)
    apart = table[table["part"] == "apart"].set_index("name")["text"]
    others = "western commenters with Chinese viewers or western vloggers or Chinese vloggers"
    assert dict(apart) == {"platform": others, "year": others}
    told = said(draw_summary(table))
    assert f"No platform in common: {others}." in told.replace("\n", " ")
    assert "may come from the platform or the year." in told
    undated = made([{**row, "posted_at": ""} for row in WESTERN], CHINESE_SIDE)
    assert "No year is known of western commenters." in said(draw_summary(undated))
    assert "in common" not in said(draw_summary(made(WESTERN, CHINESE_SIDE)))
    partly = [
        [{**row, "platform": "x" if i % 2 else other} for i, row in enumerate(side)]
        for side, other in ((WESTERN, "y"), (CHINESE_SIDE, "z"))
    ]
    assert "in common" not in said(draw_summary(made(*partly)))
    half = made([{**row, "platform": "reddit" if i % 2 else ""} for i, row in enumerate(WESTERN)], CHINESE_SIDE)
    told = said(draw_summary(half)).replace("\n", " ")
    assert "western commenters with Chinese viewers (as far as it is known)." in told
    assert f"Reddit, {len(WESTERN[::2])} of unknown platform" in told


def test_clusters_are_called_what_they_are(made):
    mine = [{**row, "speaker": f"a{i % 12}"} for i, row in enumerate(VLOGGERS[0])]
    table = made(WESTERN, mine)
    told = said(draw_summary(table))
    assert "12 threads (12.0 effective)" in told
    assert "12 accounts (12.0 effective)" in told
    assert "cluster" not in told
    assert "threads or accounts" in told
    assert "or accounts" not in said(draw_summary(made(WESTERN)))


def test_a_column_in_which_nobody_speaks_is_narrow_and_says_what_would_fill_it(made):
    def left(figure, word):
        return next(text.get_position()[0] for text in figure.axes[0].texts if text.get_text() == word)

    figure = draw_summary(made(WESTERN, CHINESE_SIDE))
    wide = left(figure, "Chinese viewers") - left(figure, "Western commenters")
    assert WIDTH - left(figure, "Vloggers") < wide / 2
    assert "none here; captions or transcripts of 10 accounts would fill it" in said(figure)
    assert "no vloggers in the corpus" not in said(figure)


def test_a_claim_says_whom_it_was_judged_on(made):
    claims = made(WESTERN, CHINESE_SIDE, VLOGGERS[0]).query("part == 'claim'").set_index("name")["judged"].fillna("")
    assert claims["3b"] == "western commenters and western vloggers against Chinese viewers"
    assert claims["1"] == "western commenters against vloggers, all western"
    assert claims["2"] == ""
    table = made(WESTERN, CHINESE_SIDE)
    assert "(here: western commenters against Chinese viewers)" in said(draw_summary(table))
    judged = table.assign(verdict=table["verdict"].mask(table["part"] == "claim", "undecided"))
    assert "judged on western commenters against Chinese viewers" in said(draw_summary(judged))


def test_hostile_text_is_drawn_as_it_stands(tmp_path):
    hostile = "<script>alert(1)</script> $\\frac{1}{0}$ & \u202eevil\u202c \x07 =cmd|' /C calc'!A0"
    lines = [{**row, "text": f"{hostile} staged {i}"} for i, row in enumerate(WESTERN)]
    retold = [{**row, "evidence": "translated"} for row in lines[:20]]
    for name, each in (("many", lines), ("few", retold)):
        folder = tmp_path / name
        import_file(
            _written(tmp_path, [{**row, "platform": hostile} for row in each]),
            folder,
            ImportOptions("<b>$x_1$</b>\u202e"),
        )
        table = summary(open_study(corpus=str(folder), draws=99))
        style.save(draw_summary(table), table, tmp_path, f"00-{name}")
        drawing = (tmp_path / f"00-{name}.svg").read_text(encoding="utf-8")
        assert "<script" not in drawing
        assert "\u202e" not in drawing
        require_readable(draw_summary(table))
    cells_of = pd.read_csv(tmp_path / "00-few.csv", dtype=str, keep_default_na=False).to_numpy().ravel()
    assert not [cell for cell in cells_of if cell.startswith(("=", "@", "+"))]


def test_an_empty_table_is_three_empty_columns(seeds):
    figure = draw_summary(seeds.head(0))
    assert "Chinese viewers" in said(figure)


def test_what_touches_would_be_found(seeds):
    figure = draw_summary(seeds)
    text = figure.axes[0].texts[5]
    text.set_position(figure.axes[0].texts[8].get_position())
    with pytest.raises(AssertionError):
        require_readable(figure)


def test_the_numbers_are_those_of_the_other_notebooks(bilingual):
    study = open_study(corpus=str(bilingual), draws=99)
    parted = replace(study, measures=add_columns(study.measures))
    table = summary(study)
    shares = concept_prevalence(parted).set_index(["measure", "a"])
    mine = table[table["part"] == "concept"].set_index(["name", "column"])
    assert len(mine) == 32
    for name in ("estimate", "ci_low", "ci_high"):
        expected = shares.loc[mine.index, name].to_numpy(dtype=float)
        np.testing.assert_array_equal(mine[name].to_numpy(dtype=float), expected)
    words = key_words(parted).query("a == 'western_commenter' and b == 'vlogger, western'")
    words = words[~words["term"].isin(function_words("en"))]
    for side, column, sign in (("a", "western_commenter", 1), ("b", "vlogger, western", -1)):
        first = leading(words, 8).query("log_ratio * @sign > 0")
        shown = cells(table, "word", column).dropna(subset="name")
        assert shown["name"].tolist() == first["term"].tolist()
        assert shown["n_a"].tolist() == first[f"n_{side}"].tolist()
        np.testing.assert_array_equal(shown["estimate"].to_numpy(), sign * first["log_ratio"].to_numpy())
    verdicts, _ = claim_verdicts(study)
    assert table.loc[table["part"] == "claim", "verdict"].tolist() == verdicts["verdict"].tolist()


def test_the_tone_around_a_concept_is_that_of_notebook_4(made, tmp_path):
    cold = [{**row, "text": f"it is all staged, a terrible war, sad, {i}"} for i, row in enumerate(WESTERN)]
    warm = [{**row, "text": f"it was staged, a happy love, {i}"} for i, row in enumerate(VLOGGERS[0])]
    table = made(cold, warm)
    tones = contested_tone(open_study(corpus=str(tmp_path / "corpus"), draws=99))[0].set_index(["measure", "a"])
    mine = table[(table["part"] == "concept") & table["tone"].notna()].set_index(["name", "column"])["tone"]
    assert mine["staged", "western_commenter"] < mine["staged", "vlogger"]
    assert mine.tolist() == tones.loc[mine.index, "estimate"].tolist()


def test_what_is_left_out_and_what_shares_are_of_is_said_where_they_are_read(made):
    notices = [{**row, "text": "I am a bot, and this action was performed automatically"} for row in WESTERN[:2]]
    table = made(WESTERN, notices, CHINESE_SIDE, duplicates="first")
    told = said(draw_summary(table)).replace("\n", " ")
    # Of sixty texts there are three, told apart by a number alone.
    assert "Left out: 2 (phrases of a platform and notices of bots) and 57 (further copies of a text)" in told
    assert "Share of the utterances in English or Chinese that mention it" in told
    assert "Left out" not in said(draw_summary(made(WESTERN, CHINESE_SIDE)))
    assert "half a mention" not in told
    claim = table["part"] == "claim"
    units = {"unit": table["unit"].mask(claim, "log2 ratio"), "verdict": table["verdict"].mask(claim, "undecided")}
    assert "(×: half a mention added to each side)" in said(draw_summary(table.assign(**units)))


def test_a_claim_of_a_ratio_is_told_in_times() -> None:
    row = {"estimate": -3.2, "ci_low": -np.inf, "ci_high": 0.19, "unit": "log2 ratio"}
    assert lettering.effect(row) == "× 0.11 [0, 1.1]"
    assert (
        lettering.effect({"estimate": 8.43, "ci_low": -7, "ci_high": np.inf, "unit": "points"})
        == "+8.4 points [−7, +∞]"
    )


def test_the_overview_says_by_what_it_is_weighted(bilingual, tmp_path) -> None:
    notes = []
    for weighting in ("utterance", "likes"):
        table = summary(open_study(corpus=str(bilingual), out=str(tmp_path), draws=99, weighting=weighting))
        notes.append(str(table.loc[table["part"] == "axis", "note"].iloc[0]))
    assert ["weighted by likes" in note for note in notes] == [False, True]


def test_the_overview_knows_whether_a_program_made_its_utterances(made):
    constructed = [row | {"evidence": "constructed"} for row in VLOGGERS[0]]
    for lists, wanted in (((WESTERN,), 0), ((WESTERN, constructed), len(constructed)), ((constructed,), None)):
        (row,) = made(*lists).query("part == 'title'").to_dict("records")
        assert row["hits"] == (row["n_a"] if wanted is None else wanted)


def test_an_interval_tells_on_which_side_of_nothing_it_ends(seeds):
    tone = seeds["part"] == "tone"
    ends = {"estimate": -0.08, "ci_low": -0.16, "ci_high": -0.0004, "share": 0.5, "hits": 5, "n_a": 10}
    told = said(draw_summary(seeds.assign(**{name: seeds[name].mask(tone, value) for name, value in ends.items()})))
    assert "−0.08 [−0.16, −0.0004]" in told
    assert "0.00]" not in told
