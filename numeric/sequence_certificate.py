"""A certificate for a matrix-valued function of a sequence: one for each entry, on the same grid and temperature.

The weights do not depend on the entry, and W_O = [Q⁻¹; 0] removes what leaks between the slots exactly, so entry (r, t)
of the layer's output is the scalar network with the values f(v_j)_{r,t}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..symbolic.design import Design
from ..symbolic.exact import Real
from ..symbolic.sequence import SequenceTarget
from .certificate import Certificate, certify

FORMAT = "attain-certificates/1"


@dataclass(frozen=True)
class SequenceCertificate:
    """`entries`: one row an output row, one certificate a token.

    `holds` is True if every entry stays within ε, False if one certainly does not, else None.
    """

    sequence: SequenceTarget
    entries: tuple[tuple[Certificate, ...], ...]

    @property
    def parts(self) -> tuple[Certificate, ...]:
        """All certificates, row by row."""
        return tuple(c for row in self.entries for c in row)

    @property
    def holds(self) -> bool | None:
        found = {c.holds for c in self.parts}
        return False if False in found else None if None in found else True

    def to_json(self) -> dict[str, Any]:
        """Shapes, the ends of the largest sup error, and every entry's certificate."""
        parts = [[c.to_json() for c in row] for row in self.entries]
        sups = [data["sup_error"] for row in parts for data in row]
        return {
            "format": FORMAT,
            "d": self.sequence.d,
            "n": self.sequence.n,
            "sup_error": {
                "lower": max((s["lower"] for s in sups), key=Fraction),
                "upper": max((s["upper"] for s in sups), key=Fraction),
            },
            "holds": self.holds,
            "entries": parts,
        }

    def save(self, path: Path) -> None:
        """Write all certificates to one file; an existing file is replaced only when the new one is complete."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def certify_sequence(
    sequence: SequenceTarget,
    design: Design,
    eps: Real,
    gap: float = 0.05,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> SequenceCertificate:
    """Certify every entry with `design`, which was made for the constants that all of them share."""
    count = sequence.rows * sequence.n
    done = 0

    def one(row: int, token: int) -> Certificate:
        nonlocal done
        mine = replace(design, target=replace(design.target, expression=sequence.outputs[row][token]))
        found = certify(mine, eps, gap, seconds / count)
        done += 1
        if progress is not None:
            progress(done / count)
        return found

    rows = range(sequence.rows)
    return SequenceCertificate(sequence, tuple(tuple(one(r, t) for t in range(sequence.n)) for r in rows))
