"""Copy pictures of ``runs/example`` here, small enough to be committed, and take one of its report.

``make example`` runs it. The report is photographed where playwright finds a Chromium; elsewhere the picture stays.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

from analysis import paths

HERE = Path(__file__).parent
RUN = paths.RUNS / "example"
#: Name of a figure, and how wide it stands here, in pixels.
PICTURES = {
    "00-overview": 1300,
    "02-across": 1000,
    "03-key-words-en-western_commenter-vlogger": 1000,
    "04-contested": 1000,
    "04-timeline": 1000,
    "06-claims": 1000,
}
COLOURS = 256
#: What is searched in the report's explorer.
TERM = "scripted"
WINDOW = {"width": 1200, "height": 1800}


def shrink(picture: Path, to: Path, width: int) -> None:
    """Write a picture at most so wide, in few colours."""
    with Image.open(picture) as whole:
        width = min(width, whole.width)
        small = whole.convert("RGB").resize(
            (width, round(whole.height * width / whole.width)), Image.Resampling.LANCZOS
        )
        # No dither: it would sprinkle the white.
        small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE).save(to, optimize=True)


def photograph(page: Path, to: Path) -> None:
    """Write a picture of the report's explorer with a word's lines, and of nothing if there is no browser."""
    own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
            browser = play.chromium.launch(executable_path=own, args=["--no-sandbox"])
            view = browser.new_page(viewport=WINDOW)
            view.goto(page.as_uri())
            view.wait_for_selector("#found td")
            view.fill("#find", TERM)
            view.keyboard.press("Enter")
            view.fill("#find", "")  # the other words stand around it again
            view.locator("#explorer").evaluate("it => it.scrollIntoView()")
            view.wait_for_timeout(500)  # the plot is drawn again
            view.screenshot(path=Path(folder) / "report.png")
            shrink(Path(folder) / "report.png", to, WINDOW["width"])
    except Error as error:
        logging.getLogger(__name__).warning("no picture of the report: %s", str(error).splitlines()[0])


if __name__ == "__main__":
    for name, width in PICTURES.items():
        shrink(RUN / f"{name}.png", HERE / f"{name}.png", width)
    photograph(RUN / "report.html", HERE / "report.png")
