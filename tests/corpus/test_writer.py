"""Two imports at once, somebody else's files in the folder, an edited table: nothing is lost, nothing is half."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from pathlib import Path

import pytest
from helpers import read_list, snapshot

from analysis import disk
from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus, read_info, store
from analysis.corpus.writer import Writer
from analysis.errors import InputError

TEST = ImportOptions("Test")
#: Names that earlier versions took for their own, and removed.
FOREIGN = ("corpus-2019.parquet", "threads-reddit.ndjson", "seen-list.parquet", "rejected.ndjson", "duplicates.ndjson")
LEFT = (".writing-7-table", ".vantage-notes/a.txt", "measured/archive/a.csv", "measured/abc.txt")


def table(path: Path, *texts: str) -> Path:
    """Write a table of texts."""
    path.write_text("\n".join(["utterance_id,text", *(f"{text},{text}" for text in texts)]) + "\n", encoding="utf-8")
    return path


def plant(folder: Path, *names: str) -> dict[str, bytes]:
    """Put files of somebody else's into a folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine", encoding="utf-8")
    return snapshot(folder)


# Other people's files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [FOREIGN, *((name,) for name in (*FOREIGN, *LEFT))])
def test_a_folder_of_somebody_elses_is_refused_and_not_touched(
    tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    file, into = table(tmp_path / "a.csv", "a"), tmp_path / "mydata"
    before = plant(into, *names)
    assert main(["import", str(file), "--into", str(into), "--collection", "Test"]) == 2
    assert "the folder is not empty and holds no corpus" in capsys.readouterr().err
    assert snapshot(into) == before


def test_files_of_somebody_elses_in_a_corpus_stay_and_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    into = tmp_path / "corpus"
    import_files([table(tmp_path / "0.csv", "0")], into, TEST)
    names = ("corpus-2019.parquet", "threads-reddit.ndjson", "seen-list.parquet", *LEFT)
    before = {name: plant(into, name)[name] for name in names}
    for text in "abc":
        caplog.clear()
        import_files([table(tmp_path / f"{text}.csv", text)], into, TEST)
        assert before.items() <= snapshot(into).items()
        assert (
            f"{into}: left alone, since it does not belong to this corpus: {', '.join(sorted(names[:3]))}"
            in caplog.messages
        )
    assert read_corpus(into)["text"].tolist() == ["0", "a", "b", "c"]


def test_a_list_that_somebody_edited_is_kept_under_another_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    into = tmp_path / "corpus"
    import_files([table(tmp_path / "a.csv", "a", "a")], into, TEST)
    (into / store.DUPLICATES).write_text("my notes\n", encoding="utf-8")
    import_files([table(tmp_path / "b.csv", "b", "a")], into, TEST)
    (kept,) = into.glob("duplicates-*.ndjson")
    assert kept.read_text(encoding="utf-8") == "my notes\n"
    assert f"{into / store.DUPLICATES}: was changed since the last import; kept as {kept.name}" in caplog.messages
    assert [row["file"] for row in read_list(into, store.DUPLICATES)] == ["b.csv"]
    assert [file["duplicates"] for file in read_info(into)["files"]] == [1, 1]


def test_a_file_of_a_new_tables_name_is_not_replaced(tmp_path: Path) -> None:
    file = table(tmp_path / "b.csv", "b")
    for name in ("one", "two"):
        import_files([table(tmp_path / "a.csv", "a")], tmp_path / name, TEST)
    import_files([file], tmp_path / "one", TEST)
    before = plant(tmp_path / "two", read_info(tmp_path / "one")["table"])
    with pytest.raises(InputError, match=r"corpus-\w+.parquet: is in the way"):
        import_files([file], tmp_path / "two", TEST)
    assert snapshot(tmp_path / "two") == before


# Nothing comes in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_an_import_of_which_no_row_is_left_is_refused_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, exists: bool
) -> None:
    into = tmp_path / "corpus"
    if exists:
        import_files([table(tmp_path / "a.csv", "a")], into, TEST)
    before = snapshot(into)
    (tmp_path / "b.csv").write_text("text,topic\nb,no\nc,no\n", encoding="utf-8")
    options = ["--into", str(into), "--collection", "Test", "--where", "topic=yes"]
    assert main(["import", str(tmp_path / "b.csv"), *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        "b.csv: a table by the names of its columns, --columns text=text: 2 rows read = 0 imported + 2 rejected"
        in captured.err
    )
    left = "the corpus is unchanged" if exists else "no corpus was made"
    assert captured.err.endswith(f"; rejected: 2 topic is not yes: no row was imported, and {left}\n")
    assert snapshot(into) == before
    assert into.exists() == exists


# Two at once ----------------------------------------------------------------------------------------------------------


class Steps:
    """Stops a thread at every step of its import, and tells whose turn it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stop before every flush, move and hash."""
        self.taken: list[str] = []
        self.other: threading.Thread | None = None
        self.begin_at = -1
        self.started = threading.Event()
        for name in ("replace", "fsync", "open"):
            monkeypatch.setattr(os, name, self._stopping(name, getattr(os, name)))

    def _stopping(self, name, real):
        def call(*arguments, **named):
            if threading.current_thread().name == "first":
                self.taken.append(name)
                if len(self.taken) == self.begin_at:
                    self.other.start()
                    # It waits, or it comes to its end: nothing else.
                    self.started.wait(5)
            return real(*arguments, **named)

        return call


def test_of_two_imports_that_meet_at_any_step_both_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins at each step of the first in turn; it is either before it or waits."""
    files = [table(tmp_path / f"{name}.csv", name) for name in "ab"]
    waited = 0
    for begin_at in range(1, 60, 2):
        into = tmp_path / f"corpus-{begin_at}"
        errors: list[Exception] = []

        def bring(file: Path, done: threading.Event, into: Path = into, errors: list[Exception] = errors) -> None:
            try:
                import_files([file], into, TEST)
            except Exception as error:  # noqa: BLE001
                errors.append(error)
            finally:
                done.set()

        with monkeypatch.context() as patch:
            steps = Steps(patch)
            steps.begin_at = begin_at
            real = disk.LOG.warning
            patch.setattr(disk.LOG, "warning", lambda *told, steps=steps, real=real: (steps.started.set(), real(*told)))
            steps.other = threading.Thread(target=bring, args=[files[1], steps.started], name="second")
            first = threading.Thread(target=bring, args=[files[0], threading.Event()], name="first")
            first.start()
            first.join(30)
            if steps.other.ident is None:
                break
            steps.other.join(30)
        assert errors == []
        assert sorted(read_corpus(into)["text"]) == ["a", "b"]
        assert len(read_info(into)["files"]) == 2
        assert not [name for name in snapshot(into) if ".vantage" in name]
        waited += read_corpus(into)["text"].tolist() == ["a", "b"]
    assert begin_at > 20
    assert waited > 8


def test_who_reads_the_old_corpus_json_can_still_read_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 1)
    into = tmp_path / "corpus"
    import_files([table(tmp_path / "a.csv", "a")], into, TEST)
    old = read_info(into)
    stream = store.batches(into)
    import_files([table(tmp_path / "b.csv", "b")], into, TEST)
    assert all((into / old[part]).exists() for part in store.OPENED)
    assert [batch.num_rows for batch in stream] == [1, 1]
    import_files([table(tmp_path / "c.csv", "c")], into, TEST)
    assert not (into / old["table"]).exists()


def test_a_pinned_corpus_is_the_one_that_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports are committed before and after each file is brought."""
    into, real, number = tmp_path / "corpus", disk.bring, 0
    import_files([table(tmp_path / "0.csv", "0")], into, TEST)

    def bring(source: Path, final: Path) -> None:
        nonlocal number
        if number < 4:
            for _ in range(2):  # two: the tables that were opened are gone
                number += 1
                import_files([table(tmp_path / f"{number}.csv", str(number))], into, TEST)
        real(source, final)

    monkeypatch.setattr(disk, "bring", bring)
    info = store.pin(into, tmp_path / "pinned")
    assert info["rows"] == len(read_corpus(tmp_path / "pinned")) == 5
    import_files([table(tmp_path / "z.csv", "z")], into, TEST)
    assert len(read_corpus(tmp_path / "pinned")) == 5
    store.table_path(tmp_path / "pinned")


@pytest.mark.parametrize("linked", [True, False])
def test_a_table_that_was_edited_under_its_name_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, linked: bool
) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not linked:
        monkeypatch.setattr(os, "link", link)
    into = tmp_path / "corpus"
    import_files([table(tmp_path / "a.csv", "a")], into, TEST)
    edited = into / read_info(into)["table"]
    with edited.open("r+b") as file:  # its end, which tells the rows, stays as it is
        file.seek(20)
        file.write(b"\0\0\0\0")
    said = f"{edited}: is damaged, or was changed after the import that wrote it"
    with pytest.raises(InputError) as caught:
        store.pin(into, tmp_path / "pinned")
    assert said in str(caught.value)
    for command in (["measure", "--corpus", str(into)], ["run", "--corpus", str(into), "--out", str(tmp_path / "out")]):
        assert main(command) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# Full and read-only disks ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of a file's size")
@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_is_one_line_that_names_the_folder_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, first: bool
) -> None:
    """A limit of the size of files answers as a full disk does, at every write in turn."""
    import resource  # noqa: PLC0415
    import signal  # noqa: PLC0415

    into, file = tmp_path / "corpus", table(tmp_path / "b.csv", *(f"{number} words" for number in range(300)))
    if not first:
        import_files([table(tmp_path / "a.csv", "a")], into, TEST)
    before, limits = snapshot(into), resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    codes = []
    try:
        for size in (0, 40, 88, 200, 400, 800, 1600, 3200, 6400, 12800, 10**7):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
            codes.append(main(["import", str(file), "--into", str(into), "--collection", "Test"]))
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            if codes[-1] == 0:
                break
            (line,) = capsys.readouterr().err.splitlines()
            assert str(into) in line
            assert snapshot(into) == before
            assert into.exists() != first
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert codes[:3] == [2] * 3
    assert codes[-1] == 0
    assert len(read_corpus(into)) == 300 + (not first)


def test_a_writer_tells_what_the_corpus_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import_files([table(tmp_path / "a.csv", "a")], tmp_path / "corpus", TEST)
    with caplog.at_level(logging.WARNING), Writer(tmp_path / "corpus") as writer:
        assert writer.info == json.loads((tmp_path / "corpus" / store.INFO).read_text(encoding="utf-8"))
    assert caplog.messages == []
