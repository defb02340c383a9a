"""What columns are called in the tables of scripts and of colleagues, in the languages that they are written in."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Characters of such names that are written otherwise in Taiwan, Hong Kong and Japan.
SIMPLE = str.maketrans(
    "評論內佈發時間點讚贊數戶稱帳暱號視頻鏈連結貼筆記屬級語題區歸創建複復覆樓輸動編標網會員讀錄樂單觀",
    "评论内布发时间点赞赞数户称账昵号视频链连结贴笔记属级语题区归创建复复复楼输动编标网会员读录乐单观",
)
#: Column of the corpus to what it is called, the clearest name first.
_CALLED = {
    "text": "text commenttext comment content fulltext body message textdisplay textoriginal textraw tweettext tweet "
    "posttext 评论内容 评论正文 评论文本 微博正文 微博内容 弹幕内容 回复内容 正文 内容 评论 弹幕 文本 留言內容 留言 "
    "贴文内容 帖文内容 短评内容 短评 评论文字 评论详情 댓글내용 댓글 コメント コメント本文 コメント内容 本文 "
    "contents textcontent kommentar commentaire comentario комментарий kommentartext "
    "comentário textodelcomentario textodelmensaje textodocomentário textducommentaire testodelcommento commento texto "
    "texte testo текст тексткомментария комментарии сообщение コメントのテキスト 感想 口コミ "
    "komentarz komentar yorum opmerking reactie коментар bìnhluận nộidungbìnhluận nộidung ความคิดเห็น คอมเมนต์ ข้อความ "
    "التعليق تعليق نصالتعليق टिप्पणी",
    "utterance_id": "utteranceid commentid commentno cid rpid commentpk objectid 评论id 评论标识号 弹幕id tweetid "
    "messageid answerid idcomentario iddelcomentario idcomentário iddocomentário idcommentaire idducommentaire "
    "idcommento idкомментария idstr id mid",
    "thread_id": "threadid videoid storyid awemeid bvid bv bv号 avid oid 视频id 视频bv号 视频bvid 视频号 noteid 笔记id "
    "postid submissionid linkid conversationid conversationidstr 作品id 视频标识号 微博id 微博mid 帖子id 主题id "
    "articleid 文章id mediaid itemid shortcode videourl videolink posturl postlink noteurl 视频链接 笔记链接 作品链接 "
    "微博链接 帖子链接 影片編號 影片id 영상id 동영상id 動画id 動画url weiboid statusid 贴文id 影片连结 影片网址 "
    "贴文连结 贴文网址 帖文id 帖文链接 帖文连结 视频网址 "
    "笔记网址 動画 videokimliği idfilmu รหัสวิดีโอ ไอดีวิดีโอ معرفالفيديو رابطالفيديو "
    "idvideo iddelvideo iddelvídeo idvídeo iddovídeo idvidéo iddelavidéo idвидео idпоста",
    "parent_id": "parentid idparent parentcommentid replytoid inreplytoid inreplytostatusid replytocommentid "
    "replytomsgid replytomessageid parent 父评论id 父级评论id 上级评论id 上级评论标识号 上级评论 被回复评论id",
    "speaker": "speaker authorid commenterid userid useridstr fromid uid authorchannelid secuid 评论者id 评论用户id "
    "评论人id 用户id 作者id author username authorname authordisplayname screenname user nickname speakername "
    "commenter commentername commenterusername 评论者昵称 评论者姓名 用户昵称 用户名 用户名称 昵称 评论者 用户 作者 "
    "commentby postby userhash midhash 用户hash 发送者hash 弹幕发送者hash 用户哈希 "
    "发布者 发布人 发表者 博主 博主昵称 网友昵称 网名 uname 使用者名称 使用者 留言者 发文者 账号 "
    "评论人 姓名 작성자 닉네임 暱稱 ユーザー名 投稿者 投稿者名 nutzername benutzername nutzer autor auteur "
    "utilisateur usuario usuário utente автор пользователь kullanıcı kullanıcıadı tácgiả ngườidùng ผู้เขียน ผู้ใช้ ชื่อผู้ใช้ "
    "الكاتب المستخدم اسمالمستخدم 名前 name",
    # Beside a day of its own a "timestamp" is the crawl's.
    "posted_at": "postedat publishedat createdat createdutc createtime createdtime creationtime commenttime "
    "publishtime pubtime ctime datecreated dateposted datepublished createddate commentdate publishdate published "
    "unixtimestamp timestamp datetime time date created "
    "评论时间 发布时间 创建时间 发表时间 发送时间 弹幕发送时间 时间 评论日期 发布日期 创建日期 日期 작성일 "
    "작성일시 작성시간 등록일 投稿日時 投稿日 日時 日付 datum zeitpunkt fecha дата tarih "
    "thờigian ngàyđăng วันที่ เวลา التاريخ تاريخ",
    "likes": "likes likecount likescount diggcount likenum favoritecount ups upvotes attitudescount like numlikes "
    "likesnumber likedcount likecounts likescounts voteupcount 点赞数 点赞数量 点赞量 "
    "获赞数 点赞 赞数 赞 点赞人数 赞好 按讚數 "
    "좋아요 좋아요수 공감수 공감 いいね いいね数 高評価 高評価数 gefälltmir "
    "gefälltmirangaben jaime megusta curtidas mipiace лайки polubienia beğeni lượtthích "
    "ถูกใจ จำนวนถูกใจ الإعجابات إعجابات",
    "replies": "repliesnumber numreplies replycount repliescount replies totalreplycount subcommentcount 回复数 回复量 "
    "子评论数 回复总数 二级评论数 二级评论条数 답글수 返信数 antworten",
    "region": "region iplocation iplabel ipregion ip属地 ip归属地 ip归属 ip所在地 ip地址 属地 归属地 地区",
    "language": "language lang 语言",
    "platform": "platform 平台",
    "position": "弹幕出现时间 出现时间 视频内时间 弹幕位置 videotime timeinseconds",
    "crawled": "crawledat crawltime crawldate scrapedat scrapetime scrapeddate scrapedate collectedat collecttime "
    "fetchedat fetchtime retrievedat retrievedon downloadedat exportedat lastmodifyts 采集时间 抓取时间 爬取时间 "
    "导出时间",
}

#: What is surely the video or post, in whatever record somebody has put it.
OF_THREAD = frozenset(
    [
        *("videoid", "bvid", "bv号", "视频id", "视频bv号", "视频bvid", "awemeid"),
        *("noteid", "笔记id", "postid", "shortcode", "weiboid", "微博id", "storyid"),
    ]
)
#: The platform that alone has what a column is called.
OF_PLATFORM = {
    **dict.fromkeys(("bvid", "bv号", "视频bv号", "视频bvid", "rpid"), "bilibili"),
    **dict.fromkeys(("微博id", "微博mid", "微博链接", "weiboid"), "weibo"),
    **dict.fromkeys(("笔记id", "笔记链接"), "xiaohongshu"),
    "tweetid": "twitter",
}

#: What stands in a row beneath a header: a number or a time, an address, a sentence.
_NUMBER = re.compile(r"[\d.,:/+\s-]*\d[\d.,:/+TZ\s-]*(?: \(\d+\))?")
_AN_ID = re.compile(r"[^\W_]+(?:[_ .-](?:id|url)|[_ .-]?(?<![A-Z])(?:I[dD]|U(?:rl|RL)))")
_SAID = re.compile(r"//|\w@\w|@\w+\s\S|[.!?。！？…]\s*$|[!?。！？]|.{60}", re.DOTALL)


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first of the rows of a table holds the names of its columns, and may be shown.

    One of its cells is a known name, or an id's, or stands above numbers; none is a number or what somebody said.

    >>> is_header([["id", "Satz"], ["1", "so"]]), is_header([["Zeit", "Satz"], ["12:30", "so"]])
    (True, True)
    >>> is_header([["ann", "good city"], ["bob", "bad city"]]), is_header([["7", "text"], ["8", "so"]])
    (False, False)
    """
    first, *below = rows
    if any(_NUMBER.fullmatch(cell) or _SAID.search(cell) for cell in first):
        return False
    above = (sum(_NUMBER.fullmatch(row[n]) is not None for row in below if len(row) > n) for n in range(len(first)))
    return any(bare(cell) in WORDS or _AN_ID.fullmatch(cell.strip()) for cell in first) or any(
        2 * numbers > len(below) for numbers in above
    )


def bare(name: str) -> str:
    """Return a column's name without capitals, blanks and marks, in simplified characters.

    >>> bare("Comment_ID"), bare("評論 IP屬地"), bare("user.id")
    ('commentid', '评论ip属地', 'userid')
    """
    return re.sub(r"[\W_]+", "", name).lower().translate(SIMPLE)


#: The same as :func:`bare` has them.
NAMES = {column: " ".join(map(bare, words.split())) for column, words in _CALLED.items()}
#: All of them.
WORDS = frozenset(word for words in NAMES.values() for word in words.split())
