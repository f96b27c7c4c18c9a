"""Every text that a client sends is read by the function that fits it."""

import ast
import re
from pathlib import Path

from domain.wording import KINDS

ROOT = Path(__file__).parents[2]
LONG_TEXTS = {"MAX_SELECTION", "MAX_NOTE", "MAX_DESCRIPTION", "MAX_TEMPLATE"}
"""The limits of texts that may have several lines."""


def test_only_notes_and_descriptions_may_have_several_lines() -> None:
    wrong = []
    for file in sorted((ROOT / "schema").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                longest = {key.arg: ast.unparse(key.value) for key in call.keywords}.get("longest")
                is_long = call.func.id in {"words", "optional_words"}
                if is_long and longest not in LONG_TEXTS:
                    wrong.append(f"{file.relative_to(ROOT)}:{call.lineno}")
    assert not wrong, f"{wrong}: read a name, a number or a code with `line` or `reference`"


def test_every_object_that_may_not_be_found_has_a_name_in_both_languages() -> None:
    kinds: set[str] = set()
    for room in ("domain", "models", "resolvers", "schema", "auth"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text()
            kinds.update(re.findall(r'NotFound\(\s*kind="(\w+)"', text))
            kinds.update(
                re.findall(
                    r'\b(?:within|key_of|key_in|global_number|_of_type)\([^"()]*"([A-Z]\w+)"', text
                )
            )
    assert {"Role", "ServiceOrder"} <= kinds
    assert kinds <= set(KINDS), "give the kind a name in KINDS of domain/wording.py"


def test_every_message_of_bad_input_is_in_both_languages() -> None:
    """The texts are literals, so that they can be read without a request for each."""
    wrong, count = [], 0
    for room in ("domain", "resolvers", "schema", "projection", "execution", "transport"):
        for file in (ROOT / room).rglob("*.py"):
            if file.name == "messages.py":
                continue  # they quote words of the protocol: see tests/http/test_language.py
            for call in ast.walk(ast.parse(file.read_text())):
                is_text = isinstance(call, ast.Call) and ast.unparse(call.func) == "Text"
                if isinstance(call, ast.Call) and is_text and len(call.args) == 2:
                    zh, en = (_literal(argument) for argument in call.args)
                    count += 1
                    if zh is None or en is None:
                        continue
                    chinese = re.search(r"[\u3400-\u9fff]", zh) is not None
                    english = set(re.findall(r"[A-Za-z_]{2,}", zh)) - NAMES_IN_CHINESE
                    if not chinese or english or not en.isascii() or MACHINE_WORD.search(en):
                        wrong.append((str(file.relative_to(ROOT)), call.lineno, zh, en))
    assert count > 100
    assert not wrong


NAMES_IN_CHINESE = {"ID", "JSON", "GraphQL", "GraphiQL", "HTTP", "UTF", "JPEG", "PNG", "WebP"} | {
    "IP",
    "Webhook",
    "HTTPS",
}
MACHINE_WORD = re.compile(r"\b[A-Z]{2,}_[A-Z_]+\b")


def _literal(node: ast.expr) -> str | None:
    """The text of a literal without its values; None if it is no literal."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{[a-z_]+(:,)?\}", "", node.value)
    return None
