"""The classifier: name the genus, and keep the features that made it possible."""

import torch.nn.functional as F
from torch import nn
from torchmetrics.classification import MulticlassAccuracy, MulticlassStatScores

from herbnb.networks.network import STAGES, Network


class Classifier(Network):
    """Learn features from which the genus can be read, by the published head of two layers."""

    def __init__(self, genera: int, **common):
        super().__init__(**common)
        self.head = nn.Sequential(
            nn.BatchNorm1d(self.width),
            nn.Dropout(0.25),
            nn.Linear(self.width, self.width, bias=False),
            nn.ReLU(),
            nn.BatchNorm1d(self.width),
            nn.Dropout(0.5),
            nn.Linear(self.width, genera, bias=False),
        )
        self.scores = nn.ModuleDict()
        for stage in STAGES.values():
            self.scores[f"{stage}_scores"] = scores(genera)

    @classmethod
    def made_for(cls, genera, **parameters):
        return cls(len(genera), **parameters)

    def forward(self, maps):  # of the trunk
        features = self.encoder.crown(maps)  # [n, width]
        return self.head(features)  # [n, genera]

    def training_step(self, batch, batch_idx):
        images, labels, maps = batch
        logits = self(maps).float()
        # counted over the whole epoch, not averaged over batches
        counted = self.scores[f"{self.stage}_scores"]
        for score in counted.values():
            score.update(logits, labels)
        loss = F.cross_entropy(logits, labels)
        return self.record(len(images), loss=loss, **counted)


def scores(genera: int) -> nn.ModuleDict:
    """Return the three scores, each of which counts over an epoch before it divides."""
    return nn.ModuleDict(
        {
            "accuracy": MulticlassAccuracy(genera, average="micro"),
            "top_5": MulticlassAccuracy(genera, top_k=min(5, genera), average="micro"),
            "macro_f1": MacroF1(genera, average=None),
        }
    )


class MacroF1(MulticlassStatScores):
    """The mean F1 of the genera that have a sheet in the set: a genus that has none has no F1."""

    def compute(self):
        right, wrong, _, missed, sheets = super().compute().T  # [genera] each
        f1 = 2 * right / (2 * right + wrong + missed)
        return f1[sheets > 0].mean()
