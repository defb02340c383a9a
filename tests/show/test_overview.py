"""Collected against existing: a row a thread, whose it is, what share was collected; drawn where the CSV says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from readable import problems

from analysis.compare.overview import count_collected, sum_collected
from analysis.digits import rounded
from analysis.show import palette, style
from analysis.show.overview import draw_collected, draw_grid

NASTY = "<script>alert(1)</script> $\\frac{1}{$ \u202eevil _x_ ไทย " + "😂" * 100
#: thread, platform, platform_comment_count, collected; by hand: shares 1/10, 3/2, missing, 0, missing, 1/4.
THREADS = [
    ("t1", "douyin", 40, 4),
    ("t2", "douyin", 2, 3),
    ("t3", "douyin", None, 7),
    ("t4", "douyin", 50, 0),
    ("t5", None, 0, 0),
    ("t1", "reddit", 8, 2),
    ("gone", "reddit", 1, 0),
]
#: thread, platform, kind, collection, vantage.
ROWS = [
    ("t1", "douyin", "caption", "Vlogs", "vlogger"),
    ("t1", "douyin", "comment", "Douyin 2025", "chinese_viewer"),
    ("t2", "douyin", "comment", "Douyin 2025", "chinese_viewer"),
    ("t2", "douyin", "comment", "Again", None),
    ("t3", "douyin", None, "Douyin 2025", "chinese_viewer"),
    ("t4", "douyin", "caption", "Vlogs", "vlogger"),
    ("t5", None, "comment", "Unplaced", None),
    ("t1", "reddit", "comment", "Reddit 2017-19", "western_commenter"),
    (None, "reddit", "comment", "Reddit 2017-19", "western_commenter"),
]


def count(threads=THREADS, rows=ROWS):
    threads = pd.DataFrame(threads, columns=["thread_id", "platform", "platform_comment_count", "collected"])
    rows = pd.DataFrame(rows, columns=["thread_id", "platform", "kind", "collection", "vantage"])
    return rounded(count_collected(threads, rows))


def many(sources, each=5):
    """Return ``each`` threads of each of many sources with hostile names; every third without a comment."""
    places = [(source, i) for source in range(sources) for i in range(each)]
    threads = [(f"t{i}", f"{s} {NASTY}", 10**i * (s + 1), (i % 3) * 2) for s, i in places]
    rows = [(f"t{i}", f"{s} {NASTY}", "comment", f"{NASTY} {s}", "vlogger") for s, i in places]
    return count(threads, rows)


def test_a_thread_belongs_to_those_who_comment_under_it_and_else_to_whose_it_is():
    table = count().set_index(["platform", "thread_id"])
    expected = {
        ("douyin", "t1"): ("Douyin 2025", "chinese_viewer", 0.1),
        ("douyin", "t2"): ("Again, Douyin 2025", "several", 1.5),
        ("douyin", "t3"): ("Douyin 2025", "chinese_viewer", None),
        ("douyin", "t4"): ("Vlogs", "vlogger", 0.0),
        ("unknown", "t5"): ("Unplaced", "reference", None),
        ("reddit", "t1"): ("Reddit 2017-19", "western_commenter", 0.25),
        ("reddit", "gone"): (None, None, 0.0),
    }
    assert len(table) == len(expected)
    for key, values in expected.items():
        found = table.loc[key, ["collection", "vantage", "share"]]
        assert tuple(None if pd.isna(value) else value for value in found) == values, key


def test_the_order_of_rows_and_threads_changes_nothing():
    pd.testing.assert_frame_equal(count(), count(THREADS[::-1], ROWS[::-1]))


def test_sums_are_of_threads_with_a_total_alone():
    sums = sum_collected(count()).set_index(["collection", "platform"])
    names = ["threads", "comments", "with_total", "platform_comment_count", "collected", "share", "median_share"]
    douyin = sums.loc[("Douyin 2025", "douyin"), names]
    assert douyin.tolist() == [2, 11, 1, 40, 4, 0.1, 0.1]  # the 7 comments under t3 are of no known total
    none_said = sums.loc[("Unplaced", "unknown"), names]
    assert none_said.tolist()[:5] == [1, 0, 1, 0, 0]
    assert none_said[["share", "median_share"]].isna().all()
    assert sums.index[-1] == ("threads of which nothing is compared", "reddit")
    assert sums["threads"].sum() == len(THREADS)


def test_shares_of_a_source_are_pooled_and_the_median_is_of_threads():
    # By hand: (90 + 1 + 0) / (100 + 10 + 10) and the median of .9, .1, 0; the thread without comments counts nowhere.
    threads = [("a", "x", 100, 90), ("b", "x", 10, 1), ("c", "x", 10, 0), ("d", "x", 0, 0), ("e", "x", None, 50)]
    (row,) = sum_collected(count(threads, [(t[0], "x", "comment", "C", None) for t in threads])).to_dict("records")
    assert row["share"] == pytest.approx(91 / 120)
    assert row["median_share"] == pytest.approx(0.1)
    assert (row["threads"], row["with_total"], row["comments"]) == (5, 4, 141)


def texts(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_points_stand_where_the_csv_says(tmp_path):
    table = count()
    figure = draw_collected(table)
    style.save(figure, table, tmp_path, "x")
    rows = pd.read_csv(tmp_path / "x.csv")
    rows = rows[rows["share"].notna()]
    points = [(tuple(place), part) for part in figure.axes[0].collections for place in part.get_offsets()]
    some = sorted(place for place, _ in points if place[1] >= 1)
    kept = rows[rows["collected"] > 0]
    assert some == sorted(zip(kept["platform_comment_count"], kept["collected"], strict=True))
    assert sorted(place[0] for place, _ in points if place[1] < 1) == sorted(
        rows.loc[rows["collected"] == 0, "platform_comment_count"]
    )
    colours = {place: part.get_facecolor()[0][:3] for place, part in points}
    assert colours[40, 4] == pytest.approx(
        [int(palette.COLOURS["chinese_viewer"][i : i + 2], 16) / 255 for i in (1, 3, 5)]
    )
    # By hand: the median of .1, 1.5, 0, .25 and 0.
    assert figure.get_suptitle().endswith("A median of 10 % of a thread's comments (5 threads)")
    assert "5 of 7 threads; 1 more had none." in texts(figure)
    assert "Douyin 2025, Douyin: 4 of 40 comments (10 %; median 10 %) in 1 of 2 threads" in texts(figure)


def test_what_was_collected_is_told_a_source_at_a_time_and_an_unknown_platform_is_not_named():
    table = count([(thread, platform, None, collected) for thread, platform, _, collected in THREADS])
    said = draw_collected(table).said
    assert "Unplaced: 0 comments in 1 thread;" in said
    assert "Douyin 2025, Douyin: 11 comments in 2 threads;" in said
    assert "nknown" not in said
    assert "threads of which nothing is compared, Reddit: 0 comments in 1 thread" in said


def test_where_no_platform_is_told_the_grid_says_so():
    rows = {"vantage": "vlogger", "kind": "comment", "language": "en", "year": "2025", "utterances": 3, "clusters": 1}
    grid = pd.DataFrame([{**rows, "platform": "unknown"}])
    (name,) = draw_grid(grid).axes[0].get_yticklabels()
    assert name.get_text() == "vlogger: platform not told, comment, English"


def test_platforms_are_written_as_people_write_them_and_all_comments_are_said_to_count():
    figure = draw_collected(count())
    assert "Reddit 2017-19, Reddit: " in " ".join(text.get_text() for text in figure.findobj(Text))
    said = " ".join(figure.legends[0].get_title().get_text().split())
    assert "All comments of the corpus count, those too that other figures leave out." in said
    grid = {"kind": "comment", "language": "en", "year": "2025", "utterances": 3, "clusters": 1}
    rows = [{"vantage": "vlogger", "platform": name, **grid} for name in ("tiktok", "douyin", "My forum")]
    names = [text.get_text() for text in draw_grid(pd.DataFrame(rows)).axes[0].get_yticklabels()]
    assert names == [f"vlogger: {name}, comment, English" for name in ("TikTok", "Douyin", "My forum")]


def test_the_lines_are_the_shares_that_they_are_named():
    figure = draw_collected(many(1))
    ax = figure.axes[0]
    named = [text.get_text() for text in ax.texts]
    assert named == ["all", "10 %", "1 %"]
    for line, share in zip(ax.lines, (1, 0.1, 0.01), strict=True):
        x, y = line.get_data()
        assert np.asarray(y) / np.asarray(x) == pytest.approx([share, share])


@pytest.mark.parametrize(
    ("threads", "says"),
    [
        ([], "no file said how many comments there were"),
        ([(*row[:2], None, row[3]) for row in THREADS], "no file said how many comments there were"),
        ([(*row[:2], 0, row[3]) for row in THREADS], "of no thread did a file say that it had a comment"),
    ],
)
def test_where_nothing_is_known_a_sentence_says_so_and_no_picture_is_written(threads, says, tmp_path):
    table = count(threads)
    (tmp_path / "x.png").write_bytes(b"of an earlier run")
    figure = draw_collected(table)
    assert says in figure.said
    if threads:
        assert "Douyin 2025, Douyin: 11 comments in 2 threads" in figure.said
    style.save(figure, table, tmp_path, "x")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    assert len(pd.read_csv(tmp_path / "x.csv")) == len(threads)


@pytest.mark.parametrize("table", [many(1, 1), many(1, 9), many(30)])
def test_every_text_can_be_read(table, tmp_path):
    figure = draw_collected(table.astype({"platform_comment_count": "Int64"}))
    assert problems(figure) == []
    style.save(figure, table, tmp_path, "x")
    assert "<script" not in (tmp_path / "x.svg").read_text(encoding="utf-8").lower()
