"""Files spoilt on purpose: what disks, spreadsheets and strangers do to them. The same seed, the same file."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

Mutation = Callable[[random.Random, bytes], bytes]

_STRANGE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b"\r", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xc0\xaf",
    b"\xed\xa0\x80", b'"', b"'", b"\t", b"\n\n\n", b"|", b"##", b"=cmd|' /C calc'!A0", b"@SUM(1)", b"-1", b"1e400",
    b"NaN", b"99999999999999999999", b"../../etc/passwd", b"%s%n", b"{}", b"[]", b"null", b"\\u0000", b"\\ud800",
    b"<!-- ", b"]]>", b"&x;", b"&#0;", "白内障".encode("gb18030"), "é".encode("latin-1"), "\U0001f600".encode(),
)  # fmt: skip
_DOCTYPE = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd">]>'
_BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
) + b"]>"  # fmt: skip


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def behead(rng: random.Random, data: bytes) -> bytes:
    return data[rng.randrange(min(len(data), 200) + 1) :]


def flip(rng: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        if made:
            made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def zero(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + bytes(len(data[start : start + 4096])) + data[start + 4096 :]


def insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_STRANGE) + data[at:]


def remove(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 10, 100)) :]


def repeat(rng: random.Random, data: bytes) -> bytes:
    """A piece twice, or very often."""
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 20, 200))]
    return data[:at] + piece * rng.choice((2, 2, 3, 500)) + data[at:]


def lines(rng: random.Random, data: bytes) -> bytes:
    """Lines swapped, doubled, lost or joined."""
    split = data.splitlines(keepends=True)
    if len(split) < 2:
        return cut(rng, data)
    one, two = rng.randrange(len(split)), rng.randrange(len(split))
    kind = rng.randrange(5)
    if kind == 0:
        split[one], split[two] = split[two], split[one]
    elif kind == 1:
        split.insert(two, split[one])
    elif kind == 2:
        del split[one]
    elif kind == 3:
        split[one] = split[one].rstrip(b"\r\n")
    else:
        split = split[:1]
    return b"".join(split)


def cells(rng: random.Random, data: bytes) -> bytes:
    """One cell more or less, or one replaced, in a line of a table."""
    split = data.splitlines(keepends=True)
    if not split:
        return data
    at = rng.randrange(len(split))
    mark = b"\t" if b"\t" in split[at] else b","
    parts = split[at].split(mark)
    place = rng.randrange(len(parts))
    kind = rng.randrange(4)
    if kind == 0:
        del parts[place]
    elif kind == 1:
        parts.insert(place, rng.choice(_STRANGE))
    elif kind == 2:
        parts[place] = rng.choice((b"", *_STRANGE))
    else:
        rng.shuffle(parts)
    split[at] = mark.join(parts)
    return b"".join(split)


def words(rng: random.Random, data: bytes) -> bytes:
    """One word of the file in the place of another: ids that clash, parents that are their own children."""
    found = data.replace(b"\t", b" ").replace(b",", b" ").replace(b'"', b" ").split()
    if len(found) < 2:
        return flip(rng, data)
    one, two = rng.choice(found), rng.choice(found)
    return data.replace(one, two, rng.choice((1, 1, 1, -1)))


def encoding(rng: random.Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-16-be", "utf-32", "gb18030", "utf-7")))


def doctype(rng: random.Random, data: bytes) -> bytes:
    at = data.find(b"?>") + 2 if b"?>" in data[:200] else 0
    return data[:at] + rng.choice((_DOCTYPE, _BOMB, b"<!DOCTYPE a>")) + data[at:].replace(b"</", b"&x;</", 1)


def deep(rng: random.Random, data: bytes) -> bytes:
    """Nested beyond any reader's patience."""
    at = rng.randrange(len(data) + 1)
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")")))
    times = rng.choice((50, 2_000, 100_000))
    return data[:at] + opening * times + closing * rng.choice((0, times)) + data[at:]


def long_line(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return (
        data[:at] + rng.choice((b"x", b" ", b'"', b"<", b"\xe7\x99\xbd")) * rng.choice((70_000, 2_000_000)) + data[at:]
    )


def number(rng: random.Random, data: bytes) -> bytes:
    """A digit becomes a much greater number, a sign, or nothing."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return insert(rng, data)
    at = rng.choice(places)
    return data[:at] + rng.choice((b"", b"-", b"0", b".", b"e9", b"9" * 30, b"x")) + data[at + 1 :]


MUTATIONS: tuple[Mutation, ...] = (
    cut, cut, behead, flip, flip, zero, insert, insert, remove, repeat, lines, lines, cells, cells, words, words,
    encoding, doctype, deep, long_line, number, number,
)  # fmt: skip


def spoil(rng: random.Random, data: bytes) -> bytes:
    """One to three mutations."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(rng, data)
    return data


def spoil_path(rng: random.Random, path: Path) -> None:
    """Spoil a file, a zip (outside, or a member with its checksum made right), or one file of a folder."""
    if path.is_dir():
        _spoil_folder(rng, path)
    elif zipfile.is_zipfile(path) and rng.random() < 0.7:
        path.write_bytes(_spoil_zip(rng, path.read_bytes()))
    else:
        path.write_bytes(spoil(rng, path.read_bytes()))


def _spoil_folder(rng: random.Random, folder: Path) -> None:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    chosen = rng.choice(files)
    kind = rng.random()
    if kind < 0.08:
        chosen.unlink()
    elif kind < 0.14:
        shutil.copyfile(chosen, chosen.with_name(f"x{chosen.name}"))
    elif kind < 0.18:
        chosen.unlink()
        chosen.symlink_to("/etc/passwd")
    else:
        chosen.write_bytes(spoil(rng, chosen.read_bytes()))


def _spoil_zip(rng: random.Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
    at = rng.randrange(len(members))
    name, content = members[at]
    kind = rng.randrange(12)
    if kind == 0:
        members[at] = (f"../../{name}", content)
    elif kind == 1:
        members[at] = (rng.choice(("/abs/", "C:\\", "a\\..\\..\\", "\x00")) + name, content)
    elif kind == 2:
        members.append((name, content))
    elif kind == 3:
        members.append((f"{name}.zip", data))
    elif kind == 4:
        members[at] = (name, content + bytes(rng.choice((1, 300)) << 20))
    elif kind == 5:
        del members[at]
    else:
        members[at] = (name, spoil(rng, content))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member, content in members:
            info = zipfile.ZipInfo("x")
            info.filename = member
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()
