"""nbformat without a grammar that no notebook needs.

nbformat imports jsonschema, and that imports ``rfc3987_syntax`` where it is installed (JupyterLab brings it along). As
it is imported it builds a parser for internationalised addresses, which takes two seconds of every run and of every
test worker; the schema of notebooks asks for no such address, and jsonschema does without where it is missing.
"""

from __future__ import annotations

import sys

_GRAMMAR = "rfc3987_syntax"

_known = sys.modules.get(_GRAMMAR)
if _known is None:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  to Python: it cannot be imported
try:
    import nbformat
finally:
    if _known is None:
        del sys.modules[_GRAMMAR]

__all__ = ["nbformat"]
