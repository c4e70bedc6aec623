"""OMOP standardised vocabularies as OHDSI's Athena gives them: CONCEPT.csv and its companions in a zip or folder.

Written from the OMOP Common Data Model 5.4, "Vocabulary Tables" (https://ohdsi.github.io/CommonDataModel/cdm54.html).
The files are tab separated UTF-8 with a header; quotes are letters like any other.
"""
