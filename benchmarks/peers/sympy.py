"""SymPy alone: simplification and assumptions, and for one real variable solveset."""

from __future__ import annotations

import importlib
from typing import Any

from attain.proofs.prover.language import Claim, Relation
from attain.symbolic.tree import Expr, fold

sympy: Any = None


def load() -> str:
    global sympy
    sympy = importlib.import_module("sympy")
    return str(sympy.__version__)


def _formula(expr: Expr, symbols: dict[str, Any]) -> Any:
    rules: dict[str, Any] = {
        "neg": lambda a: -a,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "abs": sympy.Abs,
        "min": sympy.Min,
        "max": sympy.Max,
        "ceil": sympy.ceiling,
        "lambertw": sympy.LambertW,
        "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
        "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
    }

    def rule(node: Expr, args: list[Any]) -> Any:
        if node.head == "number":
            return sympy.Rational(node.args[0].numerator, node.args[0].denominator)
        if node.head == "variable":
            return symbols[node.args[0]]
        if node.head == "constant":
            return sympy.pi if node.args[0] == "pi" else sympy.E
        return (rules.get(node.head) or getattr(sympy, node.head))(*args)

    return fold(expr, rule)


def decide(claim: Claim, seconds: float) -> str:
    answers = {_relation(claim, goal) for goal in claim.goals}
    return "refuted" if "refuted" in answers else "unknown" if "unknown" in answers else "proved"


def _symbols(claim: Claim) -> dict[str, Any]:
    """Symbols with the sign that the domain gives them."""
    found = {}
    for v in claim.variables:
        facts: dict[str, Any] = {"integer": True} if v.integer else {"real": True}
        low = None if v.low is None else _formula(v.low, {})
        if low is not None and low >= 0:
            facts["positive" if low > 0 or v.low_open else "nonnegative"] = True
        found[v.name] = sympy.Symbol(v.name, **facts)
    return found


def _relation(claim: Claim, goal: Relation) -> str:
    symbols = _symbols(claim)
    gap = _formula(goal.gap, symbols)
    for form in (lambda: gap, lambda: sympy.simplify(gap), lambda: sympy.factor(gap)):
        formed = form()
        known = {"==": formed.is_zero, "<": formed.is_positive, "<=": formed.is_nonnegative}[goal.op]
        if known is not None and (known or not symbols):
            return "proved" if known else "refuted"
    if len(symbols) == 1 and not claim.conditions and not claim.variables[0].integer:
        return _one_variable(claim, goal)
    return "unknown"


def _one_variable(claim: Claim, goal: Relation) -> str:
    """Whether the set of counterexamples is empty."""
    v = claim.variables[0]
    x = sympy.Symbol(v.name, real=True)
    low = -sympy.oo if v.low is None else _formula(v.low, {})
    high = sympy.oo if v.high is None else _formula(v.high, {})
    domain = sympy.Interval(low, high, v.low_open, v.high_open)
    gap = _formula(goal.gap, {v.name: x})
    wrong = sympy.Ne(gap, 0) if goal.op == "==" else gap <= 0 if goal.op == "<" else gap < 0
    if wrong in (sympy.true, sympy.false):
        return "refuted" if wrong else "proved"
    found = sympy.solveset(wrong, x, domain)
    empty = found.is_empty
    return "unknown" if empty is None else "proved" if empty else "refuted"
