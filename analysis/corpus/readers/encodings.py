"""In which encoding a text is written, told by its first bytes; UTF-16 and 32 become UTF-8 where one is opened."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Sequence

#: What encodings other than UTF-8 are called.
ENCODINGS = {"gb18030": "GB 18030", "big5hkscs": "Big5", "cp949": "CP 949", "cp932": "Shift-JIS"}
ENCODINGS |= {"koi8_r": "KOI8-R", "mac_roman": "Mac OS Roman", "euc_jp": "EUC-JP", "iso2022_jp": "ISO-2022-JP"}
ENCODINGS |= {f"cp{number}": f"Windows-{number}" for number in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 874)}
ENCODINGS |= {"cp866": "CP 866", "mac_cyrillic": "Mac OS Cyrillic"}
ENCODINGS |= {f"iso8859_{number}": f"ISO 8859-{number}" for number in (2, 5)}
#: Half a character, which no text has: it stands for a byte that is none.
NO_SIGN = "\udcff"
#: What a decoder does with bytes that are none, also (unlike ``surrogateescape``) with ASCII that means other signs.
HALF = "half a character"


def _half(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for bytes that are none, and where to go on: no line is lost with them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return NO_SIGN + "\n" * (b"\n" in error.object[error.start : error.end]), error.end


codecs.register_error(HALF, _half)
_HALF = 0.5
#: What sets ASCII to mean pairs of Japanese.
_JAPANESE = re.compile(rb"\x1b\$[@B][^\x1b]{2}")
#: Signs of every day, of which text in its own encoding is full, and text read in another's nearly empty.
_COMMON = {
    "gb18030": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运哈啊吧吗呢"
    "评昵称容赞户视频朝鲜",
    "big5hkscs": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡"
    "用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實"
    "日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政"
    "美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解"
    "水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管"
    "期市直資命山金指許統區保至隊形社便空決哈啊吧嗎呢評暱稱容讚戶視頻",
    "cp932": "のにはをたがでてとしれさあいうるなもかきくこすせそちつまみよらりわんーアイウエオカキクコサシスセソタ"
    "チツテトナニノハヒフヘホマミムメモヤユヨラリルレロワン本日投稿者時間",
    "cp949": "이다는의에고가을를은하지기도한사로자어서리나라아일시대해그만인스보있게수것정제들부원전과으구상오면성"
    "여주장동와니거었요우비소마없안중조문선화때말같생진신내모미되세교계개경더음분공물연유위국회학출통북방"
    "관무불데적식용간히할습금입심야월실타명르러까했번잘좋왜네저너댓글작닉임",
}
_COMMON["euc_jp"] = _COMMON["cp932"]
_SEEN = 20_000
_ENDS = re.compile(rb"[\n}]")
#: Western text keeps to these bytes in pairs at most: letters with accents, and Windows' quotation marks and dashes.
_LATIN = re.compile(rb"[\x80-\xff]{3}|[\x81\x8d\x8f\x90\x9d\xff]")
_FEW = 0.1
#: What western texts have beyond ASCII: Excel on a Mac saves CSV in bytes of its own.
_WESTERN = "äöüÄÖÜßéèêëÉàâáãåæøçÇîïíñÑóôõúùûœÅÆØ¿¡’‘“”–—…«»°€£•·™®©´¨ªº§½¼¾²³±×"
_NEARLY_ALL = 0.7
#: What languages write beyond ASCII. A text is of the one that has all its letters; each also has foreign words with é.
_WEST = (
    *("äöüß", "éèàêçùôîûâœëïæÿ", "óíáéñú¿¡üºª", "ãáçéóêíàõâúôüºª", "èàùòìéóî", "åäö", "æøå", "ëïéóüèê"),
    *("àçèéíïòóúü", "šžäöõü"),
)
_ELSEWHERE = {
    "cp1250": ("łęąóśżćńź", "íáéěřšžčýůúňťďó", "áíéčžšýúľťňôäďóĺŕ", "áéöőíüóúű", "ăîâșțşţ", "čćšžđ"),
    "cp1254": ("ıüşçöğâîû\u0307",),
}
_ELSEWHERE["iso8859_2"] = _ELSEWHERE["cp1250"]
#: Marks that every text may have.
_MARKS = frozenset("’‘“”„–—…«»°€£•™®©´\xa0")
_ALL, _RUNS = 0.97, re.compile(rb"[\x80-\xff]+")
#: Words of one byte a letter are of more bytes. Of the letters of a text more than half are the few of its language
#: that are most frequent; of Greek, Hebrew and Arabic ones read as Russian 0.38 at most.
_WORDS, _MANY, _SHORT = re.compile(rb"[\x80-\xff]{3,}"), 0.45, 8
_FREQUENT = {
    **dict.fromkeys(("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"), "оеаинтсрвлі"),
    "cp1253": "αοιετσνηυρςάόίέ",
    "cp1255": "יהולארתבמש",
    "cp1256": "اليمونرتبع",
    "cp874": "านรอกเงวยมล่้ีัท",
}
_RUSSIAN, _NEARLY_ALL_LETTERS = frozenset(map(chr, range(0x410, 0x450))) | set("ёЁіїєґўІЇЄҐЎ"), 0.9


def encoding_of(head: bytes, *, whole: bool) -> str:
    """Return the encoding of a text by its beginning.

    UTF-8, unless it does not read half of the lines that have letters beyond ASCII; else the one of GB 18030, Big5,
    Shift-JIS, EUC-JP and CP 949 in which the text is fullest of signs of every day, or where it has few and may be
    that, one of a byte a letter: of Cyrillic, Greek, Hebrew, Arabic, Thai, or Latin letters.
    One broken byte decides nothing: it costs its row.
    """
    if head.isascii():
        return "iso2022_jp" if _JAPANESE.search(head) else "utf-8"
    end = len(head) if whole else head.rfind(b"\n") + 1 or len(head) - 4
    # JSON may have all its records in one line; in UTF-8 no byte of another sign is a brace.
    lines = [line for line in _ENDS.split(head[:end]) if not line.isascii()]
    good = sum(_reads(line, "utf-8") for line in lines)
    if good >= _HALF * len(lines):
        return "utf-8"
    whole_lines = [line for line in head[:end].split(b"\n") if not line.isascii()]
    text = b"\n".join(whole_lines)[:_SEEN]
    shares = {name: _share(text.decode(name, "replace"), signs) for name, signs in _COMMON.items()}
    best = max(shares, key=shares.__getitem__)
    if not good and (letters := _eastern(text) or _of_words(text, shares[best])):
        return letters
    if shares[best] >= _FEW:
        # Of bytes that are nobody's sign one or two may be a sign of every day by chance.
        mine, other = (sum(_reads(line, name) for line in whole_lines) for name in ("utf-8", best))
        return "utf-8" if mine and mine >= other else best
    if not good and (western := _western(text)):
        return western
    # Signs that are rare everywhere: China's standard has them all.
    return "gb18030" if _reads(head[:end], "gb18030") else "utf-8"


def _eastern(text: bytes) -> str | None:
    """Return in which encoding of Central Europe or Turkey a text is; None where it may be western, or no Latin one."""
    runs = _RUNS.findall(text)
    if 2 * sum(len(run) == 1 for run in runs) <= len(runs) or len(set(runs)) == 1:  # signs of two bytes; a lone one
        return None
    west = max(_in_one(text, name, _WEST) for name in ("mac_roman", "cp1252"))
    share, name = max((_in_one(text, name, languages), name) for name, languages in _ELSEWHERE.items())
    same = text.decode(name, "replace") == text.decode("cp1252", "replace")
    return name if share > max(_ALL, west) and not same else None


def _western(text: bytes) -> str | None:
    """Return whose western letters a text has, Excel's on a Mac or those of Windows; None where they may be others."""
    mac, windows = (_share(text.decode(name, "replace"), _WESTERN) for name in ("mac_roman", "cp1252"))
    if mac > max(windows, _NEARLY_ALL):
        return "mac_roman"
    return None if _LATIN.search(text) else "cp1252"


def _in_one(text: bytes, encoding: str, languages: Sequence[str]) -> float:
    """Return how much of a text's letters the one of some languages has that has most of them."""
    read = "".join(sign for sign in text.decode(encoding, "replace").lower() if sign not in _MARKS)
    return max(_share(read, f"{language}é") for language in languages)


def _of_words(text: bytes, other: float) -> str | None:
    """Return whose letters of one byte make up whole words of a text, and are frequent ones; None where nobody's.

    ``other`` is the share of signs of every day where two bytes are read as one.
    """
    words = b"".join(_WORDS.findall(text))
    read = {name: words.decode(name, "replace") for name in _FREQUENT}
    shares = {name: _share(read[name], most) for name, most in _FREQUENT.items()}
    # Windows' and the Mac's Russian differ in capitals and я alone.
    name = max(shares, key=lambda each: (shares[each], _share(read[each], _RUSSIAN)))
    share = shares[name] if len(words) > _SHORT else 0.0
    most = 2 * len(words) > sum(byte >= 0x80 for byte in text)  # noqa: PLR2004  ASCII ends
    # Of two bytes of Chinese both may be letters of KOI8-R, which has no quotation marks or dashes.
    most = most and (name != "koi8_r" or _share(text.decode(name), _RUSSIAN) > _NEARLY_ALL_LETTERS)
    return name if most and share > max(_MANY, other) else None


def _reads(line: bytes, encoding: str) -> bool:
    """Tell whether a line is written in an encoding; the byte FF is in no sign of any, though Python has one for it."""
    if b"\xff" in line:
        return False
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share(text: str, signs: Collection[str]) -> float:
    """Return the share of signs of every day among those that are not ASCII."""
    known = frozenset(signs)
    beyond = [sign for sign in text if not sign.isascii()]
    return sum(sign in known for sign in beyond) / max(len(beyond), 1)
