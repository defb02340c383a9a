"""What tests of several folders call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_list(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rejected or the duplicate rows of a corpus, as anybody can read them."""
    path = folder / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
