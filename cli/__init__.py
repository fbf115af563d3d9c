"""The command line `attain`: parse, call, print."""
