"""The store: project files and search indexes in SQLite. The only room that opens SQLite."""

from rpdr_core.store.project import ImportResult, Order, Project, ProjectReader, QueueQuery, SourceFile

__all__ = ["ImportResult", "Order", "Project", "ProjectReader", "QueueQuery", "SourceFile"]
