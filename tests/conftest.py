"""What several test files share: the bilingual fixture as a corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import ImportOptions, import_file
from analysis.measure.batch import NEEDED

#: They run the study or unpack what would harm. Begun last, one of them would hold one worker while the other is idle.
LONGEST = ("test_offline.py", "test_runner.py", "test_hostile.py")


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


@pytest.fixture(scope="session")
def frame_of() -> Callable[[Sequence[str]], pd.DataFrame]:
    """Return what makes texts rows of a corpus, as measuring gets them."""

    def make(texts: Sequence[str]) -> pd.DataFrame:
        frame = pd.DataFrame({name: pd.Series([None] * len(texts), dtype=object) for name in NEEDED})
        frame = frame.assign(utterance_id=[str(i) for i in range(len(texts))], text=list(texts))
        frame["posted_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
        return frame.assign(likes=pd.Series(pd.NA, index=frame.index, dtype="Int64"))

    return make
