"""The sign of a formula on the whole domain of a problem, from its normal form: by terms, by factors, by ranges."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .evaluate import Nowhere, evaluate, operations
from .factors import MOST_DEGREE, Poly, factors
from .normal import Normal
from .points import box_of, rate_of, sign_of
from .polynomial import sign_on_interval
from .quotients import TooLarge, scaled
from .reading import Problem
from .tree import Tree, make, names, number, substitute, value_of


class Sign(NamedTuple):
    """side·f ≥ 0 on the domain, > 0 if strict."""

    side: int
    strict: bool


def shown(tree: Tree, normal: Normal, problem: Problem) -> Sign | None:
    """The sign of a formula wherever it is defined; None if it is not seen.

    >>> from .reading import read_claim
    >>> claim = read_claim("x - y == 0", ["x > y", "x in [0, 1)", "y > 0"])
    >>> known = Problem(claim.domains, claim.conditions, claim.goals[0])
    >>> normal = Normal({"x": 0, "y": 1})
    >>> shown(("*", claim.conditions[0].gap, ("-", ("variable", "x"), number(1))), normal, known)
    >>> normal.note(claim.conditions[0].gap, 1)
    >>> shown(("*", claim.conditions[0].gap, ("-", ("variable", "x"), number(1))), normal, known)
    Sign(side=-1, strict=True)
    """
    if tree[0] in ("cos", "sin"):
        return _half_turn(tree, problem)
    try:
        top, bottom = normal.form(tree)
        below = of_polynomial(normal, bottom, problem)
        above = of_polynomial(normal, top, problem) if below is not None and below.strict else None
    except TooLarge:
        return None
    return None if above is None or below is None else Sign(above.side * below.side, above.strict)


def of_polynomial(normal: Normal, p: Poly, problem: Problem) -> Sign | None:
    """The sign of a polynomial in atoms."""
    if not p:
        return Sign(1, False)
    found = _plain(normal, p, problem)
    if found is not None and found.strict:
        return found
    side, strict = 1, True
    for factor, times in factors(p):
        sign = _plain(normal, factor, problem)
        if sign is None and times % 2:
            return found
        side *= sign.side if sign is not None and times % 2 else 1
        strict = strict and sign is not None and sign.strict
    return Sign(side, strict)


def _plain(normal: Normal, p: Poly, problem: Problem) -> Sign | None:
    """By the signs of terms, by what is noted, by the values on the box, by the roots in one variable."""
    signs = {side: normal.sign(scaled(p, Fraction(side))) for side in (1, -1)}
    strict = next((side for side, sign in signs.items() if sign == 1), None)
    if strict is not None:
        return Sign(strict, True)
    try:
        value = evaluate(operations(normal.tree_of(p)), box_of(problem)).value
    except Nowhere:
        return None
    if value.above(True) or value.below(True):
        return Sign(1 if value.above(True) else -1, True)
    found = _one_variable(normal, p, problem)
    if found is not None:
        return found
    weak = [side for side in (1, -1) if signs[side] == 0 or (value.above(False) if side == 1 else value.below(False))]
    return Sign(weak[0], False) if weak else None


def _one_variable(normal: Normal, p: Poly, problem: Problem) -> Sign | None:
    """A polynomial in one variable between rational ends."""
    used = {normal.kinds[i] for mono in p for i, _ in mono}
    exponents = {e for mono in p for _, e in mono}
    kind, name, *_ = used.pop() if len(used) == 1 else ("", "")
    if kind != "variable" or not all(e.denominator == 1 and 0 < e <= MOST_DEGREE for e in exponents):
        return None
    domain = problem.domains[name]
    low, high = (None if end is None else value_of(end) for end in (domain.low, domain.high))
    if (low is None) != (domain.low is None) or (high is None) != (domain.high is None):
        return None
    by_degree = {mono[0][1] if mono else Fraction(0): c for mono, c in p.items()}
    degree = int(max(by_degree))
    closed = (low is not None and not domain.low_open, high is not None and not domain.high_open)
    for side in (1, -1):
        coefficients = [side * by_degree.get(Fraction(k), Fraction(0)) for k in range(degree + 1)]
        for strict in (True, False):
            if sign_on_interval(coefficients, low, high, closed, strict):
                return Sign(side, strict)
    return None


def _half_turn(tree: Tree, problem: Problem) -> Sign | None:
    """cos u > 0 for −π/2 < u < π/2, and sin u > 0 for 0 < u < π, where u is linear in one variable."""
    used = names(tree)
    if len(used) != 1:
        return None
    name = used.pop()
    me, domain = ("variable", name), problem.domains[name]
    rate = rate_of(tree[1], me)
    start = substitute(tree[1], {me: number(0)}) if rate else None
    if not rate or start is None or domain.low is None or domain.high is None:
        return None
    if not Normal({}).is_zero(make("-", tree[1], make("+", make("*", number(rate), me), start))):
        return None
    half = make("/", ("constant", "pi"), number(2))
    shift = half if tree[0] == "cos" else number(0)
    ends = [(domain.low, domain.low_open), (domain.high, domain.high_open)][:: 1 if rate > 0 else -1]
    rooms = [
        make("+", substitute(tree[1], {me: ends[0][0]}), shift),
        make("-", make("-", ("constant", "pi"), shift), substitute(tree[1], {me: ends[1][0]})),
    ]
    signs = [sign_of(room) for room in rooms]
    if any(sign is None or sign < 0 for sign in signs):
        return None
    return Sign(1, all(sign == 1 or is_open for sign, (_, is_open) in zip(signs, ends, strict=True)))
