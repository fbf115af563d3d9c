"""The prover: definedness, a quick refutation, the engines in order, a longer refutation; a verdict with evidence.

The order of the engines is in `engines`. Budgets are boxes, bits and sample points; the seconds are an overall stop
that can only turn a verdict into ``undecided``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from flint import ctx

from ...symbolic.tree import Expr, number, substitute, to_fraction, to_text
from ...symbolic.tree import decimal as exact_decimal
from . import definedness, products
from .cover import quick
from .curves import on_equations
from .engines import engines, exact, large
from .hunt import hunt
from .irrational import Bracket, Witness, refute_equality
from .language import Claim, Relation, Variable
from .points import points
from .problem import (
    MOST_BITS,
    Clock,
    OutOfTime,
    Place,
    Problem,
    at,
    constant_range,
    constant_sign,
    domain_of,
    eliminate,
    feasible,
    relation_at,
)
from .program import Empty
from .reduce import closed
from .refute import Target, refute
from .step import Proof, Step, describe, evidence, method

CURVED = 40
"""Points on equations to try as witnesses."""


@dataclass(frozen=True)
class Verdict:
    """``status``: proved, refuted (with ``witness``), undecided or error; ``why`` says which knob helps.

    A witness gives each variable a number, a constant such as ``pi/4``, or ``a..b``: some number between a and b.

    ``evidence``: exact (identities, polynomial decisions, exact points) or enclosed (Arb on a cover of the domain).
    """

    name: str
    claim: str
    status: str
    witness: Mapping[str, str] | None = None
    evidence: str | None = None
    method: str = ""
    bits: int = 0
    boxes: int = 0
    seconds: float = 0.0
    why: str = ""
    steps: tuple[str, ...] = ()
    proof: Proof | None = None

    @property
    def trusts(self) -> tuple[str, ...]:
        """Solvers whose answer the proof takes over without a certificate: z3 or nothing."""
        steps = () if self.proof is None else (*self.proof.guards, *self.proof.goals)
        return ("z3",) if any(part.rule == "smt" for step in steps for part in step.walk()) else ()

    def to_json(self) -> dict[str, object]:
        """The object that `attain prove --json` prints."""
        return {
            "name": self.name,
            "claim": self.claim,
            "verdict": self.status,
            "witness": None if self.witness is None else dict(self.witness),
            "evidence": self.evidence,
            "method": self.method,
            "trusts": list(self.trusts),
            "bits": self.bits,
            "boxes": self.boxes,
            "seconds": round(self.seconds, 4),
            "why": self.why,
            "steps": list(self.steps),
        }


def show(value: Fraction) -> str:
    """A fraction as a decimal if it has a finite one.

    >>> show(Fraction(-1, 4)), show(Fraction(1, 3))
    ('-0.25', '1/3')
    """
    text = exact_decimal(abs(value))
    return ("-" if value < 0 else "") + text if text is not None and len(text) <= 24 else str(value)


def show_point(point: Mapping[str, Fraction]) -> str:
    """``x = 1, y = 0.5``."""
    return ", ".join(f"{name} = {show(value)}" for name, value in point.items())


def prove_claim(claim: Claim, seconds: float = 10.0) -> Verdict:
    """Decide a claim within so many CPU seconds.

    >>> from .language import parse_claim
    >>> prove_claim(parse_claim("x*exp(-x) <= 1/e", ["x >= 0"])).status
    'proved'
    >>> prove_claim(parse_claim("exp(x) >= 1 + x + x**2/2")).witness
    {'x': '-1'}
    """
    clock = Clock(seconds)
    try:
        verdict = _prove(claim, clock)
    except OutOfTime:
        left = f" at {_short(clock.goal)}" if clock.goal else ""
        spent = f"the budget of {seconds:g} CPU seconds is spent{left}, in {clock.engine}"
        why = f"{spent}; raise --budget or narrow the domain"
        verdict = Verdict(claim.name, claim.text, "undecided", why=why)
    except OverflowError:
        why = "numbers beyond the range of floats stopped the search for a witness; scale the variables"
        verdict = Verdict(claim.name, claim.text, "undecided", why=why)
    bits = max(clock.bits, 64)
    return replace(verdict, bits=bits, boxes=clock.boxes, seconds=clock.spent)


def _prove(claim: Claim, clock: Clock) -> Verdict:
    base = Verdict(claim.name, claim.text, "error")
    with ctx.workprec(64):
        empty = _bad_domain(claim.variables)
    if empty:
        return replace(base, why=empty)
    whole = claim
    claim, solved = eliminate(claim)
    guards = definedness.check(claim.variables, claim.conditions, claim.goals, engines, clock)
    if isinstance(guards, definedness.Undefined):
        text = definedness.describe(guards)
        return replace(base, why=text, status="error" if guards.certain else "undecided")
    some = _some_point(claim, clock)
    if some is None and _contradictory(claim, clock):
        return replace(base, why="no point satisfies all conditions")
    if some is None:
        why = "no point was found that certainly satisfies all conditions; check that they can hold together"
        return replace(base, status="undecided", why=why)
    open_goal: Relation | None = None
    steps: list[Step] = []
    for goal in claim.goals:
        clock.goal = str(goal)
        problem = _problem(claim, goal)
        step = exact(problem) if claim.variables else None
        witness = None if step else _refute(claim, goal, 150, clock)
        if witness is None and step is None:
            step = _prove_goal(problem, clock)
        if witness is None and step is None:
            witness = _refute(claim, goal, 4000, clock, 2)
        if witness is not None:
            return _refuted(base, [v.name for v in whole.variables], goal, witness, Proof(solved, guards))
        if step is None:
            open_goal = open_goal or goal
        else:
            steps.append(step)
    if open_goal is not None:
        return replace(
            base,
            status="undecided",
            why=f"{_short(str(open_goal))} was neither proved nor refuted; "
            "narrow the domain, split it, or raise --budget",
        )
    proof = Proof(solved, guards, tuple(steps), claim.conditions, some)
    methods = "; ".join(dict.fromkeys(method(step) for step in steps))
    rigour = evidence((*guards, *steps))
    return replace(base, status="proved", evidence=rigour, method=methods, steps=tuple(describe(proof)), proof=proof)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."


def _bad_domain(variables: tuple[Variable, ...]) -> str:
    """What is wrong with a domain: an undefined end, no point, or ends that cannot be compared."""
    for v in variables:
        try:
            for end in (v.low, v.high):
                if end is not None and not constant_range(end).bounded:
                    return f"the domain of {v.name} has an end that is not a number"
        except Empty as error:
            return f"{to_text(error.node)} is undefined in the domain of {v.name}"
        if v.low is not None and v.high is not None:
            width = constant_sign(Expr("-", (v.high, v.low)))
            if width is None:
                return f"the ends of the domain of {v.name} could not be compared"
            if width < 0 or (width == 0 and (v.low_open or v.high_open)):
                return f"the domain of {v.name} is empty"
        box = domain_of(v)
        if box.lo > box.hi:
            return f"the domain of {v.name} contains no integer"
    return ""


def _some_point(claim: Claim, clock: Clock) -> Place | None:
    if not claim.variables:
        return {} if all(relation_at(c, {}) for c in claim.conditions) else None
    for point in points(claim.variables, 3000, 5):
        clock.check()
        if feasible(claim.variables, claim.conditions, point):
            return point
    return next(on_equations(claim.variables, claim.conditions, clock), None)


def _contradictory(claim: Claim, clock: Clock) -> bool:
    """Whether −1 ≥ 0 follows from the conditions."""
    if not claim.variables:
        return any(relation_at(c, {}) is False for c in claim.conditions)
    never = Problem(claim.variables, claim.conditions, number(-1), ">=")
    return bool(quick(never, clock) or products.prove(never, clock, products.QUICK))


def _refuted(base: Verdict, names: Sequence[str], goal: Relation, witness: Witness, proof: Proof) -> Verdict:
    """The verdict for a witness, with the variables that were solved for: numbers, constants such as ``pi - 1``."""
    brackets = {name: x for name, x in witness.items() if isinstance(x, Bracket)}
    point = {name: x for name, x in witness.items() if not isinstance(x, Bracket)}
    full = {name: x if isinstance(x, Expr) else number(x) for name, x in point.items()}
    for name, value in proof.solved:
        full[name] = substitute(value, full)
    values = {name: to_fraction(expr) for name, expr in full.items()}
    texts = {n: to_text(full[n]) if value is None else show(value) for n, value in values.items()}
    texts |= {name: f"{show(x.low)}..{show(x.high)}" for name, x in brackets.items()}
    shown = {name: texts[name] for name in names}
    place = ", ".join(f"{name} = {text}" for name, text in shown.items())
    line, way, rigour = f"{goal} is false at {place}, checked at the exact point", "exact point", "enclosed"
    for x in brackets.values():
        line = f"{goal} is false for some {place}: {to_text(x.factor)} changes sign and is a factor of the gap"
        way = "sign change of a factor"
    if not brackets and to_fraction(at(goal.gap, point)) is not None:
        rigour = "exact"
    lines = (*describe(Proof(proof.solved, proof.guards)), line)
    return replace(base, status="refuted", witness=shown, evidence=rigour, method=way, steps=lines)


def _refute(claim: Claim, goal: Relation, count: int, clock: Clock, seed: int = 1) -> Witness | None:
    clock.engine = "the search for a witness"
    if not claim.variables:
        return {} if relation_at(goal, {}, MOST_BITS) is False else None
    target = Target(claim.variables, claim.conditions, goal)
    rational = refute(target, count, clock, seed) or hunt(target, count, clock)
    return rational or refute_equality(target, clock) or _on_equations(claim, goal, clock)


def _on_equations(claim: Claim, goal: Relation, clock: Clock) -> Witness | None:
    """A witness with a root of a condition that is an equation."""
    places = on_equations(claim.variables, claim.conditions, clock)
    return next((place for place in islice(places, CURVED) if relation_at(goal, place) is False), None)


def _problem(claim: Claim, goal: Relation) -> Problem:
    op = {"<=": ">=", "<": ">", "==": "=="}[goal.op]
    return Problem(claim.variables, claim.conditions, goal.gap, op)


def _prove_goal(problem: Problem, clock: Clock) -> Step | None:
    if not problem.variables:
        return closed(problem, MOST_BITS) or engines(problem, clock)
    return engines(problem, clock) or large(problem, clock)
