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
