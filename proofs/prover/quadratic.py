"""Polynomials of degree ≤ 2 with rational coefficients, and whether their quadratic part is semidefinite, exactly."""

from __future__ import annotations

from fractions import Fraction

from ...symbolic.tree import Expr, fold, to_fraction

ONE = Fraction(1)
Quadratic = dict[tuple[str, ...], Fraction]


def quadratic_of(expr: Expr) -> Quadratic | None:
    """A formula of degree ≤ 2 in its variables with rational coefficients; a monomial is a sorted tuple of names.

    >>> from attain.symbolic.expression import parse
    >>> quadratic_of(parse("(x - y)**2/2"))[("x", "y")]
    Fraction(-1, 1)
    """

    def rule(node: Expr, args: list[Quadratic | None]) -> Quadratic | None:
        head = node.head
        if head == "variable":
            return {(node.args[0],): ONE}
        value = to_fraction(node)
        if value is not None:
            return {(): value} if value else {}
        if head not in ("neg", "+", "-", "*", "/", "**") or args[0] is None or (len(args) > 1 and args[1] is None):
            return None
        a, b = args[0], args[-1] or {}
        if head in ("+", "-", "neg"):
            return _linear(a if head != "neg" else {}, b, ONE if head == "+" else -ONE)
        constant = b.get((), Fraction(0)) if set(b) <= {()} else None
        if head == "*":
            return _multiplied(a, b)
        if head == "/" and constant:
            return {m: c / constant for m, c in a.items()}
        return _multiplied(a, a) if head == "**" and constant == 2 else None

    found: Quadratic | None = fold(expr, rule)
    return found


def _linear(a: Quadratic, b: Quadratic, c: Fraction) -> Quadratic:
    found = {m: a.get(m, Fraction(0)) + c * b.get(m, Fraction(0)) for m in {**a, **b}}
    return {m: v for m, v in found.items() if v}


def _multiplied(a: Quadratic, b: Quadratic) -> Quadratic | None:
    found: Quadratic = {}
    for m, c in a.items():
        for n, d in b.items():
            mono = tuple(sorted(m + n))
            if len(mono) > 2:
                return None
            found = _linear(found, {mono: c * d}, ONE)
    return found


def semidefinite(quadratic: Quadratic, side: int) -> bool:
    """Whether side·(the part of degree 2) is ≥ 0 everywhere: symmetric elimination over the rationals.

    >>> semidefinite({("x", "x"): Fraction(1), ("x", "y"): Fraction(2), ("y", "y"): Fraction(1)}, 1)
    True
    """
    left = sorted({name for mono in quadratic if len(mono) == 2 for name in mono})
    matrix = {
        (a, b): side * quadratic.get((min(a, b), max(a, b)), Fraction(0)) * (2 if a == b else 1)
        for a in left
        for b in left
    }
    while left:
        pivot = max(left, key=lambda name: matrix[name, name])
        if matrix[pivot, pivot] <= 0:
            return all(matrix[a, b] == 0 for a in left for b in left)
        left.remove(pivot)
        for a in left:
            factor = matrix[a, pivot] / matrix[pivot, pivot]
            for b in left:
                matrix[a, b] -= factor * matrix[pivot, b]
    return True
