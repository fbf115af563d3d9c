"""Product grids with a symbolic number of axes: cells numbered in one line, squared lengths that add up."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..claim import All, Formula, eq, ge, integer
from ..derived import assumed
from ..kernel import Fact, combine, specialise, substitute, termwise
from . import product_factorisation as factors
from ._reindex import total

N, axis = integer("N"), integer("l")
n, k, j = factors.n, factors.k, factors.j


@dataclass(frozen=True)
class ProductGrid:
    """`points` on every axis, offset(l, k) on axis l; cell k C(n) + j of n + 1 axes is cell j of n at point k."""

    cells: sp.Basic
    squares: sp.Basic
    points: sp.Expr
    offset: sp.Lambda

    def hypotheses(self) -> tuple[Formula, ...]:
        """C(0) = 1, C(n+1) = points C(n) >= 1, D(0, 0) = 0 and D(n+1, k C(n) + j) = D(n, j) + offset(n+1, k)^2."""
        c, d = self.cells, self.squares
        longer = eq(d(n + 1, k * c(n) + j), d(n, j) + self.offset(n + 1, k) ** 2)
        sums = All(n, 0, N - 1, All(k, 0, self.points - 1, All(j, 0, c(n) - 1, longer)))
        grown = All(n, 0, N - 1, eq(c(n + 1), self.points * c(n)))
        return eq(c(0), 1), eq(d(0, 0), 0), grown, All(n, 0, N, ge(c(n), 1)), sums

    def mass(self, heat: sp.Expr, factor: sp.Expr | int = 1) -> sp.Expr:
        """Sum over the cells of exp(-heat D / 2) times the factor, a term in j."""
        return total(factor * sp.exp(-heat * self.squares(N, j) / 2), j, 0, self.cells(N) - 1)

    def axis_mass(self, heat: sp.Expr) -> sp.Expr:
        """Sum over the points of axis l of exp(-heat offset^2 / 2)."""
        return total(sp.exp(-heat * self.offset(axis, k) ** 2 / 2), k, 0, self.points - 1)

    def factored(self, heat: sp.Expr, given: list[Fact]) -> Fact:
        """mass(heat) is the product of the axis masses (product-factorisation)."""
        one, zero, grown, some, sums = assumed(*self.hypotheses())
        start = combine(eq(-heat * self.squares(0, 0) / 2, 0), [(-heat / 2, zero)])
        here = specialise(sums, n, k, j)
        parts = -heat * self.squares(n, j) / 2 - heat * self.offset(n + 1, k) ** 2 / 2
        added = combine(eq(-heat * here.relation.lhs / 2, parts), [(-heat / 2, here)])
        for index, last in ((j, self.cells(n) - 1), (k, self.points - 1), (n, N - 1)):
            added = termwise(added, index, 0, last, quantify=True)
        rule = {
            factors.M: sp.Lambda(n, self.cells(n)),
            factors.S: sp.Lambda((n, j), -heat * self.squares(n, j) / 2),
            factors.g: sp.Lambda((n, k), -heat * self.offset(n, k) ** 2 / 2),
            factors.P: self.points,
            factors.D: N,
        }
        whole = substitute(factors.LEMMA.proof(factors.LEMMA.claim())[0], {factors.n: N})
        return substitute(whole, rule, [one, start, grown, some, added, *given])
