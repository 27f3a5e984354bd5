"""Moods: eight clips of two moods, from one csv."""

import pyarrow as pa

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.reading.layout import Layout, Tree
from affecthub.datasets_scripts.reading.tables import read_csv
from affecthub.entries import Entry


class MoodsBuilder(CorpusBuilder):
    """Rows of ``moods.csv``; a clip's media have its name."""

    ENTRY = Entry(
        name="moods",
        title="Moods: four people, glad and sad",
        builder="affecthub_moods.builder:MoodsBuilder",
        languages=("en",),
        n_rows=8,
        licence="CC0-1.0",
        may_redistribute=True,
        how_to_get="Write it yourself.",
        labels=("glad", "sad"),
        gets_right="an example of how a corpus is added",
    )
    SOUND_IN_VIDEO = True
    LAYOUTS = (Layout("csv", "moods.csv", lambda tree: tree.named("moods.csv") is not None),)

    def read_annotations(self, tree: Tree) -> pa.Table:
        """A row per line."""
        file = tree.named("moods.csv")
        assert file is not None, "the layout was recognised by it"
        columns = ["clip", "mood", "who", "said"]
        table = read_csv(tree, file, columns).select(columns)
        rows = table.rename_columns(["id", "emotion", "speaker_id", "text"])
        rows = rows.append_column("group_id", rows["speaker_id"])
        return rows.append_column("language", pa.repeat("en", rows.num_rows))
