"""Import generated comments and print rows a second, MB a second, peak memory and the ratio to pandas.

    python tests/benchmarks/import_speed.py [--rows 1000000] [--into FOLDER]

The comments on Douyin are imported once more as a table of somebody's own, by a mapping of its columns. Each import,
and each ``pandas.read_json(lines=True)`` or ``read_csv`` of the same bytes, runs in a process of its own, so that its
peak memory is its own. The words are drawn, nobody's: a comment is a few words of a small vocabulary, with emoji codes,
mentions, reply prefixes and phone numbers about as often as on the platforms. Files are written to a temporary folder
and removed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.corpus import ImportOptions, import_files

ZH = ["城市", "早晨", "干净", "安静", "自由", "市场", "火车", "海边", "孩子", "工人", "衣服", "便宜", "想去", "看看"]
ZH += ["真的", "好像", "以前", "我们", "他们", "没有", "可以", "视频", "贵", "[捂脸]", "[doge]"]
EN = ["city", "morning", "clean", "quiet", "free", "market", "train", "sea", "child", "worker", "clothes", "cheap"]
EN += ["really", "like", "before", "they", "nothing", "video"]
REGIONS = ("吉林", "辽宁", "北京", "广东", "英国", "")
BATCH = 10_000


def texts(rng: np.random.Generator, words: list[str], blank: str, number: int) -> list[str]:
    """Return drawn comments: 2 to 30 words, heavy on the short ones."""
    lengths = 2 + np.minimum(rng.geometric(0.15, number), 28)
    drawn = rng.integers(0, len(words), int(lengths.sum()))
    out, at = [], 0
    for place, length in enumerate(lengths.tolist()):
        out.append(blank.join(words[word] for word in drawn[at : at + length].tolist()) + f"{blank}{place % 97}")
        at += length
    for place in range(0, number, 50):
        out[place] = f"回复@用户{place}:" + out[place]
    for place in range(7, number, 33):
        out[place] += f" @name{place} "
    for place in range(11, number, 1000):
        out[place] += " 13800138000"
    return out


def mediacrawler(rng: np.random.Generator, rows: int) -> Iterator[str]:
    """Yield lines as MediaCrawler writes comments on Douyin."""
    for first in range(0, rows, BATCH):
        number = min(BATCH, rows - first)
        people, likes = rng.integers(0, rows // 2 + 1, number).tolist(), rng.geometric(0.4, number).tolist()
        for place, text in enumerate(texts(rng, ZH, "", number)):
            row = first + place
            yield (
                json.dumps(
                    {
                        "comment_id": str(7_300_000_000_000_000_000 + row * 7),
                        "create_time": 1_738_737_222 + row,
                        "ip_location": REGIONS[row % 6],
                        "aweme_id": str(7_299_000_000_000_000_000 + row // 200),
                        "content": text,
                        "user_id": str(10**15 + people[place]),
                        "sec_uid": f"MS4wLjABAAAA{people[place]:040d}",
                        "short_user_id": "0",
                        "user_unique_id": f"dy{people[place]}",
                        "user_signature": "",
                        "nickname": f"用户{people[place]}",
                        "avatar": f"https://p3.example.org/img/{people[place]}.jpeg?from=1&x-signature=abc{row}",
                        "sub_comment_count": str(likes[place] % 3),
                        "like_count": likes[place] - 1,
                        "last_modify_ts": 1_740_589_025_042 + row,
                        "parent_comment_id": "0",
                        "pictures": "",
                    },
                    ensure_ascii=False,
                )
                + "\n"
            )


def youtube(rng: np.random.Generator, rows: int) -> Iterator[str]:
    """Yield lines of one page each, of 100 comments on top, as the YouTube Data API gives them."""
    for first in range(0, rows, BATCH):
        number = min(BATCH, rows - first)
        people, likes = rng.integers(0, rows // 2 + 1, number).tolist(), rng.geometric(0.4, number).tolist()
        items: list[dict[str, Any]] = []
        for place, text in enumerate(texts(rng, EN, " ", number)):
            row = first + place
            name, video = f"Ug{row:024d}", f"vid{row // 500:08d}"
            inner = {
                "channelId": "UCbenchmarkbenchmarkbenc",
                "videoId": video,
                "textDisplay": text,
                "textOriginal": text,
                "authorDisplayName": f"@name{people[place]}",
                "authorProfileImageUrl": f"https://yt3.example.org/ytc/{people[place]:060d}=s48",
                "authorChannelUrl": f"http://www.example.org/@name{people[place]}",
                "authorChannelId": {"value": f"UC{people[place]:022d}"},
                "canRate": True,
                "viewerRating": "none",
                "likeCount": likes[place] - 1,
                "publishedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_738_737_222 + row)),
                "updatedAt": "2025-02-05T06:33:42Z",
            }
            top = {"kind": "youtube#comment", "etag": f"e{row}", "id": name, "snippet": inner}
            snippet = {"channelId": "UCbenchmarkbenchmarkbenc", "videoId": video, "topLevelComment": top}
            snippet |= {"canReply": True, "totalReplyCount": 0, "isPublic": True}
            items.append({"kind": "youtube#commentThread", "etag": f"t{row}", "id": name, "snippet": snippet})
            if len(items) == 100 or place == number - 1:
                yield json.dumps({"kind": "youtube#commentThreadListResponse", "items": items}) + "\n"
                items = []


def table(rng: np.random.Generator, rows: int) -> Iterator[str]:
    """Yield the comments on Douyin as a table of somebody's own, with columns that no tool has."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in mediacrawler(rng, rows):
        record = json.loads(line)
        writer.writerow([record[name] for name in COLUMNS.values()])
        if out.tell() > 2**20:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


#: The columns of the table and what they are of MediaCrawler's.
COLUMNS = {
    "nr": "comment_id",
    "clip": "aweme_id",
    "said": "content",
    "who": "user_id",
    "when": "create_time",
    "thumbs": "like_count",
    "below": "sub_comment_count",
    "where": "ip_location",
}
MAPPING = {
    "utterance_id": "nr",
    "thread_id": "clip",
    "text": "said",
    "speaker": "who",
    "posted_at": "when",
    "likes": "thumbs",
    "replies": "below",
    "region": "where",
}
FORMATS = {"mediacrawler-douyin-comments": mediacrawler, "youtube-api-threads": youtube, "a table by mapping": table}


def _import(path: Path, into: Path) -> int:
    mapped = {"columns": MAPPING, "constants": {"platform": "douyin"}} if path.suffix == ".csv" else {}
    return import_files([path], into, ImportOptions("Benchmark", **mapped)).reports[0].imported


def _pandas(path: Path, _: Path) -> int:
    return len(pd.read_csv(path) if path.suffix == ".csv" else pd.read_json(path, lines=True))


def _run(work: Any, path: Path, into: Path, pipe: Any) -> None:
    begun, busy = time.perf_counter(), time.process_time()
    number = work(path, into)
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    pipe.send((number, took, busy, _peak()))


def _peak() -> float:
    """Return this process's own peak in MB: on Linux ru_maxrss begins with that of whoever started the process."""
    status = Path("/proc/self/status")
    own = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else []
    return (int(own[0].split()[1]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def alone(work: Any, path: Path, into: Path) -> tuple[int, float, float, float]:
    """Return rows, seconds, seconds of the processor and peak MB of work in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, path, into, theirs))
    process.start()
    theirs.close()
    found = ours.recv()
    process.join()
    return found


def main() -> None:
    """Generate, import, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--into", type=Path, help="where the temporary folder is made")
    options = parser.parse_args()
    os.environ.setdefault("VANTAGE_KEY", "a key for benchmarks only")
    print(f"Python {sys.version.split()[0]}, {options.rows:,} comments a format, load {os.getloadavg()[0]:.1f}")
    speeds: dict[str, float] = {}
    for name, generate in FORMATS.items():
        with tempfile.TemporaryDirectory(dir=options.into) as folder:
            path = Path(folder) / (f"{name}.csv" if generate is table else f"{name}.jsonl")
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(generate(np.random.default_rng(1), options.rows))
            size = path.stat().st_size / 2**20
            rows, seconds, busy, memory = alone(_import, path, Path(folder) / "corpus")
            if rows != options.rows:
                raise SystemExit(f"{name}: {rows:,} of {options.rows:,} rows were imported")
            _, other, other_busy, theirs = alone(_pandas, path, Path(folder))
        print(f"{name}: {size:,.0f} MB")
        print(f"  import     {seconds:,.1f} s ({busy:,.1f} s of processor), peak {memory:,.0f} MB")
        print(f"             {rows / seconds:,.0f} rows/s, {size / seconds:.1f} MB/s ({rows / busy:,.0f} of processor)")
        speeds[name] = busy / rows
        print(f"  pandas     {other:,.1f} s ({other_busy:,.1f} s of processor), peak {theirs:,.0f} MB")
        print(f"  ratio      {seconds / other:.2f} ({busy / other_busy:.2f} of processor)", flush=True)
    known, *_, mapped = speeds.values()
    print(f"by mapping, of the processor's time that the same comments take in a known format: {mapped / known:.2f}")


if __name__ == "__main__":
    main()
