"""The rules of a proof, re-verified one by one.

The checker carries its own problem down the steps and takes from the file only the choices: which formula replaces the
goal, where to cut, where to start climbing. A rule that it does not know, or an equality of formulas that it cannot
confirm nor refute, becomes a note: that part is not re-checked. What does not follow is `Rejected`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from .cover import Rejected
from .entries import field
from .evaluate import Nowhere, evaluate, operations
from .normal import Normal
from .points import box_of, ends_of, point_text, samples, sign_of
from .quotients import TooLarge
from .reading import Domain, Goal, Problem
from .signs import Sign, shown
from .tree import ONE, Tree, at, guards, make, read, value_of

Table = Mapping[str, "Callable[[Checker, object, Problem], None]"]


class Checker:
    """Collects what it could not re-check in ``notes`` and the rules that it confirmed in ``rules``."""

    def __init__(
        self, tick: Callable[[], None], table: Mapping[str, Callable[[Checker, object, Problem], None]]
    ) -> None:
        self.notes: list[str] = []
        self.rules: dict[str, int] = {}
        self.tick, self.table = tick, table

    def check(self, step: object, problem: Problem) -> None:
        """Confirm that the step proves the goal of the problem; `Rejected` if it does not."""
        self.tick()
        rule = field(step, "rule", str)
        method = self.table.get(rule)
        if method is None:
            self.notes.append(f"{rule} step" + (": trust in z3" if rule == "smt" else ""))
            return
        method(self, step, problem)
        self.rules[rule] = self.rules.get(rule, 0) + 1

    def normal(self, problem: Problem) -> Normal:
        """Normal forms that know the signs which the domains, conditions and guards give."""
        box = box_of(problem).items()
        signs = {name: 1 if x.above(True) else 0 for name, x in box if x.above(False)}
        normal = Normal(signs, {name for name, domain in problem.domains.items() if domain.integer})
        ends = [goal for name, domain in problem.domains.items() for goal in ends_of(name, domain)]
        for goal in (*ends, *problem.conditions):
            if goal.op != "==":
                normal.note(goal.gap, int(goal.op == ">"))
        for guard, kind in sorted(problem.known, key=repr):
            if kind != "nonzero":
                normal.note(guard, int(kind == "positive"))
        return normal

    def equal(self, a: Tree, b: Tree, problem: Problem, what: str) -> None:
        """Confirm a = b on the domain, `Rejected` at a point where they differ, otherwise a note."""
        if a == b:
            return
        difference = make("-", a, b)
        if self.normal(problem).is_zero(difference):
            return
        for point in samples(problem):
            if sign_of(at(difference, point), 256) in (1, -1):
                raise Rejected(f"{what}: two formulas differ at {point_text(point)}")
        self.notes.append(f"{what}: equality of two formulas")

    def positive(self, factors: list[Tree], problem: Problem) -> None:
        """Confirm that a product is defined and > 0 on the domain."""
        side = 1
        for factor in factors:
            self.defined(factor, problem)
            sign = self.sign(factor, problem)
            if sign is None:
                for point in samples(problem):
                    if sign_of(at(product(factors), point), 256) in (0, -1):
                        raise Rejected(f"rewriting: a factor is not positive at {point_text(point)}")
                self.notes.append("rewriting: the sign of a factor")
                return
            side *= sign
        if side < 0:
            raise Rejected("rewriting: a factor is negative")

    def sign(self, factor: Tree, problem: Problem) -> int | None:
        try:
            value = evaluate(operations(factor), box_of(problem)).value
        except Nowhere:
            return None
        if value.above(True) or value.below(True):
            return 1 if value.above(True) else -1
        for side in (1, -1):
            if self.holds(factor if side == 1 else make("neg", factor), "positive", problem):
                return side
        return None

    def by_terms(self, tree: Tree, problem: Problem, strict: bool) -> bool:
        normal = self.normal(problem)
        try:
            top, bottom = normal.form(tree)
        except TooLarge:
            return False
        return normal.sign(bottom) == 1 and normal.sign(top) >= int(strict)

    def source(self, candidate: object, problem: Problem) -> Tree:
        """What the candidate has to be equal to: the gap, transformed as ``how`` says."""
        gap = problem.goal.gap
        how, (times, inner) = field(candidate, "how", str), factors_of(candidate, problem)
        self.positive(times, problem)
        if how == "exp":
            self.positive(inner, problem)
            gap = make("-", make("exp", make("*", gap, product(inner))), ONE)
        elif how == "log":
            if gap[0] != "-" or any(self.sign(side, problem) != 1 for side in gap[1:]):
                raise Rejected("logarithms of sides that are not shown to be positive")
            gap = make("-", make("log", gap[1]), make("log", gap[2]))
        elif how not in ("same", "times") or (how == "same" and times):
            raise Rejected(f"{ascii(how)[:40]} is no way to rewrite a goal")
        return make("*", gap, product(times)) if times else gap

    def candidate(self, data: object, problem: Problem) -> Tree:
        """The formula of a candidate, confirmed to have the sign of the gap."""
        found = read(field(data, "formula", str), problem.domains)
        source = self.source(data, problem)
        if source != found:
            self.defined(found, problem)
        self.equal(source, found, problem, "rewriting")
        return found

    # --- where a formula is defined ---

    def defined(self, tree: Tree, problem: Problem) -> None:
        """Confirm that every part of a formula is defined where the conditions hold, or note it."""
        for guard, kind in guards(tree):
            if not self.holds(guard, kind, problem):
                self.notes.append("where a formula is defined")

    def holds(self, tree: Tree, kind: str, problem: Problem) -> bool:
        """Whether a formula is ``nonzero``, ``positive`` or ``nonnegative``: known, by its box, terms or factors."""
        if (tree, kind) in problem.known or (tree, "positive") in problem.known:
            return True
        try:
            value = evaluate(operations(tree), box_of(problem)).value
        except Nowhere:
            raise Rejected("a formula is undefined") from None
        if value.above(kind != "nonnegative") or (kind == "nonzero" and value.below(True)):
            return True
        found = shown(tree, self.normal(problem), problem)
        if found is not None and ((kind == "nonzero" and found.strict) or (kind == "nonnegative" and found.side == 1)):
            return True
        if found == Sign(1, True):
            return True
        if tree[0] == "*":
            return all(self.holds(factor, kind, problem) for factor in tree[1:])
        exponent = value_of(tree[2]) if tree[0] == "**" else None
        if exponent is not None and exponent > 0:
            even = exponent.denominator == 1 and exponent % 2 == 0
            return self.holds(tree[1], "nonzero" if even and kind == "positive" else kind, problem)
        normal = self.normal(problem)
        return any(k in (kind, "positive") and normal.is_zero(make("-", tree, g)) for g, k in problem.known)

    def guarded(self, steps: Sequence[object], problem: Problem) -> Problem:
        """The problem with what the steps show known, too; each is about a formula whose own guards come before it."""
        for step in steps:
            op, gap = field(step, "op", str), read(field(step, "said", str), problem.domains)
            if op not in (">", ">="):
                raise Rejected("a guard is an inequality")
            self.defined(gap, problem)
            self.check(step, replace(problem, goal=Goal(gap, op)))
            problem = replace(problem, known=problem.known | said(gap, op))
        return problem

    def relaxed(self, problem: Problem, name: str, domain: Domain) -> Problem:
        """The problem on another domain; what was an integer and is real now may leave the goal undefined."""
        found = problem.real(name, domain)
        if problem.domains[name].integer and not domain.integer:
            self.defined(found.goal.gap, found)
        return found


def said(gap: Tree, op: str) -> frozenset[tuple[Tree, str]]:
    """What ``gap op 0`` says about guards."""
    if op == ">=":
        return frozenset({(gap, "nonnegative")})
    return frozenset({(gap, "positive")} | ({(gap[1], "nonzero")} if gap[0] == "neg" else set()))


def factors_of(candidate: object, problem: Problem) -> tuple[list[Tree], list[Tree]]:
    """The factors of a candidate."""
    times, inner = field(candidate, "times", list), field(candidate, "inner", list)
    return [read(t, problem.domains) for t in times], [read(t, problem.domains) for t in inner]


def product(factors: list[Tree]) -> Tree:
    """The product."""
    return reduce(lambda a, b: b if a == ONE else a if b == ONE else make("*", a, b), factors, ONE)
