"""What a run replaces is what a run made; figures are the old or the new ones; a manifest says the truth of each."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import nbformat
import papermill
import pyarrow.parquet as pq
import pytest
from helpers import snapshot
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis import disk, paths
from analysis.cli import main
from analysis.corpus import ImportOptions, import_files, read_info
from analysis.errors import InputError, NotebookError, ParameterError
from analysis.measure import cache
from analysis.parameters import Parameters
from analysis.study import check, runner
from analysis.study import study as opened_study
from analysis.study.manifest import MANIFEST, read_manifest
from analysis.study.parameters import find_notebooks
from analysis.study.runner import Ran, run_study


class Study:
    """Stands in for the kernels: each notebook writes one figure, of what it was told."""

    def __init__(self, out: Path) -> None:
        """Name the folder of the figures."""
        self.out, self.text, self.paper, self.during = out, "one", "methods", lambda: None
        self.told: list[Path] = []

    def execute(self, notebook: str, output: str, *, parameters: dict[str, object], **_: object) -> None:
        """Do what a kernel would leave behind."""
        number = Path(notebook).name[:2]
        if number == "01":
            self.during()
        cell = new_code_cell("x", execution_count=1, outputs=[new_output("stream", text=f"{self.text} {number}")])
        nbformat.write(new_notebook(cells=[cell]), output)
        folder = Path(str(parameters["out"]))
        folder.mkdir(exist_ok=True)
        (folder / f"{number}-figure.csv").write_text(self.text, encoding="utf-8")

    def write(self, _study: object, figures: Sequence[Path], folder: Path) -> None:
        """Leave a text for a paper."""
        self.told = list(figures)
        folder.mkdir()
        (folder / f"{self.paper}.md").write_text(self.text, encoding="utf-8")

    def run(self, *only: str, **parameters: object) -> Ran:
        """Run it."""
        return run_study(Parameters(out=str(self.out), **parameters), only, quiet=True)


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Study]:
    """Replace papermill, the measuring and the report, which reads what was measured."""
    stand_in = Study(tmp_path / "out")
    monkeypatch.setattr(papermill, "execute_notebook", stand_in.execute)
    monkeypatch.setattr(runner, "measure_corpus", lambda *_, **__: tmp_path / "measured")
    monkeypatch.setattr(runner, "_write_report", lambda out, *_: out / "report.html")
    monkeypatch.setattr(runner, "open_study", lambda **_: None)
    monkeypatch.setattr(runner, "write_paper", stand_in.write)
    return stand_in


def test_texts_for_a_paper_are_replaced_unless_somebody_wrote_in_them(study: Study) -> None:
    study.run()
    paper = study.out / "paper"
    assert sorted(path.name for path in paper.iterdir()) == ["files.json", "methods.md"]
    study.text, study.paper = "two", "results"
    study.run()
    assert sorted(path.name for path in paper.iterdir()) == ["files.json", "results.md"]
    (paper / "results.md").write_text("mine", encoding="utf-8")
    (paper / "notes.md").write_text("mine", encoding="utf-8")
    before = snapshot(study.out)
    with pytest.raises(InputError, match=r"paper/results\.md: changed since 'vantage run' made it"):
        study.run()
    assert snapshot(study.out) == before
    (paper / "results.md").unlink()
    study.paper = "notes"
    with pytest.raises(InputError, match=r"paper/notes\.md: is not of 'vantage run'"):
        study.run()
    (paper / "files.json").write_text('["methods.md"]', encoding="utf-8")
    study.paper = "other"
    study.run()
    assert (paper / "notes.md").read_text(encoding="utf-8") == "mine"


def test_a_paper_speaks_of_an_earlier_runs_tables_only_where_they_were_made_from_the_same(study: Study) -> None:
    study.run()
    assert study.out not in study.told  # nothing was there
    study.run("02-sentiment")
    assert study.told[-1] == study.out
    study.run("02-sentiment", weighting="cluster")
    assert study.out not in study.told  # the others are of another weighting
    study.run("02-sentiment", weighting="cluster")
    assert study.out not in study.told  # and are still


# Other people's files -------------------------------------------------------------------------------------------------


def test_what_the_run_did_not_make_stays_and_is_named(study: Study, caplog: pytest.LogCaptureFixture) -> None:
    mine = ("02-my-interviews.csv", "03-photo.png", "failed/a.txt", "notebooks/mine.ipynb", ".vantage-x/a", "a.csv")
    for name in mine:
        (study.out / name).parent.mkdir(parents=True, exist_ok=True)
        (study.out / name).write_text("mine", encoding="utf-8")
    before = snapshot(study.out)
    for text in ("one", "two"):
        study.text = text
        caplog.clear()
        study.run()
        assert before.items() <= snapshot(study.out).items()
        named = ".vantage-x, 02-my-interviews.csv, 03-photo.png, a.csv, failed"
        assert caplog.messages == [f"{study.out}: not of 'vantage run', left alone: {named}"]
    assert not set(mine) & set(read_manifest(study.out)["figures"])
    assert (study.out / "01-figure.csv").read_text(encoding="utf-8") == "two"


def edit(path: Path) -> None:
    """Change a file as somebody would who opened it."""
    if path.suffix == ".ipynb":
        book = nbformat.read(path, as_version=4)
        book.cells[0].source = "my notes"
        nbformat.write(book, path)
    else:
        path.write_text("{}", encoding="utf-8")


@pytest.mark.parametrize("name", ["01-figure.csv", "notebooks/01-corpus.ipynb", MANIFEST])
def test_what_somebody_changed_is_not_replaced_and_no_kernel_starts(
    study: Study, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def start(*_: object, **__: object) -> NoReturn:
        pytest.fail("a kernel was started")

    study.run()
    edit(study.out / name)
    before = snapshot(study.out)
    monkeypatch.setattr(papermill, "execute_notebook", start)
    with pytest.raises(InputError, match=f"{name}: .*move it elsewhere"):
        study.run()
    assert snapshot(study.out) == before


def test_a_file_of_a_new_figures_name_is_not_replaced(study: Study) -> None:
    study.out.mkdir()
    (study.out / "04-figure.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"04-figure.csv: is not of 'vantage run', which would write a file"):
        study.run()
    assert snapshot(study.out) == {"04-figure.csv": b"mine"}


def test_a_notebook_that_was_opened_and_saved_is_still_the_runs(study: Study) -> None:
    path = study.run().notebooks / "01-corpus.ipynb"
    book = nbformat.read(path, as_version=4)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
    nbformat.write(book, path)
    study.text = "two"
    study.run()
    assert "two 01" in path.read_text(encoding="utf-8")


def test_a_failed_copy_of_somebody_elses_stays(study: Study) -> None:
    def fail() -> NoReturn:
        message = "01-corpus, cell 1: KeyError: x"
        raise NotebookError(message)

    kept = study.out / "failed" / "01-corpus.ipynb"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine", encoding="utf-8")
    study.during = fail
    with pytest.raises(NotebookError):
        study.run()
    study.during = lambda: None
    study.run()
    assert kept.read_text(encoding="utf-8") == "mine"


def test_the_copy_of_another_notebook_that_failed_is_a_runs_own(study: Study, caplog: pytest.LogCaptureFixture) -> None:
    ran = study.run("01-corpus")
    (study.out / "failed").mkdir()
    shutil.copy(ran.notebooks / "01-corpus.ipynb", study.out / "failed")
    caplog.clear()
    study.run("02-sentiment")
    assert (study.out / "failed" / "01-corpus.ipynb").is_file()
    assert not caplog.messages


# Killed while figures are moved ---------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_killed_while_figures_are_moved_the_set_is_the_old_or_the_new_one_once_mended(
    study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    study.run()
    old = snapshot(study.out)
    study.text = "two"
    study.out = study.out.with_name("whole")
    study.run()
    new, real = snapshot(study.out), os.replace
    monkeypatch.setattr(check, "run_study", lambda *_, **__: None)
    monkeypatch.setattr(check, "compare_folders", lambda *_, **__: [])
    seen, begun = [], study.out.parent
    for after in range(20):
        study.out = begun / f"killed-{after}"
        for name, content in old.items():
            (study.out / name).parent.mkdir(parents=True, exist_ok=True)
            (study.out / name).write_bytes(content)
        child = os.fork()
        if child == 0:
            left = after

            def replace(source: Path, final: Path) -> None:
                nonlocal left
                left -= len(Path(final).relative_to(study.out).parts) < 3  # the moves into place, and their journal
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                real(source, final)

            os.replace = replace
            study.run()
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            break
        caplog.clear()
        # Either command mends it.
        if after % 2:
            assert main(["check", "--against", str(study.out)]) == 0
        else:
            study.run()
        found = snapshot(study.out)
        if after % 2 == 0:
            assert found == new
        assert {name: found[name] for name in old} in (old, new)
        told = f"{study.out}: finished what a command that was broken off had begun to put in place"
        assert caplog.messages == ([told] if after else [])
        seen.append(found == new)
    assert after == 18  # a journal, seven figures, seven notebooks, a text and the list of it, a manifest
    assert seen[1:] == [True] * 17


# Parameters -----------------------------------------------------------------------------------------------------------


def test_a_manifest_says_with_what_each_notebooks_figures_were_made(study: Study) -> None:
    study.run(weighting="cluster")
    assert "earlier" not in read_manifest(study.out)
    study.run("02-sentiment", "03-vocabulary")
    manifest = read_manifest(study.out)
    assert manifest["parameters"]["weighting"] == "utterance"
    assert sorted(manifest["earlier"]) == ["00-overview", "01-corpus", "04-concepts", "05-robustness", "06-claims"]
    for differs in manifest["earlier"].values():
        assert set(differs) == {"parameters", "parameters_hash"}
        assert differs["parameters"]["weighting"] == "cluster"
    study.run("04-concepts", weighting="cluster")
    manifest = read_manifest(study.out)
    assert manifest["parameters"]["weighting"] == "cluster"
    assert sorted(manifest["earlier"]) == ["02-sentiment", "03-vocabulary"]
    study.run()
    assert "earlier" not in read_manifest(study.out)


def test_a_manifest_says_of_what_corpus_data_and_notebook_each_figure_was_made(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("text\nso\n", encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "mine", ImportOptions("Test"))
    with monkeypatch.context() as patch:
        patch.setattr(paths, "LOCK", tmp_path / "a.csv")
        study.run(corpus=str(tmp_path / "mine"))
    study.run("00-overview", "01-corpus", "02-sentiment", "03-vocabulary", "04-concepts", "05-robustness")
    manifest = read_manifest(study.out)
    assert manifest["corpus"]["name"] == "quotations"
    (differs,) = manifest["earlier"].values()
    assert set(differs) == {"corpus", "lock"}
    assert differs["corpus"] == {"name": "mine", "content": read_info(tmp_path / "mine")["content"]}
    with pytest.raises(InputError, match="holds the figures of 'mine'"):
        check.check_figures(study.out, quiet=True)


def test_a_check_makes_each_figure_with_its_own_parameters(study: Study) -> None:
    study.run(min_count=7)
    study.run("02-sentiment")
    assert check.check_figures(study.out, quiet=True) == []
    manifest = read_manifest(study.out)
    manifest["earlier"]["06-claims"]["parameters"]["draws"] = 999
    (study.out / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (line,) = check.check_figures(study.out, quiet=True)
    assert line.startswith("manifest.json: earlier, 06-claims: committed ")


def test_the_run_of_any_corpus_is_checked_where_its_corpus_is_at_hand(study: Study, corpus: Path) -> None:
    home = corpus.parent
    study.out = home / "runs" / "mine"
    study.run("02-sentiment", "03-vocabulary", corpus=str(corpus), min_count=5)
    study.run("03-vocabulary", corpus=str(corpus))
    before = snapshot(study.out)
    with pytest.raises(InputError, match=r"'mine', whose corpus is not at hand \(accepted: --corpus DIR"):
        check.check_figures(study.out, quiet=True)
    assert check.check_figures(study.out, corpus, quiet=True) == []
    shutil.copytree(corpus, home / "corpora" / "mine")
    # Notebooks that left nothing in the folder are not run.
    assert check.check_figures(study.out, quiet=True) == []
    assert main(["check", "--quiet", "--against", str(study.out), "--corpus", str(corpus)]) == 0
    assert snapshot(study.out) == before
    study.text = "two"
    found = check.check_figures(study.out, quiet=True)
    assert [line.partition(",")[0] for line in found] == ["02-figure.csv", "03-figure.csv"]
    grow(corpus)
    with pytest.raises(InputError, match=r"is not the corpus that .* was made from: its content was"):
        check.check_figures(study.out, corpus, quiet=True)


def test_a_check_finds_the_users_own_files_as_they_were(study: Study, corpus: Path) -> None:
    own = corpus.parent / "words.csv"
    own.write_text("term,score\ngood,2\nbad,-2\n", encoding="utf-8")
    study.run("02-sentiment", corpus=str(corpus), lexicons=[str(own)])
    assert check.check_figures(study.out, corpus, quiet=True) == []
    own.write_text("term,score\ngood,2\nbad,-1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"was made with 'words\.csv', which is not at hand as it was"):
        check.check_figures(study.out, corpus, quiet=True)


def test_other_parameters_do_not_go_to_the_committed_figures(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FIGURES", "RUNS"):
        monkeypatch.setattr(paths, name, tmp_path / name.lower())
    for given in (["-p", "node=freedom", "-p", "draws=99"], ["-p", "lines=0", "--only", "01-corpus"]):
        assert main(["run", "--quiet", *given]) == 2
        assert "the default parameters; with another" in capsys.readouterr().err
    with pytest.raises(ParameterError, match=r"with another weighting, node say where to \(accepted: --out DIR\)"):
        run_study(Parameters(node=["x"], weighting="likes"))
    assert list(tmp_path.iterdir()) == []
    for given in (["--only", "01-corpus"], ["-p", "node=freedom,staged"]):
        assert main(["run", "--quiet", *given]) == 0
    assert study.run(node=["x"]).figures == study.out
    assert opened_study.default_out("quotations") == tmp_path / "runs" / "quotations" / "by-hand"
    assert opened_study.default_out("corpora/mine") == tmp_path / "runs" / "mine" / "by-hand"


# What a run opened ----------------------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of two rows."""
    (tmp_path / "a.csv").write_text("text\nso free\nso what\n", encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "mine", ImportOptions("Test"))
    return tmp_path / "mine"


def grow(corpus: Path) -> None:
    """Import twice: the tables that a run has opened are gone from the folder then."""
    for number in range(2):
        file = corpus.parent / f"{len(read_info(corpus)['files'])}-{number}.csv"
        file.write_text(f"text\n{file.name}\n", encoding="utf-8")
        import_files([file], corpus, ImportOptions("Test"))


def test_imports_during_a_run_do_not_reach_it(study: Study, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, seen = read_info(corpus)["content"], []
    monkeypatch.setattr(runner, "measure_corpus", MEASURE)

    def during() -> None:
        grow(corpus)
        opened = opened_study.open_study(corpus=str(seen[0]), out=str(study.out))
        seen.append(len(opened.with_text(opened.measures)))

    real = study.execute

    def execute(*arguments: str, parameters: dict[str, object], **named: object) -> None:
        seen.append(parameters["corpus"])
        real(*arguments, parameters=parameters, **named)

    monkeypatch.setattr(papermill, "execute_notebook", execute)
    study.during = during
    run_study(Parameters(out=str(study.out), corpus=str(corpus)), ["01-corpus"], quiet=True)
    assert seen[1:] == [2]
    assert read_info(corpus)["rows"] == 4
    assert read_manifest(study.out)["corpus"]["content"] == content != read_info(corpus)["content"]


MEASURE = runner.measure_corpus


def test_a_table_that_is_edited_during_a_run_is_noticed(study: Study, corpus: Path) -> None:
    def during() -> None:
        with (corpus / read_info(corpus)["table"]).open("ab") as file:
            file.write(b"x")

    study.during = during
    with pytest.raises(InputError, match=r"mine/corpus-[^/]*parquet: is damaged, or was changed after the import"):
        study.run(corpus=str(corpus))
    assert not study.out.exists()


def test_a_corpus_on_a_read_only_disk_is_measured_elsewhere(
    study: Study, corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root may write anywhere: the system calls answer as they do on such a disk."""
    before = snapshot(corpus)

    def refusing(real):
        def call(path, *arguments, **named):
            if str(path).startswith(str(corpus)) and (real is not os.open or arguments[0] & os.O_CREAT):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return real(path, *arguments, **named)

        return call

    for name in ("mkdir", "open", "link"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    monkeypatch.setattr(runner, "measure_corpus", MEASURE)
    study.run(corpus=str(corpus))
    assert len(opened_study.open_study(corpus=str(corpus), out=str(study.out)).measures) == 2
    assert snapshot(corpus) == before
    assert main(["measure", "--corpus", str(corpus)]) == 2
    assert "Read-only file system" in capsys.readouterr().err


def test_a_corpus_without_rows_says_so(study: Study, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    table = corpus / info["table"]
    pq.write_table(pq.read_table(table).slice(0, 0), table)
    content = hashlib.sha256(table.read_bytes()).hexdigest()
    (corpus / "corpus.json").write_text(json.dumps({**info, "rows": 0, "content": content}), encoding="utf-8")
    monkeypatch.setattr(runner, "measure_corpus", MEASURE)
    with pytest.raises(InputError, match="mine: the corpus has no rows: nothing was imported into it"):
        study.run(corpus=str(corpus))
    assert not study.out.exists()


def test_other_folders_beside_the_measures_stay(corpus: Path) -> None:
    mine = {"measured/archive/a.csv": b"mine", "measured/abc/made.json": b"{}", "measured/abc/a": b"mine"}
    for name, content in mine.items():
        (corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (corpus / name).write_bytes(content)
    first = cache.measured_files(corpus).measures.parent
    (first.parent / ".vantage-left").mkdir()
    cache.measured_files(corpus)
    assert not (first.parent / ".vantage-left").exists()
    (first / "notes.txt").write_text("mine", encoding="utf-8")
    grow(corpus)
    second = cache.measured_files(corpus).measures.parent
    assert first.is_dir()
    (first / "notes.txt").unlink()
    grow(corpus)
    cache.measured_files(corpus)
    assert not first.exists()
    assert not second.exists()
    assert mine.items() <= snapshot(corpus).items()


def test_a_full_disk_in_a_notebook_names_the_folder_and_leaves_nothing(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    study.during = full
    assert main(["run", "--quiet", "--out", str(study.out)]) == 2
    assert capsys.readouterr().err == f"vantage: {study.out}: No space left on device\n"
    assert not study.out.exists()


def test_what_a_killed_run_left_is_swept(study: Study) -> None:
    study.out.mkdir()
    seen: list[bool] = []
    with disk.scratch(study.out) as living:
        dead = study.out / ".vantage-dead"
        dead.mkdir()
        (dead / "owner").write_bytes((living / "owner").read_bytes())
        (dead / "quoted.csv").write_text("lines", encoding="utf-8")
        study.during = lambda: seen.append(dead.exists())
        study.run()
        assert seen == [False]
        assert living.exists()
    assert {path.stem for path in find_notebooks()} == {path.stem for path in (study.out / "notebooks").iterdir()}
