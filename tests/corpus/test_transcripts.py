"""What is said in videos, in the forms that programs have for it besides VTT and SRT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.errors import InputError

WHISPER = {"text": " so free", "segments": [{"seek": 0, "start": 1, "end": 2, "text": " so free"}], "language": "en"}
#: As servers give it, without what was thought of each segment.
SHORT = {**WHISPER, "segments": [{"id": 0, "start": 1, "end": 2, "text": " so free"}], "duration": 2.0}


def brought(tmp_path: Path, name: str, content: Any) -> tuple[Any, Any]:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    options = ImportOptions("Test", constants={"vantage": "western_commenter"})
    outcome = import_files([path], tmp_path / "corpus", options)
    return outcome.reports[0], read_corpus(tmp_path / "corpus")


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("whisper", [WHISPER, SHORT])
def test_speech_is_the_vloggers_once_and_not_a_comment_a_line(
    tmp_path: Path, whisper: dict[str, Any], indent: int | None
) -> None:
    report, frame = brought(tmp_path, "walk [vidAAAAAAA1].json", json.dumps(whisper, indent=indent))
    assert (report.format, report.read) == ("whisper", 1)
    assert frame[["text", "kind", "vantage", "thread_id"]].to_numpy().tolist() == [
        ["so free", "transcript", "vlogger", "vidAAAAAAA1"]
    ]


def test_a_line_each_holds_a_video_each(tmp_path: Path) -> None:
    lines = [{**WHISPER, "video_id": name} for name in ("v1", "v2")]
    _, frame = brought(tmp_path, "all.jsonl", "\n".join(map(json.dumps, lines)))
    assert sorted(frame["thread_id"]) == ["v1", "v2"]


def test_a_list_with_more_than_lines_of_speech_is_a_table(tmp_path: Path) -> None:
    lines = [{"text": "so", "start": 1, "duration": 2, "video_id": name, "author": "moss"} for name in ("v1", "v2")]
    report, frame = brought(tmp_path, "a.json", lines)
    assert report.format.startswith("a table")
    assert sorted(frame["thread_id"]) == ["v1", "v2"]


def test_words_that_are_marked_in_comments_are_no_speech(tmp_path: Path) -> None:
    marked = {"start": 3, "end": 7, "text": "free"}
    comments = [{"text": "so free", "video_id": "v1", "author": "moss", "segments": [marked]}]
    report, frame = brought(tmp_path, "a.json", comments)
    assert report.format.startswith("a table")
    assert frame["text"].tolist() == ["so free"]  # what is marked in it is no other comment
    message = {"body": [{"from": "moss", "to": "fern", "content": "so free"}]}
    with pytest.raises(InputError, match="from"):
        brought(tmp_path, "b.json", message)


def test_danmaku_in_subtitles_are_nobodys_speech(tmp_path: Path) -> None:
    text = "[Script Info]\n\n[Events]\nDialogue: 2,0:00:01.00,0:00:09.00,R2L,,20,20,2,,{\\move(1,2,3,4)}so free\n"
    with pytest.raises(InputError):
        brought(tmp_path, "a.ass", text)


def test_what_bilibili_heard_is_no_translation(tmp_path: Path) -> None:
    _, frame = brought(tmp_path, "a [BV1xx411c7mD].ai-zh.srt", "1\n00:00:01,000 --> 00:00:02,000\n很宽\n")
    assert frame["language"].tolist() == ["zh"]
    with pytest.raises(InputError, match="translated by machine"):
        brought(tmp_path, "b [BV1xx411c7mE].ai-en.srt", "1\n00:00:01,000 --> 00:00:02,000\nwide\n")


def test_a_number_that_is_none_is_nobodys_words(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"text": "so", "video_id": "v", "author": Infinity}, {"text": NaN, "video_id": "v"}]')
    (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports
    assert (report.imported, report.rejected) == (1, 1)
    assert read_corpus(tmp_path / "corpus")["speaker"].isna().all()
