"""Profiles, keys, prices, and what the environment would like to change."""

from __future__ import annotations

import json
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.addresses import address_of
from rpdr_core.errors import FileFormatError, NotAllowedError, NotFoundError, UserInputError, WorldError
from rpdr_core.paths import config_dir
from rpdr_core.workflow.keys import read_key, store_key
from rpdr_core.workflow.prices import THIS_MACHINE, load_tables, own_prices_file, own_tariff, tariff_for
from rpdr_core.workflow.profiles import (
    PRESETS,
    Profile,
    find_profile,
    list_profiles,
    profiles_file,
    remove_profile,
    save_profile,
)
from rpdr_core.workflow.redirection import redirections

OPENAI = Profile("o", "openai", "https://api.openai.com/v1", "gpt-4o-mini", key_name="o")
CANARY = "sk-canary-9f2"


class Memory(keyring.backend.KeyringBackend):
    """A key store for one test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("none")


@pytest.fixture
def key_store(monkeypatch: pytest.MonkeyPatch) -> Memory:
    store = Memory()
    monkeypatch.setattr(keyring.core, "_keyring_backend", store)
    return store


def test_profiles_by_name() -> None:
    assert list_profiles() == ()
    save_profile(OPENAI)
    save_profile(Profile("a", "compatible", "http://127.0.0.1:1/v1", "m"))
    save_profile(Profile("o", "openai", "https://api.openai.com/v1", "gpt-5"))
    assert [(one.name, one.model) for one in list_profiles()] == [("a", "m"), ("o", "gpt-5")]
    assert find_profile("a").endpoint.base_url == "http://127.0.0.1:1/v1"
    assert remove_profile("a").name == "a"
    with pytest.raises(NotFoundError, match="no endpoint profile 'a'") as caught:
        find_profile("a")
    assert "o" in caught.value.hint


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_are_addresses(preset: object) -> None:
    address = address_of(preset.base_url, preset.kind)  # type: ignore[attr-defined]
    assert address.local != preset.needs_key  # type: ignore[attr-defined]
    assert address.chat_url.endswith("/v1/chat/completions")


@pytest.mark.parametrize(
    "profile",
    [
        Profile("", "openai", "https://api.openai.com/v1", "m"),
        Profile("x", "openai", "https://api.openai.com/v1", ""),
        Profile("x", "azure", "https://RESOURCE.openai.azure.com", "m"),
        Profile("x", "compatible", "http://models.example.org/v1", "m"),
        Profile("x", "compatible", "https://me:secret@models.example.org/v1", "m"),
        Profile("x", "openai", "https://api.openai.com/v1", "m", timeout=0),
    ],
)
def test_a_profile_that_will_not_do(profile: Profile) -> None:
    with pytest.raises(UserInputError) as caught:
        save_profile(profile)
    assert caught.value.hint
    assert list_profiles() == ()


def test_a_file_that_is_no_profile_file_is_told(rpdr_home: Path) -> None:
    for content in ("{", '{"endpoints": [{"name": 3}]}', '{"endpoints": [{"key": "sk"}]}'):
        profiles_file().parent.mkdir(parents=True, exist_ok=True)
        profiles_file().write_text(content)
        with pytest.raises(FileFormatError) as caught:
            list_profiles()
        assert caught.value.file.startswith(str(rpdr_home))


def test_a_key_is_in_the_store_and_in_no_file(key_store: Memory, rpdr_home: Path) -> None:
    save_profile(OPENAI)
    with pytest.raises(NotFoundError, match="no key 'o'"):
        read_key(OPENAI)
    store_key("o", f"{CANARY}\n")
    assert key_store.kept == {("rpdr-desk", "o"): CANARY}
    assert read_key(OPENAI) == CANARY
    store_key("o", "")
    store_key("o", "")
    assert key_store.kept == {}
    assert all(CANARY not in path.read_text() for path in rpdr_home.rglob("*") if path.is_file())


def test_a_named_variable_comes_first_and_is_taken_away(key_store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    store_key("o", "sk-stored")
    monkeypatch.setenv("MY_KEY", CANARY)
    assert read_key(OPENAI, "MY_KEY") == CANARY
    with pytest.raises(NotFoundError, match="MY_KEY is empty"):
        read_key(OPENAI, "MY_KEY")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-asked-for")
    assert read_key(OPENAI) == "sk-stored"
    assert read_key(Profile("x", "compatible", "http://127.0.0.1/v1", "m")) == ""


def test_a_key_store_that_fails_and_a_key_that_is_none(key_store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserInputError, match="no key"):
        store_key("o", "two words")

    def locked(*_: object) -> None:
        raise keyring.errors.KeyringLocked(CANARY)

    monkeypatch.setattr(key_store, "get_password", locked)
    with pytest.raises(WorldError) as caught:
        read_key(OPENAI)
    assert CANARY not in str(caught.value)
    assert "--key-env" in caught.value.hint


def test_what_the_environment_would_change() -> None:
    assert redirections(OPENAI, {}) == ()
    assert redirections(OPENAI, {"OPENAI_BASE_URL": "https://api.openai.com/v1/", "OPENAI_API_KEY": "sk"}) == ()
    found = redirections(
        OPENAI,
        {
            "OPENAI_BASE_URL": "https://me:secret@spy.example/v1?token=secret",
            "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer secret",
            "https_proxy": "http://me:secret@proxy.example:3128",
            "OPENAI_ORG_ID": "org-secret",
        },
    )
    assert [one.variable for one in found] == [
        "OPENAI_BASE_URL", "https_proxy", "OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID",
    ]  # fmt: skip
    assert "secret" not in repr(found)
    assert "spy.example" in found[0].shown
    assert "proxy.example:3128" in found[1].shown


@given(st.text(max_size=60))
def test_any_value_of_a_variable_can_be_shown(value: str) -> None:
    assert all(one.variable for one in redirections(OPENAI, {"HTTPS_PROXY": value, "OPENAI_BASE_URL": value}))


def test_prices_with_their_date() -> None:
    tariff = tariff_for(address_of("https://api.openai.com/v1"), "gpt-4o-mini")
    assert tariff.version.startswith("2026-")
    assert tariff.currency == "USD"
    assert tariff.cost(1_000_000, 1_000_000) == pytest.approx(0.75)
    assert tariff.cost(1_000_000, 0, batch=True) == pytest.approx(0.075)
    assert tariff_for(address_of("https://api.openai.com/v1"), "gpt-4o-mini-2024-07-18").price == tariff.price
    assert not tariff_for(address_of("https://api.openai.com/v1"), "gpt-4o-minimal").known
    assert not tariff_for(address_of("https://other.example/v1"), "gpt-4o-mini").known
    assert tariff_for(address_of("http://localhost:8000/v1"), "any").version == THIS_MACHINE
    assert own_tariff("m", 1.0, 2.0).cost(500_000, 500_000) == pytest.approx(1.5)


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_a_price_for_one_run_is_an_amount(amount: float) -> None:
    with pytest.raises(UserInputError, match="zero or above"):
        own_tariff("m", 1.0, amount)


@pytest.mark.parametrize(
    "wrong", [{"base_url": "models.example.org"}, {"base_url": "http://models.example.org/v1"}, {"max_parallel": 0}]
)
def test_a_profile_that_was_edited_wrong_is_named_with_its_file(wrong: dict[str, object]) -> None:
    fine = {"name": "mine", "kind": "compatible", "base_url": "http://127.0.0.1:1/v1", "model": "m"}
    profiles_file().parent.mkdir(parents=True, exist_ok=True)
    profiles_file().write_text(json.dumps({"endpoints": [{**fine, **wrong}]}))
    with pytest.raises(FileFormatError, match="'mine'") as caught:
        list_profiles()
    assert caught.value.file.endswith("endpoints.json")
    assert caught.value.hint


def test_own_prices_come_before_the_bundled_ones() -> None:
    own_prices_file().parent.mkdir(parents=True)
    own_prices_file().write_text(
        'format = 1\nversion = "2027-01"\ncurrency = "EUR"\n'
        '[[price]]\nmodel = "gpt-4o-mini"\ninput = 9\noutput = 9\n[[price]]\nmodel = "local"\ninput = 1\noutput = 1\n'
    )
    tariff = tariff_for(address_of("https://api.openai.com/v1"), "gpt-4o-mini")
    assert (tariff.currency, tariff.version[:7]) == ("EUR", "2027-01")
    assert tariff_for(address_of("http://127.0.0.1:1/v1"), "local").cost(1e6, 0) == 1.0
    assert tariff_for(address_of("https://api.openai.com/v1"), "gpt-4o").currency == "USD"
    assert [table.currency for table in load_tables()] == ["EUR", "USD"]


@pytest.mark.parametrize("content", ["format = 2", "x", "[[price]]\nmodel='m'\ninput=-1\noutput=0"])
def test_a_price_table_that_cannot_be_read_is_told(content: str) -> None:
    config_dir().mkdir(parents=True)
    head = (
        "" if content == "x" else 'version = "1"\ncurrency = "USD"\n' + ("" if "format" in content else "format = 1\n")
    )
    own_prices_file().write_text(head + (content if "price" in content else content + "\nprice = []"))
    with pytest.raises(FileFormatError) as caught:
        load_tables()
    assert caught.value.file.endswith("prices.toml")


@pytest.mark.parametrize(("url", "place", "local"), [
    ("https://a.example", "a.example:443", False),
    ("http://[::1]:8000/v1/", "[::1]:8000", True),
    ("http://localhost/v1", "localhost:80", True),
])  # fmt: skip
def test_addresses(url: str, place: str, local: bool) -> None:
    address = address_of(url)
    assert (address.place, address.local) == (place, local)
    with pytest.raises(NotAllowedError):
        address_of("http://10.0.0.1/v1")
