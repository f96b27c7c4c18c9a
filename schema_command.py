"""The commands `aftersales schema` and `aftersales documents`."""

import sys
from pathlib import Path

import typer

from domain.text import Language
from execution import manifest
from execution.document_cache import BadDocuments
from schema.build import build
from startup import err


def print_sdl(language: str) -> None:
    """Print the SDL; ``language`` is the name of a Language, that of the descriptions."""
    sys.stdout.write(build(language=Language[language]).as_str() + "\n")


def write_documents(folder: Path, output: Path | None) -> None:
    """Write the operations of a folder by their hash, to the standard output if there is no file.

    Raises BadDocuments if the file cannot be written.
    """
    core = build()._schema  # noqa: SLF001 - Strawberry has no public way to the core schema
    try:
        content = manifest.encode(manifest.collect(folder, core))
    except BadDocuments as bad:
        err.print(str(bad), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BadDocuments(f"{output}: {error.strerror}") from error
