"""Where a formula is convex or concave: a row for each function, and the rules that compose them, in one place.

Powers of positive formulas are in `atoms`: exp u is 0-convex for convex u, log f convex for 0-convex f, and dually.
All else is disciplined convex programming (Grant, Boyd and Ye 2006): h∘u is convex if h is convex on the values of u,
and u affine, or u convex and h nondecreasing there, or u concave and h nonincreasing there; sums; quadratic forms by
an exact L·D·Lᵀ; and u·log(u/v), jointly convex for affine u ≥ 0 and concave v > 0 (perspective of −log).

The set is the box with the affine side conditions, where the formula is defined: it is convex, because each rule asks
so much of the argument of a function with a restricted domain that the part of a convex set where it is allowed is
convex. Signs and values are enclosed there by `ranges`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flint import arb

from ...symbolic.tree import Expr, children, names, number, postorder, to_fraction
from .atoms import (
    AFFINE,
    ATOMS,
    LOG,
    NOTHING,
    ONE,
    Ends,
    Shape,
    composed,
    flagged,
    joined,
    least,
    most,
    negated,
    raised,
)
from .language import Relation
from .normal import Normaliser, TooLarge
from .problem import Problem, constant_sign
from .program import Empty, compile_program
from .quadratic import Quadratic, quadratic_of, semidefinite
from .ranges import ALL, Range

NODES, DEPTH = 300, 60
POSITIVE, TURNS = ("log", "gamma", "loggamma"), ("sin", "cos", "tan")
Term = tuple[Fraction, Expr]


class Calculus:
    """Shapes of formulas in the ``free`` variables of a problem, the others fixed; those in ``logs`` (> 0) by log x.

    >>> from attain.symbolic.expression import parse
    >>> from .language import Variable
    >>> positive = tuple(Variable(name, number(0), None, True) for name in "xy")
    >>> problem = Problem(positive, (), number(0), ">")
    >>> calculus = Calculus(problem, ("x", "y"))
    >>> [calculus.shape(parse(t)).convex for t in ("x**2/y", "log(exp(x) + exp(y))", "x*log(x/y)", "x*y")]
    [True, True, True, False]
    >>> Calculus(problem, ("x", "y"), ("x", "y")).shape(parse("log(x + y**3/x)")).convex
    True
    """

    def __init__(self, problem: Problem, free: tuple[str, ...], logs: tuple[str, ...] = ()) -> None:
        self.problem, self.free, self.logs = problem, frozenset(free), frozenset(logs)
        self.shapes: dict[Expr, Shape] = {}
        self.values: dict[Expr, Range] = {}
        self.box = problem.box()
        self.normal = Normaliser(problem.signs())
        for c in () if logs else affine_conditions(problem):
            form = self.normal.form(c.gap)
            if set(form.bottom) == {()}:
                self.normal.note(form.top, 1 if c.op == "<" else 0)

    def fixed(self, expr: Expr) -> bool:
        return not self.free.intersection(names(expr))

    def value(self, expr: Expr) -> Range:
        """The values where the formula is defined."""
        if expr not in self.values:
            try:
                self.values[expr] = compile_program(expr, self.problem.names)(self.box).value
            except Empty:
                self.values[expr] = ALL
        return self.values[expr]

    def at_least(self, expr: Expr, strict: bool = False) -> bool:
        """Whether a formula is ≥ 0 (> 0) wherever it is defined on the set."""
        value = self.value(expr)
        if value.positive or (value.nonnegative and not strict):
            return True
        if not self.normal.noted:
            return False
        try:
            self.normal.work = 0
            form = self.normal.form(expr)
            return self.normal.sign(form.bottom) == 1 and self.normal.sign(form.top) >= int(strict)
        except TooLarge:
            return False

    def at_most(self, expr: Expr) -> bool:
        return self.value(expr).nonpositive or (bool(self.normal.noted) and self.at_least(Expr("neg", (expr,))))

    def shape(self, expr: Expr) -> Shape:
        """What is known about a formula; nothing about one that is too large."""
        nodes = list(postorder(expr))
        heights: dict[int, int] = {}
        for node in nodes:
            heights[id(node)] = 1 + max((heights[id(child)] for child in children(node)), default=0)
        return self._shape(expr) if len(nodes) <= NODES and heights[id(expr)] <= DEPTH else NOTHING

    def _shape(self, expr: Expr) -> Shape:
        if expr not in self.shapes:
            self.shapes[expr] = self._signed(expr, self._rule(expr))
        return self.shapes[expr]

    def _signed(self, expr: Expr, s: Shape) -> Shape:
        """With what the sign adds."""
        s = flagged(s)
        if (s.convex or s.concave) and self.at_least(expr):
            s = s._replace(up=least(s.up, ONE if s.convex else None), down=most(s.down, ONE if s.concave else None))
        return s

    def _rule(self, expr: Expr) -> Shape:
        head, args = expr.head, expr.args
        if self.fixed(expr):
            return AFFINE
        if head == "variable":
            return Shape(True, False, LOG, LOG) if args[0] in self.logs else AFFINE
        if head in ("+", "-", "neg"):
            return self._sum(expr)
        if head in ("*", "/"):
            return self._product(expr)
        if head == "**":
            exponent = to_fraction(args[1])
            if exponent is None:
                return self._shape(Expr("exp", (Expr("*", (args[1], Expr("log", (args[0],)))),)))
            return self._power(args[0], exponent)
        if head == "sqrt":
            return self._power(args[0], Fraction(1, 2))
        if head == "abs":
            return self._absolute(args[0])
        if head in ("max", "min"):
            return self._extremum(head, args)
        return self._function(head, args[0]) if head in ATOMS else NOTHING

    # --- sums ---

    def _sum(self, expr: Expr) -> Shape:
        """Terms with constant factors; those of degree 2 as one quadratic form, entropies u·log(u/v) as one term."""
        terms = [(c, t) for c, t in terms_of(expr) if not self.fixed(t)]
        shapes = [self._scaled(c, t) for c, t in terms]
        if all(s.convex for s in shapes) or all(s.concave for s in shapes):
            whole = Shape(all(s.convex for s in shapes), all(s.concave for s in shapes))
            return self._powers(expr, shapes, whole)
        if self.logs:
            return NOTHING
        curved = [(c, t) for (c, t), s in zip(terms, shapes, strict=True) if not s.affine]
        rest, quadratic = self._quadratic(curved)
        rest, entropies = self._entropies(rest)
        shapes = [*quadratic, *entropies, *(self._scaled(c, t) for c, t in rest)]
        return Shape(all(s.convex for s in shapes), all(s.concave for s in shapes))

    def _powers(self, expr: Expr, shapes: list[Shape], whole: Shape) -> Shape:
        """A sum of terms ≥ 0 with ``up`` and ``down``."""
        ups, downs = [s.up for s in shapes if s.up is not None], [s.down for s in shapes if s.down is not None]
        if len(shapes) not in (len(ups), len(downs)) or not all(self.at_least(_times(c, t)) for c, t in terms_of(expr)):
            return whole
        up = max(ups) if len(ups) == len(shapes) else None
        down = min(downs) if len(downs) == len(shapes) else None
        return whole._replace(up=up if up is not None and up <= 1 else None, down=down if down and down >= 1 else None)

    def _scaled(self, c: Fraction, term: Expr) -> Shape:
        s = self._shape(term)
        return s if c > 0 else negated(s)

    def _quadratic(self, terms: list[Term]) -> tuple[list[Term], list[Shape]]:
        """The terms that are left, and the shape of those of degree ≤ 2 together."""
        whole: Quadratic = {}
        rest = []
        for c, t in terms:
            p = quadratic_of(t) if self.free.issuperset(names(t)) else None
            if p is None:
                rest.append((c, t))
            for mono, value in (p or {}).items():
                whole[mono] = whole.get(mono, Fraction(0)) + c * value
        return rest, [Shape(semidefinite(whole, 1), semidefinite(whole, -1))] if whole else []

    def _entropies(self, terms: list[Term]) -> tuple[list[Term], list[Shape]]:
        """Σ c·u·log(a) for each u; if that does not do, those with a sum u are distributed over its terms."""
        rest: list[Term] = []
        groups: dict[Expr, dict[Expr, Fraction]] = {}
        for c, t in terms:
            split = _entropy(t)
            u, a = split or (t, t)
            parts = list(terms_of(u))
            scale, u = parts[0] if split and len(parts) == 1 else (ONE, u)
            if not split or self.fixed(u) or not self._shape(u).affine or not self.at_least(u):
                rest.append((c, t))
                continue
            for d, factor in self._factors(a):
                _add(groups, u, {factor: c * scale * d})
        found = [self._group(u, own) for u, own in groups.items()]
        if not all(s.convex for s in found) and not all(s.concave for s in found):
            for u in list(groups):
                parts = list(terms_of(u))
                if all(w in groups and w != u for _, w in parts):
                    own = groups.pop(u)
                    for c, w in parts:
                        _add(groups, w, {a: c * d for a, d in own.items()})
            found = [self._group(u, own) for u, own in groups.items()]
        return rest, found

    def _group(self, u: Expr, logs: dict[Expr, Fraction]) -> Shape:
        """Σ d·u·log(u/v) + (k − Σ d)·u·log u, convex for affine u ≥ 0, concave v, d > 0 and Σ d ≤ k; or minus that.

        An argument of a logarithm restricts the set to where it is > 0: that is convex, since it is concave.
        """
        others = {a: d for a, d in logs.items() if a != u and not self.fixed(a)}
        own = logs.get(u, Fraction(0))
        side = 1 if own > 0 else -1
        good = all(d * side <= 0 and self._shape(a).concave for a, d in others.items())
        if not own or not good or abs(own) < sum(abs(d) for d in others.values()):
            return NOTHING
        return Shape(side == 1, side == -1)

    def _factors(self, a: Expr) -> list[Term]:
        """log a as logarithms of numerator and denominator if both are > 0."""
        if a.head == "/" and all(self.at_least(part, True) for part in a.args):
            return [*self._factors(a.args[0]), *((-c, t) for c, t in self._factors(a.args[1]))]
        return [(ONE, a)]

    # --- products and powers ---

    def _product(self, expr: Expr) -> Shape:
        a, b = expr.args
        if self.fixed(a):
            return self._multiple(a, self._shape(b) if expr.head == "*" else self._power(b, Fraction(-1)))
        if self.fixed(b):
            return self._multiple(b if expr.head == "*" else Expr("/", (number(1), b)), self._shape(a))
        if expr.head == "*" and a == b:
            return self._power(a, Fraction(2))
        if expr.head == "*" and not self.logs:
            _, entropies = self._entropies([(ONE, expr)])
            if entropies and entropies[0] != NOTHING:
                return entropies[0]
        side, parts = 1, []
        for f, e in ((a, 1), (b, 1 if expr.head == "*" else -1)):
            if not self.at_least(f) and self.at_most(f):
                f, side = Expr("neg", (f,)), -side
            parts.append(self._shape(f) if e == 1 else self._power(f, Fraction(-1)))
        found = joined(parts)
        return found if side == 1 else negated(found)

    def _multiple(self, factor: Expr, s: Shape) -> Shape:
        """A constant times a formula."""
        if self.at_least(factor, True):
            return s
        s = flagged(s)._replace(up=None, down=None)
        return s if s.affine or self.at_least(factor) else negated(s) if self.at_most(factor) else NOTHING

    def _power(self, u: Expr, e: Fraction) -> Shape:
        """u**e; a fractional power restricts the set to u ≥ 0, which is convex if u is concave."""
        s, whole = self._shape(u), e.denominator == 1
        if e in (0, 1):
            return AFFINE if e == 0 and s != NOTHING else s
        if self.at_least(u):
            return raised(s, e)
        if not whole:
            return raised(s._replace(up=ONE if s.convex else None, down=ONE), e) if s.concave else NOTHING
        if self.at_most(u):
            found = raised(self._shape(Expr("neg", (u,))), e)
            return found if e % 2 == 0 else negated(found)
        return Shape(True, False, 1 / e) if s.affine and e > 0 and e % 2 == 0 else NOTHING

    def _absolute(self, u: Expr) -> Shape:
        if self.at_least(u) or self.at_most(u):
            return self._shape(u if self.at_least(u) else Expr("neg", (u,)))
        return Shape(True, False, ONE) if self._shape(u).affine else NOTHING

    def _extremum(self, head: str, args: tuple[Expr, ...]) -> Shape:
        shapes = [self._shape(a) for a in args if not self.fixed(a)]
        known = [r for s in shapes if (r := s.up if head == "max" else s.down) is not None]
        signed = len(known) == len(shapes) and all(self.at_least(a, True) for a in args)
        if head == "max":
            return Shape(convex=all(s.convex for s in shapes), up=max(known) if signed else None)
        return Shape(concave=all(s.concave for s in shapes), down=min(known) if signed else None)

    # --- functions ---

    def _function(self, head: str, u: Expr) -> Shape:
        s, row = self._shape(u), ATOMS[head]
        if head in POSITIVE and not s.concave and s.down is None and not self.at_least(u, True):
            return NOTHING
        if head in ("asin", "acos") and not s.affine and not self._between(u, head, (-1, 1)):
            return NOTHING
        if head == "lambertw" and not s.concave and not self.at_least(u):
            return NOTHING
        if head == "exp":
            return Shape(up=LOG if s.convex else None, down=LOG if s.concave else None)
        if head == "log":
            convex = s.up is not None and s.up <= 0
            return Shape(convex, s.concave or s.down is not None)
        rises, falls = self._between(u, head, row.rises), self._between(u, head, row.falls)
        return Shape(
            self.curved(head, u, 1) and composed(s, rises, falls, True),
            self.curved(head, u, -1) and composed(s, rises, falls, False),
            LOG if row.up and (s.affine or (rises and s.convex) or (falls and s.concave)) else None,
            LOG if row.down and s.concave else None,
        )

    def curved(self, head: str, u: Expr, side: int) -> bool:
        """Whether a function is convex (side 1) or concave (side −1) on the values of its argument."""
        return self._between(u, head, ATOMS[head].convex if side == 1 else ATOMS[head].concave)

    def _between(self, u: Expr, head: str, ends: Ends | None) -> bool:
        """Whether an argument lies between the ends; those of a variable are compared exactly."""
        if ends is None:
            return False
        value, unit = self.value(u), arb.pi() / 2 if head in TURNS else arb(1)
        below = ends[0] is None or bool(value.lo >= ends[0] * unit)
        above = ends[1] is None or bool(value.hi <= ends[1] * unit)
        v = next((v for v in self.problem.variables if u.head == "variable" and u.args[0] == v.name), None)
        if v is None or head not in TURNS or (below and above):
            return below and above
        return (below or _beyond(v.low, ends[0], 1)) and (above or _beyond(v.high, ends[1], -1))


def _beyond(end: Expr | None, turns: int | None, side: int) -> bool:
    """Whether side·(end − turns·π/2) ≥ 0."""
    if end is None or turns is None:
        return False
    quarter = Expr("*", (number(Fraction(turns, 2)), Expr("constant", ("pi",))))
    return constant_sign(Expr("-", (end, quarter) if side == 1 else (quarter, end)), 256) in (0, 1)


def affine_conditions(problem: Problem) -> list[Relation]:
    """The inequalities that are affine in the variables: what they leave of a convex set is convex."""
    found = [(c, quadratic_of(c.gap)) for c in problem.conditions if c.op != "=="]
    return [c for c, p in found if p is not None and max(map(len, p), default=0) <= 1]


def terms_of(expr: Expr, c: Fraction = ONE) -> Iterator[Term]:
    """A sum as rational coefficients and terms."""
    waiting = [(c, expr)]
    while waiting:
        c, node = waiting.pop()
        head, args = node.head, node.args
        if head in ("+", "-"):
            waiting += [(c if head == "+" else -c, args[1]), (c, args[0])]
        elif head == "neg":
            waiting.append((-c, args[0]))
        elif head in ("*", "/"):
            first, second = to_fraction(args[0]), to_fraction(args[1])
            if head == "*" and first:
                waiting.append((c * first, args[1]))
            elif second:
                waiting.append((c * second if head == "*" else c / second, args[0]))
            else:
                yield c, node
        elif not (head == "number" and args[0] == 0):
            yield c, node


def _times(c: Fraction, term: Expr) -> Expr:
    return term if c == 1 else Expr("*", (number(c), term))


def _add(groups: dict[Expr, dict[Expr, Fraction]], u: Expr, logs: dict[Expr, Fraction]) -> None:
    own = groups.setdefault(u, {})
    for a, d in logs.items():
        own[a] = own.get(a, Fraction(0)) + d


def _entropy(t: Expr) -> tuple[Expr, Expr] | None:
    """u and a of u·log(a)."""
    if t.head == "*":
        for u, other in (t.args, t.args[::-1]):
            if other.head == "log":
                return u, other.args[0]
    return None
