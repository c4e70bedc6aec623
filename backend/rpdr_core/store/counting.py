"""How many mentions a queue holds, without listing them."""

from __future__ import annotations

from rpdr_core.store import queue
from rpdr_core.store.database import Connection
from rpdr_core.store.queue import QueueQuery


def count(connection: Connection, query: QueueQuery) -> int:
    """The cost is one pass over an index at most; of rare states, or of what was changed since a moment, only that
    much.
    """
    if (query.text or query.codes is not None) and (few := queue.in_few_states(connection, query)) is not None:
        return len(few)
    where = queue.conditions(connection, query)
    ranges = None if query.changed_since else queue.ranges_of(connection, query)
    if ranges is not None:
        sql = f"{ranges.begin} SELECT count(*) FROM {ranges.source} WHERE {where.sql}"  # noqa: S608
        return int(connection.value(sql, *ranges.parameters, *where.parameters))
    index = "mention_recent" if query.changed_since else "mention_facets"
    sql = f"SELECT count(*) FROM mention INDEXED BY {index} WHERE {where.sql}"  # noqa: S608
    return int(connection.value(sql, *where.parameters))
