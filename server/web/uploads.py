"""Reading uploaded rows: JSON, or a CSV file (RFC 4180) of which every line must be as it should before any row counts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request as HttpRequest

from server.domain.refusals import BadMessage, CsvInvalid, RowInvalid
from server.domain.upload import UploadedRow
from server.web.answers import Body, read_bytes

COLUMNS = ("email", "first_name", "last_name", "role")
FURTHER_COLUMNS = ("key", "send")
HEADERS = tuple(COLUMNS + further for further in ((), ("key",), ("send",), FURTHER_COLUMNS))
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RowBody(Body):
    email: str
    first_name: str
    last_name: str
    role: str
    key: str | None = None
    send: bool = False


def rows_of_json(rows: list[Any]) -> list[UploadedRow]:
    """Each row by itself, so that a wrong one stops no other."""
    return [_row_of_json(row) for row in rows]


def _row_of_json(row: Any) -> UploadedRow:
    try:
        return UploadedRow(**msgspec.structs.asdict(msgspec.convert(row, RowBody)))
    except msgspec.ValidationError as error:
        return UploadedRow(key=_key_of(row), refusal=RowInvalid(f"This row is not valid: {error}"))


def _key_of(row: Any) -> str | None:
    key = row.get("key") if isinstance(row, dict) else None
    return key if isinstance(key, str) else None


def is_csv(http: HttpRequest) -> bool:
    """Whether the body is a CSV file, by its Content-Type. Raises: BadMessage: it is neither that nor JSON."""
    kind, _, parameters = http.headers.get("content-type", "application/json").partition(";")
    if kind.strip().lower() not in ("text/csv", "application/json"):
        raise BadMessage("Send application/json or text/csv.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "us-ascii"):
        raise BadMessage("Send it in UTF-8.")
    return kind.strip().lower() == "text/csv"


async def read_csv(http: HttpRequest, most_bytes: int) -> list[UploadedRow]:
    """The rows of the file in the body. Raises: TooLarge, CsvInvalid."""
    return rows_of_csv(await read_bytes(http, most_bytes))


def rows_of_csv(content: bytes) -> list[UploadedRow]:
    """The rows of a CSV file in UTF-8, with or without a byte order mark, lines ended by LF or CRLF; empty ones are passed by.

    Raises:
        CsvInvalid: with the line that is wrong.
    """
    records = _records(_text_of(content.removeprefix(_BYTE_ORDER_MARK)))
    _, header = next(records, (1, []))
    if tuple(header) not in HEADERS:
        expected = ",".join(COLUMNS) + "".join(f"[,{name}]" for name in FURTHER_COLUMNS)
        raise CsvInvalid(f"the first line must be {expected}.", line=1)
    rows = []
    for line, fields in records:
        if len(fields) != len(header):
            raise CsvInvalid(f"there are {len(fields)} columns where the first line has {len(header)}.", line=line)
        rows.append(_row_of_fields(line, dict(zip(header, fields, strict=True))))
    return rows


def _text_of(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise CsvInvalid("this is not UTF-8.", line=content.count(b"\n", 0, error.start) + 1) from None
    if (at := text.find("\0")) >= 0:
        raise CsvInvalid("there is a NUL character.", line=text.count("\n", 0, at) + 1)
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins on."""
    # Split at line feeds only: a return by itself ends no line, and the reader refuses it.
    reader = csv.reader((line + "\n" for line in text.removesuffix("\n").split("\n")), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CsvInvalid("a quote is left open or stands where none may, or a field is far too long.", line=line) from None
        if record:
            yield line, record


def _row_of_fields(line: int, fields: dict[str, str]) -> UploadedRow:
    send = fields.get("send", "").strip().lower()
    return UploadedRow(
        email=fields["email"], first_name=fields["first_name"], last_name=fields["last_name"], role=fields["role"].strip(),
        key=fields.get("key") or None, send=_FLAGS.get(send, False), line=line,
        refusal=None if send in _FLAGS else RowInvalid("send is 1 or 0."),
    )
