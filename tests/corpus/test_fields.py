"""Fields as data: what each operator takes from a record; the format of CONTRIBUTING; formats of other packages."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from analysis.corpus import ImportOptions, import_files, readers, store
from analysis.corpus.readers.fields import (
    CHILDREN,
    children,
    constant,
    envelope,
    first,
    in_name,
    lines,
    marked,
    matched,
    pick,
    read,
    several,
    times,
    unwrap,
)
from analysis.corpus.readers.format import File, Format
from analysis.errors import InputError

CONTRIBUTING = Path(__file__).parent.parent.parent / "CONTRIBUTING.md"


@pytest.mark.parametrize(
    ("get", "record", "value"),
    [
        (constant("post"), {}, "post"),
        (constant(0), {}, 0),
        (("a", "b"), {"a": "", "b": "N/A"}, "N/A"),
        (first("a", "b"), {"a": "N/A", "b": "x"}, "x"),
        (first("a", "b"), {"a": "null"}, None),
        ("a.b", {"a": {"b": "x"}}, "x"),
        ("a.b", {"a.b": "x"}, "x"),
        ("a.b", {"a/b": "x"}, "x"),
        ("a.b", {"a": "x"}, None),
        (unwrap("a", "b.c"), {"a": '{"b": {"c": "x"}}'}, "x"),
        (unwrap("a", "b"), {"a": "{'b': 'x', 'c': None}"}, "x"),
        (unwrap("a", "b"), {"a": {"b": "x"}}, "x"),
        (unwrap("a", "b"), {"a": "{broken"}, None),
        (unwrap("a"), {"a": '["x"]'}, ["x"]),
        (several("a", "b"), {"b": "x"}, (None, "x")),
        (lines("a", "b"), {"a": "so", "b": "quiet"}, "so\nquiet"),
        (lines("a", "b"), {"a": "so qui…", "b": "so quiet"}, "so quiet"),
        (matched(r"/p/(\w+)", "a", "b"), {"b": "x/p/abc?y"}, "abc"),
        (matched(r"\d+", "a"), {"a": "no"}, None),
        (marked("t3_", "a"), {"a": "abc"}, "t3_abc"),
        (marked("t3_", "a"), {"a": "t3_abc"}, "t3_abc"),
        (marked("t3_", "a"), {"a": ""}, None),
        (times(0.001, "a"), {"a": "1500"}, 1.5),
        (times(0.001, "a"), {"a": "soon"}, None),
        (lambda record: record["a"] * 2, {"a": "x"}, "xx"),
    ],
)
def test_an_operator_takes_its_value(get: Any, record: dict[str, Any], value: object) -> None:
    assert pick({"x": get})(record).get("x") == value


FILE = File("in/chat [BV1xx411c7mD].json", {"id": "v1"})


def test_what_a_file_says_counts_where_the_record_does_not() -> None:
    named = read({"thread_id": ("video", in_name(r"BV\w{10}")), "parent_id": envelope("id"), "text": "said"})
    assert list(named({"video": "x"}, FILE)) == [{"thread_id": "x", "parent_id": "v1"}]
    assert list(named({}, FILE)) == [{"thread_id": "BV1xx411c7mD", "parent_id": "v1"}]
    assert list(named({}, File("BV1xx411c7mD BV2xx411c7mD.json"))) == [{}]


def test_children_take_the_thread_and_answer_what_they_stand_under() -> None:
    fields = {"utterance_id": "id", "thread_id": "video", "parent_id": "to", "text": "said"}
    found = read({**fields, CHILDREN: children("replies")})
    inner = {"id": "2", "replies": [{"id": "3"}, {"id": "4", "to": "x"}]}
    assert list(found({"id": "1", "video": "v", "replies": [inner]}, FILE)) == [
        {"utterance_id": "1", "thread_id": "v"},
        {"utterance_id": "2", "thread_id": "v", "parent_id": "1"},
        {"utterance_id": "3", "thread_id": "v", "parent_id": "2"},
        {"utterance_id": "4", "thread_id": "v", "parent_id": "x"},
    ]
    assert len(list(found({"id": "1", "replies": None}, FILE))) == 1


BELOW = {"utterance_id": "cid", "text": "said"}


def test_children_may_have_fields_of_their_own_and_a_damaged_one_costs_itself() -> None:
    found = read(
        {"utterance_id": "id", "thread_id": "id", "text": "said", CHILDREN: children("a.b", "c", fields=BELOW)}
    )
    record = {"id": "1", "a": {"b": [{"cid": "2", "said": "so"}, "no record"]}, "c": [{"cid": "3"}]}
    assert list(found(record, FILE)) == [
        {"utterance_id": "1", "thread_id": "1"},
        {"thread_id": "1", "parent_id": "1", "utterance_id": "2", "text": "so"},
        {"thread_id": "1", "parent_id": "1", "problem": "not in the format of its tool (AttributeError)"},
        {"thread_id": "1", "parent_id": "1", "utterance_id": "3"},
    ]


def test_what_says_nothing_itself_hands_down_all_that_it_says() -> None:
    found = read({"thread_id": "id", "region": "place", CHILDREN: children("messages", fields=BELOW)})
    assert list(found({"id": "1", "place": "x", "messages": [{"cid": "2", "said": "so"}]}, FILE)) == [
        {"thread_id": "1", "region": "x", "utterance_id": "2", "text": "so"}
    ]


# -- formats of other packages -----------------------------------------------------------------------------------------


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return what has another package offer something as formats."""

    def offer(*loaded: Any) -> None:
        points = []
        for number, each in enumerate(loaded):
            point = EntryPoint(f"p{number}", f"package{number}", readers.ENTRY_POINTS)
            points.append(SimpleNamespace(name=point.name, value=point.value, load=lambda each=each: each()))
        monkeypatch.setattr(readers, "entry_points", lambda group: points if group == "vantage.formats" else [])
        readers.formats.cache_clear()

    yield offer
    monkeypatch.undo()
    readers.formats.cache_clear()


def example() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)
    return code


def test_the_format_of_contributing_works_as_it_stands_there(tmp_path: Path, offers: Any) -> None:
    found: dict[str, Any] = {}
    exec(compile(example(), "CONTRIBUTING.md", "exec"), found)  # noqa: S102  it is ours
    assert len(example().splitlines()) <= 30
    offers(lambda: SimpleNamespace(FORMATS=found["FORMATS"]))
    reply = {"cid": "c2", "words": "N/A", "caption": "再见", "user": "{'uid': 'b'}", "counts": {"likes": "1.2万"}}
    top = {"cid": "c1", "words": "你好", "user": '{"uid": "a"}', "time": "2025-03-01 08:00", "counts": {"likes": 3}}
    document = {"id": "BV1xx411c7mD", "list": [{**top, "replies": [reply]}]}
    (tmp_path / "video.json").write_text(json.dumps(document), encoding="utf-8")
    (report,) = import_files([tmp_path / "video.json"], tmp_path / "corpus", ImportOptions("Test")).reports
    assert (report.format, report.imported) == ("echo-comments", 2)
    one, two = pq.read_table(store.table_path(tmp_path / "corpus")).to_pylist()
    assert one["posted_at"].isoformat() == "2025-03-01T00:00:00+00:00"
    shown = ("utterance_id", "thread_id", "parent_id", "text", "likes", "platform", "kind", "source_tool")
    same = ("bilibili", "comment", "Echo")
    assert tuple(map(one.get, shown)) == ("c1", "BV1xx411c7mD", None, "你好", 3, *same)
    assert tuple(map(two.get, shown)) == ("c2", "BV1xx411c7mD", "c1", "再见", 12000, *same)
    assert one["speaker"] != two["speaker"] is not None


def test_a_package_may_offer_a_tuple_and_what_it_offers_is_looked_at(offers: Any) -> None:
    mine = Format("mine", "Mine", "", "comments", ("a",), read({"text": "a"}))
    offers(lambda: (mine,))
    assert readers.formats()[-1] is mine

    def broken() -> None:
        raise ImportError("no such module")

    for offered, said in (
        (broken, "package0: its formats cannot be loaded: ImportError"),
        (lambda: ("mine",), "package0: offers no FORMATS, a tuple of Format"),
        (SimpleNamespace, "package0: offers no FORMATS"),
        (lambda: sys.exit(3), "its formats cannot be loaded: SystemExit"),
        (lambda: (replace(mine, name="table"),), "the format 'table' is there already"),
        (lambda: (mine, mine), "the format 'mine' is there already"),
    ):
        offers(offered)
        with pytest.raises(InputError, match=said):
            readers.formats()
