"""Linking a whole file: what to read, how to link, what may stand unreviewed, what came of it."""
