"""What a file does not hold, in the language of the moment: a line for each loss that the formats tell."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def loss_words() -> dict[str, str]:
    """Losses as the core tells them, with their words in the window's language."""
    say = QCoreApplication.translate
    return {
        "decisions that were undone or replaced, and the audit": say(
            "words", "decisions that were undone or replaced, and the audit"
        ),
        "candidates below each ranker's first, with their scores": say(
            "words", "candidates below each ranker's first, with their scores"
        ),
        "cells that look like formulas have a leading apostrophe": say(
            "words", "cells that look like formulas have a leading apostrophe"
        ),
        "cells were cut to what a worksheet holds": say("words", "cells were cut to what a worksheet holds"),
        "the sentences around the mentions": say("words", "the sentences around the mentions"),
        "reviewers, comments, times and scores": say("words", "reviewers, comments, times and scores"),
        "answers given before rankings were there, and by second reviewers": say(
            "words", "answers given before rankings were there, and by second reviewers"
        ),
        "answers beside the decisions": say("words", "answers beside the decisions"),
        "which file and row a mention came from": say("words", "which file and row a mention came from"),
        "which file and row a mention came from: the table is the file it comes from now": say(
            "words", "which file and row a mention came from: the table is the file it comes from now"
        ),
        "ids of mentions and decisions, and which decision one was carried over from": say(
            "words", "ids of mentions and decisions, and which decision one was carried over from"
        ),
        "what was on screen when a decision was made: ranks and candidates": say(
            "words", "what was on screen when a decision was made: ranks and candidates"
        ),
        "where a mention stands in double review, unless its dispute was settled": say(
            "words", "where a mention stands in double review, unless its dispute was settled"
        ),
        "comments, flags, reasons and times of decisions": say(
            "words", "comments, flags, reasons and times of decisions"
        ),
        "rankings that newer ones of the same ranker replaced": say(
            "words", "rankings that newer ones of the same ranker replaced"
        ),
        "reviewers, comments, flags, times and scores": say("words", "reviewers, comments, flags, times and scores"),
        "candidates and their ranks": say("words", "candidates and their ranks"),
        "the text of documents and mentions (their places and names are kept)": say(
            "words", "the text of documents and mentions (their places and names are kept)"
        ),
        "names, relations, statuses, reviewers, times and comments: there is a column for codes only": say(
            "words", "names, relations, statuses, reviewers, times and comments: there is a column for codes only"
        ),
        "Usagi has one equivalence for all targets of a source code: the main target's": say(
            "words", "Usagi has one equivalence for all targets of a source code: the main target's"
        ),
        "what Usagi has no column for stands in ADD_INFO:rpdr, which it keeps and does not use": say(
            "words", "what Usagi has no column for stands in ADD_INFO:rpdr, which it keeps and does not use"
        ),
        "domains of targets are not written: Usagi takes them from its own index": say(
            "words", "domains of targets are not written: Usagi takes them from its own index"
        ),
        "targets that are no OMOP concept ids: Usagi sees a source code that is still to be mapped": say(
            "words", "targets that are no OMOP concept ids: Usagi sees a source code that is still to be mapped"
        ),
        "relations of further targets that differ from the main one's": say(
            "words", "relations of further targets that differ from the main one's"
        ),
        "decisions that Usagi sees as flagged": say("words", "decisions that Usagi sees as flagged"),
        "source codes that Usagi joins with the one before: both have the same code and name": say(
            "words", "source codes that Usagi joins with the one before: both have the same code and name"
        ),
        ("cells that a spreadsheet would run as formulas stand as they are: read the file with other programs"): say(
            "words",
            "cells that a spreadsheet would run as formulas stand as they are: read the file with other programs",
        ),
        "the relation: the table has no place for it, every pair counts as a mapping": say(
            "words", "the relation: the table has no place for it, every pair counts as a mapping"
        ),
        ("reviewers, comments, flags, reasons, contexts, departments, counts, candidates and the time of day"): say(
            "words",
            "reviewers, comments, flags, reasons, contexts, departments, counts, candidates and the time of day",
        ),
        "names of targets, and the terminology's release": say(
            "words", "names of targets, and the terminology's release"
        ),
        ("which vocabulary a target is of, where the terminology joins several: its own name stands there"): say(
            "words",
            "which vocabulary a target is of, where the terminology joins several: its own name stands there",
        ),
        "targets that are no OMOP concept ids": say("words", "targets that are no OMOP concept ids"),
        "mappings that read as one with the mapping before: both have the same code and name": say(
            "words", "mappings that read as one with the mapping before: both have the same code and name"
        ),
        "mentions without a decision: they are not in the file": say(
            "words", "mentions without a decision: they are not in the file"
        ),
        "mappings to targets that are no OMOP concept ids: they are not in the file": say(
            "words", "mappings to targets that are no OMOP concept ids: they are not in the file"
        ),
        "relations other than the same meaning": say("words", "relations other than the same meaning"),
        "reasons of mentions without a target": say("words", "reasons of mentions without a target"),
        "comments": say("words", "comments"),
        "reviewers": say("words", "reviewers"),
        "contexts": say("words", "contexts"),
        "counts above one": say("words", "counts above one"),
        "flags": say("words", "flags"),
        "source codes of more than 50 characters: a digest stands for them": say(
            "words", "source codes of more than 50 characters: a digest stands for them"
        ),
        "names cut to 255 characters": say("words", "names cut to 255 characters"),
        "source vocabulary ids cut to 20 characters": say("words", "source vocabulary ids cut to 20 characters"),
        (
            "contexts, departments, counts, reasons, flags and comments on mentions stand in an "
            "extension of our own, which other programs may drop"
        ): say(
            "words",
            "contexts, departments, counts, reasons, flags and comments on mentions stand in an "
            "extension of our own, which other programs may drop",
        ),
        "candidates and how a decision came about are in that extension for our own reader only": say(
            "words", "candidates and how a decision came about are in that extension for our own reader only"
        ),
        "every map is a draft: FHIR's status is of the whole set": say(
            "words", "every map is a draft: FHIR's status is of the whole set"
        ),
        "reviewers, times and status stand in an extension of our own, which other programs may drop": say(
            "words", "reviewers, times and status stand in an extension of our own, which other programs may drop"
        ),
        "an overlap is 'related-to': R5 has no word that says more": say(
            "words", "an overlap is 'related-to': R5 has no word that says more"
        ),
        "texts with control characters: other programs see U+FFFD in their place": say(
            "words", "texts with control characters: other programs see U+FFFD in their place"
        ),
        "row ids that are no codes of FHIR's: a made one stands for them": say(
            "words", "row ids that are no codes of FHIR's: a made one stands for them"
        ),
        "reviewers by name only: SSSOM's ids are ORCIDs, which nobody has given": say(
            "words", "reviewers by name only: SSSOM's ids are ORCIDs, which nobody has given"
        ),
        (
            "the time of day of a decision, contexts, departments, counts, reasons and flags stand in "
            "extension slots, which other programs may drop"
        ): say(
            "words",
            "the time of day of a decision, contexts, departments, counts, reasons and flags stand in "
            "extension slots, which other programs may drop",
        ),
        "candidates and how a decision came about are in an extension slot for our own reader only": say(
            "words", "candidates and how a decision came about are in an extension slot for our own reader only"
        ),
        "an overlap is skos:relatedMatch: SKOS has no word that says more": say(
            "words", "an overlap is skos:relatedMatch: SKOS has no word that says more"
        ),
        "annotations without a place": say("words", "annotations without a place"),
        "characters that XML cannot hold": say("words", "characters that XML cannot hold"),
        "codes beside the first": say("words", "codes beside the first"),
        "comments and flags": say("words", "comments and flags"),
        "fields that are not known to be free of text": say("words", "fields that are not known to be free of text"),
        "comments, which may quote the text": say("words", "comments, which may quote the text"),
        "what the file says of annotations beside type and code": say(
            "words", "what the file says of annotations beside type and code"
        ),
        "fields that BioC XML does not have": say("words", "fields that BioC XML does not have"),
        "gaps in annotations": say("words", "gaps in annotations"),
        "lines that only the format they came in knows": say("words", "lines that only the format they came in knows"),
        "passages and sentences": say("words", "passages and sentences"),
        "relations between annotations": say("words", "relations between annotations"),
        "statuses, reviewers and times": say("words", "statuses, reviewers and times"),
        "tabs and line breaks": say("words", "tabs and line breaks"),
        "the file's codes where others were decided": say("words", "the file's codes where others were decided"),
        "values that are not text (written as text)": say("words", "values that are not text (written as text)"),
        "names of targets": say("words", "names of targets"),
    }
