"""Certificates read back: the designs and targets of a file that `attain certify --save` wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..symbolic.design import Design
from ..symbolic.exact import Real, real
from ..symbolic.sequence import SequenceTarget
from ..symbolic.target import Target, box_of
from ..symbolic.tree import Expr, from_json, to_fraction
from .certificate import FORMAT
from .sequence_certificate import FORMAT as SEVERAL

MAX_FILE = 2**26
MOST = 10**6
"""Most grid points on an axis."""


def read_sequence(path: Path) -> tuple[Design, SequenceTarget]:
    """The design and the function, d_o × n entries, of a certificate; a scalar function has one row and one token.

    Raises ValueError, one line, if the file is not a certificate. What it claims is not checked here (`attain check`).
    """
    with path.open("rb") as file:
        raw = file.read(MAX_FILE + 1)
    try:
        data = json.loads(raw.decode("utf-8"))
        if data["format"] == SEVERAL:
            rows = [[_design(part) for part in row] for row in data["entries"]]
            d, n = _whole(data["d"], "d"), _whole(data["n"], "n")
            shared = [[p["design"], p["target"]["box"], p["bound"]] for row in data["entries"] for p in row]
            if not all(rows) or not shared or any(part != shared[0] for part in shared):
                raise ValueError("entries: rows of certificates with one design, box and bound are expected")
        elif data["format"] == FORMAT:
            rows = [[_design(data)]]
            d, n = rows[0][0].target.dim, 1
        else:
            raise ValueError(f"format {ascii(data['format'])[:40]} is not one of a certificate")
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is not a certificate of attain certify --save: {_short(error)}") from None
    first = rows[0][0]
    outputs = tuple(tuple(design.target.expression for design in row) for row in rows)
    common = replace(first.target, expression=None)
    return replace(first, target=common), SequenceTarget(d, n, outputs, common)  # type: ignore[arg-type]


def _short(error: Exception) -> str:
    return ascii(f"{type(error).__name__} {error}")[1:70]


def _design(data: dict[str, Any]) -> Design:
    target, made, known = data["target"], data["design"], data["regularity"]
    P, pad = tuple(_whole(p, "P") for p in made["P"]), _whole(made["pad"], "pad")
    box = box_of(tuple((_end(a), _end(b)) for a, b in target["box"]))
    if len(P) != len(box) or not 1 <= min(P) <= max(P) <= MOST or not 0 <= pad <= MOST:
        raise ValueError(f"P, pad: a number of grid points for every axis is expected, up to {MOST}")
    if _rational(made["kappa"], "kappa") is None and _rational(made["R"], "R") is None:
        raise ValueError("kappa, R: one of them is expected")
    if _rational(data["bound"], "bound") is None:
        raise ValueError("bound: a positive number is expected")
    if made["padding"] not in ("extend", "clip"):
        raise ValueError("padding: extend or clip is expected")
    return Design(
        theorem="max-affine",
        bound=str(made["bound"]),
        norm=str(made["norm"]),
        target=Target(
            box=box,
            lipschitz={norm: real(text, "lipschitz") for norm, text in known["lipschitz"].items()},
            padding=made["padding"],
            expression=from_json(target["expression"]),
            variables=tuple(str(name) for name in target["variables"]),
        ),
        P=P,
        kappa=_rational(made["kappa"], "kappa"),
        R=_rational(made["R"], "R"),
        pad=pad,
        budget=(),
        error_bound=data["bound"],
        meets=bool(data["holds"]),
        source="certificate",
    )


def _whole(value: object, what: str) -> int:
    if type(value) is not int:
        raise ValueError(f"{what}: a whole number is expected")
    return value


def _end(data: object) -> Real:
    expr: Expr = from_json(data)
    value = to_fraction(expr)
    return expr if value is None else value


def _rational(text: str | None, what: str) -> Fraction | None:
    if text is None:
        return None
    value = real(text, what)
    if not isinstance(value, Fraction) or value <= 0:
        raise ValueError(f"{what}: a positive rational number is expected")
    return value
