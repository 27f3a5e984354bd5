"""``python -m affecthub``: the command line."""

from affecthub.cli.main import main

if __name__ == "__main__":
    main()
