"""A plain write-up of the released fusions and their loop, to measure ours against.

Written from what they compute: a loop over steps where they loop over steps, no masks, zeros in
front of short clips, arrays of NumPy that a loader collates. The names of weights are the released
ones, so that `benchmarks/fusion.py` can see that both compute the same.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from fusion_plain_steps import MCTN, MFN, GraphMFN, MulT
from torch import Tensor, nn
from torch.nn import functional


class MLP(nn.Module):
    """Dropout and three layers."""

    def __init__(self, dim: int, width: int, rate: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(rate)
        self.linear_1 = nn.Linear(dim, width)
        self.linear_2 = nn.Linear(width, width)
        self.linear_3 = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, D) to (B, H)."""
        x = torch.relu(self.linear_1(self.drop(x)))
        return torch.relu(self.linear_3(torch.relu(self.linear_2(x))))


class LMF(nn.Module):
    """Low-rank fusion."""

    def __init__(self, dims: tuple[int, int, int], width: int, rate: float, rank: int = 4) -> None:
        super().__init__()
        self.rank, self.out = rank, width // 2
        self.audio_encoder, self.text_encoder, self.video_encoder = (
            MLP(dim, width, rate) for dim in dims
        )
        shape = (rank, width + 1, self.out)
        self.audio_factor, self.text_factor, self.video_factor = (
            nn.Parameter(nn.init.xavier_normal_(torch.empty(shape))) for _ in range(3)
        )
        self.fusion_weights = nn.Parameter(nn.init.xavier_normal_(torch.empty(1, rank)))
        self.fusion_bias = nn.Parameter(torch.zeros(1, self.out))
        self.fc_out_1 = nn.Linear(self.out, 7)

    def forward(self, audio: Tensor, text: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and the loss of its own."""
        a, t, v = self.audio_encoder(audio), self.text_encoder(text), self.video_encoder(video)
        one = torch.ones(len(a), 1)
        fused = [
            torch.matmul(torch.cat([one, each], 1), factor)
            for each, factor in (
                (a, self.audio_factor),
                (v, self.video_factor),
                (t, self.text_factor),
            )
        ]
        product = fused[0] * fused[1] * fused[2]
        mixed = torch.matmul(self.fusion_weights, product.permute(1, 0, 2)).squeeze()
        features = (mixed + self.fusion_bias).view(-1, self.out)
        return self.fc_out_1(features), torch.zeros(())


class Attention(nn.Module):
    """Three weights for three vectors."""

    def __init__(self, dims: tuple[int, int, int], width: int, rate: float) -> None:
        super().__init__()
        self.audio_encoder, self.text_encoder, self.video_encoder = (
            MLP(dim, width, rate) for dim in dims
        )
        self.attention_mlp = MLP(3 * width, width, rate)
        self.fc_att = nn.Linear(width, 3)
        self.fc_out_1 = nn.Linear(width, 7)

    def forward(self, audio: Tensor, text: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and the loss of its own."""
        hidden = [self.audio_encoder(audio), self.text_encoder(text), self.video_encoder(video)]
        shares = self.fc_att(self.attention_mlp(torch.cat(hidden, 1))).unsqueeze(2)
        fused = torch.matmul(torch.stack(hidden, 2), shares).squeeze(2)
        return self.fc_out_1(fused), torch.zeros(())


PLAIN = {
    "lmf": LMF,
    "attention": Attention,
    "mfn": MFN,
    "graph_mfn": GraphMFN,
    "mult": MulT,
    "mctn": MCTN,
}


class Rows(torch.utils.data.Dataset):
    """Clips as the released loader holds them: arrays, and a collator that makes tensors."""

    def __init__(self, features: list[np.ndarray], labels: np.ndarray) -> None:
        self.features, self.labels = features, labels

    def __len__(self) -> int:
        """Clips."""
        return len(self.labels)

    def __getitem__(self, i: int) -> dict[str, Any]:
        """One clip."""
        names = ("audio", "text", "video")
        return {n: x[i] for n, x in zip(names, self.features, strict=True)} | {
            "emo": self.labels[i],
            "name": f"clip-{i}",
        }

    @staticmethod
    def collate(rows: list[dict[str, Any]]) -> Any:
        """A batch."""
        batch = [
            torch.FloatTensor(np.array([row[name] for row in rows]))
            for name in ("audio", "text", "video")
        ]
        emos = torch.LongTensor(np.array([row["emo"] for row in rows]))
        return batch, emos, [row["name"] for row in rows]

    def batches(self, size: int = 32) -> Iterator[Any]:
        """In order, as released."""
        return iter(torch.utils.data.DataLoader(self, batch_size=size, collate_fn=self.collate))


def epoch(model: nn.Module, rows: Rows, adam: Any, n_steps: int | None = None) -> float:
    """One round as released: train where there is an optimiser, gather answers, score them."""
    from sklearn.metrics import accuracy_score, f1_score

    model.train(adam is not None)
    device = next(model.parameters()).device
    answers, labels = [], []
    for number, (batch, emos, _) in enumerate(rows.batches()):
        if number == n_steps:
            break
        if adam is not None:
            adam.zero_grad()
        emos = emos.to(device)
        logits, own = model(*(x.to(device) for x in batch))
        answers.append(logits.data.cpu().numpy())
        labels.append(emos.data.cpu().numpy())
        if adam is not None:
            logs = functional.log_softmax(logits, 1)
            loss = own + functional.nll_loss(logs, emos, reduction="sum") / len(logits)
            loss.backward()
            adam.step()
    said, wanted = np.concatenate(answers).argmax(1), np.concatenate(labels)
    accuracy_score(wanted, said)
    return float(f1_score(wanted, said, average="weighted"))
