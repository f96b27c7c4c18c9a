"""The help and the version of the command, and the end of one that fails.

Imports nothing of the server: its help would have to wait for it.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

import typer
from typer.core import TyperGroup

DISTRIBUTION: Final = "aftersales"


class Commands(TyperGroup):
    """Ends a command with one line if an operator can mend the error. A bug shows its traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - of types that typer does not export
        try:
            return super().invoke(ctx)
        except Exception as error:
            operator_error = import_module("operator_errors").operator_error_of(error)
            if operator_error is None:
                raise
            typer.echo(operator_error.line, err=True)
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
        typer.echo(version(DISTRIBUTION))
        raise typer.Exit
