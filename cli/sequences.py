"""Sequence targets on the command line: matrices as text, or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..numeric.sequence_certificate import SequenceCertificate
    from ..symbolic.design import Design, NotApplicable
    from ..symbolic.sequence import SequenceTarget
    from ..symbolic.target import Side


def read_outputs(outputs: Sequence[str], sides: Mapping[str, Side]) -> SequenceTarget:
    """Rows of f(X) from text, entries separated by ";" (one a token), with proved constants.

    The variables of `sides`, in order, are vec X: token by token, so their number is a multiple of the tokens.
    """
    from ..proofs.designs import measured_sequence

    texts = [[entry.strip() for entry in row.split(";")] for row in outputs]
    tokens = len(texts[0])
    if any(len(row) != tokens for row in texts):
        raise ValueError(f"output: every row needs as many entries, separated by ;, as the first one: {tokens}")
    if len(sides) % tokens:
        raise ValueError(f"output: {tokens} tokens do not divide the {len(sides)} variables given with --on")
    return measured_sequence(len(sides) // tokens, tokens, texts, tuple(sides), tuple(sides.values()))


def read_named(name: str, dim: int, tokens: int, domain: str) -> SequenceTarget:
    """A named target on [a, b]^{dim × tokens}."""
    from ..symbolic.exact import interval
    from ..symbolic.named_sequences import named_sequence
    from ..symbolic.target import box_of

    if not 1 <= dim * tokens <= 64:
        raise ValueError(f"tokens: dim x tokens must lie in 1..64, not {dim} x {tokens}")
    return named_sequence(name, dim, tokens, box_of((interval(domain),))[0])


def sequence_json(
    name: str, eps: str, certificate: SequenceCertificate, designs: Mapping[str, Design | NotApplicable]
) -> dict[str, Any]:
    """The JSON object of `attain certify` for a sequence target: that of a scalar one, with `entries`."""
    from ..symbolic.tree import to_text
    from .certify import bound_json, result_json

    sequence, data = certificate.sequence, certificate.to_json()
    first = certificate.parts[0]
    common = result_json(name, first, designs)
    entries = [
        {"row": r + 1, "token": t + 1, "expression": to_text(sequence.outputs[r][t])}
        | {key: part[key] for key in ("sup_error", "observed", "holds")}
        for r, row in enumerate(data["entries"])
        for t, part in enumerate(row)
    ]
    return {
        "target": {"sequence": name, "d": sequence.d, "n": sequence.n, "rows": sequence.rows}
        | {"variables": list(sequence.target.variables)},
        "eps": eps,
        "regularity": common["regularity"],
        "bound_used": first.design.bound,
        "design": bound_json(first.design, first.eps),
        "designs": common["designs"],
        "bound": common["bound"],
        "sup_error": data["sup_error"],
        "holds": data["holds"],
        "entries": entries,
        "evidence": common["evidence"],
        "seconds": round(sum(part.seconds for part in certificate.parts), 3),
    }


def show_sequence(name: str, eps: str, result: Mapping[str, Any]) -> None:
    """The designs, then one line an entry."""
    from ..report.certificates import sequence_lines
    from ..report.sizes import remarks, side_by_side
    from .output import print_line, print_table

    print_table(side_by_side(result["designs"]), f"f = {name}, eps = {eps}")
    for line in [*remarks(result["designs"]), *sequence_lines(result)]:
        print_line(line)
