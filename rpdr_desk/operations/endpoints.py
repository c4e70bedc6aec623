"""Endpoint profiles as the window needs them: presets, the profiles of this user, whether each has its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError, UserInputError
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.secrets import Secrets
from rpdr_desk.operations.teach_state import Endpoints, EndpointState, KeyState, Redirect
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.workflow.profiles import Profile

OTHER = "other"
_TITLES = {"openai": "OpenAI", "azure": "Azure OpenAI", "deepseek": "DeepSeek", "vllm": "vLLM", "ollama": "Ollama"}
_PORTS = (":443", ":80")


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a vendor or a server before anything is typed. `key_name` empty: it asks for none."""

    id: str
    title: str
    base_url: str
    key_name: str


def presets() -> tuple[Preset, ...]:
    """The known kinds of server, and one for all others."""
    from rpdr_core.workflow.profiles import PRESETS

    known = [
        Preset(one.name, _TITLES.get(one.name, one.name), one.base_url, one.name if one.needs_key else "")
        for one in PRESETS
    ]
    return (*known, Preset(OTHER, "OpenAI-compatible", "", ""))


class EndpointBook(QObject):
    """The profiles in the user's file. `changed` after every change; `trouble` carries what went wrong.

    A key goes into the system's keyring. Where there is none it is kept in memory until the window closes.
    """

    changed = Signal()
    trouble = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._secrets = Secrets(self)
        self._session: dict[str, str] = {}
        self._keys: dict[str, KeyState] = {}
        self.state = Endpoints()

    def read(self) -> None:
        """Read the file again, and ask the keyring once for each name."""
        from rpdr_core.workflow.profiles import list_profiles

        try:
            known = list_profiles()
        except RpdrError as error:
            self.trouble.emit(error)
            known = ()
        wanted = self._settings.values.teacher_endpoint
        names = [one.name for one in known]
        chosen = wanted if wanted in names else next(iter(names), "")
        redirects = self._redirects(next((one for one in known if one.name == chosen), None))
        self.state = Endpoints(tuple(self._shown(one) for one in known), chosen, redirects)
        for profile in known:
            self._ask_key(profile)
        self.changed.emit()

    def choose(self, name: str) -> None:
        self._settings.change(teacher_endpoint=name)
        self.read()

    def profile(self) -> Profile | None:
        """The chosen profile; None for none."""
        from rpdr_core.workflow.profiles import find_profile

        return find_profile(self.state.chosen) if self.state.chosen else None

    def save(self, edited: EndpointState, before: str, key: str) -> None:
        """Put a profile in the place of `before` (empty: a new one), and its key into the keyring if one was typed.

        Raises `UserInputError` for an address that cannot be used, or the name of another profile.
        """
        from rpdr_core.workflow.profiles import find_profile, list_profiles, remove_profile, save_profile

        if edited.name != before and any(one.name == edited.name for one in list_profiles()):
            raise UserInputError(f"there is an endpoint {edited.name!r} already", hint="give another name")
        old = find_profile(before) if before else None
        save_profile(_profile_of(edited, old))
        if before and before != edited.name:
            remove_profile(before)
        if key and edited.key_name:
            self._keep(edited.key_name, key)
        self.choose(edited.name)

    def remove(self, name: str) -> None:
        """Take a profile out of the file, and its key out of the keyring unless another profile uses it."""
        from rpdr_core.workflow.profiles import list_profiles, remove_profile

        gone = remove_profile(name)
        if gone.key_name and all(one.key_name != gone.key_name for one in list_profiles()):
            self._session.pop(gone.key_name, None)
            self._keys.pop(gone.key_name, None)
            self._secrets.write(gone.key_name, "", lambda _done: None, lambda _error: None)
        self.read()

    def read_key(self, done: Callable[[str], None], failed: Failed) -> None:
        """The chosen profile's key: a named variable first, then what was typed, then the keyring. Empty: none."""
        profile = self.profile()
        if profile is None or not (profile.key_name or profile.key_env):
            done("")
        elif profile.key_env or profile.key_name in self._session:
            done(self._session.get(profile.key_name, "") if not profile.key_env else self._from_environment(profile))
        else:
            self._secrets.read(profile.key_name, done, failed)

    def close(self) -> None:
        self._secrets.close()

    def _keep(self, name: str, key: str) -> None:
        def kept(_nothing: None) -> None:
            self._session.pop(name, None)
            self._tell(name, "kept")

        def refused(error: RpdrError) -> None:
            # What is no key is not kept; whether there is an older one is asked after this.
            if not isinstance(error, UserInputError):
                self._session[name] = key
                self._tell(name, "session")
            self.trouble.emit(error)

        self._keys.pop(name, None)
        self._secrets.write(name, key, kept, refused)

    def _ask_key(self, profile: Profile) -> None:
        name = profile.key_name
        if profile.key_env or not name or name in self._keys:
            return
        self._keys[name] = "unknown"

        def found(key: str) -> None:
            # Typed meanwhile, and refused by the keyring: it is kept here.
            self._tell(name, "session" if name in self._session else "kept" if key else "missing")

        self._secrets.read(name, found, lambda _error: found(""))

    def _tell(self, name: str, state: KeyState) -> None:
        self._keys[name] = state
        known = tuple(
            replace(one, key=state) if one.key_name == name and not one.key_env else one for one in self.state.known
        )
        self.state = replace(self.state, known=known)
        self.changed.emit()

    def _from_environment(self, profile: Profile) -> str:
        """A variable is taken out of the environment when it is read, so it is remembered here."""
        from rpdr_core.workflow.keys import read_key

        variable = f"${profile.key_env}"
        if variable not in self._session:
            self._session[variable] = read_key(profile)
        return self._session[variable]

    def _shown(self, profile: Profile) -> EndpointState:
        address = profile.address
        host = next(
            (address.place.removesuffix(port) for port in _PORTS if address.place.endswith(port)), address.place
        )
        return EndpointState(
            profile.name,
            _preset_of(profile),
            profile.base_url,
            profile.model,
            host,
            address.place,
            profile.key_name,
            profile.key_env,
            self._key_state(profile),
            address.local,
        )

    def _key_state(self, profile: Profile) -> KeyState:
        from rpdr_desk.operations.secrets import is_set

        if profile.key_env:
            return "environment" if f"${profile.key_env}" in self._session or is_set(profile.key_env) else "missing"
        return self._keys.get(profile.key_name, "unknown") if profile.key_name else "not_needed"

    def _redirects(self, profile: Profile | None) -> tuple[Redirect, ...]:
        from rpdr_core.workflow.redirection import redirections

        if profile is None:
            return ()
        return tuple(Redirect(one.variable, one.shown) for one in redirections(profile))


def _preset_of(profile: Profile) -> str:
    from rpdr_core.workflow.profiles import PRESETS

    return next(
        (one.name for one in PRESETS if one.base_url == profile.base_url or one.kind == profile.kind != "compatible"),
        OTHER,
    )


def _profile_of(edited: EndpointState, old: Profile | None) -> Profile:
    """What was edited; what the dialog does not show stays as it was, or is the preset's."""
    from rpdr_core.workflow.profiles import PRESETS, Profile

    preset = next((one for one in PRESETS if one.name == edited.preset), None)
    kind = preset.kind if preset is not None else "compatible"
    form = preset.answer_format if preset is not None else "text"
    base = old or Profile(edited.name, kind, edited.base_url, edited.model, answer_format=form)
    return replace(
        base, name=edited.name, kind=kind, base_url=edited.base_url, model=edited.model, key_name=edited.key_name,
        key_env=edited.key_env,
    )  # fmt: skip
