"""The desk: the Qt application. PySide6 lives here and nowhere else."""
