"""Entries of a file, with their types checked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..formula import CheckError
from .cover import Rejected
from .polynomial import Terms
from .tree import read, value_of

MOST = 100
"""Parts of a step, at most."""


def field(data: object, key: str, *kinds: type) -> Any:
    """An entry of a step with its type checked."""
    if not isinstance(data, dict) or key not in data:
        raise CheckError(f"{key}: missing")
    if type(data[key]) not in kinds:
        raise CheckError(f"{key}: {ascii(data[key])[:40]} has the wrong type")
    return data[key]


def parts(step: object, least: int, most: int | None = None) -> list[Any]:
    """The parts of a step, as many as its rule needs."""
    found: list[Any] = field(step, "parts", list)
    if not least <= len(found) <= (least if most is None else most):
        raise Rejected(f"a step rests on {len(found)} parts")
    return found


def rational(text: object) -> Fraction:
    """An exact number from its text."""
    value = value_of(read(text, {}))
    if value is None:
        raise CheckError(f"{ascii(text)[:40]} is not a rational number")
    return value


def terms_of(data: list[Any], count: int) -> Terms:
    """``[[coefficient, [exponent, …]], …]`` as a polynomial."""
    found: Terms = {}
    for item in data:
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[1], list) and len(item[1]) == count):
            raise CheckError("terms: [coefficient, [exponents]] is expected")
        if not all(type(e) is int and 0 <= e <= 100 for e in item[1]) or tuple(item[1]) in found:
            raise CheckError("terms: exponents are whole numbers up to 100, each list once")
        found[tuple(item[1])] = rational(item[0])
    if not found:
        raise CheckError("terms: none")
    return found
