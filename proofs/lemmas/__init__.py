"""One file per lemma; each defines `LEMMA` and is found by being here."""
