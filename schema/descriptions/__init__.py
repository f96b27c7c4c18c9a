"""The descriptions of the API in Chinese: the table `zh.csv`, and what reads it.

    zh.csv       name, English description, Chinese description
    table.py     the table
    elements.py  the elements of a schema with their names

The name of a row is `*`, for all elements that have its English description, or one of them:
`Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`, `@directive`, `@directive(argument)` or
`schema`. It stands where the same English has another translation. Who may use a root field is
not in the table: its guard says it.
"""
