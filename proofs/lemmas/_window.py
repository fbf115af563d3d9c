"""Sums over a finite window of the lattice against the one-sided sums at distance 1/2, with the error of cutting."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..claim import Rel, eq, ge, le
from ..derived import assumed, exponential
from ..kernel import Fact, assume, combine, identity, induction, substitute, termwise
from ._lattice import HOT, kappa
from ._pairs import WAVE, even_wave, hump, odd_wave, wave_signs
from ._reindex import K, c, even_diagonal, f, h, i, integer, j, l, m, odd_diagonal, shifted, t, total
from ._square import LAST, SOME, a, halves, nu, triangle
from .one_sided_grid import gauss, mass, one_sided_grid, second, x
from .theta_decreases import INSIDE, NEAR, delta, n, theta_decreases

HALF = sp.Rational(1, 2)
q = integer("q")


@cache
def never_below() -> Fact:
    """E d^2 from 1/2 + delta + q/2 on is at least that from 1/2 on (2 nu + 2 terms each), q >= 0: steps of 1/2."""
    hot, some, near, inside, low = assumed(HOT, SOME, NEAR, INSIDE, ge(q, 0))
    given = [hot, some, near, inside]

    def goal(first: sp.Expr) -> Rel:
        return le(second(HALF) * mass(first), second(first) * mass(HALF))

    start = HALF + delta + q / 2
    base = substitute(one_sided_grid(), {x: HALF + delta}, [combine(ge(HALF + delta, HALF), [(1, near)])])
    beyond = combine(ge(start + HALF, HALF), [(1, near), (HALF, low)], rest=HALF)
    further = substitute(one_sided_grid(), {x: start + HALF, delta: HALF}, [beyond])
    hypothesis = assume(goal(start), given)
    terms = [(mass(HALF) / mass(start), further), (mass(start + HALF) / mass(start), hypothesis)]
    step = combine(goal(start + HALF), terms, given, rest=sp.Integer(0))
    return induction(goal(start), q, 0, base, step)


WIDE = sp.exp(-kappa * LAST**2 / 4)
E_NEXT, O_LAST = even_wave(nu + 1), odd_wave(nu)


@cache
def product_of_waves() -> Fact:
    """The sum over K = 0..m of (h(2K+1) + h(-2K-1)) E(K) + (h(2K+2) + h(-2K-2)) O(K) is O(m) E(m + 1)."""
    size = assume(ge(m, 0))
    odd, even = h(2 * K + 1) + h(-2 * K - 1), h(2 * K + 2) + h(-2 * K - 2)
    body = odd * even_diagonal(K) + even * odd_diagonal(K)
    goal = eq(total(body, K, 0, m), odd_diagonal(m) * even_diagonal(m + 1))
    base = identity(goal.lhs.subs(m, 0), odd_diagonal(sp.Integer(0)) * even_diagonal(sp.Integer(1)))
    after = eq(total(body, K, 0, m + 1), odd_diagonal(m + 1) * even_diagonal(m + 2))
    step = combine(after, [(1, assume(goal, [size]))], [size])
    return induction(goal, m, 0, base, step)


@cache
def odd_wave_bound() -> Fact:
    """O(nu) <= F(2 nu + 1 + delta): theta-decreases at 1 - delta, step 2."""
    hot, some, near, inside = assumed(HOT, SOME, NEAR, INSIDE)
    place = (1 - delta) / 2
    rules = [combine(ge(place, 0), [(HALF, inside)], rest=HALF / 2), combine(le(place, HALF), [(HALF, near)])]
    theta = substitute(theta_decreases(), {kappa: 2 * kappa, delta: place, n: nu}, [hot, some, *rules])
    moved = substitute(shifted(), {f: sp.Lambda(i, hump(2 * i - 1 + delta)), c: sp.Integer(1), m: nu - 1}, [some])
    return combine(le(O_LAST, hump(LAST + delta)), [(2, theta), (1, moved)], [some], rest=sp.Integer(0))


@cache
def even_wave_bound() -> Fact:
    """E(nu + 1) <= (nu + 2)(LAST + 2): every term F(d) is at most d."""
    hot, some, near, inside, low, high = assumed(HOT, SOME, NEAR, INSIDE, ge(l, 1), le(l, nu + 1))
    given = [hot, some, near, inside, low]
    bounds = []
    for distance in (delta, delta + 2 * l, 2 * l - delta):
        flat = exponential(combine(le(-kappa * distance**2 / 4, 0), [], [hot]))
        bounds.append((distance, flat))
    first = combine(le(hump(delta), 1), [(delta, bounds[0][1]), (1, inside)], [hot, near, inside])
    goal = le(hump(delta + 2 * l) + hump(delta - 2 * l), LAST + 2)
    back = combine(ge(2 * l - delta, 0), [(2, low), (1, inside)], rest=sp.Rational(3, 2))
    lost = combine(ge(hump(2 * l - delta), 0), [(sp.exp(-kappa * (2 * l - delta) ** 2 / 4), back)])
    one = combine(goal, [(delta + 2 * l, bounds[1][1]), (1, lost), (2, high), (1, inside)], given, rest=HALF)
    return combine(le(E_NEXT, (nu + 2) * (LAST + 2)), [(1, first), (1, termwise(one, l, 1, nu + 1, [some]))], [some])


@cache
def triangle_of_waves() -> Fact:
    """The sum over i + j <= LAST of (F(1 + delta + i + j) - F(1 - delta + i + j)) F(delta + i - j) is O(nu) E(nu+1)."""
    some = assume(SOME)
    diagonals = substitute(triangle(), {a: sp.Lambda(l, h(l + 1) + h(-l - 1))}, [some])
    product = substitute(product_of_waves(), {m: nu}, [some])
    both = combine(eq(diagonals.relation.lhs, product.relation.rhs), [(1, diagonals), (1, product)], [some])
    return substitute(both, {h: WAVE}, [some])


ROUND = -(WAVE.expr.subs(m, i + j + 1) + WAVE.expr.subs(m, -i - j - 1)) * WAVE.expr.subs(m, i - j)


@cache
def far_terms() -> Fact:
    """-2 (LAST + 1)^2 WIDE LAST^2 is at most the sum of ROUND over i + j > LAST, i, j <= LAST."""
    hot, some, near, inside, low, high, least, most = assumed(
        HOT, SOME, NEAR, INSIDE, ge(i, 1), le(i, LAST), ge(j, LAST - i + 1), le(j, LAST)
    )
    given = [hot, some, near, inside, low, high, most]
    d, terms = delta + i - j, []
    positive = combine(ge(j, 0), [(1, least), (1, high)], rest=sp.Integer(1))
    for sign in (-1, 1):
        p = 1 + sign * delta + i + j
        long = combine(ge(p, LAST), [(1, least)], given, rest=2 + sign * delta)
        grown = combine(ge(p + LAST, 0), [(1, long)], [some], rest=2 * LAST)
        exponent = le(-kappa * (p**2 + d**2) / 4, -kappa * LAST**2 / 4)
        small = exponential(combine(exponent, [(kappa / 4 * (p + LAST), long)], [hot, grown], rest=kappa / 4 * d**2))
        end, order, other = (i, high, HALF + j) if sign > 0 else (j, most, HALF + i)
        reach = LAST + 1 + HALF + sign * delta + end
        scale = combine(
            ge(reach, 0), [(1, low), (2, some), (1, near)] if sign > 0 else [(1, positive), (2, some), (1, inside)]
        )
        room = combine(ge(HALF - sign * delta, 0), [(1, near if sign < 0 else inside)])
        square = combine(ge((LAST + 1) ** 2 - sign * p * d, 0), [(reach, order), (reach, room)], [scale], rest=other**2)
        terms += [(sp.exp(-kappa * (p**2 + d**2) / 4), square), ((LAST + 1) ** 2, small)]
    single = combine(ge(ROUND, -2 * (LAST + 1) ** 2 * WIDE), terms, [hot, some], rest=sp.Integer(0))
    count = [some, low, high]
    row = termwise(single, j, LAST - i + 1, LAST, count)
    fewer = 2 * (LAST + 1) ** 2 * WIDE
    line = combine(ge(row.relation.rhs, -fewer * LAST), [(1, row), (fewer, high)], count)
    rows = termwise(line, i, 1, LAST, [some])
    return combine(ge(rows.relation.rhs, -fewer * LAST**2), [(1, rows)], [some])


@cache
def full_window() -> Fact:
    """The lattice's inequality for 2 nu + 2 distances on either side, up to 2 (LAST + 3)^4 WIDE."""
    hot, some, near, inside = assumed(HOT, SOME, NEAR, INSIDE)
    given = [hot, some, near, inside]
    inner = {t: sp.Lambda((i, j), ROUND), m: LAST}
    halved = substitute(halves(), inner, [combine(ge(LAST, 0), [], [some])])
    upper, lower = halved.relation.rhs.args
    if upper != total(total(ROUND, j, 0, LAST - i), i, 0, LAST):
        upper, lower = lower, upper
    waves = combine(eq(upper, -O_LAST * E_NEXT), [(-1, triangle_of_waves())], [some])
    even = substitute(wave_signs()[0], {K: nu + 1}, given)
    end = LAST + delta
    small = exponential(
        combine(le(-kappa * end**2 / 4, -kappa * LAST**2 / 4), [], given, rest=kappa / 4 * delta * (2 * LAST + delta))
    )
    last = combine(le(hump(end), (LAST + 1) * WIDE), [(end, small), (WIDE, inside)], given, rest=WIDE / 2)
    least = -(LAST + 1) * (nu + 2) * (LAST + 2) * WIDE
    terms = [(-1, waves), (E_NEXT, odd_wave_bound()), (E_NEXT, last), ((LAST + 1) * WIDE, even_wave_bound())]
    triangle_bound = combine(ge(upper, least), terms, [*given, even], rest=sp.Integer(0))
    near_, far_ = HALF - delta, HALF + delta
    whole = halved.relation.lhs
    sides = second(HALF) * (mass(near_) + mass(far_)) - mass(HALF) * (second(near_) + second(far_))
    turned = identity(whole, sides, [some])
    error = -2 * (LAST + 3) ** 4 * WIDE
    enough = combine(ge(least + far_terms().relation.lhs, error), [], [some])
    terms = [(-1, halved), (1, turned), (1, triangle_bound), (1, far_terms()), (1, enough)]
    return combine(ge(sides, error), terms, given, rest=sp.Integer(0))


A, B = integer("A"), integer("B")


def spare(mass_sum: sp.Expr, second_sum: sp.Expr) -> sp.Expr:
    """E at 1/2 times the mass, less the second moment, times the mass at 1/2."""
    return second(HALF) * mass_sum - mass(HALF) * second_sum


@cache
def cut(size: sp.Symbol, sign: int) -> Fact:
    """Leaving out the distances after the first `size` of 1/2 + sign delta, ... costs at most their far tail."""
    hot, some, near, inside = assumed(HOT, SOME, NEAR, INSIDE)
    many = assume(ge(size, 1 if sign < 0 else 0))
    given = [hot, some, near, inside, many]
    place, last = HALF + sign * delta, LAST
    steps = {delta: HALF - delta, q: 2 * size - 1} if sign < 0 else {q: 2 * size}
    shift = [combine(ge(steps[q], 0), [(2, many)])]
    shift += [combine(ge(HALF - delta, 0), [(1, inside)]), combine(le(HALF - delta, HALF), [(1, near)])] * (sign < 0)
    tail = substitute(never_below(), steps, [*given, *shift])
    d, high, low = place + i, assume(le(i, last + size)), assume(ge(i, last + 1))
    beyond = combine(ge(d, last), [(1, low), (1, inside if sign < 0 else near)])
    bound = last + size + 1
    reach = combine(le(d, bound), [(1, high), (1, near if sign < 0 else inside)])
    positive = combine(ge(d, 0), [(1, beyond), (2, some)], rest=sp.Integer(1))
    exponent = le(-kappa * d**2 / 2, -kappa * last**2 / 4)
    square = kappa / 4 * d**2
    grown = combine(ge(d + last, 0), [(1, positive), (2, some)], rest=sp.Integer(1))
    small = exponential(combine(exponent, [(kappa / 4 * (d + last), beyond)], [hot, grown], rest=square))
    long = combine(ge(bound + d, 0), [(1, grown), (1, many)], rest=sp.Integer(1 if sign > 0 else 2))
    one = combine(
        le(d**2 * gauss(d), bound**2 * WIDE),
        [(gauss(d) * (bound + d), reach), (bound**2, small)],
        [long],
        rest=sp.Integer(0),
    )
    extra = termwise(one, i, last + 1, last + size, [some, many])
    flat = exponential(combine(le(-kappa * (HALF + i) ** 2 / 2, 0), [], [hot]))
    few = termwise(flat, i, 0, LAST, [some])
    moved = [
        substitute(shifted(), {f: sp.Lambda(i, body), c: size, m: LAST}, [some]) for body in (gauss(d), d**2 * gauss(d))
    ]
    ours, theirs = total(gauss(d), i, 0, size - 1), total(d**2 * gauss(d), i, 0, size - 1)
    goal = ge(spare(ours, theirs), spare(mass(place), second(place)) - (LAST + 1) * size * bound**2 * WIDE)
    allowed = size * bound**2 * WIDE
    lost = combine(ge(second(HALF) * total(gauss(d), i, last + 1, last + size), 0), [], [some, many])
    squares = combine(le(mass(HALF) * extra.relation.lhs, mass(HALF) * allowed), [(mass(HALF), extra)], [some, many])
    scaled = combine(le(mass(HALF) * allowed, (LAST + 1) * allowed), [(allowed, few)], [some, many])
    terms = [(1, tail), (1, squares), (1, scaled), (1, lost), (-second(HALF), moved[0]), (mass(HALF), moved[1])]
    return combine(goal, terms, [some, many], rest=sp.Integer(0))


@cache
def window() -> Fact:
    """spare >= -4 (LAST + A + B + 3)^4 WIDE for A >= 1 distances from 1/2 - delta on and B >= 0 from 1/2 + delta on."""
    some, one, more = assumed(SOME, ge(A, 1), ge(B, 0))
    near, far = HALF - delta, HALF + delta
    parts = [
        [total(weight(place + i), i, 0, size - 1) for place, size in ((near, A), (far, B))]
        for weight in (gauss, lambda d: d**2 * gauss(d))
    ]
    size = 4 * (LAST + A + B + 3) ** 4
    cuts = (LAST + 1) * (A * (LAST + A + 1) ** 2 + B * (LAST + B + 1) ** 2)
    enough = combine(ge(size, 2 * (LAST + 3) ** 4 + cuts), [], [some, one, more])
    terms = [(1, cut(A, -1)), (1, cut(B, 1)), (1, full_window()), (WIDE, enough)]
    return combine(ge(spare(sum(parts[0]), sum(parts[1])), -size * WIDE), terms, [some], rest=sp.Integer(0))
