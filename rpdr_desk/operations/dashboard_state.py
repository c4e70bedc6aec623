"""What the Dashboard page shows, by the names that the core gives it. Loads the store: import it with the page."""

from rpdr_core.evaluation.pace import Finish
from rpdr_core.evaluation.rates import Rate
from rpdr_core.evaluation.risk import CERTAINTY
from rpdr_core.workflow.dashboard_figures import (
    ALPHAS,
    ROLES,
    Accuracy,
    Cost,
    Course,
    Dashboard,
    Leech,
    Offer,
    Pace,
    Reliability,
    Role,
    Safety,
    Span,
    Timing,
    Worked,
)
from rpdr_core.workflow.random_check import MOST as LARGEST_CHECK
from rpdr_core.workflow.random_check import size_for
from rpdr_core.workflow.sure_acceptance import MOST, Preview

__all__ = [
    "ALPHAS",
    "CERTAINTY",
    "LARGEST_CHECK",
    "MOST",
    "ROLES",
    "Accuracy",
    "Cost",
    "Course",
    "Dashboard",
    "Finish",
    "Leech",
    "Offer",
    "Pace",
    "Preview",
    "Rate",
    "Reliability",
    "Role",
    "Safety",
    "Span",
    "Timing",
    "Worked",
    "size_for",
]
