"""What several test files share: the bilingual fixture as a corpus."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import ImportOptions, import_file
from analysis.corpus.privacy import Pseudonyms
from analysis.measure.batch import NEEDED

# What is run under other kinds of arithmetic is a script too; the other folder holds what several tests call.
sys.path += [str(Path(__file__).parent / "arithmetic"), str(Path(__file__).parent)]

# As the command does: every process that imports nbformat would take 1.7 s longer.
sys.modules.setdefault("rfc3987_syntax", None)

# No test makes a key in the home of who runs it; those about key files take this out.
os.environ["VANTAGE_KEY"] = "the key of the tests"

# Nor does one wait for the disk: what is flushed, and in which order, is asked of spies in this place.
os.fsync = os.fstat

#: They run the study or unpack what would harm. Begun last, one of them would hold one worker while the other is idle.
LONGEST = (
    *("test_offline.py", "test_arithmetic.py", "test_runner.py", "test_hostile.py"),
    *("test_compare.py", "test_tables.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order is kept by ``--no-loadscope-reorder``."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """Search for garbage less often, and never among the modules, which stay to the end."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture(scope="session")
def fixture_file() -> Path:
    """Return the bilingual fixture as the file that a user would have."""
    return Path(__file__).parent / "fixtures" / "bilingual.csv"


@pytest.fixture(scope="session")
def bilingual(tmp_path_factory: pytest.TempPathFactory, fixture_file: Path) -> Path:
    """Return the bilingual fixture as a corpus, for tests that only read it."""
    folder = tmp_path_factory.mktemp("corpora") / "bilingual"
    import_file(fixture_file, folder, ImportOptions("Bilingual fixture"))
    return folder


@pytest.fixture
def plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever speaks be called ``<account>``, which tells more of a reader than a pseudonym."""
    monkeypatch.setattr(Pseudonyms, "of", lambda _, __, account: f"<{account}>")


_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: Clicks whatever can be clicked, and tells what ran and what could: the payloads of the tests set ``window.pwned``.
_HARNESS = """
<script>
addEventListener("load", () => {
  const told = [], mine = document.currentScript;
  for (const each of document.querySelectorAll("*")) {
    const name = each.localName;
    if (["script", "iframe", "object", "embed", "form", "base", "meta", "link"].includes(name) && !each.dataset.mine)
      told.push(name);
    for (const a of each.attributes) {
      const acts = a.name.startsWith("on") || /^\\s*(javascript|vbscript|data:text)/i.test(a.value);
      const leads = ["src", "href", "xlink:href"].includes(a.name) && !/^(#|data:image.png)/.test(a.value);
      if (acts || leads) told.push(name + " " + a.name + " " + a.value.slice(0, 60));
    }
    if (name === "a") each.click();
    each.dispatchEvent(new Event("mouseover"));
  }
  document.title = JSON.stringify({pwned: window.pwned || null, told});
});
</script>
"""


def _what_acts(html: str, folder: Path) -> dict[str, object]:
    """Open a page in Chromium and return ``pwned`` (what ran) and ``told`` (what could run, or leads elsewhere)."""
    page = folder / "page.html"
    harness = _HARNESS.replace("<script>", "<script data-mine=1>")
    page.write_text(
        f'<!doctype html><meta charset="utf-8" data-mine=1><title></title>{harness}{html}', encoding="utf-8"
    )
    quiet = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update"
    options = [
        f"--{option}" for option in ("headless", *quiet.split(), "disable-sync", f"user-data-dir={folder / 'u'}")
    ]
    ran = subprocess.run(
        [str(_CHROMIUM), *options, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    title = re.search("<title>(.*?)</title>", ran.stdout, re.DOTALL)
    assert title, ran.stderr[-500:]
    return json.loads(unescape(title[1]))


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Return where the system's Chromium is; None where there is none, and playwright's own may be."""
    return _CHROMIUM


@pytest.fixture
def what_acts(tmp_path: Path) -> Callable[[str], dict[str, object]]:
    """Return a function that opens a page in a real browser and tells what in it acts."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    return partial(_what_acts, folder=tmp_path)


@pytest.fixture(scope="session")
def frame_of() -> Callable[[Sequence[str]], pd.DataFrame]:
    """Return what makes texts rows of a corpus, as measuring gets them."""

    def make(texts: Sequence[str]) -> pd.DataFrame:
        frame = pd.DataFrame({name: pd.Series([None] * len(texts), dtype=object) for name in NEEDED})
        frame = frame.assign(utterance_id=[str(i) for i in range(len(texts))], text=list(texts))
        frame["posted_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
        return frame.assign(likes=pd.Series(pd.NA, index=frame.index, dtype="Int64"))

    return make
