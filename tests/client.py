"""An HTTP client of the API, which returns data or the codes of refusals."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any, Self, get_type_hints

import httpx2
from strawberry.utils.str_converters import to_camel_case

from domain.actors import NamedActor
from domain.refusals.registry import REFUSALS
from transport.edge import Application


class Failed(Exception):
    """The answer had top-level errors."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(json.dumps(errors, ensure_ascii=False))
        self.errors = errors
        self.codes = [error["extensions"]["code"] for error in errors]

    @property
    def code(self) -> str:
        return self.codes[0]

    @property
    def extensions(self) -> dict[str, Any]:
        return self.errors[0]["extensions"]


@dataclass
class Client:
    """A client. ``as_`` makes one with other credentials for the same server."""

    http: httpx2.AsyncClient
    token: str | None = None
    language: str = "en"

    @classmethod
    @asynccontextmanager
    async def of(cls, app: Application) -> AsyncIterator[Self]:
        async with cls.over(httpx2.ASGITransport(app)) as client:
            yield client

    @classmethod
    @asynccontextmanager
    async def over(cls, transport: httpx2.AsyncBaseTransport) -> AsyncIterator[Self]:
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
            yield cls(http)

    def as_(self, token: str | None) -> "Client":
        return Client(self.http, token, self.language)

    async def sign_in(self, login: str, password: str = "correct-horse") -> "Client":
        payload = await self.ask(SIGN_IN, login=login, password=password)
        assert payload["refusals"] == [], payload["refusals"]
        return self.as_(payload["accessToken"])

    async def post(self, body: object, **headers: str) -> httpx2.Response:
        return await self.http.post("/graphql", json=body, headers=self._headers() | headers)

    async def get(self, query: dict[str, str], **headers: str) -> httpx2.Response:
        return await self.http.get("/graphql", params=query, headers=self._headers() | headers)

    async def ask_all(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The whole data. Raises Failed."""
        response = await self.post({"query": query, "variables": variables or {}})
        answer = response.json()
        if answer.get("errors"):
            raise Failed(answer["errors"])
        return answer["data"]

    async def ask(self, query: str, **variables: Any) -> Any:
        """The value of the only root field. Raises Failed."""
        return next(iter((await self.ask_all(query, variables)).values()))

    async def do(self, name: str, shape: str = "", /, **given: Any) -> Any:
        """Call a mutation by its name with an input; returns the payload. Raises Failed."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        refusals = f"refusals {{ __typename code message path retryable {FACTS} }}"
        query = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {shape} {refusals} }} }}"
        return await self.ask(query, input=given)

    async def refused(self, name: str, shape: str = "", /, **given: Any) -> dict[str, Any]:
        """Call a mutation that must be refused once; returns the refusal."""
        payload = await self.do(name, shape, **given)
        assert len(payload["refusals"]) == 1, payload
        return payload["refusals"][0]

    async def codes(self, name: str, /, **given: Any) -> list[str]:
        """Call a mutation; returns the codes of its errors or refusals, none if it was done."""
        try:
            payload = await self.do(name, **given)
        except Failed as failed:
            return failed.codes
        return [refusal["code"] for refusal in payload["refusals"]]

    async def upload(self, data: bytes, filename: str = "photo.jpg", /, **given: Any) -> Any:
        query = (
            "mutation($input: UploadEvidenceInput!) { uploadEvidence(input: $input) { evidence "
            "{ id url mediaType width height bytes } refusals { __typename code } } }"
        )
        operations = {"query": query, "variables": {"input": {"file": None, **given}}}
        response = await self.http.post(
            "/graphql",
            data={
                "operations": json.dumps(operations),
                "map": json.dumps({"0": ["variables.input.file"]}),
            },
            files={"0": (filename, data)},
            headers=self._headers(),
        )
        answer = response.json()
        if answer.get("errors"):
            raise Failed(answer["errors"])
        return answer["data"]["uploadEvidence"]

    def _headers(self) -> dict[str, str]:
        headers = {"accept-language": self.language}
        return headers | ({"authorization": f"Bearer {self.token}"} if self.token else {})


SIGN_IN = """
mutation($login: String!, $password: String!) {
  signIn(input: {login: $login, password: $password}) {
    accessToken refreshToken expiresAt viewer { name kind } refusals { code }
  }
}
"""


def _facts() -> Iterator[str]:
    """A fragment for each refusal that has facts."""
    for kind in REFUSALS:
        hints = get_type_hints(kind)
        names = [
            to_camel_case(fact.name) + (" { kind name }" if hints[fact.name] is NamedActor else "")
            for fact in fields(kind)
            if fact.name != "path"
        ]
        if names:
            yield f"... on {kind.__name__} {{ {' '.join(names)} }}"


FACTS = " ".join(_facts())
"""The facts of every refusal, for the selection of ``refusals``."""
