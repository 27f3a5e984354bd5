"""What every corpus says of itself, found where the corpora stand.

A corpus is a folder: its ``entry.py`` holds one ``Entry``, and putting it there is all it takes to
list, load, verify, export and score the corpus by name. Corpora of other packages join by
``register_corpus``, or by an entry point of the group ``affecthub.corpora``. Reading entries
imports nothing heavy: a builder is imported when it is first asked for.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from affecthub.errors import unknown_name

HOME = "affecthub.datasets_scripts"
GROUP = "affecthub.corpora"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What can be said of a corpus without opening it.

    Attributes:
        name: The name that ``load_dataset`` takes.
        title: One line for a listing.
        builder: ``module:Class``, imported on first use, or the class itself.
        configs: Configuration names, the default first.
        protocols: Split protocols, the default first; ``splits/<protocol>.json`` beside the
            builder is the file of each.
        groups: What ``group_id`` is: "speaker", "source video" and so on; empty where the release
            tells neither, so that no speaker-independent split can be made.
        roots: Other folders that complete the corpus: name for ``roots=`` and what it may be.
        languages: BCP-47 tags.
        n_rows: Clips in the full corpus; None where the user chooses.
        licence: Short name, as the card states it.
        may_redistribute: Whether a user may publish a copy, media included.
        not_passed_on: Why not, where they may not, as the end of a sentence: a licence alone does
            not tell, since it may be that of the annotation files only.
        licence_link: Where the licence or the agreement can be read, where it is not one that
            everybody knows by its name.
        accept: What everybody who gets a copy accepts, as the object of that word; a copy on the
            Hub asks for it before it shows a file. Empty where nothing is asked.
        labels_alone: Why the annotations without media may be passed on although the corpus may
            not, as the end of a sentence; empty where they may not, or nobody knows.
        labels_without: Columns that stay behind even then.
        how_to_get: One or two sentences with the place.
        labels: Emotion labels in the order of their integers; empty where it has no such set.
        sentiment: Least and greatest value of ``sentiment``; None where it has none.
        label_note: What a table of its labels leaves open.
        files: Regular expression of paths that give a folder of this corpus away.
        clip_ids: Regular expression of a clip's name, where other corpora use it for the same clip.
        clip_source: What that namespace of clips, groups and speakers is called; empty takes the
            corpus' name.
        shares: Corpus that has some of the same clips to which ones those are.
        gets_right: What loading it takes care of, for the table in the README.
    """

    name: str
    title: str
    builder: Any
    configs: tuple[str, ...] = ("default",)
    protocols: tuple[str, ...] = ("official", "speaker_independent")
    languages: tuple[str, ...]
    n_rows: int | None
    licence: str
    may_redistribute: bool
    how_to_get: str
    not_passed_on: str = ""
    licence_link: str = ""
    accept: str = ""
    labels_alone: str = ""
    labels_without: tuple[str, ...] = ()
    groups: str = "speaker"
    roots: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    sentiment: tuple[int, int] | None = None
    label_note: str = ""
    files: str = ""
    clip_ids: str = ""
    clip_source: str = ""
    shares: Mapping[str, str] = field(default_factory=dict)
    gets_right: str = ""

    @property
    def terms(self) -> str:
        """The licence, and whether copies may be passed on, with the reason where they may not.

        Example:
            >>> entry_of("meld").terms.partition(":")[0]
            'GPL-3.0; you may not pass copies on'
        """
        if self.may_redistribute:
            return f"{self.licence}; you may pass copies on"
        why = f": {self.not_passed_on}" if self.not_passed_on else ""
        labels = f". The labels alone you may: {self.labels_alone}" if self.labels_alone else ""
        return f"{self.licence}; you may not pass copies on{why}{labels}"

    def builder_class(self) -> Any:
        """The builder class, imported on first use."""
        if not isinstance(self.builder, str):
            return self.builder
        module, _, name = self.builder.partition(":")
        return getattr(import_module(module), name)

    def choose(self, config: str | None, protocol: str | None) -> tuple[str, str]:
        """Resolve a configuration and a protocol; None takes the default.

        A protocol that ends in ``.json`` is the path of a user's own split file.

        Raises:
            ValueError: A name is unknown; close matches are listed.
        """
        config, protocol = config or self.configs[0], protocol or self.protocols[0]
        if config not in self.configs:
            raise unknown_name(f"config of {self.name}", config, self.configs)
        if protocol == "speaker_independent" and not self.groups:
            raise ValueError(
                f"protocol of {self.name}: got 'speaker_independent', expected one of "
                f"{', '.join(self.protocols)}. The release names neither speakers nor source "
                "videos, so that nobody can say whether a split separates them."
            )
        if protocol not in self.protocols and not protocol.endswith(".json"):
            raise unknown_name(f"protocol of {self.name}", protocol, self.protocols)
        return config, protocol


def entries() -> Mapping[str, Entry]:
    """Every corpus by its name, in alphabetical order: ours, installed ones, registered ones."""
    known = {**_at_home(), **_installed(), **_REGISTERED}
    return MappingProxyType(dict(sorted(known.items())))


def entry_of(name: str) -> Entry:
    """What a corpus says of itself.

    Raises:
        ValueError: The name is unknown; close matches are listed.
    """
    known = entries()
    if name not in known:
        raise unknown_name("corpus", name, known)
    return known[name]


def loaded_entry(name: str) -> Entry | None:
    """What a corpus says of itself, if that is known without looking at installed packages.

    For builders that are just being imported, perhaps by an entry point.
    """
    return _REGISTERED.get(name) or _at_home().get(name)


def register_corpus(corpus: Any) -> Entry:
    """Make a corpus of your own load, verify, export, split and train by its name.

    It is known in this process only. A package that is installed makes its corpora known
    everywhere by an entry point::

        [project.entry-points."affecthub.corpora"]
        my_corpus = "my_package.my_corpus:ENTRY"

    Args:
        corpus: An ``Entry``, or a subclass of ``CorpusBuilder`` that has one as its ``ENTRY`` or in
            ``entry.py`` beside its module. The split files lie in ``splits/`` there.

    Returns:
        The entry as it is known now.

    Raises:
        TypeError: It is neither.
        ValueError: Another corpus has the name.

    Example:
        >>> entry = Entry(
        ...     name="my_corpus", title="Ten clips of mine", builder="my_package.builder:MyBuilder",
        ...     languages=("en",), n_rows=10, licence="CC-BY-4.0", may_redistribute=True,
        ...     how_to_get="Ask me.",
        ... )
        >>> register_corpus(entry).protocols
        ('official', 'speaker_independent')
        >>> "my_corpus" in entries()
        True
    """
    entry = _as_entry(corpus, "register_corpus")
    known = entries().get(entry.name)
    if known is not None and known != entry:
        raise ValueError(
            f"corpus {entry.name!r} is there already: got a second one ({entry.title}), expected "
            f"a new name beside the first ({known.title}). Rename yours."
        )
    _REGISTERED[entry.name] = entry
    return entry


_REGISTERED: dict[str, Entry] = {}


@cache
def _at_home() -> dict[str, Entry]:
    """The corpora whose folders stand in this package."""
    found = {}
    for folder in files(HOME).iterdir():
        # A builder that carries its own entry is found too; reading it then imports `datasets`.
        for module in ("entry", "builder"):
            source = folder / f"{module}.py"
            if source.is_file() and "ENTRY" in source.read_text(encoding="utf-8"):
                entry = _of_module(import_module(f"{HOME}.{folder.name}.{module}"))
                if entry.name != folder.name:
                    raise ValueError(
                        f"{source}: got the name {entry.name!r}, expected that of its folder, "
                        f"{folder.name!r}"
                    )
                found[entry.name] = entry
                break
    return found


@cache
def _installed() -> dict[str, Entry]:
    """The corpora that installed packages offer; a broken one is warned of and left out."""
    found: dict[str, Entry] = {}
    for point in entry_points(group=GROUP):
        try:
            entry = _as_entry(point.load(), f"entry point {point.name!r}")
            if entry.name in found or entry.name in _at_home():
                raise ValueError(f"another corpus is called {entry.name!r}")
        except Exception as error:  # whatever a foreign package does, ours must go on
            _warn(point, error)
        else:
            found[entry.name] = entry
    return found


def _of_module(module: Any) -> Entry:
    """The entry that a module holds, by itself or on its builder class.

    Raises:
        TypeError: It holds none.
    """
    if hasattr(module, "ENTRY"):
        return _as_entry(module.ENTRY, module.__name__)
    own = [each for each in vars(module).values() if isinstance(each, type)]
    carrier = next((each for each in own if "ENTRY" in vars(each)), None)
    return _as_entry(carrier, module.__name__)


def _as_entry(corpus: Any, where: str) -> Entry:
    """An entry as it is, that of a builder class, or that of the package of one.

    Raises:
        TypeError: There is none.
    """
    entry = corpus
    if isinstance(corpus, type):
        entry = vars(corpus).get("ENTRY") or _beside(corpus)
    if not isinstance(entry, Entry):
        raise TypeError(
            f"{where}: got {corpus!r}, expected an Entry, or a CorpusBuilder that has one as its "
            "ENTRY or in entry.py beside its module"
        )
    return entry


def _beside(builder: type) -> Any:
    """The ``ENTRY`` of ``entry.py`` in the package of a builder, None where there is none."""
    module = f"{builder.__module__.rpartition('.')[0]}.entry"
    try:
        return getattr(import_module(module), "ENTRY", None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None


def _warn(point: EntryPoint, error: Exception) -> None:
    package = point.dist.name if point.dist else "a package"
    warnings.warn(
        f"the corpus {point.name!r} of {package} is left out: {type(error).__name__}: {error}",
        stacklevel=4,
    )
