"""The corpus table: one row is one utterance."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("utterance_id", pa.string(), nullable=False),
        pa.field("collection", pa.string(), nullable=False),
        pa.field("thread_id", pa.string()),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("parent_id", pa.string()),
        pa.field("vantage", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("platform", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("language", pa.string()),
        pa.field("original_language", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("posted_at", pa.timestamp("us", tz="UTC")),
        pa.field("time_precision", pa.string()),
        pa.field("position", pa.float64()),  # seconds of the video at which it was said
        pa.field("likes", pa.int64()),
        pa.field("replies", pa.int64()),
        pa.field("region", pa.string()),
        pa.field("speaker", pa.string()),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_tool", pa.string(), nullable=False),
    ]
)

#: The vantages, in the order of figures and tables.
VANTAGES = WESTERN_COMMENTER, CHINESE_VIEWER, VLOGGER = ("western_commenter", "chinese_viewer", "vlogger")
#: What a column may hold; null is always allowed beside it (a reference collection has no vantage).
ACCEPTED = {
    "vantage": VANTAGES,
    "origin": ("western", "chinese", "other"),
    "kind": ("comment", "post", "caption", "transcript", "quotation"),
    "language": ("en", "zh", "ko", "ja", "mixed", "none"),
    "evidence": ("verbatim", "translated", "paraphrase", "constructed"),
    "time_precision": ("second", "minute", "day", "month", "year"),
}

#: What stands in a text for somebody's name, with or without the @ before it (a pattern).
PSEUDONYM = r"user_[0-9a-f]{12}"
#: The origin that a vantage implies; a vlogger's has to be said.
ORIGIN_OF_VANTAGE = {WESTERN_COMMENTER: "western", CHINESE_VIEWER: "chinese"}

_SECONDS = re.compile(r"\d{9,10}(\.\d+)?")
_MILLISECONDS = re.compile(r"\d{12,13}")
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?")


def parse_time(text: str) -> tuple[datetime, str]:
    """Read a time and how precise it is.

    Parameters
    ----------
    text : str
        ISO 8601 (a year, month, day, minute or second; without a zone it is taken as UTC), or Unix seconds or
        milliseconds.

    Returns
    -------
    tuple of datetime and str
        The time in UTC, and ``year``, ``month``, ``day``, ``minute`` or ``second``.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> parse_time("2013-02")
    (datetime.datetime(2013, 2, 1, 0, 0, tzinfo=datetime.timezone.utc), 'month')

    """
    text = text.strip()
    if text[16:17] == ":":  # what most exports write; the forms below are shorter, or have no mark there
        return _in_utc(text), "second"
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC), "second"
    if _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC), "second"
    if _YEAR.fullmatch(text) or _MONTH.fullmatch(text):
        year, _, month = text.partition("-")
        return datetime(int(year), int(month or 1), 1, tzinfo=UTC), "month" if month else "year"
    if _DAY.fullmatch(text):
        return _in_utc(text), "day"
    return _in_utc(text), "minute" if _MINUTE.fullmatch(text) else "second"


def _in_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
