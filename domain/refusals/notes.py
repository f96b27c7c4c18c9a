"""Refusals about templates of notes, and of the notes that are made from them."""

from dataclasses import dataclass

from domain.actions import Action
from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class UnknownPlaceholder(Refusal):
    """The text has a placeholder that does not exist, or a brace that is not doubled."""

    text = Text(
        "未知占位符 {placeholder}; 可用: {known}; 花括号本身请写两次",
        "There is no placeholder {placeholder}; there are {known}. Write a brace itself twice.",
    )
    placeholder: str = fact("The placeholder or the brace as it stands in the text.")
    known: tuple[str, ...] = fact("The placeholders that there are.")


@dataclass(frozen=True, kw_only=True)
class PlaceholderEmpty(Refusal):
    """The order has nothing to put in the place of a placeholder of the template."""

    text = Text(
        "占位符 {placeholder} 没有内容", "There is nothing to put in place of {placeholder}."
    )
    placeholder: str = fact("The placeholder. `{returnAddress}` is for decisions with an address.")


@dataclass(frozen=True, kw_only=True)
class NoteTooLong(Refusal):
    """The note that the template makes for the order is too long."""

    text = Text(
        "按模板生成的留言有 {length} 个字符, 最多 {limit} 个",
        "The note made from the template has {length} characters; at most {limit} are allowed.",
    )
    length: int = fact("The length of the note, in characters.")
    limit: int = fact("The maximum length of a note.")


@dataclass(frozen=True, kw_only=True)
class TemplateNotForDecision(Refusal):
    """The template is meant for other decisions."""

    text = Text(
        "此模板不适用于此决定 ({decision})",
        "The template is not meant for this decision ({decision}).",
    )
    decision: Action = fact("The decision.")
    decisions: tuple[Action, ...] = fact("The decisions that the template is for.")


@dataclass(frozen=True, kw_only=True)
class NoEnglishText(Refusal):
    """The note was to be in English, and the template has no English text."""

    text = Text("此模板没有英文内容", "The template has no English text.")


@dataclass(frozen=True, kw_only=True)
class TooManyNoteTemplates(Refusal):
    """The merchant has as many templates as a merchant can have."""

    text = Text(
        "每个商家最多 {limit} 个留言模板", "A merchant can have {limit} note templates at most."
    )
    limit: int = fact("The most templates that a merchant can have.")
