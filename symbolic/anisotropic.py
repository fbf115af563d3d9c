r"""A Lipschitz constant for each axis: the product grid with the fewest cells.

For |f(x) − f(y)| ≤ Σ L_i |x_i − y_i| a grid of midpoints with spacings h_i = s_i/P_i errs by at most
Σ L_i h_i m1(κ), and m1 decreases to ½: with c_i = L_i s_i/(2ε), some κ reaches ε exactly if Σ c_i/P_i < 1.
Conversely f = Σ L_i dist(x_i, centres) vanishes at every centre and reaches ½ Σ L_i h_i at a corner, so a grid with
Σ c_i/P_i > 1 serves no reconstruction. By the inequality of arithmetic and geometric means the real solution is
P_i = N c_i; the whole-number one is found here by branch and bound with the same inequality. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, exp, floor, inf, log, prod

from flint import arb

from .design import BudgetTerms, Design, Necessary, NotApplicable, settled
from .exact import Real, ball
from .lattice import m1
from .rounding import lower, smallest_kappa, upper
from .target import Target

EXACT_AXES = 8
NODE_LIMIT = 50_000
LARGEST_SHARE = 10**100
"""The search reckons in floats; shares beyond this, or below its inverse, are only rounded."""
LIMIT_KAPPA = Fraction(10)
"""Where P is fixed so small that no κ meets ε: m1 is within 1 % of its limit there."""
SLACK = 1e-9
"""Relative slack by which a bound in floats is lowered before it prunes."""


def fewest_cells(c: Sequence[Fraction], strict: bool = True) -> tuple[tuple[int, ...], bool]:
    """P ≥ 1 with Σ c_i/P_i < 1 (≤ 1 if not `strict`) and the least Π P_i; and whether it is proved to be the least.

    Every c_i > 0. The least is proved by an exhaustive search for up to eight axes (unless it takes too many steps or
    the shares are extreme); otherwise P is the rounded real solution, improved axis by axis.

    >>> fewest_cells([Fraction(50), Fraction(5)])
    ((101, 10), True)
    >>> fewest_cells([Fraction(1, 4)] * 3)
    ((1, 1, 1), True)
    """
    if not c or any(x <= 0 for x in c):
        raise ValueError("the shares c_i must be positive")
    order = sorted(range(len(c)), key=lambda i: -c[i])
    falling = [c[i] for i in order]
    start = _rounded(falling, strict)
    searched = len(c) <= EXACT_AXES and 1 / LARGEST_SHARE < falling[-1] <= falling[0] < LARGEST_SHARE
    best, proved = _search(falling, start, strict) if searched else (start, False)
    P = [0] * len(c)
    for i, p in zip(order, best, strict=True):
        P[i] = p
    return tuple(P), proved


def _fits(used: Fraction, strict: bool) -> bool:
    return used < 1 if strict else used <= 1


def _least(share: Fraction, room: Fraction, strict: bool) -> int:
    """The least P ≥ 1 with share/P < room (≤ room if not `strict`); room > 0."""
    exact = share / room
    return max(1, floor(exact) + 1 if strict or exact.denominator > 1 else int(exact))


def _rounded(c: Sequence[Fraction], strict: bool) -> list[int]:
    """The real solution with P_i ≥ 1 (axes with a small share keep one point), rounded up, then lowered greedily."""
    room, free = Fraction(1), list(range(len(c)))
    while free and len(free) * c[free[-1]] <= room and _fits(sum(c, Fraction(0)) if len(free) == 1 else room / 2, True):
        room -= c[free.pop()]
    P = [1] * len(c)
    for i in free:
        P[i] = _least(len(free) * c[i], room, strict)
    used = sum((x / p for x, p in zip(c, P, strict=True)), Fraction(0))
    for i in free:
        others = used - c[i] / P[i]
        P[i] = _least(c[i], 1 - others, strict)
        used = others + c[i] / P[i]
    return P


def _search(c: Sequence[Fraction], start: list[int], strict: bool) -> tuple[list[int], bool]:
    """Depth first over the axes; with k axes left and room b for them, Π P ≥ Π c_i (k/b)^k.

    As a function of the first P, max(P, P times the bound of the rest) falls up to the lesser of k c/b and the point
    where that bound is 1, and rises from there, so the loops in both directions stop early.
    """
    N, best, nodes = len(c), list(start), 0
    logs = [0.0] * (N + 1)
    for i in reversed(range(N)):
        logs[i] = logs[i + 1] + log(c[i])

    def hopeless(P: list[int], room: Fraction) -> bool:
        left = N - len(P)
        rest = logs[len(P)] + left * log(left / room)
        return sum(map(log, P)) + max(0.0, rest) > log(prod(best)) * (1 + SLACK) + SLACK

    def visit(P: list[int], room: Fraction) -> None:
        nonlocal best, nodes
        nodes += 1
        i = len(P)
        if i == N - 1:
            P = [*P, _least(c[i], room, strict)]
            best = P if prod(P) < prod(best) else best
            return
        least = _least(c[i], room, True)
        if i and c[i] == c[i - 1]:
            least = max(least, P[-1])
        left = N - i - 1
        spare = float(room) - left * exp(logs[i + 1] / left)
        lowest = min((N - i) * float(c[i] / room), float(c[i]) / spare if spare > 0 else inf)
        middle = max(least, ceil(lowest))
        for step, p in ((1, middle), (-1, middle - 1)):
            while p >= least and nodes <= NODE_LIMIT and not hopeless([*P, p], room - c[i] / p):
                visit([*P, p], room - c[i] / p)
                p += step

    visit([], Fraction(1))
    return best, nodes <= NODE_LIMIT


def axis_design(target: Target, eps: Real, P: tuple[int, ...] | None = None, R: Fraction | None = None) -> Design:
    """The sharp design for a Lipschitz constant an axis: Σ L_i h_i m1(κ) ≤ eps with the fewest cells.

    κ = R_i h_i² is the same on every axis. Raises NotApplicable if `target.axes` is unknown.

    >>> unit = ((Fraction(0), Fraction(1)),) * 2
    >>> axis_design(Target(unit, axes=(Fraction(10), Fraction(1))), Fraction(1, 10)).P
    (101, 10)
    """
    grid = P or fewest_cells(_shares(target, eps))[0]
    kappa = None
    if R is None:
        try:
            kappa = smallest_kappa(m1, lambda: ball(eps) / _total(target, grid))
        except ValueError:
            kappa = LIMIT_KAPPA
    budget, error_bound, meets = settled(lambda: _terms(target, grid, kappa, R), eps)
    return Design(
        theorem="max-affine",
        bound="sharp",
        norm="axes",
        target=target,
        P=grid,
        kappa=kappa,
        R=R,
        pad=0,
        budget=budget,
        error_bound=error_bound,
        meets=meets,
        source="ours (one constant an axis)",
    )


def axis_necessary(target: Target, eps: Real) -> Necessary | None:
    """The least number of cells of any product grid of midpoints that can serve the whole class; None if not proved."""
    P, proved = fewest_cells(_shares(target, eps, up=False), strict=False)
    if not proved:
        return None
    why = (
        "f = Σ L_i·dist(x_i, centres) is 0 at every centre and exceeds ε at a corner of every product grid of "
        "midpoints with fewer cells: no use of the values at such centres serves every f with these constants"
    )
    return Necessary(P, prod(P), why)


def _constants(target: Target) -> tuple[Real, ...]:
    if target.axes is None:
        raise NotApplicable("needs a Lipschitz constant for each axis")
    return target.axes


def _shares(target: Target, eps: Real, up: bool = True) -> list[Fraction]:
    """c_i = L_i s_i/(2ε), exactly where everything is rational, otherwise rounded outward."""
    found = []
    for i, L in enumerate(_constants(target)):
        side = target.rational_side(i)
        if side is not None and isinstance(L, Fraction) and isinstance(eps, Fraction):
            found.append(L * side / (2 * eps))
        else:
            share = ball(L) * target.side(i) / (2 * ball(eps))
            found.append(Fraction((upper if up else lower)(share, 30)))
    return found


def _total(target: Target, P: tuple[int, ...]) -> arb:
    """Σ L_i h_i."""
    return sum((ball(L) * target.side(i) / P[i] for i, L in enumerate(_constants(target))), arb(0))


def _terms(target: Target, P: tuple[int, ...], kappa: Fraction | None, R: Fraction | None) -> BudgetTerms:
    if kappa is not None:
        reach = _total(target, P) * m1(ball(kappa))
    else:
        spacing = [target.side(i) / P[i] for i in range(target.dim)]
        moments = [m1(ball(R or Fraction(0)) * h * h) for h in spacing]
        terms = zip(_constants(target), spacing, moments, strict=True)
        reach = sum((ball(L) * h * m for L, h, m in terms), arb(0))
    return (("moment", r"m_1(\kappa)\textstyle\sum_i L_i h_i", reach),)
