"""From a GraphQL selection to SQL and back: one statement per list, whatever the answer's size.

Knows SQLAlchemy and graphql-core, and nothing of the domain.

What the schema declares:

    fields.py          how each field of an entity is fetched
    registry.py        the entities of a schema, and how to read Python objects

What a request brings:

    variables.py       the coerced variables of a request
    input_coercion.py  the coercion of input values, type by type
    arguments.py       the coerced arguments of a field
    selection.py       the fields that an operation selects

What a resolver returns, and the plan that fetches it:

    sources.py         objects, lists and pages to fetch
    conditions.py      their conditions, as templates and values
    pages.py           keyset pages: orders, cursors and page arguments
    plan_cache.py      the plans of one document
    object_plan.py     fetches objects by their keys
    list_plan.py       fetches a list without pages
    page_plan.py       fetches the pages of a connection
    connection.py      shapes a connection's edges, nodes and page info

What a plan consists of:

    planner.py         a selection as a statement, and a function that shapes its rows
    scope.py           an entity's table within a statement, and the tables joined to it
    child_lists.py     the lists below a statement's rows
    key_relation.py    keys as a relation that a statement can join
    statements.py      the interface to the database, and the cache of statements
    serializers.py     from the driver's values to the API's
    shape_compiler.py  compiles the functions that shape rows
    completion.py      completes Python objects, enums and scalars
"""
