"""Our corpora in the table that ``datasets`` looks names up in: opt-in, and guarded by version."""

from affecthub.entries import entries

TESTED = "5"  # major version of `datasets` whose table has the form used here


def register() -> None:
    """Enter every corpus; see ``affecthub.register``."""
    import datasets
    from datasets import packaged_modules

    table = getattr(packaged_modules, "_PACKAGED_DATASETS_MODULES", None)
    if datasets.__version__.partition(".")[0] != TESTED or not isinstance(table, dict):
        raise ImportError(
            f"register() does not know datasets {datasets.__version__}: expected version {TESTED}. "
            "Use affecthub.load_dataset, which needs no registration.",
            name="datasets",
        )
    for corpus in entries().values():
        # The second item is a cache key; our builders replace it by their own.
        table[corpus.name] = (corpus.builder_class().__module__, "affecthub")
