"""Shelves: the features of a collection by one encoder, kept in parts while the collection changes.

The sheets that had no features when a part was made are in it, in the order of the table, at most `SHARD` of
them. So sheets that are added make parts of their own and shift no other, and together the parts hold every
sheet once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from herbnb import parquet
from herbnb.errors import BadInput, in_short
from herbnb.files import check_plain, whole
from herbnb.representations.parts import ORIGIN, SHEET, Writer, batches, check_finite, origin_in
from herbnb.tables import BROKEN, check_at_hand

SHARD = 50_000
"""Sheets in a part: what a kill can cost."""


class Shelf:
    """The features of a collection by one encoder, in a folder beside the index that lists its parts.

    The index is written last and taken away before anything changes: features with an index are complete.

    Args:
        index: its path, `….json`; the parts are in the folder of that name.
        origin: where the features are from, in plain types: `ORIGIN`, and the encoder's card. Features
            made elsewhere have no `geometry`.
    """

    def __init__(self, index: Path, origin: dict):
        self.index, self.folder, self.origin = index, index.with_suffix(""), origin
        self.known: set[Path] = set()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def missing(self, sheets: pd.DataFrame) -> np.ndarray:
        """Return the rows of `sheets` whose features are not here.

        What is not of these sheets, files and origin goes, and so does a part that is not whole; a part
        whose sheets have other names now, or fewer of them, is written again with the features it has.
        Features made elsewhere are not kept, because what they were made of cannot be known. Only one
        process at a time may ask, and write what is missing.

        Args:
            sheets: one row a sheet: the columns of `SHEET`, and what else is to be said of it.
        """
        for left in self.folder.glob(".part-*"):  # by a process that was killed
            left.unlink()
        here, ids = np.zeros(len(sheets), bool), pd.Index(sheets["uuid"])
        self.known = {*self.files()}
        for part in self.files():
            held = self.held(part, list(sheets)) if self.origin["geometry"] else None
            if held is None:
                self.remove(part)
                continue
            rows = ids.get_indexer(held["uuid"])
            known = held[SHEET].to_numpy() == sheets[SHEET].iloc[rows].to_numpy()
            kept = (rows >= 0) & known.all(axis=1) & ~here[rows]
            now = sheets.iloc[rows[kept]]
            here[rows[kept]] = True
            if not kept.any():
                self.remove(part)
            elif not kept.all() or (now.to_numpy() != held.to_numpy()).any():
                self.rewrite(part, kept, now)
        return np.flatnonzero(~here)

    def check_kept(self) -> None:
        """Raise BadInput when a part is gone that this process has found or made."""
        for part in self.known:
            if not part.exists():
                raise BadInput(f"{part} has been deleted meanwhile: start again.")

    def held(self, part: Path, columns: list[str]) -> pd.DataFrame | None:
        """Return what a part says of its sheets, or None if it is damaged or of another origin."""
        try:
            table = parquet.read(part, columns)
            if not self.is_origin(table.schema) or len(table.column_names) < len(columns):
                return None
            for _ in batches(part):  # a part that has lain long is read to its end, before it is trusted
                pass
        except BROKEN as error:
            check_at_hand(error)
            return None
        return table.to_pandas()[columns]

    def is_origin(self, schema: pa.Schema) -> bool:
        """Say whether features are from where this shelf's are."""
        known = origin_in(schema)
        return all(known.get(what) == self.origin[what] for what in ORIGIN)

    def rewrite(self, part: Path, kept: np.ndarray, sheets: pd.DataFrame) -> None:
        """Write a part again with its `kept` rows, which are `sheets` now."""
        start = 0
        with self.writing(sheets, part) as write:
            for _, vectors in batches(part):
                write(vectors[kept[start : (start := start + len(vectors))]])

    def remove(self, part: Path) -> None:
        self.index.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        self.known.discard(part)

    @contextmanager
    def writing(self, sheets: pd.DataFrame, part: Path | None = None) -> Iterator["Writer"]:
        """Open a part for n `sheets`; whoever has it calls it with features, float32 [m, width], until n.

        Raises:
            BadInput: a feature is not a finite number, or a part is gone.
        """
        self.index.unlink(missing_ok=True)
        if part is None:
            last = max((int(file.stem.rpartition("-")[2]) for file in self.files()), default=-1)
            part = self.folder / f"part-{last + 1:05d}.parquet"
        with whole(part) as temporary, Writer(temporary, part, self.origin, sheets) as writer:
            yield writer
            self.check_kept()
        self.known.add(part)

    def listing(self) -> dict:
        """Return what the index says: the origin, the sheets by their fingerprint, and the parts.

        Raises:
            BadInput: a part is gone.
        """
        self.check_kept()
        parts = {part.name: pq.read_metadata(part).num_rows for part in self.files()}
        return self.origin | {"sheets": self.sheets(), "parts": parts}

    def is_listed(self, listing: dict) -> bool:
        """Say whether the index says this already: one that is right is not written again."""
        try:
            return json.loads(self.index.read_text(encoding="utf-8")) == json.loads(json.dumps(listing))
        except (OSError, ValueError):
            return False

    def sheets(self) -> str:
        """Return the fingerprint of the sheets and files that were seen, which parts of any size share."""
        read = [parquet.read(part, SHEET).to_pandas() for part in self.files()]
        told = pd.concat(read or [pd.DataFrame(columns=SHEET)]).sort_values("uuid")
        return sha256(pd.util.hash_pandas_object(told, index=False).to_numpy()).hexdigest()[:16]

    def read(self, image_ids: pd.Series, parts: dict[str, int], again: str) -> np.ndarray:
        """Return the features of n sheets, float32 [n, width], in their order.

        Args:
            image_ids: of the sheets, n of them.
            parts: their names and how many sheets each holds, as the index says.
            again: how to make the features again, for the sentence when they are not all here.

        Raises:
            BadInput: a part is missing, damaged or another than the index says, or lacks a sheet.
        """
        wanted, found = pd.Index(image_ids), np.zeros(len(image_ids), bool)
        features = np.empty((len(image_ids), self.origin["width"]), np.float32)
        for name, sheets in parts.items():
            part = self.folder / name
            check_plain(part)
            try:
                known = pq.read_metadata(part)
                if not self.is_origin(known.schema.to_arrow_schema()) or known.num_rows != sheets:
                    raise BadInput(f"{part} is another part than {self.index} says: {again}")
                for ids, vectors in batches(part):
                    rows = wanted.get_indexer(ids)
                    features[rows[rows >= 0]], found[rows[rows >= 0]] = vectors[rows >= 0], True
            except FileNotFoundError as error:
                raise BadInput(f"{part} is missing: {again}") from error
            except BROKEN as error:
                check_at_hand(error)
                raise BadInput(
                    f"{part} is not a whole part of features ({in_short(error)}): {again}"
                ) from error
        if not found.all():
            lost = image_ids.iloc[int((~found).argmax())]
            raise BadInput(f"{self.folder} lacks the features of image {lost}: {again}")
        check_finite(features, image_ids, self.origin["encoder"], self.folder)
        return features
