"""Runs the steps of the Dockerfile without an engine for containers, and serves as it would.

    .venv/bin/python -m tests.deploy.rehearse

Needs root, and some minutes to install the packages; therefore it is no test. The folders of the
image are mounted in a namespace of their own, at their real paths. Before the server starts, as the
user of the image, everything else is made read-only.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy.dockerfile import ROOT, Instruction, in_context, instructions

PATIENCE_S = 120
INSIDE = "--inside"
DATA, HOME, PYTHON = Path("/var/lib/aftersales"), Path("/opt/aftersales"), Path("/mnt")


def main() -> None:
    """Rehearse in a namespace, and remove the mount points that the machine did not have."""
    missing = [place for place in (DATA, HOME) if not place.exists()]
    for place in missing:
        place.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.deploy.rehearse", INSIDE]
    ran = subprocess.run(["unshare", "--mount", *command], cwd=ROOT, check=False)
    for place in missing:
        place.rmdir()
    sys.exit(ran.returncode)


def rehearse() -> None:
    """Rehearse, and say what was done."""
    steps = list(instructions())
    last = steps[-1].stage
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for place in (DATA, HOME):
            mount("--bind", str(new(folder / place.name / str(place == DATA))), str(place))
        mount("--bind", sys.base_prefix, str(PYTHON))  # where the image's user can read it, too
        environment = {"PATH": f"{PYTHON}/bin:{os.defpath}", "HOME": name}
        at = Path("/")
        for step in steps:
            at = build(step, at, environment) if step.stage < last else at
        environment = {"PATH": os.defpath, "LD_LIBRARY_PATH": f"{PYTHON}/lib"}
        for step in steps:
            if step.stage == last and step.name == "ENV":
                environment |= dict(word.split("=", 1) for word in step.words)
        environment["PATH"] = environment["PATH"].replace("$PATH", os.defpath)
        os.chown(DATA, 10001, 10001)
        read_only(folder)
        serve(steps, environment)


def new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def build(step: Instruction, at: Path, environment: dict[str, str]) -> Path:
    """An instruction of the stage that builds. Returns the folder of the next."""
    print(step.name, step.arguments, flush=True)  # noqa: T201 - a script
    match step.name:
        case "WORKDIR":
            return Path(step.arguments)
        case "ENV":
            environment |= dict(word.split("=", 1) for word in step.words)
        case "COPY":
            *sources, _ = step.words
            copy(in_context() if sources == ["."] else sources, at)
        case "RUN":
            subprocess.run(["sh", "-c", step.arguments], cwd=at, env=environment, check=True)
        case _:
            pass
    return at


def copy(names: list[str], target: Path) -> None:
    for name in names:
        for source in ROOT.glob(name):
            copied = target / source.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, copied)


def read_only(folder: Path) -> None:
    """Let nothing be written but what the image's user may write."""
    mount("--bind", "/", "/")
    for place in ("/", str(HOME), str(PYTHON)):
        mount("-o", "remount,bind,ro", place)
    mount("-t", "tmpfs", "tmpfs", "/tmp")  # noqa: S108 - a place of its own
    assert folder.parent == Path("/tmp")  # noqa: S108


def serve(steps: list[Instruction], environment: dict[str, str]) -> None:
    by_name = {step.name: step for step in steps if step.stage == steps[-1].stage}
    user = by_name["USER"].arguments.partition(":")[0]
    key = subprocess.run(
        ["openssl", "rand", "-base64", "32"], capture_output=True, text=True, check=True
    )
    environment |= {"AFTERSALES_SIGNING_KEY": key.stdout.strip()}
    entry, command = by_name["ENTRYPOINT"].words, by_name["CMD"].words
    health = Instruction(0, "", by_name["HEALTHCHECK"].arguments.partition("CMD ")[2]).words
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]

    def run(*words: str) -> int:
        return subprocess.run([*as_user, *words], env=environment, cwd=DATA, check=False).returncode

    assert run("touch", "/opt/aftersales/x", "/etc/x") != 0, "something else can be written"
    assert run(*entry, "migrate") == 0
    server = subprocess.Popen([*as_user, *entry, *command], env=environment, cwd=DATA)
    end = time.monotonic() + PATIENCE_S
    while run(*health) != 0:
        assert time.monotonic() < end, "the server is not healthy"
        time.sleep(1)
    assert run(*entry, "backup", str(DATA / "backup")) == 0
    server.send_signal(signal.SIGTERM)
    assert server.wait(PATIENCE_S) in {0, -signal.SIGTERM}  # it ends by the signal, once it is done
    assert run(*health) != 0, "a server that stopped is healthy"
    print("The image builds, migrates, serves, is healthy, backs up and stops.")  # noqa: T201


if __name__ == "__main__":
    rehearse() if INSIDE in sys.argv else main()
