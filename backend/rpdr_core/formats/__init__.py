"""Files in and out: mention files of five formats are read here, and result files written."""
