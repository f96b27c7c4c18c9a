"""Every text that a client sends is read by the function that fits it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONG_TEXTS = {"MAX_NOTE", "MAX_DESCRIPTION"}
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
