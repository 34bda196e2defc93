"""The scorebook of a chapter: what it has scored already, in parts.

What takes long is done in parts: one representation, one held-out set or pair of genera, one rank or rate.
Each is a whole file, so that a run that is killed loses the part under way and no other, and a part may be
scored beforehand, by a job of its own.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from herbnb import parquet
from herbnb.errors import BadInput
from herbnb.files import whole
from herbnb.sources import method
from herbnb.tables import BROKEN, check_at_hand

Keep = Callable[..., pd.DataFrame]
"""`anew` or a `Scorebook`: returns the table of a part, which it may have already."""

FROM = b"herbnb"
"""Where a part says what it was made from."""


def anew(make: Callable[[], pd.DataFrame], network: str, *part: object, **given: object) -> pd.DataFrame:
    """Make a part and keep nothing: see `Scorebook.__call__`."""
    return make()


class Scorebook:
    """The parts that a chapter has scored, in a folder; called for one, it reads it or makes it.

    Args:
        folder: of the parts; those of a representation lie in a folder of its name.
        origins: where the features of each representation are from, in plain types: see `Features`.
    """

    def __init__(self, folder: Path, origins: Mapping[str, dict]):
        self.folder, self.origins = folder, origins

    def __call__(
        self, make: Callable[[], pd.DataFrame], network: str, *part: object, **given: object
    ) -> pd.DataFrame:
        """Return the table of a part: the one that is kept if it would be made the same now, else a new one.

        Made the same means from the same features, with the same parameters and by the same code: that of
        the function, of its module, and of what these stand on. A damaged part is made again.

        Args:
            make: what makes the table; a function of the package, or a `partial` of one.
            network: whose features are scored.
            part: what else tells this part from the others of the chapter.
            given: the parameters that it depends on, in plain types.

        Raises:
            BadInput: the part cannot be written, or is gone at once.
        """
        path = self.folder / network / f"{quote(' '.join(map(str, part)), safe=' ,')}.parquet"
        code = method(getattr(make, "func", make).__module__)
        told = {"features": self.origins[network], "part": part, "parameters": given, "code": code}
        origin = json.dumps(told, sort_keys=True).encode()
        kept = read(path, origin)
        if kept is None:
            write(make(), path, origin)
            kept = read(path, origin)  # so it is the same now and later
        if kept is None:
            raise BadInput(f"{path} has been deleted meanwhile: start again.")
        return kept


def read(path: Path, origin: bytes) -> pd.DataFrame | None:
    """Return a part that is whole and of this origin, or None."""
    try:
        table = parquet.read(path)
    except BROKEN as error:
        check_at_hand(error)
        return None
    return table.to_pandas() if (table.schema.metadata or {}).get(FROM) == origin else None


def write(table: pd.DataFrame, path: Path, origin: bytes) -> None:
    """Write a part whole, with where it is from."""
    stored = pa.Table.from_pandas(table, preserve_index=False)
    stored = stored.replace_schema_metadata(stored.schema.metadata | {FROM: origin})
    with whole(path) as temporary:
        pq.write_table(stored, temporary, write_page_checksum=True)
