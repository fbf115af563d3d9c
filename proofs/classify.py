"""What the prover makes of the mutants of a claim, checked from outside: no false one may ever be proved."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from .mutants import ClaimMutant
from .points import Point
from .prover.decide import Verdict, prove_claim
from .prover.language import Claim
from .sampler import attack, confirmed

NUMBER = re.compile(r"-?\d+(\.\d+|/\d+|e\d+)?")
CLASSES = ("false", "true", "undecided", "undefined")
Prover = Callable[[Claim, float], Verdict]


@dataclass(frozen=True)
class Trial:
    """One mutant and its class.

    false: a witness that is checked exactly, from the prover or from the sampler; true: proved, and no point found
    against it; undefined: some part has no value somewhere, or a domain is empty; undecided: the rest.
    fault: how the prover was caught in a wrong answer; empty if it was not. tried: points sampled without a violation.
    """

    mutant: ClaimMutant
    outcome: str
    witness: Point | None = None
    tried: int = 0
    fault: str = ""
    seconds: float = 0.0

    def to_json(self) -> dict[str, object]:
        """The object that `attain verify --mutants --json` prints."""
        return {
            "kind": self.mutant.kind,
            "mutant": self.mutant.label,
            "claim": self.mutant.claim.text,
            "where": list(self.mutant.where),
            "class": self.outcome,
            "witness": None if self.witness is None else {name: str(x) for name, x in self.witness.items()},
            "sampled": self.tried,
            "fault": self.fault,
        }


def classify(mutant: ClaimMutant, prove: Prover = prove_claim, seconds: float = 1.0, points: int = 200) -> Trial:
    """Ask the prover, then check its answer by means that it does not share.

    A witness of the prover is checked in Arb by `points.certain_sign`; a proof is attacked by `sampler.attack`, and so
    is an undecided mutant, which becomes false only if the point found is certain.

    >>> from attain.proofs.mutants import mutants
    >>> from attain.proofs.prover.language import parse_claim
    >>> for mutant in mutants(parse_claim("x**2 >= 2*x - 1"))[-4:]:
    ...     print(mutant.claim.text, classify(mutant).outcome)
    2*x - 1 <= 1.001*x**2 true
    2*x - 1 <= 0.999*x**2 false
    2*x - 1 < x**2 false
    x**2 <= 2*x - 1 false
    """
    claim = mutant.claim
    verdict = prove(claim, seconds)
    if verdict.status == "refuted":
        witness = {name: Fraction(text) for name, text in (verdict.witness or {}).items() if NUMBER.fullmatch(text)}
        complete = set(witness) == {v.name for v in claim.variables}
        checked = confirmed(claim, witness) if complete else None
        fault = "the witness does not refute it" if checked is False else ""
        return Trial(mutant, "false" if checked else "undecided", witness, fault=fault, seconds=verdict.seconds)
    if verdict.status == "error":
        return Trial(mutant, "undefined", seconds=verdict.seconds)
    found = attack(claim, points)
    if verdict.status == "proved":
        fault = f"proved, but {found.violation}" if found.violation else ""
        return Trial(mutant, "false" if fault else "true", None, found.tried, fault, verdict.seconds)
    if found.violation is not None and found.violation.certain:
        return Trial(mutant, "false", found.violation.point, seconds=verdict.seconds)
    return Trial(mutant, "undecided", None, found.tried, seconds=verdict.seconds)
