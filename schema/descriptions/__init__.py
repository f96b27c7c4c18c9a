"""The descriptions of the API in Chinese: the table `zh.csv`, and what reads it.

    zh.csv       name, English description, Chinese description
    table.py     the table
    elements.py  the elements of a schema with their names

A name is `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`, `@directive`,
`@directive(argument)` or `schema`. `*.field` stands for all elements of that name that have the
English description of the row.
"""
