"""Whether a formula is convex (side 1) or concave (side −1): the re-check's own rules, asked from the top down.

Beside convexity a formula f ≥ 0 has exponents: f is r-convex if f**r (r > 0) or log f (r = 0) is convex or f**r
(r < 0) concave, and r-concave, r ≥ 0, if f**r or log f is concave. `Curvature.exponent` gives the least r of the first
kind, the largest of the second. Convex means 1-convex for f ≥ 0; products, powers and sums act on r (Avriel 1972).

The set is where the formula is defined in the box and under the affine conditions; for each formula that gets a yes it
is convex, because the argument of log or of a root is asked to be concave, or to be in the domain anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .bounds import Degree2, Signs, bowl, degree2
from .tree import ONE, Tree, make, names, number, value_of

HALF = Fraction(1, 2)
Ends = tuple[int | None, int | None]
Terms = list[tuple[Fraction, Tree]]
# head: (increasing, decreasing, convex, concave) where the argument is between these numbers; None: everywhere
FULL: Ends = (None, None)
TABLE: dict[str, tuple[Ends | None, Ends | None, Ends | None, Ends | None]] = {
    "sinh": (FULL, None, (0, None), (None, 0)),
    "cosh": ((0, None), (None, 0), FULL, None),
    "tanh": (FULL, None, (None, 0), (0, None)),
    "atan": (FULL, None, (None, 0), (0, None)),
    "erf": (FULL, None, (None, 0), (0, None)),
    "sigmoid": (FULL, None, (None, 0), (0, None)),
    "softplus": (FULL, None, FULL, None),
    "asin": (FULL, None, (0, None), (None, 0)),
    "acos": (None, FULL, (None, 0), (0, None)),
    "gamma": ((2, None), (None, 1), FULL, None),
    "loggamma": ((2, None), (None, 1), FULL, None),
    "lambertw": (FULL, None, None, FULL),
    # in units of pi/2
    "sin": ((-1, 1), (1, 3), (-2, 0), (0, 2)),
    "cos": ((-2, 0), (0, 2), (1, 3), (-1, 1)),
    "tan": ((-1, 1), None, (0, 1), (-1, 0)),
}
TURNS = ("sin", "cos", "tan")


def flip(tree: Tree) -> Tree:
    return tree[1] if tree[0] == "neg" else make("neg", tree)


class Curvature:
    """In the ``free`` variables, the others fixed; those in ``logs``, which are > 0, are replaced by their logarithms.

    >>> from .reading import Domain, Goal, Problem
    >>> from .tree import ZERO, read
    >>> problem = Problem({"x": Domain(ZERO, None, True)}, (), Goal(ZERO, ">="))
    >>> curvature = Curvature(Signs(problem), {"x"})
    >>> [curvature.bent(read(text, {"x": None}), 1) for text in ("x*log(x)", "x**2/(1 + x)", "sqrt(x)")]
    [True, True, False]
    """

    def __init__(self, signs: Signs, free: set[str], logs: set[str] | None = None) -> None:
        self.signs, self.free, self.logs = signs, free, logs or set()
        self.memory: dict[tuple[Tree, int], bool] = {}
        self.exponents: dict[tuple[Tree, int], Fraction | None] = {}

    def fixed(self, tree: Tree) -> bool:
        return not self.free & names(tree)

    def affine(self, tree: Tree) -> bool:
        return self.bent(tree, 1) and self.bent(tree, -1)

    def bent(self, tree: Tree, side: int) -> bool:
        """Whether the formula is convex (side 1) or concave (side −1)."""
        if (tree, side) not in self.memory:
            self.memory[tree, side] = self._direct(tree, side) or self._by_exponent(tree, side)
        return self.memory[tree, side]

    def _by_exponent(self, tree: Tree, side: int) -> bool:
        r = None if tree[0] in ("neg", "-") else self.exponent(tree, side)
        return r is not None and (r <= 1 if side == 1 else r >= 1)

    def _direct(self, tree: Tree, side: int) -> bool:
        head = tree[0]
        if self.fixed(tree):
            return True
        if head == "variable":
            return side == 1 or tree[1] not in self.logs
        if head == "neg":
            return self.bent(tree[1], -side)
        if head in ("+", "-"):
            terms = [t for t in flat(tree) if not self.fixed(t[1])]
            return all(self.bent(t, side if c > 0 else -side) for c, t in terms) or self._together(terms, side)
        if head in ("*", "/"):
            return self._product(tree, side)
        if head in ("**", "sqrt"):
            return self._negative_base(tree, side)
        if head == "abs":
            return self._absolute(tree[1], side)
        if head in ("max", "min"):
            return side == (1 if head == "max" else -1) and all(self.bent(t, side) for t in tree[1:])
        if head == "log":
            return self._logarithm(tree[1], side)
        return head in TABLE and self._function(head, tree[1], side)

    # --- functions of one argument ---

    def _logarithm(self, u: Tree, side: int) -> bool:
        r = self.exponent(u, side)
        if side == 1:
            return r is not None and r <= 0 and self.signs.above(u, True)
        return self.bent(u, -1) or r is not None

    def _function(self, head: str, u: Tree, side: int) -> bool:
        rises, falls, _, _ = (self._within(head, u, ends) for ends in TABLE[head])
        if head in ("gamma", "loggamma") and not self.signs.above(u, True) and not self.bent(u, -1):
            return False
        if head in ("asin", "acos") and not self._within(head, u, (-1, 1)) and not self.affine(u):
            return False
        if head == "lambertw" and not self.signs.above(u) and not self.bent(u, -1):
            return False
        if not self.curved(head, u, side):
            return False
        return self.affine(u) or (rises and self.bent(u, side)) or (falls and self.bent(u, -side))

    def curved(self, head: str, u: Tree, side: int) -> bool:
        """Whether a function is convex (side 1) or concave on the values of its argument."""
        if head in ("exp", "log"):
            return side == (1 if head == "exp" else -1)
        return head in TABLE and self._within(head, u, TABLE[head][2 if side == 1 else 3])

    def _within(self, head: str, u: Tree, ends: Ends | None) -> bool:
        unit = make("/", ("constant", "pi"), number(2)) if head in TURNS else ONE
        return ends is not None and self.signs.between(u, ends, unit)

    def _absolute(self, u: Tree, side: int) -> bool:
        if self.signs.above(u):
            return self.bent(u, side)
        if self.signs.below(u):
            return self.bent(u, -side)
        return side == 1 and self.affine(u)

    def _negative_base(self, tree: Tree, side: int) -> bool:
        """A whole power of a formula ≤ 0, or an even power of an affine one."""
        u, e = base(tree)
        if e is None:
            return self.bent(make("exp", make("*", tree[2], make("log", u))), side)
        if e in (0, 1):
            return e == 1 and self.bent(u, side)
        if e.denominator > 1 or self.signs.above(u):
            return False
        if self.signs.below(u):
            power = make("**", flip(u), number(e))
            return self.bent(power, side if e % 2 == 0 else -side)
        return side == 1 and e > 0 and e % 2 == 0 and self.affine(u)

    # --- products ---

    def _product(self, tree: Tree, side: int) -> bool:
        head, a, b = tree
        if self.fixed(b):
            return self._scaled(a, b, side)
        if self.fixed(a):
            return self._scaled(b if head == "*" else make("**", b, number(-1)), a, side)
        if head == "*" and a == b:
            return self.bent(make("**", a, number(2)), side)
        if head == "*" and not self.logs and self._entropy([(Fraction(1), tree)], side):
            return True
        for factor, other in ((a, b), (b, a)):
            if self.signs.below(factor) and not self.signs.above(factor):
                first, second = (flip(factor), other) if factor is a else (other, flip(factor))
                return self.bent(make(head, first, second), -side)
        return False

    def _scaled(self, u: Tree, c: Tree, side: int) -> bool:
        """c·u or u/c for a fixed c."""
        if self.signs.above(c):
            return self.bent(u, side)
        return self.bent(u, -side) if self.signs.below(c) else self.affine(u)

    # --- exponents ---

    def exponent(self, tree: Tree, side: int) -> Fraction | None:
        """The least known r for r-convex (side 1), the largest for r-concave (side −1), of a formula ≥ 0."""
        if (tree, side) not in self.exponents:
            found = None if self.fixed(tree) else self._exponent(tree, side)
            if self._direct(tree, side) and self.signs.above(tree):
                found = Fraction(1) if found is None else min(found * side, Fraction(side)) * side
            self.exponents[tree, side] = found
        return self.exponents[tree, side]

    def _exponent(self, tree: Tree, side: int) -> Fraction | None:
        head = tree[0]
        match head:
            case "variable":
                return Fraction(0) if tree[1] in self.logs else None
            case "exp":
                return Fraction(0) if self.bent(tree[1], side) else None
            case "sqrt" | "**":
                return self._power_exponent(tree, side)
            case "abs":
                return Fraction(1) if side == 1 and self.affine(tree[1]) else None
            case "cosh" | "gamma" if side == 1 and self._direct(tree, 1):
                return Fraction(0)
            case "sigmoid" | "softplus" if side == -1 and self.bent(tree[1], -1):
                return Fraction(0)
            case "max" | "min":
                return self._extremum(tree, side)
            case "+" | "-":
                return self._sum_exponent(tree, side)
            case "*" | "/":
                return self._product_exponent(tree, side)
        return None

    def _power_exponent(self, tree: Tree, side: int) -> Fraction | None:
        u, e = base(tree)
        if e is None:
            return self.exponent(make("exp", make("*", tree[2], make("log", u))), side)
        if e in (0, 1):
            return self.exponent(u, side) if e == 1 else None
        nonnegative = self.signs.above(u)
        if not nonnegative and e.denominator == 1:
            if side == 1 and e > 0 and e % 2 == 0 and self.affine(u):
                return 1 / e
            if e % 2 == 0 and self.signs.below(u):
                return self.exponent(make("**", flip(u), number(e)), side)
            return None
        if not nonnegative:  # a root: defined where u ≥ 0, a convex set if u is concave
            if not self.bent(u, -1):
                return None
            known = {-1: Fraction(1), 1: Fraction(1) if self.bent(u, 1) else None}
        else:
            known = {s: self.exponent(u, s) for s in (1, -1)}
        r = known[side] if e > 0 else known[-side]
        if r is None or (e < 0 and side == -1 and r > 0):
            return None
        return r / e

    def _extremum(self, tree: Tree, side: int) -> Fraction | None:
        if side != (1 if tree[0] == "max" else -1) or not all(self.signs.above(t, True) for t in tree[1:]):
            return None
        return _worst([self.exponent(t, side) for t in tree[1:] if not self.fixed(t)], side)

    def _sum_exponent(self, tree: Tree, side: int) -> Fraction | None:
        terms = flat(tree)
        if not all(self.signs.above(t) if c > 0 else self.signs.below(t) for c, t in terms):
            return None
        if any(c < 0 for c, t in terms if not self.fixed(t)):
            terms = [(abs(c), t if c > 0 else flip(t)) for c, t in terms]
        r = _worst([self.exponent(t, side) for _, t in terms if not self.fixed(t)], side)
        return r if r is not None and (r <= 1 if side == 1 else r >= 1) else None

    def _product_exponent(self, tree: Tree, side: int) -> Fraction | None:
        head, a, b = tree
        inverse = head == "/"
        if self.fixed(b) or self.fixed(a):
            c, u = (b, a) if self.fixed(b) else (a, make("**", b, number(-1)) if inverse else b)
            return self.exponent(u, side) if self.signs.above(c, True) else None
        if self.signs.below(a) and self.signs.below(b) and not (self.signs.above(a) or self.signs.above(b)):
            a, b = flip(a), flip(b)
        p = self.exponent(a, side)
        q = self.exponent(make("**", b, number(-1)) if inverse else b, side)
        if p is None or q is None:
            return None
        if side == -1:
            return Fraction(0) if 0 in (p, q) else 1 / (1 / p + 1 / q)
        if max(p, q) <= 0:
            return Fraction(0) if 0 in (p, q) else 1 / (1 / p + 1 / q)
        if min(p, q) >= 0:
            return None
        return 1 / (1 / p + 1 / q) if 1 / p + 1 / q > 0 else None

    # --- sums as a whole ---

    def _together(self, terms: Terms, side: int) -> bool:
        """Quadratic forms and entropies, which are convex only as a whole, and the other terms one by one."""
        if self.logs:
            return False
        whole: Degree2 = {}
        rest: Terms = []
        for c, t in terms:
            p = degree2(t) if names(t) <= self.free else None
            if p is None:
                rest.append((c, t))
            for m, value in (p or {}).items():
                whole[m] = whole.get(m, Fraction(0)) + side * c * value
        if not bowl({m: c for m, c in whole.items() if c}):
            return False
        others = [(c, t) for c, t in rest if split(t) is None]
        return all(self.bent(t, side if c > 0 else -side) for c, t in others) and self._entropy(
            [(c, t) for c, t in rest if split(t) is not None], side
        )

    def _entropy(self, terms: Terms, side: int) -> bool:
        """Σ c·u·log a = Σ k·u·log u − Σ d·u·log v, for affine u ≥ 0 and concave v > 0, with Σ d ≤ k for each u.

        u·log(u/v) is convex in (u, v) and falls in v. A u without such a k is distributed over its terms.
        """
        groups: dict[Tree, dict[Tree, Fraction]] = {}
        for c, t in terms:
            pair = split(t)
            if pair is None:
                return False
            u, a = pair
            inner = flat(u)
            if len(inner) == 1:
                c, u = c * inner[0][0], inner[0][1]
            if self.fixed(u) or not self.affine(u) or not self.signs.above(u):
                return False
            for d, v in self._quotient(a):
                into(groups, u, {v: c * d * side})
        if not all(self._group(u, logs) for u, logs in groups.items()):
            for u in list(groups):
                inner = flat(u)
                if all(w in groups and w != u for _, w in inner):
                    logs = groups.pop(u)
                    for c, w in inner:
                        into(groups, w, {v: c * d for v, d in logs.items()})
        return all(self._group(u, logs) for u, logs in groups.items())

    def _group(self, u: Tree, logs: dict[Tree, Fraction]) -> bool:
        others = {v: d for v, d in logs.items() if v != u and not self.fixed(v)}
        return logs.get(u, Fraction(0)) > 0 and (
            all(d <= 0 and self.bent(v, -1) for v, d in others.items()) and logs[u] + sum(others.values()) >= 0
        )

    def _quotient(self, a: Tree) -> Terms:
        if a[0] == "/" and self.signs.above(a[1], True) and self.signs.above(a[2], True):
            return [*self._quotient(a[1]), *((-c, t) for c, t in self._quotient(a[2]))]
        return [(Fraction(1), a)]


def _worst(found: Sequence[Fraction | None], side: int) -> Fraction | None:
    known = [r for r in found if r is not None]
    if len(known) < len(found) or not known:
        return None
    return max(known) if side == 1 else min(known)


def base(tree: Tree) -> tuple[Tree, Fraction | None]:
    """The base and the exponent of a root or power; None for an exponent that is no number."""
    return (tree[1], HALF) if tree[0] == "sqrt" else (tree[1], value_of(tree[2]))


def flat(tree: Tree, c: Fraction | int = 1) -> Terms:
    """A sum as rational coefficients and terms."""
    head, c = tree[0], Fraction(c)
    if head in ("+", "-"):
        return [*flat(tree[1], c), *flat(tree[2], c if head == "+" else -c)]
    if head == "neg":
        return flat(tree[1], -c)
    if head in ("*", "/"):
        first, second = value_of(tree[1]), value_of(tree[2])
        if head == "*" and first:
            return flat(tree[2], c * first)
        if second:
            return flat(tree[1], c * second if head == "*" else c / second)
    return [] if tree == number(0) else [(c, tree)]


def split(tree: Tree) -> tuple[Tree, Tree] | None:
    """u and a of u·log a."""
    if tree[0] != "*":
        return None
    for u, other in (tree[1:], tree[:0:-1]):
        if other[0] == "log":
            return u, other[1]
    return None


def into(groups: dict[Tree, dict[Tree, Fraction]], u: Tree, logs: dict[Tree, Fraction]) -> None:
    own = groups.setdefault(u, {})
    for v, d in logs.items():
        own[v] = own.get(v, Fraction(0)) + d
