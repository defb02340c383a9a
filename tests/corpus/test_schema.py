"""The schema says once what a column may hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import analysis
from analysis.cli import main
from analysis.corpus.schema import ACCEPTED, VANTAGES

LIBRARY = Path(analysis.__file__).parent


def test_the_vantages_are_listed_in_the_schema_alone() -> None:
    found = {
        path.relative_to(LIBRARY).as_posix()
        for path in LIBRARY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in VANTAGES
    }
    assert found == {"corpus/schema.py"}


@pytest.mark.parametrize("column", ["vantage", "origin", "kind"])
def test_the_command_lists_and_takes_what_the_schema_accepts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    with pytest.raises(SystemExit):
        main(["import", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert ", ".join(ACCEPTED[column]) in shown
    command = ["import", str(tmp_path / "none.csv"), "--into", str(tmp_path / "x"), "--collection", "c"]
    for value in ACCEPTED[column]:
        assert main([*command, f"--{column}", value]) == 2
        assert "none.csv: no such file" in capsys.readouterr().err
    assert main([*command, f"--{column}", "tourist"]) == 2
    assert f"--{column}: invalid choice: 'tourist'" in capsys.readouterr().err


def test_help_does_not_wait_for_the_schema() -> None:
    code = "import sys\nfrom analysis.cli import build_parser\nbuild_parser()\nprint('analysis.corpus' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
