"""Parameters, runner, manifest, drift check: what makes the notebooks a study."""

from analysis.study.session import Study, open_study

__all__ = ["Study", "open_study"]
