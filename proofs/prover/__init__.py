"""The claim prover: is an inequality or identity true for all values of its variables?"""
