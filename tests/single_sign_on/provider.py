"""A real OpenID Connect provider, served from this process, and a browser that signs in there."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from oidc_provider_mock import User, app
from werkzeug.serving import make_server

REDIRECT_URI = "https://desk.example.com/back"


@dataclass
class Provider:
    """The provider. ``requests`` are the paths that were asked for, and ``forms`` what was sent."""

    issuer: str = ""
    requests: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def serving(cls, *users: User) -> Iterator["Provider"]:
        provider = cls()
        served = app(user_claims=users, require_nonce=True)

        def recorded(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            provider.requests.append(environ["PATH_INFO"])
            if environ["PATH_INFO"].endswith("/token"):
                body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                provider.forms.append(parse_qs(body.decode()))
                provider.headers.append(environ.get("HTTP_AUTHORIZATION", ""))
                environ["wsgi.input"] = BytesIO(body)
            return served(environ, start)

        server = make_server("127.0.0.1", 0, recorded, threaded=True)
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    async def sign_in(self, url: str, subject: str) -> dict[str, str]:
        """What the provider sends back after the person has signed in there."""
        async with httpx2.AsyncClient() as browser:
            answer = await browser.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT_URI
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    def is_challenge(self, url: str) -> bool:
        """Whether the last code verifier fits the code challenge of the address (RFC 7636)."""
        [challenge] = parse_qs(urlsplit(url).query)["code_challenge"]
        digest = hashlib.sha256(self.forms[-1]["code_verifier"][0].encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
