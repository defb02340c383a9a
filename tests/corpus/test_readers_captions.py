"""Captions: speech that rolls over the screen is told once, and nothing that is said twice is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import read_list

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus, store
from analysis.corpus.readers import captions
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import sample
from analysis.corpus.readers.source import sources

FIXTURES = Path(__file__).parent.parent / "fixtures" / "imports"


def clock(milliseconds: int, mark: str = ".") -> str:
    seconds, part = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{part:03d}"


def rolling(
    lines: list[list[str]], kept: int, *, timed: bool, mark: str = ".", clear: frozenset[int] = frozenset()
) -> str:
    """Write lines as a site does whose captions roll: each is shown as it is heard, then again above the next ones.

    Before the lines in ``clear`` the screen is emptied.
    """
    out, at = [] if mark == "," else ["WEBVTT", "Kind: captions", "Language: en", ""], 0
    numbers = iter(range(1, 10_000))
    for n, words in enumerate(lines):
        begin = max([n - kept, 0, *(k for k in clear if k <= n)])
        above = [" ".join(each) for each in lines[begin:n]]
        heard = words[0] + "".join(
            f"<{clock(at + 100 * k)}><c> {word}</c>" if timed else f" {word}" for k, word in enumerate(words[1:], 1)
        )
        for shown, until in (([*above, heard], at + 2000), ([*above, " ".join(words)][-kept:], at + 2010)):
            out += [str(next(numbers))] if mark == "," else []
            out += [f"{clock(at, mark)} --> {clock(until, mark)}", *shown, *(() if mark == "," else (" ",)), ""]
            at = until
    return "\n".join(out)


def spoken(text: str) -> str:
    return " ".join(words for _, words in captions.segments(captions.said_once(list(captions.cues(text)))))


@pytest.mark.parametrize("kept", [1, 2])
@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("mark", [".", ","])
def test_rolling_lines_are_said_once_and_true_repetitions_stay(kept: int, timed: bool, mark: str) -> None:  # noqa: FBT001
    rng = np.random.default_rng(20)
    for _ in range(40):
        # Of three words, lines often equal the line before them: "no no", "no no".
        few = ["no", "yes", "7"]
        lines = [list(rng.choice(few, size=rng.integers(1, 4))) for _ in range(int(rng.integers(2, 12)))]
        lines[0] = ["so", "now"]
        assert spoken(rolling(lines, kept, timed=timed, mark=mark)) == " ".join(word for line in lines for word in line)


def test_a_line_with_the_times_of_its_words_is_new_after_an_empty_screen_too() -> None:
    lines = [["so", "now"], ["no", "no"], ["no", "no"], ["no", "no"], ["wide"]]
    text = rolling(lines, 1, timed=True, clear=frozenset({2, 3}))
    assert spoken(text) == "so now no no no no no no wide"


def test_what_is_said_twice_in_captions_that_do_not_roll_stays_twice() -> None:
    shown = "\n\n".join(
        f"{n}\n{clock(n * 1000, ',')} --> {clock(n * 1000 + 900, ',')}\n{words}"
        for n, words in enumerate(["Where is it?", "No.", "No.", "It is here."], 1)
    )
    assert spoken(shown) == "Where is it? No. No. It is here."


def test_a_segment_ends_after_its_time_at_a_silence_and_where_another_speaks() -> None:
    times = [0, 10_000, 29_999, 30_000, 34_000, 40_001]
    cues = [captions.Cue(at, at + 1000, (f"w{n}",)) for n, at in enumerate(times)]
    assert list(captions.segments(iter(cues[:1] + cues[2:4]))) == [(0, "w0"), (29_999, "w2 w3")]
    near = [captions.Cue(at, end, (f"w{n}",)) for n, (at, end) in enumerate(zip(times, [*times[1:], 0], strict=True))]
    assert list(captions.segments(iter(near))) == [(0, "w0 w1 w2"), (30_000, "w3 w4 w5")]
    one = captions.Cue(5, 900, (">> yes &gt;&gt; no", "[Applause] indeed"))
    assert list(captions.segments(iter([one]))) == [(5, "yes"), (5, "no indeed")]


def bring(tmp_path: Path, *names: str, text: str) -> tuple[Imported, Path]:
    for name in names:
        (tmp_path / name).write_bytes(text.encode())
    return import_files(
        [tmp_path / name for name in names], tmp_path / "corpus", ImportOptions("T")
    ), tmp_path / "corpus"


def test_two_voices_in_one_cue_have_ids_of_their_own(tmp_path: Path) -> None:
    _, into = bring(tmp_path, "a.en.vtt", text="WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\n>> yes >> no\r\n")
    assert read_corpus(into)["utterance_id"].tolist() == ["a:en:1000", "a:en:1000-2"]


def test_the_same_track_under_two_names_comes_in_once(tmp_path: Path) -> None:
    text = "WEBVTT\nKind: captions\nLanguage: en\n\n00:01.000 --> 00:02.000\nwide water\n"
    names = ("walk [vidAAAAAAA1].en.vtt", "walk [vidAAAAAAA1].en-orig.vtt")
    imported, into = bring(tmp_path, *names, text=text)
    assert sorted((report.imported, report.duplicates) for report in imported.reports) == [(0, 1), (1, 0)]
    assert read_corpus(into)["language"].tolist() == ["en"]


@pytest.mark.parametrize("tag", ["zh-Hans-en", "en-zh-Hans", "zh-hans-en-US"])
def test_what_a_machine_translated_is_nobodys_speech(tmp_path: Path, tag: str) -> None:
    names = (f"walk.{tag}.srt", "walk.zh.srt")
    imported, into = bring(tmp_path, *names, text="1\n00:00:01,000 --> 00:00:02,000\n水\n")
    assert [(report.imported, report.rejected) for report in imported.reports] == [(0, 1), (1, 0)]
    assert read_list(into, store.REJECTED)[0]["reason"] == f"translated by machine: the track is '{tag}'"


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTTS are files\n",
        "12:30 --> 14:00 is lunch\n",
        "On 00:01:00,000 we left --> home\n",
        " " * 100_000 + "blank",
        "1\n2\n3\n",
    ],
)
def test_other_texts_are_no_captions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert recognise(sample(sources(path)[0]), captions.FORMATS) is None


def test_a_long_text_of_nothing_but_marks_is_read_in_time() -> None:
    for mark in ("<", "[", ">>", "{\\", "a\n", "&"):
        text = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + mark * 200_000
        assert list(captions.segments(captions.said_once(list(captions.cues(text))))) is not None


def test_the_channel_of_a_download_with_comments_is_who_speaks_in_its_captions(tmp_path: Path) -> None:
    """The document holds the comments and, above them, whose video it is; by its name it comes after the captions."""
    (tmp_path / "in").mkdir()
    info = FIXTURES / "yt-dlp-comments" / "walk.info.json"
    (tmp_path / "in" / "walk [vidAAAAAAA7].info.json").write_bytes(info.read_bytes())
    track = "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:01.000 --> 00:00:02.000\nso wide here\n"
    (tmp_path / "in" / "walk [vidAAAAAAA7].en.vtt").write_text(track, encoding="utf-8")
    import_files([tmp_path / "in"], tmp_path / "corpus", ImportOptions("Fixture"))
    frame = read_corpus(tmp_path / "corpus").set_index("kind")
    assert frame.loc["transcript", "cluster_id"] == frame.loc["caption", "cluster_id"] == "youtube account 1"
