"""Exporting decisions to a file."""
