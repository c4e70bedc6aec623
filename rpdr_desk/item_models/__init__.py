"""What the views' lists and tables show: read-only models over records."""
