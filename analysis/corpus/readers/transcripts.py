"""What is said in a video as JSON: Whisper's, youtube-transcript-api's, YouTube's own (json3) and Bilibili's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from analysis.corpus.readers.captions import LIMITATIONS, Cue, named, spoken
from analysis.corpus.readers.fields import ParsedItem, find, literal
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.records import Sample

#: What a line of youtube-transcript-api's holds, and nothing else.
_LINE = {"text", "start", "duration"}
#: What Whisper and its like write besides a segment's words, which who marks words in comments does not.
_HEARD = "segments.seek|segments.no_speech_prob|segments.words|word_segments|duration"
#: Where a document says in which language its lines are.
_TAGS = ("language_code", "language", "lang")


def _cue(line: Any, start: str, until: str, words: str, factor: int) -> Cue:  # noqa: ANN401  any JSON value
    """Return a line as a caption; ``until`` is its end, or how long it is shown."""
    try:
        begun, told = (round(float(value) * factor) for value in (line[start], line.get(until) or 0))
        said = line[words]
        text = said if isinstance(said, str) else "".join(str(piece.get("utf8", "")) for piece in said)
    except (AttributeError, TypeError, LookupError, ValueError, OverflowError):
        return Cue(0, 0, (), "a caption whose times or words cannot be read")
    return Cue(begun, begun + told if "uration" in until else told, tuple(text.split("\n")))


def _read(path: str, *line: Any) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:  # noqa: ANN401  passed on
    """Return a reader of documents that hold their lines at a path, which :func:`_cue` takes."""

    def read(document: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        video, tag = named(file)
        tag = tag or next((code for name in _TAGS if (code := find(document, name))), None)
        lines = find(document, path) or []
        # YouTube's json3 has events that only clear the screen.
        found = (_cue(each, *line) for each in lines if line[2] != "segs" or find(each, "segs"))
        yield from spoken(found, str(find(document, "video_id") or video), tag)

    return read


def _lines(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield what a list of lines says, which is one text to the reader."""
    yield from _read("lines", "start", "duration", "text", 1000)({"lines": literal(record["text"])}, file)


def _only_lines(sample: Sample) -> bool:
    return sample.kind == "json" and sample.text[:1] == "[" and all(set(line) == _LINE for line in sample.documents)


def _format(name: str, tool: str, platform: str, also: str, path: str, *line: Any) -> Format:  # noqa: ANN401
    """Return a format whose lines stand at a path; ``also`` is what only its tool writes beside them."""
    required = (*(f"{path}.{field}" for field in line[:3]), also)
    told = {"forbidden": ("author", "username", "comment_id"), "limitations": LIMITATIONS}
    return Format(name, tool, platform, "transcripts", required, _read(path, *line), **told)


FORMATS = (
    _format("whisper", "Whisper", "", _HEARD, "segments", "start", "end", "text", 1000),
    _format("youtube-json3", "yt-dlp", "youtube", "wireMagic", "events", "tStartMs", "dDurationMs", "segs", 1),
    _format(
        "bilibili-subtitles", "Bilibili", "bilibili", "body.location|body.sid", "body", "from", "to", "content", 1000
    ),
    _format(
        "youtube-transcript",
        "youtube-transcript-api",
        "youtube",
        "video_id",
        "snippets",
        "start",
        "duration",
        "text",
        1000,
    ),
    Format(
        name="youtube-transcript-lines",
        tool="youtube-transcript-api",
        platform="youtube",
        about="transcripts",
        required=(),
        read=_lines,
        kinds=("json",),
        sniff=_only_lines,
        sniff_hint="a list of text, start and duration",
        limitations=("no video but in the file's name", *LIMITATIONS),
    ),
)
