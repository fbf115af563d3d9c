"""A target: a real function on a box, or only the constants that are known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from flint import arb, ctx

from .exact import Real, ball, less, text_of
from .expression import Expr
from .modulus import value
from .shapes import Shape

Norm = Literal["l1", "l2", "linf"]
NORMS: tuple[Norm, ...] = ("l1", "l2", "linf")
Side = tuple[Real, Real]


@dataclass(frozen=True)
class Target:
    """f: K → R on K = Π [a_i, b_i], with the regularity constants a theorem may use.

    Attributes:
        box: the sides (a_i, b_i), a_i < b_i.
        lipschitz: norm ↦ L > 0 with |f(x) − f(y)| ≤ L‖x − y‖_norm on K.
        axes: L_i > 0 with |f(x) − f(y)| ≤ Σ L_i|x_i − y_i| on K, one for each coordinate, or None.
        modulus: a concave nondecreasing ω(r), ω(0) = 0, with |f(x) − f(y)| ≤ ω(‖x − y‖₂), or None.
        hessian: M such that ∇f is M-Lipschitz (ℓ2) on K, and on the hull of K and the padded centres
            if `padding` is "extend"; None if unknown.
        osc: an upper bound of sup_K f − inf_K f, or None (then L·diam K is used).
        hull: with "extend", the box on which `hessian` was proved (None: the caller vouches for it).
        padding: "extend" if f is defined with the same M outside K, "clip" if centres outside K take
            the value f(π) + ∇f(π)·(v − π), π the nearest point of K.
        expression, variables: f itself where it is given.
        shape: where f is one entry of a sequence function, the layer that carries them all.

    >>> t = Target(((Fraction(0), Fraction(1)),) * 2, {"l2": Fraction(1)})
    >>> t.dim, t.uniform
    (2, True)
    """

    box: tuple[Side, ...]
    lipschitz: Mapping[Norm, Real] = field(default_factory=dict)
    axes: tuple[Real, ...] | None = None
    modulus: Expr | None = None
    hessian: Real | None = None
    osc: Real | None = None
    padding: Literal["extend", "clip"] = "extend"
    hull: tuple[Side, ...] | None = None
    expression: Expr | None = None
    variables: tuple[str, ...] = ()
    shape: Shape | None = None

    @property
    def dim(self) -> int:
        """N, the number of coordinates."""
        return len(self.box)

    @property
    def uniform(self) -> bool:
        """Whether every axis has the same side."""
        return all(side == self.box[0] for side in self.box)

    def side(self, i: int) -> arb:
        """b_i − a_i > 0 as a ball; the ends are evaluated with as many bits as their difference needs."""
        a, b = self.box[i]
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return ball(b - a)
        bits, difference = ctx.prec, ball(b) - ball(a)
        for extra in (64, 512, 4096):
            if difference.rel_accuracy_bits() >= bits - 8:
                break
            with ctx.workprec(bits + extra):
                difference = ball(b) - ball(a)
        return difference

    def rational_side(self, i: int) -> Fraction | None:
        """b_i − a_i exactly, if it is visibly rational."""
        a, b = self.box[i]
        return b - a if isinstance(a, Fraction) and isinstance(b, Fraction) else None

    def diameter(self, norm: Norm) -> arb:
        """The diameter of K in `norm`."""
        sides = [self.side(i) for i in range(self.dim)] if not self.uniform else [self.side(0)] * self.dim
        if norm == "linf":
            widest = sides[0]
            for s in sides[1:]:
                widest = widest.max(s)
            return widest
        return sum(sides, arb(0)) if norm == "l1" else sum((s * s for s in sides), arb(0)).sqrt()

    def oscillation(self) -> arb:
        """A ball whose upper end bounds sup f − inf f: `osc`, or what the known moduli give for the diameter."""
        if self.osc is not None:
            return ball(self.osc)
        spans = [ball(L) * self.diameter(norm) for norm, L in self.lipschitz.items()]
        if self.axes is not None:
            spans.append(sum((ball(L) * self.side(i) for i, L in enumerate(self.axes)), arb(0)))
        if self.modulus is not None:
            spans.append(value(self.modulus, self.diameter("l2")))
        if not spans:
            raise ValueError("neither osc nor a modulus of continuity is known")
        least = spans[0]
        for s in spans[1:]:
            least = least.min(s)
        return least


def box_of(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """`sides` checked: every interval finite, nonempty and in order; ValueError otherwise."""
    if not sides:
        raise ValueError("the box has no axis")
    for a, b in sides:
        if not less(a, b):
            raise ValueError(f"the interval {text_of(a)}..{text_of(b)} is empty or reversed; write lower..upper")
    return sides
