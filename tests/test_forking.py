"""Kernels that are forked: nothing of one reaches another, and none outlives the run, however that ends."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from analysis import forking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no process is forked elsewhere")


def start(source: forking.Source, folder: Path) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel in a folder, as the runner does."""

    class Manager(KernelManager):
        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            return source.command(super().format_kernel_cmd(extra_arguments))

    manager = Manager(kernel_name="python3")
    manager.start_kernel(extra_arguments=["--IPKernelApp.log_level=50"], cwd=str(folder))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return manager, client


def ask(client: BlockingKernelClient, code: str, expression: str = "None") -> Any:
    """Run code in a kernel; return what an expression then is."""
    reply = client.execute(code, user_expressions={"asked": expression}, reply=True, timeout=60)["content"]
    assert reply["status"] == "ok", reply
    return ast.literal_eval(reply["user_expressions"]["asked"]["data"]["text/plain"])


def gone(process: int) -> bool:
    """Tell whether a process ends within five seconds; a zombie has ended."""
    for _ in range(100):
        try:
            if Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def source() -> Iterator[forking.Source]:
    with forking.source() as made:
        assert made
        yield made


@pytest.fixture(autouse=True)
def no_history(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def test_a_kernel_has_imported_what_draws_and_nothing_of_another(
    source: forking.Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VANTAGE_TABLES", "first")
    first = start(source, tmp_path)
    state = "pandas.get_option('display.max_rows'), os.environ['VANTAGE_TABLES'], 'mine' in globals(), os.getcwd()"
    ask(first[1], "import sys; assert {'analysis.compare.keyness', 'analysis.show.tone'} <= set(sys.modules)")
    usual = ask(first[1], "import os, pandas", "pandas.get_option('display.max_rows')")
    changed = ask(first[1], "mine = pandas.set_option('display.max_rows', 7)", state)
    assert changed == (7, "first", True, str(tmp_path))
    monkeypatch.setenv("VANTAGE_TABLES", "second")
    (tmp_path / "other").mkdir()
    second = start(source, tmp_path / "other")
    assert ask(second[1], "import os, pandas", state) == (usual, "second", False, str(tmp_path / "other"))
    pids = [ask(client, "import os", "os.getpid()") for _, client in (first, second)]
    assert len({*pids, os.getpid()}) == 3
    # Who shuts a kernel down sees that it has ended.
    for manager, client in (first, second):
        client.stop_channels()
        manager.shutdown_kernel()
        assert not manager.is_alive()
    assert capfd.readouterr() == ("", "")
    assert all(map(gone, pids))


def test_a_kernel_that_dies_is_seen_to_be_dead(source: forking.Source, tmp_path: Path) -> None:
    manager, client = start(source, tmp_path)
    process = ask(client, "import os", "os.getpid()")
    os.kill(process, signal.SIGKILL)
    assert gone(process)
    assert manager.provisioner.process.wait(5) == 0
    assert not manager.is_alive()
    client.stop_channels()
    manager.cleanup_resources()


def test_no_kernel_outlives_what_it_was_forked_from(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), forking.source() as source:  # noqa: PT012
        _, client = start(source, tmp_path)
        process = ask(client, "import os", "os.getpid()")
        # A cell that never looks up.
        client.execute("import re; re.match('(a*)*b', 'a' * 60)")
        raise KeyboardInterrupt
    assert gone(process)
    client.stop_channels()


def test_no_kernel_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    run = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1]); from test_forking import *; made = forking.Source();"
    )
    run += "print(ask(start(made, Path.cwd())[1], 'import os', 'os.getpid()')); sys.stdout.flush();"
    run += "os.kill(os.getpid(), signal.SIGKILL)"
    ran = subprocess.run(
        [sys.executable, "-c", run, str(Path(__file__).parent)],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == -signal.SIGKILL
    assert gone(int(ran.stdout))
    assert list(tmp_path.glob("vantage-*")) == []


def test_standard_input_may_be_closed(tmp_path: Path) -> None:
    run = "import os, sys; os.close(0); sys.path.insert(0, sys.argv[1]); from test_forking import *\n"
    run += "with forking.source() as made:\n manager, client = start(made, Path.cwd())\n"
    run += " print(ask(client, 'import sys', 'sys.stdin.read()'))\n client.stop_channels(); manager.shutdown_kernel()"
    folder = str(Path(__file__).parent)
    ran = subprocess.run([sys.executable, "-c", run, folder], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr


def test_a_source_of_which_nothing_was_asked_is_not_waited_for() -> None:
    with forking.source() as source:
        process = source._process  # noqa: SLF001
    assert process.returncode == -signal.SIGKILL


def test_where_nothing_can_be_forked_kernels_start_by_themselves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with forking.source(wanted=False) as source:
        assert source is None
    deep = tmp_path / ("deep" * 20)
    deep.mkdir()
    monkeypatch.setattr(forking.tempfile, "tempdir", str(deep))
    with forking.source() as source:
        assert source is None
    assert list(deep.iterdir()) == []
    monkeypatch.setattr(forking.sys, "platform", "darwin")
    with forking.source() as source:
        assert source is None
