"""Whether a project's text may leave: read and changed in the store's thread, where the project is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rpdr_desk.operations.teach_state import Agreement, EndpointState

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

_PORTS = (":443", ":80")


def read_agreement(reader: ProjectReader) -> Agreement:
    """What the project says of itself, and what this user's switch says of all of them."""
    from rpdr_core.teacher_switch import VARIABLE, why_off
    from rpdr_core.workflow.consent import WINDOW, consent_of, is_credentialed

    given, off = consent_of(reader), why_off()
    state = Agreement(
        window=WINDOW,
        credentialed=is_credentialed(reader),
        killed="environment" if VARIABLE in off else "switch" if off else "",
    )
    if given is None:
        return state
    return replace(
        state,
        on=True,
        host=given.host,
        model=given.model,
        who=given.who,
        at=given.at,
        window=given.window,
        retention=given.retention,
        batch=given.batch,
    )


def with_endpoint(agreement: Agreement, endpoint: EndpointState | None) -> Agreement:
    """Whether the agreement is about the endpoint in use."""
    covers = (
        endpoint is not None and agreement.on and (agreement.host, agreement.model) == (endpoint.place, endpoint.model)
    )
    return replace(agreement, covers=covers)


def host_shown(place: str) -> str:
    """`name:port` without a port that goes without saying."""
    return next((place.removesuffix(port) for port in _PORTS if place.endswith(port)), place)
