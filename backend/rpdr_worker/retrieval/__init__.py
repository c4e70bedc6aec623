"""Retrieval: mentions to candidates, lexical and dense, with the project's memory. Offline, always."""
