"""Classifications in ClaML (EN 14463, ISO 13120): WHO's ICD-10, and national ones as ICD-10-GM."""
