"""Sequence targets by name: their entries as formulas, and constants that hold for every entry.

x_1 … x_n is a row of X, u a direction. Each entry's gradient is bounded in the dual norm:

- row-sort, running-max, reverse: at almost every point an entry is one of the x_t, so its gradient is a unit vector,
  of length 1 in every norm; its values stay in [a, b].
- causal-mean: the mean of x_1 … x_t has the gradient (1/t, …, 1/t); t = 1 is the largest, of length 1.
- column-softmax, p_r of a column x: ∇p_r = p_r(e_r − p) has ‖·‖_∞ = p_r(1 − p_r) ≤ ¼, ‖·‖₁ = 2p_r(1 − p_r) ≤ ½ and
  ‖·‖₂² = p_r²((1 − p_r)² + Σ_{s≠r} p_s²) ≤ 2(p_r(1 − p_r))² ≤ 1/8. Its second derivative along u is
  p_r((u_r − ū)² − Var u), ū and Var under p. For ‖u‖₂ = 1, |u_r − u_s| ≤ √2, so Var u ≤ ½ and
  p_r(u_r − ū)² ≤ 2p_r(1 − p_r)² ≤ 8/27: its modulus is at most ½.
- convolution(w_0, w_1, …): y_t = Σ_k w_k x_{t−k}, tokens before the first count as 0; the last entries have the
  gradient w.

Source: ours (elementary).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from flint import arb

from .exact import Real, ball, real, text_of
from .rounding import upper
from .sequence import SequenceTarget, coordinate_names, sequence_target
from .target import NORMS, Norm, Side, Target

MOST_SORTED = 8
LEAST = Fraction(1, 10**9)
"""Stands for a second derivative that is 0, so that every size stays finite."""
_CALL = re.compile(r"([a-z]+(?:-[a-z]+)*)(?:\((.*)\))?")


@dataclass(frozen=True)
class Spec:
    """``row(x)``: the entries of one output row from the names of one input row (of one column for column-softmax);
    Lipschitz constants in ℓ1, ℓ2, ℓ∞; M (None where there are kinks); osc as a multiple of the side and, where one is
    known, an absolute bound of it."""

    entries: Callable[[list[str]], list[str]]
    lipschitz: tuple[Real, Real, Real] = (Fraction(1), Fraction(1), Fraction(1))
    hessian: Real | None = None
    spread: Fraction = Fraction(1)
    most: Fraction | None = None
    columns: bool = False


def _sorted(row: list[str]) -> list[str]:
    """The t-th smallest is the least maximum of t entries."""
    if len(row) > MOST_SORTED:
        raise ValueError(f"row-sort: formulas are written for at most {MOST_SORTED} tokens, not {len(row)}")
    return [_least([_call("max", some) for some in combinations(row, t)]) for t in range(1, len(row) + 1)]


def _least(texts: list[str]) -> str:
    return _call("min", texts)


def _call(function: str, texts: tuple[str, ...] | list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{function}({', '.join(texts)})"


def _softmax(column: list[str]) -> list[str]:
    """p_r = 1/Σ_s exp(x_s − x_r), which cannot overflow in the difference."""
    return ["1/(1" + "".join(f" + exp({s} - {r})" for s in column if s != r) + ")" for r in column]


def _convolution(weights: list[Real]) -> Spec:
    sizes = [abs(ball(w)) for w in weights]
    if not all(size > 0 for size in sizes):
        raise ValueError("convolution: every weight must differ from 0")
    total, square = sum(sizes, arb(0)), sum((s * s for s in sizes), arb(0))
    largest = sizes[0]
    for size in sizes[1:]:
        largest = largest.max(size)
    norms = (largest, square.sqrt(), total)
    l1, l2, linf = (Fraction(upper(value, 12)) for value in norms)

    def entries(row: list[str]) -> list[str]:
        terms = [[(w, row[t - k]) for k, w in enumerate(weights) if k <= t] for t in range(len(row))]
        return [" + ".join(f"({text_of(w)})*{x}" for w, x in term) for term in terms]

    return Spec(entries, (l1, l2, linf), LEAST, spread=linf)


SPECS: dict[str, Spec] = {
    "row-sort": Spec(_sorted),
    "running-max": Spec(lambda row: [_call("max", row[: t + 1]) for t in range(len(row))]),
    "column-softmax": Spec(
        _softmax,
        (Fraction(1, 4), real("sqrt(2)/4", "constant"), Fraction(1, 2)),
        Fraction(1, 2),
        Fraction(1, 2),
        Fraction(1),
        True,
    ),
    "causal-mean": Spec(lambda row: [f"({' + '.join(row[: t + 1])})/{t + 1}" for t in range(len(row))], hessian=LEAST),
    "reverse": Spec(lambda row: row[::-1], hessian=LEAST),
}
NAMES = (*SPECS, "convolution")


def is_named(text: str) -> bool:
    """Whether a text names a sequence target.

    >>> is_named("running-max"), is_named("convolution(1/2, 1/4)"), is_named("x - y")
    (True, True, False)
    """
    found = _CALL.fullmatch(text.strip())
    return found is not None and found[1] in NAMES


def named_sequence(text: str, d: int, n: int, side: Side) -> SequenceTarget:
    """The target called `text` on sequences X ∈ [a, b]^{d×n}; the module gives its constants.

    Raises ValueError if the name, its weights or the shape are wrong.

    >>> f = named_sequence("running-max", 1, 3, (Fraction(0), Fraction(1)))
    >>> f.outputs[0][2], f.target.lipschitz["linf"]
    (parse('max(x11, x12, x13)'), Fraction(1, 1))
    """
    spec = _spec(text)
    x = [list(coordinate_names(d, n)[r::d]) for r in range(d)]
    if spec.columns:
        columns = [spec.entries([x[r][t] for r in range(d)]) for t in range(n)]
        rows = [[columns[t][r] for t in range(n)] for r in range(d)]
    else:
        rows = [spec.entries(row) for row in x]
    box = (side,) * (d * n)
    width = Target((side,)).side(0)
    spread = width * ball(spec.spread)
    if spec.most is not None:
        spread = spread.min(ball(spec.most))
    lipschitz: dict[Norm, Real] = dict(zip(NORMS, spec.lipschitz, strict=True))
    target = Target(box, lipschitz, hessian=spec.hessian, osc=Fraction(upper(spread, 12)), padding="clip")
    return sequence_target(d, n, rows, coordinate_names(d, n), target)


def _spec(text: str) -> Spec:
    found = _CALL.fullmatch(text.strip())
    if found is None or found[1] not in NAMES:
        raise ValueError(f"{text[:40]!r} is not a named sequence; known: {', '.join(NAMES)}")
    name, weights = found[1], found[2]
    if name != "convolution":
        if weights is not None:
            raise ValueError(f"{name} takes no weights")
        return SPECS[name]
    if not weights:
        raise ValueError("convolution: give the weights, such as convolution(1/2, 1/4, 1/4)")
    return _convolution([real(w, "convolution") for w in weights.split(",")])
