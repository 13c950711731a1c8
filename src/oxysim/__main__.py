"""``python -m oxysim`` is the command ``oxysim``."""

import sys

from oxysim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
