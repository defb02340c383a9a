"""One HTML page of a run, which can be read offline, sent and printed: what the run left, and an explorer of it."""

from __future__ import annotations

from pathlib import Path

from analysis import disk, paths
from analysis.errors import InputError, VantageError
from analysis.study.manifest import found_parameters, read_manifest
from analysis.study.placing import REPORT, notebooks_of, require_report, sealed_report
from analysis.study.report_explorer import VOCABULARY, make_explorer
from analysis.study.report_page import Run, make_page
from analysis.study.study import Study, open_study, run_folder

OTHER_RUN = (
    f"{VOCABULARY} is of an earlier run, with other parameters or another corpus; vantage report opens that for its "
    "lines, if it is at hand."
)


def report_run(out: Path | None = None, corpus: Path | None = None) -> Path:
    """Write the page of a run that was made before.

    Parameters
    ----------
    out : Path, optional
        The folder of its figures; default: ``figures/``, or of a corpus ``runs/<its name>/``.
    corpus : Path, optional
        Where its corpus is; default: as `analysis.study.check.check_figures` looks for it. Without it, or if it is not
        what it was, the page has no lines and says so.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If the folder is not of a run, or the page there is not as a run left it.

    """
    figures = out or (run_folder(str(corpus)) if corpus else paths.FIGURES)
    disk.mend_pending(figures)
    manifest = read_manifest(figures)
    require_report(figures)
    study, why = None, ""
    try:
        made = {**manifest, **manifest.get("earlier", {}).get(VOCABULARY, {})}
        study = open_study(**found_parameters(made, figures, corpus))
    except VantageError as error:
        why = str(error)
    return write_report(figures, study, why)


def write_report(figures: Path, study: Study | None, why: str = "") -> Path:
    """Write the page of a run beside its executed notebooks.

    Parameters
    ----------
    figures : Path
        The folder of a run's figures.
    study : Study, optional
        The study as notebook 03 opened it: the page's lines are its. Without it there are none.
    why : str
        Why there is none.

    Returns
    -------
    Path
        ``report.html``.

    """
    run = Run(figures, notebooks_of(figures), read_manifest(figures))
    if not any(run.notebooks.glob("*.ipynb")):
        accepted = [f"a folder that 'vantage run' made, with {run.notebooks}"]
        raise InputError("has no executed notebooks", file=figures, accepted=accepted)
    page = make_page(run, lambda: make_explorer(run, study, why))
    place = run.notebooks.parent / REPORT
    with disk.locked(place.parent):
        require_report(figures)
        disk.write_text(place, sealed_report(page))
    return place
