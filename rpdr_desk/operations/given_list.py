"""Mentions that a page hands to the review, in the order in which they are to be decided."""

from __future__ import annotations

from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GivenList:
    """`title` says what they are, in the language of the moment."""

    title: str
    ids: array[int]
