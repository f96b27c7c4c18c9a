"""The command `aftersales account`."""

import typer
from sqlalchemy.exc import IntegrityError

from auth.passwords import hash_password
from domain.passwords import new_password
from domain.refusals.refusal import BadInput, Refused
from parts import Parts
from resolvers.platform.first_account import NotTheFirst, create_first_account
from startup import err, load_settings, open_parts, out, require_current, run


def create_account(login: str, name: str, password: str) -> None:
    """Create the first account of the platform's own people."""
    try:
        password = new_password(password, "password", login=login)
    except BadInput as error:
        err.print(f"The password: {error.text.en}", markup=False)
        raise typer.Exit(2) from None
    except Refused as error:
        err.print(error.refusals[0].text.en, markup=False)
        raise typer.Exit(2) from None
    parts = open_parts(load_settings())
    run(parts, _create_account(parts, login, name, password))
    out.print(f"Created the platform account {login}.", markup=False)


async def _create_account(parts: Parts, login: str, name: str, password: str) -> None:
    await require_current(parts.database)
    await parts.clock.measure(parts.database)
    password_hash, now = await hash_password(password), parts.clock.now()
    try:
        async with parts.database.write() as connection:
            await create_first_account(
                connection, login=login, name=name, password_hash=password_hash, now=now
            )
    except NotTheFirst:
        err.print("An account can manage the others: call createPlatformAccount.")
        raise typer.Exit(1) from None
    except IntegrityError:
        err.print(f"The login {login} is taken.", markup=False)
        raise typer.Exit(1) from None
