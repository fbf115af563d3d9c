"""Designs for a given function: its regularity constants proved on its box, then every bound sized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from flint import arb

from ..symbolic.design import Design, NotApplicable
from ..symbolic.exact import Real, ball
from ..symbolic.expression import Expr, number
from ..symbolic.sequence import SequenceTarget, common, parse_outputs
from ..symbolic.target import NORMS, Side, Target
from ..symbolic.theorems.max_affine import design
from .interval import DomainError
from .regularity import RegularityError, axis_lipschitz, check_domain, hessian, lipschitz, oscillation

BOUNDS = ("published", "sharp", "smooth")
LEAST = Fraction(1, 10**9)
HULL_SHARES = (Fraction(1, 20), Fraction(1, 8), Fraction(1, 3), Fraction(1), Fraction(3))
"""Margins, as shares of each side, on which the Hessian is bounded in turn until the padded grid fits."""


def measured(expression: Expr, variables: tuple[str, ...], box: tuple[Side, ...]) -> Target:
    """The target f = `expression` on `box` with proved Lipschitz constants (ℓ1, ℓ2, ℓ∞, each axis), Hessian bound, osc.

    A constant that is 0 is raised to `LEAST`, so that every size stays finite. The Hessian bound holds on the
    box, so padding is "clip"; it is absent where f is not provably C^{1,1}.
    Raises DomainError or RegularityError, in one line, if f is undefined or not Lipschitz on the box.

    >>> from attain.symbolic.expression import parse
    >>> t = measured(parse("x*y"), ("x", "y"), ((Fraction(0), Fraction(1)),) * 2)
    >>> t.hessian
    Fraction(1, 1)
    """
    ends = _expressions(box)
    check_domain(expression, variables, ends)
    curvature = hessian(expression, variables, ends)
    axes = tuple(max(LEAST, L) for L in axis_lipschitz(expression, variables, ends))
    return Target(
        box=box,
        lipschitz={
            norm: max(axes) if norm == "l1" else max(LEAST, lipschitz(expression, variables, ends, norm))
            for norm in NORMS
        },
        axes=axes,
        hessian=None if curvature is None else max(LEAST, curvature),
        osc=max(LEAST, oscillation(expression, variables, ends)),
        padding="clip",
        expression=expression,
        variables=variables,
    )


def measured_sequence(
    d: int,
    n: int,
    texts: Sequence[Sequence[str]],
    variables: tuple[str, ...],
    box: tuple[Side, ...],
    memory: int = 0,
) -> SequenceTarget:
    """The sequence target with entries `texts` (d_o rows of n) on `box`, its constants proved for every entry.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> measured_sequence(1, 2, [["x*y", "3*y"]], ("x", "y"), unit).target.lipschitz["l1"]
    Fraction(3, 1)
    """
    outputs = parse_outputs(texts, variables)
    constants = common([measured(entry, variables, box) for row in outputs for entry in row])
    return SequenceTarget(d, n, outputs, constants, memory)


def designs_for(
    target: Target,
    eps: Real,
    bounds: tuple[str, ...] = BOUNDS,
    P: tuple[int, ...] | None = None,
    R: Fraction | None = None,
) -> Mapping[str, Design | NotApplicable]:
    """Every bound in `bounds`, sized for `target` and `eps`; where one does not apply, the reason.

    For "smooth" the function is used outside the box where its Hessian can be bounded there ("extend"),
    otherwise its affine continuation ("clip"), whichever needs fewer cells.
    """
    found: dict[str, Design | NotApplicable] = {}
    for name in bounds:
        try:
            found[name] = _smooth(target, eps, P, R) if name == "smooth" else design(target, eps, name, P, R)
        except NotApplicable as reason:
            found[name] = reason
    return found


def cheapest(designs: Mapping[str, Design | NotApplicable]) -> Design:
    """The design with the fewest cells among those that meet ε, or the one with the least bound if none does."""
    usable = [d for d in designs.values() if isinstance(d, Design)]
    if not usable:
        raise NotApplicable("; ".join(f"{name}: {reason}" for name, reason in designs.items()))
    return min(usable, key=lambda d: (not d.meets, d.cells if d.meets else 0, Fraction(d.error_bound)))


def _smooth(target: Target, eps: Real, P: tuple[int, ...] | None, R: Fraction | None) -> Design:
    clipped = design(target, eps, "smooth", P, R)
    if target.expression is None or clipped.pad == 0:
        return clipped
    for share in HULL_SHARES:
        hull = tuple(_enlarged(target, i, share) for i in range(target.dim))
        try:
            bound = hessian(target.expression, target.variables, _expressions(hull))
        except (DomainError, RegularityError):
            bound = None
        if bound is None:
            break
        extended = design(replace(target, hessian=max(LEAST, bound), padding="extend", hull=hull), eps, "smooth", P, R)
        if all(bool(extended.pad * extended.spacing(i) <= ball(share) * target.side(i)) for i in range(target.dim)):
            return extended if extended.cells <= clipped.cells else clipped
    return clipped


def _enlarged(target: Target, i: int, share: Fraction) -> Side:
    """A rational interval that contains [a_i − s, b_i + s], s = share·side."""
    margin = ball(share) * target.side(i)
    a, b = target.box[i]
    return _rational((ball(a) - margin).lower()), _rational((ball(b) + margin).upper())


def _rational(x: arb) -> Fraction:
    q = x.fmpq()
    return Fraction(int(q.p), int(q.q))


def _expressions(box: tuple[Side, ...]) -> tuple[tuple[Expr, Expr], ...]:
    return tuple((_expression(a), _expression(b)) for a, b in box)


def _expression(x: Real) -> Expr:
    return number(x) if isinstance(x, Fraction) else x
