"""One file a prover.

Each has ``load() -> str``, its version, which raises ImportError with a reason where it is absent, and
``decide(claim, seconds) -> str``: proved, refuted, error (undefined somewhere) or unknown.
"""
