"""Files of mappings: one record, one module a format; see `record`.

`FORMATS` are all of them.
"""

from __future__ import annotations

from rpdr_core.formats.mappings import concept_map, own_table, sssom, stcm, usagi
from rpdr_core.formats.mappings.record import MappingFormat

FORMATS: tuple[MappingFormat, ...] = (
    *own_table.FORMATS,
    usagi.FORMAT,
    stcm.FORMAT,
    *concept_map.FORMATS,
    sssom.FORMAT,
)
