"""SNOMED CT in Release Format 2 (RF2): International and national editions, extensions, AMT. See `opening.open_rf2`.

Written from the SNOMED CT Release File Specification of SNOMED International (2018-01-31 and its later web edition).
"""
