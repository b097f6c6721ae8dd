"""Formats that the graph is exported to, and read back from: a module each, a row in `registry`."""
