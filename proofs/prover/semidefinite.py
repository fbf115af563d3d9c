"""Positive semidefinite matrices of rational numbers under linear equations: found with floats, made exact over Q.

A barrier method moves along the centre of {X : X − t·I ⪰ 0} to the largest t. For t > 0 a nearby rational point is
taken. For t = 0 every solution is singular: the kernel at the centre is that of all solutions; it is rounded to
rational vectors, and the search goes on in its complement (Monniaux and Corbineau, 2011). Nothing of the search is
trusted: a solution satisfies the equations exactly, and is a sum of squares by its exact LDLᵀ decomposition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import fmpq, fmpq_mat

MOST_FACES, MOST_NEWTON, CLEAR, FINAL, SINGULAR = 5, 12, 1e-3, 1e-10, 1e-8
DENOMINATORS = (1, 2, 3, 4, 6, 12, 60, 2520, 1 << 16, 1 << 28)

Column = dict[Any, Fraction]
"""The coefficients of an unknown, by rows with any names."""
Square = tuple[Fraction, tuple[Fraction, ...]]


class System(NamedTuple):
    """Symmetric matrices X of the given sizes and free numbers y with Σ unknown·column = right.

    The unknowns are the entries (a, b), a ≤ b, of each matrix, row by row, and then the free numbers.
    """

    sizes: tuple[int, ...]
    columns: list[Column]
    right: Column


class Solution(NamedTuple):
    """Each X = Σ d·v·vᵀ with numbers d > 0, as a list of pairs (d, v); and the free numbers."""

    squares: list[list[Square]]
    free: list[Fraction]


def solve(system: System, tick: Callable[[], None] = lambda: None) -> Solution | None:
    """X ⪰ 0 and y that satisfy the equations exactly, or None if none are found; ``tick`` may stop it by an exception.

    >>> one = Fraction(1)  # X = [[1, c], [c, 1]], c = -1: singular
    >>> solve(System((2,), [{0: one}, {1: one}, {2: one}], {0: one, 1: -one, 2: one})).squares
    [[(Fraction(1, 1), (Fraction(-1, 1), Fraction(1, 1)))]]
    """
    faces = [_identity(size) for size in system.sizes]
    for _ in range(MOST_FACES):
        part = _restricted(system, faces)
        plane = _plane(part)
        try:
            with np.errstate(all="ignore"):
                found = None if plane is None else _centre(part.sizes, plane, tick)
        except (OverflowError, np.linalg.LinAlgError):  # coefficients beyond floats
            return None
        if plane is None or found is None:
            return None
        point, least = found
        exact = _exact(part.sizes, plane, point) if least > SINGULAR else None
        if exact is not None:
            return _lifted(exact, faces)
        smaller = [_face(x, face) for x, face in zip(_matrices(part.sizes, point), faces, strict=True)]
        if sum(map(_width, smaller)) == sum(map(_width, faces)):
            return None
        faces = smaller
    return None


Matrix = list[list[Fraction]]
"""Rows; its columns span the face that a block is restricted to."""


def _identity(size: int) -> Matrix:
    return [[Fraction(i == j) for j in range(size)] for i in range(size)]


def _width(face: Matrix) -> int:
    return len(face[0]) if face else 0


def _pairs(size: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(size) for b in range(a, size)]


def _restricted(system: System, faces: Sequence[Matrix]) -> System:
    """The same equations for Y with X = V·Y·Vᵀ, V the face of each block."""
    columns: list[Column] = []
    start = 0
    for size, face in zip(system.sizes, faces, strict=True):
        old = _pairs(size)
        entries = dict(zip(old, system.columns[start : start + len(old)], strict=True))
        start += len(old)
        columns += _transformed(entries, face)
    return System(tuple(map(_width, faces)), [*columns, *system.columns[start:]], system.right)


def _transformed(entries: dict[tuple[int, int], Column], face: Matrix) -> list[Column]:
    support = [[i for i in range(len(face)) if face[i][a]] for a in range(_width(face))]
    columns: list[Column] = []
    for a, b in _pairs(_width(face)):
        total: Column = {}
        for i in support[a]:
            for k in support[b]:
                weight = face[i][a] * face[k][b] * (1 if i == k else Fraction(1, 2)) * (1 if a == b else 2)
                for row, c in entries[min(i, k), max(i, k)].items():
                    total[row] = total.get(row, Fraction(0)) + weight * c
        columns.append({row: c for row, c in total.items() if c})
    return columns


def _matrices(sizes: Sequence[int], point: Any) -> list[Any]:
    found, start = [], 0
    for size in sizes:
        x = np.zeros((size, size))
        for a, b in _pairs(size):
            x[a, b] = x[b, a] = point[start]
            start += 1
        found.append(x)
    return found


class _Plane(NamedTuple):
    """All solutions of the equations: ``lead`` = constant − Σ c·(unknown j), a row for each; the others are free."""

    width: int
    rows: list[tuple[int, Fraction, list[tuple[int, Fraction]]]]

    @property
    def free(self) -> list[int]:
        leads = {lead for lead, _, _ in self.rows}
        return [j for j in range(self.width) if j not in leads]


def _plane(system: System) -> _Plane | None:
    """None if there is no solution."""
    rows = {row: k for k, row in enumerate(dict.fromkeys(r for c in (*system.columns, system.right) for r in c))}
    width = len(system.columns)
    table = fmpq_mat(len(rows), width + 1)
    for j, column in enumerate([*system.columns, system.right]):
        for row, c in column.items():
            table[rows[row], j] = fmpq(c.numerator, c.denominator)
    reduced, rank = table.rref()
    found = []
    for line in reduced.tolist()[:rank]:
        entries = [(j, _fraction(x)) for j, x in enumerate(line) if x != 0]
        constant = entries.pop()[1] if entries[-1][0] == width else Fraction(0)
        if not entries:
            return None
        found.append((entries[0][0], constant, entries[1:]))
    return _Plane(width, found)


def _centre(sizes: Sequence[int], plane: _Plane, tick: Callable[[], None]) -> tuple[Any, float] | None:
    """A point near the centre, in floats, and t; None if t ≥ 0 has no solution, or floats are too coarse."""
    free = plane.free
    place = {j: k for k, j in enumerate(free)}
    start, moves = np.zeros(plane.width), np.zeros((len(free), plane.width))
    for j, k in place.items():
        moves[k, j] = 1
    for lead, constant, entries in plane.rows:
        start[lead] = float(constant)
        for j, c in entries:
            moves[place[j], lead] = -float(c)
    kept = [k for k, size in enumerate(sizes) if size]
    slopes = [_matrices(sizes, row) for row in moves]
    stacked = [np.array([d[k] for d in slopes]).reshape(-1, sizes[k], sizes[k]) for k in kept]
    blocks = _matrices(sizes, start)
    try:
        found = _barrier([blocks[k] for k in kept], stacked, tick)
    except np.linalg.LinAlgError:
        return None
    return None if found is None else (start + found[0] @ moves, found[1])


def _barrier(blocks: list[Any], slopes: list[Any], tick: Callable[[], None]) -> tuple[Any, float] | None:
    """The moves along the slopes that bring the least eigenvalue near its largest value, and a bound for that value.

    Newton's method for −t/μ − Σ log det(X − t·I) − log(bound − Σ trace X), with μ falling; at the minimum the largest
    t is at most t + μ·(number of rows + 1).
    """
    order = sum(len(x) for x in blocks)
    if not order:
        return np.zeros(0), 1.0
    lowest = min(float(np.linalg.eigvalsh(x)[0]) for x in blocks) - 1
    trace = sum(float(np.trace(x)) for x in blocks)
    bound = abs(trace) + 20 * order * (1 + max(float(np.abs(x).max()) for x in blocks))
    count = len(slopes[0])
    # the directions are the slopes and t, which moves every block by −I
    moves = [np.concatenate([d, -np.eye(len(x))[None]]) for d, x in zip(slopes, blocks, strict=True)]
    traces = np.append(sum(np.trace(d, axis1=1, axis2=2) for d in slopes), 0.0)
    place, mu = np.append(np.zeros(count), lowest), 1.0
    while True:
        for _ in range(MOST_NEWTON):
            tick()
            step, size, limit = _newton(blocks, moves, traces, place, bound, mu)
            place = place + min(1.0, 0.8 * limit) * step
            if size < 0.1:
                break
        least, gap = float(place[-1]), mu * (order + 1)
        if not np.isfinite(place).all() or least + 2 * gap < -1e-7:
            return None
        if least > CLEAR or gap < FINAL:
            return place[:-1], least
        mu *= 0.2


def _newton(blocks: list[Any], moves: list[Any], traces: Any, place: Any, bound: float, mu: float) -> Any:
    """The step, its length in the local norm, and how many times it fits into the domain."""
    spare = bound - sum(float(np.trace(x)) for x in blocks) - float(traces @ place)
    gradient, hessian = traces / spare, np.outer(traces, traces) / spare**2
    gradient[-1] -= 1 / mu
    roots = []
    for x, move in zip(blocks, moves, strict=True):
        root = np.linalg.inv(np.linalg.cholesky(x + np.tensordot(place, move, 1)))
        turned = (root @ move @ root.T).reshape(len(place), -1)
        gradient = gradient - turned @ np.eye(len(x)).ravel()
        hessian = hessian + np.einsum("ik,jk->ij", turned, turned)  # without the threads of BLAS
        roots.append(turned)
    step = -_solved(hessian + 1e-14 * np.trace(hessian) * np.eye(len(place)), gradient)
    size = float(np.sqrt(max(0.0, -(gradient @ step))))
    worst = max(
        -float(np.linalg.eigvalsh((step @ t).reshape(len(x), -1))[0]) for t, x in zip(roots, blocks, strict=True)
    )
    worst = max(worst, float(traces @ step) / spare)
    return step, size, 1 / worst if worst > 0 else np.inf


def _solved(a: Any, b: Any) -> Any:
    """a⁻¹·b for a positive definite a, by elimination: the threads of LAPACK cost more than they bring here."""
    rows = np.column_stack([a, b])
    for k in range(len(a)):
        rows[k] /= rows[k, k]
        rows[k + 1 :] -= rows[k + 1 :, k : k + 1] * rows[k]
    for k in range(len(a) - 1, 0, -1):
        rows[:k, -1] -= rows[:k, k] * rows[k, -1]
    return rows[:, -1]


def _face(x: Any, face: Matrix) -> Matrix:
    """The face without the kernel of x, if there is a clear gap between its small eigenvalues and the others."""
    if not len(x):
        return face
    values, vectors = np.linalg.eigh(x)
    values = np.maximum(values, 1e-14) / max(1.0, float(values[-1]))
    small = [k for k in range(len(values)) if values[k] < 1e-4]
    if not small:
        return face
    ends = [*values, 1.0]
    cut = max(small, key=lambda k: ends[k + 1] / ends[k]) + 1
    kernel = _rational_kernel(vectors[:, :cut].T)
    if kernel is None:
        return face
    inside = _null_space(kernel, len(x))
    return [[sum((a * b for a, b in zip(row, v, strict=True)), Fraction(0)) for v in inside] for row in face]


def _rational_kernel(rows: Any) -> list[list[Fraction]] | None:
    """Vectors with the same span, their entries short fractions; None if the span is not near to such vectors."""
    rows = rows.copy()
    done: list[int] = []
    for r in range(len(rows)):
        rest = np.abs(rows[r:])
        rest[:, done] = 0
        i, j = divmod(int(rest.argmax()), rest.shape[1])
        rows[[r, r + i]] = rows[[r + i, r]]
        rows[r] /= rows[r, j]
        for k in range(len(rows)):
            if k != r:
                rows[k] -= rows[k, j] * rows[r]
        done.append(j)
    short = [[Fraction(float(x)).limit_denominator(64) for x in row] for row in rows]
    apart = max(
        abs(float(x) - float(y)) for row, old in zip(short, rows, strict=True) for x, y in zip(row, old, strict=True)
    )
    return short if apart < 2e-3 else None


def _null_space(rows: list[list[Fraction]], size: int) -> list[list[Fraction]]:
    """A basis of the vectors v with rows·v = 0."""
    reduced, rank = _matrix(rows, size).rref()
    leads = [next(j for j in range(size) if reduced[r, j] != 0) for r in range(rank)]
    found = []
    for j in (j for j in range(size) if j not in leads):
        v = [Fraction(k == j) for k in range(size)]
        for r, lead in enumerate(leads):
            v[lead] = -_fraction(reduced[r, j])
        found.append(v)
    return found


def _matrix(rows: Sequence[Sequence[Fraction]], width: int) -> fmpq_mat:
    return fmpq_mat(len(rows), width, [fmpq(x.numerator, x.denominator) for row in rows for x in row])


def _fraction(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def _exact(sizes: Sequence[int], plane: _Plane, point: Any) -> Solution | None:
    """A solution near the point, with denominators as small as they may be."""
    for denominator in DENOMINATORS:
        values = [Fraction(round(x * denominator), denominator) for x in point]
        for lead, constant, entries in plane.rows:
            values[lead] = constant - sum((c * values[j] for j, c in entries), Fraction(0))
        found = _decomposed(sizes, values)
        if found is not None:
            return found
    return None


def _decomposed(sizes: Sequence[int], values: list[Fraction]) -> Solution | None:
    """The matrices as sums of squares; None if one is not positive definite: inside a face they all may be."""
    squares, start = [], 0
    for size in sizes:
        x = [[Fraction(0)] * size for _ in range(size)]
        for a, b in _pairs(size):
            x[a][b] = x[b][a] = values[start]
            start += 1
        found = decompose(x)
        if found is None or len(found) < size:
            return None
        squares.append(found)
    return Solution(squares, values[start:])


def decompose(x: Matrix) -> list[Square] | None:
    """x = Σ d·v·vᵀ with d > 0, by LDLᵀ; None if x is not positive semidefinite.

    >>> decompose([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(0)]]) is None
    True
    """
    rest = [list(row) for row in x]
    size, found = len(rest), []
    for k in range(size):
        d = rest[k][k]
        if d < 0 or (d == 0 and any(rest[k])):
            return None
        if d == 0:
            continue
        v = [c / d for c in rest[k]]
        for i in range(k, size):
            if v[i]:
                for j in range(k, size):
                    rest[i][j] -= d * v[i] * v[j]
        found.append((d, tuple(v)))
    return found


def _lifted(solution: Solution, faces: Sequence[Matrix]) -> Solution:
    """The vectors of X = V·Y·Vᵀ from those of Y."""
    squares = [
        [(d, tuple(sum((a * b for a, b in zip(row, v, strict=True)), Fraction(0)) for row in face)) for d, v in part]
        for part, face in zip(solution.squares, faces, strict=True)
    ]
    return Solution(squares, solution.free)
