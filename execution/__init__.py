"""Executes documents: parse, limit, validate, plan and run them; and keeps the trusted documents.

Knows GraphQL and the projection, and no type of the API. Imports `projection`, `database` and
`resolvers.context`. A document passes through the modules in this order:

At startup:

    manifest.py                 reads the manifest of trusted documents

Find and check the document:

    persisted_documents.py      the document that a request names by text or by hash
    document_cache.py           parses, limits and validates each document once
    limits.py                   the limits of documents and variables
    cost_analysis.py            analyses the cost of operations
    cost.py                     the cost of a selection set
    formulas.py                 costs that depend on variables
    multipliers.py              how many objects a list returns
    one_of_rule.py              validates variables inside @oneOf objects
    overlapping_fields_rule.py  validates that fields with the same key can be merged
    no_introspection_rule.py    refuses introspection where it is turned off
    checked_document.py         the outcome: errors, or operations and their plans

Planned execution, which answers most requests:

    planned_execution.py        runs an operation from rows to the answer
    root_steps.py               for each key of the answer a guard, a resolver and a shaper
    guard.py                    who may use a root field
    resolver_arguments.py       from GraphQL's arguments to a resolver's
    sources.py                  what a resolver returns instead of rows
    shapers.py                  from a resolver's value to the answer
    field_plans.py              the plans that fetch the sources of one field
    introspection.py            answers introspection

Ordinary execution, by graphql-core, which answers the rest and words the errors:

    document_gate.py            the same checks, as an extension of Strawberry
    ordinary_execution.py       fetches the sources that resolvers return
"""
