"""The table of all rules."""

from __future__ import annotations

from . import arcs, climbs, convexity, direct, faces, integers, moves, period, places, products, splits, stirling

TABLES = (
    *(direct.RULES, splits.RULES, moves.RULES, integers.RULES, climbs.RULES, faces.RULES, convexity.RULES),
    *(arcs.RULES, period.RULES, products.RULES, stirling.RULES, places.RULES),
)
RULES = {name: rule for table in TABLES for name, rule in table.items()}
