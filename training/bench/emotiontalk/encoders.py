"""The feature caches at hand, by the names of the paper's encoders."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.bench.emotiontalk.paper import listed
from affecthub.training.bench.emotiontalk.targets import CORPUS
from affecthub.training.features.encoders.table import Published, published
from affecthub.training.features.found import find_caches, level_of, modality_of, width_of
from affecthub.training.features.index import read_state
from affecthub.training.features.store import FeatureCache

# Ends of the folders of MERBench's features.
_ENDS = ("-utt", "-fra", "_utt", "_fra", "-utterance", "-frame")


@dataclass(frozen=True)
class Source:
    """One cache.

    Args:
        name: Of its folder.
        title: As the paper calls the encoder, else `name`.
        modality: ``audio``, ``text`` or ``vision``.
        level: ``utterance`` or ``frame``.
        width: Numbers of a vector.
        cache: The cache itself.
        note: Why it is not taken for an encoder of the paper whose name it bears; else empty.
    """

    name: str
    title: str
    modality: str
    level: str
    width: int
    cache: FeatureCache
    note: str = ""

    @property
    def fingerprint(self) -> str:
        """Tells its contents from others'."""
        return read_state(self.cache.folder)[1]


@dataclass(frozen=True)
class Sources:
    """All caches of EmotionTalk in a folder.

    Args:
        found: Those that can be used.
        notes: What was left out, and why.
    """

    found: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def _by_title(self) -> dict[tuple[str, str, str], Source]:
        known: dict[tuple[str, str, str], Source] = {}
        for source in self.found:
            known.setdefault((source.modality, source.title, source.level), source)
        return known

    def get(self, modality: str, title: str, level: str = "utterance") -> Source | None:
        """The cache of an encoder at a level; steps stand in for vectors, which are their means."""
        levels = ("utterance", "frame") if level == "utterance" else ("frame",)
        found = (self._by_title.get((modality, title, each)) for each in levels)
        return next((source for source in found if source is not None), None)

    def titles(self, modality: str) -> tuple[str, ...]:
        """Encoders of a modality, each once."""
        return tuple(dict.fromkeys(s.title for s in self.found if s.modality == modality))


def find_sources(folder: str | Path | None) -> Sources:
    """Read which caches lie in a folder.

    Args:
        folder: Of caches, or a cache; None for none.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no cache, or none of EmotionTalk.
    """
    if folder is None:
        return Sources()
    caches = find_caches(folder)
    others = {name: cache for name, cache in caches.items() if cache.corpus != CORPUS}
    if len(others) == len(caches):
        got = ", ".join(f"{name} of {cache.corpus}" for name, cache in others.items())
        raise ValueError(
            f"{folder} holds no features of {CORPUS}: got {got or 'no feature cache'}, expected a "
            "folder of caches. Fill one: affecthub features emotiontalk --encoder NAME --data-dir "
            f"D --out {folder}/NAME, or bring others': affecthub features import."
        )
    notes = [
        f"{name} holds features of {cache.corpus}: left out." for name, cache in others.items()
    ]
    found = []
    for name, cache in caches.items():
        if name in others:
            continue
        if len(cache.columns) != 1:
            notes.append(f"{name} holds features of several kinds at once: left out.")
            continue
        found.append(_source(name, cache))
    sources = Sources(tuple(found), tuple(notes))
    return Sources(sources.found, (*notes, *_doubles(sources), *(s.note for s in found if s.note)))


def _source(name: str, cache: FeatureCache) -> Source:
    modality, level, width = modality_of(cache), level_of(cache), width_of(cache)
    row, title, note = _published(name, cache.about), name, ""
    if row is not None and row.modality == modality:
        if row.width == width:
            title = row.title
        else:
            note = (
                f"{name} is not compared with {row.title}: got vectors of {width} numbers, "
                f"expected {row.width}."
            )
    return Source(name, title, modality, level, width, cache, note)


def _published(name: str, about: Mapping[str, Any]) -> Published | None:
    """The paper's encoder that a cache is of: by what it says, or by its folder's name."""
    plain = name
    for end in _ENDS:
        plain = plain[: -len(end)] if plain.casefold().endswith(end) else plain
    told = (about.get("hub_id"), about.get("encoder"), name, plain)
    rows = (published(each) for each in told if isinstance(each, str))
    return next((row for row in rows if row is not None), None)


def _doubles(sources: Sources) -> list[str]:
    """Caches that are passed over because another is of the same encoder."""
    notes = []
    for source in sources.found:
        used = sources.get(source.modality, source.title, source.level)
        if used is not None and used.level == source.level and used is not source:
            notes.append(
                f"{source.name} and {used.name} are both of {source.title}: {used.name} is used."
            )
    return notes


def chosen_trio(
    sources: Sources, wanted: Mapping[str, str], level: str, asked: Mapping[str, str]
) -> tuple[dict[str, Source], str]:
    """The caches of three modalities that a fusion is given.

    Args:
        sources: Those at hand.
        wanted: Modality to the paper's encoder.
        level: ``utterance`` or ``frame``.
        asked: Modality to the encoder that the caller named, which goes before.

    Returns:
        Modality to cache: the paper's encoders where all are there; else those asked for, or the
        first of each modality. Where one modality has none: nothing, and the reason.
    """
    exact = {m: sources.get(m, title, level) for m, title in wanted.items()}
    if not asked and all(exact.values()):
        return {m: source for m, source in exact.items() if source is not None}, ""
    found: dict[str, Source] = {}
    for modality in wanted:
        titles = [asked[modality]] if modality in asked else sources.titles(modality)
        options = [s for title in titles if (s := sources.get(modality, title, level)) is not None]
        source = exact[modality] if modality not in asked else None
        # Vectors go before steps that would have to be averaged.
        options.sort(key=lambda each: each.level != level)
        source = source or next(iter(options), None)
        if source is not None:
            found[modality] = source
    lacking = [m for m in wanted if m not in found]
    if not lacking:
        return found, ""
    steps = " of steps (--level frame)" if level == "frame" else ""
    return {}, f"no features{steps} of {listed(lacking)}"


def asked_encoders(sources: Sources, names: list[str]) -> dict[str, str]:
    """Encoders that were named, by modality.

    Args:
        sources: Those at hand.
        names: Titles of the paper or names of caches.

    Raises:
        ValueError: A name is none of them, or two are of one modality.
    """
    known: dict[str, Source] = {}
    for source in sources.found:
        known |= {source.name: source, source.title: source}
    asked: dict[str, str] = {}
    for name in names:
        if name not in known:
            raise unknown_name("encoder of the features at hand", name, known)
        source = known[name]
        if source.modality in asked:
            raise ValueError(
                f"`encoders` name two of {source.modality}: got {asked[source.modality]} and "
                f"{name}, expected one of each modality."
            )
        asked[source.modality] = source.title
    return asked
