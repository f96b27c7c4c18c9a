"""Errors are in the language of the request, however early they are made."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from domain.text import Language
from transport.language import translated
from transport.messages import MESSAGES

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u3400-\u9fff]")
FACT = re.compile(r"\{\w+\}")
RAISED = {"HttpError", "GraphQLError", "BadValue", "BadPage", "DocumentError", "StreamEnded"}
OF_SCALARS = ["schema/scalars.py", "domain/money.py"]
FOREIGN = {
    # Protocol words, and messages about bytes whose request has no language yet.
    "PersistedQueryNotFound",
    "PersistedQueryNotSupported",
    # Rules of GraphQL for documents, worded as graphql-core words the others.
    "Variable '$0' is of type '0' but must be non-nullable to be used for OneOf Input Object '0'.",
    "Fields '0' conflict because 0.",
    "0 is not converted",
    "0 Use different aliases on the fields to fetch both if this was intentional.",
}
UNREAD = {"transport/protocol.py", "transport/connection.py", "transport/origins.py"}
"""Files whose messages are about a request that could not be read, or a setting."""


def sample(node: ast.expr) -> str | None:
    """A message with a zero for each of its values; None for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values
        )
    if isinstance(node, ast.BinOp):
        return sample(node.left)
    return None


def messages_in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RAISED:
            values = node.args[:2]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
            values = [node.value]
        for value in values:
            message = sample(value)
            if message and " " in message:
                yield message


def test_every_message_of_ours_has_a_translation() -> None:
    files = [*ROOT.glob("transport/*.py"), *ROOT.glob("execution/*.py"), ROOT / "app.py"]
    files += [*ROOT.glob("projection/*.py"), *(ROOT / name for name in OF_SCALARS)]
    count, missing = 0, []
    for file in files:
        if str(file.relative_to(ROOT)) in UNREAD:
            continue
        for literal in messages_in(file):
            count += 1
            message = literal.replace("value0:", "value:")  # without the path to it
            whole = message in FOREIGN or CHINESE.search(translated(message, Language.ZH))
            # The end is added to some messages later.
            part = any(FACT.sub("0", text.en).startswith(message) for text in MESSAGES)
            if not whole and not part:
                missing.append((file.name, message))
    assert count > 40
    assert not missing, "give the message a line in transport/messages.py"


@pytest.mark.parametrize("text", MESSAGES, ids=lambda text: text.en)
def test_a_translation_has_the_facts_of_its_message(text: tuple[str, str]) -> None:
    zh, en = ({name for _, name, _, _ in Formatter().parse(each) if name} for each in text)
    assert zh <= en
    assert CHINESE.search(text[0])
    assert text[1].isascii()


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("A page has 1 to 100 items.", "每页须为 1 至 100 项"),
        ("This is not a cursor of this list in this order.", "不是此列表在此排序下的游标"),
        (
            "The query is too complex: 11 levels of fields; 10 are allowed.",
            "查询过于复杂: 有 11 层嵌套的字段, 最多 10",
        ),
        (
            (
                "Variable '$i' has invalid value at .at: Expected value of type 'DateTime', but "
                "encountered error 'There is no such instant.'; found: 'x'."
            ),
            "变量 $i 的值(.at)无效: 类型 'DateTime' 不接受此值: 没有这个时间",
        ),
        (
            (
                "Value 'REVEW' does not exist in 'Permission' enum. "
                "Did you mean the enum value 'REVIEW'?"
            ),
            "枚举 'Permission' 没有值 'REVEW', 是否应为 'REVIEW'?",
        ),
        ("`variables` must be an object or null", "`variables` 须为对象或 null"),
        ("Cannot query field 'x' on type 'Query'.", "Cannot query field 'x' on type 'Query'."),
    ],
)
def test_a_message_is_translated_with_its_facts(en: str, zh: str) -> None:
    assert translated(en, Language.ZH) == zh
    assert translated(en, Language.EN) == en
