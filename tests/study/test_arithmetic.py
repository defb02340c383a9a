"""The same bytes under several kinds of arithmetic, and a wrapper that really moves the last bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import portable
from cells import run_cells

from analysis.digits import settled, settled_one
from analysis.show.canvas import steady


def test_the_bilingual_fixture_gives_the_same_bytes_under_every_kind_of_arithmetic(tmp_path, bilingual, monkeypatch):
    # The third kind, on two threads, is that of the whole study in test_offline.py.
    kinds = {name: kind for name, kind in portable.environments(0).items() if name != "threads"}
    assert list(kinds) == ["plain", "features"]
    assert kinds["plain"] == {}
    only = ["01-corpus", "04-concepts"]
    other = portable.make(str(bilingual), tmp_path / "features", 99, kinds["features"], only)
    # As this machine is: so is this process.
    monkeypatch.chdir(tmp_path)
    run_cells(str(bilingual), tmp_path / "plain", only, draws=99)
    made = {path.name: path.read_bytes() for path in sorted((tmp_path / "plain").iterdir())}
    assert {Path(name).suffix for name in made} == {".png", ".svg", ".csv"}
    assert sorted(made) == sorted(other)
    assert [name for name in other if made[name] != other[name]] == []


def python(code, **environment):
    """Return what a fresh Python prints under some kind of arithmetic."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(portable.HERE), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


def test_the_kinds_of_arithmetic_are_other_ones():
    names = "import __cpu_features__ as f, __cpu_dispatch__ as d"
    code = f"from numpy._core._multiarray_umath {names}; print(sum(map(f.get, d)))"
    assert python(code, **portable.environments(0)["features"]) == ["0"]


#: Each a hundred times; what is exact everywhere comes last.
VALUES = """
import ast, numpy as np, pandas as pd
import sitecustomize
from analysis.compare.contrasts import detectable
from analysis.digits import settled
written = ast.parse("(np.array([0.1, 0.2]) @ np.array([0.3, 0.4]), 1.1**0.3)", mode="eval")
if hasattr(sitecustomize, "Rewrite"):
    written = ast.fix_missing_locations(sitecustomize.Rewrite().visit(written))
written = compile(written, "", "eval")
for value in (
    lambda: eval(written)[0],
    lambda: eval(written)[1],
    lambda: np.log(2.0),
    lambda: np.log1p(np.full(3, 2.0))[0],
    lambda: np.dot([0.1, 0.2], [0.3, 0.4]),
    lambda: np.array([0.1, 0.2, 0.7]).sum(),
    lambda: pd.Series([0.1, 0.2, 0.7]).mean(),
    lambda: detectable(0.1, 4.0),
    lambda: np.ones(9).sum(),
    lambda: np.dot([1.0, 2.0], [3.0, 4.0]),
    lambda: np.log1p(0.0),
):
    values = np.array([value() for _ in range(100)])
    print(len(set(values.tolist())) > 1, len(set(settled(values).tolist())) == 1)
"""


def test_the_wrapper_moves_last_bits_and_no_more():
    assert python(VALUES) == ["False", "True"] * 11
    assert python(VALUES, VANTAGE_LAST_BITS="1") == ["True", "True"] * 8 + ["False", "True"] * 3
    code = "import analysis.digits as d; print(type(d.__loader__).__module__)"
    assert python(code, VANTAGE_LAST_BITS="1") == ["sitecustomize"]


def test_settled_values_are_the_same_whatever_their_last_bits():
    exact = np.array([0.05, 0.1, 0.75, 1 / 3, 1.5, -2.5e-7, 1e300, 0.0])
    for away in (1 - 2**-52, 1 + 2**-52, 1 - 2**-50, 1 + 2**-50):
        assert (settled(exact * away) == settled(exact)).all()
    assert np.abs(settled(exact[:-1]) / exact[:-1] - 1).max() < 2**-40
    assert np.isnan(settled(np.nan))
    assert settled([np.inf, -np.inf]).tolist() == [np.inf, -np.inf]
    # One by one it is the same number, halves, zeros and the smallest ones among them.
    some = [*exact.tolist(), 0.0, -0.0, 5e-324, 2.5**-300, 1 + 2**-41, 1 + 3 * 2**-41, -(2.0**60) - 1, 1.7e308]
    assert [settled_one(value) for value in some] == settled(some).tolist()


def test_steady_coordinates_do_not_turn_at_simple_fractions():
    simple = np.array([n / d for d in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 32, 64, 128, 150) for n in range(999)])
    for away in (-1e-10, 1e-10):
        assert (steady(simple + away) == steady(simple)).all()
