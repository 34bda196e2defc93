"""Testing: what a trained network scores on the three held-out sets."""

from functools import partial
from pathlib import Path

import pandas as pd

from herbnb.data.images.cache import Cache
from herbnb.errors import BadInput
from herbnb.files import fingerprint, write_table
from herbnb.networks.checkpoints import read_card
from herbnb.networks.data_module import loader
from herbnb.networks.kinds import CHAPTERS, load_network
from herbnb.networks.trainer import trainer_of
from herbnb.specimens import HELD_OUT, read_specimens


def test(
    name: str,
    sheets: str | Path,
    results: str | Path,
    *,
    num_workers: int = 0,
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Test the network called `name` on the held-out sets, and write and return `test.csv`.

    Images are read as in training, but not augmented. A set that cannot be tested is left out, and
    that is said. Returns one row a score: `split`, `metric`, `value`.

    Raises:
        BadInput: the network is missing, or was trained on other specimens.
    """
    folder, table = Path(results) / "networks" / name, Path(results) / "specimens.parquet"
    specimens, network, card = read_specimens(table), load_network(results, name), read_card(folder)
    if card.get("fingerprint") != fingerprint(table):
        raise BadInput(f"{folder} was trained on other specimens: run chapter {CHAPTERS[name]} again.")
    rest = {"folder": sheets, "genera": card["genera"], "parameters": card["parameters"]}
    rest |= {"num_workers": num_workers, "cache": cache}
    dealt = partial(loader, network, training=False, **rest)
    rows = []
    for split in HELD_OUT:
        part = specimens[specimens["split"] == split]
        try:
            check_known(part, card["genera"])
            batches = dealt(part)
        except BadInput as error:
            print(f"{name}: the set {split!r} is not tested. {error}")
            continue
        trainer = trainer_of(card["precision"])
        (scores,) = trainer.test(network, batches, verbose=False)
        rows += [
            {"split": split, "metric": key.removeprefix("test/"), "value": value}
            for key, value in sorted(scores.items())
        ]
    scores = pd.DataFrame(rows, columns=["split", "metric", "value"])
    write_table(scores, folder / "test.csv")
    return scores


def check_known(part: pd.DataFrame, genera: list[str]) -> None:
    """Raise BadInput when a held-out set is empty or shows a genus that training does not know."""
    strange = sorted(set(part["genus"]) - set(genera))
    if part.empty:
        raise BadInput("It holds no sheet.")
    if strange:
        raise BadInput(f"Its genus {strange[0]} is not among the training sheets.")
