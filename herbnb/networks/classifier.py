"""The classifier: name the genus, and keep the features that made it possible."""

import torch.nn.functional as F
from torch import nn
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

from herbnb.networks.encoder import FEATURES
from herbnb.networks.network import STAGES, Network


class Classifier(Network):
    """Learn features from which the genus can be read, by the published head of two layers."""

    judged_by = "macro_f1"

    def __init__(self, genera: int, weights: str = "none", learning_rate: float = 1e-3):
        super().__init__(weights, learning_rate)
        self.save_hyperparameters()
        self.head = nn.Sequential(
            nn.BatchNorm1d(FEATURES),
            nn.Dropout(0.25),
            nn.Linear(FEATURES, 512, bias=False),
            nn.ReLU(),
            nn.BatchNorm1d(512),
            nn.Dropout(0.5),
            nn.Linear(512, genera, bias=False),
        )
        self.scores = nn.ModuleDict({f"{stage}_scores": scores(genera) for stage in STAGES.values()})

    def forward(self, images):  # [n, 3, h, h]
        features = self.encoder(images)  # [n, 512]
        return self.head(features)  # [n, genera]

    def training_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images).float()
        counted = self.scores[f"{self.stage}_scores"]  # whole-epoch counts, not means of batches
        for score in counted.values():
            score.update(logits, labels)
        return self.record(len(images), loss=F.cross_entropy(logits, labels), **counted)


def scores(genera: int) -> nn.ModuleDict:
    """Return the three scores, each of which counts over an epoch before it divides."""
    return nn.ModuleDict(
        {
            "accuracy": MulticlassAccuracy(genera, average="micro"),
            "top_5": MulticlassAccuracy(genera, top_k=min(5, genera), average="micro"),
            "macro_f1": MulticlassF1Score(genera, average="macro"),
        }
    )
