"""The two formats of the log: lines of text, and JSON for those who collect logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

NameOfWork = Callable[[], Mapping[str, str]]
"""What names the work that logs, such as ``requestId``; empty for none."""

FIELDS: Final = "fields"
"""The attribute of a record with more of its facts, by their names in JSON."""

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


class TextLines(logging.Formatter):
    """A line of text, which ends with the id of the request unless the message has it."""

    def __init__(self, name_of_work: NameOfWork) -> None:
        super().__init__(_TEXT)
        self._name_of_work = name_of_work

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        line = super().formatMessage(record)
        request_id = self._name_of_work().get("requestId")
        return line if request_id is None or request_id in line else f"{line} [{request_id}]"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, name_of_work: NameOfWork) -> None:
        super().__init__()
        self._name_of_work = name_of_work

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._name_of_work(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
