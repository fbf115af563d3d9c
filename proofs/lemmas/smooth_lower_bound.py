"""Lower bound for smooth targets: a C^1 function with M-Lipschitz derivative that vanishes at the centres of a grid.

On one cell, u in [0, h] from the left end, the centre at h/2 (phi of [0, h], repeated periodically):
phi = M u^2/2 - M h^2/16 on [0, h/4], -M (u - h/2)^2/2 on [h/4, 3h/4], M (u - h)^2/2 - M h^2/16 on [3h/4, h].
Proved are: values and slopes of the pieces agree where they meet (also across cells), the second derivative of
each piece is M or -M, so slopes differ by at most M times the distance on a piece and, added up over any number of
break points, everywhere; |phi'| <= M h/4; phi vanishes at the centre and is -M h^2/16 at the ends of the cell.
So f = sum of phi(x_i) has an M-Lipschitz gradient of norm at most sqrt(N) M h/4, is 0 at all centres and
-N M h^2/16 at the corners; f and -f cannot be told apart from values at the centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from ..claim import All, Claim, Sequent, eq, function, ge, gt, integer, le, number, real
from ..derived import absolute_bounds, assumed, at_most_in_absolute_value, root_at_most
from ..kernel import Fact, combine, identity, induction, specialise, termwise
from ..lemma import Core, Example, Lemma, Mutant, Pairs
from ..terms import substitute_term
from ..values import ball
from .triangle_inequality import norm

N, n, m, k = integer("N"), integer("n"), integer("m"), integer("k")
M, h, u, v, F, eps = (real(name) for name in ("M", "h", "u", "v", "F", "epsilon"))
g, t, w, z = function("g"), function("t"), function("w"), function("z")
DIMENSION, i = ge(N, 1), integer("i")
STEEP, GENTLE = All(i, 1, N, le(sp.Abs(w(i)), M * h / 4)), All(i, 1, N, le(sp.Abs(w(i)), M * sp.Abs(z(i))))
CURVED, STEP, LAST = ge(M, 0), gt(h, 0), 6
PIECES = (M * u**2 / 2 - M * h**2 / 16, -M * (u - h / 2) ** 2 / 2, M * (u - h) ** 2 / 2 - M * h**2 / 16)
ENDS = (sp.Integer(0), h / 4, 3 * h / 4, h)
DEPTH = N * M * h**2 / 16
BELOW, ABOVE = le(sp.Abs(F + DEPTH), eps), le(sp.Abs(F - DEPTH), eps)
REACH = integer("K")
STARTS, WITHIN = ge(n, 0), le(n + m, REACH)
PIECEWISE = All(k, 0, REACH - 1, le(sp.Abs(g(k + 1) - g(k)), M * (t(k + 1) - t(k))))


def at(piece: sp.Expr, place: sp.Expr) -> sp.Expr:
    """A piece (a polynomial in u) at a place."""
    return substitute_term(piece, {u: place})


def _joints(depth: sp.Expr) -> tuple[Sequent, ...]:
    slopes = [sp.diff(piece, u) for piece in PIECES]
    values = [(at(PIECES[1], h / 2), 0), (at(PIECES[0], ENDS[0]), -depth), (at(PIECES[2], h), -depth)]
    values += [(at(slopes[0], ENDS[0]), at(slopes[2], h))]
    for left, end in ((0, ENDS[1]), (1, ENDS[2])):
        values += [(at(part[left], end), at(part[left + 1], end)) for part in (PIECES, slopes)]
    return tuple(Sequent((CURVED, STEP), eq(lhs, rhs)) for lhs, rhs in values)


def _slopes(steep: sp.Expr, curvature: sp.Expr) -> tuple[tuple[sp.Expr, Sequent], ...]:
    """On each piece: the slope (or a difference of slopes) and the bound on its absolute value."""
    parts = []
    for piece, low, high in zip(PIECES, ENDS[:-1], ENDS[1:], strict=True):
        slope = sp.diff(piece, u)
        inside, change = (CURVED, STEP, le(low, u), le(u, high)), slope - at(slope, v)
        parts.append((slope, Sequent(inside, le(sp.Abs(slope), steep))))
        parts.append((change, Sequent((*inside, le(low, v), le(v, u)), le(sp.Abs(change), curvature * (u - v)))))
    return tuple(parts)


def _claim(
    depth: Fraction = Fraction(1), steep: Fraction = Fraction(1), curvature: Fraction = Fraction(1), both: bool = True
) -> Claim:
    slopes = tuple(part for _, part in _slopes(number(steep) * M * h / 4, number(curvature) * M))
    pieces = _joints(number(depth) * M * h**2 / 16) + slopes
    glue = Sequent((PIECEWISE, STARTS, ge(m, 0), WITHIN), le(sp.Abs(g(n + m) - g(n)), M * (t(n + m) - t(n))))
    gradient, change = norm(w(i)), number(curvature) * M * norm(z(i))
    space = (
        Sequent((DIMENSION, CURVED, STEP, STEEP), le(gradient, number(steep) * sp.sqrt(N) * M * h / 4)),
        Sequent((DIMENSION, CURVED, GENTLE), le(gradient, change)),
    )
    fooled = Sequent((BELOW, ABOVE) if both else (BELOW,), le(number(depth) * DEPTH, eps))
    return Claim("smooth-lower-bound", (*pieces, glue, *space, fooled))


def _inside(inner: sp.Expr, part: Sequent) -> Fact:
    """|slope| <= M h/4, or |slope(u) - slope(v)| <= M (u - v), on one piece."""
    known = assumed(*part.hypotheses)
    low, high = known[2:4]
    rate = sp.diff(inner, u)
    two_places = len(known) == 6
    bound = M * (u - v) if two_places else M * h / 4
    sides = []
    for sign in (1, -1):
        rising = sign * rate == M
        terms = [(2 * M, known[5])] if two_places and not rising else []
        terms = terms if two_places else [(M, high if rising else low)]
        sides.append(combine(le(sign * inner, bound), terms, known))
    return at_most_in_absolute_value(*sides)


@cache
def glued() -> Fact:
    """A bound |g(k+1) - g(k)| <= M (t(k+1) - t(k)) at all break points adds up over any m of them."""
    start, here, ahead, steps = assumed(STARTS, ge(m, 0), le(m + 1, REACH - n), PIECEWISE)
    goal = le(sp.Abs(g(n + m) - g(n)), M * (t(n + m) - t(n)))
    base = combine(le(sp.Integer(0), 0))
    so_far, one = assumed(goal)[0], specialise(steps, n + m, given=[start, here, ahead])
    sides = []
    for sign in (1, -1):
        old, new = sign * (g(n + m) - g(n)), sign * (g(n + m + 1) - g(n + m))
        terms = [(1, absolute_bounds(old)), (1, absolute_bounds(new)), (1, so_far), (1, one)]
        sides.append(combine(le(old + new, M * (t(n + m + 1) - t(n))), terms))
    return induction(goal, m, 0, base, at_most_in_absolute_value(*sides), upto=REACH - n)


def _from_coordinates(rule: All, least: sp.Expr, bound: sp.Expr) -> Fact:
    """|w| <= bound in R^N from |w_i| <= least on every axis, where bound^2 is the sum of least^2."""
    size, curved, step, every = assumed(DIMENSION, CURVED, STEP, rule)
    known = (size, curved, step) if rule == STEEP else (size, curved)
    one = combine(le(w(i) ** 2, least**2), [(least + sp.Abs(w(i)), specialise(every, i))], known[1:])
    total = termwise(one, i, 1, N, [size])
    square = combine(le(sp.Sum(w(i) ** 2, (i, 1, N)), bound**2), [(1, total)], [size])
    squares = combine(ge(sp.Sum(w(i) ** 2, (i, 1, N)), 0), [], [size])
    return root_at_most(square, combine(ge(bound, 0), [], known), [squares])


def _proof(statement: Claim) -> Sequence[Fact]:
    joints = [identity(part.relation.lhs, part.relation.rhs) for part in _joints(M * h**2 / 16)]
    inside = [_inside(inner, part) for inner, part in _slopes(M * h / 4, M)]
    below, above = assumed(BELOW, ABOVE)
    half = sp.Rational(1, 2)
    bounds = [(half, absolute_bounds(F + DEPTH)), (half, absolute_bounds(DEPTH - F)), (half, below), (half, above)]
    steep = _from_coordinates(STEEP, M * h / 4, sp.sqrt(N) * M * h / 4)
    gentle = _from_coordinates(GENTLE, M * sp.Abs(z(i)), M * norm(z(i)))
    return (*joints, *inside, glued(), steep, gentle, combine(le(DEPTH, eps), bounds))


def _phi(place: Fraction, curve: Fraction, width: Fraction) -> tuple[Fraction, Fraction]:
    """phi and phi' anywhere on the line, from |phi''| = M and the position inside the period."""
    inside = place - width * (place // width)
    off = abs(inside - width / 2)
    if off <= width / 4:
        return -curve * off * off / 2, -curve * (inside - width / 2)
    rest = width / 2 - off
    return curve * rest * rest / 2 - curve * width * width / 16, curve * rest * (1 if inside < width / 2 else -1)


def _brute(
    example: Example,
    depth: Fraction = Fraction(1),
    steep: Fraction = Fraction(1),
    curvature: Fraction = Fraction(1),
    both: bool = True,
) -> Sequence[Pairs]:
    value = example.values
    curve, width = value[M], value[h]
    low = depth * curve * width**2 / 16
    phi = [_phi(width * Fraction(step, 4), curve, width) for step in range(5)]
    pairs = [(phi[2][0], Fraction(0)), (phi[0][0], -low), (phi[4][0], -low), (phi[0][1], phi[4][1])]
    pairs += [(phi[1][0], phi[1][0]), (phi[1][1], phi[1][1]), (phi[3][0], phi[3][0]), (phi[3][1], phi[3][1])]
    slopes = [_phi(value[place], curve, width)[1] for place in (u, v)]
    for _ in range(3):
        pairs.append((abs(slopes[0]), steep * curve * width / 4))
        pairs.append((abs(slopes[0] - slopes[1]), curvature * curve * (value[u] - value[v])))
    first, last = int(value[n]), int(value[n] + value[m])
    rise = abs(value[g](last) - value[g](first))
    pairs.append((rise, curve * (value[t](last) - value[t](first))))
    axes = range(1, int(value[N]) + 1)
    sizes = [ball(sum(value[name](axis) ** 2 for axis in axes)).sqrt() for name in (w, z)]
    pairs.append((sizes[0], ball(steep * curve * width / 4) * ball(value[N]).sqrt()))
    pairs.append((sizes[0], ball(curvature * curve) * sizes[1]))
    pairs.append((depth * value[N] * curve * width**2 / 16, value[eps]))
    return tuple((pair,) for pair in pairs)


def _examples(level: int) -> tuple[Example, ...]:
    found = []
    for size in (1, 3):
        for curve, width in ((Fraction(1), Fraction(1)), (Fraction(2), Fraction(1, 3))):
            for share, other in ((0, 0), (1, 0), (2, 1), (2, 2), (3, 2), (4, 3)):
                for output in (Fraction(0), Fraction(1)):
                    low = size * curve * width**2 / 16
                    table = {N: size, M: curve, h: width, n: 1, m: 5, REACH: LAST}
                    table |= {u: width * Fraction(share, 4), v: width * Fraction(other, 4)}
                    table |= {F: -low * output, eps: low * (1 - output)}
                    values: dict[sp.Basic, Any] = {key: Fraction(entry) for key, entry in table.items()}
                    values |= {t: lambda a, w=width: w * Fraction(2 * a - 1, 4)}
                    values |= {g: lambda a, c=curve, w=width: _phi(w * Fraction(2 * a - 1, 4), c, w)[1]}
                    values |= {w: lambda a, c=curve, r=width: c * r / 4, z: lambda a, r=width: -r / 4}
                    words = f"N={size}, M={curve}, h={width}, u={share}h/4, v={other}h/4, F={-low * output}"
                    found.append(Example(words, values))
    return tuple(found)


LEMMA = Lemma(
    slug="smooth-lower-bound",
    group="max-affine",
    words="A periodic phi of three parabolas a cell, 0 at the centres and -M h^2/16 at the ends of the cells: values"
    " and slopes agree where pieces meet, |phi'| <= M h/4, slopes change by at most M times the distance on a"
    " piece, and from break point to break point over any number of pieces; so f = phi(x_1) + ... + phi(x_N) has"
    " |grad f| <= sqrt(N) M h/4 and, if phi' is M-Lipschitz on every axis, an M-Lipschitz gradient. If one number"
    " F is within eps of -N M h^2/16 and of N M h^2/16, eps is at least that. As f and -f are 0 at all centres of"
    " a grid of step h, no reconstruction from values there does better than N M h^2/16 at a corner for all"
    " targets with an M-Lipschitz gradient and |grad f| <= L, sqrt(N) M h/4 <= L.",
    latex=r"\max_{\pm}\Bigl|F\mp\frac{MNh^2}{16}\Bigr|\le\varepsilon\implies\varepsilon\ge\frac{MNh^2}{16},\qquad"
    r"\|\nabla f\|\le\tfrac14\sqrt N\,Mh",
    source="ours",
    hypotheses=("N >= 1, M >= 0, h > 0", "break points t_0 <= ... <= t_K", "|F +- N M h^2/16| <= epsilon at a corner"),
    claim=_claim,
    proof=_proof,
    examples=_examples,
    brute=_brute,
    cores=(
        Core(
            "step",
            "from two targets that one number serves to the accuracy",
            "eps >= N*M*h**2/16",
            ("N >= 1 integer", "M >= 0", "h > 0", "abs(F - N*M*h**2/16) <= eps", "abs(F + N*M*h**2/16) <= eps"),
        ),
    ),
    beyond="its function has a symbolic number of pieces",
    mutants=(
        Mutant("one percent deeper", {"depth": Fraction(101, 100)}),
        Mutant("slope one percent smaller", {"steep": Fraction(99, 100)}),
        Mutant("gradient with Lipschitz constant 99 M/100", {"curvature": Fraction(99, 100)}),
        Mutant("only f, not -f, approximated", {"both": False}),
    ),
)
