"""Kill, starve and cross the commands of the study, and see that what they leave is the old or the new, whole.

After every attack the state is read as a user would read it, somebody else's files are looked for, and the same command
is run again to its end. Every child is a fork of this process, which has everything imported: no attack starts Python.

    python tests/benchmarks/crashes.py [--seed 1] [--times 1]
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_notebook

from analysis.corpus import ImportOptions, import_files, read_corpus, read_info, store
from analysis.measure import batch, cache
from analysis.parameters import Parameters
from analysis.study import runner
from analysis.study.manifest import file_hash, read_manifest
from analysis.study.runner import run_study

TEST = ImportOptions("Test")
MINE = ("corpus-2019.parquet", "seen-mine.parquet", "02-my-interviews.csv", ".vantage-notes/a.txt", ".writing-1-x")
STEPS = ("replace", "fsync", "mkdir", "rmdir", "unlink", "open", "close")
Command = Callable[[Path, Path], object]
COUNTS: Counter[str] = Counter()


def table(path: Path, *texts: str) -> Path:
    """Write a table."""
    path.write_text("\n".join(["utterance_id,text", *(f"{text},{text}" for text in texts)]) + "\n", encoding="utf-8")
    return path


def plant(folder: Path) -> None:
    """Put somebody else's files into a folder."""
    for name in MINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine", encoding="utf-8")


def look(folder: Path, what: str) -> None:
    """See that somebody else's files are there, and nothing that a command left."""
    for name in MINE:
        assert (folder / name).read_text(encoding="utf-8") == "mine", (what, name)
    left = [path for path in folder.rglob(".vantage-*") if path.name != ".vantage-notes"]
    assert not left, (what, left)


def fork(do: Callable[[], object]) -> int:
    """Do it in a copy of this process."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        except OSError as error:
            code = 2 if error.errno in {errno.ENOSPC, errno.EFBIG} and error.filename else 3
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait for a child; return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_step(after: int, then: Callable[[], None], steps: tuple[str, ...] = STEPS) -> None:
    """Let this process do something instead of, or before, its n-th system call of those that change a disk."""
    left = after

    def counting(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                then()
            return real(*arguments, **named)

        return call

    for name in steps:
        setattr(os, name, counting(getattr(os, name)))


def kill_me() -> None:
    """Die as by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """Answer as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def killed(do: Callable[[], object], rng: random.Random, life: float, steps: int) -> bool:
    """Kill it, half the time at a step, else after a while; tell whether it was killed."""
    if rng.random() < 0.5:
        after = rng.randint(1, steps)
        return ended(fork(lambda: (at_step(after, kill_me), do()))) < 0
    child = fork(do)
    time.sleep(rng.random() * life)
    os.kill(child, signal.SIGKILL)
    return ended(child) < 0


# What is attacked -----------------------------------------------------------------------------------------------------


def kernel(notebook: str, output: str, *, parameters: dict[str, object], **_: object) -> None:
    """Stand in for a kernel: write down how many rows the corpus has that this run is of."""
    number, corpus = Path(notebook).name[:2], str(parameters["corpus"])
    rows = 0 if corpus == "quotations" else len(read_corpus(Path(corpus)))
    time.sleep(0.005)
    nbformat.write(new_notebook(cells=[new_code_cell("x")]), output)
    folder = Path(str(parameters["out"]))
    folder.mkdir(exist_ok=True)
    for name in "ab":
        (folder / f"{number}-{name}.csv").write_text(f"{rows} {os.environ['CRASHES']}", encoding="utf-8")


def run(corpus: str, out: Path, **parameters: object) -> None:
    """Run the study with the stand-in."""
    os.environ["CRASHES"] = str(parameters.get("compare", "vantage"))
    run_study(Parameters(corpus=corpus, out=str(out), **parameters), quiet=True)


def whole_figures(out: Path) -> str | None:
    """Return what the figures say, one thing; None where there are none. A half set raises."""
    if not (out / "manifest.json").exists():
        assert not list(out.glob("0?-[ab].csv")), "figures without a manifest"
        return None
    manifest = read_manifest(out)
    assert {name: file_hash(out / name) for name in manifest["figures"]} == manifest["figures"], "half a set"
    (said,) = {(out / name).read_text(encoding="utf-8") for name in manifest["figures"]}
    assert manifest["parameters"]["compare"] == said.split()[1]
    return said


def texts(into: Path) -> list[str]:
    """Return the texts of a corpus."""
    return sorted(read_corpus(into)["text"]) if (into / store.INFO).exists() else []


def attack_imports(work: Path, rng: random.Random, times: int) -> None:
    """Kill imports: the corpus is the old or the new one, and the next import finishes."""
    file = table(work / "b.csv", *(f"b{number}" for number in range(40)))
    for turn in range(times):
        into = work / f"import-{turn}"
        old = ["a"] if turn % 2 else []
        if old:
            import_files([table(work / "a.csv", "a")], into, TEST)
            plant(into)
        new = sorted([*old, *(f"b{number}" for number in range(40))])
        COUNTS["imports killed"] += killed(lambda into=into: import_files([file], into, TEST), rng, 0.08, 70)
        found = texts(into)
        assert found in (old, new), (turn, found)
        COUNTS["… of them the new corpus at once"] += found == new
        import_files([file], into, TEST)
        assert texts(into) == new
        if old:
            look(into, f"import {turn}")


def attack_measures(work: Path, rng: random.Random, times: int) -> None:
    """Kill measuring: there are whole tables or none."""
    into = work / "measured"
    import_files([table(work / "m.csv", *(f"so free {number}" for number in range(20)))], into, TEST)
    plant(into)
    for turn in range(times):
        shutil.rmtree(into / "measured", ignore_errors=True)
        COUNTS["measures killed"] += killed(lambda: cache.measured_files(into), rng, 0.3, 25)
        files = cache.measured_files(into)
        assert all(path.stat().st_size for path in files)
        assert len(cache.pq.read_table(files.measures, columns=["utterance_id"])) == 20
        look(into, f"measure {turn}")


def attack_runs(work: Path, rng: random.Random, times: int, *, moving: bool) -> None:
    """Kill runs, anywhere or while figures are moved: the old or the new set, once the next command has mended it."""
    for turn in range(times):
        out = work / f"{'moving' if moving else 'run'}-{turn}"
        plant(out)
        run("quotations", out, compare="vantage")
        if moving:
            # Only the moves into place are counted: a journal, ten figures, five notebooks, a manifest.
            after = rng.randint(1, 17)

            def do(out: Path = out, after: int = after) -> None:
                left, real = after, os.replace

                def replace(source: Path, final: Path) -> None:
                    nonlocal left
                    left -= len(Path(final).relative_to(out).parts) < 3
                    if left == 0:
                        kill_me()
                    real(source, final)

                os.replace = replace
                run("quotations", out, compare="origin")

            COUNTS["moves of figures killed"] += ended(fork(do)) < 0
        else:
            COUNTS["runs killed"] += killed(lambda out=out: run("quotations", out, compare="origin"), rng, 0.4, 250)
        if runner.disk.is_pending(out):
            COUNTS["… of all runs mended by the next command"] += 1
            with runner.disk.locked(out):
                runner.disk.mend(out)
        assert whole_figures(out) in {"0 vantage", "0 origin"}
        run("quotations", out, compare="origin")
        assert whole_figures(out) == "0 origin"
        look(out, out.name)


def attack_pairs(work: Path, rng: random.Random, times: int) -> None:
    """Import twice at once: both come in."""
    files = [table(work / f"pair-{name}.csv", *(f"{name}{number}" for number in range(30))) for name in "ab"]
    both = sorted(f"{name}{number}" for name in "ab" for number in range(30))
    for turn in range(times):
        into = work / f"pair-{turn}"
        if turn % 2:
            import_files([table(work / "a.csv", "a")], into, TEST)
        children = []
        for file in files:
            children.append(fork(lambda file=file, into=into: import_files([file], into, TEST)))
            time.sleep(rng.random() * 0.02)
        codes = [ended(child) for child in children]
        assert codes == [0, 0], (turn, codes)
        assert texts(into) == sorted([*both, *(["a"] if turn % 2 else [])])
        COUNTS["pairs of imports"] += 1


def attack_imports_during_runs(work: Path, rng: random.Random, times: int) -> None:
    """Import during a run: its figures and its manifest are of one content."""
    into, out = work / "during", work / "during-out"
    import_files([table(work / "0.csv", "0")], into, TEST)
    rows = {read_info(into)["content"]: 1}
    for turn in range(times):
        child = fork(lambda: run(str(into), out))
        time.sleep(rng.random() * 0.5)
        import_files([table(work / f"during-{turn}.csv", f"so {turn}")], into, TEST)
        rows[read_info(into)["content"]] = turn + 2
        assert ended(child) == 0
        COUNTS["imports during runs"] += 1
        said = whole_figures(out)
        assert said == f"{rows[read_manifest(out)['corpus']['content']]} vantage", said
        COUNTS["… of them after the run had opened the corpus"] += said != f"{turn + 2} vantage"


def attack_full_disks(work: Path, rng: random.Random) -> None:
    """Let the disk be full at every step, and at every size of a file."""
    file = table(work / "full.csv", *(f"so free {number}" for number in range(200)))
    start, figures = work / "full-start", work / "full-figures"
    import_files([table(work / "a.csv", "a")], start, TEST)
    run("quotations", figures, compare="vantage")
    commands: dict[str, Command] = {
        "import": lambda into, _: import_files([file], into, TEST),
        "measure": lambda into, _: cache.measured_files(into),
        "run": lambda _, out: run("quotations", out, compare="origin"),
    }
    for name, do in commands.items():
        for limited in (True, False):
            for turn in range(1, 400):
                into, out = work / f"full-{name}-{limited}-{turn}", work / f"full-{name}-{limited}-{turn}-out"
                shutil.copytree(start, into)
                shutil.copytree(figures, out)
                plant(into)
                plant(out)
                step = turn + (rng.randint(0, 4) + turn // 8 if name == "run" else 0)

                def attack(
                    into: Path = into, out: Path = out, step: int = step, do: Command = do, *, limited: bool = limited
                ) -> None:
                    if limited:
                        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                        resource.setrlimit(resource.RLIMIT_FSIZE, (int(1.25**step), resource.RLIM_INFINITY))
                    else:
                        at_step(step, full, ("replace", "fsync", "mkdir", "open"))
                    do(into, out)

                code = ended(fork(attack))
                before, said = texts(into), whole_figures(out) if not runner.disk.is_pending(out) else "0 origin"
                assert before in (["a"], sorted(["a", *(f"so free {number}" for number in range(200))]))
                assert said in {"0 vantage", "0 origin"}
                COUNTS[f"full disks: {name}"] += code != 0
                assert code in {0, 2} or not limited, (name, turn, code)
                do(into, out)
                look(into, f"{name} {turn}")
                look(out, f"{name} {turn}")
                shutil.rmtree(into)
                shutil.rmtree(out)
                if code == 0:
                    break


def main() -> None:
    """Attack, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=float, default=1, help="1: 330 kills, 100 pairs, 50 imports during runs")
    chosen = parser.parse_args()
    if sys.platform == "win32":
        print("there is no fork")
        return
    logging.getLogger("analysis").addHandler(logging.NullHandler())
    logging.getLogger("analysis").propagate = False
    papermill.execute_notebook = kernel
    rng, many = random.Random(chosen.seed), lambda number: max(1, round(number * chosen.times))  # noqa: S311
    batch.measure_batch(batch_of_one(), cache.Options())  # what measuring imports is imported before the forks
    with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
        parts: dict[str, Callable[[Path], None]] = {
            "imports": lambda work: attack_imports(work, rng, many(140)),
            "measures": lambda work: attack_measures(work, rng, many(60)),
            "runs": lambda work: attack_runs(work, rng, many(70), moving=False),
            "moves": lambda work: attack_runs(work, rng, many(80), moving=True),
            "pairs": lambda work: attack_pairs(work, rng, many(100)),
            "during": lambda work: attack_imports_during_runs(work, rng, many(50)),
            "full": lambda work: attack_full_disks(work, rng),
        }
        for name, attack in parts.items():
            begun, work = time.perf_counter(), Path(folder) / name
            work.mkdir()
            attack(work)
            shutil.rmtree(work)
            print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)
    for name, number in COUNTS.items():
        print(f"{name}: {number:,}")


def batch_of_one() -> object:
    """Return a corpus of one utterance, as measuring takes it."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "corpus"
        import_files([table(Path(folder) / "a.csv", "so free 自由")], into, TEST)
        return read_corpus(into, list(batch.NEEDED))


if __name__ == "__main__":
    main()
