"""Identifiers: ids of specimens that are safe names of files, whatever a record has as its barcode."""

import hashlib
import re
from collections import Counter

import pandas as pd

RESERVED = re.compile(r"CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9]")
"""Names that Windows keeps for devices."""

LONGEST = 80
"""Characters of an id; a number of the image and the suffix of a file still fit into 100."""


def specimen_ids(specimens: pd.DataFrame) -> pd.Series:
    """Give every specimen an id: its barcode in capitals, a hyphen for all that is no letter or digit.

    Where the barcodes of two specimens come to the same, both get their institution in front
    (`F-12345`); where that is not enough, or nothing safe is left of a barcode, the digest of its
    record's key follows. The same specimens get the same ids, in whatever order they stand.

    Args:
        specimens: text columns `institution`, `collection_code` and `barcode`; rows alike in all three, but
            for case, are images of one specimen.

    Returns:
        The ids, on the index of `specimens`: at most 80 characters, A to Z, 0 to 9 and inner hyphens.
    """
    columns = [specimens[name].str.upper() for name in ("institution", "collection_code", "barcode")]
    keys = list(zip(*columns, strict=True))
    ids = {key: safe_name(key[-1]) for key in keys}
    twice = repeated(ids)
    ids = {key: safe_name(f"{key[0]} {name}") if name in twice else name for key, name in ids.items()}
    twice = repeated(ids)
    ids = {
        key: name
        if usable(name) and name not in twice
        else f"{name[: LONGEST - 17]}-{digest(key)}".strip("-")
        for key, name in ids.items()
    }
    return pd.Series([ids[key] for key in keys], index=specimens.index, dtype=str)


def repeated(ids: dict[tuple, str]) -> set[str]:
    """Return the ids that more than one specimen has."""
    return {name for name, times in Counter(ids.values()).items() if times > 1}


def safe_name(text: str) -> str:
    """Write `text` with capital letters, digits and inner hyphens only."""
    return re.sub("[^A-Z0-9]+", "-", text.upper()).strip("-")


def usable(name: str) -> bool:
    """Say whether a file may be called so anywhere."""
    return 0 < len(name) <= LONGEST and not RESERVED.fullmatch(name)


def digest(key: tuple[str, ...]) -> str:
    """Sixteen digits that stand for the key of a record."""
    return hashlib.sha256("\n".join(key).encode()).hexdigest()[:16].upper()
