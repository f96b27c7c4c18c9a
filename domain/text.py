"""Texts in the two languages of the API."""

from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    """A language of the API; the values are BCP 47 tags."""

    ZH = "zh-CN"
    EN = "en"


class Text(NamedTuple):
    """A text in each language."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh
