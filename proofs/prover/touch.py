"""One variable: touching equality and tails."""

from __future__ import annotations

from fractions import Fraction

from flint import ctx

from ...symbolic.tree import Expr, names, number, postorder, substitute, to_fraction
from .algebra import Candidate, rewrite
from .irrational import recognise
from .ladder import between, touching
from .language import Relation, Variable
from .pieces import pieces
from .points import float_ends
from .problem import Clock, Problem, constant_sign, linear
from .refute import Target, minimiser
from .step import Step

EXPONENTIAL = ("exp", "softplus", "sigmoid", "tanh", "cosh", "sinh")


def touch(problem: Problem, clock: Clock) -> Step | None:
    """A step for a goal in one real variable: by derivatives from its ends and touching points; gamma has none here."""
    if not _alone(problem) or any(node.head in ("gamma", "loggamma") for node in postorder(problem.gap)):
        return None
    step = _reciprocal(problem, clock) if _fades(problem) else None
    met = [] if step else _met(problem, clock)
    return step or _logarithms(problem, met, clock) or touching(problem, met, clock)


def _logarithms(problem: Problem, met: list[Expr], clock: Clock) -> Step | None:
    """Touching points of P − N, for a numerator with positive terms P and negative terms −N, so that log P ≥ log N.

    One of P and N is a single term, whose logarithm is a polynomial. Source: ours, the logarithm is increasing.
    """
    with ctx.workprec(64):
        items = [item for item in rewrite(problem) if item.how == "times"]
    for item in items:
        n = item.normal
        parts = [{m: side * c for m, c in item.poly.items() if side * c > 0} for side in (1, -1)]
        exponential = any(n.atoms[i].key[0] in ("exp", "exp*") for m in item.poly for i, _ in m)
        if not exponential or min(map(len, parts)) != 1 or any(n.sign(part) != 1 for part in parts):
            continue
        split = Expr("-", (n.poly_expr(parts[0]), n.poly_expr(parts[1])))
        step = None if split == problem.gap else touching(problem.with_gap(split, problem.op), met, clock)
        if step:
            return Step("rewritten", problem, {"candidate": item.candidate._replace(expr=split)}, (step,))
    return None


def cut(problem: Problem, clock: Clock) -> Step | None:
    """A step for a goal in one real variable: by x = 1/y or in pieces."""
    if not _alone(problem):
        return None
    step = None if _fades(problem) else _reciprocal(problem, clock)
    met = [] if step else _met(problem, clock)
    if step or (met and problem.op == ">"):
        return step
    return pieces(problem, met, clock) or _exponential(problem, clock)


def _fades(problem: Problem) -> bool:
    """Whether the gap seems to tend to 0 on a half-line (floats), which makes infinity the place to start from."""
    v, target = problem.variables[0], Target(problem.variables, (), Relation(number(0), "<=", problem.gap))
    far = [abs(target.value(target.gap, {v.name: Fraction(2) ** k})) for k in (12, 24)]
    return v.high is None and 0 < far[1] < far[0] / 1000 and far[0] < 0.01


def _alone(problem: Problem) -> bool:
    return len(problem.variables) == 1 and not problem.conditions and problem.op != "=="


def _met(problem: Problem, clock: Clock) -> list[Expr]:
    """Numbers inside at which the gap is 0."""
    clock.engine = "derivatives from touching points"
    goal = Relation(number(0), "<=" if problem.op == ">=" else "<", problem.gap)
    low, high = float_ends(problem.variables[0])
    near = minimiser(Target(problem.variables, (), goal), clock)
    places = list(dict.fromkeys(c for x in near for c in recognise(x) if low < x < high))
    return [c for c in places if between(problem.variables[0], c) and zero_at(problem, c)]


def _reciprocal(problem: Problem, clock: Clock) -> Step | None:
    """Derivatives from y = 0 for x = 1/y."""
    flipped = _inverted(problem)
    if flipped is None:
        return None
    with ctx.workprec(64):
        forms = [item.candidate for item in rewrite(flipped)]
    for chosen in [*forms, Candidate(flipped.gap, "same")]:
        step = touching(flipped.with_gap(chosen.expr, problem.op), [], clock)
        if step:
            step = step if chosen.how == "same" else Step("rewritten", flipped, {"candidate": chosen}, (step,))
            return Step("inverse", problem, {}, (step,))
    return None


def _exponential(problem: Problem, clock: Clock) -> Step | None:
    """Derivatives and pieces for x = k·log(t), t > 0."""
    scale = _scale(problem)
    if scale is None:
        return None
    changed = _as_logarithm(problem, scale)
    with ctx.workprec(64):
        forms = [item.candidate for item in rewrite(changed)]
    for chosen in forms:
        smaller = changed.with_gap(chosen.expr, problem.op)
        met = _met(smaller, clock)
        step = touching(smaller, met, clock)
        if step is None and not (met and problem.op == ">"):
            step = pieces(smaller, met, clock)
        if step:
            rewritten = Step("rewritten", changed, {"candidate": chosen}, (step,))
            return Step("exponential", problem, {"scale": scale}, (rewritten,))
    return None


def _scale(problem: Problem) -> Fraction | None:
    """k for which exponentials of the gap are powers of exp(x/k), the slowest its first or −1st; None without any.

    Negative where that maps the domain to a bounded one.
    """
    v = problem.variables[0]
    rates = []
    for node in postorder(problem.gap):
        if node.head in EXPONENTIAL and v.name in names(node):
            found = linear(node.args[0], v.name, {})
            if found is None or names(found[1]):
                return None
            rates.append(abs(found[0]) * (2 if node.head == "tanh" else 1))
    return None if not rates else 1 / min(rates) * (1 if v.low is None else -1)


def _as_logarithm(problem: Problem, scale: Fraction) -> Problem:
    """The problem for t = exp(x/scale)."""
    v = problem.variables[0]
    low, high = (None if end is None else _power(end, scale) for end in (v.low, v.high))
    t = Expr("variable", (v.name,))
    if scale > 0:
        image = Variable(v.name, low or number(0), high, v.low_open if low else True, v.high_open)
    else:
        image = Variable(v.name, high or number(0), low, v.high_open if high else True, v.low_open)
    gap = substitute(problem.gap, {v.name: Expr("*", (number(scale), Expr("log", (t,))))})
    return Problem((image,), (), gap, problem.op)


def _power(end: Expr, scale: Fraction) -> Expr:
    return number(1) if to_fraction(end) == 0 else Expr("exp", (Expr("/", (end, number(scale))),))


def zero_at(problem: Problem, c: Expr) -> bool:
    """Whether the gap is certainly 0 at a number."""
    return constant_sign(substitute(problem.gap, {problem.variables[0].name: c}), 256) == 0


def _inverted(problem: Problem) -> Problem | None:
    """x = 1/y for a variable on [a, ∞) with a > 0, so that infinity becomes the open end y = 0."""
    v = problem.variables[0]
    sign = None if v.low is None or v.high is not None else constant_sign(v.low, 128)
    if v.low is None or sign not in (0, 1) or (sign == 0 and not v.low_open):
        return None
    y = Expr("/", (number(1), Expr("variable", (v.name,))))
    low = to_fraction(v.low)
    high = Expr("/", (number(1), v.low)) if low is None else number(1 / low) if low else None
    flipped = Variable(v.name, number(0), high, True, v.low_open)
    gap = substitute(problem.gap, {v.name: y})
    return Problem((flipped,), (), gap, problem.op)
