"""Targets read from the options of a theorem: the box, the constants that are known, and the layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .exact import interval, positive, real
from .modulus import modulus_of
from .shapes import shape_from
from .target import NORMS, Side, Target, box_of

MAX_COORDINATES = 20_000


def problem(values: Mapping[str, str]) -> Target:
    """Read a target from text: lipschitz, norm, modulus, hessian, padding, osc, dim, tokens, domain.

    >>> problem({"lipschitz": "1", "dim": "2", "tokens": "2", "domain": "0..1"}).dim
    4
    """
    box = box_from(values)
    norm = values.get("norm", "l2")
    if norm not in NORMS:
        raise ValueError(f"norm: {norm!r} is not a norm; choose l1, l2 or linf")
    constants = {k: positive(real(values[k], k), k) for k in ("hessian", "osc") if k in values}
    slopes = [positive(real(text, "lipschitz"), "lipschitz") for text in _parts(values.get("lipschitz"))]
    if len(slopes) not in (0, 1, len(box)):
        raise ValueError(f"lipschitz: give one constant, or one for each of the {len(box)} coordinates")
    several = len(slopes) > 1
    if several and norm == "linf":
        raise ValueError("norm: constants for each axis mean Σ L_i|x_i − y_i|; leave --norm out")
    modulus = modulus_of(values["modulus"]) if "modulus" in values else None
    if not slopes and modulus is None:
        raise ValueError("lipschitz: give the Lipschitz constant of the target (--lipschitz), or a concave --modulus")
    return Target(
        box=box,
        lipschitz={norm: slopes[0]} if slopes and not several else {},
        axes=tuple(slopes) if several else None,
        modulus=modulus,
        hessian=constants.get("hessian"),
        osc=constants.get("osc"),
        padding=_padding(values.get("padding", "extend")),
        shape=shape_from(values, count(values, "dim"), count(values, "tokens")),
    )


def _parts(text: str | None) -> list[str]:
    return [] if text is None else text.split(",")


def box_from(values: Mapping[str, str]) -> tuple[Side, ...]:
    """The box of dim·tokens coordinates from its options: dim, tokens, domain."""
    dim, tokens = count(values, "dim"), count(values, "tokens")
    if dim * tokens > MAX_COORDINATES:
        raise ValueError(f"dim: {dim} x {tokens} coordinates are too many (limit {MAX_COORDINATES})")
    domains = values.get("domain", "0..1").split(",")
    if len(domains) not in (1, dim * tokens):
        raise ValueError(f"domain: give one interval, or one for each of the {dim * tokens} coordinates")
    sides = box_of(tuple(interval(text) for text in domains))
    return sides * (dim * tokens) if len(sides) == 1 else sides


def _padding(text: str) -> Literal["extend", "clip"]:
    if text == "extend":
        return "extend"
    if text == "clip":
        return "clip"
    raise ValueError(f"padding: {text!r} is unknown; choose extend or clip")


def count(values: Mapping[str, str], name: str) -> int:
    """The whole number from 1 to 999999 that an option gives, 1 if it is absent.

    >>> count({"dim": "3"}, "dim"), count({}, "tokens")
    (3, 1)
    """
    text = values.get(name, "1")
    if not text.isascii() or not text.isdigit() or not int(text[:9]) >= 1 or len(text) > 6:
        raise ValueError(f"{name}: {text[:40]!r} is not a count; give a whole number from 1 to 999999")
    return int(text)
