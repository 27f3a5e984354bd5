"""What the generic corpus says of itself; all else is said by the folder."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="folder",
    title="Any folder of media with a table, or with class folders",
    builder="affecthub.datasets_scripts.folder.builder:FolderBuilder",
    languages=(),
    n_rows=None,
    licence="that of its files",
    may_redistribute=False,
    not_passed_on="what its files are licensed for only you can know",
    how_to_get=(
        "Your own: put media and a csv, tsv, json, jsonl or xlsx into one folder. "
        "datasets_scripts/folder/README.md says how its columns are told."
    ),
    groups="speaker, where a column names speakers",
    gets_right="your own files: which column is what is told or found, and always stated",
)
