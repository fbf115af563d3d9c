"""Exact engine: rewrite the goal as a polynomial in positive, bounded or free atoms and decide that.

`rewrite` gives formulas that imply the goal point by point: the gap, its normal form, the numerator over a positive
denominator, and, for a gap Σ c·log A + r, the numerator of Π A**c·exp(r) − 1 (exp is increasing).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import NamedTuple

from flint import arb, ctx

from ...symbolic.tree import Expr, names, postorder, to_fraction
from .multiply import lowest_terms
from .normal import ONE, Mono, Normaliser, Poly, Quotient, TooLarge, whole_exponents
from .polynomial import Terms, differences, substitute, univariate, variable
from .problem import Problem, at, constant_sign, domain_relations, feasible, inner_points
from .program import Empty, compile_program
from .ranges import Range
from .step import Step

PLAIN = ("number", "variable", "constant", "neg", "+", "-", "*")


class Candidate(NamedTuple):
    """A formula whose sign decides that of a gap, and how it comes from the gap (``times`` are products, all > 0).

    ``same``: it is the gap; ``times``: gap·times; ``exp``: (exp(gap·inner) − 1)·times; ``log``: (log b − log a)·times
    for a gap b − a of positive a, b.
    """

    expr: Expr
    how: str
    times: tuple[Expr, ...] = ()
    inner: tuple[Expr, ...] = ()


class Rewritten(NamedTuple):
    """A numerator p over the atoms of ``normal``: p ≥ 0 (> 0, = 0) at a point implies the goal there.

    ``how``, ``times`` and ``inner`` as in `Candidate`, as polynomials over the atoms.
    """

    normal: Normaliser
    poly: Poly
    how: str
    times: tuple[Poly, ...] = ()
    inner: tuple[Poly, ...] = ()

    @property
    def expr(self) -> Expr:
        return self.normal.poly_expr(self.poly)

    @property
    def candidate(self) -> Candidate:
        times, inner = (
            tuple(self.normal.poly_expr(p) for p in polys if p != ONE) for polys in (self.times, self.inner)
        )
        return Candidate(self.expr, self.how, times, inner)


class Numerator(NamedTuple):
    """A quotient times ``times``, whose product is > 0."""

    poly: Poly
    times: tuple[Poly, ...]


def range_on(expr: Expr, problem: Problem) -> Range | None:
    """The values on the domain; None if the formula may be undefined somewhere on the box."""
    try:
        result = compile_program(expr, problem.names)(problem.box())
    except Empty:
        return None
    return None if result.cut else result.value


def numerator(n: Normaliser, form: Quotient, problem: Problem) -> Numerator | None:
    """The numerator times the sign of the denominator, divided by positive factors; None if the sign is unknown."""
    if len(form.bottom) > 1:
        form = Quotient(*lowest_terms(form.top, form.bottom))
    side = sign_of(n, form.bottom, problem)
    if side is None:
        return None
    top = form.top if side == 1 else {m: -c for m, c in form.top.items()}
    times: tuple[Poly, ...] = (form.bottom, {(): Fraction(side)})
    if not top:
        return Numerator({}, times)
    low: dict[int, Fraction] = {}
    for mono in top:
        for i, e in mono:
            low[i] = min(low.get(i, e), e)
    below = tuple((i, -e) for i, e in sorted(low.items()) if e < 0 and n.atoms[i].sign != 1)
    side = sign_of(n, {below: Fraction(1)}, problem) if below else None
    if side is not None:
        top = n.times(top, {below: Fraction(side)})
        times = (*times, {below: Fraction(side)})
    content, _, _ = n.split(top)
    if not content:
        return Numerator(top, times)
    unit = {tuple((i, -e) for i, e in content): Fraction(1)}
    return Numerator(n.times(top, unit), (*times, unit))


def sign_of(n: Normaliser, bottom: Poly, problem: Problem) -> int | None:
    """The sign of a denominator on the domain: by its terms, its range, as a polynomial, or because it never vanishes.

    A denominator of the normal form is nonzero wherever the formula is defined, so on a connected domain where it is
    continuous its sign at one point is its sign everywhere.
    """
    if n.sign(bottom) == 1:
        return 1
    expr = n.poly_expr(bottom)
    value = range_on(expr, problem)
    if value is not None and (value.positive or value.negative):
        return 1 if value.positive else -1
    for side in (1, -1):
        signed = {m: side * c for m, c in bottom.items()}
        if decide(Rewritten(n, signed, ""), problem.with_gap(problem.gap, ">")) is not None:
            return side
    if problem.conditions or any(v.integer for v in problem.variables):
        return None
    if any(node.head in ("floor", "ceil") for node in postorder(problem.gap)):
        return None
    point = inner_point(problem)
    found = None if point is None else constant_sign(at(expr, point), 256)
    return found if found in (1, -1) else None


def inner_point(problem: Problem) -> dict[str, Fraction] | None:
    """A rational point of the open box."""
    found = {}
    for v in problem.variables:
        inside = inner_points(v, 5)
        if not inside:
            return None
        found[v.name] = inside[2 % len(inside)]
    return found if feasible(problem.variables, problem.conditions, found) else None


def normaliser(problem: Problem) -> Normaliser:
    """A normaliser that knows the integers, the signs of the variables, and those of domains and conditions."""
    n = Normaliser(problem.signs(), problem.integers)
    for relation in (*domain_relations(problem.variables), *problem.conditions):
        if relation.op != "==" and all(node.head in PLAIN for node in postorder(relation.gap)):
            form = n.form(relation.gap)
            if set(form.bottom) == {()}:
                n.note(form.top, 1 if relation.op == "<" else 0)
    return n


def rewrite(problem: Problem) -> list[Rewritten]:
    """Numerators that imply the goal, simplest first."""
    n = normaliser(problem)
    found: list[Rewritten] = []
    try:
        form = n.form(problem.gap)
        top = numerator(n, form, problem)
        if top is not None:
            found.append(Rewritten(n, top.poly, "times", top.times))
            power = exponential(n, top.poly, problem)
            if power is not None:
                scale: Poly = {(): 1 / log_scale(n, top.poly)}
                found.append(Rewritten(n, power.poly, "exp", power.times, (*top.times, scale)))
    except TooLarge:
        pass
    try:
        both = logarithmic(n, problem)
        if both is not None:
            found.append(Rewritten(n, both.poly, "log", both.times))
    except TooLarge:
        pass
    return found


def logarithmic(n: Normaliser, problem: Problem) -> Numerator | None:
    """For a gap b − a of positive a, b with an exponential or general power in one: the numerator of log b − log a."""
    if problem.gap.head != "-":
        return None
    b, a = (n.form(side) for side in problem.gap.args)
    if any(n.sign(part) != 1 for part in (a.top, a.bottom, b.top, b.bottom)):
        return None
    if not any(n.atoms[i].key[0] in ("exp", "exp*") for q in (a, b) for m in q.top for i, _ in m):
        return None
    return numerator(n, n.add(n.log(b), n.log(a), -1), problem)


def scaled(item: Rewritten) -> Candidate | None:
    """The polynomial divided by the highest powers of its exponentials: another view of its behaviour at infinity."""
    top: dict[int, Fraction] = {}
    for mono in item.poly:
        for i, e in mono:
            if item.normal.atoms[i].key[0] in ("exp", "exp*"):
                top[i] = max(top.get(i, Fraction(0)), e)
    if not any(top.values()):
        return None
    factor: Poly = {tuple(sorted((i, -e) for i, e in top.items() if e)): Fraction(1)}
    try:
        smaller = item.normal.times(item.poly, factor)
    except TooLarge:
        return None
    return item._replace(poly=smaller, times=(*item.times, factor)).candidate


def candidates(problem: Problem) -> list[Candidate]:
    """The gap, and the formulas of `rewrite` and `scaled`, each once."""
    with ctx.workprec(64):
        items = rewrite(problem)
        found = [Candidate(problem.gap, "same"), *(item.candidate for item in items), *map(scaled, items)]
    unique: dict[Expr, Candidate] = {}
    for item in found:
        if item is not None:
            unique.setdefault(item.expr, item)
    return list(unique.values())


def log_scale(n: Normaliser, top: Poly) -> Fraction:
    """The largest coefficient of a logarithm."""
    return max(abs(c) for m, c in top.items() if len(m) == 1 and n.atoms[m[0][0]].key[0] == "log")


def exponential(n: Normaliser, top: Poly, problem: Problem) -> Numerator | None:
    """For a gap Σ c·log A + r: exp of it, minus 1; None if there is no logarithm to remove."""
    logs = [m for m in top if len(m) == 1 and m[0][1] == 1 and n.atoms[m[0][0]].key[0] == "log"]
    inside = {i for m in top for i, _ in m if n.atoms[i].key[0] == "log"}
    mixed = any(
        len(m) > 1
        and any(n.atoms[i].key[0] == "log" and names(n.atoms[i].expr) for i, _ in m)
        and any(n.atoms[i].key[0] == "exp" for i, _ in m)
        for m in top
    )
    if mixed or len(inside) != len(logs) or all(names(n.atoms[m[0][0]].expr) == () for m in logs):
        return None
    scale = log_scale(n, top)
    raised = n.exp(Quotient({m: c / scale for m, c in top.items()}, ONE))
    return numerator(n, n.add(raised, Quotient(ONE, ONE), -1), problem)


class Shape(NamedTuple):
    """A polynomial with whole exponents in atoms that have ranges."""

    terms: Terms
    ranges: list[Range]
    exprs: list[Expr]
    low: list[Fraction]


def shape(item: Rewritten, problem: Problem) -> Shape | None:
    """The atoms as independent variables with the ranges they have on the domain (power t of atom = t**scale)."""
    poly, scales = whole_exponents(item.poly)
    used = sorted({i for mono in poly for i, _ in mono})
    ranges: list[Range] = []
    exprs: list[Expr] = []
    for i in used:
        expr = item.normal.factor(item.normal.atoms[i], Fraction(1, scales[i]))
        value = range_on(expr, problem)
        if value is None:
            return None
        ranges.append(value)
        exprs.append(expr)
    low = [min([e for mono in poly for j, e in mono if j == i] + [Fraction(0)]) for i in used]
    if any(e < 0 and not value.positive for e, value in zip(low, ranges, strict=True)):
        return None
    terms: Terms = {}
    for mono, c in poly.items():
        exponents = dict(mono)
        terms[tuple(int(exponents.get(i, Fraction(0)) - e) for i, e in zip(used, low, strict=True))] = c
    return Shape(terms, ranges, exprs, low) if all(sum(t) <= 60 for t in terms) else None


def rational(end: arb) -> Fraction | None:
    if not end.is_finite():
        return None
    mantissa, exponent = (int(x) for x in end.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent if abs(exponent) < 4000 else None


def exact_range(expr: Expr, value: Range, problem: Problem) -> tuple[Fraction | None, Fraction | None]:
    """Rational ends that enclose the range: those of the domain exactly if the atom is a variable."""
    if expr.head == "variable":
        v = next(v for v in problem.variables if v.name == expr.args[0])
        low, high = (None if end is None else to_fraction(end) for end in (v.low, v.high))
        return (
            low if low is not None else rational(value.lo),
            high if high is not None else rational(value.hi),
        )
    return rational(value.lo), rational(value.hi)


def decide(item: Rewritten, problem: Problem) -> Step | None:
    """A step that shows the polynomial to be ≥ 0 (> 0, = 0), or None."""
    if not item.poly:
        return Step("identity", problem) if problem.op != ">" else None
    if problem.op == "==":
        return None
    strict = problem.op == ">"
    sign = item.normal.sign(item.poly)
    if sign == 1 or (sign == 0 and not strict):
        return Step("terms", problem, {"candidate": item.candidate})
    with ctx.workprec(128):
        found = shape(item, problem)
    if found is None:
        return None
    ends = [exact_range(expr, value, problem) for expr, value in zip(found.exprs, found.ranges, strict=True)]
    rule = _one(found, ends[0], strict) if len(ends) == 1 else _several(found, ends, strict)
    if rule is None:
        return None
    functions = any(e.head != "variable" for e in found.exprs)
    data = {"candidate": item.candidate, "atoms": found.exprs, "ends": ends, "terms": found.terms, "low": found.low}
    return Step(rule, problem, {**data, "enclosed": functions and any(e is not None for pair in ends for e in pair)})


def _one(found: Shape, ends: tuple[Fraction | None, Fraction | None], strict: bool) -> str | None:
    degree = max(t[0] for t in found.terms)
    coefficients = [found.terms.get((k,), Fraction(0)) for k in range(degree + 1)]
    value = found.ranges[0]
    closed = (not value.lo_open, not value.hi_open)
    low, high = ends
    if low is not None and high is not None and low >= high:
        return None
    return "sturm" if univariate(coefficients, low, high, closed, strict) else None


def _several(found: Shape, ends: list[tuple[Fraction | None, Fraction | None]], strict: bool) -> str | None:
    count = len(ends)
    free = [i for i, (low, high) in enumerate(ends) if low is None and high is None]
    if len(free) > 4 or count > 8 or len(found.terms) > 400:
        return None
    budget = [600]
    for flips in product((1, -1), repeat=len(free)):
        images: list[Terms] = []
        for i, (low, high) in enumerate(ends):
            u, zero = variable(count, i), (0,) * count
            side = flips[free.index(i)] if i in free else 1
            if low is not None:
                images.append({u: Fraction(1), zero: low} if low else {u: Fraction(1)})
            elif high is not None:
                images.append({u: Fraction(-1), zero: high} if high else {u: Fraction(-1)})
            else:
                images.append({u: Fraction(side)})
        moved = substitute(found.terms, images)
        tops: dict[int, int] = {}
        for i, (low, high) in enumerate(ends):
            if moved and low is not None and high is not None:
                tops[i] = 0 if found.ranges[i].hi_open else max(m[i] for m in moved)
                moved = _to_half_line(moved, i, high - low)
        if moved is None or not moved:
            return None
        if strict and moved.get((0,) * count, 0) <= 0:
            return None
        if strict and tops and not (all(c >= 0 for c in moved.values()) and _top_positive(moved, tops)):
            return None
        if not differences(moved, 3 if count <= 3 else 2, budget):
            return None
    return "differences"


def _to_half_line(p: Terms, i: int, width: Fraction) -> Terms:
    """Numerator after u = width·v/(1 + v), which maps v ∈ [0, ∞) onto [0, width)."""
    degree = max(m[i] for m in p)
    result: Terms = {}
    for mono, c in p.items():
        rows = [Fraction(1)]
        for _ in range(degree - mono[i]):
            rows = [a + b for a, b in zip([*rows, Fraction(0)], [Fraction(0), *rows], strict=True)]
        for k, row in enumerate(rows):
            key = (*mono[:i], mono[i] + k, *mono[i + 1 :])
            result[key] = result.get(key, Fraction(0)) + c * width ** mono[i] * row
    return {m: c for m, c in result.items() if c}


def _top_positive(p: Terms, tops: dict[int, int]) -> bool:
    """Whether p has a term at every corner of the bounded variables (0, or the power ``tops`` for v = ∞), the others 0.

    An open end v = ∞ is no corner: its power is 0.

    With coefficients that are all ≥ 0, the form of p in v/(1 + v) and 1/(1 + v) is at least a positive combination of
    these. The powers are those before v was put in: if the polynomial vanishes where v = ∞, p has no such power.
    """
    for corner in product((0, 1), repeat=len(tops)):
        wanted = {i: top * at for (i, top), at in zip(tops.items(), corner, strict=True)}
        if not any(all(e == wanted.get(i, 0) for i, e in enumerate(m)) for m in p):
            return False
    return True


def analytic(expr: Expr) -> bool:
    """Whether the formula is analytic wherever all its parts are defined in the interior of their domains."""
    good = {*("number", "constant", "variable", "neg", "+", "-", "*", "/", "exp", "log", "sin", "cos", "tan")}
    good |= {*("sinh", "cosh", "tanh", "atan", "erf", "sigmoid", "softplus")}
    for node in postorder(expr):
        whole = node.head == "**" and (e := to_fraction(node.args[1])) is not None and e.denominator == 1
        if node.head not in good and not whole:
            return False
    return True


__all__ = ["Candidate", "Mono", "Rewritten", "candidates", "decide", "rewrite"]
