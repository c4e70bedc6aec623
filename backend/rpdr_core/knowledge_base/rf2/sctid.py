"""SNOMED CT identifiers: the check digit, and what kind of component an identifier names.

SNOMED CT Release File Specification, "SNOMED CT Identifiers": SCTID Constraints, Check-digit (Verhoeff's dihedral
check), Partition Identifier (sections 5.3 to 5.5 of the 2018-01-31 edition).
"""

from __future__ import annotations

from itertools import product
from typing import Literal

Component = Literal["concept", "description", "relationship"]

SHORTEST, LONGEST = 6, 18
_COMPONENTS: tuple[Component, ...] = ("concept", "description", "relationship")
_STEP = 10_000


def _multiplied(left: int, right: int) -> int:
    """The dihedral group of the pentagon: 0 to 4 are turns, 5 to 9 reflections."""
    if left < 5:
        return (left + right) % 5 if right < 5 else 5 + (left + right - 5) % 5
    return 5 + (left - 5 - right) % 5 if right < 5 else (left - right) % 5


_PRODUCT = tuple(tuple(_multiplied(left, right) for right in range(10)) for left in range(10))
_FIRST = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permutations() -> tuple[tuple[int, ...], ...]:
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(_FIRST[digit] for digit in rows[-1]))
    return tuple(rows)


_PERMUTED = _permutations()


def _four_digits(place: int) -> bytes:
    """What four digits (the last one at `place`, counted from the right) multiply to. A million identifiers need it."""
    found = bytearray()
    for digits in product(range(10), repeat=4):
        value = 0
        for at, digit in enumerate(reversed(digits)):
            value = _PRODUCT[value][_PERMUTED[place + at][digit]]
        found.append(value)
    return bytes(found)


def _zeros_before(length: int) -> int:
    """What the zeros multiply to that fill a number of so many digits up to a multiple of eight."""
    value = 0
    for place in range(length, -(-length // 8) * 8):
        value = _PRODUCT[value][_PERMUTED[place % 8][0]]
    return value


_LOW, _HIGH = _four_digits(0), _four_digits(4)
_WHOLE = tuple(_zeros_before(length) for length in range(LONGEST + 1))


def check_digit(number: int) -> int:
    """The digit to put behind `number`, so that the whole is valid."""
    value, place = 0, 1
    while number:
        number, digit = divmod(number, 10)
        value = _PRODUCT[value][_PERMUTED[place % 8][digit]]
        place += 1
    # A turn is undone by the rest of a full one, a reflection by itself.
    return (5 - value) % 5 if value < 5 else value


def has_check_digit(text: str) -> bool:
    """Whether the last of up to 18 digits (the first is no 0) is the one that belongs there."""
    value, number = 0, int(text)
    while number:
        number, low = divmod(number, _STEP)
        value = _PRODUCT[value][_LOW[low]]
        number, high = divmod(number, _STEP)
        value = _PRODUCT[value][_HIGH[high]]
    return value == _WHOLE[len(text)]


def component(text: str) -> Component | None:
    """What a valid identifier names, None where it is none: 6 to 18 digits, none of them a leading 0."""
    if not (SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit() and text[0] != "0"):
        return None
    if text[-3] not in "01" or text[-2] not in "012" or not has_check_digit(text):
        return None
    return _COMPONENTS[int(text[-2])]


def make(item: int, kind: Component, namespace: int = 0) -> str:
    """The identifier of an item, in the core (namespace 0) or in an extension's namespace of seven digits."""
    partition = _COMPONENTS.index(kind)
    body = f"{item}{namespace:07d}1{partition}" if namespace else f"{item}0{partition}"
    return f"{body}{check_digit(int(body))}"
