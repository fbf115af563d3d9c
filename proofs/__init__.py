"""Is it true: claims, the proof kernel, lemmas, the ledger, the interval engine and the certificate checker."""
