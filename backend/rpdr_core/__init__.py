"""RPDR Desk's core: records, knowledge bases, formats, store, wire protocol and workflows. No Qt, no torch."""

__version__ = "0.1.0"
