"""Names, addresses and numbers in a disguise: other marks between, words for marks, other letters and digits."""

from __future__ import annotations

import time

import pytest

from analysis.corpus.privacy import Pseudonyms

HIDES = Pseudonyms(b"0123456789abcdef")
#: A line: what is said, and after the bar what of it must be gone (two blanks between); \\n is a new line.
MASKED = r"""
http://203.0.113.9:8080/x | .9  113
https://203.0.113.9 | .9  113
http://mara:pass@203.0.113.9/ | .9  113  mara
http://203.0.113.9看这里 | .9  113
http://0xcb.0x0.0x71.0x9/x | 0x71  0x9
http://2001:db8::1/x | db8  /x
http://[fe80::1%eth0]/x | fe80
http://mara-laptop/x | laptop
hxxp://203[.]0[.]113[.]9/x | 113
hxxp://example[.]com/mara | mara
203[.]0[.]113[.]9 | 113
203.0.113.9/home/mara | mara
203.0.113.9:8080/~mara, so | mara
//weibo.com/mara so | mara
root@203.0.113.9 | .9  root
root@[IPv6:2001:db8::1] | root  db8
git@example.org:mara/fern.git | mara
scp mara@203.0.113.9:/home/fern . | mara  fern
mara.fern AT gmail DOT com | mara
mara(dot)fern(at)example(dot)com | mara  fern
mara dot fern at example dot com | mara  fern
mara . fern @ gmail . com | mara  fern
mara . fern @ example . com | mara  fern
mara.fern@gmail,com | mara  com
mara.fern@gmail，com | mara  com
mara.fern@example,com | mara  com
mara.fern@example .com | mara
mara.fern@example. com | mara
mara.fern@gmail·com | mara  com
mara.fern【at】example.com | mara
mara.fern@example dot com | mara  com
mara.fern@example(dot)com | mara  com
mara.fern -at- gmail -dot- com | mara
mara.fern at gmail.com | mara
mara.fern AT gmail.com | mara
mara.fern @ example.com | mara
mara.fern@gmail com | mara
mara.fern@gmail. | mara
123456789@qq | 123456789
123456789圈qq点com | 123456789
mara골뱅이naver.com | mara
mara 골뱅이 네이버 닷컴 | mara
mara(골뱅이)naver(점)com | mara
%40marafern hi | mara
mail mara.fern%40example.com | mara
&amp;#64;marafern hi | mara
010—12345678 | 5678
138/1234/5678 | 1234  5678
138,1234,5678 | 1234  5678
138😂1234😂5678 | 1234  5678
138 1234\n5678 | 1234  5678
138\n1234\n5678 | 1234  5678
138 - 1234 - 5678 | 1234  5678
1😂3😂8😂1😂2😂3😂4😂5😂6😂7😂8 | 6😂7
1/3/8/1/2/3/4/5/6/7/8 | 6/7
010—2345—6789 | 2345  6789
010,2345,6789 | 2345  6789
010😂2345😂6789 | 2345  6789
010ㅡ2345ㅡ6789 | 2345  6789
０９０ー２３４５ー６７８９ | ２３４５  ６７８９
+82—10—2345—6789 | 2345  6789
82-10-2345-6789 | 2345  6789
+1 [212] 555-0187 | 0187
212•555•0187 | 0187
手机一三八 一二三四 五六七八 | 五六七八
一 三 八 一 二 三 四 五 六 七 八 | 七
壹叁捌 壹贰叁肆 伍陆柒捌 | 柒
https%3A%2F%2Fwww.instagram.com%2Fmara_fern%2F ok | mara
https%253A%252F%252Fx.com%252Fmara_fern | mara
go?to=http%3a%2f%2fx.com%2fmara&x=1 | mara
see instagram.com%2Fmara_fern | mara
https:\/\/x.com\/mara so | mara
x.com\/mara | mara
u\/mara_fern | mara
https:/x.com/mara | mara
weixin:///mara | mara
file:///C:/Users/mara/a.txt | mara
instagram。com/mara | mara
www。weibo。com/mara | mara
twitter .com/mara | mara
instagr.am/mara | mara
RT mara_fern: so true | mara
RT mara88: so true | mara
@￼mara hi | mara
微信【mara88】 | mara
微信（mara88） | mara
vx【 mara88】 | mara
微信"mara88" | mara
微信号；mara88 | mara
微信-mara88 | mara
wei xin：mara88 | mara
we chat: mara_fern | mara
snapchat (mara88) | mara
insta- mara.fern88 | mara
tele: mara_fern | mara
电报 mara88 | mara
카톡아이디는 mara88 | mara
인스타그램 아이디는 mara.fern 입니다 | mara
账号：123456789012345 | 123456789012345
my social is 123 45 6789 | 6789
de89370400440532013000 | 3704
de89 3704 0044 0532 0130 00 | 3704
account number 123456789012 | 123456789012
account no. is 1234-5678 | 5678
routing number 021000021 | 021000021
账户6222020200012345678 | 6222020200012345678
口座番号 1234567 | 1234567
국민은행 123456-01-234567 | 234567
계좌번호는 110-123-456789 | 456789
농협 352-1234-5678-93 | 5678
카카오뱅크 3333-01-1234567 | 1234567
零一零 八七六五四三二一 | 八七
공일공 이삼사오 육칠팔구 | 육칠
010-이삼사오-육칠팔구 | 육칠
SSN 219 09 9999 | 9999
social security number is 219.09.9999 | 9999
219–09–9999 | 9999
주민등록번호 900101 1234567 | 900101  1234567
900101–1234567 | 1234567
身份证号1101 0519 4912 3100 2X | 0519  3100
discord: marafern#1234 | mara
add marafern#1234 on discord | mara
Mara.Fern#1234 is my battletag | Mara  Fern
扣 123456789 | 123456789
扣123456789 | 123456789
QQ❤123456789 | 123456789
qq: 1 2 3 4 5 6 7 8 9 | 3 4 5
🐧群：123456789 | 123456789
q邮箱123456789 | 123456789
微❤️号marafern88 | mara
微♥信：marafern | mara
微 信 号 marafern88 | mara
微.信:marafern88 | mara
薇❤marafern88 | mara
绿泡泡：marafern88 | mara
➕v❤ marafern88 | mara
➕V：marafern | mara
加vx❤ marafern | mara
IG👉marafern88 | mara
ig: 👉marafern88 | mara
카톡❤marafern88 | mara
라인 아이디: marafern | mara
텔레그램 marafern88 | mara
ｉｎｓｔａｇｒａｍ：ｍａｒａ＿ｆｅｒｎ | ｍａｒａ
𝕨𝕖𝕔𝕙𝕒𝕥: 𝕞𝕒𝕣𝕒𝕗𝕖𝕣𝕟_ | 𝕞𝕒𝕣𝕒
"""
KEPT = r"""
http://360.cn
http://12306.cn看
https://t.cn
and/weibo.com/x
1。2。33。4
version 1.2.3.45/beta
he was at the dot when it began
we met at Starbucks dot the usual
look at the polka dot dress
look at gmail.com
sign in at yahoo.com
the U.S. at yahoo.com
see it @ example.com
we met @ home. net result
fell in love @ maria. com amor
I looked @ gmail
rock-a-bye, pick-a-site.com
dot (.) and (a) or (b)
100%40 people
涨了%40左右
50%40%10%
138,123,456
150,000,000
resolutions 138, 1718, 1874
150/1950/1953
150/1000/2000
150\n2000\n3500
139\n2023\n2024
130/1200/1500 kcal
130+1200+1500
130→1200→1900
080,0800,0900
1920/1080/1440
138: 1234 and 5678
第138期，20231201
138...1234 people
150! 1234! 5678!
A 138 (1234) 5678
138% 1234% 5678%
1+3+5+7+9+1+3+5+7+9+1
010,2023,2024
0930–1130 1330–1700
0930~1130 1330~1700
• 212 • 555 • 1000
+1000000–2000000 social credit
一 二 三 四 五 六 七 八 九 十
이 일이 사이 오일 이 사 이
일이 일이 이사 오이 칠이
SSN is what Americans have
SSN 2019 2020
social security since 1935 08 14
issue#1234 is open
discord issue 1234
扣1000000分
信用分扣100000000
扣888888888
扣 20231201
🐧🐧 54321
🐧 penguins2023
riot police#1234
折扣 123456789
微笑❤ abc123
微❤你们
微信😂 iPhone15
微👍 iphone15
QQ😂 20231111
加v🔥 iphone15
v❤ iphone15
加油❤ kim2023
ig ❤ this
100%3A and 50%2F50
https:///
so :/// what
好。com/
it。me and you
RT Breaking: Kim launches
RT if you agree: yes
RT 2019: a year
微信（WeChat）
抖音（TikTok）很火
telegram (banned) there
微信-支付
television: 2019
账户 100000000元
account number of people 100000000
account 2019
은행 2019년
은행 100-200명
농협 2019-2020
계좌 3개
in 24 hour 2019 2020
回复率很高：真的
回复数量很多：真的
回复速度快：好
"""


def lines(said: str) -> list[str]:
    return [line.replace(r"\n", "\n") for line in said.strip().split("\n")]


@pytest.mark.parametrize("line", lines(MASKED))
def test_what_names_somebody_in_a_disguise_is_masked(line: str) -> None:
    said, _, gone = line.rpartition(" | ")
    hidden = HIDES.text(said, "youtube")
    assert hidden != said
    assert [part for part in gone.split("  ") if part in hidden] == []


@pytest.mark.parametrize("said", lines(KEPT))
def test_what_looks_like_a_disguise_stays(said: str) -> None:
    assert HIDES.text(said, "weibo") == said
    assert HIDES.text(said, "youtube") == said


PARTS = (
    "a dot |a(dot)|a . |a@a,|a.1@|a1 @ a.|1 at gmail.|a#1234 discord |微❤号|扣1|q❤1|一 |공일공 |138/|1😂3😂|010,|+1—"
    "|a[.]com/|a dot com/|m o s |@%E9|@“a|2341 2341 |my snap is "
    "|1[.]|http://1.1.|http://a:b:|a[.]|git@a.com:a/|1.2.3.4/a|%40a|&amp;|a%3A%2F%2F|a.com%2F|\\/|a。com/|a .com/|RT a_"
    "|微信（|account number |은행 1-|SSN number |身份证1 |//a.com/"
)


@pytest.mark.parametrize("part", PARTS.split("|"))
def test_no_disguise_takes_more_than_linear_time(part: str) -> None:
    begun = time.process_time()
    HIDES.text(part * (100_000 // len(part)) + " discord @x.com (at) 138 1234 5678", "youtube")
    assert time.process_time() - begun < 5
