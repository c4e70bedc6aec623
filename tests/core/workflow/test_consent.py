"""Consent: off until a person types the project's name, and every change of it stays in the audit."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import new_project

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.store import Project
from rpdr_core.store.database import Connection
from rpdr_core.workflow.consent import (
    consent_of,
    grant,
    masked_names,
    refuse_host,
    require_consent,
    revoke,
    set_credentialed,
    set_masked_names,
)
from rpdr_core.workflow.profiles import Profile

PROFILE = Profile("t", "openai", "https://api.openai.com/v1", "gpt-x")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def audited(project: Project) -> list[tuple[str, str, str]]:
    connection = Connection(project.path, write=False)
    try:
        return connection.rows("SELECT action, actor, detail FROM audit ORDER BY id")
    finally:
        connection.close()


def test_off_until_granted(project: Project) -> None:
    assert consent_of(project) is None
    with pytest.raises(NotAllowedError, match="off for this project") as caught:
        require_consent(project, PROFILE)
    assert "rpdr consent" in caught.value.hint
    given = grant(project, PROFILE, " Dr A ", " Clinic ", window=60, retention="30 days, no training", batch=True)
    assert require_consent(project, PROFILE, batch=True) == given == consent_of(project)
    assert (given.host, given.model, given.who, given.window) == ("api.openai.com:443", "gpt-x", "Dr A", 60)


def test_the_audit_keeps_who_agreed_to_what(project: Project) -> None:
    grant(project, PROFILE, "Dr A", "Clinic", retention="30 days")
    revoke(project, "Dr B")
    revoke(project, "Dr C")
    (action, actor, detail), (gone, by, _) = audited(project)[-2:]
    assert (action, actor, gone, by) == ("consent", "Dr A", "consent_revoked", "Dr B")
    assert all(word in detail for word in ("api.openai.com:443", "gpt-x", "30 days", '"window":80'))
    assert project.verify_audit().ok
    assert consent_of(project) is None


@pytest.mark.parametrize(
    ("typed", "who", "window"), [("clinic", "A", 80), ("", "A", 80), ("Clinic", " ", 80), ("Clinic", "A", 9_000)]
)
def test_nothing_by_accident(project: Project, typed: str, who: str, window: int) -> None:
    with pytest.raises(UserInputError) as caught:
        grant(project, PROFILE, who, typed, window=window)
    assert caught.value.hint
    assert consent_of(project) is None


@pytest.mark.parametrize(
    "other",
    [
        Profile("t", "openai", "https://api.openai.com/v1", "gpt-y"),
        Profile("t", "openai", "https://proxy.example.org/v1", "gpt-x"),
        Profile("t", "openai", "https://api.openai.com:8443/v1", "gpt-x"),
    ],
)
def test_another_host_or_model_is_not_covered(project: Project, other: Profile) -> None:
    grant(project, PROFILE, "Dr A", "Clinic")
    with pytest.raises(NotAllowedError, match="consent was given for gpt-x"):
        require_consent(project, other)


def test_another_profile_of_the_same_place_is_covered(project: Project) -> None:
    grant(project, PROFILE, "Dr A", "Clinic")
    assert require_consent(project, Profile("slow", "openai", "https://api.openai.com/v1/", "gpt-x", timeout=300))


def test_unlocking_needs_the_name_too(project: Project) -> None:
    set_credentialed(project, True, "Dr A", "Clinic")
    with pytest.raises(NotAllowedError):
        set_credentialed(project, False, "Dr A", "clinic")
    with pytest.raises(NotAllowedError):
        grant(project, PROFILE, "Dr A", "Clinic")
    set_credentialed(project, False, "Dr A", "Clinic")
    assert grant(project, PROFILE, "Dr A", "Clinic")


def test_names_are_kept_once_and_not_in_the_audit(project: Project) -> None:
    set_masked_names(project, (" Zbigniew ", "Müller", "", "Zbigniew"), "Dr A")
    assert masked_names(project) == ("Zbigniew", "Müller")
    assert "Zbigniew" not in str(audited(project))


def test_credentialed_rows_train_on_this_machine_only(project: Project) -> None:
    refuse_host(project, "lab")
    set_credentialed(project, True, "Dr A", "Clinic")
    refuse_host(project, "")
    with pytest.raises(NotAllowedError, match="may not leave this machine"):
        refuse_host(project, "lab")
