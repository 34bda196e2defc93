"""The archive that Kaggle's page offers, as a zip or unpacked: sources from which only what is asked for is
taken, each by its exact name, into a file that the caller names. No name in an archive decides a path.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from herbnb.archives import DAMAGED, open_zip, refusal
from herbnb.data.fetching.hosts import Hosts
from herbnb.data.fetching.source import Answer, Unusable
from herbnb.data.half_earth import LEAVING
from herbnb.errors import BadInput, in_short

AT_ONCE = 1000
"""Files that may be taken out at once: a disk is asked by as many threads as there are."""


class Packed:
    """The archive as one zip; a context manager. Any number of threads may take members out of it.

    The list of its 2.5 million members takes twenty seconds to read and 1.5 GB of memory.

    Raises:
        BadInput: the file is missing, no zip, or has a member that leaves its folder or is a link.
    """

    def __init__(self, archive: str | Path):
        self.archive, self.hosts = Path(archive), Hosts(AT_ONCE)
        try:
            self.zip = open_zip(self.archive)
        except (OSError, *DAMAGED) as error:
            raise BadInput(
                f"{archive} cannot be opened as a zip ({in_short(error)}): give the whole .zip that "
                "Kaggle's page offers, or the folder that it was unpacked to."
            ) from error
        for member in self.zip.infolist():
            if re.search(LEAVING, member.filename) or stat.S_ISLNK(member.external_attr >> 16):
                self.zip.close()
                raise BadInput(
                    f"{archive} has the member {member.filename!r}, which leaves the folder or is a link: "
                    "this is not the archive that Kaggle's page offers; fetch it again from there."
                )

    def __enter__(self) -> "Packed":
        return self

    def __exit__(self, *_: object) -> None:
        self.zip.close()

    def address(self, path: str) -> str:
        """Return where the member called `path` is."""
        return f"{self.archive.resolve().as_uri()}#{path}"

    def size(self, paths: Iterable[str], to: Path) -> tuple[int, str]:
        """Return how many bytes the members called `paths` will take, and how that is known."""
        known = self.zip.NameToInfo
        return sum(known[path].file_size for path in paths if path in known), "by the archive's own list"

    def get(self, row: dict, file: Path) -> Answer:
        """Write the member called `row["path"]` to `file`, or raise Unusable."""
        path, url = row["path"], self.address(row["path"])
        member = self.zip.NameToInfo.get(path)
        if member is None:
            raise Unusable("not in the archive", url)
        if refused := refusal(self.zip, member):
            raise Unusable(f"a member that {refused}", url)
        try:
            with self.hosts[""].turn(), self.zip.open(member) as content, file.open("wb") as out:
                shutil.copyfileobj(content, out)
        except DAMAGED as error:
            raise Unusable("damaged in the archive", url) from error
        return Answer(url, status=0)


class Unpacked:
    """The archive as the folder that it was unpacked to; a context manager, like the others.

    A file is linked, so that it takes no room a second time, or copied from another disk.

    Raises:
        BadInput: there is no `train/metadata.json` in the folder.
    """

    def __init__(self, folder: str | Path):
        self.folder, self.hosts = Path(folder), Hosts(AT_ONCE)
        if not (self.folder / "train" / "metadata.json").is_file():
            raise BadInput(
                f"{folder} holds no train/metadata.json: give the folder that has `train` in it, as unpacked."
            )

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def address(self, path: str) -> str:
        """Return where the file called `path` is."""
        return (self.folder.resolve() / path).as_uri()

    def size(self, paths: Iterable[str], to: Path) -> tuple[int, str]:
        """Return how many bytes the files called `paths` will take in the folder `to`, and why."""
        if self.folder.stat().st_dev == to.stat().st_dev:
            return 0, "for files of one disk are linked"
        files = [self.folder / path for path in paths]
        return sum(file.stat().st_size for file in files if file.is_file()), "to be copied to another disk"

    def get(self, row: dict, file: Path) -> Answer:
        """Link or copy the file called `row["path"]` to `file`, or raise Unusable."""
        url, found = self.address(row["path"]), self.folder / row["path"]
        try:
            plain = stat.S_ISREG(found.lstat().st_mode)
        except OSError as error:
            raise Unusable("missing", url) from error
        if not plain:
            raise Unusable("not a plain file", url)
        with self.hosts[""].turn():
            try:
                os.link(found, file)
            except OSError:  # another disk, or one that knows no links
                shutil.copyfile(found, file)
        return Answer(url, status=0)
