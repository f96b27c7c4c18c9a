"""An ERP's side of the desk, with Python alone: its copy of the queue, and its reviews.

Run `python erp.py` with the demo of `make demo` running.
"""

import base64
import json
import os
import sqlite3
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

URL = os.environ.get("AFTERSALES_URL", "http://127.0.0.1:8000/graphql")
LOGIN = os.environ.get("AFTERSALES_LOGIN", "digital-reviewer")
PASSWORD = os.environ.get("AFTERSALES_PASSWORD", "aftersales-demo")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)
SIGN_IN = """mutation($input: SignInInput!) {
  signIn(input: $input) { accessToken viewer { name } refusals { code message } } }"""
SNAPSHOT = "{ snapshot { cursor } }"
QUEUE = """query($after: String) {
  serviceOrders(filter: { status: [PENDING_REVIEW] }, first: 100, after: $after) {
    nodes { id number status version } pageInfo { hasNextPage endCursor } } }"""
EVENTS = """query($after: String!) {
  events(after: $after) { endCursor hasNextPage
    nodes { event { kind sequence } serviceOrder { id number status version } } } }"""
UPLOAD = """mutation($input: UploadEvidenceInput!) {
  uploadEvidence(input: $input) { evidence { id url } refusals { code } } }"""
REVIEW = """mutation($input: ReviewServiceOrderInput!) {
  reviewServiceOrder(input: $input) { serviceOrder { id number status version }
    refusals { code message ... on AlreadyDecided { by { name } at } } } }"""
NOTE = """mutation($input: AddNoteInput!) {
  addNote(input: $input) { replayed serviceOrder { version } refusals { code } } }"""


class Api:
    """The API over HTTP. What has an idempotency key is sent again if its answer is lost."""

    token = ""
    loses_answer = False  # to show what happens when an answer is lost on its way

    def ask(self, query: str, **variables: Any) -> Any:
        """The value of the only root field."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        has_key = "idempotencyKey" in variables.get("input", {})
        return self._send(body, "application/json", attempts=5 if has_key else 1)

    def upload(self, query: str, name: str, content: bytes) -> Any:
        """Send a file as a GraphQL multipart request."""
        boundary = uuid.uuid4().hex
        operations = json.dumps({"query": query, "variables": {"input": {"file": None}}})
        parts = [
            f'name="operations"\r\n\r\n{operations}'.encode(),
            b'name="map"\r\n\r\n{"0": ["variables.input.file"]}',
            f'name="0"; filename="{name}"\r\n\r\n'.encode() + content,
        ]
        head = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
        return self._send(body, f"multipart/form-data; boundary={boundary}", attempts=1)

    def _send(self, body: bytes, content_type: str, *, attempts: int) -> Any:
        headers = {"Content-Type": content_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(URL, body, headers)
        for attempt in range(1, attempts + 1):
            try:
                answer = self._open(request)
            except urllib.error.URLError:
                if attempt == attempts:
                    raise
                time.sleep(0.2 * attempt)
            else:
                if answer.get("errors"):
                    raise RuntimeError(answer["errors"])
                return next(iter(answer["data"].values()))
        return None

    def _open(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        if self.loses_answer:
            self.loses_answer = False
            raise urllib.error.URLError("the answer was lost")
        return answer


def step(name: str, **facts: object) -> None:
    print(json.dumps({"step": name, **facts}, ensure_ascii=False), flush=True)


def save(copy: sqlite3.Connection, order: dict[str, Any]) -> None:
    """Keep the newest version of an order: events may come again, and late."""
    copy.execute(
        "INSERT INTO orders VALUES (:id, :number, :status, :version) ON CONFLICT (id) DO UPDATE"
        " SET status = excluded.status, version = excluded.version"
        " WHERE excluded.version >= version",
        order,
    )


def status_of(copy: sqlite3.Connection, id_: str) -> str:
    return str(copy.execute("SELECT status FROM orders WHERE id = ?", [id_]).fetchone()[0])


def main() -> None:
    api, copy = Api(), sqlite3.connect(":memory:")
    copy.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, number TEXT, status TEXT, version INT)")

    signed_in = api.ask(SIGN_IN, input={"login": LOGIN, "password": PASSWORD})
    api.token = signed_in["accessToken"]
    step("signIn", viewer=signed_in["viewer"]["name"])

    # The queue. The cursor is older than every page, so that no change is missed.
    cursor = api.ask(SNAPSHOT)["cursor"]
    after, has_next = None, True
    while has_next:
        page = api.ask(QUEUE, after=after)
        for order in page["nodes"]:
            save(copy, order)
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    id_, number = copy.execute("SELECT id, number FROM orders ORDER BY number DESC").fetchone()
    waiting = copy.execute("SELECT count(*) FROM orders").fetchone()[0]
    step("queue", number=number, waiting=waiting)

    picture = api.upload(UPLOAD, "pixel.png", PIXEL)["evidence"]
    step("upload", id=picture["id"])

    # The copy shows the decision before the server answers, with the version as it is.
    copy.execute("UPDATE orders SET status = 'AWAITING_SHIPMENT' WHERE id = ?", [id_])
    optimistic = status_of(copy, id_)
    review = {"id": id_, "evidenceIds": [picture["id"]], "decision": {"approve": {}}}
    payload = api.ask(REVIEW, input=review)
    save(copy, payload["serviceOrder"])  # beside refusals, this is the order as it is now
    if payload["refusals"]:
        raise SystemExit(payload["refusals"])
    step("review", optimistic=optimistic, confirmed=status_of(copy, id_))
    again = api.ask(REVIEW, input=review)
    step("refused", code=again["refusals"][0]["code"], status=again["serviceOrder"]["status"])

    # What happened since the snapshot, by oneself or by others: until the review is there.
    seen: set[str] = set()
    while id_ not in seen:
        page = api.ask(EVENTS, after=cursor)
        for node in page["nodes"]:
            save(copy, node["serviceOrder"])
            seen.add(node["serviceOrder"]["id"])
        cursor = page["endCursor"]
        if not page["hasNextPage"]:
            time.sleep(0.2)
    pending = "SELECT count(*) FROM orders WHERE status = 'PENDING_REVIEW'"
    step("live", waiting=copy.execute(pending).fetchone()[0])

    api.loses_answer = True
    note = {"id": id_, "text": "已电话联系", "idempotencyKey": str(uuid.uuid4())}
    noted = api.ask(NOTE, input=note)
    step("retry", replayed=noted["replayed"], version=noted["serviceOrder"]["version"])


if __name__ == "__main__":
    main()
