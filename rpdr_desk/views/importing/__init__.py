"""Importing mentions from a file."""
