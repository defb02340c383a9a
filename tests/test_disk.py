"""What is put in place is there whole, whatever breaks off; what is not ours stays, whatever it is called."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analysis import disk
from analysis.errors import InputError


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def commit(folder: Path, moves: dict[str, str], remove: tuple[str, ...] = ()) -> None:
    """Put new files in place."""
    with disk.locked(folder), disk.scratch(folder) as work:
        for name, text in moves.items():
            (work / name).write_text(text)
        disk.commit(work, {name: folder / "in" / name for name in moves}, [folder / name for name in remove])


# Locks ----------------------------------------------------------------------------------------------------------------


def test_a_second_writer_waits_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    steps: list[str] = []

    def second() -> None:
        with disk.locked(tmp_path / "new"):
            steps.append("second")

    with disk.locked(tmp_path / "new"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        steps.append("first")
    thread.join()
    assert steps == ["first", "second"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'new'}: another command is writing here; waiting for it"
    ]
    assert files(tmp_path) == {}


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys\nfrom analysis import disk\n"
        "with disk.locked(pathlib.Path(sys.argv[1])), disk.scratch(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    assert [path.name[:9] for path in sorted(tmp_path.iterdir())] == [".vantage-"] * 2
    assert all(disk.is_ours(path) for path in tmp_path.iterdir())
    with disk.locked(tmp_path):
        disk.mend(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    if sys.platform != "win32":
        monkeypatch.setattr(disk.fcntl, "flock", flock)
        with pytest.raises(OSError, match=r"No locks available.*lock"), disk.locked(tmp_path / "new"):
            pass


# What is left over ----------------------------------------------------------------------------------------------------


def test_nothing_is_removed_for_its_name(tmp_path: Path) -> None:
    mine = {
        ".vantage-notes/a.txt": "mine",
        ".vantage-lock": "mine",
        ".vantage-x": "mine",
        ".vantage-y/owner": "me",
        ".vantage-z/journal.json": "{}",
        ".writing-1-table": "mine",
    }
    for name, text in mine.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with disk.locked(tmp_path):
        disk.mend(tmp_path)
    assert files(tmp_path) == mine
    assert not [path for path in tmp_path.iterdir() if disk.is_ours(path)]


def test_the_folder_of_a_living_process_stays(tmp_path: Path) -> None:
    with disk.scratch(tmp_path) as work:
        (work / "a").write_text("a")
        disk.mend(tmp_path)
        assert (work / "a").exists()
    assert list(tmp_path.iterdir()) == []


# Moves ----------------------------------------------------------------------------------------------------------------


def killed(after: int, do: Callable[[], None]) -> bool:
    """Do it in a copy of this process, which dies at the given step; tell whether it died."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = after

    def dies(real):
        def call(*arguments, **named):
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    for name in ("replace", "fsync", "unlink", "mkdir", "rmdir", "close"):
        setattr(os, name, dies(getattr(os, name)))
    do()
    os._exit(0)


forks = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@forks
def test_killed_at_any_step_the_old_or_the_new_comes_out_whole(tmp_path: Path) -> None:
    seen = []
    for after in range(60):
        folder = tmp_path / str(after)
        commit(folder, {"a": "old a", "b": "old b", "c": "c"})
        (folder / "mine").write_text("mine")
        old = files(folder)
        new = {"in/a": "new a", "in/b": "new b", "mine": "mine"}
        if not killed(after, partial(commit, folder, {"a": "new a", "b": "new b"}, ("in/c",))):
            break
        with disk.locked(folder):
            disk.mend(folder)
        assert files(folder) in (old, new)
        seen.append(files(folder) == new)
    assert seen == sorted(seen)
    assert set(seen) == {False, True}
    assert 15 < len(seen) < 59


def killed_after_journal(folder: Path, moves: dict[str, str], remove: tuple[str, ...] = ()) -> None:
    """Commit in a copy of this process, which dies when it would move the first file."""

    def do() -> None:
        real = os.replace

        def replace(source: Path, final: Path) -> None:
            if Path(final).name in moves:
                os.kill(os.getpid(), signal.SIGKILL)
            real(source, final)

        os.replace = replace
        commit(folder, moves, remove)

    assert killed(10_000, do)


@forks
def test_what_comes_between_a_kill_and_the_mending_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    commit(tmp_path, {"a": "old a", "b": "old b", "c": "c"})
    killed_after_journal(tmp_path, {"a": "new a", "b": "new b"}, ("in/c",))
    assert files(tmp_path / "in") == {"a": "old a", "b": "old b", "c": "c"}
    (tmp_path / "in" / "b").write_text("mine")
    (tmp_path / "in" / "c").write_text("mine too")
    with caplog.at_level(logging.WARNING), disk.locked(tmp_path):
        disk.mend(tmp_path)
    assert files(tmp_path) == {"in/a": "new a", "in/b": "mine", "in/c": "mine too"}
    assert f"{tmp_path / 'in' / 'b'}: was changed meanwhile, and stays as it is" in caplog.messages
    assert any("finished what a command that was broken off" in line for line in caplog.messages)


def test_an_interruption_after_the_commit_comes_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.replace, []

    def replace(source: Path, final: Path) -> None:
        calls.append(final)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(source, final)

    monkeypatch.setattr(os, "replace", replace)
    commit(tmp_path, {"a": "a", "b": "b"})
    assert files(tmp_path) == {"in/a": "a", "in/b": "b"}


def test_files_reach_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def replace(source: Path, final: Path) -> None:
        if Path(final).parent != Path(source).parent and Path(source).parent.parent != Path(final).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, final)

    monkeypatch.setattr(os, "replace", replace)
    commit(tmp_path, {"a": "a", "b": "b"})
    assert files(tmp_path) == {"in/a": "a", "in/b": "b"}


def test_what_is_named_as_committed_was_flushed_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[tuple[str, str]] = []
    real_sync, real_replace = os.fsync, os.replace

    def fsync(file: int) -> None:
        steps.append(("flush", Path(f"/proc/self/fd/{file}").readlink().name))
        real_sync(file)

    def replace(source: Path, final: Path) -> None:
        steps.append(("move", Path(final).name))
        real_replace(source, final)

    if not Path("/proc/self/fd").exists():
        pytest.skip("the names of open files are not known")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    commit(tmp_path, {"a": "a"})
    at = steps.index(("move", "journal.json"))
    assert ("flush", "a") in steps[:at]
    assert ("flush", "journal.json.new") in steps[:at]
    assert steps[at + 1][0] == "flush"
    assert steps[at + 2] == ("move", "a")
    assert ("flush", "in") in steps[at + 2 :]


@forks
def test_the_places_in_a_journal_move_with_the_folder(tmp_path: Path) -> None:
    killed_after_journal(tmp_path / "here", {"a": "a"})
    (journal,) = (tmp_path / "here").glob("*/journal.json")
    assert json.loads(journal.read_text())["moves"] == [["a", "in/a", None]]
    (tmp_path / "here").rename(tmp_path / "there")
    with disk.locked(tmp_path / "there"):
        disk.mend(tmp_path / "there")
    assert files(tmp_path) == {"there/in/a": "a"}


def test_a_full_disk_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No space left on device: '.*corpus'"), disk.naming(tmp_path / "corpus"):
        raise OSError(errno.ENOSPC, "no")
    with pytest.raises(OSError, match=r"^no$"), disk.naming(tmp_path / "corpus"):
        raise OSError("no")


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "[]",
        "{}",
        '{"moves": [1], "remove": []}',
        '{"moves": [], "remove": [[1, 2]]}',
        '{"moves": [["a", "../outside", null]], "remove": []}',
        '{"moves": [["a", "%s", null]], "remove": []}',
        '{"moves": [["../b", "c", null]], "remove": []}',
        '{"moves": [["a", "c", null]], "remove": [["../outside", "%s"]]}',
    ],
)
def test_a_journal_that_is_none_or_reaches_elsewhere_is_refused_whole(tmp_path: Path, plan: str) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    with disk.scratch(folder) as work:
        mark = (work / "owner").read_bytes()
    left = folder / ".vantage-sent"
    left.mkdir()
    (left / "owner").write_bytes(mark)
    (left / "a").write_text("theirs")
    (folder / "b").write_text("b")
    (tmp_path / "kept").write_text("mine")
    (left / "journal.json").write_text(plan.replace("%s", str(tmp_path / "outside")))
    before = files(tmp_path)
    with pytest.raises(InputError, match=r"\.vantage-sent: is not what a command"), disk.locked(folder):
        disk.mend(folder)
    assert files(tmp_path) == before


def test_a_link_that_leads_elsewhere_is_refused_before_anything_counts(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "in").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="or reaches elsewhere"):
        commit(tmp_path / "here", {"a": "a"})
    assert files(tmp_path) == {}
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["in"]
