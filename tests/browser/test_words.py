"""The sentences of the pages: every language says all of them, with every plural form that it has."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.browser.conftest import PAGES, open_unit_context

WORDS = PAGES / "words"
AREAS = sorted(path.stem for path in (WORDS / "en").glob("*.js"))
LANGUAGES = sorted(path.name for path in WORDS.iterdir())
OTHERS = [language for language in LANGUAGES if language != "en"]
LOAD = """async ([languages, areas]) => {
  const load = (language, area) => import(`/pages/words/${language}/${area}.js`).then((loaded) => loaded.default, () => ({}));
  const found = {};
  for (const language of languages) {
    found[language] = { plurals: new Intl.PluralRules(language).resolvedOptions().pluralCategories, areas: {} };
    for (const area of areas) found[language].areas[area] = await load(language, area);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def spoken() -> dict[str, Any]:
    return asyncio.run(load_words())


async def load_words() -> dict[str, Any]:
    async with open_unit_context() as context:
        page = await context.new_page()
        await page.goto("http://localhost/")
        return dict(await page.evaluate(LOAD, [LANGUAGES, AREAS]))


def blanks(sentence: str | dict[str, str]) -> set[str]:
    """What is filled in, in any of its forms."""
    return set(re.findall(r"\{(\w+)\}", " ".join(sentence.values()) if isinstance(sentence, dict) else sentence))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("area", [area for area in AREAS if area != "refusals"])
def test_a_language_says_every_sentence_with_the_same_blanks(spoken, language, area):
    english, other = spoken["en"]["areas"][area], spoken[language]["areas"][area]
    assert sorted(other) == sorted(english)
    wrong = {key for key in english if blanks(other[key]) - {"count"} != blanks(english[key]) - {"count"}}
    assert wrong == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_has_every_plural_form_of_its_language(spoken, language):
    known = spoken[language]
    for area, sentences in known["areas"].items():
        for key, sentence in sentences.items():
            if isinstance(sentence, dict):
                assert set(sentence) == set(known["plurals"]), f"{language} {area} {key}"


@pytest.mark.parametrize("language", OTHERS)
def test_only_what_is_the_same_word_stays_english(spoken, language):
    same = [
        f"{area}.{key}"
        for area, sentences in spoken["en"]["areas"].items()
        for key, sentence in sentences.items()
        if spoken[language]["areas"][area].get(key) == sentence and len(re.findall(r"\w{3,}", str(sentence))) > 2
    ]
    assert same == []
