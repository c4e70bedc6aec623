"""Endpoint profiles: the teachers that this user knows, by name, in one readable file. A key is never in it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from rpdr_core.addresses import Address, address_of
from rpdr_core.errors import FileFormatError, NotFoundError, UserInputError, WorldError
from rpdr_core.paths import config_dir
from rpdr_core.protocol.messages import AnswerFormat, Endpoint, EndpointKind


@dataclass(frozen=True, slots=True)
class Profile:
    """An endpoint by name. The key is in the environment variable `key_env`, else in the system's key store under
    `key_name`; with neither there is none. Timeout in seconds, limits per minute (0: none).
    """

    name: str
    kind: EndpointKind
    base_url: str
    model: str
    key_name: str = ""
    key_env: str = ""
    timeout: float = 60.0
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    max_parallel: int = 4
    answer_format: AnswerFormat = "text"

    @property
    def address(self) -> Address:
        return address_of(self.base_url, self.kind)

    @property
    def endpoint(self) -> Endpoint:
        """What the worker is given."""
        return Endpoint(
            self.base_url,
            self.model,
            self.kind,
            self.timeout,
            self.answer_format,
            self.requests_per_minute,
            self.tokens_per_minute,
            self.max_parallel,
        )


@dataclass(frozen=True, slots=True)
class Preset:
    """Where a known kind of server usually is. `needs_key` False: a server on this machine that asks for none."""

    name: str
    kind: EndpointKind
    base_url: str
    needs_key: bool
    answer_format: AnswerFormat
    note: str


PRESETS: tuple[Preset, ...] = (
    Preset("openai", "openai", "https://api.openai.com/v1", True, "json_schema", "OpenAI"),
    Preset("deepseek", "deepseek", "https://api.deepseek.com/v1", True, "json_object", "DeepSeek"),
    Preset("azure", "azure", "https://RESOURCE.openai.azure.com", True, "json_schema", "put your resource's name in"),
    Preset("vllm", "compatible", "http://127.0.0.1:8000/v1", False, "json_schema", "vLLM on this machine"),
    Preset("llama.cpp", "compatible", "http://127.0.0.1:8080/v1", False, "json_schema", "llama.cpp on this machine"),
    Preset("ollama", "compatible", "http://127.0.0.1:11434/v1", False, "json_schema", "Ollama on this machine"),
)


@dataclass(frozen=True, slots=True)
class _File:
    endpoints: tuple[Profile, ...] = ()


def profiles_file() -> Path:
    """Where the profiles are; it may be edited by hand."""
    return config_dir() / "endpoints.json"


def preset_named(name: str) -> Preset:
    found = next((preset for preset in PRESETS if preset.name == name), None)
    if found is None:
        raise NotFoundError(f"no preset {name!r}", hint=f"one of {', '.join(preset.name for preset in PRESETS)}")
    return found


def list_profiles() -> tuple[Profile, ...]:
    """All profiles by name. Raises `FileFormatError` where the file is not what was written."""
    path = profiles_file()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise WorldError(
            "the endpoint profiles cannot be read", hint="check the permissions", file=str(path)
        ) from error
    try:
        read = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        hint = "mend it, or move it away and add the endpoints again"
        raise FileFormatError(f"not a file of endpoint profiles: {error}", hint=hint, file=str(path)) from error
    for profile in read.endpoints:
        try:
            _check(profile)
        except UserInputError as error:
            message = f"the endpoint {profile.name!r}: {error.message}"
            raise FileFormatError(message, hint=error.hint, file=str(path)) from error
    return tuple(sorted(read.endpoints, key=lambda profile: profile.name))


def find_profile(name: str) -> Profile:
    known = list_profiles()
    found = next((profile for profile in known if profile.name == name), None)
    if found is None:
        names = ", ".join(profile.name for profile in known)
        hint = f"one of {names}" if names else "add one with: rpdr endpoint add"
        raise NotFoundError(f"no endpoint profile {name!r}", hint=hint)
    return found


def save_profile(profile: Profile) -> None:
    """Add a profile, or replace the one of the same name. Its address is checked."""
    checked = replace(profile, name=profile.name.strip())
    _check(checked)
    _write((*(one for one in list_profiles() if one.name != checked.name), checked))


def remove_profile(name: str) -> Profile:
    """Take a profile out of the file. Its key stays in the key store until it is removed there."""
    gone = find_profile(name)
    _write(tuple(one for one in list_profiles() if one.name != name))
    return gone


def _check(profile: Profile) -> None:
    if not profile.name or not profile.model:
        raise UserInputError("a profile has a name and a model", hint="give both")
    if "RESOURCE" in profile.base_url:
        raise UserInputError("the address still holds RESOURCE", hint="put your resource's name in its place")
    if profile.max_parallel < 1 or profile.timeout <= 0:
        raise UserInputError("timeout and parallel requests are above zero", hint="leave them out for the default")
    _ = profile.address


def _write(profiles: tuple[Profile, ...]) -> None:
    path = profiles_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = msgspec.json.format(msgspec.json.encode(_File(profiles)), indent=2)
        handle, staging = tempfile.mkstemp(prefix=".endpoints-", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content + b"\n")
        Path(staging).replace(path)
    except OSError as error:
        raise WorldError("the endpoint profiles cannot be saved", hint="check the folder", file=str(path)) from error
