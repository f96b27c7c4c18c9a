"""The command `aftersales settings`: whole at any width."""

import textwrap

from rich.console import Console

from domain.urls import masked
from settings import PREFIX, Settings
from startup import load_settings, out


def list_settings() -> None:
    """Print what is set, as far as the settings can be read. Raises BadSettings."""
    print_settings(load_settings())


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
