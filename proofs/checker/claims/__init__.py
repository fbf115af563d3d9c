"""Re-check of a saved proof of a claim: own reading, own intervals, own normal form; nothing of the prover."""
