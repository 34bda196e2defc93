"""Parts: the files that hold the features of some sheets by one encoder, and what each says of them.

A folder of parts opens in Imageomics' emb-explorer, which reads `uuid` and `emb`, and filters by every other
column.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from herbnb import parquet
from herbnb.errors import BadInput

ROWS = 1024
"""Sheets whose features are in memory at a time while a part is written or read."""

SHEET = ["uuid", "path", "bytes", "mtime_ns"]
"""What a part says of a sheet that must still be so: its image_id, and its file as it was."""

ORIGIN = ("encoder", "fingerprint", "width", "squares", "geometry", "model", "resizing")
"""What must be the same of an encoder: its name, weights and shape, and how sheets are made small for it."""


class Writer:
    """A part that is being written: call it with the features of its sheets, as they are ready.

    Args:
        path: of the file, for now.
        part: its path when it is whole.
        origin: where the features are from.
        sheets: the columns beside them.
    """

    def __init__(self, path: Path, part: Path, origin: dict, sheets: pd.DataFrame):
        self.part, self.origin, self.waiting, self.written = part, origin, [], 0
        self.sheets = pa.Table.from_pandas(sheets, preserve_index=False).replace_schema_metadata()
        vector = pa.field("emb", pa.list_(pa.float32(), origin["width"]))
        told = {what: json.dumps(value, ensure_ascii=False) for what, value in origin.items()}
        self.schema = self.sheets.schema.append(vector).with_metadata(told)
        self.file = pq.ParquetWriter(path, self.schema, write_page_checksum=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.waiting and not any(error):
            self.flush()
        self.file.close()

    def __call__(self, features: np.ndarray) -> None:
        self.waiting.append(features)
        if sum(map(len, self.waiting)) >= ROWS:
            self.flush()

    def flush(self) -> None:
        features, self.waiting = np.concatenate(self.waiting).astype(np.float32, copy=False), []
        few = self.sheets.slice(self.written, len(features))
        check_finite(features, few["uuid"].to_pandas(), self.origin["encoder"], self.part)
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), self.origin["width"])
        self.file.write_table(pa.table([*few.columns, vectors], schema=self.schema))
        self.written += len(features)


def batches(part: Path) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield the image ids and the features, float32 [m, width], of some sheets of a part after others."""
    for batch in parquet.batches(part, ROWS, ["uuid", "emb"]):
        kind = batch.schema.field("emb").type
        if not pa.types.is_fixed_size_list(kind) or kind.list_size != origin_in(batch.schema)["width"]:
            raise ValueError("emb holds no vectors of the width that it says")
        vectors = batch["emb"]
        yield batch["uuid"].to_pylist(), vectors.flatten().to_numpy().reshape(len(vectors), -1)


def origin_in(schema: pa.Schema) -> dict:
    """Return what a part says of where its features are from."""
    return {what.decode(): json.loads(value) for what, value in (schema.metadata or {}).items()}


def check_finite(features: np.ndarray, image_ids: pd.Series, name: str, path: Path) -> None:
    """Raise BadInput when a feature is not a finite number, naming the first sheet that has one."""
    broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(broken):
        raise BadInput(
            f"{path}, image {image_ids.iloc[broken[0]]}: a feature is not a finite number, so {name} cannot "
            "be used: train it again with a lower learning_rate, or mend the file it is from."
        )
