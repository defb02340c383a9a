"""A study in one file: the corpus follows it, what it says is checked, and what was frozen is held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.cli import main
from analysis.corpus import read_corpus, read_info
from analysis.errors import VantageError
from analysis.parameters import Parameters
from analysis.study import runner, study_file
from analysis.study.parameters import find_notebooks
from analysis.study.runner import Ran
from analysis.study.study_file import OpenedFile

SAID: dict[str, Any] = {
    "name": "Rason 2025",
    "imports": [
        {
            "files": ["exports/*.csv"],
            "collection": "West",
            "vantage": "western_commenter",
            "columns": {"text": "said", "thread_id": "video"},
        },
        {"files": ["zh.csv"], "collection": "Viewers", "vantage": "chinese_viewer", "sources": "sources.yaml"},
    ],
    "parameters": {"min_count": 5, "lexicons": ["mine.csv"]},
    "notebooks": ["02-sentiment"],
}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Parameters, list[str]]]:
    """Return the runs that were begun: none is."""
    runs: list[tuple[Parameters, list[str]]] = []

    def run(parameters: Parameters, only: list[str], **_: object) -> Ran:
        runs.append((parameters, list(only)))
        return Ran(Path("figures"), Path("notebooks"), list(only))

    monkeypatch.setattr(runner, "run_study", run)
    return runs


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a study of three files, opened from elsewhere."""
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    folder = tmp_path / "paper"
    (folder / "exports").mkdir(parents=True)
    (folder / "exports" / "a.csv").write_text("said,video\nso free,v1\nreally,v1\n", encoding="utf-8")
    (folder / "exports" / "b.csv").write_text("said,video\nstaged,v2\n", encoding="utf-8")
    (folder / "zh.csv").write_text("text,thread_id\n这么自由,v3\n", encoding="utf-8")
    (folder / "sources.yaml").write_text("- thread: v3\n  region: 辽宁\n", encoding="utf-8")
    (folder / "mine.csv").write_text("term,score\nfree,1\n", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return write(folder / "study.yaml", SAID)


def write(path: Path, said: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def changed(study: Path, **said: Any) -> Path:
    return write(study, {**SAID, **said})


def texts(study: Path) -> list[tuple[str, str]]:
    frame = read_corpus(study.parent / "corpora" / "study")
    return sorted(zip(frame["collection"], frame["text"], strict=True))


ALL = [("Viewers", "这么自由"), ("West", "really"), ("West", "so free"), ("West", "staged")]


def test_the_corpus_is_made_and_the_notebooks_run(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study)]) == 0
    assert "a.csv: " in capsys.readouterr().out
    assert texts(study) == ALL
    ((parameters, only),) = ran
    assert only == ["02-sentiment"]
    assert (parameters.min_count, Path(parameters.corpus)) == (5, study.parent / "corpora" / "study")
    assert Path(parameters.lexicons[0]).read_text(encoding="utf-8").startswith("term")
    frame = read_corpus(study.parent / "corpora" / "study")
    assert frame["region"].dropna().tolist() == ["辽宁"]
    assert set(frame["origin"]) == {"western", "chinese"}


def test_a_study_that_was_written_on_windows_runs_elsewhere(study: Path, ran: list[Any]) -> None:
    imports = [{**SAID["imports"][0], "files": ["exports\\*.csv"]}, {**SAID["imports"][1], "files": [".\\zh.csv"]}]
    study.write_text(yaml.safe_dump({**SAID, "imports": imports, "corpus": "made\\here"}), encoding="utf-8")
    assert main(["run", str(study)]) == 0
    assert len(read_corpus(study.parent / "made" / "here")) == 4
    assert len(ran) == 1


def test_what_has_not_changed_is_left_alone(study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    corpus = study.parent / "corpora" / "study"
    main(["run", str(study)])
    before = {path.name: path.read_bytes() for path in corpus.iterdir() if path.is_file()}
    capsys.readouterr()
    assert main(["run", str(study), "--only", "01-corpus", "--out", "there"]) == 0
    assert f"{corpus}: up to date" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in corpus.iterdir() if path.is_file()} == before
    assert (ran[1][0].out, ran[1][1]) == ("there", ["01-corpus"])


def test_another_file_comes_in_and_one_with_other_bytes_comes_anew(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", str(study)])
    (study.parent / "exports" / "a.csv").write_text("said,video\nso free!,v1\n", encoding="utf-8")
    (study.parent / "exports" / "c.csv").write_text("said,video\nnew,v9\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["run", str(study)]) == 0
    assert "a.csv: 2 rows of 1 file removed" in capsys.readouterr().out
    assert texts(study) == [("Viewers", "这么自由"), ("West", "new"), ("West", "so free!"), ("West", "staged")]
    assert sorted(file["name"] for file in read_info(study.parent / "corpora" / "study")["files"]) == [
        "a.csv",
        "b.csv",
        "c.csv",
        "zh.csv",
    ]
    assert len(ran) == 2


@pytest.mark.parametrize(
    "other",
    [{"vantage": "vlogger"}, {"collection": "Viewers 2"}, {"sources": None}, {"columns": {"text": "thread_id"}}],
)
def test_what_is_imported_otherwise_comes_anew(study: Path, ran: list[Any], other: dict[str, Any]) -> None:
    main(["run", str(study)])
    second = {**SAID["imports"][1], **other}
    changed(study, imports=[SAID["imports"][0], second])
    assert main(["run", str(study)]) == 0
    corpus = study.parent / "corpora" / "study"
    fresh = changed(study, corpus="corpora/fresh", imports=[SAID["imports"][0], second])
    assert main(["run", str(fresh)]) == 0
    assert read_corpus(corpus).equals(read_corpus(study.parent / "corpora" / "fresh"))
    assert len(ran) == 3


def test_one_file_may_be_in_two_collections_of_a_study(study: Path, ran: list[Any]) -> None:
    twice = [{"files": ["zh.csv"], "collection": name} for name in ("One", "Two")]
    changed(study, imports=twice)
    for _ in range(2):
        assert main(["run", str(study)]) == 0
        assert texts(study) == [("One", "这么自由"), ("Two", "这么自由")]
    assert len(ran) == 2


def test_a_file_that_cannot_be_imported_leaves_the_corpus_as_it_was(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", str(study)])
    for nothing, says in (
        ("said,video\n", "holds no row any more"),
        ("[]", "there is no such column"),
        ("", "any more"),
    ):
        (study.parent / "exports" / "a.csv").write_text(nothing, encoding="utf-8")
        assert main(["run", str(study)]) == 2
        assert texts(study) == ALL
        assert len(ran) == 1
        told = capsys.readouterr().err
        assert "a.csv" in told
        assert says in told


def test_files_that_the_study_does_not_name_are_not_removed(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", str(study)])
    changed(study, imports=SAID["imports"][:1])
    assert main(["run", str(study)]) == 2
    assert "holds 1 file that the study does not name: zh.csv" in capsys.readouterr().err
    assert texts(study) == ALL
    assert len(ran) == 1


def test_the_quotations_are_a_study_too(study: Path, ran: list[Any]) -> None:
    write(study, {"name": "Seeds", "corpus": "quotations", "out": "figures", "parameters": {"seed": 2}})
    assert main(["run", str(study)]) == 0
    ((parameters, only),) = ran
    assert (parameters.corpus, Path(parameters.out)) == ("quotations", study.parent / "figures")
    assert only == [book.stem for book in find_notebooks()]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"nam": "x"}, "study.yaml: 'nam' is not known (accepted: name, corpus, out, imports, parameters, notebooks)"),
        ({"name": None}, "'name' cannot be None"),
        ({"imports": []}, "there are no imports (accepted: imports, corpus: quotations)"),
        ({"corpus": "quotations"}, "the quotations take no imports"),
        ({"imports": [{"collection": "C"}]}, "study.yaml, imports, 1: 'files' is missing (accepted: files, collection"),
        ({"imports": [{"files": [], "collection": "C"}]}, "'files' cannot be [] (accepted: one at least)"),
        ({"imports": [{"files": "a", "collection": "C"}]}, "'files' cannot be 'a' (accepted: a list, [one, two])"),
        (
            {"imports": [{"files": ["a"], "collection": 25}]},
            "cannot be 25 (accepted: a text, in quotes if it is a number)",
        ),
        ({"notebooks": 3}, "'notebooks' cannot be 3 (accepted: a list, [one, two])"),
        ({"imports": [{"files": ["a"], "collection": "C", "vantag": "v"}]}, "imports, 1: 'vantag' is not known"),
        (
            {"imports": [{"files": ["a"], "collection": "C", "vantage": "tourist"}]},
            "'vantage' cannot be 'tourist' (accepted: western_commenter, chinese_viewer or vlogger)",
        ),
        ({"parameters": {"min_coun": 1}}, "unknown parameter 'min_coun'"),
        ({"parameters": {"corpus": "x"}}, "column corpus: is said beside the parameters"),
        ({"notebooks": ["02-mood"]}, "there is no notebook '02-mood'"),
        ({"imports": [{"files": ["none.csv"], "collection": "C"}]}, "none.csv"),
    ],
)
def test_what_is_not_accepted_is_refused_in_one_line(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str], said: dict[str, Any], told: str
) -> None:
    changed(study, **said)
    assert main(["run", str(study)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not ran


def test_every_word_that_an_import_takes_may_stand_in_a_study() -> None:
    taken = set(study_file.Import.model_fields)
    assert {"files", "collection", "columns", "where", "sources", "format", *study_file.CONSTANTS} <= taken
    assert not {"keep_speakers", "again", "rules"} & taken


def test_beside_a_study_no_other_corpus_or_parameter_is_given(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["--corpus", "x"], ["-p", "seed=2"]):
        assert main(["run", str(study), *more]) == 2
        assert "a study says its corpus and parameters itself" in capsys.readouterr().err
    assert main(["run", "--freeze"]) == 2
    assert not ran


# Frozen ---------------------------------------------------------------------------------------------------------------


def test_frozen_it_runs_as_it_was_and_is_not_frozen_twice(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study), "--freeze"]) == 0
    assert not ran
    frozen = yaml.safe_load((study.parent / "study.frozen.yaml").read_text(encoding="utf-8"))
    assert list(frozen["inputs"]) == ["exports/a.csv", "exports/b.csv", "mine.csv", "sources.yaml", "zh.csv"]
    assert frozen["parameters"]["min_count"] == 5
    assert frozen["software"]["vantage-study"]
    assert "claims.csv" in frozen["claims"]
    assert str(study.parent) not in (study.parent / "study.frozen.yaml").read_text(encoding="utf-8")
    assert main(["run", str(study)]) == 0
    assert main(["run", str(study), "--freeze"]) == 2
    assert "what was frozen stays" in capsys.readouterr().err
    assert len(ran) == 1


def test_what_differs_from_what_was_frozen_is_named_and_nothing_runs(
    study: Path, ran: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["run", str(study), "--freeze"])
    (study.parent / "exports" / "b.csv").unlink()
    (study.parent / "exports" / "c.csv").write_text("said,video\nx,v\n", encoding="utf-8")
    (study.parent / "mine.csv").write_text("term,score\nfree,2\n", encoding="utf-8")
    first, second = SAID["imports"]
    changed(study, parameters={"min_count": 6, "lexicons": ["mine.csv"]}, imports=[first, {**second, "kind": "post"}])
    monkeypatch.setattr(study_file, "version", lambda _: "9.9")
    capsys.readouterr()
    assert main(["run", str(study)]) == 2
    told = capsys.readouterr().err
    for each in (
        "inputs, exports/b.csv is gone",
        "inputs, exports/c.csv is new",
        "inputs, mine.csv is another",
        "parameters, min_count was 5, is 6",
        "imports, 2, Viewers is another",
        "is 9.9",
    ):
        assert each in told
    assert "exports/a.csv" not in told
    assert not ran
    assert not (study.parent / "corpora").exists()


@pytest.mark.parametrize("name", ["claims.csv", "concepts.csv"])
def test_claims_and_codebook_are_frozen(study: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    opened = OpenedFile(study)
    opened.freeze()
    real = study_file.file_hash
    monkeypatch.setattr(study_file, "file_hash", lambda path: "other" if path.name == name else real(path))
    with pytest.raises(VantageError, match=f"{name} is another"):
        opened.require_frozen()


def test_a_frozen_file_that_is_damaged_stops(study: Path) -> None:
    (study.parent / "study.frozen.yaml").write_text("[1, 2", encoding="utf-8")
    with pytest.raises(VantageError, match="is not what --freeze writes"):
        OpenedFile(study).require_frozen()
