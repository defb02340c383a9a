"""Make the figures under several kinds of arithmetic and compare their bytes: ``make portable``.

``plain``     as this machine is.
``features``  numpy, Arrow and the mathematical library down to what every processor of this kind has; one thread.
``threads``   another kernel of the linear algebra, on two threads.
``bits N``    every result moved by a unit in the last place at random (``sitecustomize.py``), with the seed N.

The corpora are the seed quotations, the bilingual fixture and a constructed corpus, of which a sample is coded. Exit 1
if any byte differs.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from analysis import disk
from analysis.corpus import ImportOptions, import_file
from analysis.corpus.codes import TABLES, put, read_coding
from analysis.corpus.demo import write_demo
from analysis.study.sheet import Asked, make_sheet, texts_of

HERE = Path(__file__).parent
_CODED = ("staged", "fear")
#: Kernels that every processor of the kind runs: OpenBLAS would stop at others.
KERNELS = {"x86_64": ("Prescott", "Nehalem"), "aarch64": ("ARMV8", "CORTEXA53")}.get(platform.machine(), ("", ""))


def on_kernel(number: int, threads: int) -> dict[str, str]:
    """Return the variables that choose one of the kernels of the linear algebra, and so many threads."""
    kernel = KERNELS[number]
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS")
    return {**dict.fromkeys(names, str(threads)), **({"OPENBLAS_CORETYPE": kernel} if kernel else {})}


def environments(seeds: int) -> dict[str, dict[str, str]]:
    """Return each kind of arithmetic and the variables that make it."""
    dispatched = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))
    less = {
        "NPY_DISABLE_CPU_FEATURES": dispatched,
        "ARROW_USER_SIMD_LEVEL": "NONE",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-FMA,-FMA4",
    }
    moved = {f"bits {seed}": {"VANTAGE_LAST_BITS": str(seed)} for seed in range(1, seeds + 1)}
    plain = {"plain": {}, "features": less | on_kernel(0, 1), "threads": on_kernel(1, 2)}
    return plain | moved


def make(corpus: str, out: Path, draws: int, environment: dict[str, str], only: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the files that the notebooks write about a corpus under one kind of arithmetic."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("VANTAGE_")}
    search = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, str(HERE / "cells.py"), corpus, str(out), "--draws", str(draws), "--only", *only]
    environment = {**inherited, "PYTHONPATH": search, **environment}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def compare(name: str, corpus: str | Path, draws: int, kinds: dict[str, dict[str, str]], work: Path) -> int:
    """Print and count the files that are not the same under all kinds of arithmetic."""
    wrong, plain = 0, {}
    for kind, environment in kinds.items():
        begun, place = time.monotonic(), corpus
        out = work / f"{name}-{kind.replace(' ', '-')}"
        if isinstance(corpus, Path):
            # What was measured is kept beside a corpus; each kind of arithmetic measures for itself.
            place = shutil.copytree(corpus, work / f"{out.name}-corpus")
        made = make(str(place), out, draws, environment)
        plain = plain or made
        differ = [file for file in sorted(plain | made) if plain.get(file) != made.get(file)]
        took = f"{time.monotonic() - begun:.0f} s"
        print(f"{name}, {kind}: {len(made)} files in {took}, {len(differ)} differ {' '.join(differ)}".rstrip())
        wrong += len(differ)
    return wrong


def code(corpus: Path, codes: int = 600) -> None:
    """Draw a sample of a corpus and code it by a rule, as two coders who now and then differ."""
    make_sheet(str(corpus), Asked(codes=codes, concepts=_CODED))
    texts = texts_of(corpus, read_coding(corpus, "sample")["utterance_id"])
    rows = []
    for name, text in texts.items():
        for coder in (0, 1) if len(text) % 3 else (0,):
            about = (name, "original", f"coder {coder}")
            stance = (len(text) + coder * (len(text) % 7 == 0)) % 5 - 2
            rows.append((*about, "stance", str(stance), "2026-01-01", "by rule"))
            rows += [
                (*about, concept, "yes" if len(text) % 4 == 0 else "no", "2026-01-01", "by rule") for concept in _CODED
            ]
    with disk.changing(corpus) as work:
        put(corpus, work, {"codes": pd.DataFrame(rows, columns=list(TABLES["codes"]))})


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", default=["quotations", "bilingual", "demo"])
    parser.add_argument("--seeds", type=int, default=3, help="of arithmetic with moved last bits")
    parser.add_argument("--draws", type=int, default=1999)
    parser.add_argument("--utterances", type=int, default=20_000, help="of the constructed corpus")
    parser.add_argument("--keep", type=Path, help="a folder for what is made")
    told = parser.parse_args()
    kinds, wrong = environments(told.seeds), 0
    with tempfile.TemporaryDirectory() as folder:
        work = told.keep or Path(folder)
        for name in told.corpora:
            corpus: str | Path = name
            if name == "bilingual":
                corpus = work / name
                import_file(HERE.parent / "fixtures" / "bilingual.csv", corpus, ImportOptions("Bilingual fixture"))
            elif name == "demo":
                corpus = work / name
                write_demo(told.utterances, corpus, 1)
                code(corpus)
            wrong += compare(name, corpus, told.draws, kinds, work)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
