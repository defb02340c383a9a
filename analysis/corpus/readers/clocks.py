"""When something was written, where a table has the day in one column and the clock in another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from analysis.corpus.readers.column_names import bare
from analysis.corpus.readers.fields import ParsedItem

_DAYS = frozenset(["date", "day", "datum", "fecha", "data", "дата", "日期", "날짜", "投稿日"])
_CLOCKS = frozenset(["time", "clock", "uhrzeit", "zeit", "hora", "heure", "ora", "время", "时间", "시간", "时刻"])
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?", re.IGNORECASE)
#: What a workbook adds to a day.
_MIDNIGHT = re.compile(r"[T ]00:00(?::00)?$")
#: A longer time has both.
_LONGEST = 24


def whole_times(items: Iterable[ParsedItem], record: Mapping[str, Any]) -> Iterator[ParsedItem]:
    """Yield what a reader tells of a record, the time with the day or the clock of another column.

    >>> next(whole_times([{"posted_at": "14:05"}], {"Date": "2024-05-01", "Time": "14:05"}))
    {'posted_at': '2024-05-01 14:05'}
    >>> next(whole_times([{"posted_at": "01.05.2024"}], {"Datum": "01.05.2024", "Uhrzeit": "14:05"}))
    {'posted_at': '01.05.2024 14:05'}
    """
    for item in items:
        value = item.get("posted_at")
        if isinstance(value, str) and len(value) <= _LONGEST:
            whole = _whole(value.strip(), record)
            yield item if whole is None else {**item, "posted_at": whole}
        else:
            yield item


def _whole(value: str, record: Mapping[str, Any]) -> str | None:
    day, clock = _columns(tuple(dict.keys(record)))  # which asks for none of them
    if _CLOCK.fullmatch(value):
        date = record.get(day) if day is not None else None
        return f"{_MIDNIGHT.sub('', date.strip())} {value}" if isinstance(date, str) and date.strip() else None
    date = _MIDNIGHT.sub("", value)
    if clock is None or ":" in date or date.isdigit():  # so many seconds
        return None
    time = record.get(clock)
    return f"{date} {time.strip()}" if isinstance(time, str) and _CLOCK.fullmatch(time.strip()) else None


@lru_cache(maxsize=64)
def _columns(names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Return the columns of the day and of the clock, by their names."""
    called = {bare(name): name for name in reversed(names)}
    return tuple(next((called[name] for name in called if name in known), None) for known in (_DAYS, _CLOCKS))
