"""The study of the seed quotations in two surroundings: the same bytes, and nothing but loopback is spoken to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import portable
import pytest
from helpers import snapshot

from analysis import paths
from analysis.study import open_study
from analysis.study.paper import write_paper
from analysis.study.parameters import find_notebooks
from analysis.study.placing import LIST, PAPER
from analysis.study.report import report_run

#: Python imports it before anything else; so do the kernels, which inherit the environment.
SPY = """
import os, sys

_folder = os.environ["VANTAGE_SPY"]

def _note(name, line):
    with open(os.path.join(_folder, name), "a", encoding="utf-8") as file:
        file.write(line + "\\n")

def _host(event, about):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        return "localhost" if about[0] is None else about[0]
    if event in {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}:
        return about[1][0] if isinstance(about[1], tuple) else "localhost"
    return None

def _hook(event, about):
    if event == "os.fork":
        _note("alive", "a forked kernel")
    if event == "subprocess.Popen":
        _note("programs", os.path.realpath(about[0]))
    host = _host(event, about)
    if host is None:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host in {"localhost", "::1"} or host.startswith("127."):
        _note("loopback", f"{event} {host}")
    else:
        _note("outside", f"{event} {host}")
        raise PermissionError(f"spoke to {host}")

sys.addaudithook(_hook)
_note("alive", " ".join(sys.orig_argv))
"""


#: The command "vantage check", which throws away what it made: a copy of that stays, and gets its report and paper.
CHECK = """
import shutil, sys
from pathlib import Path
from analysis import cli
from analysis.study import check
from analysis.study.report import report_run
compare = check.compare_folders
def keeping(committed, made, *, exact):
    shutil.copytree(made, "out")
    return compare(committed, made, exact=exact)
check.compare_folders = keeping
done = cli.main(["check", "--against", sys.argv[1]])
report_run(Path("out"))
sys.exit(done)
"""
#: Run in plain surroundings too: it has the most kinds of figures.
ONE = "02-sentiment"


class Run(NamedTuple):
    """A finished run: its figures and notebooks, what the spy wrote down, and what was printed."""

    out: Path
    seen: Path
    said: str


def spied(folder: Path, *command: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run Python under the spy, in a folder of its own; return what it said and where the spy wrote."""
    (folder / "spy").mkdir(parents=True)
    (folder / "seen").mkdir()
    (folder / "spy" / "sitecustomize.py").write_text(SPY, encoding="utf-8")
    search = os.pathsep.join(filter(None, [str(folder / "spy"), os.environ.get("PYTHONPATH")]))
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "VANTAGE_"))}
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**inherited, "PYTHONPATH": search, "VANTAGE_SPY": str(folder / "seen"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return ran, folder / "seen"


def study(folder: Path, *command: str, **environment: str) -> Run:
    """Run the study of the seed quotations; a drift (exit 1) is for one test only to complain of."""
    ran, seen = spied(folder, *command, **environment)
    assert (ran.returncode <= 1, ran.stderr) == (True, "")
    return Run(folder / "out", seen, ran.stdout)


def lines(run: Run, name: str) -> list[str]:
    """Return what the spy wrote down under a name."""
    path = run.seen / name
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Check the committed figures in as different surroundings as a user may have: that runs the study once.

    Without the processor's features, on two threads and another kernel of the linear algebra; with the committed
    figures and the run of :func:`plain`, which were made under neither, that is three kinds of it.
    """
    home = tmp_path_factory.mktemp("home")
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "mine.py").write_text("import pandas\npandas.set_option('display.max_rows', 2)\n", encoding="utf-8")
    (home / "matplotlibrc").write_text("font.size: 30\nfigure.dpi: 33\naxes.grid: True\n", encoding="utf-8")
    return study(
        tmp_path_factory.mktemp("strange") / "一个 {seed} {2025} folder",
        *("-c", CHECK, str(paths.FIGURES)),
        PYTHONHASHSEED="4242",
        TZ="Asia/Pyongyang",
        LC_ALL="zh_CN.UTF-8",
        HOME=str(home),
        MATPLOTLIBRC=str(home / "matplotlibrc"),
        MPLCONFIGDIR=mpl.get_cachedir(),
        **portable.environments(0)["features"] | portable.environments(0)["threads"],
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run one notebook in other surroundings."""
    surroundings = {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C.UTF-8"}
    command = ("-m", "analysis.cli", "run", "--out", "out", "--only", ONE)
    return study(tmp_path_factory.mktemp("plain") / "here", *command, **surroundings, **portable.on_kernel(0, 1))


def test_the_committed_figures_are_what_the_study_makes_in_all_surroundings(strange: Run) -> None:
    assert strange.said.startswith(f"{paths.FIGURES}: regenerated, no difference\n")


def test_a_notebook_is_the_same_bytes_in_all_surroundings(strange: Run, plain: Run) -> None:
    one, other = snapshot(plain.out), snapshot(strange.out)
    mine = [name for name in one if name.startswith((ONE[:3], f"notebooks/{ONE}"))]
    assert {Path(name).suffix for name in mine} == {".png", ".svg", ".csv", ".ipynb"}
    assert [name for name in mine if one[name] != other[name]] == []


def test_report_and_paper_are_the_same_bytes_in_all_surroundings(strange: Run, tmp_path: Path) -> None:
    # The list of the paper's files is made where they are put in place.
    written = {name: content for name, content in snapshot(strange.out).items() if name != f"{PAPER}/{LIST}"}
    figures = tmp_path / strange.out.name
    shutil.copytree(strange.out, figures, ignore=shutil.ignore_patterns("report.html", PAPER))
    write_paper(open_study(), [figures], figures / PAPER)
    report_run(figures)
    again = snapshot(figures)
    assert {Path(name).suffix for name in again} == {
        *(".png", ".svg", ".csv", ".json", ".ipynb", ".html", ".md", ".tex", ".bib")
    }
    assert sorted(again) == sorted(written)
    assert [name for name in again if again[name] != written[name]] == []


def test_nothing_but_loopback_is_spoken_to(strange: Run, plain: Run) -> None:
    for run, count in ((strange, len(find_notebooks())), (plain, 1)):
        assert lines(run, "outside") == []
        # The kernels were watched too, and ports of the loopback were taken for them.
        kernels = [line for line in lines(run, "alive") if "ipykernel" in line or line == "a forked kernel"]
        assert len(kernels) == count
        assert lines(run, "loopback")


def test_no_program_is_started_that_could_speak_for_the_study(strange: Run) -> None:
    started = {Path(line).name for line in lines(strange, "programs")}
    python = Path(sys.executable).resolve().name
    # The standard library asks uname what machine this is.
    assert python in started <= {python, "uname"}


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("socket.create_connection(('192.0.2.1', 9), timeout=1)", "192.0.2.1"),
        ("socket.getaddrinfo('example.invalid', 80)", "socket.getaddrinfo example.invalid"),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", "socket.sendto 192.0.2.1"),
        ("__import__('urllib.request').request.urlopen('http://192.0.2.1/')", "192.0.2.1"),
    ],
)
def test_the_spy_sees_and_stops_what_goes_outside(tmp_path: Path, code: str, seen: str) -> None:
    ran, folder = spied(tmp_path / "control", "-c", f"import socket; {code}")
    assert ran.returncode == 1
    assert "spoke to" in ran.stderr
    assert seen in (folder / "outside").read_text(encoding="utf-8")
    assert not (folder / "loopback").exists()


def test_the_spy_lets_loopback_pass(tmp_path: Path) -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    ran, folder = spied(tmp_path / "control", "-c", code)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not (folder / "outside").exists()
    assert "socket.connect 127.0.0.1" in (folder / "loopback").read_text(encoding="utf-8")
