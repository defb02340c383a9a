"""What may be asked of a sample: the least that is named is exact, and what is proposed can be drawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import ImportOptions, import_files, read_info
from analysis.corpus import sample as sampling
from analysis.corpus.remove import remove
from analysis.corpus.sample import sample
from analysis.errors import InputError, ParameterError


def corpus_of(folder: Path, sizes: dict[str, list[tuple[str, int]]]) -> Path:
    """Return a corpus of collections, each with its rows spread evenly over so many threads of a name: (name, rows)."""
    rows = [(name, thread) for name, threads in sizes.items() for thread, rows in threads for _ in range(rows)]
    frame = pd.DataFrame(rows, columns=["collection", "thread_id"]).assign(text="so good")
    frame["cluster_id"] = frame["thread_id"]
    frame.to_csv(folder / "f.csv", index_label="utterance_id")
    import_files([folder / "f.csv"], folder / "c", ImportOptions("C"))
    return folder / "c"


def threads(name: str, number: int, rows: int) -> list[tuple[str, int]]:
    return [(f"{name}{at}", rows) for at in range(number)]


def test_the_least_is_exact_however_the_numbers_divide(tmp_path: Path) -> None:
    """Of 957 rows in 319 clusters 30 keep ten, and no fewer: in floating point 30 / 957 * 319 is less than ten."""
    corpus = corpus_of(tmp_path, {"a": [("a", 7400)], "b": threads("b", 319, 3)})
    with pytest.raises(InputError, match=r"accepted: --utterances 7430 or more"):
        sample(corpus, tmp_path / "s", 7429, whole=["a"])
    assert sample(corpus, tmp_path / "s", 7430, whole=["a"]).drawn["clusters"] == [11, 320]


def test_rows_of_clusters_kept_whole_count_wherever_they_stand(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, {"A": threads("t", 30, 1), "B": threads("t", 70, 7)})
    done = sample(corpus, tmp_path / "s", 380, whole=["A"])
    # 30 and, of the same threads, 210 of B; of the 40 threads with 7 rows each that are left, half.
    assert done.drawn["rate"] == 0.5
    assert done.drawn["utterances"] == [380, 520]
    with pytest.raises(ParameterError, match=r"the rest of their clusters, have 240 already .*more than 240"):
        sample(corpus, tmp_path / "t", 240, whole=["A"])
    with pytest.raises(InputError, match="all of its clusters stand in the collections kept whole"):
        sample(corpus, tmp_path / "t", 380, whole=["B"])


def test_what_is_proposed_can_be_drawn(tmp_path: Path) -> None:
    sizes = {"one": threads("x", 60, 10), "two words": threads("y", 30, 7), "tiny": threads("z", 4, 3)}
    corpus = corpus_of(tmp_path, sizes)
    with pytest.raises(InputError) as caught:
        sample(corpus, tmp_path / "s", 5)
    proposed = str(caught.value).split("(accepted: ")[1].split(" or more")[0]
    assert proposed.startswith('--whole "tiny" --utterances ')
    sample(corpus, tmp_path / "s", int(proposed.split()[-1]), whole=["tiny"])
    for name in ("one", "two words"):
        remove(corpus, collection=name)
    with pytest.raises(InputError, match="accepted: the corpus itself"):
        sample(corpus, tmp_path / "t", 5)


def test_the_working_directory_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = corpus_of(tmp_path, {"one": threads("x", 60, 1)})
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for place in (Path(), Path("..") / "empty"):
        with pytest.raises(InputError, match="is the folder that the command is run in"):
            sample(corpus, place, 30)
    assert not list((tmp_path / "empty").iterdir())


def test_two_at_once_in_one_place_leave_the_first_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = corpus_of(tmp_path, {"one": threads("x", 60, 1)})

    def other(*_: object) -> tuple[int, int]:
        monkeypatch.undo()
        sample(corpus, tmp_path / "s", 30, seed=2)
        return 0, 0

    monkeypatch.setattr(sampling, "bring_codes", other)
    with pytest.raises(InputError, match="exists already and is not empty"):
        sample(corpus, tmp_path / "s", 30)
    assert read_info(tmp_path / "s")["sample"]["seed"] == 2
