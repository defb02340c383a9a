"""Parameters, runner, manifest, drift check: what makes the notebooks a study."""

from analysis.study.study import Study, file_name, open_study

__all__ = ["Study", "file_name", "open_study"]
