"""How a knowledge base is named: `snomed`, `snomed@20260101`, or the beginning of its fingerprint."""

from __future__ import annotations

from rpdr_core.knowledge_base.recognising import short_name
from rpdr_core.records import KnowledgeBaseInfo

SHORTEST_PREFIX = 8


def is_called(info: KnowledgeBaseInfo, reference: str) -> bool:
    return reference in (info.id, info.fingerprint)


def is_version(info: KnowledgeBaseInfo, reference: str) -> bool:
    name, _, version = reference.partition("@")
    if not version or info.id != name:
        return False
    return version in (info.version, version_name(info)) or begins(info, version)


def version_name(info: KnowledgeBaseInfo) -> str:
    """The version as it is typed: without spaces."""
    return short_name(info.version) if " " in info.version else info.version


def begins(info: KnowledgeBaseInfo, reference: str) -> bool:
    return len(reference) >= SHORTEST_PREFIX and info.fingerprint.startswith(reference.lower())
