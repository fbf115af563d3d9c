"""The real layers of sequences as arrays: a sum-of-linear layer and one attention head, run literally, or implicitly.

The matrices are those of `symbolic/self_attention.py` and `symbolic/cross_attention.py`, built from the same named row
blocks; here each axis may have its own R_i (with R = max R_i in the rows that are not coordinates). Letters: X ∈
R^{d×n}, a second sequence X_K ∈ R^{d×m} in cross-attention, N = d(m + n), G centres, T = nG key tokens, odds = e^λ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .evaluate import evaluate
from .network import GridNetwork

VARIANTS = ("tokens", "flat", "cross")
MATERIALISE_LIMIT = 2**23
"""Most numbers in the largest array of a materialised layer (its scores T × queries, or C with D × T)."""


@dataclass(frozen=True, eq=False)
class LinearSum:
    """Lin(X) = Σ_t left[t] X right[t] + constant: left (terms, D, d), right (terms, n, T), constant (D, T).

    >>> LinearSum(np.ones((1, 2, 1)), np.ones((1, 1, 3)), np.zeros((2, 3)))(np.array([[5.0]])).tolist()
    [[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]]
    """

    left: np.ndarray
    right: np.ndarray
    constant: np.ndarray

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Lin(X) in the format of X."""
        total = self.constant.astype(X.dtype)
        for A, B in zip(self.left, self.right, strict=True):
            total += A.astype(X.dtype) @ X @ B.astype(X.dtype)
        return total


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """W_V Z_K softmax((W_K Z_K)ᵀ W_Q Z_Q) W_O with Z_Q = query(X), Z_K = key(X_K), by columns reshaped to n columns.

    In self-attention `query` and `key` are one object and X_K is X.
    """

    query: LinearSum
    key: LinearSum
    W_Q: np.ndarray
    W_K: np.ndarray
    W_V: np.ndarray
    W_O: np.ndarray
    n: int

    def __call__(self, X: ArrayLike, X_K: ArrayLike | None = None, dtype: str = "float64") -> np.ndarray:
        """The output, d_o × n, in `dtype`: each product as written, the maximum of each column of scores taken off.

        ValueError where X_K is given to self-attention, or missing though the keys depend on it.
        """
        if X_K is None and self.key is not self.query and len(self.key.left):
            raise ValueError("this cross-attention layer reads a second sequence: give X_K")
        if X_K is not None and self.key is self.query:
            raise ValueError("self-attention reads one sequence: leave X_K out")
        x = np.asarray(X, dtype=dtype)
        Z_Q = self.query(x)
        Z_K = Z_Q if self.key is self.query else self.key(x if X_K is None else np.asarray(X_K, dtype=dtype))
        W_Q, W_K, W_V, W_O = (W.astype(dtype) for W in (self.W_Q, self.W_K, self.W_V, self.W_O))
        scores = (W_K @ Z_K).T @ (W_Q @ Z_Q)
        scores -= scores.max(axis=0)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=0)
        output = W_V @ Z_K @ scores @ W_O
        return output.reshape((-1, self.n), order="F")


@dataclass(frozen=True, eq=False)
class SequenceNetwork:
    """A sequence function by attention on a product grid, never expanded: `entries` holds d_o rows of n scalar grids.

    All entries have the same centres and temperatures; axes are (vec X_K, vec X). Make it with
    :func:`sequence_network`, or from a design with `sequences.network_of_sequence`.
    """

    d: int
    n: int
    m: int
    variant: str
    odds: float
    entries: tuple[tuple[GridNetwork, ...], ...]

    @property
    def grid(self) -> GridNetwork:
        """The grid that all entries share (with the values of the first)."""
        return self.entries[0][0]

    @property
    def tokens(self) -> int:
        """T: nG, or G in the flat variant."""
        return self.grid.cells * (1 if self.variant == "flat" else self.n)

    def values(self) -> np.ndarray:
        """f(v_j) as an array (G, d_o, n)."""
        return np.stack([np.stack([e.values.reshape(-1) for e in row], axis=1) for row in self.entries], axis=1)

    def __call__(self, X: ArrayLike, X_K: ArrayLike | None = None, method: str = "auto") -> np.ndarray:
        """Σ_j p_j f(v_j) for inputs X (B, d, n), X_K (B, d, m): shape (B, d_o, n).

        The weights p_j are computed axis by axis (`evaluate`); the slots drop out, as Q Q⁻¹ = I.
        """
        x = np.asarray(X, dtype=np.float64)
        sequences = [x] if self.m == 0 else [np.asarray(X_K, dtype=np.float64), x]
        for sequence, count in zip(sequences, (self.n,) if self.m == 0 else (self.m, self.n), strict=True):
            if sequence.ndim != 3 or sequence.shape[1:] != (self.d, count):
                raise ValueError(f"inputs must have shape (B, {self.d}, {count}), got {sequence.shape}")
        points = np.concatenate([s.transpose(0, 2, 1).reshape(len(s), -1) for s in sequences], axis=1)
        rows = [[evaluate(entry, points, method).values for entry in row] for row in self.entries]
        return np.array(rows).transpose(2, 0, 1)

    def selection_error(self) -> float:
        """A bound on |selected − output|: (n − 1)/(n − 1 + e^λ) times the largest difference of two columns.

        >>> from .network import grid_network
        >>> zero, high = (grid_network([[0.5]] * 2, (1.0, 1.0), [[y]]) for y in (0.0, 100.0))
        >>> round(sequence_network(1, 2, [[zero, high]], odds=math.exp(5)).selection_error(), 6)
        0.669285
        """
        values = self.values()
        spread = float((values.max(axis=2) - values.min(axis=2)).max())
        return (self.n - 1) / (self.n - 1 + self.odds) * spread * (1 + 1e-14)

    def selected(self, X: ArrayLike, X_K: ArrayLike | None = None, method: str = "auto") -> np.ndarray:
        """The output if W_O only keeps the first n tokens, as in [MA]: columns mixed by the slot matrix Q."""
        return self(X, X_K, method) @ slot_matrix(self.odds, self.n)


def sequence_network(
    d: int, n: int, entries: Sequence[Sequence[GridNetwork]], variant: str = "tokens", m: int = 0, odds: float = 0.0
) -> SequenceNetwork:
    """A checked :class:`SequenceNetwork`; odds = e^λ > 1, by default 2n. ValueError in one line for bad shapes.

    >>> from .network import grid_network
    >>> net = grid_network([[0.0, 1.0]] * 2, (4.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    >>> sequence_network(1, 2, [[net, net]]).tokens
    8
    """
    if variant not in VARIANTS:
        raise ValueError(f"unknown variant {variant!r}: choose from {', '.join(VARIANTS)}")
    if m and variant != "cross":
        raise ValueError(f"a second sequence of {m} tokens needs the variant cross, not {variant}")
    table = tuple(tuple(row) for row in entries)
    if not table or any(len(row) != n for row in table):
        raise ValueError(f"entries: give at least one row, each with {n} networks")
    first = table[0][0]
    if first.dim != d * (m + n):
        raise ValueError(f"the grid has {first.dim} axes, d(m + n) = {d * (m + n)} are needed")
    for net in (net for row in table for net in row):
        same = all(np.array_equal(a, b) for a, b in zip(net.centres, first.centres, strict=True))
        if not same or net.temperature != first.temperature:
            raise ValueError("all entries must share one grid and one temperature")
    ratio = odds or 2.0 * n
    if not (math.isfinite(ratio) and ratio > 1):
        raise ValueError(f"odds = e^λ must be finite and above 1, got {ratio}")
    return SequenceNetwork(d, n, m, variant, ratio, table)


def slot_matrix(odds: float, n: int) -> np.ndarray:
    """Q = ((odds − 1)I + J)/(odds + n − 1).

    >>> slot_matrix(3.0, 2).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    return ((odds - 1) * np.eye(n) + 1) / (odds + n - 1)


def slot_inverse(odds: float, n: int) -> np.ndarray:
    """Q⁻¹ = ((odds + n − 1)I − J)/(odds − 1), each entry within a few roundings (no cancellation for odds near 1).

    >>> (slot_matrix(3.0, 2) @ slot_inverse(3.0, 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return np.where(np.eye(n) > 0, odds + (n - 2), -1.0) / (odds - 1)


def materialise(network: SequenceNetwork, limit: int = MATERIALISE_LIMIT) -> AttentionLayer:
    """The layer with every matrix written out; ValueError above `limit` numbers in its scores or in C.

    >>> from .network import grid_network
    >>> net = grid_network([[0.0, 1.0]] * 2, (4.0, 4.0), [[0.0, 1.0], [2.0, 3.0]])
    >>> layer = materialise(sequence_network(1, 2, [[net, net]]))
    >>> layer.W_Q.shape, layer.W_O.shape
    ((5, 11), (8, 2))
    """
    T, N = network.tokens, network.grid.dim
    size = T * max(network.n if network.variant == "cross" else T, 2 * N + 2 * network.n + 2 + len(network.entries))
    if size > limit:
        raise ValueError(f"refusing to write out {size} numbers (limit {limit}); call the network itself")
    return {"tokens": _self_attention, "flat": _flat, "cross": _cross_attention}[network.variant](network)


def _stack(rows: Mapping[str, int], parts: Mapping[str, np.ndarray], columns: int) -> np.ndarray:
    """The named blocks one below the other, zeros for those left out."""
    return np.vstack([parts.get(name, np.zeros((count, columns))) for name, count in rows.items()])


def _selector(rows: Mapping[str, int], *names: str) -> np.ndarray:
    """The 0/1 matrix whose product with Z is the named blocks of Z, in that order."""
    picked = [_stack(rows, {name: np.eye(rows[name])}, rows[name]).T for name in names]
    return np.vstack(picked)


def _vec_terms(rows: Mapping[str, int], d: int, n: int, tokens: int) -> tuple[np.ndarray, np.ndarray]:
    """A_t, B_t that put vec X into block "x" of every token: A_t = e_t ⊗ I_d there, B_t = e_t 1ᵀ."""
    units = np.eye(n)
    left = [_stack(rows, {"x": np.kron(e[:, None], np.eye(d))}, d) for e in units]
    return np.stack(left), np.stack([np.outer(e, np.ones(tokens)) for e in units])


def _centres(network: SequenceNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """V (N, G) with one centre a column, the R_i (N,), and −½ Σ_i (R_i/R) v_i² (1, G)."""
    grid = network.grid
    V = next(grid.centre_blocks(grid.cells))[0].T
    rates = np.array(grid.temperature)
    return V, rates, -0.5 * (rates / rates.max() @ (V * V))[None, :]


def _slot_blocks(network: SequenceNetwork, R: float) -> dict[str, np.ndarray]:
    """Blocks "slot" (λ/R) e_i and "value" f(v_j)_{:,i} of the tokens (j, i)."""
    values, cells = network.values(), network.grid.cells
    slot = math.log(network.odds) / R * np.tile(np.eye(network.n), cells)
    return {"slot": slot, "value": values.transpose(1, 0, 2).reshape(values.shape[1], -1)}


def _self_attention(network: SequenceNetwork) -> AttentionLayer:
    d, n, T, d_o = network.d, network.n, network.tokens, len(network.entries)
    V, rates, half_norm = _centres(network)
    R, N = float(rates.max()), len(rates)
    rows = {"x": N, "one": 1, "ask": n, "centre": N, "half_norm": 1, "slot": n, "value": d_o}
    blocks = {
        "one": np.ones((1, T)),
        "ask": np.eye(n, T),
        "centre": np.repeat(V, n, axis=1),
        "half_norm": np.repeat(half_norm, n, axis=1),
    } | _slot_blocks(network, R)
    lin = LinearSum(*_vec_terms(rows, d, n, T), _stack(rows, blocks, T))
    return AttentionLayer(
        query=lin,
        key=lin,
        W_Q=np.diag([*rates, *[R] * (1 + n)]) @ _selector(rows, "x", "one", "ask"),
        W_K=_selector(rows, "centre", "half_norm", "slot"),
        W_V=_selector(rows, "value"),
        W_O=np.vstack([slot_inverse(network.odds, n), np.zeros((T - n, n))]),
        n=n,
    )


def _flat(network: SequenceNetwork) -> AttentionLayer:
    d, n, G = network.d, network.n, network.tokens
    V, rates, half_norm = _centres(network)
    values = network.values().transpose(2, 1, 0).reshape(-1, G)
    rows = {"x": len(rates), "one": 1, "centre": len(rates), "half_norm": 1, "value": len(values)}
    blocks = {"one": np.ones((1, G)), "centre": V, "half_norm": half_norm, "value": values}
    lin = LinearSum(*_vec_terms(rows, d, n, G), _stack(rows, blocks, G))
    return AttentionLayer(
        query=lin,
        key=lin,
        W_Q=np.diag([*rates, rates.max()]) @ _selector(rows, "x", "one"),
        W_K=_selector(rows, "centre", "half_norm"),
        W_V=_selector(rows, "value"),
        W_O=np.eye(G, 1),
        n=n,
    )


def _cross_attention(network: SequenceNetwork) -> AttentionLayer:
    d, n, m, T, d_o = network.d, network.n, network.m, network.tokens, len(network.entries)
    V, rates, half_norm = _centres(network)
    R = float(rates.max())
    V_K, V_Q = np.split(V, [d * m])
    asks = {"x": d * n, "one": 1, "ask": n}
    keys = {"centre": d * n, "offset": 1, "slot": n, "value": d_o}
    blocks = {"centre": np.repeat(V_Q, n, axis=1), "offset": np.repeat(half_norm, n, axis=1)} | _slot_blocks(network, R)
    scaled = np.repeat(rates[: d * m, None] / R * V_K, n, axis=1).reshape(m, d, T)
    left = [_stack(keys, {"offset": unit[None, :]}, d) for unit in np.eye(d)] if m else []
    constant = _stack(asks, {"one": np.ones((1, n)), "ask": np.eye(n)}, n)
    return AttentionLayer(
        query=LinearSum(*_vec_terms(asks, d, n, n), constant),
        key=LinearSum(
            np.array(left).reshape(-1, sum(keys.values()), d),
            scaled.transpose(1, 0, 2)[: len(left)],
            _stack(keys, blocks, T),
        ),
        W_Q=np.diag([*rates[d * m :], *[R] * (1 + n)]),
        W_K=_selector(keys, "centre", "offset", "slot"),
        W_V=_selector(keys, "value"),
        W_O=slot_inverse(network.odds, n),
        n=n,
    )
