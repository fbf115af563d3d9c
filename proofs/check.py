"""Independent re-check of a certificate or of a saved proof, from its JSON alone (`attain check FILE`).

A file with an entry ``kind`` is a proof of a claim and goes to `checker.claims.proof`; the rest is about certificates.
It shares nothing with the search that wrote the file: this file and `checker` need Python and Arb balls (python-flint)
only. Each step from scratch: the theorem's bound and the regularity that it needs (`checker.theorem`,
`checker.regularity`), |F − f| ≥ lower at the stated point, |F − f| ≤ upper on the box (`checker.error`), and that
`holds` follows.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from flint import arb, ctx

from .checker import error, regularity, theorem
from .checker.ball import Undecided, ball, up
from .checker.bisection import Clock
from .checker.claim import Claim
from .checker.claims.proof import check_proof
from .checker.formula import CheckError

__all__ = ["CheckError", "Report", "check", "check_file"]

BITS = 96
FILE_LIMIT = 2**22
ENTRY_LIMIT = 256
SEVERAL = "attain-certificates/1"
"""One certificate for each entry of a matrix-valued function."""
Step = tuple[str, str, str]
Work = tuple[str, Callable[[], str], str]


@dataclass(frozen=True)
class Report:
    """Steps (name, "proved" | "refuted" | "undecided" | "not re-checked", detail); ``subject`` is what they are about.

    ok: True if all are proved, False if one is refuted, else None.
    """

    ok: bool | None
    steps: tuple[Step, ...]
    subject: str = "certificate"


def _at_most(a: Fraction | arb, b: Fraction | arb) -> str:
    """The status of a ≤ b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return "proved" if a <= b else "refuted"
    return "proved" if ball(a) <= ball(b) else "refuted" if ball(a) > ball(b) else "undecided"


def _short(x: Fraction | arb) -> str:
    return f"{float(x.mid() if isinstance(x, arb) else x):.8g}"


def _bound_steps(claim: Claim, clock: Clock) -> Iterator[Work]:
    """The theorem's bound and the regularity that it needs: name, work, detail."""
    known, norm, M, R, osc = claim.lipschitz, claim.norm, claim.hessian, claim.R, claim.osc
    euclidean = {n: L * arb(claim.N).sqrt() if n == "l1" else L for n, L in known.items()}
    if claim.kind == "published":
        norm = min(euclidean, key=lambda n: up(euclidean[n]), default="l2")
    if claim.kind != "smooth" and claim.pad:
        raise CheckError("pad: only the smooth bound has padding")
    detail = f"{claim.kind} bound <= {_short(claim.bound)}"
    if claim.by_axis and claim.axes is not None:
        yield "theorem", lambda: _at_most(theorem.by_axis(claim, claim.axes or []), claim.bound), detail
        detail = "L = " + ", ".join(map(_short, claim.axes)) + " on the axes"
        yield "lipschitz", lambda: regularity.lipschitz(claim, "l1", claim.axes or [], clock), detail
        return
    if claim.kind == "sharp" and norm in known:
        yield "theorem", lambda: _at_most(theorem.sharp(claim, known[norm]), claim.bound), detail
    elif claim.kind == "published" and norm in known and R is not None and osc is not None:
        yield "theorem", lambda: _at_most(theorem.published(claim, euclidean[norm], R, osc), claim.bound), detail
        yield "oscillation", lambda: regularity.oscillation(claim, osc, clock), f"sup f - inf f <= {_short(osc)}"
    elif claim.kind == "smooth" and norm in known and M is not None:
        yield "theorem", lambda: _at_most(theorem.smooth(claim, known[norm], M, clock), claim.bound), detail
        if claim.pad and not claim.clip:
            inside = "the box and all centres lie in the hull"
            yield "hull", lambda: _at_most(theorem.outside_hull(claim), Fraction(0)), inside
        yield "hessian", lambda: regularity.hessian(claim, M, clock), f"M = {_short(M)}"
    else:
        raise CheckError(f"regularity: a constant that the {claim.kind} bound needs is missing")
    detail = f"L = {_short(known[norm])} in {norm}"
    yield "lipschitz", lambda: regularity.lipschitz(claim, norm, [known[norm]], clock), detail


def _error_steps(claim: Claim, clock: Clock, bounded: str) -> Iterator[Work]:
    """The two ends of the sup error; `bounded` is the status of the bound."""
    values = functools.cache(lambda: error.tabulate(claim, clock))
    low, high = f"|F - f| >= {_short(claim.lower)} at the point", f"|F - f| <= {_short(claim.upper)} on the box"

    def stays_below() -> str:
        missed = claim.share is not None and _at_most(error.at_witness(claim, values()), claim.upper) == "refuted"
        return "refuted" if missed else error.stays_below(claim, values(), clock)

    if claim.lower:
        yield "lower", lambda: _at_most(claim.lower, error.at_witness(claim, values())), low
    if claim.upper >= claim.bound:
        yield "upper", lambda: bounded, "follows from the bound"
    else:
        yield "upper", stays_below, high


def _holds(claim: Claim, proved: set[str]) -> str:
    """Whether `holds` follows from the proved ones among bound, upper and lower."""
    within = {name: _at_most(getattr(claim, name), claim.eps) for name in proved}
    reached = "proved" in (within.get("bound"), within.get("upper"))
    missed = within.get("lower") == "refuted"
    if claim.holds is None or (reached if claim.holds else missed):
        return "proved"
    return "refuted" if reached or missed else "undecided"


def check(data: object, seconds: float = 300, progress: Callable[[float], None] | None = None) -> Report:
    """Re-verify every claim of a certificate; `progress` is called with the share of cells whose error is settled.

    Raises CheckError if `data` is not a certificate. Constants that the claimed bound does not use are not checked.

    >>> try: check({"format": "other"})
    ... except CheckError as error: print(error)
    format: 'attain-certificate/1' is expected
    """
    if isinstance(data, dict) and data.get("format") == SEVERAL:
        return _several(data, seconds, progress)
    steps: dict[str, tuple[str, str]] = {}

    def run(works: Iterator[Work]) -> None:
        for name, work, detail in works:
            try:
                steps[name] = work(), detail
            except Undecided as why:
                steps[name] = "undecided", str(why)

    with ctx.workprec(BITS):
        try:
            claim = Claim(data)
        except RecursionError:
            raise CheckError("the data is too deep") from None
        clock = Clock(seconds, progress)
        run(_bound_steps(claim, clock))
        bounded = "proved" if {status for status, _ in steps.values()} == {"proved"} else "undecided"
        run(_error_steps(claim, clock, bounded))
        statuses = {"bound": bounded, **{name: status for name, (status, _) in steps.items()}}
        proved = {name for name in ("bound", "upper", "lower") if statuses.get(name) == "proved"}
        run(iter([("holds", lambda: _holds(claim, proved), f"holds: {claim.holds}".lower())]))
        clock.progress(1.0)
    return _report(tuple((name, *step) for name, step in steps.items()), "certificate")


def _report(steps: tuple[Step, ...], subject: str) -> Report:
    verdicts = {status for _, status, _ in steps}
    return Report(False if "refuted" in verdicts else True if verdicts == {"proved"} else None, steps, subject)


def _several(data: dict[str, Any], seconds: float, progress: Callable[[float], None] | None) -> Report:
    """Every entry of a matrix-valued target; that they share ε, sizes and inputs, d·n of them; and that the ends and
    `holds` of the whole follow from theirs."""
    rows = data.get("entries")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise CheckError("entries: rows of certificates are expected")
    parts = [(f"row {r}, token {t}", part) for r, row in enumerate(rows, 1) for t, part in enumerate(row, 1)]
    if len(parts) > ENTRY_LIMIT or len({len(row) for row in rows}) > 1:
        raise CheckError(f"entries: at most {ENTRY_LIMIT}, as many in every row, are expected")
    if not all(isinstance(part, dict) and part.get("format") != SEVERAL for _, part in parts):
        raise CheckError("entries: each must be the certificate of one scalar function")
    d, n = data.get("d"), data.get("n")
    if type(d) is not int or type(n) is not int or n != len(rows[0]):
        raise CheckError("d, n: the rows and tokens of the input are expected, one entry a token")
    steps: list[Step] = []
    oks = []
    for i, (name, part) in enumerate(parts):
        report = check(part, seconds / len(parts), None)
        oks.append(report.ok)
        steps += [(f"{name}: {step}", status, detail) for step, status, detail in report.steps]
        if progress is not None:
            progress((i + 1) / len(parts))
    sup, whole = data.get("sup_error"), [part for _, part in parts]
    wholes = {
        "shape": d * n == len(whole[0]["target"]["variables"]),
        "same network": all(
            part[key] == whole[0][key] and part["target"][name] == whole[0]["target"][name]
            for part in whole
            for key, name in itertools.product(("design", "eps"), ("variables", "box"))
        ),
        "sup_error": isinstance(sup, dict)
        and all(sup.get(end) == max((p["sup_error"][end] for p in whole), key=Fraction) for end in ("lower", "upper")),
        "holds": data.get("holds", "") is _all({p["holds"] for p in whole}),
    }
    steps += [(name, "proved" if ok else "refuted", "as in the entries") for name, ok in wholes.items()]
    good = all(wholes.values())
    return Report(False if not good or False in oks else None if None in oks else True, tuple(steps))


def _all(found: set[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def check_file(path: str | Path, seconds: float = 300, progress: Callable[[float], None] | None = None) -> Report:
    """`check` or `check_proof` for a file of at most 4 MB; CheckError for another one, OSError if it cannot be read."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise CheckError(f"JSON: a key of {ascii(sorted(k for k, _ in pairs))[:60]} is given twice")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise CheckError(f"JSON: {word} is not a number")

    with open(path, "rb") as file:
        raw = file.read(FILE_LIMIT + 1)
    if len(raw) > FILE_LIMIT:
        raise CheckError(f"the file is larger than {FILE_LIMIT} bytes")
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse)
    except CheckError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckError(f"not JSON: {ascii(str(error))[:80]}") from None
    if isinstance(data, dict) and "kind" in data:
        try:
            return _report(tuple(check_proof(data, seconds, progress)), "proof")
        except RecursionError:
            raise CheckError("the data is too deep") from None
    return check(data, seconds, progress)
