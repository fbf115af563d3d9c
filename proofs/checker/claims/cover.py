"""Covers: a split tree of the domain, each leaf decided by one formula on its box."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb

from .evaluate import Nowhere, Op, Slopes, evaluate, whole
from .interval import I, add, around, mul

Box = dict[str, I]
OUTSIDE, EMPTY, POINT = -1, -2, -3


class Rejected(Exception):
    """A step does not follow; the message is one line."""


def walk(tree: object, box: Box, integers: Mapping[str, bool], settle: Callable[[Box, int], bool]) -> int:
    """Visit the leaves of a split tree in preorder; the number of boxes. `Rejected` if one is not settled.

    A node ``[name, value]`` cuts the box there; whatever the values, the two parts hold the whole box.
    """
    if not isinstance(tree, list) or not tree:
        raise Rejected("a cover is a list of nodes")
    waiting, boxes = [dict(box)], 0
    for node in tree:
        if not waiting:
            raise Rejected("a cover has nodes to spare")
        here = waiting.pop()
        if isinstance(node, int):
            boxes += 1
            if not any(x.lo > x.hi for x in here.values()) and not settle(here, node):
                raise Rejected(f"the box {show(here)} of a cover does not hold")
            continue
        good = isinstance(node, list) and len(node) == 2 and all(isinstance(x, str) for x in node)
        if not good or node[0] not in here:
            raise Rejected("a node of a cover is a leaf or [name, value]")
        name, cut = node[0], _exact(node[1])
        low, high = _halves(here[name], cut, integers[name])
        waiting += [here | {name: high}, here | {name: low}]
    if waiting:
        raise Rejected(f"a cover leaves {show(waiting[-1])} open")
    return boxes


def _exact(text: str) -> arb:
    value = Fraction(text) if len(text) < 2000 and re.fullmatch(r"-?[0-9]+(/0*[1-9][0-9]*)?", text) else None
    if value is None or value.denominator & (value.denominator - 1):
        raise Rejected("a box is cut at a dyadic number")
    return arb((value.numerator, 1 - value.denominator.bit_length()))


def _halves(b: I, m: arb, integer: bool) -> tuple[I, I]:
    """The parts ≤ m and ≥ m (> m for integers)."""
    low = I(b.lo, m, b.lo_open, False) if m < b.hi else b
    high = I(m, b.hi, integer, b.hi_open) if m > b.lo else b
    return (whole(low), whole(high)) if integer else (low, high)


def show(box: Box) -> str:
    """The box in a few digits, for messages."""
    return ", ".join(f"{n} in [{x.lo.str(5, radius=False)}, {x.hi.str(5, radius=False)}]" for n, x in box.items())


def violated(conditions: Sequence[tuple[list[Op], str]], box: Box) -> bool:
    """Whether some condition ``gap op 0`` is defined on all of the box and holds nowhere."""
    for ops, op in conditions:
        try:
            value, _, was_cut = evaluate(ops, box)
        except Nowhere:
            continue
        if was_cut:
            continue
        if value.below(True) or (op == ">" and value.below(False)) or (op == "==" and value.above(True)):
            return True
    return False


def decided(ops: list[Op], box: Box, strict: bool, total: bool) -> bool:
    """f ≥ 0 (> 0) on the box: by its values, on the face to which its slopes point, or by the mean value form.

    With ``total`` f must be defined on all of the box, otherwise only where it is asked for.
    """
    try:
        found = evaluate(ops, box, True)
    except Nowhere:
        return not total
    if found.value.above(strict):
        return not (total and found.cut)
    return not found.cut and (_face(ops, box, found.slopes, strict) or _mean(ops, box, found.slopes, strict))


def _face(ops: list[Op], box: Box, slopes: Slopes, strict: bool) -> bool:
    for _ in range(3):
        face: Box = dict(box)
        for name, slope in slopes.items():
            end: Any = box[name].lo if slope.above(False) else box[name].hi if slope.below(False) else None
            if end is not None and end.is_finite():
                face[name] = I(end, end)
        if face == box:
            return False
        box = face
        try:
            found = evaluate(ops, box, True)
        except Nowhere:
            return False
        if found.cut:
            return False
        if found.value.above(strict):
            return True
        slopes = found.slopes
    return False


def _mean(ops: list[Op], box: Box, slopes: Slopes, strict: bool) -> bool:
    if not all(box[name].finite and slope.finite for name, slope in slopes.items()):
        return False
    middles = {name: ((x.lo + x.hi) / 2).mid() for name, x in box.items() if x.finite}
    centre = box | {name: I(m, m) for name, m in middles.items()}
    try:
        found = evaluate(ops, centre)
    except Nowhere:
        return False
    total = found.value
    for name, slope in slopes.items():
        x, m = box[name], middles[name]
        total = add(total, mul(slope, around(x.lo - m, x.hi - m, x.lo_open, x.hi_open)))
    return not found.cut and total.above(strict)
