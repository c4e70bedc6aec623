"""Official ICD-10-CM release files of any year: tabular list (XML), order file, alphabetic index (XML)."""
