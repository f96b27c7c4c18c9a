"""What our folders may import, and that no other package has their names."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = [
    "app",
    "auth",
    "backup_command",
    "backups",
    "bench",
    "account_command",
    "cli",
    "database_command",
    "doctor_command",
    "schema_command",
    "serve_command",
    "settings_command",
    "command_help",
    "database",
    "demo",
    "demo_command",
    "forget_command",
    "signed_files",
    "doctor",
    "domain",
    "examination",
    "garbage",
    "execution",
    "jobs",
    "key_command",
    "models",
    "operator_errors",
    "outgoing",
    "parts",
    "private_files",
    "projection",
    "resolvers",
    "schema",
    "serve",
    "settings",
    "startup",
    "supervisor",
    "tests",
    "transport",
    "web",
]


def imported(file: Path) -> Iterator[str]:
    """The top-level names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield str(node.module).split(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            assert name not in ("__import__", "import_module"), f"{file} imports by a string"


def of(folder: str) -> set[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    return {name for file in files for name in imported(file)}


def test_the_rules_know_the_standard_library_alone() -> None:
    assert of("domain") - sys.stdlib_module_names == {"domain"}


def test_the_rules_do_not_look_at_the_clock_the_network_or_the_environment() -> None:
    assert of("domain") & {"asyncio", "http", "os", "random", "socket", "time", "urllib"} == set()
    for file in sorted((ROOT / "domain").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("now", "utcnow", "today"), f"{file}:{node.lineno}"


def test_the_projection_knows_nothing_of_ours_but_statements() -> None:
    assert of("projection") & set(OURS) == {"projection", "database"}


def test_no_other_package_answers_to_our_names() -> None:
    """PyPI has packages called `schema`, `auth` and `models`, which would hide ours."""
    distributions = packages_distributions()
    assert "sqlalchemy" in distributions
    others = {name: set(distributions.get(name, ())) - {"aftersales"} for name in OURS}
    assert {name: packages for name, packages in others.items() if packages} == {}


def test_every_package_says_what_it_holds_and_its_init_runs_nothing() -> None:
    for folder in (
        "auth",
        "backups",
        "database",
        "doctor",
        "domain",
        "execution",
        "jobs",
        "outgoing",
        "projection",
        "resolvers",
        "schema",
        "transport",
    ):
        for file in sorted((ROOT / folder).rglob("__init__.py")):
            tree = ast.parse(file.read_text("utf-8"))
            assert ast.get_docstring(tree), f"{file} needs a docstring about the folder"


def test_every_module_opens_with_a_sentence() -> None:
    folders = [name for name in OURS if (ROOT / name).is_dir() and name not in ("tests", "web")]
    files = [
        file
        for folder in folders
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not {"migrations", ".cache", ".venv", "node_modules"} & {*file.relative_to(ROOT).parts}
    ]
    silent = [str(file) for file in files if not _opening(file).endswith((".", ":"))]
    assert len(files) > 80
    assert silent == [], "begin these modules with one sentence"


def _opening(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return docstring.split("\n\n")[0]


def test_a_process_that_serves_does_not_load_what_few_commands_need() -> None:
    """Alembic and XlsxWriter take 12 MB of memory each, Pillow 5 MB, in each server process."""
    lazy = {"alembic", "mako", "xlsxwriter", "PIL", "demo", "doctor.examine"}
    program = f"import sys, cli; print({lazy} & set(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "set()"
