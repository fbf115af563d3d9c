r"""Cross-attention: one head approximates a function of two sequences ([MA]).

Queries come from X_Q, keys and values from X_K, f: R^{d×m} × R^{d×n} → R^{d_o×n}. The grid covers the N = d(m + n)
coordinates u = (vec X_K, vec X_Q); the scores R(v_j·u − ½‖v_j‖²) are those of max-affine attention at u, so every bound
of `max_affine` holds with that N. A fixed X_K is a memory: choose v_j^K = vec X_K; its part of the score is the same
for all keys, the grid covers X_Q alone, and N = dn (m = 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .. import reading
from ..design import Design
from ..exact import Real
from ..shapes import shape_from
from ..target import Target
from ..theorem import Option, Theorem
from . import max_affine


def design(target: Target, eps: Real, bound: str) -> Design:
    """The sizes of `max_affine.design` for a target whose coordinates are (vec X_K, vec X_Q).

    >>> target = problem({"dim": "2", "tokens": "3", "keys": "1", "lipschitz": "1"})
    >>> design(target, target.lipschitz["l2"] / 2, "sharp").P[0]
    3
    """
    found = max_affine.design(target, eps, bound)
    source = "[MA], cross-attention, closed form" if bound == "published" else found.source
    return replace(found, theorem="cross-attention", source=source)


def problem(values: Mapping[str, str]) -> Target:
    """Read a target from text: the options of max-affine, n = tokens of X_Q and m = `keys` of X_K.

    >>> problem({"dim": "2", "tokens": "3", "keys": "1", "lipschitz": "1"}).dim
    8
    """
    d, n = reading.count(values, "dim"), reading.count(values, "tokens")
    m = 0 if values.get("keys") == "0" else reading.count(values, "keys")
    if d * (m + n) > reading.MAX_COORDINATES:
        raise ValueError(f"keys: {d} x ({m} + {n}) coordinates are too many (limit {reading.MAX_COORDINATES})")
    target = reading.problem({k: v for k, v in values.items() if k != "outputs"} | {"tokens": str(m + n)})
    return replace(target, shape=shape_from(values, d, n, m))


THEOREM = Theorem(
    slug="cross-attention",
    title="Max-affine partition by cross-attention, sup norm",
    source="[MA], cross-attention; sharp and second-order bounds, and W_O = Q⁻¹, are ours",
    statement=(
        r"\sup_{X_K,X_Q}\bigl|W_V Z_K\,\mathrm{softmax}\bigl((W_K Z_K)^\top W_Q Z_Q\bigr)Q^{-1}-f(X_K,X_Q)\bigr|"
        r"\le L\,h\,m_{1,N}(\kappa),\quad N=d(m+n),\ \kappa=Rh^2"
    ),
    hypotheses=(
        "X_K ∈ R^{d×m}, X_Q ∈ R^{d×n} range over a box; u = (vec X_K, vec X_Q) has N = d(m + n) coordinates",
        "the centres v_j = (v_j^K, v_j^Q) are the midpoints of a grid with P_i cells of width h_i on axis i",
        "every entry of f is L-Lipschitz in u in the named norm (or has a concave modulus, ℓ2); smooth: see max-affine",
    ),
    construction=(
        "Z_Q = Lin_Q(X_Q), n tokens, rows: vec X_Q (dn) | 1 | e_t (n);  W_Q = [diag(R_i), R, R I]",
        "Z_K = Lin_K(X_K), nG tokens (j, i), rows: v_j^Q (dn) | Σ (R_l/R) (v_jl^K x_Kl − ½ v_jl²) (1) | (λ/R) e_i (n)"
        " | f(v_j)_{:,i} (d_o)",
        "W_K = [first three blocks], W_V = [last block], W_O = Q⁻¹, Q = ((e^λ − 1)I + 11ᵀ)/(e^λ + n − 1), e^λ = 2n",
    ),
    bounds=max_affine.THEOREM.bounds,
    options=(
        *(o for o in max_affine.THEOREM.options if o.name not in ("dim", "tokens", "variant", "outputs")),
        Option("dim", "d, rows of both sequences", "1"),
        Option("tokens", "n, columns of X_Q and of the output", "1"),
        Option("keys", "m, columns of X_K; 0 for a fixed memory", "1"),
        Option("outputs", "d_o, rows of the output (default: d)"),
    ),
    problem=problem,
    design=design,
    necessary=max_affine.necessary,
    lemmas=("cross-attention-scores", "cross-attention-bound", *max_affine.THEOREM.lemmas),
)
