"""What is kept: nine tables, of which votes and decisions only ever grow."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# One row: the corpus, and what is asked. Times everywhere are seconds since 1970, UTC.
projects = Table(
    "projects",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("corpus", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("clips_key", String(64), nullable=False),
    Column("task_key", String(64), nullable=False),
    Column("task", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("made_s", Float, nullable=False),
)

# Annotators and reviewers. Of a token only its public part and the hash of the rest is kept.
people = Table(
    "people",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("public", String(32), nullable=False, unique=True),
    Column("secret_sha256", String(64), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("made_s", Float, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("person", ForeignKey("people.n"), nullable=False),
    Column("until_s", Float, nullable=False),
)

# Clips. Of the corpus' labels there are none, so that no annotator can be shown one.
items = Table(
    "items",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("clip", Text, nullable=False, unique=True),
    Column("unit", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("speaker", Text),
    Column("text", Text),
    Column("language", Text),
    Column("split", Text),
    Column("modalities", JSON, nullable=False),
    Column("n_modalities", Integer, nullable=False),
    Index("items_by_unit", "unit", "turn"),
)

# Who labels which clip: the slots of a clip are as many as it needs annotators.
assignments = Table(
    "assignments",
    metadata,
    Column("item", ForeignKey("items.n"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("person", ForeignKey("people.n"), nullable=False),
    Column("unit_place", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("n_left", Integer, nullable=False),
    UniqueConstraint("item", "person"),
    Index("assignments_of", "person", "n_left", "unit_place", "place"),
)

# When a person was first shown a clip in a modality: what came before is settled then.
openings = Table(
    "openings",
    metadata,
    Column("person", ForeignKey("people.n"), primary_key=True),
    Column("item", ForeignKey("items.n"), primary_key=True),
    Column("modality", String(20), primary_key=True),
    Column("opened_s", Float, nullable=False),
)

# Every answer ever given. Round 0 is made alone, later ones after seeing the others'.
votes = Table(
    "votes",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("person", ForeignKey("people.n"), nullable=False),
    Column("item", ForeignKey("items.n"), nullable=False),
    Column("modality", String(20), nullable=False),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("confirmed", JSON, nullable=False),
    Column("note", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("seconds", Float),
    Column("given_s", Float, nullable=False),
    UniqueConstraint("person", "item", "modality", "round", "version"),
    UniqueConstraint("person", "key"),
    Index("votes_of_item", "item", "modality", "n"),
)

# Where a clip stands in a modality, once all its annotators have answered.
standings = Table(
    "standings",
    metadata,
    Column("item", ForeignKey("items.n"), primary_key=True),
    Column("modality", String(20), primary_key=True),
    Column("status", String(20), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("why", JSON, nullable=False),
)

# Every decision of a reviewer: a final answer, or a further round.
decisions = Table(
    "decisions",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("item", ForeignKey("items.n"), nullable=False),
    Column("modality", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("reviewer", ForeignKey("people.n"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("answer", JSON(none_as_null=True)),
    Column("confirmed", JSON, nullable=False),
    Column("note", Text, nullable=False),
    Column("given_s", Float, nullable=False),
    UniqueConstraint("item", "modality", "version"),
)
