"""The rules of a proof, re-verified one by one.

The checker carries its own problem down the steps and takes from the file only the choices: which formula replaces the
goal, where to cut, where to start climbing. A rule that it does not know, or an equality of formulas that it cannot
confirm nor refute, becomes a note: that part is not re-checked. What does not follow is `Rejected`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import reduce

from flint import ctx

from ..ball import ball
from ..formula import CheckError
from . import cover, moves
from .cover import Box, Rejected
from .entries import field, parts, rational, terms_of
from .interval import I, Nowhere, evaluate, interval_of, operations
from .normal import Normal, TooLarge
from .polynomial import End, on_box, sign_on_interval
from .reading import Domain, Goal, Problem
from .tree import ONE, ZERO, Tree, at, derivative, guards, make, names, nodes, number, read, substitute, value_of

HOLDS = {">=": (0, 1), ">": (1,), "==": (0,)}
ANALYTIC = frozenset(
    (
        *("number", "constant", "variable", "neg", "+", "-", "*", "/", "exp", "log", "sin", "cos", "tan"),
        *("sinh", "cosh", "tanh", "atan", "erf", "sigmoid", "softplus"),
    )
)


def sign_of(tree: Tree, most: int = 4096) -> int | None:
    """−1, 0 or 1 for a constant: balls of growing precision, zero by its normal form; None if not decided."""
    value = value_of(tree)
    if value is not None:
        return (value > 0) - (value < 0)
    ops, bits = operations(tree), 64
    while bits <= most:
        with ctx.workprec(bits):
            try:
                found = evaluate(ops, {})
            except Nowhere:
                return None
            if not found.cut and (found.value.above(True) or found.value.below(True)):
                return 1 if found.value.above(True) else -1
            if bits == 64 and not found.cut and Normal({}).is_zero(tree):
                return 0
        bits *= 2
    return None


def at_point(goal: Goal, point: Mapping[str, Fraction | Tree]) -> bool | None:
    """Whether a relation holds at a point; None if that is not decided."""
    sign = sign_of(at(goal.gap, point), 1024)
    return None if sign is None else sign in HOLDS[goal.op]


def box_of(problem: Problem) -> dict[str, I]:
    """The domains as intervals at the present precision."""
    return {name: interval_of(domain) for name, domain in problem.domains.items()}


def samples(problem: Problem) -> Iterator[dict[str, Fraction | Tree]]:
    """A few points of the domain, to refute a wrong equality of formulas."""
    for k in range(1, 8):
        point: dict[str, Fraction | Tree] = {}
        for i, (name, x) in enumerate(box_of(problem).items()):
            t = Fraction((3 * k + 5 * i) % 17 + 1, 19)
            low, high = (Fraction(float(e.mid())).limit_denominator(999) if abs(e) < 1e9 else None for e in x[:2])
            far = t / (1 - t) * 3
            if low is not None:
                place = low + (far if high is None else (high - low) * t)
            else:
                place = far - 2 if high is None else high - far
            point[name] = Fraction(round(place)) if problem.domains[name].integer else place
        if inside(problem, point):
            yield point


def inside(problem: Problem, point: Mapping[str, Fraction | Tree]) -> bool:
    """Whether a point certainly lies in the domains and satisfies the conditions."""
    for name, domain in problem.domains.items():
        x = point[name]
        if domain.integer and not (isinstance(x, Fraction) and x.denominator == 1):
            return False
    ends = [goal for name, domain in problem.domains.items() for goal in ends_of(name, domain)]
    return all(at_point(goal, point) is True for goal in (*ends, *problem.conditions))


class Checker:
    """Collects what it could not re-check in ``notes`` and the rules that it confirmed in ``rules``."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.notes: list[str] = []
        self.rules: dict[str, int] = {}
        self.tick = tick

    def check(self, step: object, problem: Problem) -> None:
        """Confirm that the step proves the goal of the problem; `Rejected` if it does not."""
        self.tick()
        rule = field(step, "rule", str)
        method = RULES.get(rule)
        if method is None:
            self.notes.append(f"{rule} step" + (": trust in z3" if rule == "smt" else ""))
            return
        method(self, step, problem)
        self.rules[rule] = self.rules.get(rule, 0) + 1

    # --- formulas that replace the goal ---

    def normal(self, problem: Problem) -> Normal:
        box = box_of(problem).items()
        return Normal({name: 1 if x.above(True) else 0 for name, x in box if x.above(False)})

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
            if self.by_terms(factor if side == 1 else make("neg", factor), problem, True):
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

    # --- rules ---

    def number(self, step: object, problem: Problem) -> None:
        goal = problem.goal
        if any(names(c.gap) == set() and at_point(c, {}) is False for c in problem.conditions):
            return
        if names(goal.gap) or sign_of(goal.gap) not in HOLDS[goal.op]:
            raise Rejected("a number does not have the sign that is said")

    def identity(self, step: object, problem: Problem) -> None:
        if problem.goal.op == ">":
            raise Rejected("an identity is no strict inequality")
        self.equal(problem.goal.gap, ZERO, problem, "identity")

    def terms(self, step: object, problem: Problem) -> None:
        found = self.candidate(field(step, "candidate", dict), problem)
        if problem.goal.op == "==" or not self.plain(found, problem, problem.goal.op == ">"):
            raise Rejected("a term of a polynomial may be negative")

    def plain(self, tree: Tree, problem: Problem, strict: bool) -> bool:
        """≥ 0 (> 0) by the terms, on the box, or because a guard or a condition says so."""
        kinds = ("positive",) if strict else ("positive", "nonnegative")
        if self.by_terms(tree, problem, strict) or any((tree, kind) in problem.known for kind in kinds):
            return True
        try:
            value = evaluate(operations(tree), box_of(problem))
        except Nowhere:
            return False
        if value.value.above(strict) and not value.cut:
            return True
        normal, ops = self.normal(problem), (">",) if strict else (">", ">=")
        return any(c.op in ops and normal.is_zero(make("-", c.gap, tree)) for c in problem.conditions)

    def polynomial(self, step: object, problem: Problem) -> None:
        """A polynomial in atoms whose ranges are re-evaluated, ≥ 0 between their ends."""
        with ctx.workprec(192):
            self._polynomial(step, problem)

    def _polynomial(self, step: object, problem: Problem) -> None:
        atoms = [read(text, problem.domains) for text in field(step, "atoms", list)]
        low = [rational(e) for e in field(step, "low", list)]
        terms = terms_of(field(step, "terms", list), len(atoms))
        if not len(atoms) == len(low) == len(field(step, "ends", list)) or problem.goal.op == "==":
            raise Rejected("a polynomial step has atoms, ends and exponents of different lengths")
        ends: list[tuple[End, End]] = []
        closed = []
        for atom, pair, least in zip(atoms, field(step, "ends", list), low, strict=True):
            value = self.value(atom, problem)
            if least > 0 or (least < 0 and not value.above(True)):
                raise Rejected("a power that is divided out of a polynomial may not be positive")
            if not isinstance(pair, list) or len(pair) != 2:
                raise CheckError("ends: pairs are expected")
            least_end, most_end = (None if end is None else rational(end) for end in pair)
            ends.append((least_end, most_end))
            closed.append(between(atom, value, ends[-1], problem))
        whole = [make("*", number(c), product([power(a, e + d) for a, e, d in zip(atoms, key, low, strict=True)]))
                 for key, c in terms.items()]  # fmt: skip
        source = self.source(field(step, "candidate", dict), problem)
        self.equal(source, reduce(lambda a, b: make("+", a, b), whole, ZERO), problem, "polynomial")
        strict = problem.goal.op == ">"
        if len(atoms) == 1:
            degree = max(key[0] for key in terms)
            coefficients = [terms.get((k,), Fraction(0)) for k in range(degree + 1)]
            good = sign_on_interval(coefficients, *ends[0], closed[0], strict)
        else:
            good = on_box(terms, ends, closed, strict)
        if not good:
            raise Rejected("a polynomial does not have the sign that is said")

    def value(self, tree: Tree, problem: Problem) -> I:
        try:
            found = evaluate(operations(tree), box_of(problem))
        except Nowhere:
            raise Rejected("an atom is defined nowhere") from None
        if found.cut:
            raise Rejected("an atom may be undefined")
        return found.value

    def cover(self, step: object, problem: Problem) -> None:
        if problem.goal.op == "==":
            raise Rejected("no cover shows an identity")
        tree, bits = field(step, "tree", list), field(step, "bits", int)
        used = {node for node in tree if type(node) is int and node >= 0}
        chosen = field(step, "candidates", dict)
        formulas = {k: self.candidate(chosen.get(str(k)), problem) for k in sorted(used)}
        if not 32 <= bits <= 4096:
            raise Rejected("bits: 32 to 4096")
        strict, total = problem.goal.op == ">", field(step, "total", bool)
        with ctx.workprec(bits):
            programs = {k: operations(formula) for k, formula in formulas.items()}
            conditions = [(operations(c.gap), c.op) for c in problem.conditions]

            def settle(box: Box, leaf: int) -> bool:
                self.tick()
                if leaf == cover.OUTSIDE:
                    return cover.violated(conditions, box)
                if leaf == cover.POINT:
                    return self.point(box, problem)
                return leaf in programs and cover.decided(programs[leaf], box, strict, total)

            integers = {name: domain.integer for name, domain in problem.domains.items()}
            boxes = cover.walk(tree, box_of(problem), integers, settle)
        self.rules["boxes"] = self.rules.get("boxes", 0) + boxes

    def point(self, box: Box, problem: Problem) -> bool:
        if not all(d.integer for d in problem.domains.values()) or any(x.lo != x.hi for x in box.values()):
            return False
        point: dict[str, Fraction | Tree] = {n: Fraction(int(x.lo.unique_fmpz())) for n, x in box.items()}
        return at_point(problem.goal, point) is True

    def rewritten(self, step: object, problem: Problem) -> None:
        found = self.candidate(field(step, "candidate", dict), problem)
        self.check(parts(step, 1)[0], replace(problem, goal=Goal(found, problem.goal.op)))

    def inverse(self, step: object, problem: Problem) -> None:
        name, domain = single(problem)
        if domain.low is None or domain.high is not None or sign_of(domain.low) != 1:
            raise Rejected("a reciprocal needs a domain from a positive number to infinity")
        me = ("variable", name)
        flipped = Domain(ZERO, make("/", ONE, domain.low), True, domain.low_open)
        self.check(parts(step, 1)[0], problem.replaced({me: make("/", ONE, me)}).real(name, flipped))

    def cases(self, step: object, problem: Problem) -> None:
        """A goal with its first kink replaced by each branch, where the condition of the branch holds."""
        kink = read(field(step, "kink", str), problem.domains)
        if kink[0] not in ("abs", "min", "max"):
            raise Rejected("cases are made for abs, min and max")
        first, second = (kink[1], make("neg", kink[1])) if kink[0] == "abs" else kink[1:]
        for part, value, other in zip(parts(step, 2), (first, second), (second, first), strict=True):
            low, high = (value, other) if kink[0] == "min" else (other, value)
            # for |u| the condition is u ≥ 0, not 2u ≥ 0
            gap = value if kink[0] == "abs" else make("-", high, low)
            self.branch(part, replace(problem.replaced({kink: value}), conditions=problem.conditions), Goal(gap, ">="))

    def branch(self, part: object, problem: Problem, condition: Goal) -> None:
        if field(part, "rule", str) == "nothing left":
            with ctx.workprec(128):
                if not self.nothing(condition, problem):
                    raise Rejected("a case that is left out has points")
            return
        changed = part.get("domain") if isinstance(part, dict) else None
        if changed is None:
            self.check(part, replace(problem, conditions=(*problem.conditions, condition)))
            return
        name, low, high = changed if isinstance(changed, list) and len(changed) == 3 else ("", None, None)
        if name not in problem.domains or (low is None) == (high is None):
            raise Rejected("a case changes one end of one domain")
        end, me, old = read(low if high is None else high, {}), ("variable", name), problem.domains[name]
        rate = rational_value(make("-", *(substitute(condition.gap, {me: number(k)}) for k in (1, 0))))
        if rate is None or rate * (1 if high is None else -1) <= 0:
            raise Rejected("a case changes the wrong end of a domain")
        kept, side = (old.low, 1) if high is None else (old.high, -1)
        if kept is not None and sign_of(make("-", end, kept)) != side:
            raise Rejected("a case widens a domain")
        self.equal(condition.gap, make("*", number(rate), make("-", me, end)), problem, "case")
        new = replace(old, low=end, low_open=False) if high is None else replace(old, high=end, high_open=False)
        self.check(part, problem.real(name, new))

    def nothing(self, condition: Goal, problem: Problem) -> bool:
        return cover.violated([(operations(condition.gap), condition.op)], box_of(problem))

    def prefix(self, step: object, problem: Problem) -> None:
        """Real values from ``start`` on, and every integer before it."""
        name, first, start = field(step, "name", str), field(step, "first", int), field(step, "start", int)
        domain = problem.domains.get(name)
        if domain is None or not domain.integer or not 0 < start - first <= 1000:
            raise Rejected("a prefix needs an integer variable")
        if not interval_of(domain).lo >= first:
            raise Rejected("a prefix starts too late")
        tail, *singles = parts(step, 1 + start - first)
        real = replace(domain, low=number(start), low_open=False, integer=False)
        self.check(tail, problem.real(name, real))
        others = {n: d for n, d in problem.domains.items() if n != name}
        for k, one in zip(range(first, start), singles, strict=True):
            self.check(one, replace(problem.replaced({("variable", name): number(k)}), domains=others))

    def constant(self, step: object, problem: Problem) -> None:
        if problem.goal.op == ">":
            raise Rejected("a constant 0 is not positive")
        name, domain = single(problem)
        x: dict[str, Fraction | Tree] = {name: rational(field(step, "point", str))}
        if domain.integer or not inside(problem, x) or sign_of(at(problem.goal.gap, x)) != 0:
            raise Rejected("a constant is not 0 at its point")
        self.equal(derivative(problem.goal.gap, name), ZERO, problem, "derivative")

    def both(self, step: object, problem: Problem) -> None:
        if problem.goal.op == ">":
            raise Rejected("an identity is no strict inequality")
        gap = problem.goal.gap
        for part, side in zip(parts(step, 2), (gap, make("neg", gap)), strict=True):
            self.check(part, replace(problem, goal=Goal(side, ">=")))

    # --- derivatives ---

    def meet(self, step: object, problem: Problem) -> None:
        """Upward from a point to both sides."""
        name, domain = single(problem)
        c = read(field(step, "point", str), {})
        right, left = parts(step, 2)
        for goal in ends_of(name, domain):
            if sign_of(substitute(goal.gap, {("variable", name): c})) != 1:
                raise Rejected("two sides meet outside the domain")
        if problem.goal.op != ">=" or sign_of(substitute(problem.goal.gap, {("variable", name): c})) not in (0, 1):
            raise Rejected("the goal does not hold where two sides meet")
        for part, piece in (
            (right, replace(domain, low=c, low_open=True, integer=False)),
            (left, replace(domain, high=c, high_open=True, integer=False)),
        ):
            self.check(part, problem.real(name, piece))

    def anchor(self, step: object, problem: Problem) -> None:
        """From one end by derivatives, up to the other end or to a point from which another step goes on."""
        name, domain = single(problem)
        domain = replace(domain, integer=False)
        problem = problem.real(name, domain)
        side, goal, me = field(step, "side", int), problem.goal, ("variable", name)
        start, far = (domain.low, domain.high) if side == 1 else (domain.high, domain.low)
        near = None if (text := field(step, "near", str, type(None))) is None else read(text, {})
        if start is None or side not in (1, -1):
            raise Rejected("derivatives start at a finite end")
        for end, is_open in ((domain.low, domain.low_open), (domain.high, domain.high_open)):
            if end is not None and not is_open and sign_of(substitute(goal.gap, {me: end})) not in HOLDS[goal.op]:
                raise Rejected("the goal does not hold at an end")
        first, *rest = parts(step, 1, 2)
        if rest:
            if near is None or sign_of(make("-", near, start)) != side:
                raise Rejected("a piece of the domain is reversed")
            if far is not None and sign_of(make("-", far, near)) not in (0, side):
                raise Rejected("a piece leaves the domain")
            remaining = (
                replace(domain, low=near, low_open=False) if side == 1 else replace(domain, high=near, high_open=False)
            )
            self.check(rest[0], problem.real(name, remaining))
            far = near
        low, high = (start, far) if side == 1 else (far, start)
        inner = problem.real(name, Domain(low, high, True, True))
        self.defined(goal.gap, inner)
        if not self.climb(first, inner, start, side) and goal.op == ">":
            raise Rejected("derivatives show no strict inequality here")

    def climb(self, step: object, problem: Problem, start: Tree, side: int) -> bool:
        """gap ≥ 0 on an open interval; whether it is shown to be > 0."""
        op, ((name, _),) = field(step, "op", str), problem.domains.items()
        if op not in (">=", ">"):
            raise Rejected("a step up shows an inequality")
        if field(step, "rule", str) != "rate":
            self.check(step, replace(problem, goal=Goal(problem.goal.gap, op)))
            return op == ">"
        self.tick()
        found = self.candidate(field(step, "candidate", dict), replace(problem, goal=Goal(problem.goal.gap, ">=")))
        self.defined(found, problem)
        value = sign_of(substitute(found, {("variable", name): start}))
        if value not in (0, 1):
            raise Rejected("a function does not start at a value >= 0")
        rate = derivative(found, name)
        slope = rate if side == 1 else make("neg", rate)
        below = self.climb(parts(step, 1)[0], replace(problem, goal=Goal(slope, ">=")), start, side)
        self.rules["rate"] = self.rules.get("rate", 0) + 1
        return value == 1 or below or self.nonzero(step, found, rate, problem)

    def nonzero(self, step: object, found: Tree, rate: Tree, problem: Problem) -> bool:
        """Whether an analytic function has a derivative that is not 0 at the point which the step names."""
        text = field(step, "strict", str, bool)
        if not isinstance(text, str) or not all(n[0] in ANALYTIC or n[0] == "**" for n in nodes(found)):
            return False
        whole = all(
            e is not None and e.denominator == 1 for n in nodes(found) if n[0] == "**" for e in [value_of(n[2])]
        )
        x: dict[str, Fraction | Tree] = {name: rational(text) for name in problem.domains}
        return whole and inside(problem, x) and sign_of(at(rate, x)) in (1, -1)

    def defined(self, tree: Tree, problem: Problem) -> None:
        """Confirm that every part of a formula is defined where the conditions hold, or note it."""
        kinds = ("nonnegative", "nonzero", "positive")
        for guard, kind in guards(tree):
            stronger = [k for k in kinds if k in (kind, "positive")]
            if any((guard, k) in problem.known for k in stronger):
                continue
            try:
                value = evaluate(operations(guard), box_of(problem)).value
            except Nowhere:
                raise Rejected("a rewritten formula is undefined") from None
            good = value.above(kind != "nonnegative") or (kind == "nonzero" and value.below(True))
            if not good and not self.by_terms(guard, problem, kind != "nonnegative"):
                self.notes.append("rewriting: where a formula is defined")


RULES: dict[str, Callable[[Checker, object, Problem], None]] = {
    **moves.RULES,
    "number": Checker.number,
    "identity": Checker.identity,
    "terms": Checker.terms,
    "sturm": Checker.polynomial,
    "differences": Checker.polynomial,
    "cover": Checker.cover,
    "rewritten": Checker.rewritten,
    "inverse": Checker.inverse,
    "cases": Checker.cases,
    "prefix and tail": Checker.prefix,
    "derivative zero": Checker.constant,
    "both ways": Checker.both,
    "meet": Checker.meet,
    "anchor": Checker.anchor,
}


def rational_value(tree: Tree) -> Fraction | None:
    """The value of a formula that is a rational number, after cancelling."""
    try:
        top, bottom = Normal({}).form(tree)
    except TooLarge:
        return None
    return top.get((), Fraction(0)) if set(top) <= {()} and set(bottom) == {()} else None


def factors_of(candidate: object, problem: Problem) -> tuple[list[Tree], list[Tree]]:
    """The factors of a candidate."""
    times, inner = field(candidate, "times", list), field(candidate, "inner", list)
    return [read(t, problem.domains) for t in times], [read(t, problem.domains) for t in inner]


def product(factors: list[Tree]) -> Tree:
    """The product."""
    return reduce(lambda a, b: b if a == ONE else a if b == ONE else make("*", a, b), factors, ONE)


def power(a: Tree, e: Fraction) -> Tree:
    return ONE if e == 0 else a if e == 1 else make("**", a, number(e))


def between(atom: Tree, value: I, pair: tuple[End, End], problem: Problem) -> tuple[bool, bool]:
    """Which ends may belong to the values of an atom; `Rejected` if the values are not between the ends."""
    closed = []
    domain = problem.domains[atom[1]] if atom[0] == "variable" else Domain()
    for end, known, known_open, x, x_open, side in (
        (pair[0], domain.low, domain.low_open, value.lo, value.lo_open, 1),
        (pair[1], domain.high, domain.high_open, value.hi, value.hi_open, -1),
    ):
        if end is None:
            closed.append(False)
            continue
        room = None if known is None else sign_of(make("-", known, number(end)))
        if room is not None and room * side >= 0:
            closed.append(room == 0 and not known_open)
            continue
        gap = (x - ball(end)) * side
        if not gap >= 0:
            raise Rejected("an atom leaves its ends")
        closed.append(not (x_open or gap > 0))
    return closed[0], closed[1]


def single(problem: Problem) -> tuple[str, Domain]:
    """The only variable of a problem without conditions."""
    if len(problem.domains) != 1 or problem.conditions:
        raise Rejected("this rule is for one variable without conditions")
    return next(iter(problem.domains.items()))


def ends_of(name: str, domain: Domain) -> list[Goal]:
    """The domain as relations."""
    me, found = ("variable", name), []
    if domain.low is not None:
        found.append(Goal(make("-", me, domain.low), ">" if domain.low_open else ">="))
    if domain.high is not None:
        found.append(Goal(make("-", domain.high, me), ">" if domain.high_open else ">="))
    return found


def point_text(point: Mapping[str, Fraction | Tree]) -> str:
    return ", ".join(f"{name} = {x}" for name, x in point.items())
