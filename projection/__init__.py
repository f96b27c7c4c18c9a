"""From a GraphQL selection to SQL and back: one statement per list, whatever the answer's size.

Knows SQLAlchemy and graphql-core, and nothing of the domain.

    fields.py     how a field of a type is fetched
    selection.py  which fields an operation asks for
    plan.py       the statement for a selection, and the function that shapes its rows
    sources.py    what a resolver answers with: rows to fetch, nothing fetched yet
    pages.py      keyset pages and their cursors
"""
