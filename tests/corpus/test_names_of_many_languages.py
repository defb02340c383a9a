"""Accounts, answers, addresses and numbers as other languages and sites write them, and words that look like them."""

from __future__ import annotations

import time

import pytest

from analysis.corpus.page import _ZEROS
from analysis.corpus.privacy import Pseudonyms

HIDES = Pseudonyms(b"0123456789abcdef")
#: A line: what is said, and after the bar what of it must be gone.
MASKED = """
답글 바람결: 맞아요 | 바람결
바람결님에게 답글: 맞아요 | 바람결
返信 風の音：そう | 風の音
風の音さんへの返信：そうです | 風の音
答覆青石板：對 | 青石板
Re: moss_river: hi | moss_river
MT moss_river: so | moss_river
Als Antwort an moss_river: ja | moss_river
Em resposta a moss_river: sim | moss_river
В ответ moss_river: да | moss_river
<@U024MOSS9|moss_river> hi | U024MOSS9 moss_river
@青石板|白杨 好 | 青石板 白杨
@青石板＆白杨 好 | 青石板 白杨
@🅼🅾🆂🆂 @🅜🅞🅢🅢 @🄼🄾🅂🅂 hi | 🅼🅾 🅜🅞 🄼🄾
moss@例え.jp へ | moss@
moss@مثال.إختبار | moss@
moss@उदाहरण.भारत | moss@
moss@example。com | moss@
moss(アット)example.com, mossアットマークgmail.com | moss
moss앳naver닷컴 | moss
moss(собака)mail.ru | moss
moss arroba gmail punto com | moss
moss arobase gmail point com | moss
moss (ät) web.de | moss
moss●gmail.com | moss
moss.river (@) gmail | moss
86-415-2876543 | 2876543
+1 (212) 555.0187, (212) 555.0187 | 0187
[212] 555-0187 | 0187
Tel. 0171 / 123 45 67 | 45 67
薇moss2031 | moss
葳信：moss2031, 维信：moss2032 | moss
w❤x moss2031 | moss
ⅤⅩ：moss2031 | moss
微信WeChat：moss2031 | moss
群号：123456789 | 123456789
纸飞机：moss2031 | moss
脸书：moss2031 微博：moss2032 油管：moss2033 | moss
위챗 moss2031, 위챗 아이디 mossriver | moss
까톡 moss2031, 오픈톡 moss2032, 카카오 아이디 mossriver | moss
텔그 moss2031, 인별 moss2032 | moss
디스코드 moss2031 | moss
디코 moss#1234 | moss
LINEのIDは mossriver | moss
ライン：mossriver | moss
カカオID mossriver カカオトーク：moss2031 | moss
インスタは moss_river です | moss
ディスコード moss#1234 | moss
テレグラム moss2031 | moss
kik: moss2031, kik moss_river | moss
add my snap moss2031 | moss
sc: moss2031 | moss
回乡证H87654321 | 87654321
旅券番号 TK7654321, パスポート番号：TK7654321 | 7654321
여권번호 M87654321, 여권번호: M765A4321 | 8765 765A
passport # C01X00T47, Reisepassnummer: C01X00T47 | C01X
Personalausweis L01X00T47 | L01X
주민번호: 9001011234567 | 9001011234567
NINO: QQ 12 34 56 C, NI number QQ123456C | 34 56 123456
银行卡 6217 0000 8765 4321 901 | 8765
口座：普通 7654321 | 7654321
001A.2B3C.4D5E, MAC 001a2b3c4d5e | 2B3C 2b3c
京A12345 停在门口, 粤B·D12345, 沪AD12346 | 12345 12346
辽F88K66的车, 粤Z1234港 | 88K66 1234
번호판 12가 3456 | 3456
脸书 meta2021 | meta2021 meuser_
number plate AB12 CDE, license plate is ABC-1234 | AB12 1234
Kennzeichen B-MW 1234 | 1234
ナンバープレート 品川 300 あ 12-34 | 12-34
"""
KEPT = """
微信里说飞机TU204和飞机Il62M很旧，坐飞机CA121
snapdragon8 on discord: wow
instant2000 ramen
ig is full of fbi2023 jokes
telegrams2013 and discordant2000 notes
the line 2 metro, ライン 3, 라인 2호선
회사 답글 3개, 답글 감사합니다: 네
返信ありがとうございます：はい
返信お願いします：はい
여러분에게 답글: 네
Re: North Korea: facts
Antwort auf Frage 3: ja
En réponse à ta question : oui
@ Pyongyang it was cold
AT&T and Q&A, salt&pepper
1.000.000.000 people, 2.000.000.000
发票号码12345678
(39.0194, 125.7381) and f(2) 3.14159
dead.beef.cafe and 1234.5678.9012
license plate 2023, license plates of 1998
车牌要10000元
晋A50000元，Kennzeichen DDR 1989，车牌A1驾照
SC = 12345 in the table
川A股 2023，青年A2023，新A1
卫星KMS4，卫星Starlink2
群里2023人，群号没有
passport power 2023, Reisepass 2023
MAC is not PC
sc2 is a game, kik is gone
point com, punto com, dot com
so cool arroba mi casa
"""


def lines(said: str) -> list[str]:
    return said.strip().split("\n")


@pytest.mark.parametrize("line", lines(MASKED))
def test_what_names_somebody_in_another_language_is_masked(line: str) -> None:
    said, _, gone = line.rpartition(" | ")
    assert [part for part in gone.split() if part in HIDES.text(said, "youtube")] == []


@pytest.mark.parametrize("said", lines(KEPT))
def test_what_looks_like_it_stays(said: str) -> None:
    assert HIDES.text(said, "weibo") == said
    assert HIDES.text(said, "youtube") == said


@pytest.mark.parametrize("zero", _ZEROS, ids=hex)
def test_a_number_is_masked_in_the_digits_of_every_script(zero: int) -> None:
    number = "".join(chr(zero + int(digit)) for digit in "13912340987")
    assert HIDES.text(number, "weibo") == "[phone]"


@pytest.mark.parametrize(
    "part", ["답글a", "a님에게 ", "京A1", "MAC ", "1a.", "薇a", "a&", "a|", "(アット)", "a arroba ", "kik a", "0 / "]
)
def test_no_text_takes_more_than_linear_time(part: str) -> None:
    begun = time.process_time()
    HIDES.text(part * (100_000 // len(part)) + " discord @x.com (at) 138 1234 5678 number plate", "youtube")
    assert time.process_time() - begun < 5
