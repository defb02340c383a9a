"""Tables with headers in other languages: read, or stopped with what to type; whose clock a Chinese column shows."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.corpus import Imported, ImportOptions, import_file, import_files, read_corpus
from analysis.errors import InputError


def bring(tmp_path: Path, header: str, *rows: str, **options: str) -> tuple[Imported, pd.DataFrame]:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    imported = import_files([path], tmp_path / "corpus", ImportOptions("Test", **options))
    return imported, read_corpus(tmp_path / "corpus")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("ID video,Tác giả,Bình luận,Thời gian,Lượt thích", "Thành phố rất sạch"),
        ("รหัสวิดีโอ,ผู้เขียน,ความคิดเห็น,วันที่,ถูกใจ", "เมืองสะอาดมาก"),
        ("معرف الفيديو,الكاتب,التعليق,التاريخ,الإعجابات", "المدينة نظيفة جدا"),
        ("動画,名前,感想,日付,いいね", "とてもきれいな街ですね"),
        ("video_id,kullanıcı,yorum,tarih,beğeni", "Şehir çok temiz"),
    ],
)
def test_headers_of_other_languages_are_known(tmp_path: Path, header: str, text: str) -> None:
    _, frame = bring(tmp_path, header, f"v1,mo,{text},2024-07-15 10:01,3", "v1,li,x,2024-07-15 10:02,4")
    assert frame["text"].tolist() == [text, "x"]
    assert frame["thread_id"].tolist() == ["v1", "v1"]
    assert frame["likes"].tolist() == [3, 4]
    assert frame["posted_at"].notna().all()
    assert frame["speaker"].nunique() == 2


ROWS = [
    f"v{n // 3},moss{n},7241024491999{n:06},and it is clean here {n},2024-07-15 10:{n:02},{n},https://x.example/{n}"
    for n in range(10, 19)
]


def test_what_to_type_for_a_header_that_is_not_known_is_told_by_what_stands_in_it(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        bring(tmp_path, "वीडियो,लेखक,संख्या,राय,समय,पसंद,पता", *ROWS)
    (option,) = re.findall(r"by what stands in them: (--columns .+)", str(caught.value))
    assert option == '--columns "text=राय,thread_id=वीडियो,posted_at=समय"'
    into = tmp_path / "corpus"
    assert (
        main(["import", str(tmp_path / "a.csv"), *shlex.split(option), "--into", str(into), "--collection", "T"]) == 0
    )
    frame = read_corpus(into)
    assert (len(frame), frame["thread_id"].nunique(), frame["posted_at"].notna().sum()) == (9, 4, 9)


def test_of_a_table_without_a_header_places_are_told_and_nothing_that_stands_in_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"by what stands in them: --columns text=4,posted_at=5$") as caught:
        bring(tmp_path, *ROWS)
    assert "moss" not in str(caught.value)
    assert "clean" not in str(caught.value)


def test_a_table_in_which_nothing_is_said_gets_no_guess(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="known to hold the text") as caught:
        bring(tmp_path, "code,day", *(f"{n % 2},2024-01-{n:02}" for n in range(1, 9)))
    assert "by what stands" not in str(caught.value)


SAID = "2024-07-15 10:01:00"


@pytest.mark.parametrize(
    ("header", "options", "hours"),
    [
        ("影片ID,留言內容,留言時間", {}, 2),
        ("动态,说的话,什么时候", {"columns": {"thread_id": "动态", "text": "说的话", "posted_at": "什么时候"}}, 2),
        ("影片ID,留言內容,留言時間", {"timezone": "UTC"}, 10),
        ("動画ID,コメント,時間", {}, 10),
        ("video_id,text,time", {}, 10),
    ],
)
def test_a_clock_under_a_chinese_name_is_chinese(
    tmp_path: Path, header: str, options: dict[str, str], hours: int
) -> None:
    imported, frame = bring(tmp_path, header, f"v1,街道很乾淨,{SAID}", f"v1,導遊很熱情,{SAID}", **options)
    assert frame["posted_at"].tolist() == [dt.datetime(2024, 7, 15, hours, 1, tzinfo=dt.UTC)] * 2
    notes = [note for note in imported.reports[0].notes if "without a zone" in note]
    zone = {2: "+08:00 (--timezone says otherwise)", 10: "UTC (if the clock is of China: --timezone +08:00)"}[hours]
    assert notes == ([] if "timezone" in options else [f"2 times without a zone read as {zone}"])


WRITTEN = {
    "cp1250 iso8859_2": (
        "Nikde nikdo, proč? Řekl bych, že je to úplně falešné",
        "Zażółć gęślą jaźń, myślę, że to miasto jest puste",
        "Árvíztűrő tükörfúrógép, gyönyörű",
        "Oraşul este gol, mulţumesc pentru străzi",
        "Kuće su prazne, đaci šute, zašto, čudno",
    ),
    "cp1254": ("Şehir çok güzel ama boş, ığdır", "Teşekkürler, şaşırtıcı"),
    "cp1251 koi8_r cp866 iso8859_5 mac_cyrillic": ("Очень красивый город, я бы поехал", "Почему там никого нет"),
    "cp1253": ("Η πόλη είναι πολύ όμορφη αλλά άδεια",),
    "cp1255": ("העיר יפה מאוד אבל ריקה",),
    "cp1256": ("المدينة جميلة جدا لكنها فارغة",),
    "cp874": ("เมืองนี้สวยมากแต่ว่างเปล่า ทำไมไม่มีใครบนถนน",),
    "iso2022_jp": ("この街はとても静かですね",),
    "big5hkscs": ("呢個城市好靚呀，點解冇人嘅", "好"),
    "cp1252": (
        "São João, não é só difícil",
        "Mañana, ¿qué pasó?",
        "Schöne Straßen über Öl",
        "Pérez, Müller",
        "ærligt, på øen",
    ),
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for names, texts in WRITTEN.items() for name in names.split() for text in texts]
)
def test_letters_are_read_as_they_were_written(tmp_path: Path, encoding: str, text: str) -> None:
    table = f"comment\tvideo_id\n{text}\tv1\nplain words\tv1\n{text}!\tv1\n"
    (tmp_path / "a.tsv").write_bytes(table.encode(encoding))
    report = import_file(tmp_path / "a.tsv", tmp_path / "corpus", ImportOptions("Test"))
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == [text, "plain words", f"{text}!"]
    assert report.notes[0].startswith("written in ")


def test_one_zero_byte_costs_its_row_of_a_small_table_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text,video_id\nso\0 free,v\nso fake,v\n")
    report = import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Test"))
    assert (report.imported, report.rejected) == (1, 1)
