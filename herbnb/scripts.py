"""Scripts: data as JavaScript, for a page that opens from a file may load a script but not fetch data."""

import json
from pathlib import Path

from herbnb.files import whole


def write_script(path: Path, taker: str, name: str, value: object) -> None:
    """Write data as a script that hands it to the page: `<taker>.take("<name>", <value>)`.

    Raises:
        BadInput: the script cannot be written there.
        ValueError: a number of the data is not finite, which JSON cannot say.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<\u2028\u2029":  # no name ends a script or a line, wherever it is pasted
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    with whole(path) as temporary:
        temporary.write_text(f"{taker}.take({json.dumps(name)},{text});\n", encoding="utf-8")
