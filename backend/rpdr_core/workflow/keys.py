"""A teacher's key: out of a named environment variable, or the system's key store. It is kept nowhere else."""

from __future__ import annotations

import os

from rpdr_core.errors import MissingExtraError, NotFoundError, UserInputError, WorldError
from rpdr_core.workflow.profiles import Profile

SERVICE = "rpdr-desk"


def read_key(profile: Profile, variable: str = "") -> str:
    """The key of a profile; empty where it has none. `variable` is asked in place of the profile's own.

    A variable is taken out of the environment: the worker gets the key on its stdin, not from its parent.
    """
    name = variable or profile.key_env
    if name:
        key = os.environ.pop(name, "")
        if not key:
            raise NotFoundError(f"the environment variable {name} is empty", hint=f"export {name}=...")
        return _checked(key)
    return stored_key(profile.key_name) if profile.key_name else ""


def stored_key(name: str) -> str:
    """The key under this name in the system's key store."""
    import_error = "keyring is not installed"
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise MissingExtraError(import_error, hint='pip install "rpdr-desk[teacher]"') from error
    try:
        key = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise _unusable() from error
    if not key:
        raise NotFoundError(f"the key store has no key {name!r}", hint=f"put it there with: rpdr endpoint key {name}")
    return _checked(key)


def store_key(name: str, key: str) -> None:
    """Keep a key in the system's key store; an empty one is removed."""
    try:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError
    except ImportError as error:
        raise MissingExtraError("keyring is not installed", hint='pip install "rpdr-desk[teacher]"') from error
    try:
        if key:
            keyring.set_password(SERVICE, name, _checked(key))
        else:
            keyring.delete_password(SERVICE, name)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise _unusable() from error


def _checked(key: str) -> str:
    bare = key.strip()
    if not bare.isascii() or not bare.isprintable() or " " in bare:
        raise UserInputError("that is no key: it holds spaces or signs of another kind", hint="copy it again")
    return bare


def _unusable() -> WorldError:
    hint = "unlock or install one, or name an environment variable with --key-env; keys are kept nowhere else"
    return WorldError("the system's key store cannot be used", hint=hint)
