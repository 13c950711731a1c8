"""Every text file that a user gives is read here: TOML documents and CSV tables, with the place of
all that is in them.

Nothing in a document is evaluated; how large it may be, how deep, and which kinds of values it may
hold is checked before anything looks at it.
"""

from oxysim.documents.csv_tables import LARGEST_TABLE, Rows, parse_rows
from oxysim.documents.text_files import LARGEST_FILE, read_bytes, read_text, text_of
from oxysim.documents.toml import DocumentError, Section, parse_document, shown

__all__ = [
    "LARGEST_FILE",
    "LARGEST_TABLE",
    "DocumentError",
    "Rows",
    "Section",
    "parse_document",
    "parse_rows",
    "read_bytes",
    "read_text",
    "shown",
    "text_of",
]
