"""What several test files share: the bilingual fixture as a corpus."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from analysis.corpus import ImportOptions, import_file

# What is run under other kinds of arithmetic is a script too.
sys.path.append(str(Path(__file__).parent / "arithmetic"))

#: They run the study or unpack what would harm. Begun last, one of them would hold one worker while the other is idle.
LONGEST = ("test_offline.py", "test_arithmetic.py", "test_runner.py", "test_hostile.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order is kept by ``--no-loadscope-reorder``."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


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
