"""Ground: whether there is what the values of parameters name: folders, sheets, genera, representations.

It is asked before a chapter's kernel starts. What chapters before this one still have to make, that is the
chapter's to say, unless none of them ever will.
"""

import ast
import os
from collections.abc import Callable
from contextlib import suppress

from herbnb import parquet
from herbnb.book.kinds import shown
from herbnb.book.parameters import Parameter, check_names, converted
from herbnb.book.ranges import range_of
from herbnb.errors import BadInput, nearest
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, spec_of, unknown, with_baselines
from herbnb.results import COLLECTIONS, RUN, YOURS, Results, specimens_of, with_replicates
from herbnb.specimens import FILE
from herbnb.tables import BROKEN

MAKERS = ("features", "kew", YOURS, "costs")
"""Chapters that load representations, where others read what these have seen."""

LOOKING = ("sampling", *NETWORKS, "features", "activations", "costs")
"""Chapters that open images; others show them as far as they are there."""

Check = Callable[[str, object, dict[str, object]], None]
"""Given a chapter, the value of a parameter and those of all, raises BadInput where something is missing."""


def check_ground(chapter: str, values: dict[str, object]) -> None:
    """Raise BadInput, with the parameter, when a chapter's values name what is not there.

    Args:
        chapter: its name.
        values: every parameter, each within its range.
    """
    for name, value in values.items():
        check = CHECKS.get(f"{chapter}.{name}", CHECKS.get(name))
        if check and value not in ("", []):
            try:
                check(chapter, value, values)
            except BadInput as error:
                raise BadInput(f"{chapter}: {name}: {error}") from error
            except OSError as error:
                said = error.strerror or str(error)
                raise BadInput(
                    f"{chapter}: {name} is {shown(value)}, which cannot be opened ({said})."
                ) from error


def check_cell(chapter: str, defaults: dict[str, object], cell: dict[str, object]) -> None:
    """Check the values that plain papermill has set, in the chapter's own kernel, and read text as YAML.

    Args:
        chapter: its name.
        defaults: of its parameters.
        cell: what is defined so far, as `globals()` has it; gets the values.

    Raises:
        BadInput: a name that is no parameter, of which papermill only warns; a value that is out of its
            range, or that names what is not there.
    """
    known = {
        name: Parameter(name, type(default).__name__, default, "", range_of(chapter, name))
        for name, default in defaults.items()
    }
    check_names(injected(cell), known, chapter)
    cell.update({name: converted(cell[name], known[name], chapter) for name in known})
    check_ground(chapter, {name: cell[name] for name in known})


def injected(cell: dict[str, object]) -> list[str]:
    """Return the names that the cell before this one sets, if that is papermill's and not the chapter's."""
    before = [*cell.get("In", ())][-2:-1]
    lines = ast.parse(before[0]).body if before else []
    return [line.targets[0].id for line in lines if isinstance(line, ast.Assign)]


def check_folder(chapter: str, value: str, values: dict) -> None:
    """Refuse what is a file, or lies below one."""
    path = located(value)
    for each in (path, *path.parents):
        if each.exists() and not each.is_dir():
            raise BadInput(f"{each} is a file: name a folder.")


def check_there(chapter: str, value: str, values: dict) -> None:
    """Refuse a folder that is not there."""
    check_folder(chapter, value, values)
    if not located(value).is_dir():
        raise BadInput(f"There is no folder {located(value)}: name the one that holds the sheets.")


def check_writable(chapter: str, value: str, values: dict) -> None:
    """Refuse a folder that cannot be made or written to."""
    check_folder(chapter, value, values)
    path = located(value)
    there = next(each for each in (path, *path.parents) if each.exists())
    if not os.access(there, os.W_OK):
        raise BadInput(f"{there} cannot be written to: name another folder.")


def check_file(chapter: str, value: str, values: dict) -> None:
    """Refuse a file that is not there."""
    if not located(value).is_file():
        raise BadInput(f"There is no file {located(value)}: give its path.")


def check_weights(chapter: str, value: str, values: dict) -> None:
    """Refuse weights that are neither well known nor a file."""
    if value not in ("none", "imagenet") and not located(value).is_file():
        raise BadInput(f"There is no file {located(value)}: give the path of one, or none, or imagenet.")


def check_representations(chapter: str, value: str | list[str], values: dict) -> None:
    """Refuse names that no representation has."""
    here = Results(str(values["results"]))
    for text in [value] if isinstance(value, str) else value:
        check_representation(chapter, text, here)


def check_representation(chapter: str, text: str, here: Results) -> None:
    """Refuse a name that no representation has; a visitor's library is asked unless its features are here.

    Where that is not installed, nothing can be made but something be read, and the chapter says what.
    """
    spec = spec_of(text)
    seen = chapter not in MAKERS and here.path("features", encoder=spec.name, collection=RUN).parent.is_dir()
    if seen or spec.name in NETWORKS or spec.name in BASELINES:
        return
    if spec.scheme == "file":
        check_file(chapter, spec.model, {})
    elif spec.scheme:
        with suppress(ModuleNotFoundError):
            from herbnb.representations.catalogue import entry_of  # torch, where it is wanted only

            entry_of(spec)
    else:
        raise unknown(text)


def check_collection(chapter: str, value: str, values: dict) -> None:
    """Refuse a collection that the run has not, and say which chapter makes it, or which is meant."""
    here = Results(str(values["results"]))
    table, fields = specimens_of(value)
    if not here.path(table, **fields).exists() and value not in COLLECTIONS:
        hint = nearest(value, [path.parent.name for path in here.folder.glob(f"*/{FILE}")])
        if hint != ".":
            raise BadInput(f"The run has no collection {value!r}{hint}")
    here.needed(table, **fields)


def check_collections(chapter: str, value: list[str], values: dict) -> None:
    """Refuse collections that the run has not, and its own sheets, which are on the map in any case."""
    if RUN in value:
        raise BadInput(f"{RUN} is the run itself, which is on the map in any case: leave it out.")
    for each in value:
        check_collection(chapter, each, values)


def check_genera(chapter: str, value: str | list[str], values: dict) -> None:
    """Refuse genera that no sheet of the collection bears, and one that would be compared with itself."""
    collection, asked = str(values["collection"]), [value] if isinstance(value, str) else value
    borne = genera_of(Results(str(values["results"])), collection)
    for genus in asked:
        if spelt(genus) not in map(spelt, borne):
            hint = nearest(genus.strip().capitalize(), borne)
            some = f": {', '.join(borne[:8])}{' …' if len(borne) > 8 else ''}" if hint == "." else ""
            raise BadInput(f"No sheet of the collection {collection} bears {genus!r}{some}{hint}")
    if isinstance(value, list):
        compared = [spelt(genus) for genus in (str(values["genus1"]), *asked)]
        twice = next((genus for genus in asked if compared.count(spelt(genus)) > 1), None)
        if twice:
            raise BadInput(f"{twice!r} is named twice, among these and genus1: name each genus once.")


def genera_of(here: Results, collection: str) -> list[str]:
    """Return the genera that the sheets of a collection bear.

    Raises:
        BadInput: its table is missing or cannot be read, with the chapter to run.
    """
    table, fields = specimens_of(collection)
    try:
        column = parquet.read(here.needed(table, **fields), ["genus"])["genus"].to_pandas()
    except BROKEN:
        column = here.read(table, **fields)["genus"]
    return sorted(column.unique())


def spelt(genus: str) -> str:
    """Return what two spellings of a genus have in common."""
    return genus.strip().casefold()


def check_claimed(chapter: str, value: str, values: dict) -> None:
    """Refuse a network that is not among those compared."""
    compared = [spec_of(text).name for text in with_baselines(values["networks"])]
    if value not in compared:
        raise BadInput(
            f"{value!r} is not among those compared{nearest(value, compared)} They are {', '.join(compared)}."
        )


def check_replicates(chapter: str, value: list[str], values: dict) -> None:
    """Refuse folders that hold no run, or none on the same specimens."""
    for run in map(Results, value):
        if not run.path("specimens").exists():
            raise BadInput(f"{run.folder} holds no run, for it has no {FILE}: name the folder of one.")
    with_replicates(Results(str(values["results"])), value)


def check_sheet(chapter: str, value: str, values: dict) -> None:
    """Refuse an image id that no sheet of the collection has."""
    from herbnb.applications.own_collection import sheet_to_show
    from herbnb.data.collection import read_collection

    specimens = read_collection(located(str(values["collection"])))
    sheet_to_show(specimens, specimens, value)


def check_free(chapter: str, value: str, values: dict) -> None:
    """Refuse a name that the run needs itself, or that is the folder of the collection."""
    from herbnb.data.collection import check_name

    check_name(value, located(str(values["collection"])), Results(str(values["results"])))


def check_described(chapter: str, value: str, values: dict) -> None:
    """Refuse a folder that does not say which sheets it holds."""
    from herbnb.data.collection import METADATA, description_of

    path, here = located(value), Results(str(values["results"]))
    if path.parent == here.folder:
        here.needed("collection", collection=path.name)
    check_there(chapter, value, values)
    if not description_of(path).exists():
        raise BadInput(f"{path} has neither {FILE} nor {METADATA}: describe it with `herbnb data`.")


CHECKS: dict[str, Check] = {
    "data": check_folder,
    **{f"{chapter}.data": check_there for chapter in LOOKING},
    "results": check_writable,
    "networks": check_representations,
    "network": check_representations,
    "reviewer": check_representations,
    "weights": check_weights,
    "genus1": check_genera,
    "genus2": check_genera,
    "discrimination.collection": check_collection,
    "mislabels.collection": check_collection,
    "collections": check_collections,
    f"{YOURS}.collection": check_described,
    "name": check_free,
    "sheet": check_sheet,
    "claimed": check_claimed,
    "replicates": check_replicates,
    "occurrence": check_file,
    "multimedia": check_file,
    "taxonomy": check_file,
    "stand_in": check_there,
}
