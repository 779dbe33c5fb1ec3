"""The site's people, whom one may invite by picking them: a record each, and the words by which they are found."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from server.domain.refusals import BadMessage

MAX_EXTERNAL_ID_CHARS = 128
MAX_WORDS = 20  # of one person in the index
MAX_SEARCHED_WORDS = 5
MIN_SEARCH_CHARS, MAX_SEARCH_CHARS = 2, 100

# Letters that do not fall apart into a base and an accent.
_BASE_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


@dataclass(kw_only=True)
class DirectoryPerson:
    """One of the site's people, as stored. `external_id`: their id with the site, where it gave one."""

    person_id: str
    email: str
    first_name: str
    last_name: str
    external_id: str | None = None
    changed_at_ms: int = 0
    rev: int = 0


def fold(text: str) -> str:
    """`text` without accents and case, for finding only: what folds alike is not therefore the same address."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return bare.translate(_BASE_LETTERS)


def words_for(email: str, first_name: str, last_name: str) -> list[str]:
    """The folded words by whose beginnings a person is found, sorted as Redis sorts them: the address, each word of the
    name, and each part of a name with hyphens."""
    of_name: set[str] = set()
    for word in fold(f"{first_name} {last_name}").split():
        parts = word.split("-")
        of_name.update("-".join(parts[first:]) for first in range(len(parts)))
    found = sorted((word for word in of_name if word and word.isprintable()), key=lambda word: (-len(word), word))
    return sorted({fold(email), *found[: MAX_WORDS - 1]}, key=str.encode)


def check_search(text: str) -> list[str]:
    """The folded words that `text` asks for.

    Raises:
        BadMessage: too little to search by, or too much.
    """
    words = list(dict.fromkeys(fold(text).split()))
    enough = sum(len(word) for word in words) >= MIN_SEARCH_CHARS
    if not enough or len(text) > MAX_SEARCH_CHARS or len(words) > MAX_SEARCHED_WORDS or not all(map(str.isprintable, words)):
        raise BadMessage(
            f"Search by {MIN_SEARCH_CHARS} to {MAX_SEARCH_CHARS} characters, at most {MAX_SEARCHED_WORDS} words of them."
        )
    return words
