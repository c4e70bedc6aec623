"""The one table of actions: what can be done, with which keys, where they are heard, in which menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from rpdr_desk.shortcuts import QUESTIONS, Scope

Text = Callable[[], str]
PICKS = 9
QUEUES = 20
"""Rows of the shelf of queues and saved filters that an action goes to; the first ten have a key."""
QUEUE_KEYS = 10


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `hint` is the short form for the key bar; `menu` names its menu, empty for none."""

    id: str
    text: Text
    keys: tuple[str, ...] = ()
    scope: Scope = Scope.WINDOW
    menu: str = ""
    icon: str = ""
    hint: Text | None = None
    needs_project: bool = True


def specs() -> tuple[Spec, ...]:
    """All actions, in the order in which menus and help show them."""
    return (
        *_review(),
        *_picks(),
        *_reasons(),
        *_flags(),
        *_relations(),
        *_adjudicate(),
        *_lint(),
        *_dashboard(),
        *_queues(),
        *_project(),
        *_model(),
        *_pages(),
        *_view(),
        *_help(),
    )


def _review() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    lists, review = Scope.LISTS, Scope.REVIEW
    return (
        Spec("accept", lambda: say("actions", "Accept the selected candidate"), ("Space", "Return", "Enter"), lists,
             "review", "accepted", lambda: say("actions", "Accept")),
        Spec("no_match", lambda: say("actions", "No match ..."), ("N",), review, "review", "no_match",
             lambda: say("actions", "No match")),
        Spec("defer", lambda: say("actions", "Defer: decide later"), ("D",), review, "review", "deferred",
             lambda: say("actions", "Defer")),
        Spec("reopen", lambda: say("actions", "Reopen: take the decision back"), ("O",), review, "review",
             "unreviewed", lambda: say("actions", "Reopen")),
        Spec("relation", lambda: say("actions", "Relation of the code to the mention ..."), ("R",), review, "review",
             hint=lambda: say("actions", "Relation")),
        Spec("also", lambda: say("actions", "Tick or untick the selected row as a further code"), ("A",), review,
             "review", hint=lambda: say("actions", "Also")),
        Spec("identical", lambda: say("actions", "Apply to identical mentions ..."), ("I",), review, "review",
             hint=lambda: say("actions", "Identical")),
        Spec("history", lambda: say("actions", "History of the mention ..."), ("H",), review, "review",
             hint=lambda: say("actions", "History")),
        Spec("revoke", lambda: say("actions", "Revoke what was carried over from this decision"), (), review, "review"),
        Spec("flag", lambda: say("actions", "Flag with a reason, or unflag"), ("F",), review, "review", "flag",
             lambda: say("actions", "Flag")),
        Spec("comment", lambda: say("actions", "Comment ..."), ("C",), review, "review", "comment",
             lambda: say("actions", "Comment")),
        Spec("search", lambda: say("actions", "Search the whole knowledge base"), ("/", "F3"), review, "review",
             "search", lambda: say("actions", "Search")),
        Spec("narrower", lambda: say("actions", "Show the narrower codes of the selected candidate"), ("B",), review,
             "review", "tree", lambda: say("actions", "Narrower")),
        Spec("tree", lambda: say("actions", "Open the selected candidate in the tree"), ("T",), review,
             "review", "tree", lambda: say("actions", "Tree")),
        Spec("back", lambda: say("actions", "Back to the candidates"), ("Esc",), review, "review"),
        Spec("next", lambda: say("actions", "Next mention"), ("J", "Alt+Down"), review, "review"),
        Spec("previous", lambda: say("actions", "Previous mention"), ("K", "Alt+Up"), review, "review"),
        Spec("undo", lambda: say("actions", "Undo"), ("Ctrl+Z",), Scope.WINDOW, "review", "undo",
             lambda: say("actions", "Undo")),
        Spec("redo", lambda: say("actions", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), Scope.WINDOW, "review", "redo"),
        Spec("reviewers", lambda: say("actions", "Reviewers and double review ..."), menu="review", icon="reviewers"),
    )  # fmt: skip


def _picks() -> tuple[Spec, ...]:
    def pick(number: int) -> Spec:
        return Spec(
            f"pick_{number}",
            lambda: QCoreApplication.translate("actions", "Take candidate %1").replace("%1", str(number)),
            (str(number), f"Num+{number}"),
            Scope.REVIEW,
        )

    return tuple(pick(number) for number in range(1, PICKS + 1))


def _reasons() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    reasons = Scope.REASONS
    return (
        Spec("reason_not_in_terminology", lambda: say("actions", "No match: not in the terminology"), ("T",), reasons,
             hint=lambda: say("actions", "Not in the terminology")),
        Spec("reason_not_retrieved", lambda: say("actions", "No match: it exists but was not retrieved"), ("R",),
             reasons, hint=lambda: say("actions", "Exists, not retrieved")),
        Spec("reason_not_a_mention", lambda: say("actions", "No match: not a diagnosis"), ("M",), reasons,
             hint=lambda: say("actions", "Not a diagnosis")),
        Spec("reason_unreadable", lambda: say("actions", "No match: unreadable"), ("U",), reasons,
             hint=lambda: say("actions", "Unreadable")),
    )  # fmt: skip


def _relations() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    relations = Scope.RELATIONS
    return (
        Spec("relation_equivalent", lambda: say("actions", "Relation: the code means the same as the mention"), ("E",),
             relations, hint=lambda: say("actions", "means the same")),
        Spec("relation_broader", lambda: say("actions", "Relation: the code is broader than the mention"), ("B",),
             relations, hint=lambda: say("actions", "is broader")),
        Spec("relation_narrower", lambda: say("actions", "Relation: the code is narrower than the mention"), ("N",),
             relations, hint=lambda: say("actions", "is narrower")),
        Spec("relation_inexact", lambda: say("actions", "Relation: the code only overlaps the mention"), ("I",),
             relations, hint=lambda: say("actions", "only overlaps")),
    )  # fmt: skip


def _flags() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    flags = Scope.FLAGS
    return (
        Spec("flag_guideline", lambda: say("actions", "Flag: a question for the guideline"), ("G",), flags,
             hint=lambda: say("actions", "Guideline question")),
        Spec("flag_source_unclear", lambda: say("actions", "Flag: the source text is unclear"), ("S",), flags,
             hint=lambda: say("actions", "Source unclear")),
        Spec("flag_needs_expert", lambda: say("actions", "Flag: needs an expert"), ("E",), flags,
             hint=lambda: say("actions", "Needs an expert")),
        Spec("flag_terminology_error", lambda: say("actions", "Flag: an error in the terminology"), ("T",), flags,
             hint=lambda: say("actions", "Terminology error")),
    )  # fmt: skip


def _adjudicate() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    page, lists, (reasons, relations) = Scope.ADJUDICATE, Scope.ADJUDICATE_LISTS, QUESTIONS
    return (
        Spec("settle_first", lambda: say("actions", "Settle: the first answer"), ("1", "Num+1"), page,
             icon="accepted", hint=lambda: say("actions", "First answer")),
        Spec("settle_second", lambda: say("actions", "Settle: the second answer"), ("2", "Num+2"), page,
             icon="accepted", hint=lambda: say("actions", "Second answer")),
        Spec("settle_take", lambda: say("actions", "Settle: the selected code"), ("Space", "Return", "Enter"), lists,
             hint=lambda: say("actions", "Take")),
        Spec("settle_no_match", lambda: say("actions", "Settle: no match ..."), ("N",), page, icon="no_match",
             hint=lambda: say("actions", "No match")),
        Spec("settle_search", lambda: say("actions", "Settle: search for another code"), ("/", "F3"), page,
             icon="search", hint=lambda: say("actions", "Search")),
        Spec("settle_relation", lambda: say("actions", "Settle: relation of the code to the mention ..."), ("R",), page,
             hint=lambda: say("actions", "Relation")),
        Spec("settle_comment", lambda: say("actions", "Comment on the disputed mention ..."), ("C",), page,
             icon="comment", hint=lambda: say("actions", "Comment")),
        Spec("settle_next", lambda: say("actions", "Next dispute"), ("J", "Alt+Down"), page),
        Spec("settle_previous", lambda: say("actions", "Previous dispute"), ("K", "Alt+Up"), page),
        Spec("settle_figures", lambda: say("actions", "Disputes or figures of agreement"), ("G",), page,
             hint=lambda: say("actions", "Figures")),
        Spec("settle_back", lambda: say("actions", "Back to both answers"), ("Esc",), page),
        Spec("settle_reason_not_in_terminology", lambda: say("actions", "Settle as no match: not in the terminology"),
             ("T",), reasons, hint=lambda: say("actions", "Not in the terminology")),
        Spec("settle_reason_not_retrieved", lambda: say("actions", "Settle as no match: it exists, not retrieved"),
             ("R",), reasons, hint=lambda: say("actions", "Exists, not retrieved")),
        Spec("settle_reason_not_a_mention", lambda: say("actions", "Settle as no match: not a diagnosis"), ("M",),
             reasons, hint=lambda: say("actions", "Not a diagnosis")),
        Spec("settle_reason_unreadable", lambda: say("actions", "Settle as no match: unreadable"), ("U",), reasons,
             hint=lambda: say("actions", "Unreadable")),
        Spec("settle_as_equivalent", lambda: say("actions", "Relation: the code means the same as the mention"), ("E",),
             relations, hint=lambda: say("actions", "means the same")),
        Spec("settle_as_broader", lambda: say("actions", "Relation: the code is broader than the mention"), ("B",),
             relations, hint=lambda: say("actions", "is broader")),
        Spec("settle_as_narrower", lambda: say("actions", "Relation: the code is narrower than the mention"), ("N",),
             relations, hint=lambda: say("actions", "is narrower")),
        Spec("settle_as_inexact", lambda: say("actions", "Relation: the code only overlaps the mention"), ("I",),
             relations, hint=lambda: say("actions", "only overlaps")),
    )  # fmt: skip


def _lint() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    page, lists = Scope.LINT, Scope.LINT_LISTS
    return (
        Spec("lint_open", lambda: say("actions", "Open the finding's mention in the review"),
             ("Return", "Enter", "Space"), lists, hint=lambda: say("actions", "Open in the review")),
        Spec("lint_cure", lambda: say("actions", "Take the code that cures the finding"), ("A",), page, icon="accepted",
             hint=lambda: say("actions", "Take the suggested code")),
        Spec("lint_dismiss", lambda: say("actions", "Dismiss the finding, or take the dismissal back"), ("X",), page,
             icon="close", hint=lambda: say("actions", "Dismiss the finding")),
        Spec("lint_run", lambda: say("actions", "Look through all decisions again"), ("R",), page, icon="lint",
             hint=lambda: say("actions", "Look again")),
        Spec("lint_rule", lambda: say("actions", "Go to the rules, or back to the findings"), ("G",), page,
             hint=lambda: say("actions", "Rules")),
    )  # fmt: skip


def _queues() -> tuple[Spec, ...]:
    def queue(number: int) -> Spec:
        return Spec(
            f"queue_{number}",
            lambda: QCoreApplication.translate("actions", "Go to queue or filter %1").replace("%1", str(number)),
            (f"Alt+{number % QUEUE_KEYS}",) if number <= QUEUE_KEYS else (),
        )

    say = QCoreApplication.translate
    return (
        *(queue(number) for number in range(1, QUEUES + 1)),
        Spec("filter", lambda: say("actions", "Filter the queue"), ("Ctrl+F",), menu="view", icon="search"),
        Spec(
            "facets",
            lambda: say("actions", "Narrow the list: status, chapter, margin ..."),
            ("Ctrl+Shift+F",),
            menu="view",
            icon="facets",
        ),
        Spec(
            "clear_facets",
            lambda: say("actions", "Clear the filter and all that narrows the list"),
            ("Ctrl+Shift+X",),
            menu="view",
        ),
        Spec("save_filter", lambda: say("actions", "Save this filter ..."), ("Ctrl+Shift+S",), menu="view"),
        Spec("refresh", lambda: say("actions", "Refresh the queue"), ("F5",), menu="view"),
    )


def _project() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("new_project", lambda: say("actions", "New project from a file ..."), ("Ctrl+N",), menu="file",
             icon="file_add", needs_project=False),
        Spec("open_project", lambda: say("actions", "Open a project ..."), ("Ctrl+O",), menu="file", icon="folder",
             needs_project=False),
        Spec("open_sample", lambda: say("actions", "Open the sample project"), menu="file", icon="sample",
             needs_project=False),
        Spec("terminologies", lambda: say("actions", "Terminologies"), ("Ctrl+T",), menu="file", icon="tree",
             needs_project=False),
        Spec("import", lambda: say("actions", "Import"), ("Ctrl+I",), menu="file", icon="import"),
        Spec("export", lambda: say("actions", "Export"), ("Ctrl+E",), menu="file", icon="export"),
        Spec("export_training", lambda: say("actions", "Export training rows"), menu="file"),
        Spec("export_no_match", lambda: say("actions", "No-match report ..."), menu="file"),
        Spec("backup", lambda: say("actions", "Back up the project"), menu="file"),
        Spec("close_project", lambda: say("actions", "Close the project"), ("Ctrl+W",), menu="file"),
        Spec("settings", lambda: say("actions", "Settings ..."), ("F4",), menu="file", icon="settings",
             needs_project=False),
        Spec("quit", lambda: say("actions", "Quit"), ("Ctrl+Q",), menu="file", needs_project=False),
    )  # fmt: skip


def _model() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("build_index", lambda: say("actions", "Build the dense index"), menu="model", icon="index"),
        Spec("rank_teacher", lambda: say("actions", "Rank with the teacher ..."), menu="model", icon="teacher"),
        Spec("encoders", lambda: say("actions", "Teach the search"), ("Ctrl+Shift+T",), menu="model", icon="search"),
        Spec("teach_names", lambda: say("actions", "Teach the search this terminology's synonyms ..."), menu="model"),
        Spec("teach_decisions", lambda: say("actions", "Teach the search my decisions ..."), menu="model"),
        Spec("train_student", lambda: say("actions", "Train a student ..."), menu="model", icon="student"),
        Spec("rank_student", lambda: say("actions", "Rank with the student in use"), menu="model"),
        Spec("link_file", lambda: say("actions", "Link a file"), ("Ctrl+L",), menu="model", icon="link"),
        Spec("jobs", lambda: say("actions", "Jobs"), ("Ctrl+J",), menu="model", icon="jobs", needs_project=False),
    )


def _dashboard() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("put_aside", lambda: say("actions", "Put the selected mentions aside for a guideline discussion"), ("F",),
             Scope.DASHBOARD, icon="flag"),
    )  # fmt: skip


def _pages() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("go_review", lambda: say("actions", "Review"), ("Ctrl+1",), menu="view", icon="accepted"),
        Spec("go_teach", lambda: say("actions", "Teach"), ("Ctrl+2",), menu="view", icon="teacher"),
        Spec("go_train", lambda: say("actions", "Train"), ("Ctrl+3",), menu="view", icon="student"),
        Spec("go_compare", lambda: say("actions", "Compare"), ("Ctrl+4",), menu="view", icon="tree"),
        Spec("go_adjudicate", lambda: say("actions", "Adjudicate"), ("Ctrl+5",), menu="view", icon="adjudicate"),
        Spec("go_lint", lambda: say("actions", "Map lint"), ("Ctrl+6",), menu="view", icon="lint"),
        Spec("go_dashboard", lambda: say("actions", "Dashboard"), ("Ctrl+7",), menu="view", icon="dashboard"),
        Spec("go_files", lambda: say("actions", "Files"), ("Ctrl+8",), menu="view", icon="folder"),
    )


def _view() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("theme_auto", lambda: say("actions", "Theme: as the system"), menu="view", needs_project=False),
        Spec("theme_light", lambda: say("actions", "Theme: light"), menu="view", needs_project=False),
        Spec("theme_dark", lambda: say("actions", "Theme: dark"), menu="view", needs_project=False),
        Spec("language_en", lambda: "English", menu="view", needs_project=False),
        Spec("language_zh", lambda: "简体中文", menu="view", needs_project=False),
        Spec("larger", lambda: say("actions", "Larger text"), ("Ctrl++", "Ctrl+="), menu="view", needs_project=False),
        Spec("smaller", lambda: say("actions", "Smaller text"), ("Ctrl+-",), menu="view", needs_project=False),
    )


def _help() -> tuple[Spec, ...]:
    say = QCoreApplication.translate
    return (
        Spec("keys", lambda: say("actions", "Keys"), ("F1",), menu="help", icon="keyboard", needs_project=False,
             hint=lambda: say("actions", "Keys")),
        Spec("palette", lambda: say("actions", "Find a command ..."), ("Ctrl+K", "Ctrl+P"), menu="help",
             icon="search", needs_project=False, hint=lambda: say("actions", "Commands")),
        Spec("help", lambda: say("actions", "Help with pictures"), ("Shift+F1",), menu="help", icon="eye",
             needs_project=False),
        Spec("guide", lambda: say("actions", "Guided review on the sample"), menu="help", icon="sample",
             needs_project=False),
        Spec("report", lambda: say("actions", "Error report ..."), menu="help", icon="warning", needs_project=False),
        Spec("about", lambda: say("actions", "About RPDR Desk"), menu="help", needs_project=False),
    )  # fmt: skip
