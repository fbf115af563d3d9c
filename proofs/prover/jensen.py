"""Jensen's inequality for the functions of `atoms`: Σ cᵢ·h(aᵢ) ≥ (Σ cᵢ)·h(Σ cᵢ·aᵢ/Σ cᵢ), cᵢ > 0, for convex h.

The arguments may be any formulas whose values lie where h is convex; for concave h all signs turn round. The other
terms of the gap must be ≥ 0 by their range.
"""

from __future__ import annotations

from fractions import Fraction

from flint import ctx

from ...symbolic.tree import Expr, number
from .atoms import ATOMS
from .curvature import Calculus, Term, terms_of
from .normal import Normaliser, TooLarge, constant_of
from .problem import Problem
from .step import Step


def jensen(problem: Problem) -> Step | None:
    """A step for a goal whose terms with one function are the two sides of Jensen's inequality, or None.

    >>> from .language import parse_claim
    >>> claim = parse_claim("sin(x) + sin(y) <= 2*sin((x + y)/2)", ["x, y in [0, 3]"])
    >>> jensen(Problem(claim.variables, (), claim.goals[0].gap, ">=")).data
    {'head': 'sin'}
    """
    if problem.op == "==":
        return None
    terms = list(terms_of(problem.gap))
    with ctx.workprec(64):
        for head in dict.fromkeys(t.head for _, t in terms if t.head in ATOMS):
            own = [(c, t.args[0]) for c, t in terms if t.head == head]
            rest = [(c, t) for c, t in terms if t.head != head]
            calculus = Calculus(problem, problem.names)
            if _balanced(own) and _curved(calculus, head, own) and _nonnegative(calculus, rest, problem.op == ">"):
                return Step("jensen", problem, {"head": head})
    return None


def _balanced(own: list[Term]) -> bool:
    """Whether Σ c = 0 and Σ c·a = 0."""
    if len(own) < 3 or sum(c for c, _ in own) != 0:
        return False
    try:
        return constant_of(Normaliser({}).form(_sum(own))) == 0
    except TooLarge:
        return False


def _curved(calculus: Calculus, head: str, own: list[Term]) -> bool:
    """Whether one term has the sign that the others have not, and the function is curved that way on their values."""
    for side in (1, -1):
        many = [a for c, a in own if c * side > 0]
        if len(many) == len(own) - 1:
            return all(calculus.curved(head, a, side) for a in many)
    return False


def _nonnegative(calculus: Calculus, rest: list[Term], strict: bool) -> bool:
    return calculus.at_least(_sum(rest), strict) if rest else not strict


def _sum(terms: list[Term]) -> Expr:
    found = number(Fraction(0))
    for c, t in terms:
        found = Expr("+", (found, Expr("*", (number(c), t))))
    return found
