"""Experiments: what the papers ask to be tried, one file each, with its raw data, table and figure."""
