"""attain itself, with its budget in CPU seconds, like everyone's here."""

from __future__ import annotations

from importlib.metadata import version

from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import Claim, parse_claim


def load() -> str:
    prove_claim(parse_claim("x >= 0", ["x > 0"]), 1.0)
    return version("attain")


def decide(claim: Claim, seconds: float) -> str:
    status = prove_claim(claim, 0.95 * seconds).status
    return "unknown" if status == "undecided" else status
