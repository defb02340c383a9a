"""A damaged corpus: one line that names the file, and exit 2; what can be made again is made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_file, read_corpus, read_info, store
from analysis.corpus.whole import sha256
from analysis.measure import batch
from analysis.measure.cache import MeasuredFiles, measured_files

ROWS = (
    "utterance_id,text,likes,thread_id\n1,so free and happy,,t1\n2,,7,t1\n3,what a nightmare,7,t2\n"
    "1,so free and happy,,t1\n"
)
MORE = "utterance_id,text,thread_id\n4,it is beautiful,t1\n3,what a nightmare,t2\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a measured corpus with a rejected and a duplicate row."""
    folder = tmp_path_factory.mktemp("damage")
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    (folder / "more.csv").write_text(MORE, encoding="utf-8")
    import_file(folder / "a.csv", folder / "whole", ImportOptions("Test"))
    measured_files(folder / "whole")
    return folder / "whole"


@pytest.fixture
def corpus(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to be damaged."""
    return shutil.copytree(whole, tmp_path / "corpus")


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], corpus: Path, whole: Path) -> Callable[[str], str]:
    """Return what runs a command on the corpus and gives the one line that it is refused with."""
    more = str(whole.parent / "more.csv")
    commands = {
        "import": ["import", more, "--into", str(corpus), "--collection", "Test"],
        "measure": ["measure", "--corpus", str(corpus)],
        "run": ["run", "--corpus", str(corpus), "--out", str(corpus.parent / "out")],
    }

    def tell(command: str) -> str:
        was = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
        assert main(["--quiet", *commands[command]]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n"), "Traceback" in err) == ("", 1, False)
        assert "accepted: " in err  # how to go on
        assert {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()} == was
        assert not (corpus.parent / "out").exists()
        return err

    return tell


def described(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """Return what changes a description."""

    def changed(data: bytes) -> bytes:
        info = json.loads(data)
        change(info)
        return json.dumps(info).encode()

    return changed


def without(name: str) -> Callable[[bytes], bytes]:
    return described(lambda info: info.pop(name))


def having(**fields: Any) -> Callable[[bytes], bytes]:
    return described(lambda info: info.update(fields))


@pytest.mark.parametrize("command", ["import", "measure", "run"])
@pytest.mark.parametrize(
    "change",
    [
        *map(without, ("version", "content", "rows", "rejected", "table", "files")),
        having(rows=-5),
        having(rows=7),
        *(having(rows=value) for value in (None, True, "4", 4.0, [])),
        having(content=7),
        having(content=""),
        having(content="0" * 64),
        *(having(table=value) for value in (7, "../corpus.json", "corpus-0.parquet", None)),
        *(having(files=value) for value in (None, {}, [7], [{"name": "a.csv"}])),
        described(lambda info: info["files"][0].update(read=-1)),
        *(
            having(**{name: value})
            for name in ("threads", "text_duplicates", "seen")
            for value in (7, "../../x.ndjson")
        ),
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda _: b"what is this",
        lambda _: b"\xff\xfe\x00",
        lambda _: b"[" * 100_000,
    ],
)
def test_a_damaged_description_is_told_in_one_line(
    corpus: Path, told: Callable[[str], str], command: str, change: Callable[[bytes], bytes]
) -> None:
    path = corpus / store.INFO
    path.write_bytes(change(path.read_bytes()))
    said = told(command)
    assert f"{path}: " in said or f"{corpus / 'corpus-'}" in said  # a table that has not the hash that is told


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def empty(_: bytes) -> bytes:
    return b""


def flipped(data: bytes) -> bytes:
    return data[:20] + bytes([data[20] ^ 1]) + data[21:]


@pytest.mark.parametrize("change", [cut, empty, flipped, None])
@pytest.mark.parametrize("part", ["table", "threads", "text_duplicates"])
@pytest.mark.parametrize("command", ["import", "measure", "run"])
def test_a_damaged_table_is_told_by_whoever_needs_it(
    corpus: Path, told: Callable[[str], str], part: str, command: str, change: Callable[[bytes], bytes] | None
) -> None:
    if (command, part) in {("measure", "threads"), ("measure", "text_duplicates"), ("import", "text_duplicates")}:
        pytest.skip("does not read it")
    path = corpus / read_info(corpus)[part]
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    said = told(command)
    assert str(path) in said or (change is None and str(corpus / store.INFO) in said)


@pytest.mark.parametrize("change", [cut, empty, flipped, None])
@pytest.mark.parametrize("part", ["seen", "text_duplicates"])
def test_an_import_makes_again_what_can_be_made_again(
    corpus: Path, whole: Path, part: str, change: Callable[[bytes], bytes] | None
) -> None:
    path = corpus / read_info(corpus)[part]
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    assert main(["--quiet", "import", str(whole.parent / "more.csv"), "--into", str(corpus), "--collection", "T"]) == 0
    assert read_corpus(corpus)["utterance_id"].tolist() == ["1", "3", "4"]
    assert [seen.num_rows for _, seen in store.batches_seen(corpus)] == [3]
    assert len(store.read_text_duplicates(corpus)) == 0
    measured_files(corpus)


def changed_table(path: Path) -> None:
    """Write other numbers into a table that stays readable."""
    frame = pd.read_parquet(path)
    frame.iloc[::-1].to_parquet(path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, cut) for name in MeasuredFiles._fields),
        ("neutral", "another table"),
        *(("measures", change) for change in (empty, flipped, "another table", "gone", "a folder")),
    ],
)
def test_damaged_measures_are_measured_again_once(
    corpus: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Any
) -> None:
    right = {path.name: path.read_bytes() for path in measured_files(whole)}
    path: Path = getattr(measured_files(corpus), name)
    if change == "another table":
        changed_table(path)
    elif change in ("gone", "a folder"):
        path.unlink()
        if change == "a folder":
            path.mkdir()
    else:
        path.write_bytes(change(path.read_bytes()))
    calls, real = 0, batch.measure_batch

    def measure(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return real(*arguments)

    monkeypatch.setattr(batch, "measure_batch", measure)
    for _ in range(2):
        assert main(["--quiet", "measure", "--corpus", str(corpus)]) == 0
        assert {path.name: path.read_bytes() for path in measured_files(corpus)} == right
        assert calls == 2  # of the corpus, and of the aligned lines: once each
    assert [path.name for path in (corpus / "measured").iterdir()] == [path.parent.name]


@pytest.mark.parametrize("change", [cut, empty, lambda _: b"[1]", lambda _: b"{}"])
def test_a_damaged_list_of_what_was_measured_is_written_again(corpus: Path, change: Callable[[bytes], bytes]) -> None:
    made = measured_files(corpus).measures.with_name("made.json")
    was = made.read_bytes()
    made.write_bytes(change(was))
    assert measured_files(corpus).measures.with_name("made.json").read_bytes() == was


@pytest.mark.parametrize("command", ["import", "measure", "run"])
@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("text", pa.array([1, 2])),
        ("text", pa.array([["a"]] * 2)),
        ("posted_at", pa.array(["soon"] * 2)),
        ("likes", pa.array([0.5] * 2)),
        ("vantage", None),
    ],
)
def test_a_table_of_other_columns_is_told_though_its_hash_is_right(
    corpus: Path, told: Callable[[str], str], column: str, values: pa.Array | None, command: str
) -> None:
    info = read_info(corpus)
    path = corpus / info["table"]
    table = pq.read_table(path)
    at = table.schema.get_field_index(column)
    table = table.remove_column(at) if values is None else table.set_column(at, column, values)
    path.unlink()
    pq.write_table(table, path)
    content = sha256(path)
    path.rename(corpus / f"corpus-{content[:12]}.parquet")
    info |= {"table": f"corpus-{content[:12]}.parquet", "content": content}
    (corpus / store.INFO).write_text(json.dumps(info), encoding="utf-8")
    assert column in told(command)
