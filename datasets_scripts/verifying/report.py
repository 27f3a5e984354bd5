"""What ``verify`` answers: counts, comparisons with the paper, and problems."""

from dataclasses import asdict, dataclass, field
from typing import Any

from affecthub.screen import Screen, Section


@dataclass(frozen=True)
class Check:
    """One figure that a paper or card states, against the files.

    Published figures are sometimes wrong; where that is known, ``note`` says so, and ``noted`` what
    the files then hold. None explains whatever they hold.
    """

    name: str
    expected: Any
    found: Any
    ok: bool
    note: str = ""
    noted: Any = None

    @classmethod
    def compare(
        cls,
        name: str,
        expected: Any,
        found: Any,
        *,
        within: float = 0.0,
        note: str = "",
        noted: Any = None,
    ) -> "Check":
        """Compare two values; numbers may differ by ``within`` (the printed rounding).

        Example:
            >>> Check.compare("all modalities agree, %", 24.5, 24.47, within=0.05).ok
            True
        """
        # The last summand forgives binary rounding of decimal figures, nothing more.
        ok = expected == found if not within else abs(expected - found) <= within + 1e-9
        return cls(name, expected, found, ok, note, noted)

    @property
    def is_fault(self) -> bool:
        """Whether the files differ from what is stated without a reason that is known."""
        return not self.ok and not (self.note and self.noted in (None, self.found))


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
        media: Per modality ``found``, ``missing`` and ``broken`` clips; ``known`` how many of the
            last two the release itself lacks; ``issues`` counts reasons and ``examples`` names a
            clip for each.
        agreement: Share of clips on which modalities agree, where the corpus has several labels.
        checks: Comparisons with the paper. One that fails makes the report bad unless its ``note``
            says why: published figures are sometimes wrong.
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
    def faults(self) -> list[str]:
        """Why this is not what it should be, a line for each reason; none where all is well.

        Problems, figures that differ without a noted reason, media that cannot be used, and media
        that are missing where others of their kind are there.
        """
        figures = [
            f"{check.name}: stated {check.expected}, found {check.found}"
            for check in self.checks
            if check.is_fault
        ]
        return [*self.problems, *figures, *self._media_faults()]

    @property
    def ok(self) -> bool:
        """Whether there are no `faults`."""
        return not self.faults

    def _media_faults(self) -> list[str]:
        known, issues = self.media.get("known", {}), self.media["issues"]
        faults = []
        for kind, counts in self.media.items():
            if kind in ("issues", "examples", "known"):
                continue
            n_known = known.get(kind, {"missing": 0, "broken": 0})
            n_missing = counts["missing"] - n_known["missing"] if counts["found"] else 0
            # Faces are cut from the film by whoever wants them: none has to be there.
            lacking = {"missing": 0 if kind == "face" else n_missing}
            lacking["broken"] = counts["broken"] - n_known["broken"]
            for what, n in lacking.items():
                if n:
                    why = [issue for issue in issues if issue.startswith(kind)]
                    first = self.media["examples"][why[0]] if why else "?"
                    reasons = "; ".join(why) or "no reason given"
                    faults.append(f"{kind}: {n} clips {what} ({reasons}), first {first}")
        return faults

    def heading(self) -> str:
        """What was looked at."""
        return (
            f"{self.corpus}, configuration {self.config}, layout {self.layout}: "
            f"{self.rows:,} clips in {self.data_dir}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return {**asdict(self), "ok": self.ok, "faults": self.faults}

    def sections(self) -> list[Section]:
        """Counts, media, groups on two sides, the paper's figures, problems; none that is empty."""
        # A split may have clips without a label, or be the only one that has them all.
        labels = list(dict.fromkeys(name for c in self.label_counts.values() for name in c))
        count_rows = [
            [name, *(str(counts.get(label, 0)) for label in labels), str(sum(counts.values()))]
            for name, counts in self.label_counts.items()
        ]
        media_rows = [
            [kind, *(str(counts[key]) for key in ("found", "missing", "broken"))]
            for kind, counts in self.media.items()
            if kind not in ("issues", "examples", "known")
        ]
        known_rows = [
            [kind, str(counts["missing"]), str(counts["broken"])]
            for kind, counts in self.media.get("known", {}).items()
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
            Section("Of these as released", ["modality", "missing", "broken"], known_rows),
            Section("Media issues", ["issue", "clips", "for example"], issue_rows),
            Section("On two sides", ["protocol", "splits", "groups"], shared_rows),
            Section("Agreement", ["of", "share"], [[k, str(v)] for k, v in self.agreement.items()]),
            Section("Against the paper", ["figure", "stated", "found", "", "note"], check_rows),
            Section("Problems", ["problem"], [[problem] for problem in self.problems]),
        ]
        return [section for section in sections if section.rows]
