"""The application as granian loads it: `granian --factory bench.granian_app:app`."""

from serve import application
from settings import load
from transport.edge import Application


def app() -> Application:
    """The application, made as uvicorn makes it. Raises BadDocuments or BadSettings."""
    return application(load())
