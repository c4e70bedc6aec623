"""Variables of the environment that other programs would obey when they speak to a model. Here they are shown only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rpdr_core.workflow.profiles import Profile

_ADDRESSES = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "AZURE_OPENAI_ENDPOINT", "DEEPSEEK_BASE_URL", "DEEPSEEK_API_BASE")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_OTHERS = {
    "OPENAI_CUSTOM_HEADERS": "adds headers to every request",
    "OPENAI_ORG_ID": "names an account to bill",
    "OPENAI_ORGANIZATION": "names an account to bill",
    "OPENAI_PROJECT_ID": "names an account to bill",
    "OPENAI_API_TYPE": "names another kind of server",
    "OPENAI_API_VERSION": "names another interface",
}


@dataclass(frozen=True, slots=True)
class Redirection:
    """A variable that is set and says something else than the profile. `shown`: its value where that is an address,
    without a name, password or query in it; else empty, for a header may hold a secret.
    """

    variable: str
    shown: str
    effect: str


def redirections(profile: Profile, environment: Mapping[str, str] | None = None) -> tuple[Redirection, ...]:
    """What is set and differs from the profile. None of it is obeyed; whoever set it should know."""
    values = os.environ if environment is None else environment
    found = [
        Redirection(name, _place(values[name]), "names another address")
        for name in _ADDRESSES
        if values.get(name) and _differs(values[name], profile)
    ]
    found += [
        Redirection(spelling, _place(values[spelling]), "sends requests through another machine")
        for name in _PROXIES
        for spelling in (name, name.lower())
        if values.get(spelling)
    ]
    found += [Redirection(name, "", effect) for name, effect in _OTHERS.items() if values.get(name)]
    return tuple(found)


def _differs(value: str, profile: Profile) -> bool:
    return value.strip().rstrip("/") not in (profile.base_url.strip().rstrip("/"), profile.address.base_url)


def _place(value: str) -> str:
    try:
        parts = urlsplit(value if "://" in value else f"//{value}")
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme + '://' if parts.scheme else ''}{parts.hostname or ''}{port}{parts.path}"
    except ValueError:
        return ""
