"""Offline linking: retrieve, keep what is sure, send only the rest to the student."""
