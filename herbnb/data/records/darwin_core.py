"""Darwin Core Archives: a zip or a folder with a `meta.xml`, as GBIF, Symbiota and iDigBio give them.

The tables are read by pandas as the descriptor says. The library python-dwca-reader (0.17.1) was tried
on two archives and left: it refuses Symbiota's for want of files that hold no picture, gives pandas two
columns of one name from iDigBio's, decodes with replacement characters, and follows a location out of
the archive.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from herbnb.data.records import terms
from herbnb.data.records.archive_files import MissingFile, reader_of
from herbnb.data.records.delimited import rows_of, text_of
from herbnb.data.records.descriptor import DataFile, read_descriptor
from herbnb.data.records.history import with_history
from herbnb.data.records.media import join_records
from herbnb.data.records.verbatim import in_its_own_words
from herbnb.errors import BadInput

PICTURES = ("multimedia", "image")
"""Row types of the extensions that describe pictures (of GBIF and of Audubon Core)."""


def read_archive(path: str | Path) -> pd.DataFrame:
    """Read an archive: the records table of `media.join_records`, one row an image.

    Pictures are described by a Multimedia extension; a specimen that has none there may list addresses
    in `associatedMedia`, with | or ; between them. An extension of occurrences has the records verbatim
    (GBIF): see `verbatim`. One of identifications has what they were called before: see `history`; its file
    may be empty or put aside. Nothing is unpacked to the disk.

    Args:
        path: a zip, or the folder it was unpacked to.

    Raises:
        BadInput: it is no such archive, a file is missing (but that of identifications), outside of it or
            cannot be read as the descriptor says, or it holds no picture.
    """
    path = Path(path)
    read = reader_of(path)
    core, extensions = read_descriptor(read("meta.xml"), f"{path}/meta.xml")
    if core.row_type != "occurrence":
        raise BadInput(
            f"{path}/meta.xml: the core is of the type {core.row_type!r}, not Occurrence; "
            "export specimens (occurrences) with their pictures."
        )
    specimens = read_table_of(core, terms.OCCURRENCE, read, path)
    for extension in extensions:
        if extension.row_type == "occurrence":
            verbatim = read_table_of(extension, terms.OCCURRENCE, read, path)
            specimens = in_its_own_words(specimens, verbatim)
    specimens = with_history(specimens, determinations_in(extensions, read, path))
    pictures = [extension for extension in extensions if extension.row_type in PICTURES]
    media = [read_table_of(extension, terms.MULTIMEDIA, read, path) for extension in pictures]
    described = {coreid for table in media for coreid in table["coreid"]}
    media.append(associated(specimens[~specimens["coreid"].isin(described)]))
    media = pd.concat(media, ignore_index=True)
    if media.empty:
        raise BadInput(f"{path} describes no picture: export it with multimedia, or with associatedMedia.")
    return join_records(specimens, media, path)


def determinations_in(extensions: list[DataFile], read: Callable[[str], bytes], path: Path) -> pd.DataFrame:
    """Return the rows of the Identification extensions, none where there is no such extension.

    Nor where its file is missing: Symbiota's descriptor names half a dozen files, and who passes an archive
    on may leave out those that hold neither specimens nor pictures.
    """
    found = [pd.DataFrame(columns=list(terms.IDENTIFICATION), dtype=str)]
    for extension in extensions:
        if extension.row_type == "identification":
            try:
                found.append(read_table_of(extension, terms.IDENTIFICATION, read, path, may_be_empty=True))
            except MissingFile:
                continue
    return pd.concat(found, ignore_index=True)


def read_table_of(
    file: DataFile,
    columns: dict[str, tuple[str, ...]],
    read: Callable[[str], bytes],
    path: Path,
    *,
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """Read one table of the archive and return `columns` under our names."""
    if file.key is None or not file.locations:
        raise BadInput(f"{path}/meta.xml says of {file.row_type!r} neither the file nor the column of ids.")
    entries = [("coreid", file.key), *((term, column) for term, column, _ in file.fields)]
    parts = []
    for location in file.locations:
        rows, width = rows_in(file, text_of(read(location), f"{path}/{location}", file.encoding))
        used = [column for _, column in entries if column is not None]
        form = dict(separator=file.separator, quote=file.quote, wanted=used, may_be_empty=may_be_empty)
        parts.append(rows_of(rows, width, f"{path}/{location}", **form))
    table = pd.concat(parts, ignore_index=True)
    for number, (_, column, default) in enumerate(file.fields):
        if column is None:  # a constant: a column beside those of the file
            entries[1 + number] = (entries[1 + number][0], -1 - number)
            table[-1 - number] = default
        elif default:
            table[column] = table[column].where(table[column] != "", default)
    where = terms.whereabouts([name for name, _ in entries], columns)
    where = {ours: [entries[number][1] for number in numbers] for ours, numbers in where.items()}
    return terms.under_our_names(table, where)


def rows_in(file: DataFile, text: str) -> tuple[str, int]:
    """Return the rows of a file without its header, ended by line feeds, and how wide they are.

    A header may name more columns than the descriptor: they are not used.
    """
    if file.line_end == "\r":
        text = re.sub(r"\r\n?", "\n", text)
    elif file.line_end not in ("\n", "\r\n"):
        text = re.sub(r"[\r\n]+", " ", text).replace(file.line_end, "\n")
    width = file.width
    for _ in range(file.header_lines):
        header = re.match(r"[^\r\n]*", text)[0]
        width = max(width, header.count(file.separator) + 1)
        text = re.sub(r"^(\r\n|\r|\n)", "", text[len(header) :])
    return text, width


def associated(specimens: pd.DataFrame) -> pd.DataFrame:
    """Return the pictures that specimens list in `associatedMedia`, as rows of multimedia."""
    listed = specimens["associated"].str.split(r"[|;,\s]+(?=https?://)", regex=True).explode()
    listed = listed[listed.str.match("https?://", na=False)].str.rstrip(" |;,")
    media = pd.DataFrame({column: "" for column in terms.MULTIMEDIA}, index=range(len(listed)), dtype=str)
    return media.assign(coreid=specimens["coreid"].loc[listed.index].to_numpy(), access=listed.to_numpy())
