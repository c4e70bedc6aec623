"""Files of mappings: one record, one module a format; see `record`."""
