"""What requests cost: a dated table of prices, the user's own before the bundled one, and a tariff for one model."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.addresses import Address
from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.paths import config_dir
from rpdr_core.resources import resource_path

_MILLION = 1_000_000
_FORMAT = 1
_DATED = r"(-\d{4}-\d{2}-\d{2}|-\d{4,8})?"
THIS_MACHINE = "this machine"


@dataclass(frozen=True, slots=True)
class Price:
    """For a million tokens in and out. `batch`: the share that a batch costs. `host` empty: any host."""

    model: str
    input: float
    output: float
    host: str = ""
    batch: float = 1.0


@dataclass(frozen=True, slots=True)
class PriceTable:
    """`version` is the table's date and the beginning of its file's SHA-256."""

    version: str
    currency: str
    source: str
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one model at one host costs. `price` None: unknown, so that costs are None too."""

    price: Price | None
    currency: str = ""
    version: str = ""

    @property
    def known(self) -> bool:
        return self.price is not None

    def cost(self, prompt_tokens: float, answer_tokens: float, *, batch: bool = False) -> float | None:
        """In the table's currency; None where the price is not known."""
        if self.price is None:
            return None
        share = self.price.batch if batch else 1.0
        return share * (prompt_tokens * self.price.input + answer_tokens * self.price.output) / _MILLION


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    version: str
    currency: str
    price: tuple[Price, ...]
    source: str = ""


def own_prices_file() -> Path:
    """Where the user's own prices are looked for."""
    return config_dir() / "prices.toml"


def load_tables() -> tuple[PriceTable, ...]:
    """The user's own table, if there is one, then the bundled one."""
    own = own_prices_file()
    paths = [own, resource_path("prices.toml")] if own.exists() else [resource_path("prices.toml")]
    return tuple(_read(path) for path in paths)


def tariff_for(address: Address, model: str, tables: tuple[PriceTable, ...] | None = None) -> Tariff:
    """The tariff of a model at an address. A dated release (`m-2026-01-31`) costs what `m` costs.

    A server on this machine costs nothing unless the user's own table says otherwise.
    """
    for table in load_tables() if tables is None else tables:
        found = next((price for price in table.prices if _fits(price, address, model)), None)
        if found is not None:
            return Tariff(found, table.currency, table.version)
    return Tariff(Price(model, 0.0, 0.0), "", THIS_MACHINE) if address.local else Tariff(None)


def own_tariff(model: str, input_: float, output: float, currency: str = "") -> Tariff:
    """Prices that the user gives for this run alone. Raises `UserInputError` where one is below zero or none."""
    if not _are_amounts(input_, output):
        raise UserInputError("a price is zero or above", hint="give what a million tokens cost, in and out")
    return Tariff(Price(model, input_, output), currency, "given for this run")


def _fits(price: Price, address: Address, model: str) -> bool:
    at = price.host in ("", address.host, address.place)
    return at and re.fullmatch(re.escape(price.model) + _DATED, model) is not None


def _are_amounts(*values: float) -> bool:
    return all(math.isfinite(value) and value >= 0 for value in values)


def _read(path: Path) -> PriceTable:
    content = path.read_bytes()
    try:
        read = msgspec.convert(tomllib.loads(content.decode("utf-8")), _File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        hint = "compare it with the bundled one"
        raise FileFormatError(f"not a price table: {error}", hint=hint, file=str(path)) from error
    if read.format != _FORMAT:
        raise FileFormatError(f"price table format {read.format}", hint=f"this release reads {_FORMAT}", file=str(path))
    for price in read.price:
        if not _are_amounts(price.input, price.output) or not 0 <= price.batch <= 1:
            message = f"the price of {price.model} is no amount of money"
            hint = "input and output are zero or above, batch is a share from 0 to 1"
            raise FileFormatError(message, hint=hint, file=str(path))
    digest = hashlib.sha256(content).hexdigest()[:8]
    return PriceTable(f"{read.version} {digest}", read.currency, read.source, read.price)
