"""`python -m jupyter_envmgr`: the command line, for where the scripts are not on PATH."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
