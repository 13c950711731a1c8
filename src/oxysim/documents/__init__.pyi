from oxysim.documents.csv_tables import LARGEST_TABLE, Rows, parse_rows
from oxysim.documents.json_lines import add_json_line, read_json_lines
from oxysim.documents.section import DocumentError, Section, value_text
from oxysim.documents.text_files import LARGEST_FILE, decode_text, read_bytes, read_text
from oxysim.documents.toml import parse_document

__all__ = [
    "LARGEST_FILE",
    "LARGEST_TABLE",
    "DocumentError",
    "Rows",
    "Section",
    "add_json_line",
    "decode_text",
    "parse_document",
    "parse_rows",
    "read_bytes",
    "read_json_lines",
    "read_text",
    "value_text",
]
