"""A design: every size and constant of one network for one target and one accuracy, with its error budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from flint import arb, ctx, fmpz

from .exact import Real, ball, less, text_of
from .rounding import upper
from .sizes import Sizes, max_affine_sizes
from .target import Target

JSON_INTEGER = 2**53
"""Integers beyond this are JSON strings: a reader's doubles could not hold them."""
MAX_BITS = 1024
"""Precision at which an undecided comparison with ε is given up."""
BudgetTerms = tuple[tuple[str, str, arb], ...]


class NotApplicable(ValueError):
    """A bound that says nothing about this target; the message says which hypothesis is missing."""


@dataclass(frozen=True)
class Term:
    """One term of an error budget: a name, its formula, and a decimal upper bound of its value."""

    name: str
    latex: str
    value: str


@dataclass(frozen=True)
class Design:
    """One attention head on a product grid of midpoints a_i + (k + ½)h_i, k = −pad … P_i − 1 + pad.

    Exactly one of `kappa` (κ = R_i h_i², the same on every axis) and `R` (the same R on every axis) is given
    and exact; the other follows from h_i = (b_i − a_i)/P_i.

    Attributes:
        bound: "published", "sharp" or "smooth".
        norm: the norm of the Lipschitz constant that was used, or "modulus".
        budget: the error terms; `error_bound` is a decimal upper bound of sup_K |F − f|.
        meets: whether `error_bound` ≤ ε, as exact numbers (always, unless P or R were overridden).
        source, evidence: where the bound comes from and how its value is known.
    """

    theorem: str
    bound: str
    norm: str
    target: Target
    P: tuple[int, ...]
    kappa: Fraction | None
    R: Fraction | None
    pad: int
    budget: tuple[Term, ...]
    error_bound: str
    meets: bool
    source: str
    evidence: str = "enclosed"

    @property
    def cells(self) -> int:
        """G = Π (P_i + 2 pad)."""
        return prod((p + 2 * self.pad) ** axes for p, axes in Counter(self.P).items())

    @property
    def sizes(self) -> Sizes:
        """Sizes of the layer (see `Sizes` and `Shape.sizes`)."""
        shape = self.target.shape
        return max_affine_sizes(self.target.dim, self.cells) if shape is None else shape.sizes(self.cells)

    def spacing(self, i: int) -> arb:
        """h_i = (b_i − a_i)/P_i."""
        return self.target.side(i) / self.P[i]

    def kappa_on(self, i: int) -> arb:
        """κ_i = R_i h_i²."""
        if self.kappa is not None:
            return ball(self.kappa)
        h = self.spacing(i)
        return ball(self.R or Fraction(0)) * h * h

    def R_on(self, i: int) -> arb:
        """R_i = κ_i / h_i²."""
        if self.R is not None:
            return ball(self.R)
        h = self.spacing(i)
        return ball(self.kappa or Fraction(0)) / (h * h)

    def _square(self, i: int) -> Fraction | None:
        """h_i² where it is rational."""
        side = self.target.rational_side(i)
        return None if side is None else (side / self.P[i]) ** 2

    def axes(self) -> range:
        """One representative axis if all are alike, else every axis."""
        return range(1) if self.target.uniform and len(set(self.P)) == 1 else range(self.target.dim)

    def to_json(self) -> dict[str, Any]:
        """The object B of the command line: bounds as decimal strings rounded up, sizes as exact integers."""
        s = self.sizes
        squares = [self._square(i) for i in self.axes()]
        R = [
            _up(self.R, self.kappa and h2 and self.kappa / h2, self.R_on(i))
            for i, h2 in zip(self.axes(), squares, strict=True)
        ]
        kappa = [
            _up(self.kappa, self.R and h2 and self.R * h2, self.kappa_on(i))
            for i, h2 in zip(self.axes(), squares, strict=True)
        ]
        return {
            "P": _one_or_list([json_int(self.P[i]) for i in self.axes()]),
            "R": _one_or_list(R),
            "kappa": _one_or_list(kappa),
            "pad": self.pad,
            "cells": json_int(self.cells),
            "tokens": json_int(s.tokens),
            "hidden": s.hidden,
            "heads": s.heads,
            "parameters": {"dense": json_int(s.dense), "nonzero": json_int(s.nonzero)},
            "flops": json_int(s.flops),
            "bytes": {"float32": json_int(s.bytes(4)), "float64": json_int(s.bytes(8))},
            "norms": {"W_Q": max(R, key=lambda text: Fraction(text)), "W_K": "1"} | self._read_out(),
            "norm": self.norm,
            "budget": {t.name: t.value for t in self.budget},
            "error_bound": self.error_bound,
            "meets_eps": self.meets,
            "source": self.source,
            "evidence": self.evidence,
        } | ({} if self.target.shape is None else self.target.shape.to_json())

    def _read_out(self) -> dict[str, str]:
        """Norms of W_V (spectral) and W_O (largest column sum) of a sequence layer."""
        shape = self.target.shape
        if shape is None:
            return {}
        return {"W_V": "1", "W_O": upper(shape.amplification, 10) if shape.slotted else "1"}


@dataclass(frozen=True)
class Necessary:
    """P_i below which no use of values at the midpoints reaches ε for the whole class, all axes being spaced alike."""

    P: tuple[int, ...]
    cells: int
    why: str

    def to_json(self) -> dict[str, Any]:
        """P, cells and the reason."""
        P = [json_int(p) for p in self.P]
        return {"P": P[0] if len(set(self.P)) == 1 else P, "cells": json_int(self.cells), "why": self.why}


def json_int(n: int) -> int | str:
    """`n`, as a decimal string once it exceeds 2^53.

    >>> json_int(7), json_int(2**53 + 1)
    (7, '9007199254740993')
    """
    return n if abs(n) <= JSON_INTEGER else str(fmpz(n))


def _up(given: Fraction | None, derived: Fraction | None, enclosed: arb) -> str:
    """A given number as it is; a derived one rounded up to ten digits, from its exact value where there is one."""
    return text_of(given) if given is not None else upper(enclosed if derived is None else derived, 10)


def _one_or_list(entries: list[Any]) -> Any:
    return entries[0] if len(entries) == 1 else entries


def settled(terms: Callable[[], BudgetTerms], eps: Real) -> tuple[tuple[Term, ...], str, bool]:
    """The budget, a decimal upper bound of its sum, and whether that decimal is at most ε.

    `terms` is evaluated with 64 bits, and with more until balls decide whether its sum is at most ε; the decimal
    has ten digits, or more where it takes more to stay at or below ε.

    >>> third = Fraction(1, 3)
    >>> settled(lambda: (("just below", "", ball(third - Fraction(1, 10**15))),), third)[1:]
    ('0.33333333333333233336', True)
    >>> settled(lambda: (("above", "", ball(third + Fraction(1, 10**30))),), third)[1:]
    ('0.3333333334', False)
    """
    bits = 64
    while True:
        with ctx.workprec(bits):
            budget, total = terms_total(terms())
            text, digits = upper(total, 10), 10
            while total <= ball(eps) and digits < MAX_BITS and not _at_most(text, eps):
                digits *= 2
                text = upper(total, digits)
            if bits >= MAX_BITS or total > ball(eps) or _at_most(text, eps):
                return budget, text, _at_most(text, eps)
        bits *= 2


def _at_most(text: str, eps: Real) -> bool:
    return Fraction(text) == eps or less(Fraction(text), eps)


def terms_total(terms: BudgetTerms) -> tuple[tuple[Term, ...], arb]:
    """The budget as text and the enclosed sum of its terms."""
    total = sum((value for _, _, value in terms), arb(0))
    return tuple(Term(name, latex, upper(value, 6)) for name, latex, value in terms), total
