"""`python -m icsgraph`: the same command line as `icsgraph`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
