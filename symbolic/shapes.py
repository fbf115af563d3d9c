"""Which layer carries a sequence function f: R^{d×n} → R^{d_o×n}, and its sizes as exact integers.

flat     G tokens whose value is vec f(v_j), one output column that is reshaped (`attention.max_affine_layer`)
tokens   nG tokens (j, i) that hold column i of f(v_j) (`self_attention`), W_O = [Q⁻¹; 0]
cross    the same, keys and values from a second sequence of m tokens (`cross_attention`), W_O = Q⁻¹
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from flint import arb

from .rounding import upper
from .sizes import Sizes

Variant = Literal["flat", "tokens", "cross"]


@dataclass(frozen=True)
class Shape:
    """A layer for inputs X ∈ R^{d×n} (and X_K ∈ R^{d×m} in cross-attention) and outputs in R^{rows×n}.

    The slots are told apart by λ = ln 2n: then ‖Q⁻¹‖₁ < 2, whatever n is.

    >>> Shape("tokens", 2, 3, 2).sizes(10).tokens
    30
    """

    variant: Variant
    d: int
    n: int
    rows: int
    m: int = 0

    @property
    def dim(self) -> int:
        """N = d(m + n)."""
        return self.d * (self.m + self.n)

    @property
    def slotted(self) -> bool:
        """Whether a cell has n tokens, one for each column of the output."""
        return self.variant != "flat"

    @property
    def odds(self) -> int:
        """e^λ = 2n."""
        return 2 * self.n

    @property
    def leakage(self) -> Fraction:
        """(n − 1)/(n − 1 + e^λ): the weight on other columns, were W_O to keep the first n tokens as they are."""
        return Fraction(self.n - 1, self.n - 1 + self.odds)

    @property
    def amplification(self) -> Fraction:
        """‖Q⁻¹‖₁ = (e^λ + 2n − 3)/(e^λ − 1)."""
        return Fraction(self.odds + 2 * self.n - 3, self.odds - 1)

    def sizes(self, cells: int) -> Sizes:
        """Sizes of the layer with G = `cells`: every A_t, B_t and C of the sum-of-linear layers is counted.

        `flops` counts the columns that are kept, from the tokens: scores, softmax, read-out, and W_O.
        """
        return {"flat": self._flat, "tokens": self._tokens, "cross": self._cross}[self.variant](cells)

    def _flat(self, G: int) -> Sizes:
        d, n, N, rows = self.d, self.n, self.dim, self.rows * self.n
        D = 2 * N + 2 + rows
        return Sizes(
            tokens=G,
            hidden=D,
            heads=1,
            dense=2 * (N + 1) * D + rows * D + n * (D * d + n * G) + D * G,
            nonzero=2 * (N + 1) + rows + n * (d + G) + G * (N + 2 + rows),
            flops=G * (2 * (N + 1) + 4 + 2 * rows),
        )

    def _tokens(self, G: int) -> Sizes:
        d, n, N, rows, T = self.d, self.n, self.dim, self.rows, self.n * G
        D, width = 2 * N + 2 * n + 2 + rows, N + 1 + n
        return Sizes(
            tokens=T,
            hidden=D,
            heads=1,
            dense=2 * width * D + rows * D + T * n + n * (D * d + n * T) + D * T,
            nonzero=2 * width + rows + n * n + n * (d + T) + T * (N + 3 + rows) + n,
            flops=self._attended(width, T),
        )

    def _cross(self, G: int) -> Sizes:
        d, n, m, rows, T = self.d, self.n, self.m, self.rows, self.n * G
        width, terms = d * n + 1 + n, d if m else 0
        D = width + rows
        lin_Q, lin_K = n * (width * d + n * n) + width * n, terms * (D * d + m * T) + D * T
        return Sizes(
            tokens=T,
            hidden=D,
            heads=1,
            dense=width * width + width * D + rows * D + n * n + lin_Q + lin_K,
            nonzero=2 * width + rows + n * n + n * (d + n) + 2 * n + terms * (1 + m * T) + T * (d * n + 2 + rows),
            flops=self._attended(width, T) + 2 * d * m * T,
        )

    def _attended(self, width: int, T: int) -> int:
        """n queries of `width` numbers against T keys, their softmax, values, and W_O."""
        return self.n * T * (2 * width + 4 + 2 * self.rows) + 2 * self.rows * self.n**2

    def to_json(self) -> dict[str, Any]:
        """What a layer adds to the object B of the command line."""
        if not self.slotted:
            return {"layer": "self-attention, flat: one token a cell"}
        kind = "cross" if self.variant == "cross" else "self"
        return {
            "layer": f"{kind}-attention, {self.n} token{'s' * (self.n > 1)} a cell",
            "lambda": upper(arb(self.odds).log(), 10),
            "leakage_without_inverse": upper(self.leakage, 10),
        }


def shape_from(values: Mapping[str, str], d: int, n: int, m: int | None = None) -> Shape | None:
    """The layer for d × n inputs that the option `variant` names, None for "scalar"; cross-attention if m is given.

    d_o comes from the option `outputs` (default d).

    >>> shape_from({}, 2, 3), shape_from({"variant": "flat", "outputs": "1"}, 2, 3)
    (None, Shape(variant='flat', d=2, n=3, rows=1, m=0))
    """
    text = values.get("outputs", str(d))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise ValueError(f"outputs: {text[:40]!r} is not a count; give a whole number from 1 to 999999")
    if m is not None:
        return Shape("cross", d, n, int(text), m)
    variant = values.get("variant", "scalar")
    if variant == "scalar":
        if "outputs" in values:
            raise ValueError("outputs: a scalar function has one output; choose --variant tokens or flat")
        return None
    if variant == "flat":
        return Shape("flat", d, n, int(text))
    if variant == "tokens":
        return Shape("tokens", d, n, int(text))
    raise ValueError(f"variant: {variant[:40]!r} is unknown; choose scalar, flat or tokens")
