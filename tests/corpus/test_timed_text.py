"""Captions in XML: TTML, and YouTube's srv1 and srv3."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.corpus import ImportOptions, import_file, read_corpus
from analysis.errors import InputError

TTML = '<?xml version="1.0"?>\n<tt xmlns="urn:x" xml:lang="en"{}><head/><body><div>{}</div></body></tt>'
SRV1 = '<?xml version="1.0" encoding="utf-8" ?><transcript>{}</transcript>'
SRV3 = '<?xml version="1.0" ?><timedtext format="3">\n<head><pen id="1"/></head><body>\n{}</body></timedtext>'


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "A walk [dQw4w9WgXcQ].en.ttml",
            TTML.format("", '<p begin="00:00:01.000" end="00:00:03">so<br/>clean &amp; <span>wide</span></p>'),
            [("dQw4w9WgXcQ", "en", 1.0, "so clean & wide")],
        ),
        (
            "v.ttml",
            TTML.format("", '<p begin="4s" dur="1s">a</p>\n<p begin="70000ms">b</p>'),
            [(4.0, "a"), (70.0, "b")],
        ),
        ("v.xml", TTML.format(' ttp:frameRate="25"', '<p begin="00:01:00:05" end="00:01:01:00">a</p>'), [(60.2, "a")]),
        ("v.dfxp", TTML.format(' ttp:tickRate="10000000"', '<p begin="30000000t">a</p>'), [(3.0, "a")]),
        ("v.ko.srv1", SRV1.format('<text start="1.2" dur="3">거리 &amp;quot;a&amp;quot;</text>'), [(1.2, '거리 "a"')]),
        (
            "v.en.srv3",
            SRV3.format('<p t="1200" d="3000"><s>so</s><s t="500"> quiet</s></p>\n<p t="2000" d="9" a="1">\n</p>'),
            [(1.2, "so quiet")],
        ),
    ],
)
def test_what_is_said_comes_in_with_its_place(tmp_path: Path, name: str, data: str, said: list[tuple[object]]) -> None:
    (tmp_path / name).write_text(data, encoding="utf-8")
    report = import_file(tmp_path / name, tmp_path / "corpus", ImportOptions("Test"))
    frame = read_corpus(tmp_path / "corpus")
    assert (report.imported, report.rejected) == (len(said), 0)
    assert set(frame["kind"]) == {"transcript"}
    columns = ["thread_id", "language", "position", "text"]
    assert [row[-len(said[0]) :] for row in frame[columns].itertuples(index=False, name=None)] == said


def test_a_cue_without_a_time_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "v.ttml").write_text(
        TTML.format("", '<p begin="soon">a</p><p begin="1s">b</p><p begin="2s">c'), "utf-8"
    )
    report = import_file(tmp_path / "v.ttml", tmp_path / "corpus", ImportOptions("Test"))
    assert (report.read, report.imported, report.rejected) == (3, 1, 2)
    assert sorted(report.reasons) == ["1 a caption that is not closed", "1 a caption whose times cannot be read"]


def test_other_pages_are_no_captions(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<html><body><p begin="1s">so</p></body></html>', encoding="utf-8")
    with pytest.raises(InputError, match="it is a page"):
        import_file(tmp_path / "a.xml", tmp_path / "corpus", ImportOptions("Test"))


@pytest.mark.parametrize("cut", [SRV1.format('<text start="1" dur="2">so</text><text start="3" dur="2">it was al'), ""])
def test_a_caption_in_which_the_file_ends_is_rejected(tmp_path: Path, cut: str) -> None:
    cut = (cut or TTML.format("", '<p begin="1s" end="2s">so</p><p begin="3s" end="4s">it was al')).split("was al")[0]
    (tmp_path / "v.ttml").write_text(cut + "was al", encoding="utf-8")
    report = import_file(tmp_path / "v.ttml", tmp_path / "corpus", ImportOptions("Test"))
    assert (report.read, report.imported, report.rejected) == (2, 1, 1)
    assert list(read_corpus(tmp_path / "corpus").text) == ["so"]
