"""The command `aftersales rotate-key`: the file of the signing key, or the setting."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from auth import key_file
from auth.key_file import KeyRing, NotYet
from auth.keys import Keys
from doctor.old_secrets import merchants_with_secrets_before, owners_with_former_seals
from models.clock import WallClock
from models.single_sign_on import PLATFORM_OWNER
from parts import Parts
from resolvers.sign_in.session import SESSION_WINDOW
from settings import KEY_FILE, PREFIX, BadSettings, Settings
from startup import err, load_settings, open_parts, require_current, run

SETTING: Final = f"{PREFIX}SIGNING_KEY"


def rotate(step: str, *, now: bool) -> None:
    """Take a step with the keys. A new value of the setting alone goes to standard output.

    Raises NotYet or BadSettings.
    """
    settings, time = load_settings(), WallClock().now()
    file = None if settings.signing_key is not None else settings.data_dir / KEY_FILE
    ring = _read(settings, file)
    match step:
        case "announce":
            if ring.has_announced:
                raise NotYet("A key is announced already: restart all servers, then use it.")
            changed = ring.announce(time)
        case "use":
            changed = ring.use(time)
        case _:
            if not now and file is not None:
                _require_unused(settings, ring, time)
            changed = ring.retire()
    _keep(changed, file)
    signs, *others = Keys.read(changed.setting).fingerprints
    accepted = f" and accept {', '.join(others)} too" if others else " alone"
    err.print(f"Restart all servers and workers: they sign with {signs}{accepted}.", soft_wrap=True)


def _read(settings: Settings, file: Path | None) -> KeyRing:
    if file is None:
        key = settings.signing_key
        return KeyRing.parse(key.get_secret_value() if key is not None else "")
    settings.keys()  # the file exists then
    return key_file.read(file)


def _keep(ring: KeyRing, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(ring.setting + "\n")
        err.print(f"The new value of {SETTING} is on standard output: store it.", soft_wrap=True)
        return
    try:
        key_file.write(file, ring)
    except OSError as error:
        raise BadSettings(f"{error.filename}: {error.strerror}") from error


def _require_unused(settings: Settings, ring: KeyRing, time: datetime) -> None:
    """Raises NotYet. A setting tells no times, so that only a file can be checked."""
    if ring.has_announced:
        raise NotYet("The key that was announced is not in use yet: use it first, or take --now.")
    since = ring.keys[0].since
    if len(ring.keys) == 1 or since is None:
        return
    if time - since < SESSION_WINDOW:
        day = (since + SESSION_WINDOW).date()
        raise NotYet(f"Sessions of the former key may last until {day}: wait, or take --now.")
    parts = open_parts(settings)
    merchants: list[int] = []
    owners: list[int] = []
    run(parts, _find_secrets(parts, since, merchants, owners))
    if merchants:
        names = ", ".join(map(str, merchants))
        raise NotYet(
            f"Webhooks of these merchants have secrets of the former key: {names}. Let them call "
            "rotateWebhookSecret, or take --now."
        )
    if owners:
        names = ", ".join("the platform" if id_ == PLATFORM_OWNER else str(id_) for id_ in owners)
        raise NotYet(
            f"Client secrets of single sign-on are sealed with the former key, of: {names}. Let "
            "them call setSingleSignOn with the secret, or take --now."
        )


async def _find_secrets(
    parts: Parts, since: datetime, merchants: list[int], owners: list[int]
) -> None:
    await require_current(parts.database)
    async with parts.database.read() as connection:
        merchants += await merchants_with_secrets_before(connection, since)
        owners += await owners_with_former_seals(connection, parts.keys)
