"""Stands before the package of this name, which makes a parser as it is imported: a second for each command.

jsonschema, which nbformat calls, does without. The parser is for international addresses; no notebook is asked for one.
"""

raise ImportError("not in these tests: it takes a second")
