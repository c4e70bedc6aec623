"""Text files as lines: strictly decoded, capped, and with the place of whatever is wrong."""

from __future__ import annotations

import codecs
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from rpdr_core.errors import FileFormatError, NotFoundError, UserInputError, WorldError

LINE_CAP = 1 << 20
"""Characters in one line, and in one record that spans lines."""

CHUNK = 1 << 16
_FAMILIES = ("utf_8", "utf_16", "utf_32", "iso8859", "cp", "koi8", "mac_", "gb", "big5", "euc_", "shift_jis", "latin_1")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of the user's for reading; the system's refusals become errors of ours.

    Pipes and devices are refused before they are opened: one waits for a writer, the other may never end.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UserInputError(
                "this is a pipe or a device, and no file",
                hint="save what it gives as a file, and choose that",
                file=str(path),
            )
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise NotFoundError("no such file", hint="check the path", file=str(path)) from error
    except IsADirectoryError as error:
        raise UserInputError("this is a folder", hint="choose a file", file=str(path)) from error
    except OSError as error:
        raise WorldError(
            "the file cannot be read", hint="check its permissions and the drive", file=str(path)
        ) from error


def known_encoding(name: str) -> str:
    """Python's name for an encoding of text files, e.g. `gb18030`; `UserInputError` if there is none."""
    try:
        found = codecs.lookup(name).name
        plain = found.replace("-", "_")
        if not plain.startswith(_FAMILIES):
            raise LookupError(found)
    except (LookupError, ValueError) as error:
        raise UserInputError(
            f"no encoding is called {name[:40]!r}", hint="for example utf-8, gb18030, windows-1252 or utf-16"
        ) from error
    # GB2312 and GBK are parts of GB18030, which reads what they cannot.
    return "gb18030" if plain in ("gb2312", "gbk") else found


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    r"""Lines with their ends (`\n`, `\r\n` or `\r`), in bounded memory. Nothing is replaced or dropped."""
    with opened(path) as stream:
        yield from stream_lines(stream, str(path), encoding)


def stream_lines(stream: IO[bytes], file: str, encoding: str) -> Iterator[str]:
    """As `read_lines`, of a stream that errors call `file`."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=False)
    number, rest, fed = 0, "", 0
    while True:
        chunk = stream.read(CHUNK)
        try:
            text = rest + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise _undecodable(file, encoding, error, number, rest, fed + len(chunk)) from error
        fed += len(chunk)
        lines = list(io.StringIO(text, newline=""))
        # The last line may go on in the next chunk; the decoder never parts "\r" from "\n".
        rest = lines.pop() if chunk and lines and not lines[-1].endswith(("\n", "\r")) else ""
        for line in lines:
            number += 1
            _check(file, number, line)
            yield line
        _check(file, number + 1, rest)
        if not chunk:
            return


def _check(file: str, number: int, line: str) -> None:
    if len(line) > LINE_CAP:
        message = f"a line of more than {LINE_CAP:,} characters"
        raise FileFormatError(message, hint="end each row with a line break", file=file, line=number)
    if "\0" in line:
        hint = "it may be no text file, or UTF-16: choose the encoding"
        raise FileFormatError("a NUL character", hint=hint, file=file, line=number)


def _undecodable(
    file: str, encoding: str, error: UnicodeDecodeError, number: int, rest: str, fed: int
) -> FileFormatError:
    sound = rest + error.object[: error.start].decode(encoding, errors="ignore")
    line = number + 1 + sum(1 for part in io.StringIO(sound, newline="") if part.endswith(("\n", "\r")))
    offset = fed - len(error.object) + error.start
    byte = error.object[error.start]
    return FileFormatError(
        f"byte 0x{byte:02X} at offset {offset:,} is not {encoding}",
        hint="choose the file's encoding, or save it as UTF-8",
        file=file,
        line=line,
    )
