"""Times and counts as pages show them, with what stands around them."""

from __future__ import annotations

import pytest

from analysis.corpus.convert import decided_form, is_ambiguous, moment
from analysis.corpus.counts import count

CHINA = "+08:00"


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2024年3月", "2024-03-01", "month"),
        ("2024年", "2024-01-01", "year"),
        ("2024년 5월", "2024-05-01", "month"),
        ("2024/05", "2024-05-01", "month"),
        ("05/2024", "2024-05-01", "month"),
        ("mars 2024", "2024-03-01", "month"),
        ("marzo de 2024", "2024-03-01", "month"),
        ("发布于 2024-05-01", "2024-05-01", "day"),
        ("發佈於2024/5/1", "2024-05-01", "day"),
        ("[已编辑] 2024-05-01", "2024-05-01", "day"),
        ("编辑于 2024-05-01 辽宁", "2024-05-01", "day"),
        ("Posted on May 1, 2024", "2024-05-01", "day"),
        ("(edited) 2024-05-01", "2024-05-01", "day"),
        ("May 1, 2024 · Edited", "2024-05-01", "day"),
        ("Publié le 1 mai 2024", "2024-05-01", "day"),
        ("2024-05-01 周三", "2024-05-01", "day"),
        ("2024-05-01 10:00 已编辑", "2024-05-01 02:00", "minute"),
        ("发布时间：2024-05-01 10:00 来自辽宁", "2024-05-01 02:00", "minute"),
        ("2024年5月1日星期三 10:00", "2024-05-01 02:00", "minute"),
        ("2024년 5월 1일 수요일 10:00", "2024-05-01 02:00", "minute"),
        ("2024年5月1日 10点00分", "2024-05-01 02:00", "minute"),
        ("2024-05-01T10", "2024-05-01 02:00", "minute"),
    ],
)
def test_what_stands_around_a_time_is_no_part_of_it(text: str, at: str, precision: str) -> None:
    when, how = moment(text, CHINA)
    assert (f"{when:%Y-%m-%d %H:%M}", how) == (at if " " in at else f"{at} 00:00", precision)


@pytest.mark.parametrize(
    "zone", [" (北京时间)", "北京时间", " (HKT)", " HKT", " GMT+0800 (中国标准时间)", " Asia/Shanghai"]
)
def test_a_zone_behind_a_time_is_its_zone(zone: str) -> None:
    assert moment(f"2024-05-01 10:00{zone}", "UTC") == moment("2024-05-01 10:00", CHINA)


@pytest.mark.parametrize(
    "text",
    ["Season 2024", "13/2024", "2024年13月", "编辑于 05-01 10:00", "2024-05-01 10:00 下午", "2024-05-01 10:00 东京时间",
     "2024-05-01 10:00 (CST)", "2024-05-01 10:00 Asia/Moss", "2024-05-01 10:00 (东京时间)",
     "Edited 3 days ago", "发布于 昨天"],
)  # fmt: skip
def test_what_does_not_say_when_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        moment(text, CHINA)


def test_a_word_before_them_hides_no_day_that_other_rows_decide() -> None:
    assert is_ambiguous("Edited on 02/05/2024")
    assert decided_form(["发布于 02/05/2024", "发布于 25/05/2024"]) == "day-first"


@pytest.mark.parametrize(
    ("shown", "number"),
    [("+5", 5), ("+1.2万", 12_000), ("99+", 99), ("10w+", 100_000), ("5人点赞", 5), ("12 赞同", 12), ("赞同 12", 12),
     ("1.2萬讚", 12_000)],
)  # fmt: skip
def test_a_count_is_read_with_its_sign_and_its_word(shown: str, number: int) -> None:
    assert count(shown) == number


@pytest.mark.parametrize("shown", ["+", "-+5", "+-5", "5+5"])
def test_two_signs_are_no_count(shown: str) -> None:
    with pytest.raises(ValueError, match="is not a count"):
        count(shown)
