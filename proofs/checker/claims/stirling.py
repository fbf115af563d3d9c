"""Bounds of log Γ in place of log Γ, from partial sums of Stirling's series with Bernoulli numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import comb

from .cover import Rejected
from .entries import field, parts
from .reading import Goal, Problem
from .steps import Checker
from .tree import ONE, ZERO, Tree, make, number, read, substitute

MOST = 4


def bernoulli(k: int) -> Fraction:
    """The k-th Bernoulli number, by Σ C(m + 1, j)·B_j = 0 over j ≤ m.

    >>> [str(bernoulli(k)) for k in (0, 1, 2, 4, 6)]
    ['1', '-1/2', '1/6', '-1/30', '1/42']
    """
    found: list[Fraction] = []
    for m in range(k + 1):
        total = sum((comb(m + 1, j) * b for j, b in enumerate(found)), Fraction(0))
        found.append(Fraction(1) if m == 0 else -total / (m + 1))
    return found[k]


def bound(u: Tree, terms: int) -> Tree:
    """(u − ½)·log u − u + ½·log 2π and so many terms B₂ₖ/(2k(2k−1)u²ᵏ⁻¹): > log Γ(u) if they are odd, else <."""
    half, two_pi = number(Fraction(1, 2)), make("*", number(2), ("constant", "pi"))
    total = make("-", make("*", make("-", u, half), make("log", u)), u)
    total = make("+", total, make("*", half, make("log", two_pi)))
    for k in range(1, terms + 1):
        c = bernoulli(2 * k) / (2 * k * (2 * k - 1))
        total = make("+", total, make("/", number(c), make("**", u, number(2 * k - 1))))
    return total


def stirling(checker: Checker, step: object, problem: Problem) -> None:
    """A formula that is linear in each log Γ(u), replaced by a lower bound where it grows in it, or an upper one."""
    if problem.goal.op == "==":
        raise Rejected("bounds show no identity")
    found = checker.candidate(field(step, "candidate", dict), problem)
    order = field(step, "order", int)
    if not 0 <= order <= MOST:
        raise Rejected("an order of Stirling's series is a small number")
    atoms = field(step, "atoms", list)
    if not atoms:
        raise Rejected("no log gamma is named")
    for item in atoms:
        if not isinstance(item, list) or len(item) != 2:
            raise Rejected("an argument of log gamma comes with a sign")
        u, side = read(item[0], problem.domains), item[1]
        node = make("loggamma", u)
        base = substitute(found, {node: ZERO})
        rate = make("-", substitute(found, {node: ONE}), base)
        if side not in (1, -1) or checker.sign(rate, problem) != side:
            raise Rejected("the coefficient of log gamma does not have the sign that is said")
        checker.equal(found, make("+", base, make("*", rate, node)), problem, "linear in log gamma")
        if not checker.holds(u, "positive", problem):
            raise Rejected("an argument of log gamma is not shown to be positive")
        found = substitute(found, {node: bound(u, 2 * order + (side == -1))})
    checker.defined(found, problem)
    checker.check(parts(step, 1)[0], replace(problem, goal=Goal(found, ">=")))


RULES = {"stirling": stirling}
