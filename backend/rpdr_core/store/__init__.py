"""The store: project files and search indexes in SQLite. The only room that opens SQLite."""

from rpdr_core.store.audit import AuditCheck
from rpdr_core.store.backup import backup_folder, backups_of
from rpdr_core.store.entity_search import EntityDetail, EntityHit, EntitySearch
from rpdr_core.store.facets import FacetCount, Facets
from rpdr_core.store.files import restore
from rpdr_core.store.ledger import EndEntry, LedgerLine, LedgerRow, SendEntry, Spent
from rpdr_core.store.mentions import ImportResult, SourceFile
from rpdr_core.store.migrations import SUFFIX
from rpdr_core.store.pool import Askable
from rpdr_core.store.project import Project
from rpdr_core.store.queue import Order, QueueQuery
from rpdr_core.store.rankings import made_under
from rpdr_core.store.reader import MentionRow, ProjectReader, StoredSource, open_reader
from rpdr_core.store.runs import StoredRun
from rpdr_core.store.students import Promotion, StoredAdapter
from rpdr_core.store.taking import Taken, Taking
from rpdr_core.store.upgrades import Requeued, Upgrade

__all__ = [
    "SUFFIX",
    "Askable",
    "AuditCheck",
    "EndEntry",
    "EntityDetail",
    "EntityHit",
    "EntitySearch",
    "FacetCount",
    "Facets",
    "ImportResult",
    "LedgerLine",
    "LedgerRow",
    "MentionRow",
    "Order",
    "Project",
    "ProjectReader",
    "Promotion",
    "QueueQuery",
    "Requeued",
    "SendEntry",
    "SourceFile",
    "Spent",
    "StoredAdapter",
    "StoredRun",
    "StoredSource",
    "Taken",
    "Taking",
    "Upgrade",
    "backup_folder",
    "backups_of",
    "made_under",
    "open_reader",
    "restore",
]
