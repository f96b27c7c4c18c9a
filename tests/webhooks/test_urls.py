"""Which addresses of webhooks are accepted, as a table."""

from typing import Final

import pytest

from domain.outgoing import MAX_URL, UrlProblem
from outgoing.policy import Policy
from outgoing.target import BadUrl, read_url

POLICY: Final = Policy(own_hosts=["desk.example.net"])
INSIDE: Final = Policy(inside=True, own_hosts=["desk.example.net"])

ACCEPTED: Final = {
    "https://example.com": "https://example.com/",
    "https://example.com/": "https://example.com/",
    "HTTPS://Example.COM/Hook": "https://example.com/Hook",
    "https://example.com:443/a": "https://example.com/a",
    "https://example.com:8443/a": "https://example.com:8443/a",
    "https://example.com?token=1": "https://example.com/?token=1",
    "https://example.com/a?b=c&d=%E4%B8%AD": "https://example.com/a?b=c&d=%E4%B8%AD",
    "https://hook_1.example.com/": "https://hook_1.example.com/",
    "https://商城.example.com/a": "https://xn--czru2d.example.com/a",
    "https://例え。テスト/": "https://xn--r8jz45g.xn--zckzah/",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "https://93.184.216.34/": "https://93.184.216.34/",
    "https://[2606:4700:4700::1111]/a": "https://[2606:4700:4700::1111]/a",
    "https://[2606:4700:4700:0:0:0:0:1111]:8443/": "https://[2606:4700:4700::1111]:8443/",
    "https://example.com/" + "a" * (MAX_URL - 20): "https://example.com/" + "a" * (MAX_URL - 20),
}

REFUSED: Final = {
    UrlProblem.TOO_LONG: ["https://example.com/" + "a" * (MAX_URL - 19)],
    UrlProblem.MALFORMED: [
        "",
        "example.com",
        "//example.com/",
        "https:example.com",
        "https:/example.com",
        "https://",
        "https:///a",
        " https://example.com/",
        "https://example.com/\n",
        "https://example.com/ a",
        "https://example.com/\ta",
        "https://example.com\\@10.0.0.1/",
        "https:\\\\example.com/",
        "https://example.com:/",
        "https://example.com:44a3/",
        "https://example.com:-1/",
        "https://example.com:0000000443/",
        "https://example.com/中文",
        "https://example.com/?q=中文",
        "https://example.com/\x7f",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[2606:4700:4700::1111]a/",
        "https://[v1.x]/",
        "https://exa%6dple.com/",
    ],
    UrlProblem.SCHEME: [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript://example.com/%0aalert(1)",
        "ws://example.com/",
    ],
    UrlProblem.CREDENTIALS: [
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com@10.0.0.1/",
        "https://@example.com/",
        "https://example.com:443@10.0.0.1/",
    ],
    UrlProblem.FRAGMENT: ["https://example.com/#", "https://example.com/#a", "https://a.com#b"],
    UrlProblem.PORT: [
        "https://example.com:80/",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:99999/",
        "https://example.com:5432/",
    ],
    UrlProblem.HOST: [
        "https://localhost/",
        "https://localhost:8443/",
        "https://intranet/",
        "https://api.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://nas.lan/",
        "https://1.0.0.127.in-addr.arpa/",
        "https://example.com./",
        "https://.example.com/",
        "https://a..b.com/",
        "https://-a.com/",
        "https://a-.com/",
        "https://exa mple.com/",
        "https://exa\x00mple.com/",
        "https://exa\nmple.com/",
        f"https://{'a' * 64}.com/",
        f"https://{'.'.join(['a' * 60] * 5)}.com/",
        "https://xn--\u4e2d.com/",
        "https://\u200b.com/",
        "https://a\u202eb.com/",
        # Addresses in notations that resolvers read and that others do not.
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0177.0.0.1/",
        "https://010.8.8.8/",
        "https://8.8.8.010/",
        "https://0x8.8.8.8/",
        "https://8.8.8.0x8/",
        "https://8.8.8.256/",
        "https://8.8.8.8.8/",
        "https://example.1/",
        "https://example.0x/",
        "https://[::1.2.3]/",
        "https://[1.1.1.1]/",
        "https://[:::1]/",
    ],
    UrlProblem.ADDRESS: [
        "https://127.0.0.1/",
        "https://10.0.0.1:8443/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[fd00:ec2::254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::1]/",
        "https://１２７.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://127。0。0。1/",
    ],
    UrlProblem.OWN: [
        "https://desk.example.net/graphql",
        "https://DESK.example.net/",
        "https://a.desk.example.net/",
    ],
}


@pytest.mark.parametrize(("text", "url"), ACCEPTED.items())
def test_an_address_is_stored_in_its_usual_form(text: str, url: str) -> None:
    target = read_url(text, POLICY)
    assert target.url == url
    assert read_url(target.url, POLICY) == target


@pytest.mark.parametrize(
    ("text", "problem"),
    [(text, problem) for problem, texts in REFUSED.items() for text in texts],
)
def test_an_address_is_refused_with_what_is_wrong(text: str, problem: UrlProblem) -> None:
    with pytest.raises(BadUrl) as refused:
        read_url(text, POLICY)
    assert refused.value.problem is problem


def test_every_problem_of_an_address_has_its_cases() -> None:
    assert REFUSED.keys() == set(UrlProblem)


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:9000/a",
        "http://127.0.0.1:9000/",
        "https://[::1]:9000/",
        "http://receiver/",
        "https://desk.example.net/",
    ],
)
def test_for_development_an_address_may_be_inside(text: str) -> None:
    assert read_url(text, INSIDE).url == text


@pytest.mark.parametrize(
    "problem",
    [
        UrlProblem.TOO_LONG,
        UrlProblem.MALFORMED,
        UrlProblem.CREDENTIALS,
        UrlProblem.FRAGMENT,
    ],
)
def test_even_for_development_an_address_must_be_well_formed(problem: UrlProblem) -> None:
    for text in REFUSED[problem]:
        with pytest.raises(BadUrl):
            read_url(text, INSIDE)


def test_what_is_logged_of_an_address_holds_no_path_and_no_query() -> None:
    target = read_url("https://example.com/secret-path?token=secret", POLICY)
    assert "secret" not in repr(target)
    with pytest.raises(BadUrl) as refused:
        read_url("https://user:secret@example.com/", POLICY)
    assert "secret" not in f"{refused.value} {refused.value!r}"
