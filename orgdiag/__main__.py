"""`python -m orgdiag`."""

import sys

from orgdiag.cli import main

if __name__ == "__main__":
    sys.exit(main())
