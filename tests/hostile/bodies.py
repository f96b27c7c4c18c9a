"""Bodies of 512 KiB and documents of 1,500 tokens that cost as much as a stranger can make them."""

import json
from collections.abc import Mapping
from typing import Final

MAX_BODY: Final = 512 * 1024

SIGN_IN: Final = "mutation($i: SignInInput!) { signIn(input: $i) { refusals { code } } }"
SUBMIT: Final = """mutation($i: SubmitApplicationInput!) {
  submitApplication(input: $i) { refusals { code } } }"""
ORDERS: Final = """query($f: ServiceOrderFilter, $n: Int) {
  serviceOrders(filter: $f, first: $n) { nodes { id } } }"""
NODES: Final = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"


def body(query: str, variables: str = "{}") -> bytes:
    """The variables are said in JSON, so that they can be what no encoder would write."""
    made = f'{{"query":{json.dumps(query)},"variables":{variables}}}'.encode()
    assert len(made) <= MAX_BODY
    return made


def filled(one: str, size: int = MAX_BODY - 1_000) -> str:
    """As many of one thing as fit, with commas between."""
    return ",".join([one] * (size // (len(one) + 1)))


def keys(count: int) -> str:
    return "{" + ",".join(f'"k{at}":0' for at in range(count)) + "}"


def each(template: str, count: int) -> str:
    """The template once for each number, in the place of #."""
    return " ".join(template.replace("#", str(at)) for at in range(count))


def _list(item: str) -> str:
    return f'{{"ids":[{item}]}}'


def _status(items: str) -> str:
    return f'{{"f":{{"status":[{items}]}}}}'


_LONG: Final = MAX_BODY - 1_000

VARIABLES: Final[Mapping[str, tuple[str, str]]] = {
    "unknown keys": (SIGN_IN, f'{{"i":{keys(9_900)}}}'),
    "very many unknown keys": (SIGN_IN, f'{{"i":{keys(42_000)}}}'),
    "unknown keys beside the known": (
        SIGN_IN,
        f'{{"i":{{"login":"a","password":"b",{keys(9_900)[1:]}}}',
    ),
    "unknown keys in many objects": (
        SUBMIT,
        f'{{"i":{{"items":[{",".join([keys(50)] * 180)}]}}}}',
    ),
    "unknown keys in very many objects": (
        SUBMIT,
        f'{{"i":{{"items":[{",".join([keys(50)] * 1_000)}]}}}}',
    ),
    "eighty thousand empty objects": (SUBMIT, f'{{"i":{{"items":[{filled("{}")}]}}}}'),
    "unknown variables": (NODES, keys(42_000)),
    "wrong enum values": (ORDERS, _status(filled('"PENDING_REVIEV"', 165_000))),
    "very many wrong enum values": (ORDERS, _status(filled('"PENDING_REVIEV"'))),
    "right enum values, and a wrong one": (
        ORDERS,
        _status(filled('"PENDING_REVIEW"', 165_000) + ',"X"'),
    ),
    "right enum values": (ORDERS, _status(filled('"PENDING_REVIEW"', 165_000))),
    "a long enum value": (ORDERS, _status(f'"{"A" * _LONG}"')),
    "a long key": (SIGN_IN, f'{{"i":{{"{"login" * (_LONG // 5)}":1}}}}'),
    "ids": (NODES, _list(filled('""', 29_000))),
    "very many ids": (NODES, _list(filled('""'))),
    "ids that are numbers": (NODES, _list(filled("1", 19_900))),
    "ids, and a null": (NODES, _list(filled('""', 29_000) + ",null")),
    "a long id": (NODES, _list(f'"{"x" * _LONG}"')),
    "an id of escapes": (NODES, _list(f'"{chr(92)}u4e2d'.ljust(480_000, "x") + '"')),
    "lists in lists": (NODES, f'{{"ids":{"[" * 900}{"]" * 900}}}'),
    "many lists in lists": (NODES, _list(filled("[" * 50 + "]" * 50))),
    "endless lists in lists": (NODES, f'{{"ids":{"[" * 200_000}{"]" * 200_000}}}'),
    "objects in objects": (SIGN_IN, f'{{"i":{chr(123) + chr(34) + "i" + chr(34) + ":"}1}}}}'),
    "a long number": (ORDERS, f'{{"n":{"9" * _LONG}}}'),
    "a long fraction": (ORDERS, f'{{"n":1.{"9" * _LONG}}}'),
    "a large exponent": (ORDERS, '{"n":1e308}'),
    "a password that is an object": (
        SIGN_IN,
        f'{{"i":{{"login":"a","password":{keys(9_900)}}}}}',
    ),
}
"""Documents that anybody may send, and variables for them."""


def _pairs(count: int) -> str:
    spreads = each("...F#", count)
    return f"{{ roles {{ {spreads} }} }} " + each("fragment F# on Role { id name }", count)


_TYPES: Final = ("ServiceOrder", "Merchant", "Role", "Employee", "Application")

DOCUMENTS: Final[Mapping[str, str]] = {
    "one leaf again and again": "{ roles { " + "id " * 299 + "} }",
    "one field again and again": "{ " + "viewer { name } " * 290 + "}",
    "one path again and again": "{ serviceOrders { nodes { "
    + "application { serviceOrders { application { id } } } " * 70
    + "} } }",
    "leaves of a fragment that nobody uses": "{ serverTime } fragment F on Role { "
    + "id " * 1_480
    + "}",
    "conflicts": "{ " + each("a: serverTime a: viewer", 145) + " }",
    "conflicting arguments": "{ " + each("a: serviceOrders(first: #) { nodes { id } }", 20) + " }",
    "conflicting lists of arguments": "{ "
    + each("nodes(ids: [" + '"a" ' * 60 + '"#"]) { id }', 20)
    + " }",
    "fragments side by side": _pairs(140),
    "fragments that spread all others": "{ roles { ...F0 } } "
    + " ".join(
        f"fragment F{at} on Role {{ id {' '.join(f'...F{to}' for to in range(at + 1, 32))} }}"
        for at in range(32)
    ),
    "a chain of fragments": "{ ...F0 } "
    + " ".join(f"fragment F{at} on Query {{ ...F{at + 1} }}" for at in range(50))
    + " fragment F50 on Query { serverTime }",
    "inline fragments": '{ node(id: "x") { '
    + "... on ServiceOrder { id number status } " * 90
    + "} }",
    "inline fragments on many types": '{ node(id: "x") { '
    + " ".join(f"... on {_TYPES[at % 5]} {{ id }}" for at in range(200))
    + " } }",
    "inline fragments inside one another": "{" + "...{" * 58 + "serverTime" + "}" * 59,
    "many operations": each("query Q# { ...F }", 180) + " fragment F on Query { serverTime }",
    "many operations of many fragments": each("query Q# { ...F }", 90)
    + " fragment F on Query { "
    + each("...F#", 70)
    + " } "
    + each("fragment F# on Query { serverTime }", 70),
    "many operations with variables": each("query Q#($a: ID!) { ...F }", 55)
    + " fragment F on Query { "
    + each("...F#", 25)
    + " } "
    + each("fragment F# on Query { node(id: $a) { id } }", 25),
    "many variables": "query(" + each("$v#: Int", 350) + ") { serverTime }",
    "unknown fields": "{ viewer { " + "nombre " * 299 + "} }",
    "an unknown long field": "{ " + "serviceOrders" * 4_000 + " }",
    "unknown types": '{ node(id: "") { ' + each("... on ServiceOrde# { id }", 200) + " } }",
    "unknown fragments": "{ " + each("...A#", 500) + " }",
    "unknown arguments": "{ serviceOrders(" + each("firs#: 1", 480) + ") { nodes { id } } }",
    "unknown directives": "{ serverTime " + "@inclade(if: true) " * 45 + "}",
    "directives": "{ roles { " + "id @include(if: true) " * 49 + "} }",
    "a long list": "{ nodes(ids: [" + '"" ' * 1_480 + "]) { id } }",
    "a long list of wrong enum values": "{ serviceOrders(filter: {status: ["
    + "PENDING_REVIEV " * 1_450
    + "]}) { nodes { id } } }",
    "empty objects": "mutation { submitApplication(input: {items: ["
    + "{} " * 740
    + "]}) { refusals { code } } }",
    "an object of unknown fields": "mutation { submitApplication(input: {"
    + each("k#: 0", 490)
    + "}) { refusals { code } } }",
    "lists in lists": "{ nodes(ids: " + "[" * 190 + "]" * 190 + ") { id } }",
    "objects in objects": "{ serviceOrders(filter: "
    + "{status: " * 190
    + "1"
    + "}" * 190
    + ") { nodes { id } } }",
    "a long number": "{ serviceOrders(first: " + "9" * 60_000 + ") { nodes { id } } }",
    "a long number as an id": "{ node(id: " + "9" * 60_000 + ") { id } }",
    "a long string": '{ node(id: "' + "9" * 60_000 + '") { id } }',
    "a string of escapes": '{ node(id: "' + "\\u4e2d" * 10_000 + '") { id } }',
    "a block string": '{ node(id: """' + "\n " * 30_000 + '""") { id } }',
    "blanks": "{ serverTime " + " " * 60_000 + "}",
    "commas": "{ serverTime " + ",\n" * 30_000 + "}",
    "twenty introspections": "{ "
    + each("a#: __schema { types { name fields { name description } } }", 20)
    + " }",
    "one type twenty times": "{ "
    + each('a#: __type(name: "Mutation") { fields { name args { name type { name } } } }', 20)
    + " }",
    "introspection as large as it may be": "{ __schema { types { "
    + each("a#: fields { name description isDeprecated deprecationReason __typename }", 19)
    + " } } }",
    "introspection by fragments": "{ "
    + each("a#: __schema { ...S @include(if: true) }", 20)
    + " } fragment S on __Schema { types { ...T } }"
    + " fragment T on __Type { name fields { name type { ...R } } }"
    + " fragment R on __Type { name kind ofType { name kind ofType { name } } }",
    "refusals of all types": 'mutation { signIn(input: {login: "", password: ""}) { refusals { '
    + "... on AlreadyDecided { code } " * 150
    + "} } }",
}
"""Documents that anybody may send, as expensive as their size allows."""
