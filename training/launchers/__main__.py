"""Print where a launcher's config lies: ``python -m affecthub.training.launchers zero3``."""

import sys

from affecthub.training.launchers import launcher, launchers

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m affecthub.training.launchers {{{','.join(launchers())}}}")
    try:
        print(launcher(sys.argv[1]))
    except ValueError as error:
        sys.exit(str(error))
