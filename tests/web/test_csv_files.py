"""CSV files as people's programs write them: what is read, and which line is named where one is wrong."""

from __future__ import annotations

import pytest

from server.domain.refusals import CsvInvalid
from server.web.uploads import rows_of_csv

HEADER = "email,first_name,last_name,role"
ROW = "a@x.org,Ada,Lovelace,viewer"


def names(content: str | bytes) -> list[tuple[str, str, str]]:
    rows = rows_of_csv(content if isinstance(content, bytes) else content.encode())
    return [(row.email, row.first_name, row.last_name) for row in rows]


ADA = [("a@x.org", "Ada", "Lovelace")]
READ = {
    "plain": (f"{HEADER}\n{ROW}\n", ADA),
    "without an end of line": (f"{HEADER}\n{ROW}", ADA),
    "CRLF": (f"{HEADER}\r\n{ROW}\r\n", ADA),
    "a byte order mark": (f"\ufeff{HEADER}\n{ROW}\n", ADA),
    "quotes": (f'{HEADER}\n"a@x.org","Ada","Lovelace","viewer"\n', ADA),
    "a comma within": (f'{HEADER}\na@x.org,Ada,"Love,lace",viewer\n', [("a@x.org", "Ada", "Love,lace")]),
    "a quote within": (f'{HEADER}\na@x.org,"Ada ""A""",L,viewer\n', [("a@x.org", 'Ada "A"', "L")]),
    "a line within": (f'{HEADER}\na@x.org,"Ada\r\nB",L,viewer\n', [("a@x.org", "Ada\r\nB", "L")]),
    "empty lines": (f"{HEADER}\n\n{ROW}\r\n\r\n\n", ADA),
    "no rows": (f"{HEADER}\n", []),
    "other alphabets": (f"{HEADER}\na@x.org,Łukasz,北京,viewer\n", [("a@x.org", "Łukasz", "北京")]),
    "formulas": (f'{HEADER}\na@x.org,"=1+1",+@-x,viewer\n', [("a@x.org", "=1+1", "+@-x")]),
    "spaces": (f"{HEADER}\na@x.org, Ada ,Lovelace,viewer\n", [("a@x.org", " Ada ", "Lovelace")]),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_a_csv_file_is_read(name):
    content, expected = READ[name]
    assert names(content) == expected


WRONG = {
    "empty": ("", 1),
    "no header": (ROW, 1),
    "another header": (f"mail,first_name,last_name,role\n{ROW}\n", 1),
    "a header in capitals": (f"{HEADER.upper()}\n{ROW}\n", 1),
    "a header in another order": (f"role,email,first_name,last_name\n{ROW}\n", 1),
    "a further column": (f"{HEADER},age\n{ROW},7\n", 1),
    "a column twice": (f"{HEADER},role\n{ROW},viewer\n", 1),
    "semicolons": (f"{HEADER}\n{ROW}\n".replace(",", ";"), 1),
    "a column too few": (f"{HEADER}\n{ROW}\na@x.org,Ada,L\n", 3),
    "a column too many": (f"{HEADER}\n{ROW},x\n", 2),
    "a quote left open": (f'{HEADER}\n{ROW}\nb@x.org,"Ada,L,viewer\n{ROW}\n', 3),
    "a quote left open at the end": (f'{HEADER}\na@x.org,Ada,L,"viewer', 2),
    "something after a quote": (f'{HEADER}\na@x.org,"Ada"x,L,viewer\n', 2),
    "after a row of two lines": (f'{HEADER}\na@x.org,"A\nB",L,viewer\nb@x.org,A\n', 4),
    "a return by itself": (f"{HEADER}\na@x.org,Ada\rB,L,viewer\n", 2),
    "returns for ends of lines": (f"{HEADER}\r{ROW}\r", 1),
    "NUL": (f"{HEADER}\n{ROW}\na@x.org,A\0,L,viewer\n", 3),
    "no UTF-8": (f"{HEADER}\n".encode() + b"a@x.org,\xff,L,viewer\n", 2),
    "Latin 1": (f"{HEADER}\na@x.org,Zo\u00eb,L,viewer\n".encode("latin-1"), 2),
    "UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16"), 1),
    "half a surrogate": (f"{HEADER}\n".encode() + b"a@x.org,\xed\xa0\x80,L,viewer\n", 2),
    "a field beyond all bounds": (f"{HEADER}\na@x.org,{'x' * 200_000},L,viewer\n", 2),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_none_is_refused_with_the_line(name):
    content, line = WRONG[name]
    with pytest.raises(CsvInvalid) as refusal:
        names(content)
    assert refusal.value.line == line
    assert refusal.value.message.startswith(f"Line {line}: ")


def test_lines_keys_and_the_wish_to_send_are_read():
    content = f"{HEADER},key,send\n{ROW},k1,1\nb@x.org,B,C,speaker,,\nc@x.org,C,D,viewer,k3,maybe\n"
    first, second, third = rows_of_csv(content.encode())
    assert (first.line, first.key, first.send, first.role) == (2, "k1", True, "viewer")
    assert (second.line, second.key, second.send, second.role) == (3, None, False, "speaker")
    assert (third.line, third.key, third.refusal.code) == (4, "k3", "row_invalid")
