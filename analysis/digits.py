"""Numbers without their last bits: what decides is compared, ranked and written in digits that machines share."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

#: Binary digits that count, some twelve decimal ones. Processors differ in the last of 53, sums in the last few.
_BITS = 40
#: Decimal digits that tables hold.
DIGITS = 8
#: What p and q are held against, and effective numbers of clusters.
_LEVEL, _FEW = 0.05, (5.0, 10.0)


def settled(values: npt.ArrayLike) -> np.ndarray:
    """Round floats to 40 significant binary digits, so that the processor's last bits decide nothing.

    numpy picks its vector code, and BLAS its order of summing, by the processor: the same logarithm or sum can end in
    another last bit elsewhere. Before a float is compared with a limit, ranked, binned, coloured or formatted, it is
    settled; so is the limit, unless it is a short binary fraction. The rounding itself is exact arithmetic.

    Parameters
    ----------
    values : array_like of float
        Any shape; missing and infinite values stay as they are.

    Returns
    -------
    numpy.ndarray of float64
        The same shape (a scalar gives an array of no dimension).

    Examples
    --------
    >>> bool(0.1 + 0.2 == 0.3), bool(settled(0.1 + 0.2) == settled(0.3))
    (False, True)

    """
    mantissa, exponent = np.frexp(np.asarray(values, dtype=float))
    return np.ldexp(np.rint(mantissa * 2.0**_BITS), exponent - _BITS)


def settled_one(value: float) -> float:
    """Round one finite float as :func:`settled` does, in a tenth of the time.

    Examples
    --------
    >>> settled_one(0.1 + 0.2) == settled_one(0.3), settled_one(-2.0)
    (True, -2.0)

    """
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(mantissa * 2.0**_BITS), exponent - _BITS)


def sure(p: float, digits: int = 2) -> str:
    """Write a p or q: with more digits where fewer would make it look like the level that it is held against.

    Examples
    --------
    >>> sure(0.0002), sure(0.016), sure(0.0495), sure(0.05003), sure(0.05)
    ('< .001', '= 0.016', '= 0.0495', '= 0.05003', '= 0.05')

    """
    value = float(settled(p))
    if value < settled(0.001):
        return "< .001"
    while digits < DIGITS and float(f"{value:.{digits}g}") == _LEVEL != value:
        digits += 1
    return f"= {value:.{digits}g}"


def fixed(value: float, how: str) -> str:
    """Write a number by a format with so many places: with one digit where all places of what is not 0 would be 0.

    The end of an interval tells by it on which side of 0 it lies.

    Examples
    --------
    >>> fixed(-0.1649, "+.2f"), fixed(-0.0004, "+.2f"), fixed(0.0, ".3f"), fixed(1234.5, ",.0f"), fixed(-1e-17, ".2f")
    ('-0.16', '-0.0004', '0.000', '1,234', '-1e-17')

    """
    value = float(settled(value)) + 0.0  # no -0
    text = f"{value:{how}}"
    return f"{value:{'+' if how.startswith('+') else ''}.1g}" if value and not text.strip("+-0.") else text


def effective(number: float) -> str:
    """Write an effective number of clusters: with more digits where one would make it look like enough.

    Examples
    --------
    >>> effective(21.66), effective(9.96), effective(4.996), effective(10), effective(1234.5)
    ('21.7', '9.96', '4.996', '10.0', '1,234.5')

    """
    value, digits = float(settled(number)), 1
    while digits < DIGITS and any(value < few <= round(value, digits) for few in _FEW):
        digits += 1
    return f"{value:,.{digits}f}"


def ratio(value: float, digits: int) -> str:
    """Write a ratio: with more digits where fewer would make it look like 1, which an interval holds or does not.

    Examples
    --------
    >>> ratio(2.345, 2), ratio(1.0004, 2), ratio(0.9996, 3), ratio(1, 2), ratio(123.4, 3)
    ('2.3', '1.0004', '0.9996', '1', '123')

    """
    value = float(settled(value))
    while digits < DIGITS and float(f"{value:.{digits}g}") == 1 != value:
        digits += 1
    return f"{value:.{digits}g}"


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Round floats to the :data:`DIGITS` digits that a CSV holds, so that a figure draws what the CSV says."""
    out = table.copy()
    for name in out.columns[[pd.api.types.is_float_dtype(kind) for kind in out.dtypes]]:
        out[name] = [float(f"{value:.{DIGITS}g}") for value in settled(out[name]).tolist()]
    return out
