"""Goals that are linear in log Γ(u), with every log Γ(u) replaced by an elementary bound on the side that matters.

For x > 0, log Γ(x) = (x − ½)·log x − x + ½·log 2π + θ(x), and θ(x) lies strictly between any two successive partial
sums of Σ B₂ₖ/(2k(2k−1)x²ᵏ⁻¹) = 1/(12x) − 1/(360x³) + 1/(1260x⁵) − …, the sum of no terms included. Proof (Binet):
θ(x) = ∫ φ(t)·exp(−x·t) dt over t > 0 with φ(t) = Σ 2/(t² + (2πk)²) over k ≥ 1. The partial sums of the geometric
series 1/(a + t²) = 1/a − t²/a² + … lie above and below it in turn; integrate against exp(−x·t) and sum over k, with
∫ t²ʲ·exp(−x·t) dt = (2j)!/x²ʲ⁺¹ and Σ 2/(2πk)²ʲ⁺² = |B₂ⱼ₊₂|/(2j+2)!.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from flint import ctx

from ...symbolic.expression import parse
from ...symbolic.tree import Expr, fold, postorder, substitute
from .algebra import Rewritten, range_on, rewrite
from .normal import ONE, Normaliser, Poly
from .points import points
from .problem import Problem, at, constant_sign, feasible
from .step import Step

TERMS = ("1/(12*u)", "-1/(360*u**3)", "1/(1260*u**5)", "-1/(1680*u**7)", "1/(1188*u**9)")
ORDERS = (0, 1, 2)


def bound(u: Expr, order: int, side: int) -> Expr:
    """A lower (side 1: 2·order terms) or an upper (side −1: 2·order + 1 terms) bound of log Γ(u) for u > 0.

    >>> from attain.symbolic.tree import to_text
    >>> to_text(bound(parse("x"), 0, -1))
    '(x - 1/2)*log(x) - x + log(2*pi)/2 + 1/(12*x)'
    """
    count = 2 * order + (side == -1)
    text = " + ".join(("(u - 1/2)*log(u) - u + log(2*pi)/2", *TERMS[:count]))
    return substitute(parse(text, ["u"]), {"u": u})


def stirling(problem: Problem, prove: Callable[[Problem], Step | None]) -> Step | None:
    """A step for a goal by bounds of log Γ, or None; the bounded goal is proved as given."""
    if problem.op == "==" or not any(node.head in ("gamma", "loggamma") for node in postorder(problem.gap)):
        return None
    with ctx.workprec(64):
        forms = [(item, found) for item in rewrite(problem) if (found := _sides(item, problem))]
    # the bounds of log Γ are strict and count, so that ≥ 0 is enough for > 0
    for order in ORDERS:
        for item, sides in forms:
            bounds = {u: bound(u, order, side) for u, side in sides.items()}
            gap = _replaced(item.expr, bounds)
            bounded = problem.with_gap(gap, ">=")
            part = None if _fails(bounded) else prove(bounded)
            if part is not None:
                atoms = tuple(sides.items())
                return Step("stirling", problem, {"candidate": item.candidate, "atoms": atoms, "order": order}, (part,))
    return None


def _fails(problem: Problem) -> bool:
    """Whether a goal is certainly false at a simple point."""
    found = (p for p in points(problem.variables, 8) if feasible(problem.variables, problem.conditions, p))
    return any(constant_sign(at(problem.gap, p), 128) == -1 for p in islice(found, 8))


def _replaced(expr: Expr, bounds: dict[Expr, Expr]) -> Expr:
    """The formula with log Γ(u) replaced."""

    def rule(node: Expr, args: list[Expr]) -> Expr:
        if node.head == "loggamma":
            return bounds[node.args[0]]
        return Expr(node.head, tuple(args)) if args else node

    result: Expr = fold(expr, rule)
    return result


def _sides(item: Rewritten, problem: Problem) -> dict[Expr, int] | None:
    """The arguments of log Γ with the signs of their coefficients, which are nowhere 0."""
    n = item.normal
    own = {i for i, atom in enumerate(n.atoms) if atom.key[0] == "loggamma"}
    parts: dict[int, Poly] = {}
    for mono, c in item.poly.items():
        inside = [i for i, _ in mono if i in own]
        if any(_contains(n, i) for i, _ in mono if i not in own) or len(inside) > 1:
            return None
        if inside:
            if dict(mono)[inside[0]] != 1:
                return None
            parts.setdefault(inside[0], {})[tuple(x for x in mono if x[0] not in own)] = c
    sides: dict[Expr, int] = {}
    for i, p in parts.items():
        side = _sign(n, p, problem)
        if side is None:
            return None
        sides[n.atoms[i].expr.args[0]] = side
    return sides or None


def _contains(n: Normaliser, i: int) -> bool:
    return any(node.head in ("gamma", "loggamma") for node in postorder(n.atoms[i].expr))


def _sign(n: Normaliser, p: Poly, problem: Problem) -> int | None:
    """1 or −1 if the polynomial is > 0 or < 0 everywhere."""
    for side in (1, -1):
        if n.sign({m: side * c for m, c in p.items()}) == 1:
            return side
    value = None if set(p) == set(ONE) else range_on(n.poly_expr(p), problem)
    if value is None:
        return None
    return 1 if value.positive else -1 if value.negative else None
