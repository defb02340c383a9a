"""The user's own table of attributes, periods, and the groups that are made of them: tables worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.compare.attributes import KEYS, add_split, join_attributes, read_attributes
from analysis.compare.groups import MOST_GROUPS, add_group, group_order
from analysis.errors import InputError, ParameterError

#: Two utterances of one thread, one of another, and one without a thread, speaker or region.
MEASURES = pd.DataFrame(
    {
        "utterance_id": ["u1", "u2", "u3", "u4"],
        "thread_id": ["t1", "t1", "t2", None],
        "speaker": ["s1", "s2", "s1", None],
        "region": ["Jilin", "Anhui", "Jilin", None],
        "collection": ["C", "C", "D", "D"],
        "platform": ["weibo", "weibo", "douyin", None],
        "language": "zh",
    },
    index=[3, 1, 4, 9],
)


def write(folder, text):
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("utterance_id", {"u1": "young", "u3": "old"}, ["young", None, "old", None]),
        ("thread_id", {"t1": "young", "t2": "old"}, ["young", "young", "old", None]),
        ("speaker", {"s1": "young", "s2": "old", "s9": "gone"}, ["young", "old", "young", None]),
        ("region", {"Anhui": "old"}, [None, "old", None, None]),
        ("collection", {"C": "young", "D": "old"}, ["young", "young", "old", "old"]),
    ],
)
def test_a_table_is_joined_by_its_key(tmp_path, key, values, expected):
    path = write(tmp_path, f"age,{key}\n" + "".join(f"{value},{name}\n" for name, value in values.items()))
    joined = join_attributes(MEASURES, path)
    assert [None if pd.isna(value) else value for value in joined["age"]] == expected
    assert joined.index.tolist() == MEASURES.index.tolist()
    pd.testing.assert_frame_equal(joined[list(MEASURES)], MEASURES)
    grouped = add_group(joined, "age")["group"]
    assert grouped.tolist() == [value or "not known" for value in expected]


def test_the_narrowest_key_is_the_key_and_the_others_are_columns(tmp_path):
    path = write(tmp_path, "collection,region,speaker,thread_id,utterance_id\nX,Y,Z,t9,u1\n")
    key, table = read_attributes(path)
    assert key == KEYS[0] == "utterance_id"
    assert table.loc["u1"].to_dict() == {"collection": "X", "region": "Y", "speaker": "Z", "thread_id": "t9"}
    # What the measures have already keeps their meaning.
    pd.testing.assert_frame_equal(join_attributes(MEASURES, path), MEASURES)


def test_cells_are_text_without_space_around_and_empty_ones_are_missing(tmp_path):
    path = write(tmp_path, "utterance_id,age,city\n u1 , 07 ,\nu2,,  \nu3,NA,朝阳\n")
    _, table = read_attributes(path)
    assert table["age"].tolist() == ["07", None, "NA"]
    assert table["city"].tolist() == [None, None, "朝阳"]
    joined = join_attributes(MEASURES, path)
    assert add_group(joined, "age")["group"].tolist() == ["07", "not known", "NA", "not known"]


def test_a_key_that_stands_twice_is_named_with_its_row(tmp_path):
    path = write(tmp_path, "thread_id,age\nt1,young\nt2,old\n t1,old\n")
    with pytest.raises(InputError, match=r"mine\.csv, row 3, column thread_id: the thread_id 't1' occurs twice"):
        read_attributes(path)


def test_who_stands_twice_is_told_by_the_row_alone(tmp_path):
    path = write(tmp_path, "speaker,age\nmara,young\nmara,old\n")
    with pytest.raises(InputError, match=r"row 2, column speaker: the speaker occurs twice") as told:
        read_attributes(path)
    assert "mara" not in str(told.value)


def test_a_table_without_a_key_says_what_one_is(tmp_path):
    path = write(tmp_path, "name,age\nx,1\n")
    accepted = r"no column to join it by \(accepted: utterance_id, thread_id, speaker, region, collection\)"
    with pytest.raises(InputError, match=accepted):
        read_attributes(path)


@pytest.mark.parametrize("rows", ["", "t8,young\n", "T1,young\n"])
def test_a_table_of_another_corpus_is_refused(tmp_path, rows):
    path = write(tmp_path, "thread_id,age\n" + rows)
    with pytest.raises(InputError, match=r"column thread_id: no thread_id of it is in the corpus"):
        join_attributes(MEASURES, path)


def test_rows_without_a_key_are_nobodys(tmp_path):
    path = write(tmp_path, "thread_id,age\nt1,young\n,old\n ,\n")
    assert read_attributes(path)[1]["age"].to_dict() == {"t1": "young"}
    assert join_attributes(MEASURES, path)["age"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("platform", ["weibo", "weibo", None, "douyin"], ["weibo", "weibo", "not known", "douyin"]),
        ("kind", ["comment", None, None, "caption"], ["comment", "not known", "not known", "caption"]),
        ("region", ["Jilin", "北京", None, None], ["Jilin", "北京", "not known", "not known"]),
        ("period", ["before 2025-03-05", None, None, None], ["before 2025-03-05", *["not known"] * 3]),
        ("collection", ["C", "D", None, "C"], ["C", "D", "reference", "C"]),
        ("my column", ["x", "y", None, "x"], ["x", "y", "not known", "x"]),
    ],
)
def test_groups_are_the_values_of_a_column(column, values, expected):
    rows = pd.DataFrame({column: pd.Series(values, dtype=object)})
    assert add_group(rows, column)["group"].tolist() == expected


@pytest.mark.parametrize("kind", ["Int64", "float", "int16[pyarrow]"])
def test_years_are_whole(kind):
    rows = pd.DataFrame({"year": pd.Series([2017, None, 2019], dtype="Int64").astype(kind)})
    assert add_group(rows, "year")["group"].tolist() == ["2017", "not known", "2019"]


@pytest.mark.parametrize("column", ["platform", "kind", "region", "year", "period", "my column"])
def test_a_column_that_nobody_has_a_value_of_is_refused(column):
    rows = pd.DataFrame({column: pd.Series([None, None], dtype="Int64" if column == "year" else object)})
    with pytest.raises(ParameterError, match=f"compare '{column}': no utterance of the corpus has one"):
        add_group(rows, column)


def groups_of(sizes, missing=0):
    values = [name for name, size in sizes.items() for _ in range(size)] + [None] * missing
    rows = pd.DataFrame({"city": pd.Series(values, dtype=object)})
    return add_group(rows, "city")["group"].value_counts().to_dict()


def test_the_eight_largest_are_compared_and_the_smaller_ones_are_one_group():
    # By hand: ten cities of 10, 9 … 1; the two smallest make three utterances.
    sizes = {f"city {i}": 11 - i for i in range(1, 11)}
    expected = {f"city {i}": 11 - i for i in range(1, 9)} | {"other (2 smaller groups)": 3}
    assert groups_of(sizes) == expected
    # Those without a value are no city, however many they are, and take no place.
    assert groups_of(sizes, missing=50) == expected | {"not known": 50}
    assert group_order(expected | {"not known": 50})[-2:] == ["other (2 smaller groups)", "not known"]


def test_nine_groups_are_all_kept_for_one_alone_is_no_other():
    sizes = {f"city {i}": 10 - i for i in range(1, 10)}
    assert len(sizes) == MOST_GROUPS + 1
    assert groups_of(sizes) == sizes


def test_of_groups_of_one_size_the_first_by_name_are_kept_whatever_the_order():
    names = [f"city {letter}" for letter in "abcdefghijk"]
    expected = dict.fromkeys(names[:8], 2) | {"other (3 smaller groups)": 6}
    assert groups_of(dict.fromkeys(names, 2)) == expected
    assert groups_of(dict.fromkeys(reversed(names), 2)) == expected


def split(moments, split_at="2025-03-05"):
    """Return the period of each ``(time, precision)``."""
    times = pd.Series(pd.to_datetime([time for time, _ in moments], utc=True, format="ISO8601"))
    rows = pd.DataFrame({"posted_at": times, "time_precision": [precision for _, precision in moments]})
    return add_split(rows, split_at)["period"].where(lambda period: period.notna(), None).tolist()


BEFORE, FROM = "before 2025-03-05", "from 2025-03-05 on"


@pytest.mark.parametrize(
    ("moment", "precision", "period"),
    [
        ("2025-03-04T23:59:59.999999Z", "second", BEFORE),
        ("2025-03-05T00:00:00Z", "second", FROM),
        ("2025-03-04", "day", BEFORE),
        ("2025-03-05", "day", FROM),
        # In UTC, whatever the zone it was posted in.
        ("2025-03-05T07:59:59+08:00", "second", BEFORE),
        ("2025-03-04T20:00:00-05:00", "second", FROM),
        ("2025-02-01", "month", BEFORE),
        ("2025-03-01", "month", None),
        ("2025-04-01", "month", FROM),
        ("2024-01-01", "year", BEFORE),
        ("2025-01-01", "year", None),
        ("2026-01-01", "year", FROM),
        (None, None, None),
        (None, "year", None),
    ],
)
def test_a_month_or_year_is_on_a_side_where_it_lies_there_as_a_whole(moment, precision, period):
    assert split([(moment, precision)]) == [period]


def test_a_date_at_the_edge_of_a_month_or_year_parts_them_whole():
    months = [("2025-02-01", "month"), ("2025-03-01", "month")]
    assert split(months, "2025-03-01") == ["before 2025-03-01", "from 2025-03-01 on"]
    years = [("2024-01-01", "year"), ("2025-01-01", "year")]
    assert split(years, "2025-01-01") == ["before 2025-01-01", "from 2025-01-01 on"]
    leap = [("2024-02-01", "month"), ("2024-02-29", "day")]
    assert split(leap, "2024-02-29") == [None, "from 2024-02-29 on"]


def test_periods_are_groups_in_the_order_of_time():
    rows = pd.DataFrame({"posted_at": pd.to_datetime(["2026-01-01", "2024-01-01", None], utc=True)})
    rows = add_split(rows.assign(time_precision="day"), "2025-03-05")
    assert group_order(add_group(rows, "period")["group"]) == [BEFORE, FROM, "not known"]
