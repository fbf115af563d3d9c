"""The parts of the certificate checker; they import the standard library, python-flint and one another."""
