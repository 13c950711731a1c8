"""Every text file that a user gives is read here: TOML documents and CSV tables, with the place of
all that is in them.

- ``toml``, ``csv_tables``: a TOML document, a CSV table; ``text_files``: how their bytes are read.
- ``json_lines``: answers of long work, kept as they come.
- ``section``: one table of a document, asked for its keys by kind.
- ``positions``: the line and column of everything in a document.

Nothing in a document is evaluated; how large it may be, how deep, and which kinds of values it may
hold is checked before anything looks at it.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
