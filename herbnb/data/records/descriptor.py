"""The descriptor of a Darwin Core Archive, `meta.xml`: which file holds what, and how it is written.

The layout is that of the Darwin Core text guide (TDWG 2009): a core, extensions that point to it, and
for each the column of every term.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from herbnb.errors import BadInput, in_short

ESCAPES = {r"\t": "\t", r"\n": "\n", r"\r": "\r", r"\f": "\f", r"\"": '"', r"\'": "'", r"\\": "\\"}
"""How a descriptor writes characters that cannot stand in an attribute."""


@dataclass(frozen=True)
class DataFile:
    """One table of an archive; `fields` are its terms with their columns (None: a constant)."""

    row_type: str  # the last part of its URI, in small letters
    locations: tuple[str, ...]
    encoding: str
    separator: str
    quote: str  # "": fields are not enclosed
    line_end: str
    header_lines: int
    key: int | None  # the column of the id, or of the id of the core
    fields: tuple[tuple[str, int | None, str], ...]  # term, column, default value

    @property
    def width(self) -> int:
        """Columns that the descriptor knows of."""
        return 1 + max([self.key or 0, *(column or 0 for _, column, _ in self.fields)])


def read_descriptor(content: bytes, source: str) -> tuple[DataFile, list[DataFile]]:
    """Read a `meta.xml`: return the core and the extensions.

    Raises:
        BadInput: it is no XML, has entities (which could grow without limit or read other files), no
            core, or a number or separator that cannot be one.
    """
    try:
        root = fromstring(content)
    except DefusedXmlException as error:
        raise BadInput(f"{source} declares entities, which no archive needs: do not trust it.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadInput(f"{source} is not XML ({in_short(error)}): make the download again.") from error
    tables = {"core": [], "extension": []}
    for element in root:
        if name_of(element) in tables:
            tables[name_of(element)].append(data_file(element, source))
    if len(tables["core"]) != 1:
        raise BadInput(f"{source} describes no archive: it has {len(tables['core'])} cores instead of one.")
    return tables["core"][0], tables["extension"]


def data_file(element: Element, source: str) -> DataFile:
    """Read one `core` or `extension`, with the default values of the text guide."""
    told = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    separator = unescaped(told.get("fieldsTerminatedBy", ","))
    quote = unescaped(told.get("fieldsEnclosedBy", '"'))
    plain = len(separator) == 1 and len(quote) <= 1 and (separator + quote).isascii()
    if not plain or quote == separator or set(separator + quote) & set("\r\n"):
        raise BadInput(
            f"{source}: fields that end in {separator!r} and stand in {quote!r} cannot be told apart; "
            "each must be one plain character."
        )
    key, fields, locations = None, [], []
    for child in element.iter():
        if name_of(child) in ("id", "coreid"):
            key = number(child.get("index", ""), source)
        elif name_of(child) == "field":
            column = None if child.get("index") is None else number(child.get("index"), source)
            default = " ".join((child.get("default") or "").split())
            fields.append((child.get("term") or "", column, default))
        elif name_of(child) == "location":
            locations.append((child.text or "").strip())
    return DataFile(
        row_type=told.get("rowType", "").rstrip("/").rpartition("/")[2].lower(),
        locations=tuple(locations),
        encoding=told.get("encoding", "UTF-8"),
        separator=separator,
        quote=quote,
        line_end=unescaped(told.get("linesTerminatedBy", "\n")) or "\n",
        header_lines=number(told.get("ignoreHeaderLines") or "0", source),
        key=key,
        fields=tuple(fields),
    )


def name_of(element: Element) -> str:
    """Return the name of a tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def unescaped(text: str) -> str:
    """Undo the escapes of a separator: a backslash and a t are a tab."""
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


def number(text: str, source: str) -> int:
    """Read the number of a column or of lines, 0 to 9,999."""
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 4):
        raise BadInput(f"{source}: {text!r} is not the number of a column or of lines.")
    return int(text)
