"""What ``verify`` answers: counts, comparisons with the paper, and problems."""

from dataclasses import asdict, dataclass, field
from typing import Any

from affecthub.screen import Screen, Section


@dataclass(frozen=True)
class Check:
    """One figure that a paper or card states, against the files.

    A mismatch is information, not an error: published figures are sometimes wrong.
    """

    name: str
    expected: Any
    found: Any
    ok: bool
    note: str = ""

    @classmethod
    def compare(
        cls, name: str, expected: Any, found: Any, *, within: float = 0.0, note: str = ""
    ) -> "Check":
        """Compare two values; numbers may differ by ``within`` (the printed rounding).

        Example:
            >>> Check.compare("all modalities agree, %", 24.5, 24.47, within=0.05).ok
            True
        """
        # The last summand forgives binary rounding of decimal figures, nothing more.
        ok = expected == found if not within else abs(expected - found) <= within + 1e-9
        return cls(name, expected, found, ok, note)


@dataclass(repr=False)
class VerifyReport(Screen):
    """What is on this disk, against what should be.

    Attributes:
        corpus, config, data_dir, layout: What was looked at.
        rows: Clips found.
        splits: Official split to its number of clips.
        dialogues: Distinct dialogues; 0 where the corpus has none.
        speakers: Distinct speakers; 0 where they are unknown.
        shared_speakers: Speakers on two sides of the official split, sorted.
        shared_groups: Protocol to ``"split/split"`` to the groups on both sides.
        label_counts: Official split (and "total") to label to clips; null labels as "(none)".
        media: Per modality ``found``, ``missing`` and ``broken`` clips; ``issues`` counts reasons
            and ``examples`` names a clip for each.
        agreement: Share of clips on which modalities agree, where the corpus has several labels.
        checks: Comparisons with the paper. Failing ones do not make the report bad.
        problems: What is wrong with these files.
        read_as: How files were understood whose form is not fixed: what, and how.
    """

    corpus: str
    config: str
    data_dir: str
    layout: str
    rows: int
    splits: dict[str, int]
    dialogues: int
    speakers: int
    shared_speakers: list[str]
    shared_groups: dict[str, dict[str, list[str]]]
    label_counts: dict[str, dict[str, int]]
    media: dict[str, Any]
    agreement: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    read_as: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the files contradict neither themselves nor each other."""
        return not self.problems

    def heading(self) -> str:
        """What was looked at."""
        return (
            f"{self.corpus}, configuration {self.config}, layout {self.layout}: "
            f"{self.rows:,} clips in {self.data_dir}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return {**asdict(self), "ok": self.ok}

    def sections(self) -> list[Section]:
        """Counts, media, groups on two sides, the paper's figures, problems; none that is empty."""
        labels = list(self.label_counts["total"])
        count_rows = [
            [name, *(str(counts[label]) for label in labels), str(sum(counts.values()))]
            for name, counts in self.label_counts.items()
        ]
        media_rows = [
            [kind, *(str(counts[key]) for key in ("found", "missing", "broken"))]
            for kind, counts in self.media.items()
            if kind not in ("issues", "examples")
        ]
        issue_rows = [
            [issue, str(n), self.media["examples"][issue]]
            for issue, n in self.media["issues"].items()
        ]
        shared_rows = [
            [protocol, pair, ", ".join(groups)]
            for protocol, pairs in self.shared_groups.items()
            for pair, groups in pairs.items()
        ]
        if self.shared_speakers:
            shared_rows.insert(0, ["official", "speakers", ", ".join(self.shared_speakers)])
        check_rows = [
            [c.name, str(c.expected), str(c.found), "match" if c.ok else "MISMATCH", c.note]
            for c in self.checks
        ]
        sections = [
            Section("Read as", ["what", "how"], [list(item) for item in self.read_as.items()]),
            Section("Clips", ["split", *labels, "all"], count_rows),
            Section("Media", ["modality", "found", "missing", "broken"], media_rows),
            Section("Media issues", ["issue", "clips", "for example"], issue_rows),
            Section("On two sides", ["protocol", "splits", "groups"], shared_rows),
            Section("Agreement", ["of", "share"], [[k, str(v)] for k, v in self.agreement.items()]),
            Section("Against the paper", ["figure", "stated", "found", "", "note"], check_rows),
            Section("Problems", ["problem"], [[problem] for problem in self.problems]),
        ]
        return [section for section in sections if section.rows]
