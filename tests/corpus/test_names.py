"""Names, addresses and numbers in a text: what is masked, and the words beside them that stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.links import bare_id, thread_id
from analysis.corpus.privacy import Pseudonyms

HIDES = Pseudonyms(b"0123456789abcdef")
#: A line: what is said, and after the bar what of it must be gone.
MASKED = """
мой телеграм river_moss, вк: moss2031 | river moss
инста @rivermoss, ВК rivermoss2 | river
邮箱：moss at qq点com | moss
身分證字號 A123456789, 台胞證 12345678 | 456789 345678
паспорт 4509 123456 | 123456
[id710001|Мира Полянская], нет | 710001 Мира Полянская
[club71|Мир камней] и [id71:bp-9_4|Лев] | Мир камней Лев 71
*id710001 (Мира Полянская) да, @id71 (Лев) | Мира Лев
<@710001710001710001> <@!710001710001710002> hi | 710001
@[710001710001:274:Mara Fernhill] hi | Mara Fernhill 710001
@[Mara Fernhill](710001710001) hi | Mara Fernhill 710001
[Mara Fernhill](tg://user?id=710001) hi | Mara Fernhill 710001
WeChat ID rivermoss | rivermoss
My kakao is river.moss | river.moss
KakaoTalk ID river.moss | river.moss
ライン ID rivermoss2 | rivermoss2
ig river_moss | river_moss
skype live:river.moss | river.moss
so clean @river_mosshttps://t.me/hill_fern and @mosshttp://x.com/hill_fern | river moss hill fern
мой скайп: river.moss77, Скайп river_moss | river
v❤：rivermoss2 | rivermoss2
B站UID:378123456 | 378123456
uid 378123456 | 378123456
thanks @rivermoss ! | rivermoss
YES@rivermoss | rivermoss
12@rivermoss | rivermoss
fine.@rivermoss | rivermoss
@rivermoss@hillfern hi | rivermoss hillfern
@rivermoss@social.example hi | rivermoss
＠rivermoss, ﹫hillfern | rivermoss hillfern
&#64;rivermoss &#x40;hillfern | rivermoss hillfern
@\u200briver\u200dmoss | river moss
@\u200erivermoss @\u2060hillfern | rivermoss hillfern
@\u00a0rivermoss hi | rivermoss
@ rivermoss hello | rivermoss
@Mara Fernhill, you are right | Fernhill
@d'arclay hi | arclay
@मोहन_लाल जी | मोहन लाल
@ขนมหวาน ok | ขนมหวาน
@Вера_Полянская да | Полянская
@سارة_كريم hi | كريم
@김바람이분다좋은날에만나요우리 안녕 | 만나요우리
@🦊rivermoss hi | rivermoss
@mara🦊fern hi | fern
@★青石★ 你好 | 青石
@「青石」 你好 | 青石
@-青石-, 你好 | 青石
哈哈666@青石板 来 | 青石板
SB@青石板 来 | 青石板
@青石板@白杨树 来 | 青石板 白杨树
@北方边境旅行见闻录小木 hi | 小木 旅行
@北方边境旅行见闻录的小木匠人 hi | 小木匠人
@小木在NorthRiver2031后面 hi | NorthRiver2031
@aVeryLongNameThatNoPlatformWouldAllowButSomebodyTypedAllTheSame | Somebody Same
回复 青石板：对 | 青石板
回复青石板:对 | 青石板
同意//@青石板:是的 | 青石板
同意||@u/2345678901:转发 | 2345678901
u/river_moss and /u/hillfern | river hillfern
U/rivermoss u/river\\_moss | river moss
r/u_rivermoss | rivermoss
u/-rivermoss- | rivermoss
https://www.reddit.com/user/rivermoss/about | rivermoss
see t.me/rivermoss now | rivermoss
instagram.com/river.moss | river.moss
instagram: river.moss | river.moss
my ig is river.moss.x so | river.moss
小红书号 987654321 | 987654321
https://rivermoss.tumblr.com/post/1 | rivermoss
rivermoss.lofter.com | rivermoss
https://x.com/rivermoss/status/9 | rivermoss
https://weibo.com/n/青石板 好 | 青石板
https://space.bilibili.com/98765432 | 98765432
https://v.example.cn/a?msToken=Ab12Cd34&u=5 | Ab12Cd34
https://rivermoss:pass@example.org/ | rivermoss pass
write moss.river+x@mail.example.org | moss example
write moss＠example.org | moss
邮箱moss@example.com联系 | moss
moss.river (at) example (dot) com | moss.river
moss river123 at example dot com | river123
moss.river#gmail.com | moss.river
moss.river @ gmail . com | moss.river
grün.moos@example.de | moos
moos@grün.de | moos
мох@пример.рф | мох
moss@公司名.公司 | moss@
admin@localhost | admin
13912340987 | 13912340987
加我13912340987吧 | 13912340987
139-1234-0987 or 139.1234.0987 or 139 123 40987 | 0987 40987
V13912340987 | 13912340987
１３９１２３４０９８７ | ０９８７
一三九一二三四零九八七 | 零九八七
1️⃣3️⃣9️⃣1️⃣2️⃣3️⃣4️⃣0️⃣9️⃣8️⃣7️⃣ | 9️⃣8️⃣
1 3 9 1 2 3 4 0 9 8 7 | 0 9 8 7
13912340987/13712340987,13612340987 | 13912340987 13712340987 13612340987
+8613912340987 008613912340987 (+86)13912340987 | 13912340987
010-87654321 (021)87654321 0415 2876543 | 87654321 2876543
400-820-1234 | 820-1234
(212) 555-0187 | 555-0187
212.555.0187, 1-212-555-0187 | 555
+1 212 555 0187 | 0187
+44 20 7946 0321 | 7946
07700 900456 | 900456
010-2345-6789 | 2345
+82 10-2345-6789 | 2345
090-2345-6789 | 2345
+49 151 98765432, 0151 98765432 | 98765432
06 98 76 54 32 | 76 54
+7 (913) 456-78-90 and 8 (913) 456-78-90 | 456-78
٠١٩٣٤٥٦٧٨٩٠ | ٣٤٥٦
手机号：6543210 | 6543210
微信：moss_river | moss_river
加V moss2031 | moss2031
vx:mossriver | mossriver
QQ号87654321 | 87654321
扣扣：87654321 | 87654321
Line ID: mossriver | mossriver
telegram @mossriver | mossriver
身份证11010519491231002X | 11010519491231002X
护照 E87654321 | E87654321
passport no. E87654321 | E87654321
SSN 219-09-9999 | 219-09
주민번호 900101-1234567 | 1234567
5500 0000 0000 0004, 5500.0000.0000.0004 | 0000 0004
DNI: 12.345.678-Z, 12345678Z, X-1234567-L | 345 12345678 1234567
CPF 11144477735, 111.444.777-35 | 444
aadhaar: 234123412346 or 2341 2341 2346, 9999 4105 7058 | 2341 4105
DM me on insta: mossriver, my snap is mossriver | mossriver
telegram👉mossriver 카톡: mossriver | mossriver
gmail: mossriver88, river.moss at gmail | mossriver river
icq: 123-456-789, QQ 12345 67890, 秋秋：123456789 | 456 67890 123456789
薇：moss2031 ➕薇 moss2032, v x：moss2033 | moss
昵称：青石板白 | 青石板
ins：river.moss, 我的ins是moss2031, 小红薯号：moss2032 weibo: moss2033, steam id: moss2034 | moss
公众号：青石板白，抖音ID：白杨林2031 | 青石板 白杨林
@“青石板白” 好 | 青石板
@"rivermoss" hi @'hillfern' | rivermoss hillfern
@%E9%9D%92%E7%9F%B3%E6%9D%BF hi | E9 BF
m o s s @ g m a i l . c o m | o s
邮箱一二三四五六七八@qq.com | 五六
mossriver@gmail | mossriver
t[.]me/rivermoss, x[dot]com/rivermoss, x dot com/rivermoss, hxxps://x[dot]com/rivermoss | rivermoss
⒈⒊⒐⒈⒉⒊⒋⒌⒍⒎⒏ or ⑴⑶⑼⑴⑵⑶⑷⑸⑹⑺⑻ | ⒋⒌ ⑷⑸
00-1A-2B-3C-4D-5E | 3C-4D
RSSMRA85T10A562S, PESEL 44051401359, СНИЛС 112-233-445 95 | RSSMRA 4405 233
900101 - 1234568, A123456(7) | 1234568 123456
*id71 (Лев) да | Лев
GB82 WEST 1234 5698 7654 32 | 5698
198.51.100.23 | 198.51
2001:db8:0:1::5a2f here | 5a2f
"""
KEPT = """
в телеге пишут, вкусно и тихо, ИНСТА 2023
he met me at mail dot 5
12345678A, 12345678K, 20231202A and X1234567 are no cards
111.444.777-36 and 2341 2341 2347, resolutions 2371 2375 2390 and 5000 6000 7001
my snap is glitchy today, discord: gonna, telegram: Pyongyang Times
Line: Dandong-Sinuiju, QQ 2013 2014 2015
inside2024, the ins: amazing, steam engine1900, steam: 2024, paypal is down
球球 666666, 微信号：没有, 我的微博：今天很好
薇：hello, 薇：你好, 昵称：3
x dot com is down, 5 dot 5, e[.]g. this
10-20-30-40-50-60
2015 2016 2017, 4000 5000 6000, 3000-4000-5000
DNI 2019, codice fiscale 2020, maman a dit, aadhaar is a card of 2009
[a|b] or [idea 1|2], 3 @ (4)
[the film](https://example.org) and [a](b)
UID 12 is free, druid 123456 and fluid: 123456 ml are not
I v❤ you all
my ig is down again
instagram: amazing
抖音号 2023年开的
+1000000 social credit for you
you lost +1,000,000 social credit
he walked 123 456 7890 steps
range 100*200.3000 made up
it cost $3000, then ¥12800000000
12345678901 won and 15000000000元
2500000000 people, 7900000000 views
on 2023-12-02 at 10:30, and 2013.02.25
2017-2019, 1950-1953, 1910–1945
25/02/2013 14:05
3:1, 21:15, 2-0 and 0:3
38.5°C, -12.25 %, 1.2万, 3.5亿
100 000 people, 1,234,567 of them
flight CA121, train K27/K28
law No. 7 of 2013, article 105
ISBN 978-7-5060-1234-5
ISBN 0-306-40615-2
video 7512345678901234567
BV1xx411c7mD and av170001
pi is 3.14159265358979
version 10.0.19045.2 of it, v1.2.3.4
chapter 1.5.7.8
ratio 16:9:4, at 10:30:45
std::vector and a::b
2 kg @5 each, @3pm
@4月11日星期三 下班
lunch @ noon
@ home
faces: @_@ and (@o@) and @@
and/or, he/she, 24/7, 1/2
N/A, w/o, c/o
see you at dot com prices
look at gmail, it is fine
e.g. this, i.e. that, etc. and so on
the end.Then it began
U.S.A/North Korea
r/northkorea is a place
WeChat is blocked; Line is used
the line: everybody waits
WeChat: censored app
my QQ is old, QQ2013
微信很方便，QQ也有
我的微信没有了
加油！加薪！加入我们
Twitter is enabling this
75+ various types
Pro V: Nuclear Edition
回复：谢谢
我的回复: 谢谢
回复楼上：对
回复你：好的
统一回复大家：没有
Replying to this: no
8月15日，1945年8月15日
二〇一三年二月，一九五三年
一二三四五六七
第三十八度线，三八线
前10名，第1名，5G，4K
编号0012345
东经125.7625 北纬39.0392
39.0392, 125.7625
F-35B, MiG-29, Hwasong-15
GDP 28500000000 dollars
1 2 3 4 5 6 7 8 9
2024 2025 2026 2027
-1 +1 (+2) 5+5=10
#朝鲜# #NorthKorea
100% @everyone
price: 1.299.000.000
https://example.org
example.org has it
5/6 of 20, 6-8-10
😂😂😂 666666
233333333333
"""


def lines(said: str) -> list[str]:
    return [line for line in said.split("\n") if line.strip()]


@pytest.mark.parametrize("line", lines(MASKED))
def test_what_names_somebody_is_masked(line: str) -> None:
    said, _, gone = line.rpartition(" | ")
    hidden = HIDES.text(said, "youtube")
    assert hidden != said
    assert [part for part in gone.split() if part in hidden] == []
    assert HIDES.text(said, None) != said


@pytest.mark.parametrize("said", lines(KEPT))
def test_what_names_nobody_stays(said: str) -> None:
    assert HIDES.text(said, "weibo") == said
    assert HIDES.text(said, "youtube") == said


def test_there_are_enough_of_both() -> None:
    assert len(lines(MASKED)) >= 60
    assert len(lines(KEPT)) >= 60


BEFORE = st.sampled_from(
    ["", "so ", "LOL", "666", "哈哈", "。", "…", "x.", "(", "“", "😂", "_", "-", "+", "#", "//", "回复", "\u200b", "＊"]
)
AFTER = st.sampled_from(
    ["", " so", "，对", "。", "!", "…", ")", "”", " 😂", "\u200b ", "：好", ", yes", "@other_one", "?", "\n"]
)
NAMES = st.sampled_from(
    ["rivermoss", "River.Moss_7", "青石板", "白杨林2031", "김바람", "Полянская", "moss-river", "o'fernley"]
)


@settings(max_examples=200, deadline=None)
@given(
    BEFORE,
    st.sampled_from(["@", "＠", "﹫", "@\u200b", "&#64;"]),
    NAMES,
    AFTER,
    st.sampled_from(["weibo", "tiktok", None]),
)
def test_a_mention_is_masked_whatever_stands_beside_it(
    before: str, mark: str, name: str, after: str, platform: str | None
) -> None:
    hidden = HIDES.text(before + mark + name + after, platform)
    assert not any(name[at : at + 4] in hidden for at in range(max(1, len(name) - 3)))
    assert hidden.startswith(before.rstrip("\u200b")[:1])


@settings(max_examples=200, deadline=None)
@given(BEFORE, st.sampled_from(["13912340987", "139 1234 0987", "+86 139-1234-0987", "１３９１２３４０９８７"]), AFTER)
def test_a_mobile_number_is_masked_whatever_stands_beside_it(before: str, number: str, after: str) -> None:
    before = before.rstrip("6")  # digits more would make another number of it
    hidden = HIDES.text(before + number + after, "weibo")
    assert number[-4:] not in hidden
    assert "[phone]" in hidden


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["weibo", "reddit", "youtube", None]))
def test_any_text_can_be_masked_and_other_words_stay(text: str, platform: str | None) -> None:
    hidden = HIDES.text(text, platform)
    if text.isalpha():
        assert hidden == text or "回" in text


@pytest.mark.parametrize(
    "part", ["a", "1", "@", "@a", "a.", "1-", "((1", "@一", "http://a", "回复a", "微信a", "0 1", "a:", "u/"]
)
def test_no_text_takes_more_than_linear_time(part: str) -> None:
    said = part * (100_000 // len(part))
    begun = time.process_time()
    HIDES.text(said + "@x.com", "youtube")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("links", "name"),
    [
        (
            [
                "https://www.tiktok.com/@mara.k/video/7512345678901234567",
                "http://m.tiktok.com/v/7512345678901234567.html?_t=SECRET",
                "tiktok.com/@other/photo/7512345678901234567/",
            ],
            "7512345678901234567",
        ),
        (
            [
                "https://www.youtube.com/watch?v=kJQP7kiw5Fk&t=3s",
                "https://youtu.be/kJQP7kiw5Fk?si=SECRET",
                "https://m.youtube.com/watch?app=desktop&v=kJQP7kiw5Fk",
                "youtube.com/shorts/kJQP7kiw5Fk",
            ],
            "kJQP7kiw5Fk",
        ),
        (["https://www.instagram.com/mara.k/p/Cabc12/?igshid=SECRET", "instagram.com/reel/Cabc12/"], "Cabc12"),
        (["https://x.com/mara_k/status/123", "https://twitter.com/i/web/status/123?s=20"], "123"),
        (
            ["https://vxtwitter.com/mara/status/123", "https://web.archive.org/web/1/https://x.com/mara/status/123"],
            "123",
        ),
        (["https://old.reddit.com/r/x/comments/1abcd/title/", "https://redd.it/1abcd"], "t3_1abcd"),
        (["/r/x/comments/1abcd/title/", "/user/mara/comments/1abcd/title/", "u/mara/comments/1abcd"], "t3_1abcd"),
        (
            [
                "x.com%2Fmara_k%2Fstatus%2F123",
                r"https:\/\/x.com\/mara_k\/status\/123",
                "https%253A%252F%252Fx.com%252Fi%252Fstatus%252F123",
            ],
            "123",
        ),
        (["https://www.bilibili.com/video/BV1xx411c7mD/?vd_source=SECRET"], "BV1xx411c7mD"),
        (["https://weibo.com/1234567890/Nabc12345", "https://m.weibo.cn/detail/Nabc12345"], "Nabc12345"),
        (
            ["https://www.xiaohongshu.com/explore/64b0c1d2000000001f03a1b2?xsec_token=SECRET"],
            "64b0c1d2000000001f03a1b2",
        ),
        (["https://www.facebook.com/mara.k/posts/pfbid02abc"], "pfbid02abc"),
        (["7512345678901234567"], "7512345678901234567"),
        (
            ["https://example.org/2019/river", "https://example.org/2019/river?utm_source=mara#top"],
            "https://example.org/2019/river",
        ),
        (["https://www.instagram.com/mara.k/"], "https://instagram.com/"),
    ],
)
def test_a_thread_that_is_a_link_is_the_video_and_nobodys_name(links: list[str], name: str) -> None:
    assert {thread_id(link) for link in links} == {name}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n.news.naver.com/article/001/0014000001", "n.news.naver.com/article/056/0014000001"),
        (
            "news.naver.com/main/read.naver?oid=001&aid=0014000001",
            "news.naver.com/main/read.naver?oid=056&aid=0014000001",
        ),
        ("cafe.naver.com/stones/1234567", "cafe.naver.com/rivers/1234567"),
        ("gall.dcinside.com/board/view/?id=stones&no=12", "gall.dcinside.com/board/view/?id=stones&no=13"),
        ("forum.example/bbs/board.php?bo_table=free&wr_id=4", "forum.example/bbs/board.php?bo_table=free&wr_id=5"),
        ("t.me/stones/12", "t.me/rivers/12"),
    ],
)
def test_two_posts_are_two_threads(one: str, other: str) -> None:
    known_as = HIDES.in_link
    assert thread_id(f"https://{one}", known_as) == thread_id(f"http://{one}", known_as).replace("http:", "https:")
    assert thread_id(f"https://{one}", known_as) != thread_id(f"https://{other}", known_as)


def test_an_id_that_is_a_link_loses_names_and_tokens_only() -> None:
    assert (
        bare_id("https://www.reddit.com/user/mara/comments/1a/2b?context=3")
        == "https://www.reddit.com/user/comments/1a/2b"
    )
    assert bare_id("https://example.org/@mara/12?sid=SECRET&id=5") == "https://example.org/12?id=5"
    assert bare_id("t1_abc/d") == "t1_abc/d"


@pytest.mark.parametrize(
    ("link", "names"),
    [
        ("https://space.bilibili.com/71000171/dynamic", "71000171"),
        ("https://m.bilibili.com/space/71000171", "71000171"),
        ("https://www.facebook.com/profile.php?id=100071000171000", "1000710"),
        ("https://facebook.com/people/Mara-Fern/100071000171000/", "Mara 1000710"),
        ("https://tieba.baidu.com/home/main?id=tb.1.abc71.def&fr=userbar", "abc71"),
        ("https://weibo.cn/7100017100/profile", "7100017"),
        ("https://www.instagram.com/stories/river.moss/3123456789012345678/", "moss"),
        ("https://rutube.ru/channel/7100017/", "7100017"),
        ("https://www.nicovideo.jp/user/7100017", "7100017"),
        ("https://user.qzone.qq.com/710001710", "710001710"),
        ("https://rivermoss.lofter.com/post/1a2b", "rivermoss"),
        ("https://rivermoss.substack.com/p/title", "rivermoss"),
        ("https://t.me/s/rivermoss/12", "rivermoss"),
        ("https://nitter.net/rivermoss", "rivermoss"),
        ("https%3A%2F%2Fx.com%2Frivermoss", "rivermoss"),
        ("https://web.archive.org/web/2024/https://x.com/rivermoss", "rivermoss"),
    ],
)
def test_a_thread_that_is_a_link_to_somebody_has_a_pseudonym(link: str, names: str) -> None:
    name = thread_id(link, HIDES.in_link)
    assert "user_" in name
    assert not any(part in name for part in names.split())
    assert not any(part in bare_id(link) for part in names.split())


def test_a_video_is_called_by_the_whole_of_its_id() -> None:
    for name in ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee"):
        assert thread_id(f"https://rutube.ru/video/{name}/") == name
    assert thread_id("https://vimeo.com/123456") == "123456"
    assert thread_id("https://www.bilibili.com/opus/890123456789012345") == "890123456789012345"
