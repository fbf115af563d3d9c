"""Signs of formulas on the box and under affine conditions, and polynomials of degree ≤ 2 with their convexity."""

from __future__ import annotations

from fractions import Fraction

from .evaluate import Nowhere, evaluate, interval_of, operations
from .interval import ALL, I
from .points import sign_of
from .reading import Domain, Goal, Problem
from .tree import LEAVES, Tree, make, number, value_of

Degree2 = dict[tuple[str, ...], Fraction]


def degree2(tree: Tree) -> Degree2 | None:
    """A polynomial of degree ≤ 2 with rational coefficients, by sorted tuples of names; None for another formula."""
    head = tree[0]
    if head == "number":
        return {(): tree[1]} if tree[1] else {}
    if head == "variable":
        return {(tree[1],): Fraction(1)}
    if head in LEAVES or head not in ("neg", "+", "-", "*", "/", "**"):
        return None
    a = degree2(tree[1])
    if a is None:
        return None
    if head == "neg":
        return {m: -c for m, c in a.items()}
    b = degree2(tree[2])
    if b is None:
        return None
    if head in ("+", "-"):
        return _sum(a, b, 1 if head == "+" else -1)
    if head == "*":
        return _times(a, b)
    k = value_of(tree[2])
    if head == "/":
        return {m: c / k for m, c in a.items()} if k else None
    return _times(a, a) if k == 2 else None


def _sum(a: Degree2, b: Degree2, c: int = 1) -> Degree2:
    found = dict(a)
    for m, value in b.items():
        found[m] = found.get(m, Fraction(0)) + c * value
    return {m: value for m, value in found.items() if value}


def _times(a: Degree2, b: Degree2) -> Degree2 | None:
    found: Degree2 = {}
    for m, c in a.items():
        found = _sum(found, {tuple(sorted(m + n)): c * d for n, d in b.items()})
    if any(len(m) > 2 for m in found):
        return None
    return found


def bowl(p: Degree2) -> bool:
    """Whether the part of degree 2 is ≥ 0 everywhere, by completing squares one variable after the other."""
    form: Degree2 = {m: c for m, c in p.items() if len(m) == 2}
    while form:
        name = next((m[0] for m, c in form.items() if m[0] == m[1] and c > 0), None)
        if name is None:
            return False  # no square is left to absorb the products
        lead = form[name, name]
        linear: Degree2 = {(m[1] if m[0] == name else m[0],): c for m, c in form.items() if name in m and m[0] != m[1]}
        rest: Degree2 = {m: c for m, c in form.items() if name not in m}
        # lead·(x + l/(2·lead))² = lead·x² + l·x + l²/(4·lead)
        square: Degree2 = {}
        for m, c in linear.items():
            for n, d in linear.items():
                key = tuple(sorted(m + n))
                square[key] = square.get(key, Fraction(0)) + c * d / (4 * lead)
        form = _sum(rest, square, -1)
    return True


class Signs:
    """Signs that hold on the convex set of the box and those side conditions that are affine."""

    def __init__(self, problem: Problem) -> None:
        self.domains = problem.domains
        self.box = {name: interval_of(domain) for name, domain in problem.domains.items()}
        self.affine: list[tuple[Degree2, bool]] = []
        self.used: list[Goal] = []
        for c in problem.conditions:
            p = degree2(c.gap) if c.op != "==" else None
            if p is not None and all(len(m) < 2 for m in p):
                self.affine.append((p, c.op == ">"))
                self.used.append(c)
        self.values: dict[Tree, I] = {}

    def value(self, tree: Tree) -> I:
        """The values where the formula is defined."""
        if tree not in self.values:
            try:
                self.values[tree] = evaluate(operations(tree), self.box).value
            except Nowhere:
                self.values[tree] = ALL
        return self.values[tree]

    def between(self, tree: Tree, ends: tuple[int | None, int | None], unit: Tree) -> bool:
        """Whether the values lie between multiples of a constant; the ends of a variable are compared exactly."""
        domain = self.domains[tree[1]] if tree[0] == "variable" else Domain()
        value = self.value(tree)
        for k, side, mine, end in ((ends[0], 1, value.lo, domain.low), (ends[1], -1, value.hi, domain.high)):
            wall = None if k is None else make("*", number(k), unit)
            if wall is None:
                continue
            at = self.value(wall)
            if not (side * (mine - at.lo) >= 0 and side * (mine - at.hi) >= 0):
                gap = None if end is None else make("-", end, wall) if side == 1 else make("-", wall, end)
                if gap is None or sign_of(gap) not in (0, 1):
                    return False
        return True

    def above(self, tree: Tree, strict: bool = False) -> bool:
        """≥ 0 (> 0) wherever it is defined on the set."""
        if self.value(tree).above(strict):
            return True
        head = tree[0]
        if not self.affine or head in LEAVES:
            return False
        if head == "neg":
            return self.below(tree[1], strict)
        if head in ("*", "/"):
            return all(self.above(t, strict) for t in tree[1:]) or all(self.below(t, strict) for t in tree[1:])
        if head == "+" and all(self.above(t) for t in tree[1:]):
            return not strict or any(self.above(t, True) for t in tree[1:])
        return self._under_conditions(tree, strict)

    def below(self, tree: Tree, strict: bool = False) -> bool:
        """≤ 0 (< 0)."""
        if self.value(tree).below(strict):
            return True
        return bool(self.affine) and tree[0] not in ("neg", *LEAVES) and self._under_conditions(("neg", tree), strict)

    def _under_conditions(self, tree: Tree, strict: bool) -> bool:
        """An affine formula as a multiple of an affine condition plus what the box shows to be ≥ 0."""
        p = degree2(tree)
        if p is None or any(len(m) > 1 for m in p):
            return False
        for c, is_strict in self.affine:
            for m, d in c.items():
                k = p.get(m, Fraction(0)) / d if m else Fraction(0)
                if k > 0:
                    rest = self._least(_sum(p, {n: k * v for n, v in c.items()}, -1))
                    if rest is not None and (rest > 0 or (rest >= 0 and (is_strict or not strict))):
                        return True
        return False

    def _least(self, p: Degree2) -> Fraction | None:
        """A lower bound of an affine formula on the box."""
        total = p.get((), Fraction(0))
        for m, c in p.items():
            if m:
                end = self.box[m[0]].lo if c > 0 else self.box[m[0]].hi
                if not end.is_finite():
                    return None
                mantissa, exponent = (int(x) for x in end.man_exp())
                if abs(exponent) > 4000:
                    return None
                total += c * mantissa * Fraction(2) ** exponent
        return total
