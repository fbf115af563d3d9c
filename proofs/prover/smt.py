"""Polynomial engine: what is left when exponentials and logarithms are atoms, decided by z3 if it is installed.

Atoms become real unknowns with facts that are true of them: ranges, exp(u) ≥ 1 + u, exp(−u) ≥ 1 − u, exp is
increasing, 1 − 1/A ≤ log A ≤ A − 1, sin² + cos² = 1, r**k = base for roots. Side conditions enter with logarithms
removed. If "facts, conditions, and not the goal" has no solution, the goal holds. The trust is in z3's nlsat. Its
budget is steps (about a second) and memory, never time. Every call has a z3 context of its own, freed after it.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

from flint import ctx

from ...symbolic.tree import Expr
from .algebra import exact_range, exponential, normaliser, numerator, range_on, rational
from .normal import Normaliser, Poly, Quotient, TooLarge, whole_exponents
from .problem import Clock, Problem
from .ranges import Range
from .step import Step

STEPS, MEGABYTES = 1_000_000, 1000


def available() -> bool:
    """Whether z3 can be imported."""
    try:
        import z3  # noqa: F401
    except ImportError:
        return False
    return True


class _Encoder:
    def __init__(self, problem: Problem, n: Normaliser, polys: list[Poly]) -> None:
        import z3  # type: ignore[import-untyped,unused-ignore]

        self.z3, self.problem, self.n = z3, problem, n
        self.context = z3.Context()
        self.scales: dict[int, int] = {}
        for p in polys:
            for i, d in whole_exponents(p)[1].items():
                self.scales[i] = lcm(self.scales.get(i, 1), d)
        self.unknowns = {i: z3.Real(f"t{i}", self.context) for i in range(len(n.atoms))}
        self.facts: list[Any] = []

    def number(self, value: Fraction) -> Any:
        return self.z3.Q(value.numerator, value.denominator, self.context)

    def poly(self, p: Poly) -> Any | None:
        """The polynomial times positive powers; None if an exponent does not fit."""
        low: dict[int, Fraction] = {}
        for mono in p:
            for i, e in mono:
                low[i] = min(low.get(i, Fraction(0)), e)
        for i, e in low.items():
            if e < 0 and self.n.atoms[i].sign != 1:
                if (e * self.scales.get(i, 1)).denominator != 1 or self.scales.get(i, 1) != 1:
                    return None
                low[i] = e - (-e) % 2
        total = self.number(Fraction(0))
        for mono, c in sorted(p.items()):
            exponents = {**{i: Fraction(0) for i in low}, **dict(mono)}
            term = self.number(c)
            for i, e in sorted(exponents.items()):
                k = (e - min(low[i], Fraction(0))) * self.scales.get(i, 1)
                if k.denominator != 1 or k > 40:
                    return None
                for _ in range(int(k)):
                    term = term * self.unknowns[i]
            total = total + term
        return total

    def range_facts(self, i: int, expr: Expr) -> None:
        scale = self.scales.get(i, 1)
        power = self.n.factor(self.n.atoms[i], Fraction(1, scale))
        value = range_on(power, self.problem)
        if value is None:
            if self.n.atoms[i].sign >= 0:
                self.facts.append(self.unknowns[i] >= 0)
            return
        low, high = exact_range(power, value, self.problem) if expr.head == "variable" else _ends(value)
        t = self.unknowns[i]
        if low is not None:
            self.facts.append(t > self.number(low) if value.lo_open else t >= self.number(low))
        if high is not None:
            self.facts.append(t < self.number(high) if value.hi_open else t <= self.number(high))
        if value.positive:
            self.facts.append(t > 0)

    def value(self, i: int) -> Any:
        """The atom itself, a power of its unknown."""
        result = self.unknowns[i]
        for _ in range(self.scales.get(i, 1) - 1):
            result = result * self.unknowns[i]
        return result

    def add_facts(self) -> None:
        exps: list[tuple[Any, Any]] = []
        logs: list[tuple[Any, Any]] = []
        for i, atom in enumerate(self.n.atoms):
            self.range_facts(i, atom.expr)
            if atom.key[0] == "exp" and atom.key[1]:
                u = self.poly({atom.key[1]: Fraction(1)}) if all(e > 0 for _, e in atom.key[1]) else None
                if u is not None:
                    exps.append((u, self.value(i)))
            elif atom.key[0] == "log" and atom.base is not None and all(e > 0 for m in atom.base for _, e in m):
                a = self.poly(atom.base)
                if a is not None:
                    logs.append((a, self.value(i)))
            elif atom.key[0] == "root" and atom.base is not None:
                self.root(i, atom.base)
            elif atom.key[0] in ("abs", "min", "max", "floor", "ceil", "atan"):
                self.function(i, atom.key)
            elif atom.key[0] == "sin":
                c = self.n.ids[("cos", *atom.key[1:])]
                self.facts.append(self.value(i) * self.value(i) + self.value(c) * self.value(c) == 1)
        for k, (u, t) in enumerate(exps):
            self.facts += [t > 0, self.z3.Or(t > 1 + u, u == 0), t >= 1 + u, t * (1 - u) <= 1]
            logs.append((t, u))
            for v, s in exps[:k]:
                self.facts += [(u <= v) == (t <= s), t >= s * (1 + u - v), s >= t * (1 + v - u)]
        for k, (a, t) in enumerate(logs):
            self.facts += [a > 0, self.z3.Or(t < a - 1, a == 1), t <= a - 1, a * t >= a - 1]
            for b, s in logs[:k]:
                self.facts += [(a <= b) == (t <= s), b * (t - s) <= a - b, a * (s - t) <= b - a]

    def function(self, i: int, key: tuple[Any, ...]) -> None:
        """Bounds of a step, a kink or an arc tangent by its arguments, if these are polynomials."""
        arguments: list[Any] = []
        for top, bottom in key[1:]:
            p = dict(top)
            if dict(bottom) != {(): Fraction(1)} or any(e < 0 for m in p for _, e in m):
                return
            term = self.poly(p)
            if term is None:
                return
            arguments.append(term)
        v, u, z3 = self.value(i), arguments[0], self.z3
        if key[0] == "floor":
            self.facts += [v <= u, v > u - 1]
        elif key[0] == "ceil":
            self.facts += [v >= u, v < u + 1]
        elif key[0] == "abs":
            self.facts.append(z3.Or(z3.And(u >= 0, v == u), z3.And(u <= 0, v == -u)))
        elif key[0] == "atan":
            self.facts += [z3.Or(z3.And(u >= 0, v >= 0, v <= u), z3.And(u <= 0, v <= 0, v >= u))]
            if ("pi",) in self.n.ids:
                pi = self.value(self.n.ids[("pi",)])
                self.facts += [2 * v < pi, 2 * v > -pi]
        else:
            w = arguments[1]
            kept, other = (u, w) if key[0] == "max" else (w, u)
            self.facts.append(z3.Or(z3.And(u >= w, v == kept), z3.And(u <= w, v == other)))

    def root(self, i: int, base: Poly) -> None:
        """The unknown is base**(1/scale)."""
        if all(e > 0 for m in base for _, e in m):
            b = self.poly(base)
            if b is not None:
                self.facts += [self.unknowns[i] >= 0, self.value(i) == b]


def _ends(value: Range) -> tuple[Fraction | None, Fraction | None]:
    return rational(value.lo), rational(value.hi)


def _numerators(n: Normaliser, gap: Expr, problem: Problem) -> list[Poly]:
    try:
        form: Quotient = n.form(gap)
        top = numerator(n, form, problem)
        if top is None:
            return []
        power = exponential(n, top.poly, problem)
        return [top.poly] if power is None else [top.poly, power.poly]
    except TooLarge:
        return []


def prove(problem: Problem, clock: Clock) -> Step | None:
    """Show the goal with z3; None if it is absent or does not decide within its steps."""
    if problem.op == "==" or not available():
        return None
    with ctx.workprec(64):
        n = normaliser(problem)
        goals = _numerators(n, problem.gap, problem)
        hypotheses = [(p, c.op) for c in problem.conditions for p in _numerators(n, c.gap, problem)]
        if not goals or len(n.atoms) > 24:
            return None
        for goal in goals[::-1]:
            clock.check()
            if _refutes(problem, n, goal, hypotheses, clock):
                return Step("smt", problem)
    return None


def _refutes(problem: Problem, n: Normaliser, goal: Poly, hypotheses: list[tuple[Poly, str]], clock: Clock) -> bool:
    clock.engine = "z3"
    encoder = _Encoder(problem, n, [goal, *(p for p, _ in hypotheses)])
    z3 = encoder.z3
    aim = encoder.poly(goal)
    if aim is None:
        return False
    encoder.add_facts()
    solver = z3.SolverFor("QF_NRA", ctx=encoder.context)
    solver.set("rlimit", STEPS)
    solver.set("max_memory", MEGABYTES)
    for poly, op in hypotheses:
        term = encoder.poly(poly)
        if term is not None:
            solver.add({"<=": term >= 0, "<": term > 0, "==": term == 0}[op])
    solver.add(*encoder.facts)
    solver.add(aim < 0 if problem.op == ">=" else aim <= 0)
    try:
        found = bool(solver.check() == z3.unsat)
    except z3.Z3Exception:
        found = False
    clock.check()
    return found
