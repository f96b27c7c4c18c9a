"""The help, the version and the list of settings of the command: whole at any width."""

import textwrap
from importlib.metadata import version
from typing import Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup

from domain.urls import masked
from operator_errors import operator_error_of
from settings import PREFIX, Settings
from startup import err, out

DISTRIBUTION: Final = "aftersales"


class Commands(TyperGroup):
    """Ends a command with one line if an operator can mend the error. A bug shows its traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - of types that typer does not export
        try:
            return super().invoke(ctx)
        except Exception as error:
            operator_error = operator_error_of(error)
            if operator_error is None:
                raise
            err.print(operator_error.line, markup=False, soft_wrap=True)
            raise typer.Exit(operator_error.status) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - see above
        """List the commands with their whole first paragraph: Click's own list cuts it."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                paragraph, _, _ = (command.help or "").partition("\n\n")
                rows.append((name, " ".join(paragraph.split())))
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def print_version(asked: bool) -> None:  # noqa: FBT001 - typer passes an option's value by place
    """Print the version of the installed package and end the command, if the option is given."""
    if asked:
        out.print(version(DISTRIBUTION), markup=False)
        raise typer.Exit


def print_settings(settings: Settings, console: Console = out) -> None:
    """Print each setting as ``NAME=value`` and below it what it does.

    No table: its columns cut names and values where the terminal is narrow.
    """
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "" if value is None else masked(str(value))
        console.print(f"{PREFIX}{name.upper()}={shown}", markup=False, soft_wrap=True)
        description = textwrap.fill(
            field.description or "",
            width=max(40, console.width),
            initial_indent="    ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        console.print(description, markup=False, soft_wrap=True)
