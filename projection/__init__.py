"""From a GraphQL selection to SQL and back: one statement per list, whatever the answer's size.

Knows SQLAlchemy and graphql-core, and nothing of the domain.

    fields.py      how a field of a type is fetched
    registry.py    what is known of the schema's types
    selection.py   which fields an operation asks for
    coercion.py    its variables and arguments, as values
    conditions.py  conditions as templates and values
    statements.py  a statement that was compiled once, and what runs it
    plan.py        the statement for a selection, and the function that shapes its rows
    code.py        how such a function is compiled
    plain.py       the same for values that are plain objects already
    lists.py       the lists below the rows
    sources.py     what a resolver answers with, and the plans that fetch it
    pages.py       keyset pages and their cursors
"""
