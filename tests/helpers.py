"""What several test files call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.corpus import read_info, store


def read_list(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rejected or the duplicate rows of a corpus; none where there is no corpus.

    Rows beyond those that ``corpus.json`` counts were left by an import that was broken off, and are not its.
    """
    path, field = folder / name, "rejected" if name == store.REJECTED else "duplicates"
    if not path.exists() or not (folder / store.INFO).exists():
        return []
    number = sum(file[field] for file in read_info(folder)["files"])
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:number]]
