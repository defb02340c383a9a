"""An arithmetic whose last bits cannot be relied on; Python imports this first where the folder is on ``PYTHONPATH``.

Every result of numpy's ``log, log1p, log2, log10, exp, expm1, sqrt, power, tanh, sum, dot, mean`` (methods of arrays
too), of ``**`` and ``@`` in the project's own code, and of ``math`` and ``scipy.special`` is moved by a unit or two in
the last place, up or down at random. Processors, BLAS kernels and mathematical libraries differ by about that. What is
exact everywhere is left alone: zero, whole numbers, and sums and products of whole numbers.

``VANTAGE_LAST_BITS`` seeds it; without it nothing is moved.
"""

from __future__ import annotations

import ast
import functools
import importlib.abc
import importlib.machinery
import math
import os
import sys

SEED = os.environ.get("VANTAGE_LAST_BITS")

if SEED:
    import numpy as np
    import scipy.special
    from numpy._core import _methods

    RNG = np.random.default_rng(int(SEED))
    FACTORS = np.array([1 - 2.0**-52, 1 + 2.0**-52])
    MULTIPLY, RINT, IS_WHOLE = np.multiply, np.rint, np.equal

    def moved(result):
        """Move floats by a unit or two in the last place; leave anything else, and zero, alone."""
        if type(result) is float:
            return result * float(FACTORS[RNG.integers(2)])
        kind = getattr(result, "dtype", None)
        if kind is None or getattr(kind, "kind", "") != "f" or hasattr(result, "tocsr"):
            return result
        return result * FACTORS.astype(kind)[RNG.integers(2, size=result.shape)]

    def whole(*values):
        """Tell whether sums of these are exact everywhere."""
        for value in values:
            data = np.asarray(getattr(value, "data", value) if hasattr(value, "tocsr") else value)
            if data.dtype.kind not in "iub" and (data.dtype.kind != "f" or not IS_WHOLE(RINT(data), data).all()):
                return False
        return True

    class Moving:
        """A function whose results are moved unless they are exact for these arguments."""

        def __init__(self, function, exact=lambda *_: False):
            functools.update_wrapper(self, function)
            self._function, self._exact = function, exact

        def __call__(self, *args, **options):
            result = self._function(*args, **options)
            if self._exact(*args):
                return result
            if options.get("out") is not None:
                out = options["out"][0] if isinstance(options["out"], tuple) else options["out"]
                out[...] = moved(out)
                return out
            return moved(result)

        def __getattr__(self, name):
            method = getattr(self._function, name)
            return Moving(method) if name == "outer" else method

    def power(base, exponent):
        """Stand for ``**``."""
        result = base**exponent
        return result if whole(base, exponent) else moved(result)

    def product(left, right):
        """Stand for ``@``."""
        result = left @ right
        if hasattr(result, "tocsr"):
            if result.dtype.kind == "f" and not whole(left, right):
                result.data = moved(result.data)
            return result
        return result if whole(left, right) else moved(result)

    for _name in ("log", "log1p", "log2", "log10", "exp", "expm1", "sqrt", "power", "tanh"):
        setattr(np, _name, Moving(getattr(np, _name)))
    for _name in ("mean", "average", "std", "var"):
        setattr(np, _name, Moving(getattr(np, _name)))
    np.sum = Moving(np.sum, lambda values, *_: whole(values))
    for _name in ("dot", "einsum"):
        setattr(np, _name, Moving(getattr(np, _name), lambda *values: whole(*values[-2:])))
    _methods.umr_sum = Moving(_methods.umr_sum, lambda values, *_: whole(values))
    for _name in ("log", "log1p", "log2", "log10", "exp", "expm1", "sqrt", "sin", "cos", "tan", "atan2", "hypot"):
        setattr(math, _name, Moving(getattr(math, _name)))
    for _name in dir(scipy.special):
        if isinstance(getattr(scipy.special, _name), np.ufunc):
            setattr(scipy.special, _name, Moving(getattr(scipy.special, _name)))

    class Rewrite(ast.NodeTransformer):
        """Put calls in the place of ``**`` and ``@``, which no patch of numpy reaches."""

        NAMES = {ast.Pow: "power", ast.MatMult: "product"}  # noqa: RUF012

        def visit_BinOp(self, node):
            self.generic_visit(node)
            name = self.NAMES.get(type(node.op))
            if name is None:
                return node
            module = ast.Call(ast.Name("__import__", ast.Load()), [ast.Constant("sitecustomize")], [])
            return ast.Call(ast.Attribute(module, name, ast.Load()), [node.left, node.right], [])

    class Loader(importlib.machinery.SourceFileLoader):
        """Load a module of the project rewritten, and keep no bytecode of it."""

        def get_code(self, fullname):
            tree = Rewrite().visit(ast.parse(self.get_data(self.path), self.path))
            return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    class Finder(importlib.abc.MetaPathFinder):
        """Find the project's own modules before anybody else does."""

        def find_spec(self, fullname, path=None, target=None):
            if fullname.partition(".")[0] != "analysis":
                return None
            for other in sys.meta_path:
                spec = None if other is self else other.find_spec(fullname, path, target)
                if spec is not None:
                    if isinstance(spec.loader, importlib.machinery.SourceFileLoader):
                        spec.loader = Loader(spec.loader.name, spec.loader.path)
                    return spec
            return None

    sys.meta_path.insert(0, Finder())
