"""A corpus is measured once, and anew when anything that decides its measures changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq
import pytest

from analysis import paths
from analysis.corpus import ImportOptions, import_file
from analysis.measure import batch, cache
from analysis.measure.cache import MeasuredFiles, measure_key, measured_files
from analysis.parameters import Options


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of two utterances."""
    (tmp_path / "a.csv").write_text("text\nso free and happy\n这么自由\n", encoding="utf-8")
    import_file(tmp_path / "a.csv", tmp_path / "corpus", ImportOptions("Test"))
    return tmp_path / "corpus"


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make measuring fail."""

    def measure(*_: object) -> NoReturn:
        pytest.fail("was measured again")

    monkeypatch.setattr(batch, "measure_batch", measure)


def test_a_corpus_is_measured_once(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = measured_files(corpus)
    assert pq.read_table(first.measures, columns=["utterance_id"]).num_rows == 2
    was = {path: path.read_bytes() for path in first}
    forbid(monkeypatch)
    assert measured_files(corpus) == first
    assert {path: path.read_bytes() for path in first} == was


def test_the_progress_ends_with_every_row(corpus: Path) -> None:
    steps: list[tuple[int, int]] = []
    measured_files(corpus, progress=lambda rows, done: steps.append((rows, done)))
    assert steps[-1] == (2, 2)


def test_another_content_is_measured_anew_and_the_old_tables_go(corpus: Path) -> None:
    first = measured_files(corpus)
    (corpus.parent / "b.csv").write_text("text\nso scary\n", encoding="utf-8")
    import_file(corpus.parent / "b.csv", corpus, ImportOptions("Test"))
    second = measured_files(corpus)
    assert second.measures.parent != first.measures.parent
    assert pq.read_table(second.measures, columns=["utterance_id"]).num_rows == 3
    assert [path.name for path in second.measures.parent.parent.iterdir()] == [second.measures.parent.name]


def test_tables_of_other_options_stay(corpus: Path) -> None:
    first, second = measured_files(corpus), measured_files(corpus, Options(lens=2.0))
    assert all(path.exists() for path in (*first, *second))
    assert first.measures.parent != second.measures.parent


def test_the_same_content_elsewhere_has_the_same_key(corpus: Path, tmp_path: Path) -> None:
    first = measured_files(corpus)
    copy = shutil.copytree(corpus, tmp_path / "copy", ignore=shutil.ignore_patterns("measured"))
    second = measured_files(copy)
    assert second.measures.parent.name == first.measures.parent.name
    assert [path.read_bytes() for path in second] == [path.read_bytes() for path in first]


def test_options_are_part_of_the_key(tmp_path: Path) -> None:
    words = tmp_path / "mine.csv"
    words.write_text("term,score\nfree,1\n", encoding="utf-8")
    options = [Options(), Options(lens=2.5), Options(ironic="cold"), Options(lexicons=(str(words),))]
    options[1:1] = [Options(hashtags="skip"), Options(laughter="score"), Options(emoji="names")]
    keys = [measure_key("content", each) for each in options]
    words.write_text("term,score\nfree,2\n", encoding="utf-8")
    keys += [measure_key("content", options[-1]), measure_key("other content", Options())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("what", ["code", "data"])
def test_code_and_data_are_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    code = shutil.copytree(Path(cache.__file__).parent, tmp_path / "measure")
    data = shutil.copytree(paths.DATA, tmp_path / "data")
    monkeypatch.setattr(cache, "__file__", str(code / "cache.py"))
    monkeypatch.setattr(paths, "DATA", data)
    was = measure_key("content", Options())
    assert measure_key("content", Options()) == was
    names = (*cache._DATA, cache._CODEBOOK)  # noqa: SLF001
    for path in sorted(code.glob("*.py")) if what == "code" else [data / name for name in names]:
        before = path.read_bytes()
        path.write_bytes(before.replace(b"\n", b"\r\n"))
        assert measure_key("content", Options()) == was, f"{path.name}: line ends"
        path.write_bytes(before + b"#")
        assert measure_key("content", Options()) != was, path.name
        path.write_bytes(before)


def test_versions_of_packages_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    was = measure_key("content", Options())
    monkeypatch.setattr(cache, "version", lambda package: "0" if package == "rjieba" else cache.version(package))
    monkeypatch.setattr(cache, "_PACKAGES", ("rjieba",))
    assert measure_key("content", Options()) != was


_SPY = """
import sys
opened = set()
sys.addaudithook(lambda event, about: opened.add(str(about[0])) if event == "open" else None)
from pathlib import Path
from analysis.measure.cache import measured_files
measured_files(Path(sys.argv[1]))
print("\\n".join(sorted(opened)))
"""


def test_every_file_and_package_that_measuring_reads_is_part_of_the_key(corpus: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", _SPY, str(corpus)], capture_output=True, text=True, check=True)
    opened = [Path(line) for line in ran.stdout.splitlines()]
    assert {path.name for path in opened if path.parent == paths.DATA} == {*cache._DATA, cache._CODEBOOK}  # noqa: SLF001
    lists = [path.parts for path in opened if path.suffix in {".csv", ".tsv", ".txt"} and "site-packages" in path.parts]
    read = {parts[parts.index("site-packages") + 1] for parts in lists}
    read = {name for name in read if not name.endswith(".dist-info")}  # pydantic looks for plugins
    assert {"shifterator", "vaderSentiment"} <= read
    keyed = {package.removesuffix("-py") for package in cache._PACKAGES}  # noqa: SLF001
    assert read <= keyed, read - keyed


def test_measuring_that_is_broken_off_leaves_no_tables(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batch, "measure_batch", measure)
        with pytest.raises(KeyboardInterrupt):
            measured_files(corpus)
    assert not (corpus / "measured").exists()
    assert all(path.is_file() for path in measured_files(corpus))


def test_the_tables_are_named_for_what_they_hold(tmp_path: Path) -> None:
    assert [path.name for path in MeasuredFiles.of(tmp_path)] == [
        "measures.parquet",
        "mentions.parquet",
        "aligned.parquet",
        "neutral.parquet",
    ]
