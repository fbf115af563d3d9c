"""The constants of f that the bounds use, each proved again by bisection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint import arb

from .ball import MINUS, ONE, ZERO, dot, plus, power, up
from .bisection import Box, Clock, beyond, climb, corner, cover, points, probe
from .claim import Claim
from .formula import Jet


def lipschitz(claim: Claim, norm: str, L: Sequence[arb], clock: Clock) -> str:
    """|f(x) − f(y)| ≤ L‖x − y‖: every gradient of every piece has a dual norm of at most L.

    For ℓ2 that is Σ g_i² ≤ L², for ℓ∞ Σ|g_i| ≤ L, for ℓ1 each |g_i| ≤ L, or ≤ L_i if L has one entry an axis.
    """
    tape, axes = claim.tape, range(claim.N)
    limits = [L[0] * L[0]] if norm == "l2" else list(L) * claim.N if norm == "l1" and len(L) == 1 else list(L)
    parts = list(zip([[i] for i in axes] if norm == "l1" else [list(axes)], limits, strict=True))

    def size(g: Sequence[arb], part: list[int]) -> arb:
        return sum((power(g[i], 2) if norm == "l2" else abs(g[i]) for i in part), ZERO)

    def pull(s: arb) -> arb:
        return 2 * s if norm == "l2" else ONE if s > 0 else MINUS if s < 0 else arb(0, 1)

    def below(box: Box, x: list[arb], jet: Jet) -> bool:
        H = tape.rows(jet.bend)
        for part, limit in parts:
            if not size(jet.slope, part) <= limit:
                slopes = [dot([pull(jet.slope[i]) for i in part], [H[i][k] for i in part]) for k in axes]
                p = points(claim.low, claim.side, corner(box, slopes))
                if not size(tape.run(p, 1, jet.branches).slope, part) + beyond(slopes, x, p) <= limit:
                    return False
        return True

    def test(box: Box) -> bool | None:
        x = points(claim.low, claim.side, box)
        pieces = list(tape.pieces(x, 1))
        if not all(jet.value.is_finite() for jet in pieces):
            return None
        if all(size(jet.slope, part) <= limit for jet in pieces for part, limit in parts):
            return True
        at = tape.run(points(claim.low, claim.side, probe(box)), 1)
        if not at.kinks and any(size(at.slope, part) > limit for part, limit in parts):
            return False
        return all(below(box, x, jet) for jet in tape.pieces(x, 2)) or None

    return cover(claim.N, test, clock)


def _semidefinite(A: list[list[arb]]) -> bool | None:
    """Whether every symmetric matrix in A is positive semidefinite: symmetric elimination in balls."""
    first, others = A[0], range(1, len(A))
    if not others or not first[0] > 0:
        return False if first[0] < 0 else True if not others and first[0] >= 0 else None
    scaled = [[(power(first[i], 2) if i == k else first[i] * first[k]) / first[0] for k in others] for i in others]
    return _semidefinite([[A[i][k] - s for k, s in zip(others, row, strict=True)] for i, row in enumerate(scaled, 1)])


def hessian(claim: Claim, M: arb, clock: Clock) -> str:
    """∇f is M-Lipschitz (ℓ2) on the box, or on the hull if f is used outside the box.

    ‖∇²f‖₂ ≤ M by row sums, or by M ± ∇²f ⪰ 0, on relatively open boxes that overlap: so f is C^{1,1} on the whole.
    """
    low, side = claim.hull if claim.hull and claim.pad and not claim.clip else (claim.low, claim.side)

    def bounded(x: list[arb]) -> bool | None:
        jet = claim.tape.run(x, 2)
        if jet.kinks or not jet.value.is_finite():
            return None
        H = claim.tape.rows(jet.bend)
        if all(sum(map(abs, row), ZERO) <= M for row in H):
            return True
        shifts = [
            [[plus(M if i == k else ZERO, s * b) for k, b in enumerate(H[i])] for i in range(len(H))] for s in (1, -1)
        ]
        signs = [_semidefinite(shift) for shift in shifts]
        return False if False in signs else None if None in signs else True

    def test(box: Box) -> bool | None:
        if bounded(points(low, side, box, 2.0**-6)):
            return True
        return False if bounded(points(low, side, probe(box))) is False else None

    return cover(claim.N, test, clock)


def oscillation(claim: Claim, osc: arb, clock: Clock) -> str:
    """sup f − inf f ≤ osc on the box."""

    def enclose(sign: int) -> Callable[[Box], tuple[arb, arb]]:
        def both(box: Box) -> tuple[arb, arb]:
            x = points(claim.low, claim.side, box)
            jet = claim.tape.run(x, 1)
            slopes = [sign * s for s in jet.slope]
            p = points(claim.low, claim.side, corner(box, slopes))
            at = sign * claim.tape.run(p, 0).value
            return min(at + beyond(slopes, x, p), sign * jet.value, key=up), at

        return both

    climbs = [climb(claim.N, enclose(sign), clock) for sign in (1, -1)]
    (a, b), (c, d) = (next(ends) for ends in climbs)
    while True:
        if arb(b) + arb(d) <= osc:
            return "proved"
        if arb(a) + arb(c) > osc:
            return "refuted"
        if b - a >= d - c:
            a, b = next(climbs[0])
        else:
            c, d = next(climbs[1])
