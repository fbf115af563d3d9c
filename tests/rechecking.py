"""What tests of saved proofs share: a proof as `attain check` reads it, its answers, and forgeries by hand."""

from __future__ import annotations

import json
from typing import Any

from attain.proofs.checker.claims.proof import KIND, check_proof
from attain.proofs.checker.formula import CheckError
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import parse_claim
from attain.proofs.prover.saved import to_json

Data = dict[str, Any]


def saved(text: str, *where: str, seconds: float = 10) -> Data:
    """The saved proof or refutation of a claim, as it comes back from a file."""
    claim = parse_claim(text, where)
    data: Data = json.loads(json.dumps(to_json(claim, prove_claim(claim, seconds))))
    return data


def statuses(data: Data) -> set[str]:
    """The statuses of all lines; `CheckError` for a malformed file."""
    return {status for _, status, _ in check_proof(data, 30)}


def answers(data: Data) -> set[str]:
    """The statuses of all lines; a malformed file counts as refuted."""
    try:
        return statuses(data)
    except CheckError:
        return {"refuted"}


def status(data: Data) -> str:
    """``proved``, ``partly``, ``refuted`` or ``error``."""
    try:
        found = statuses(data)
    except CheckError:
        return "error"
    return "refuted" if "refuted" in found else "proved" if found == {"proved"} else "partly"


def same(formula: str) -> Data:
    """The candidate of a step that is the gap itself."""
    return {"formula": formula, "how": "same", "times": [], "inner": []}


def forged(claim: str, where: list[str], goal: Data, point: str, guards: list[Data] | None = None) -> set[str]:
    """The answers to a proof by one step written by hand; ``point`` is ``0`` for x, or ``0,y=1``."""
    data = {"kind": KIND, "claim": claim, "where": where, "verdict": "proved", "solved": [], "guards": guards or []}
    return answers({**data, "goals": [goal], "point": dict(item.split("=") for item in f"x={point}".split(","))})
