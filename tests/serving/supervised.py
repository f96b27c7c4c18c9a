"""Supervises a small application with short patience: ``python -m tests.serving.supervised``."""

import json
import logging
import sys

import uvicorn

from supervisor import Patience, Supervisor


def main(port: str, workers: str, application: str, patience: str) -> int:
    """Serve until told to stop."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = uvicorn.Config(
        application, port=int(port), workers=int(workers), access_log=False, loop="uvloop"
    )
    return Supervisor(config, [config.bind_socket()], Patience(**json.loads(patience))).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
