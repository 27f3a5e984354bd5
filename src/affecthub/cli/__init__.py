"""The command line, one file a noun; every command has ``--json`` for programs."""
