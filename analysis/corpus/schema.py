"""The corpus table: one row is one utterance."""

from __future__ import annotations

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("utterance_id", pa.string(), nullable=False),
        pa.field("collection", pa.string(), nullable=False),
        pa.field("thread_id", pa.string()),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("parent_id", pa.string()),
        pa.field("vantage", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("platform", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("language", pa.string()),
        pa.field("original_language", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("posted_at", pa.timestamp("us", tz="UTC")),
        pa.field("time_precision", pa.string()),
        pa.field("position", pa.float64()),  # seconds of the video at which it was said
        pa.field("likes", pa.int64()),
        pa.field("replies", pa.int64()),
        pa.field("region", pa.string()),
        pa.field("speaker", pa.string()),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_tool", pa.string(), nullable=False),
    ]
)

#: The vantages, in the order of figures and tables.
VANTAGES = WESTERN_COMMENTER, CHINESE_VIEWER, VLOGGER = ("western_commenter", "chinese_viewer", "vlogger")
#: Kinds that the uploader of a video says, whoever else speaks there.
BY_UPLOADER = frozenset({"caption", "transcript"})
#: What a column may hold; null is always allowed beside it (a reference collection has no vantage).
ACCEPTED = {
    "vantage": VANTAGES,
    "origin": ("western", "chinese", "other"),
    "kind": ("comment", "post", "caption", "transcript", "quotation"),
    "language": ("en", "zh", "ko", "ja", "mixed", "none"),
    "evidence": ("verbatim", "translated", "paraphrase", "constructed"),
    "time_precision": ("second", "minute", "day", "month", "year"),
}

#: Languages by ISO 639-1 that the corpus keeps as a platform told them; of others than above nothing is measured.
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is "
    "it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms "
    "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk "
    "sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi "
    "yo za zh zu "
)
LANGUAGES = frozenset(_ISO_639_1.split())
#: What tools and people call them: codes of three letters, names in English and in the language itself.
_CALLED = """
en eng english; zh zho chi cmn yue chinese mandarin cantonese 中文 汉语 漢語 普通话 简体中文 繁體中文 国语;
ko kor korean 한국어; ja jpn japanese 日本語; ar ara arb arabic العربية; cs ces cze czech čeština;
da dan danish dansk; de deu ger german deutsch; el ell gre greek ελληνικά; es spa spanish español;
fa fas per pes persian farsi فارسی; fi fin finnish suomi; fr fra fre french français;
he heb hebrew עברית; hi hin hindi हिन्दी; hu hun hungarian magyar; id ind indonesian;
it ita italian italiano; ms msa may zsm malay; nl nld dut dutch nederlands; no nor norwegian norsk;
pl pol polish polski; pt por portuguese português; ro ron rum romanian română; ru rus russian русский;
sv swe swedish svenska; th tha thai ไทย; tl tgl fil tagalog filipino; tr tur turkish türkçe;
uk ukr ukrainian українська; vi vie vietnamese
"""
LANGUAGE_OF = {name: code for code, *names in map(str.split, _CALLED.split(";")) for name in names}

#: What stands in a text for somebody's name, with or without the @ before it (a pattern).
PSEUDONYM = r"user_[0-9a-f]{12}"
#: What stands for an address or a number that was masked (a pattern).
MASK = r"\[(?:email|phone|id|card|ip)\]"
#: The origin that a vantage implies; a vlogger's has to be said.
ORIGIN_OF_VANTAGE = {WESTERN_COMMENTER: "western", CHINESE_VIEWER: "chinese"}
