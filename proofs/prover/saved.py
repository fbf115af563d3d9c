"""A verdict as JSON that `attain check` re-verifies (`..checker.claims`): formulas as texts, exact numbers, choices."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ...symbolic.tree import Expr, names, to_text
from .algebra import Candidate
from .cover import Split
from .decide import Verdict
from .language import Claim
from .problem import Problem
from .step import Step
from .taylor import Expansion

KIND = "attain-proof/1"
GUARDED = ("real", "fewer", "shift", "rate", "prefix and tail", "slide", "chord", "valley", "halves")


def to_json(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    """The saved form of a verdict that is ``proved`` or ``refuted``; ValueError for another one.

    >>> from .decide import prove_claim
    >>> from .language import parse_claim
    >>> claim = parse_claim("x**2 >= 2*x - 1")
    >>> to_json(claim, prove_claim(claim))["goals"][0]["rule"]
    'sturm'
    """
    head = {"kind": KIND, "name": claim.name, "claim": claim.text, "where": list(claim.where)}
    if verdict.status == "refuted":
        return {**head, "verdict": "refuted", "witness": dict(verdict.witness or {})}
    proof = verdict.proof
    if proof is None:
        raise ValueError(f"only a proof or a refutation can be saved; the verdict is {verdict.status}")
    place = {relation: k for k, relation in reversed(list(enumerate(proof.conditions)))}
    guards = [{**_step(s), "given": [place[c] for c in s.problem.conditions]} for s in proof.guards]
    goals = [{**_step(step), "said": to_text(goal.gap)} for step, goal in zip(proof.goals, claim.goals, strict=True)]
    return {
        **head,
        "verdict": "proved",
        "solved": [[name, to_text(value)] for name, value in proof.solved],
        "point": {name: _plain(value) for name, value in proof.point.items()},
        "guards": guards,
        "goals": goals,
    }


def _step(step: Step) -> dict[str, Any]:
    found = {"rule": step.rule, "op": step.problem.op, "said": to_text(step.problem.gap), **_data(step)}
    if step.rule == "fewer":
        smaller = step.parts[0].problem
        found["keep"] = [k for k, c in enumerate(step.problem.conditions) if c in smaller.conditions]
        found["variables"] = list(smaller.names)
    if step.rule == "tightened":
        found |= _relations(step.problem, step.parts[0].problem)
    if step.parts or step.rule in ("cases", "both ways"):
        found["parts"] = [_part(step, part) for part in step.parts]
    return found


def _relations(old: Problem, new: Problem) -> dict[str, Any]:
    """Goal and conditions of a problem, and the domains that differ from those of another one."""
    ops = {"<=": ">=", "<": ">", "==": "=="}
    changed = [v for v, w in zip(new.variables, old.variables, strict=True) if v != w]
    return {
        "goals": [[to_text(new.gap), new.op]],
        "conditions": [[to_text(c.gap), ops[c.op]] for c in new.conditions],
        "domains": {v.name: [None if end is None else to_text(end) for end in (v.low, v.high)] for v in changed},
    }


def _part(whole: Step, part: Step) -> dict[str, Any]:
    """A part; ``said`` is kept where it is a guard, ``bare`` says that it holds without the conditions.

    Of a case also the one end of a domain that its condition moves, of a piece its ends.
    """
    found = _step(part)
    if whole.rule not in GUARDED or part is whole.parts[0]:
        del found["said"]
    elif whole.rule in ("real", "fewer") and whole.parts[0].problem.conditions and not part.problem.conditions:
        found["bare"] = True
    if whole.rule in ("slide", "chord") and whole.data["name"] not in part.problem.names:
        rest = sum(whole.data["name"] not in names(c.gap) for c in whole.problem.conditions)
        extra = part.problem.conditions[rest:]
        found["under"] = [[to_text(c.gap), ">" if c.op == "<" else ">="] for c in extra]
    if whole.rule == "pieces":
        (v,) = part.problem.variables
        found["interval"] = [None if end is None else to_text(end) for end in (v.low, v.high)]
    for old, new in zip(whole.problem.variables, part.problem.variables, strict=False):
        if whole.rule == "cases" and old != new:
            low, high = (
                None if a == b or b is None else to_text(b) for a, b in ((old.low, new.low), (old.high, new.high))
            )
            found["domain"] = [new.name, low, high]
    return found


def _data(step: Step) -> dict[str, Any]:
    if step.rule not in ("cover", "near"):
        return {key: _plain(value) for key, value in step.data.items() if key != "enclosed"}
    tree, chosen = step.data["tree"], step.data["candidates"]
    used = sorted({node for node in tree if isinstance(node, int) and node >= 0})
    found = [dict(zip(Expansion._fields, _plain(place), strict=True)) for place in step.data.get("places", ())]
    return {
        **({"places": found} if found else {}),
        "bits": step.data["bits"],
        "total": step.data["total"],
        "candidates": {str(k): _plain(chosen[k]) for k in used},
        "tree": [[node.name, str(node.value)] if isinstance(node, Split) else node for node in tree],
    }


def _plain(value: Any) -> Any:
    """Formulas and numbers as texts, polynomials as lists of terms."""
    if isinstance(value, Expr):
        return to_text(value)
    if isinstance(value, Candidate):
        times, inner = (list(map(to_text, part)) for part in (value.times, value.inner))
        return {"formula": to_text(value.expr), "how": value.how, "times": times, "inner": inner}
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return [[str(c), list(key)] for key, c in value.items()]
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
