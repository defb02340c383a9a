"""NLTK's lists and patterns, defined as its own source defines them, without the rest of NLTK.

``import nltk`` loads scipy, scikit-learn and hundreds of modules: 1.6 seconds and 110 MB of every process that
measures, for a few lists and patterns. Here the statements that define them are taken out of the installed package and
run alone.
"""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType, SimpleNamespace

import regex

from analysis import paths


@cache
def definitions(module: str, *names: str) -> SimpleNamespace:
    """Return what statements at the top of a module of NLTK define.

    Parameters
    ----------
    module : str
        Its file within the package, such as ``sentiment/vader.py``.
    *names : str
        Of constants and classes; what they are made of must be among them.

    Raises
    ------
    AttributeError
        When a name is asked for that the module does not define.

    """
    path = paths.package_file("nltk", f"nltk/{module}")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not _names(node).isdisjoint(names)]
    defined = {"re": re, "redos": _redos(), "regex": regex, "string": string, "__name__": f"nltk.{path.stem}"}
    exec(compile(tree, str(path), "exec"), defined)  # noqa: S102  as importing the module would
    return SimpleNamespace(**defined)


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


@cache
def _redos() -> ModuleType:
    """Return the module that NLTK compiles its patterns with; it needs no other of NLTK."""
    spec = spec_from_file_location("nltk_redos", paths.package_file("nltk", "nltk/redos.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
