"""What an engine returns: the steps of a proof with the data that re-verifies each of them, and their texts.

Rules (``data`` in brackets; formulas are trees, numbers exact):

- ``number``: a goal without variables has the right sign (or a condition without variables is false).
- ``identity``: the gap has the normal form 0.
- ``terms``, ``sturm``, ``differences``: a polynomial in atoms [candidate, atoms, ends, terms] is ≥ 0 because its terms
  are, by a Sturm sequence, or by successive differences.
- ``cover``: a split tree of the domain [candidates, tree, bits, total]; see `cover.Cover`.
- ``near``: such a cover, and [places]: (numbers, order, variables, bits); a leaf may rest on one of them, see `taylor`.
- ``rewritten``: another formula [candidate] is proved instead (one part).
- ``anchor``: from an end of an interval by signs of derivatives [anchor, side, near, far]; parts: a ``rate``, and the
  rest of the interval if the first part stops before its far end.
- ``rate``: [candidate, anchor, side]: the candidate is ≥ 0 at the anchor (None: in the limit) and its derivative
  points up (one part, then guards of the derivative).
- ``meet``: ``anchor`` to the right and to the left of [point].
- ``pieces``: cut at the numbers [cuts], where the goal holds, as at closed ends; a part for each open interval.
- ``inverse``: the variable is replaced by its reciprocal (one part).
- ``exponential``: [scale]: the variable is replaced by scale·log(t) (one part).
- ``arc``: the variable is replaced by middle + radius·cos(turn·t) [middle, radius, turn, image], with t in the image
  (one part).
- ``period``: the gap repeats in [name] after [period], and is proved for one period [image] (one part).
- ``cases``: the branches of [kink], one part each; ``nothing left`` is a branch without points.
- ``prefix and tail``: [name, first, start]: a part for real values from start on, then one for each number before.
- ``real``: for real values of the integers too (the first part; the others show that all is defined there).
- ``tightened``: the candidate of the goal, the conditions and the domains as relations between integers, each with the
  nearest integer (one part).
- ``residues``: the integer [name] is [modulus]·k + r (one part for each r).
- ``stirling``: the candidate with each log Γ(u) of [atoms] (u, sign of its coefficient) replaced by a bound of that
  [order] (one part); see `stirling`.
- ``fewer``: without the variables that do not occur and without some conditions (parts as for ``real``).
- ``shift``: [name, image]: the variable runs over exactly its old values in ``image`` (one part, then guards of it).
- ``slide``, ``chord``, ``valley``: one variable [name, candidate, reached] moves to an end (side 1: the lower one),
  to both ends, or to [place]: parts for the goal there, for the sign of a derivative, and for guards; see `slide`. At
  a place ``bottom`` parts: the goal, that the derivative is 0, that the place is between the ends, and its guards.
- ``halves``: above and below [place] (two parts, then guards of the place).
- ``slices``: [motion, weights, powers, name, values]: a motion of all variables keeps every sign; a part for each value
  of the named one (see `symmetry`).
- ``plane``: the candidate is convex in its variables, those in [logs] by their logarithms, and its tangent plane at
  [point] is ≥ 0 on the box of the domain; see `support`.
- ``jensen``: the terms with the function [head] are the sides of Jensen's inequality, all others ≥ 0; see `jensen`.
- ``corners``: the candidate is concave in each of [names], one part for each choice of their ends.
- ``derivative zero``: [point]: an identity with derivative 0 that holds at a point.
- ``both ways``: an identity as two inequalities (two parts).
- ``products``: [candidate, facts, certificate]: Σ coefficient·monomial·root²·Π facts = 0 over the numbered facts
  (formula, relation, why, source), some of which is the negated goal; see `certificate`.
- ``multiple``: as ``products``, but no product is > 0 everywhere: those with the negated goal are on a dense set.
- ``smt``: z3 found no counterexample; nothing to re-verify.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ...symbolic.tree import Expr, to_fraction, to_text
from .language import Relation
from .problem import Place, Problem, Solved

ENCLOSED = ("cover", "near", "smt", "number", "rate", "plane", "corners", "jensen")
HOW = {
    "same": "as it stands",
    "times": "normal form",
    "exp": "logarithms removed",
    "log": "logarithms taken",
}


@dataclass(frozen=True)
class Step:
    """By ``rule`` with its ``data``, and the ``parts`` it rests on, the goal of ``problem`` holds."""

    rule: str
    problem: Problem
    data: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Step, ...] = ()

    def walk(self) -> Iterator[Step]:
        """This step and all below it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Easier(NamedTuple):
    """Problems that together imply one, by a rule with its data."""

    rule: str
    data: Mapping[str, Any]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Proof:
    """Steps for a whole claim: variables solved for, one step for every guard (`definedness`) and every goal.

    ``conditions`` are what is left of the side conditions, ``point`` satisfies all of them.
    """

    solved: Solved = ()
    guards: tuple[Step, ...] = ()
    goals: tuple[Step, ...] = ()
    conditions: tuple[Relation, ...] = ()
    point: Place = field(default_factory=dict)


def method(step: Step) -> str:
    """A line that says how a goal was shown.

    >>> from attain.symbolic.expression import parse
    >>> method(Step("identity", Problem((), (), parse("x - x"), "==")))
    'both sides have the same normal form'
    """
    data, parts = step.data, step.parts
    match step.rule:
        case "number":
            return "balls of growing precision" if _enclosed(step) else "exact arithmetic"
        case "identity":
            return "both sides have the same normal form"
        case "terms" | "sturm" | "differences" as rule:
            words = {
                "terms": "all terms are nonnegative",
                "sturm": "Sturm sequence",
                "differences": "successive differences",
            }
            return f"{words[rule]} ({HOW[data['candidate'].how]})"
        case "cover":
            return _boxes(data["tree"])
        case "near":
            where = " and ".join(dict.fromkeys(_place(place.at) for place in data["places"][:4]))
            return f"{_boxes(data['tree'])}, by Taylor's formula near {where}"
        case "rewritten":
            return method(parts[0])
        case "anchor":
            return f"derivatives from {'the lower' if data['side'] == 1 else 'the upper'} end"
        case "meet":
            return "derivatives on both sides of the point where both sides meet"
        case "pieces":
            return f"signs of derivatives on {len(parts)} interval{'' if len(parts) == 1 else 's'}"
        case "inverse":
            return f"{step.problem.names[0]} = 1/y, then {method(parts[0])}"
        case "cases":
            found = dict.fromkeys(method(part) for part in parts if part.rule != "nothing left")
            return "cases: " + "; ".join(found)
        case "exponential":
            scale = {1: "", -1: "-"}.get(data["scale"], f"{data['scale']}*")
            return f"{step.problem.names[0]} = {scale}log(t), then {method(parts[0])}"
        case "arc":
            (name,) = step.problem.names
            return f"{name} replaced by {_wave(name, **data)}, then {method(parts[0])}"
        case "period":
            return f"{data['name']} in one period of {to_text(data['period'])}, then {method(parts[0])}"
        case "prefix and tail":
            name, last = data["name"], data["start"] - 1
            return f"{name} = {data['first']} … {last} one by one, then for real {name}: {method(parts[0])}"
        case "plane":
            at = ", ".join(f"{name} = {to_text(x)}" for name, x in data["point"])
            logs = f" in log {', log '.join(data['logs'])}" if data["logs"] else ""
            return f"convex{logs}, with its tangent plane at {at}"
        case "jensen":
            return f"Jensen's inequality for {data['head']}"
        case "corners":
            return f"concave in {', '.join(data['names'])}, with its least value at one of {len(parts)} corners"
        case "derivative zero":
            return "the derivative is 0, and so is one value"
        case "stirling":
            return f"bounds of log gamma (Stirling), then {method(parts[0])}"
        case "tightened":
            return f"relations between integers tightened, then {method(parts[0])}"
        case "residues":
            found = dict.fromkeys(method(part) for part in parts)
            return f"{data['name']} modulo {data['modulus']}: " + "; ".join(found)
        case "real":
            return f"for real values: {method(parts[0])}"
        case "fewer" | "shift":
            return method(parts[0])
        case "slide" | "chord" | "valley":
            words = {"slide": "an end", "chord": "both ends", "valley": "its least point"}
            return f"{data['name']} moved to {words[step.rule]}, by the sign of a derivative"
        case "halves":
            return f"{data['name']} above and below {to_text(data['place'])}, each by the sign of a derivative"
        case "slices":
            places = " or ".join(map(str, data["values"]))
            how = "moved" if data["motion"] == "shift" else "scaled"
            return f"all variables {how} until {data['name']} = {places}, then {method(parts[0])}"
        case "both ways":
            return f"<= and >=: {method(parts[0])}"
        case "products":
            return f"a sum of {len(data['certificate'])} products of facts contradicts the negated goal"
        case "multiple":
            return f"a multiple of it is a sum of {len(data['certificate'])} products of squares"
        case "smt":
            return "no counterexample to the polynomial form over its atoms (z3)"
    return step.rule


def _boxes(tree: Sequence[object]) -> str:
    boxes = sum(not isinstance(n, tuple) for n in tree)
    return f"cover of the domain with {boxes} box{'' if boxes == 1 else 'es'}"


def _wave(name: str, middle: Fraction, radius: Fraction, turn: int, **_: object) -> str:
    size = "" if abs(radius) == 1 else f"{abs(radius)}*"
    start = f"{middle} {'+' if radius > 0 else '-'} " if middle else "" if radius > 0 else "-"
    return f"{start}{size}cos({name if turn == 1 else f'{turn}*{name}'})"


def _place(numbers: Sequence[tuple[str, Expr]]) -> str:
    texts = ((name, to_text(c)) for name, c in numbers)
    return ", ".join(f"{name} = {text if len(text) <= 24 else text[:21] + '...'}" for name, text in texts)


def evidence(steps: tuple[Step, ...]) -> str:
    """``enclosed`` if balls decided anything the steps rest on (signs of fractions need none), otherwise ``exact``."""
    return "enclosed" if any(_enclosed(part) for step in steps for part in step.walk()) else "exact"


def _enclosed(step: Step) -> bool:
    value = to_fraction(step.problem.gap) if step.rule == "number" else None
    plain = value is not None and {">=": value >= 0, ">": value > 0, "==": value == 0}[step.problem.op]
    return bool(step.data.get("enclosed")) or (step.rule in ENCLOSED and not plain)


def describe(proof: Proof) -> list[str]:
    """The proof as lines of text: what was solved for, the guards, the goals."""
    found = []
    if proof.solved:
        found.append("conditions solved for " + ", ".join(name for name, _ in proof.solved))
    found.append("every part is defined on the whole domain")
    found += [f"  {said(step.problem)}: {method(step)}" for step in proof.guards]
    found += [f"{said(step.problem)}: {method(step)}" for step in proof.goals]
    return found


def said(problem: Problem) -> str:
    """The goal as text: ``lhs <= rhs`` for a gap rhs − lhs, ``gap >= 0`` for another one."""
    gap, op = problem.gap, problem.op
    if gap.head == "-" and op != "==":
        return f"{to_text(gap.args[1])} {'<' if op == '>' else '<='} {to_text(gap.args[0])}"
    if gap.head == "-":
        return f"{to_text(gap.args[1])} == {to_text(gap.args[0])}"
    return f"{to_text(gap)} {op} 0"
