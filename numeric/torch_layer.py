"""The layer as a PyTorch module; importing this file needs PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn


class AttentionModule(nn.Module):
    """W_V Z_K softmax((W_K Z_K)ᵀ W_Q Z_Q) W_O by `scaled_dot_product_attention`, for X (batch, d, n).

    Built from the tensors that `attain export --format torch` wrote; X_K (batch, d, m) is the second input of
    cross-attention, and X itself without one.
    """

    def __init__(self, state: Mapping[str, Tensor], n: int) -> None:
        super().__init__()
        self.n = n
        self.names = tuple(state)
        for name, value in state.items():
            self.register_buffer(name.replace(".", "_"), value)

    def _tensor(self, name: str) -> Tensor:
        return self.get_buffer(name.replace(".", "_"))

    def _linear(self, name: str, X: Tensor) -> Tensor:
        total = self._tensor(f"{name}.constant").expand(len(X), -1, -1)
        for t in range(sum(key.startswith(f"{name}.left.") for key in self.names)):
            total = total + self._tensor(f"{name}.left.{t}") @ X @ self._tensor(f"{name}.right.{t}")
        return total

    def forward(self, X: Tensor, X_K: Tensor | None = None) -> Tensor:
        """The output (batch, d_o, n)."""
        Z_Q = self._linear("query", X)
        Z_K = Z_Q if "key.constant" not in self.names else self._linear("key", X if X_K is None else X_K)
        asked, keys, values = ((self._tensor(name) @ Z).mT for name, Z in (("W_Q", Z_Q), ("W_K", Z_K), ("W_V", Z_K)))
        mixed = nn.functional.scaled_dot_product_attention(asked, keys, values, scale=1.0)
        out = self._tensor("W_O").mT @ mixed
        return out.reshape(len(X), self.n, -1).mT
