"""Captions: what is said in a video, as VTT, SRT, ASS or TTML; what others put into JSON is in ``transcripts.py``.

Lines that roll are said once; what was heard is put together to segments of some thirty seconds, since captions of
speech have no sentences.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.timed_text import is_timed_text, language_of, timed_text
from analysis.corpus.readers.youtube import video_in_name

#: A segment takes no further line from this many milliseconds after its beginning on (some 75 words).
SEGMENT = 30_000
#: A silence of this many milliseconds ends a segment.
PAUSE = 5_000
#: Captions roll where this share of cues begins with lines that the cue before has shown. (A word said twice is less.)
_ROLLS = 0.5
#: No more lines than this are on the screen at once.
_SCREEN = 8
#: A text of more characters than this is no video's: ten hours of rolling speech are six million.
_LONGEST = 16 * 2**20

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_VTT = re.compile(r"WEBVTT(?:[ \t].*)?\r?(?:\n|$)")
_SRT = re.compile(rf"(?:\d+[ \t]*\r?\n)?[ \t]*{_CLOCK}[ \t]*-->")
# A line of ASS; danmaku that were put into one move over the screen, and are nobody's speech.
_ASS, _MOVES = re.compile(r"\[Script Info\]", re.IGNORECASE), "\\move("
_DIALOGUE = re.compile(rf"Dialogue:[^,]*,\s*{_CLOCK},\s*{_CLOCK},(?:[^,]*,){{6}}(.*)")
_TOLD = re.compile(r"^(Kind|Language):[ \t]*(\S+)", re.MULTILINE)
# A word's own time shows that a line is new; a line that is shown again has none.
_WORD_TIME = re.compile(r"<(?:\d+:)?\d+:\d\d\.\d+>")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
# [Music], [音乐], [Applause]; but "[ __ ]" is a word that YouTube hides.
_SOUND = re.compile(r"\[[^\[\]_\n]{1,60}\]|[♪♫♬]")
_SPEAKER = re.compile(r">>+")
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

_LANGUAGE = r"[a-z]{2,3}(?:[-_][A-Za-z0-9_-]+)?"
_ENDING = r"\.(?:vtt|srt|ass|ssa|ttml|dfxp|xml|srv[1-3]|txt|json3?|transcript)(?:\.\w+)?"
_NAME = re.compile(rf"(.+?)(?:\.({_LANGUAGE}))?{_ENDING}", re.IGNORECASE | re.DOTALL)
_IN_BRACKETS = re.compile(r"\[([\w-]{6,})\]$")
# Languages that tracks are translated from; a region may be written small too (zh-cn, en-us).
_FROM = re.compile("ar|de|en|es|fa|fr|hi|id|it|iw|ja|ko|nl|pl|pt|ru|sv|th|tr|uk|vi|zh")


class Cue(NamedTuple):
    """What is shown from one time to another, in milliseconds; without times where they cannot be read."""

    start: int
    end: int
    lines: tuple[str, ...]
    problem: str | None = None


def cues(text: str) -> Iterator[Cue]:
    """Yield the cues of a VTT, SRT, ASS or TTML file, their lines with tags.

    A cue reaches from its times to the next times: files that lack the blank line between two are common. In VTT a
    blank line ends it before that, and comments follow; in SRT the number of the next cue does.
    """
    if is_timed_text(text):
        yield from (Cue(*each) for each in timed_text(text))
        return
    if _ASS.match(text):
        for found in map(_DIALOGUE.match, text.split("\n")):
            if found is not None:
                shown = tuple(re.split(r"\\[Nn]", found[9].strip()))
                yield Cue(_milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:8]), shown)
        return
    vtt = _VTT.match(text) is not None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = [number for number, line in enumerate(lines) if "-->" in line]
    numbered = not vtt and bool(at) and any(line.strip().isdigit() for line in lines[max(0, at[0] - 1) : at[0]])
    for place, first in enumerate(at):
        last = at[place + 1] if place + 1 < len(at) else len(lines)
        shown = lines[first + 1 : last]
        if vtt:
            shown = shown[: next((n for n, line in enumerate(shown) if not line), len(shown))]
        elif numbered and place + 1 < len(at) and shown and shown[-1].strip().isdigit():
            shown.pop()
        times = _TIMES.fullmatch(lines[first])
        if times is None:
            yield Cue(0, 0, (), "a caption whose times cannot be read")
            continue
        yield Cue(_milliseconds(times.groups()[:4]), _milliseconds(times.groups()[4:]), tuple(shown))


def _milliseconds(clock: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, part = (part or "0" for part in clock)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(part.ljust(3, "0"))


def said_once(shown: list[Cue]) -> Iterator[Cue]:
    """Yield what each cue adds: without tags, and where captions roll without the lines that are shown again."""
    stripped = [tuple(plain for line in cue.lines if (plain := _MARKUP.sub("", line).strip())) for cue in shown]
    again = [0] * len(shown)
    before: tuple[str, ...] = ()
    for place, (cue, lines) in enumerate(zip(shown, stripped, strict=True)):
        new = next((n for n, line in enumerate(_written(cue)) if _WORD_TIME.search(line)), len(lines))
        most = min(len(before), new, _SCREEN)
        again[place] = next((n for n in range(most, 0, -1) if before[-n:] == lines[:n]), 0)
        before = lines or before
    rolls = sum(n > 0 for n in again[1:]) >= _ROLLS * (len(shown) - 1)
    for cue, lines, n in zip(shown, stripped, again, strict=True):
        yield cue._replace(lines=lines[n:] if rolls else lines)


def _written(cue: Cue) -> list[str]:
    """Return a cue's lines that have words, with their tags."""
    return [line for line in cue.lines if _MARKUP.sub("", line).strip()]


def segments(spoken: Iterator[Cue]) -> Iterator[tuple[int, str]]:
    """Yield the beginning (milliseconds) and the words of each stretch of speech.

    A stretch ends after :data:`SEGMENT`, at a silence of :data:`PAUSE`, and where ">>" says that somebody else speaks.
    """
    begun, ended, words = 0, 0, list[str]()
    for cue in spoken:
        heard = html.unescape(_joined(cue.lines))
        for nth, part in enumerate(_SPEAKER.split(heard)):
            new = " ".join(_SOUND.sub(" ", part).split())
            if words and (nth or cue.start - begun >= SEGMENT or cue.start - ended >= PAUSE):
                yield begun, _joined(words)
                words = []
            if new:
                begun = begun if words else cue.start
                words.append(new)
                ended = cue.end
    if words:
        yield begun, _joined(words)


def _joined(lines: Sequence[str]) -> str:
    """Return lines as one; Chinese and Japanese have no blank between words."""
    out = ""
    for line in lines:
        wide = out and line and _WIDE.match(out[-1]) and _WIDE.match(line[0])
        out += line if wide or not out else f" {line}"
    return out


def named(file: File) -> tuple[str, str | None]:
    """Return the video and the tag of the language that a file's name tells.

    >>> named(File("A walk [vidAAAAAAA1].zh-Hans.vtt")), named(File("captions/Mr. Wang.srt"))
    (('vidAAAAAAA1', 'zh-Hans'), ('Mr. Wang', None))
    >>> named(File("城 [BV1xx411c7mD].ai-zh.srt"))  # what Bilibili heard; its other tracks of this kind are translated
    ('BV1xx411c7mD', 'zh')
    """
    found = _NAME.fullmatch(file.own)
    stem, tag = found.groups() if found else (file.own, None)
    inside, tag = _IN_BRACKETS.search(stem), "zh" if tag == "ai-zh" else tag
    return (inside[1] if inside else video_in_name(File(stem)) or stem), tag


def translated(tag: str | None) -> bool:
    """Tell whether a track's name says that it was translated by machine from another: ``zh-Hans-en``.

    >>> [translated(tag) for tag in ("zh-Hans-en", "en-zh-Hans", "en-orig", "zh-cn", "pt-pt", None)]
    [True, True, False, False, False, False]
    """
    first, *rest = (tag or "").split("-")
    return any(_FROM.fullmatch(part) and part != first for part in rest)


def _transcript(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield what was said, a segment at a time; the place in the video makes its id, in any download of it.

    The position is where the first cue of the segment begins.
    """
    text = record["text"]
    if len(text) > _LONGEST:
        yield {"problem": "too long for the captions of a video"}
        return
    video, tag = named(file)
    tag = tag or next((value for name, value in _TOLD.findall(text.split("\n\n", 1)[0]) if name == "Language"), None)
    tag = tag or language_of(text)
    yield from spoken(cues(text), video, tag)


def spoken(found: Iterable[Cue], video: str, tag: str | None) -> Iterator[ParsedItem]:
    """Yield what cues say as segments of a video's speech, in the language of a tag, unless it was translated."""
    if translated(tag):
        yield {"problem": f"translated by machine: the track is '{tag}'"}
        return
    language = (tag or "").split("-")[0].split("_")[0].lower()
    shown: list[Cue] = []
    for cue in found:
        if cue.problem:
            yield {"problem": cue.problem}
        else:
            shown.append(cue)
    seen: Counter[int] = Counter()
    for begun, words in segments(said_once(shown)):
        seen[begun] += 1
        nth = f"-{seen[begun]}" if seen[begun] > 1 else ""
        yield {
            "utterance_id": ":".join(filter(None, (video, language, f"{begun}{nth}"))),
            "thread_id": video,
            "kind": "transcript",
            "language": language,
            "text": words,
            "position": begun / 1000,
        }
    if not seen:
        yield {"problem": "no speech in it"}


def _from_youtube(sample: Sample) -> bool:
    told = {name for name, _ in _TOLD.findall(sample.text.replace("\r\n", "\n").split("\n\n", 1)[0])}
    return _VTT.match(sample.text) is not None and told == {"Kind", "Language"}


def _other(sample: Sample) -> bool:
    begins = _VTT.match(sample.text) or _SRT.match(sample.text.lstrip())
    subtitled = _ASS.match(sample.text) is not None and _MOVES not in sample.text
    return subtitled or is_timed_text(sample.text) or (begins is not None and not _from_youtube(sample))


LIMITATIONS = (
    "no time, and no account (import the video's info.json with it, or name the cluster in sources.yaml)",
    "no sentences: an utterance is a segment of some 30 seconds",
    "does not say whether a track is the original: import the one in the language that is spoken",
)

FORMATS = (
    Format(
        name="youtube-captions",
        tool="yt-dlp",
        platform="youtube",
        about="transcripts",
        required=(),
        read=_transcript,
        kinds=("text",),
        sniff=_from_youtube,
        sniff_hint="WEBVTT with Kind and Language",
        limitations=LIMITATIONS,
    ),
    Format(
        name="captions",
        tool="VTT / SRT / ASS / TTML",
        platform="",
        about="transcripts",
        required=(),
        read=_transcript,
        kinds=("text",),
        sniff=_other,
        sniff_hint="WEBVTT, two times with --> between them, [Script Info], or <tt>",
        limitations=("no platform: say --platform", *LIMITATIONS),
    ),
)
