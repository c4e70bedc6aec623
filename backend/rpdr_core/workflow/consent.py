"""Consent: whether this project's text may leave, to which host and model, and who said so. Off until switched on.

It is an audited setting: the audit keeps each grant and each withdrawal for good, with who and when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.store import Project, ProjectReader
from rpdr_core.store.audit import now
from rpdr_core.teacher_switch import refuse_if_off
from rpdr_core.workflow.profiles import Profile

CONSENT, CREDENTIALED, NAMES = "teacher.consent", "teacher.credentialed", "teacher.names"
WINDOW = 80
_WIDEST = 500


@dataclass(frozen=True, slots=True)
class Consent:
    """`host` is `name:port`. `window`: characters on each side of a mention. `retention`: what the vendor keeps, as
    the one who consents knows it. `batch`: also for the batch interface, which keeps files for longer.
    """

    profile: str
    host: str
    model: str
    window: int
    retention: str
    who: str
    at: str
    batch: bool = False


def consent_of(project: ProjectReader) -> Consent | None:
    """The consent in force, None where there is none."""
    stored = project.setting(CONSENT)
    return msgspec.json.decode(stored, type=Consent) if stored else None


def grant(
    project: Project,
    profile: Profile,
    who: str,
    project_name: str,
    *,
    window: int = WINDOW,
    retention: str = "",
    batch: bool = False,
) -> Consent:
    """Let this project's mentions go to the profile's host and model. `project_name`: the project's name, typed.

    Replaces an earlier consent. Raises `NotAllowedError` for another machine where the project is credentialed.
    """
    _check_typed(project, project_name)
    if not who.strip():
        raise UserInputError("a consent needs the name of who gives it", hint="give your name")
    if not 0 <= window <= _WIDEST:
        raise UserInputError(f"a window has 0 to {_WIDEST} characters", hint=f"{WINDOW} is usual")
    _check_machine(project, profile)
    address = profile.address
    given = Consent(profile.name, address.place, profile.model, window, retention.strip(), who.strip(), now(), batch)
    _store(project, "consent", given, given.who)
    return given


def revoke(project: Project, who: str) -> None:
    """Nothing more may leave. A run under way is stopped at its next request."""
    given = consent_of(project)
    if given is not None:
        project.set_setting(CONSENT, "", actor=who, action="consent_revoked", detail=given)


def is_credentialed(project: ProjectReader) -> bool:
    """Whether the project's data were given under terms that keep them on this machine."""
    return project.setting(CREDENTIALED) == "1"


def refuse_host(project: ProjectReader, host: str) -> None:
    """Raise `NotAllowedError` where the project's rows may not go to a training host. `host` empty: this machine."""
    if host and is_credentialed(project):
        raise NotAllowedError("this project's data may not leave this machine", hint="train on this machine")


def set_credentialed(project: Project, on: bool, who: str, project_name: str) -> None:
    """Lock the project to endpoints on this machine, or unlock it. A consent to another machine ends with the lock."""
    _check_typed(project, project_name)
    project.set_setting(CREDENTIALED, "1" if on else "", actor=who, action="credentialed", detail={"on": on})
    given = consent_of(project)
    if on and given is not None and not _local(given.host):
        revoke(project, who)


def masked_names(project: ProjectReader) -> tuple[str, ...]:
    """The project's list of names that are masked wherever they occur."""
    stored = project.setting(NAMES)
    return msgspec.json.decode(stored, type=tuple[str, ...]) if stored else ()


def set_masked_names(project: Project, names: tuple[str, ...], who: str = "") -> None:
    """Replace the list. The audit keeps how many, not which."""
    kept = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    text = msgspec.json.encode(kept).decode()
    project.set_setting(NAMES, text, actor=who, action="masked_names", detail={"names": len(kept)})


def require_consent(project: ProjectReader, profile: Profile, *, batch: bool = False) -> Consent:
    """The consent under which this profile may be sent to. Raises `NotAllowedError` where there is none."""
    refuse_if_off()
    _check_machine(project, profile)
    given = consent_of(project)
    if given is None:
        hint = "switch it on with: rpdr consent PROJECT --grant PROFILE --as NAME"
        raise NotAllowedError("the teacher is off for this project", hint=hint)
    place = profile.address.place
    if (given.host, given.model) != (place, profile.model):
        raise NotAllowedError(
            f"consent was given for {given.model} at {given.host}, not for {profile.model} at {place}",
            hint="give it anew, or use the profile that it names",
        )
    if batch and not given.batch:
        raise NotAllowedError("consent was not given for batches", hint="grant it with --batch")
    return given


def _check_typed(project: ProjectReader, typed: str) -> None:
    name = project.setting("name")
    if typed.strip() != name:
        raise NotAllowedError("that is not the project's name", hint=f"type {name!r} to say that you mean this project")


def _check_machine(project: ProjectReader, profile: Profile) -> None:
    if is_credentialed(project) and not profile.address.local:
        hint = "use a model server on this machine"
        raise NotAllowedError("this project's data may not leave this machine", hint=hint)


def _local(place: str) -> bool:
    from rpdr_core.addresses import is_this_machine

    return is_this_machine(place.rpartition(":")[0].strip("[]"))


def _store(project: Project, action: str, given: Consent, who: str) -> None:
    text = msgspec.json.encode(replace(given)).decode()
    project.set_setting(CONSENT, text, actor=who, action=action, detail=given)
