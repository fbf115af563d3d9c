"""The table of all rules."""

from __future__ import annotations

from . import climbs, direct, faces, moves, products, splits

RULES = {**direct.RULES, **splits.RULES, **moves.RULES, **climbs.RULES, **faces.RULES, **products.RULES}
