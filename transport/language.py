"""The language of a request, and the messages of HTTP and GraphQL errors in it.

These errors are made in English: many are made once for a document and kept, before a request and
its language are known, and some are worded by graphql-core. They are translated where a response
is written. Errors of graphql-core about a document stay in English: they are for its author.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from domain.text import Language, Text
from transport.header_values import cached_by_value, quality_of
from transport.headers import header
from transport.messages import MESSAGES

if TYPE_CHECKING:
    from starlette.types import Scope

_MAX_TRANSLATED: Final = 2_000
"""Characters of a message. A longer one quotes a document."""
_FACT: Final = re.compile(r"\\\{(\w+)\\\}")


@cached_by_value
def named_language(accept_language: str) -> Language | None:
    """The API's language that an Accept-Language header prefers; None if it names none."""
    preferences = []
    for position, part in enumerate(accept_language.split(",")):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        preferences.append((-quality_of(parameters), position, tag))
    for negative_quality, _, tag in sorted(preferences):
        if negative_quality < 0:
            for language in Language:
                if tag.split("-")[0] == language.split("-")[0].lower():
                    return language
    return None


def language_of(accept_language: str) -> Language:
    """The language of messages: Chinese if the header names none."""
    return named_language(accept_language) or Language.ZH


def request_language(scope: Scope) -> Language:
    return language_of(header(scope, b"accept-language"))


def translated(message: str, language: Language) -> str:
    """The message in the language, unchanged if it is none of ours."""
    if language is Language.EN or len(message) > _MAX_TRANSLATED:
        return message
    text = _whole().get(message)
    if text is not None:
        return text.zh
    for start, pattern, template in _patterns():
        match = pattern.fullmatch(message) if message.startswith(start) else None
        if match is not None:
            facts = {name: translated(fact, language) for name, fact in match.groupdict().items()}
            return template.format(**facts)
    return message


@cache
def _whole() -> dict[str, Text]:
    return {text.en: text for text in MESSAGES}


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """The messages with facts: how each begins, its pattern, and its Chinese template."""
    return [
        (
            text.en.partition("{")[0],
            re.compile(_FACT.sub(r"(?P<\1>.*?)", re.escape(text.en)), re.DOTALL),
            text.zh,
        )
        for text in MESSAGES
        if "{" in text.en
    ]
