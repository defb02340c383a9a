"""Where things are, relative to the checkout, whatever the working directory."""

from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
FIGURES = ROOT / "figures"
NOTEBOOKS = ROOT / "notebooks"
RUNS = ROOT / "runs"
LOCK = ROOT / "requirements.lock"


def package_file(package: str, path: str) -> Path:
    """Return a file of an installed package without importing the package (some take a second, or log)."""
    return Path(str(distribution(package).locate_file(path)))
