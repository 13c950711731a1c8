"""Write docs/face_validity.md: everyday lives in the full model, and usual care after selection::

    python scripts/update_face_validity.py

It takes a minute or two. Seeds are fixed: the same model and the same community give the same page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from oxysim.evidence import after_selection, face_validity

PAGE = Path(__file__).parents[1] / "docs" / "face_validity.md"
FOLLOWED = 2000  # mothers, of whom some hundreds are selected
SEED = 11


def main() -> None:
    """The page, over what is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=PAGE, help="the page (default: %(default)s)")
    out = parser.parse_args().out
    selection = after_selection(n=FOLLOWED, seed=SEED)
    out.write_text(face_validity().markdown(selection), encoding="utf-8")
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
