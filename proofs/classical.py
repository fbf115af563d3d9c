"""The closed list of cited theorems. Each entry says what it needs; the kernel has it shown before using it.

Nothing else in the library may be taken from the literature inside a proof. Every use appears in the steps of
a verdict with its reference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from .claim import All, Formula, Rel, Sequent
from .terms import ProofError, substitute_term, whole


@dataclass(frozen=True)
class Instance:
    """A theorem at given terms: what must be shown (with local hypotheses), what follows, and where it is from."""

    requirements: tuple[Sequent, ...]
    conclusion: Formula
    reference: str


def theorem(name: str, *terms: sp.Basic) -> Instance:
    """The instance of the entry `name` at the terms.

    >>> from .claim import real
    >>> theorem("absolute value bounds", real("x")).conclusion
    x <= Abs(x)
    """
    if name not in ENTRIES:
        raise ProofError(f"{name!r} is not in the closed list of classical theorems: {', '.join(ENTRIES)}")
    return ENTRIES[name](*terms)


def _shown(*formulas: Formula) -> tuple[Sequent, ...]:
    return tuple(Sequent((), formula) for formula in formulas)


def absolute_value_bounds(x: sp.Expr) -> Instance:
    """x <= |x| (and, at -x, -x <= |x|)."""
    return Instance((), Rel(x, "<=", sp.Abs(x)), "definition of |x|")


def absolute_value_least(x: sp.Expr, bound: sp.Expr) -> Instance:
    """x <= c and -x <= c give |x| <= c."""
    return Instance(_shown(Rel(x, "<=", bound), Rel(-x, "<=", bound)), Rel(sp.Abs(x), "<=", bound), "definition of |x|")


def maximum_bounds(x: sp.Expr, *others: sp.Expr) -> Instance:
    """x <= max(x, others)."""
    return Instance((), Rel(x, "<=", sp.Max(x, *others)), "definition of max")


def maximum_least(bound: sp.Expr, *parts: sp.Expr) -> Instance:
    """If every part is <= c, so is their maximum."""
    return Instance(
        _shown(*(Rel(part, "<=", bound) for part in parts)), Rel(sp.Max(*parts), "<=", bound), "definition of max"
    )


def root_is_increasing(a: sp.Expr, b: sp.Expr) -> Instance:
    """0 <= a <= b gives sqrt(a) <= sqrt(b)."""
    needed = _shown(Rel(sp.Integer(0), "<=", a), Rel(a, "<=", b))
    return Instance(needed, Rel(sp.sqrt(a), "<=", sp.sqrt(b)), "the square root is increasing")


def minimum_value(a: sp.Expr, b: sp.Expr) -> Instance:
    """a <= b gives min(a, b) == a."""
    return Instance(_shown(Rel(a, "<=", b)), Rel(sp.Min(a, b), "==", a), "definition of min")


def total_order(a: sp.Expr, b: sp.Expr, goal: Rel) -> Instance:
    """If the goal follows from a <= b and also from b <= a, it holds: reals are totally ordered."""
    needed = (Sequent((Rel(a, "<=", b),), goal), Sequent((Rel(b, "<=", a),), goal))
    return Instance(needed, goal, "the reals are totally ordered")


def antisymmetry(a: sp.Expr, b: sp.Expr) -> Instance:
    """a <= b and b <= a give a == b."""
    return Instance(_shown(Rel(a, "<=", b), Rel(b, "<=", a)), Rel(a, "==", b), "the reals are totally ordered")


def integers_are_discrete(a: sp.Expr, b: sp.Expr) -> Instance:
    """For integers, a < b gives a + 1 <= b."""
    if not (whole(a) and whole(b)):
        raise ProofError(f"{a} and {b} must be integer terms")
    return Instance(_shown(Rel(a, "<", b)), Rel(a + 1, "<=", b), "the integers are discrete")


def archimedean(a: sp.Expr, b: sp.Expr, excess: sp.Expr, count: sp.Symbol) -> Instance:
    """a <= b + c/m for every integer m >= 1 gives a <= b, for a, b, c free of m."""
    if not (count.is_Symbol and count.is_integer) or any(term.has(count) for term in (a, b, excess)):
        raise ProofError(f"{count} must be an integer symbol that occurs in none of {a}, {b}, {excess}")
    nearly = All(count, sp.Integer(1), None, Rel(a, "<=", b + excess / count))
    return Instance(_shown(nearly), Rel(a, "<=", b), "the reals are Archimedean")


def floor_below(x: sp.Expr) -> Instance:
    """floor(x) <= x."""
    return Instance((), Rel(sp.floor(x), "<=", x), "definition of floor")


def floor_above(x: sp.Expr) -> Instance:
    """x < floor(x) + 1."""
    return Instance((), Rel(x, "<", sp.floor(x) + 1), "definition of floor")


def finite_fubini(outer: sp.Symbol, rows: sp.Expr, inner: sp.Symbol, columns: sp.Expr, term: sp.Lambda) -> Instance:
    """A sum over 0..AB-1 is the sum over its A blocks of length B: j = outer * B + inner, A, B >= 0."""
    (slot,) = term.variables
    if any(part.has(outer, inner) for part in (rows, columns, sp.Lambda(slot, term.expr))) or outer == inner:
        raise ProofError(f"the block indices {outer}, {inner} must not occur in the term or its ranges")
    flat = sp.Sum(substitute_term(term.expr, {slot: outer}), (outer, 0, rows * columns - 1))
    blocks = sp.Sum(
        sp.Sum(substitute_term(term.expr, {slot: outer * columns + inner}), (inner, 0, columns - 1)),
        (outer, 0, rows - 1),
    )
    needed = _shown(Rel(sp.Integer(0), "<=", rows), Rel(sp.Integer(0), "<=", columns))
    return Instance(needed, Rel(flat, "==", blocks), "Fubini for finite sums, division with remainder")


def theta_decreases(kappa: sp.Expr, place: sp.Expr, last: sp.Expr, index: sp.Symbol) -> Instance:
    """For kappa > 0, 0 <= u <= 1/2 and t_n = (n+u) exp(-kappa (n+u)^2/2) - (n-u) exp(-kappa (n-u)^2/2):

    u exp(-kappa u^2/2) + t_1 + ... + t_m >= 0 if t_n <= 0 for every n > m. By Poisson summation and the Jacobi triple
    product, the sum over n in Z of exp(-kappa (n+u)^2/2) is sqrt(2 pi/kappa) times the product over r >= 1 of
    (1 - q^(2r)) (1 + 2 q^(2r-1) cos(2 pi u) + q^(4r-2)), q = exp(-2 pi^2/kappa), which decreases on [0, 1/2]. So
    -1/kappa times its derivative, u exp(-kappa u^2/2) + t_1 + t_2 + ..., is nonnegative, and leaving out terms <= 0
    does not make it smaller.
    """
    if not (index.is_Symbol and index.is_integer) or any(term.has(index) for term in (kappa, place, last)):
        raise ProofError(f"{index} must be an integer symbol that occurs in none of {kappa}, {place}, {last}")
    if not last.is_integer:
        raise ProofError(f"{last} must be an integer term")
    ahead, behind = ((index + sign * place) * sp.exp(-kappa * (index + sign * place) ** 2 / 2) for sign in (1, -1))
    zero, half = sp.Integer(0), sp.Rational(1, 2)
    needed = _shown(
        Rel(zero, "<", kappa),
        Rel(zero, "<=", place),
        Rel(place, "<=", half),
        Rel(zero, "<=", last),
        All(index, last + 1, None, Rel(ahead, "<=", behind)),
    )
    partial = place * sp.exp(-kappa * place**2 / 2) + sp.Sum(ahead - behind, (index, 1, last))
    reference = "Poisson summation and Jacobi triple product, Whittaker and Watson, Modern Analysis, 21.3 and 21.51"
    return Instance(needed, Rel(zero, "<=", partial), reference)


def bernstein_powers(
    power: sp.Rational, p: sp.Symbol, q: sp.Symbol, index: sp.Symbol, first: sp.Tuple, second: sp.Tuple
) -> Instance:
    """If a_i, b_i have the same total, all x_i, y_i >= 0, and for every rational s = p/q > 0 the sum of
    b_i exp(-s y_i) is at most that of a_i exp(-s x_i), then the sum of a_i x_i^power is at most that of b_i y_i^power,
    0 < power < 1.

    x^power is c times the integral over s > 0 of (1 - exp(-s x)) s^(-1-power), c > 0; both sums are continuous in s.
    `first` is (a_i, x_i, low, high) and `second` (b_i, y_i, low, high).
    """
    bound = (p, q, index)
    ends = [end for data in (first, second) for end in data[2:]]
    terms = [*first[:2], *second[:2]]
    if not all(name.is_Symbol and name.is_integer for name in bound) or len(set(bound)) < 3:
        raise ProofError(f"{p}, {q}, {index} must be three integer symbols")
    if any(end.has(*bound) or not end.is_integer for end in ends) or any(term.has(p, q) for term in terms):
        raise ProofError(f"{p}, {q} must not occur in the terms, nor they or {index} in the ends of the ranges")
    if not (power.is_Rational and 0 < power < 1):
        raise ProofError(f"the power {power} must be a rational number between 0 and 1")

    def total(data: sp.Tuple, factor: sp.Expr) -> sp.Expr:
        return sp.Sum(data[0] * factor, (index, data[2], data[3]))

    small, large = (total(data, sp.exp(-p / q * data[1])) for data in (second, first))
    one, zero = sp.Integer(1), sp.Integer(0)
    needed = _shown(
        All(p, one, None, All(q, one, None, Rel(small, "<=", large))),
        Rel(total(first, one), "==", total(second, one)),
        *(All(index, data[2], data[3], Rel(zero, "<=", data[1])) for data in (first, second)),
    )
    conclusion = Rel(total(first, first[1] ** power), "<=", total(second, second[1] ** power))
    return Instance(needed, conclusion, "Schilling, Song and Vondracek, Bernstein Functions, Thm 3.2 (Levy-Khintchine)")


ENTRIES: dict[str, Callable[..., Instance]] = {
    "absolute value bounds": absolute_value_bounds,
    "absolute value least": absolute_value_least,
    "maximum bounds": maximum_bounds,
    "maximum least": maximum_least,
    "root is increasing": root_is_increasing,
    "minimum value": minimum_value,
    "total order": total_order,
    "antisymmetry": antisymmetry,
    "integers are discrete": integers_are_discrete,
    "archimedean": archimedean,
    "floor below": floor_below,
    "floor above": floor_above,
    "finite Fubini": finite_fubini,
    "theta decreases": theta_decreases,
    "Bernstein powers": bernstein_powers,
}
