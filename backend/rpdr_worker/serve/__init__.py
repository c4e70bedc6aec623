"""Serving the wire: stdin and stdout, dispatch to handlers, the table of methods."""
