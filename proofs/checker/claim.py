"""What a certificate says: the JSON, read with every type, sign and size checked.

Notation: the box is Π [a_i, a_i + s_i], h_i = s_i/P_i, κ_i = R_i h_i², and the centres are a + (k + ½)h with
k = −pad … P − 1 + pad. F is the softmax average of the values y_k there: f itself, or outside the box, with padding
"clip", f(π) + ∇f(π)·(v − π), π the nearest point of the box. Numbers are exact strings: "0.01", "1/3", "pi/2".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb

from .ball import ball
from .formula import CheckError, Tape, tree_of

FORMAT = "attain-certificate/1"
CELL_LIMIT, AXIS_LIMIT, SIZE_LIMIT = 4_000_000, 64, 10**300
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]{0,63}")
_SECTIONS = ("target", "design", "regularity", "sup_error")
_WORDS = {"bound": ("published", "sharp", "smooth"), "norm": ("l1", "l2", "linf"), "padding": ("extend", "clip")}


class Claim:
    """The claims of a certificate; box and hull as lower ends and lengths of the sides.

    Raises CheckError, in one line, if `data` is not a certificate.
    """

    def __init__(self, data: object) -> None:
        if _field(data, "format", str) != FORMAT:
            raise CheckError(f"format: {FORMAT!r} is expected")
        target, design, sup, known = (
            _field(data, key, dict) for key in ("target", "design", "sup_error", "regularity")
        )
        self.tape = _formula(target)
        self.N = self.tape.N
        self.low, self.side = _sides(_field(target, "box", list), self.N, "box")
        self.eps = _positive(_field(data, "eps", str), "eps")
        self.lipschitz = {_word("norm", n): ball(_positive(L, n)) for n, L in _field(known, "lipschitz", dict).items()}
        self.axes = _axes(known, self.N)
        self.hessian, self.osc = _optional(known, "hessian"), _optional(known, "osc")
        hull = _field(known, "hull", list, type(None))
        self.hull = None if hull is None else _sides(hull, self.N, "hull")
        by_axis = _field(design, "norm", str) == "axes"
        words = design | {"norm": "l1"} if by_axis else design
        self.kind, self.norm, padding = (_word(key, _field(words, key, str)) for key in _WORDS)
        if by_axis and (self.axes is None or self.kind != "sharp"):
            raise CheckError("norm: axes goes with the sharp bound and regularity.axes")
        self.by_axis = by_axis
        self.P, self.pad, self.clip = *_grid(design, self.N), padding == "clip"
        self.h = [s / p for s, p in zip(self.side, self.P, strict=True)]
        kappa, self.R = (_optional(design, key) for key in ("kappa", "R"))
        if (kappa is None) == (self.R is None):
            raise CheckError("kappa, R: exactly one must be given")
        self.kappa = [self.R * h * h if kappa is None else kappa for h in self.h]
        self.bound, self.lower, self.upper = (
            _within(_field(where, key, str), key, SIZE_LIMIT)
            for where, key in ((data, "bound"), (sup, "lower"), (sup, "upper"))
        )
        shares = _field({"at_share": None} | sup, "at_share", list, type(None))
        self.share = None if shares is None else [_within(t, "at_share", 1) for t in shares]
        if self.share is not None and len(self.share) != self.N:
            raise CheckError("at_share: one share for each variable is expected")
        self.holds: bool | None = _field(data, "holds", bool, type(None))


def _field(data: object, key: str, *kinds: type) -> Any:
    if not isinstance(data, dict) or key not in data:
        raise CheckError(f"{key}: missing")
    if type(data[key]) not in kinds:
        raise CheckError(f"{key}: {ascii(data[key])[:40]} has the wrong type")
    return data[key]


def _constant(data: object, what: str) -> Fraction | arb:
    """An exact constant, from its text or its tree."""
    try:
        tape = Tape((), tree_of(data, ()) if isinstance(data, str) else data)
    except CheckError as error:
        raise CheckError(f"{what}: {error}") from None
    head, _, value = tape.nodes[tape.root]
    found = value if head == "number" else tape.run([], 0).value
    if isinstance(found, arb) and not found.is_finite():
        raise CheckError(f"{what}: not a finite number")
    return found


def _positive(data: object, what: str) -> Fraction | arb:
    value = _constant(data, what)
    if not ball(value) > 0:
        raise CheckError(f"{what}: {ascii(data)[:40]} is not positive")
    return value


def _optional(data: object, key: str) -> arb | None:
    text = _field(data, key, str, type(None))
    return None if text is None else ball(_positive(text, key))


def _axes(known: object, N: int) -> list[arb] | None:
    """One Lipschitz constant for each axis, where they are given."""
    texts = _field({"axes": None} | known if isinstance(known, dict) else known, "axes", list, type(None))
    if texts is None:
        return None
    if len(texts) != N:
        raise CheckError("axes: one Lipschitz constant for each variable is expected")
    return [ball(_positive(text, "axes")) for text in texts]


def _within(data: object, what: str, most: int) -> Fraction:
    value = _constant(data, what)
    if not isinstance(value, Fraction) or not 0 <= value <= most:
        raise CheckError(f"{what}: {ascii(data)[:40]} is not a rational number from 0 to {float(most):g}")
    return value


def _word(key: str, word: str) -> str:
    if word not in _WORDS[key]:
        raise CheckError(f"{key}: {ascii(word)[:40]} cannot be re-checked; use {', '.join(_WORDS[key])}")
    return word


def _formula(target: object) -> Tape:
    """The formula, given twice: as text for people and as a tree."""
    names = _field(target, "variables", list)
    if not all(isinstance(v, str) and _NAME.fullmatch(v) for v in names) or not 0 < len(set(names)) == len(names):
        raise CheckError("variables: a list of different names is expected")
    if len(names) > AXIS_LIMIT:
        raise CheckError(f"variables: at most {AXIS_LIMIT} can be re-checked")
    tape = Tape(names, _field(target, "expression", list))
    if tape.build(tree_of(_field(target, "text", str), names)) != tape.root:
        raise CheckError("target: text and expression are different formulas")
    return tape


def _sides(data: Sequence[object], N: int, what: str) -> tuple[list[arb], list[arb]]:
    ends = [[ball(_constant(end, what)) for end in pair] for pair in data if isinstance(pair, list)]
    if len(data) != N or [len(pair) for pair in ends] != [2] * N:
        raise CheckError(f"{what}: one pair of ends for each of the {N} variables is expected")
    if not all(a < b for a, b in ends):
        raise CheckError(f"{what}: an interval is empty or reversed")
    return [a for a, _ in ends], [b - a for a, b in ends]


def _grid(design: object, N: int) -> tuple[list[int], int]:
    P, pad = _field(design, "P", list), _field(design, "pad", int)
    if len(P) != N or not all(type(p) is int and 0 < p <= CELL_LIMIT for p in P) or not 0 <= pad <= CELL_LIMIT:
        raise CheckError(f"P, pad: whole numbers are expected, one P from 1 to {CELL_LIMIT} for each variable")
    if math.prod(p + 2 * pad for p in P) > CELL_LIMIT:
        raise CheckError(f"P: more than {CELL_LIMIT} cells cannot be tabulated")
    return P, pad
