"""CSV tables made wrong at random, as hands, spreadsheets and hostile files make them."""

from __future__ import annotations

import random

WRONG_CELLS = (
    "", "NA", "-", "n.d.", "QNS", "<5", "< 5", ">400", "<LLOQ", "BLQ", "0", "-99", "999", "nan",
    "inf", "-inf", "1e400", "1e-3", "3,5", "1.234,5", "1,234", "5 pg/mL", "12.5*", "٣", "½",
    "2020-11-03", "03.11.2020", "11/3/20", "2020-02-30", "10:30", "24:00", "2:30 pm", "25:61",
    "2020-11-03 10:30", "3-6", "6 weeks", "12+", "<3 months", "4", "1.0", "-1", "mother", "infant",
    "=1+1", "../../etc", "'", '"', '""', "\n", "\x00", "\x1b[31m", "\ufeff", "a" * 3000, "9" * 400,
    ";", "\t", "é" * 50, "0x10", "1_0", "True", "None",
)  # fmt: skip


def mutated_table(text: str, draw: random.Random) -> bytes:
    """The table with one to three cells, rows or columns changed, left out, doubled or moved;
    sometimes with bytes that are no text.
    """
    rows = [line.split(",") for line in text.rstrip("\n").split("\n")]
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        at = draw.randrange(len(rows))
        row = rows[at]
        kind = draw.randrange(9)
        if kind <= 3 and row:
            row[draw.randrange(len(row))] = draw.choice(WRONG_CELLS)
        elif kind == 4 and len(rows) > 1:
            del rows[at]
        elif kind == 5:
            rows.insert(draw.randrange(len(rows) + 1), list(row))
        elif kind == 6:
            column = draw.randrange(len(rows[0]) or 1)
            for other in rows:
                del other[column : column + 1]
        elif kind == 7:
            first, second = draw.randrange(len(rows)), draw.randrange(len(rows))
            rows[first], rows[second] = rows[second], rows[first]
        else:
            line = ",".join(row)
            cut = draw.randrange(len(line) + 1)
            rows[at] = (line[:cut] + draw.choice(WRONG_CELLS) + line[cut:]).split(",")
    content = ("\n".join(",".join(row) for row in rows) + "\n").encode("utf-8", "surrogatepass")
    if draw.random() < 0.05:
        cut = draw.randrange(len(content) + 1)
        wrong = draw.choice((b"\xff", b"\xc3\x28", b"\x00", b"\xed\xa0\x80"))
        content = content[:cut] + wrong + content[cut:]
    return content
