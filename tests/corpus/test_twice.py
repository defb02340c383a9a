"""Bytes that are in a corpus already come in a second time only when that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_corpus, read_info
from analysis.corpus.remove import remove
from analysis.corpus.retag import retag
from analysis.errors import InputError

WESTERN = {"constants": {"vantage": "western_commenter"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a table of two comments."""
    path = tmp_path / "a.csv"
    path.write_text("text,other,thread_id\nso free,frei,v1\nreally,echt,v1\n", encoding="utf-8")
    return path


def bring(into: Path, path: Path, name: str = "C", **options: Any) -> int:
    return sum(each.imported for each in import_files([path], into, ImportOptions(name, **options)).reports)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("D", {}, "collection C, not D"),
        ("C", WESTERN, "constants none, not vantage=western_commenter"),
        ("C", {"columns": {"text": "other"}}, "columns none, not text=other"),
        ("C", {"where": {"other": "echt"}}, "where none, not other=echt"),
    ],
)
def test_another_collection_or_mapping_of_the_same_bytes_is_refused(
    tmp_path: Path, file: Path, name: str, options: dict[str, Any], said: str
) -> None:
    into = tmp_path / "c"
    bring(into, file)
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    copy = tmp_path / "copy.csv"
    copy.write_bytes(file.read_bytes())
    for each in (file, copy):
        with pytest.raises(InputError) as caught:
            bring(into, each, name, **options)
        assert f"{each.name}: is in already, as a.csv in the collection 'C': {said} (accepted: " in str(caught.value)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before
    bring(into, file, name, **options, again=True)
    assert len(read_info(into)["files"]) == 2


def test_other_rules_of_the_same_bytes_are_refused_without_telling_their_digest(tmp_path: Path, file: Path) -> None:
    into, rules = tmp_path / "c", tmp_path / "s.yaml"
    rules.write_text("- file: a.csv\n  kind: post\n", encoding="utf-8")
    bring(into, file)
    with pytest.raises(InputError, match="'C': rules none, not others"):
        bring(into, file, rules=rules)
    bring(tmp_path / "d", file, rules=rules)
    with pytest.raises(InputError, match="'C': rules others, not none"):
        bring(tmp_path / "d", file)


def test_a_file_may_be_several_collections_by_a_column_of_it(tmp_path: Path, file: Path) -> None:
    into = tmp_path / "c"
    assert bring(into, file, "D", where={"other": "echt"}) == 1
    assert bring(into, file, "E", where={"other": "frei"}) == 1
    with pytest.raises(InputError, match="in the collection 'D': collection D, not F, where other=echt, not none"):
        bring(into, file, "F")


def test_a_filter_by_who_speaks_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("text,author,site\na,rivermoss,x\nb,hillfern,x\n", encoding="utf-8")
    into = tmp_path / "c"
    assert bring(into, path, where={"author": "rivermoss"}) == 1
    with pytest.raises(InputError, match="where others, not site=x"):
        bring(into, path, where={"site": "x"})


def test_the_same_options_change_nothing_whatever_the_file_is_called(tmp_path: Path, file: Path) -> None:
    into = tmp_path / "c"
    assert bring(into, file) == 2
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    assert bring(into, file) == bring(into, file, again=True) == 0
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before
    copy = tmp_path / "copy.csv"
    copy.write_bytes(file.read_bytes())
    assert bring(into, copy) == 0
    assert len(read_corpus(into)) == 2


def test_what_was_retagged_or_removed_since_is_no_second_time(tmp_path: Path, file: Path) -> None:
    into = tmp_path / "c"
    bring(into, file)
    retag(into, "C", WESTERN["constants"])
    assert bring(into, file, **WESTERN) == 0
    with pytest.raises(InputError, match="vantage=western_commenter, not vantage=vlogger"):
        bring(into, file, constants={"vantage": "vlogger"})
    remove(into, file="a.csv")
    assert bring(into, file, "D") == 2


def test_the_command_exits_with_2_and_again_allows_it(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", str(file), "--into", str(tmp_path / "c"), "--collection"]
    assert main([*command, "C"]) == 0
    capsys.readouterr()
    assert main([*command, "D"]) == 2
    told = capsys.readouterr().err
    assert "a.csv in the collection 'C'" in told
    assert "--again" in told
    assert main([*command, "D", "--again"]) == 0
