"""How large a report is, how long it takes to write, and how soon a clicked word shows its first line.

Constructed comments of words drawn as often as ordinary language has them (wordfreq), so that there are as many terms
as in real talk; each side has its own frequencies. Run it alone; sizes may be given: report_size.py 20000 100000
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright
from wordfreq import get_frequency_dict

from analysis.corpus import ImportOptions, import_file
from analysis.parameters import Parameters
from analysis.study.report import report_run
from analysis.study.runner import run_study

SIZES = (20_000, 100_000, 338_209)
#: Share of the utterances, language, vantage, origin.
SIDES = {
    "Western commenters": (0.35, "en", "western_commenter", None),
    "Western vloggers": (0.1, "en", "vlogger", "western"),
    "English reference": (0.1, "en", None, None),
    "Chinese viewers": (0.3, "zh", "chinese_viewer", None),
    "Chinese vloggers": (0.05, "zh", "vlogger", "chinese"),
    "Chinese reference": (0.1, "zh", None, None),
}
_THREAD = 20
_WORDS = 14


def construct(utterances: int, corpus: Path) -> None:
    """Import constructed comments of six sides."""
    words = {}
    for language in ("en", "zh"):
        known = get_frequency_dict(language)
        words[language] = np.array(list(known), dtype=object), np.array(list(known.values()))
    for number, (name, (share, language, vantage, origin)) in enumerate(SIDES.items()):
        rng = np.random.default_rng([utterances, number])
        vocabulary, often = words[language]
        often = often * rng.lognormal(0, 0.5, len(often))
        count = round(share * utterances)
        lengths = rng.integers(3, 2 * _WORDS - 3, count)
        drawn = vocabulary[np.searchsorted(np.cumsum(often / often.sum()), rng.random(lengths.sum()))]
        ends = np.cumsum(lengths)
        between = " " if language == "en" else ""
        texts = [between.join(drawn[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
        thread = np.arange(count) // _THREAD
        rows = pd.DataFrame({"text": texts, "thread_id": [f"{number}-{each}" for each in thread]})
        rows["evidence"] = "verbatim"
        columns = {each: each for each in rows}
        if vantage == "vlogger":
            rows["speaker"] = [f"s{each // 5}" for each in thread]
            columns["speaker"] = "speaker"
        rows.to_csv(corpus.parent / "rows.csv", index=False)
        named = {key: value for key, value in (("vantage", vantage), ("origin", origin)) if value}
        import_file(corpus.parent / "rows.csv", corpus, ImportOptions(name, columns, named))


def first_line(page: Path, words: int = 10) -> tuple[float, float]:
    """Return seconds until the page's explorer is ready, and until the first line of a clicked word, at most."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        tab = browser.new_context(offline=True).new_page()
        begun = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_selector("#found td")
        ready, slowest = time.perf_counter() - begun, 0.0
        for i in range(words):
            button = tab.locator("#found td button").nth(i)
            begun = time.perf_counter()
            button.click()
            tab.locator("#lines h3").filter(has_text=button.inner_text()).wait_for()
            tab.wait_for_selector("#lines li")
            slowest = max(slowest, time.perf_counter() - begun)
        browser.close()
    return ready, slowest


def chromium() -> str | None:
    """Return where the system's Chromium is, if it has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def measure(utterances: int, only: Sequence[str] = ()) -> str:
    """Return a row of the table."""
    with tempfile.TemporaryDirectory() as work:
        corpus, out = Path(work) / "corpora" / "words", Path(work) / "runs" / "words"
        corpus.parent.mkdir()
        construct(utterances, corpus)
        begun = time.perf_counter()
        run_study(Parameters(corpus=str(corpus), out=str(out), draws=99), only, quiet=True)
        ran = time.perf_counter() - begun
        begun = time.perf_counter()
        page = report_run(out, corpus)
        wrote = time.perf_counter() - begun
        ready, slowest = first_line(page)
        size, terms = page.stat().st_size / 1e6, sum(len(pd.read_csv(path)) for path in out.glob("03-keyness-*.csv"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        figures = len(list(out.glob("*.png")))
    cells = [f"{utterances:,}", f"{terms:,}", figures, f"{size:.2f}", f"{ran:.0f}", f"{wrote:.1f}", f"{peak:.1f}"]
    return f"| {' | '.join(map(str, [*cells, f'{ready:.1f}', f'{slowest:.2f}']))} |"


if __name__ == "__main__":
    print("| utterances | points | figures | MB | run, s | written, s | peak, GB | ready, s | first line, s |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in [int(text) for text in sys.argv[1:]] or SIZES:
        print(measure(size), flush=True)
