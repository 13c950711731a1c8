"""``python -m oxysim`` is the command ``oxysim``."""

import sys

from oxysim.cli.main import main

# imported, it runs nothing: worker processes import the module that began them
if __name__ == "__main__":
    sys.exit(main())
