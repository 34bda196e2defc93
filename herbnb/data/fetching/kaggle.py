"""The competition's files at Kaggle: a source that asks for each by itself, by kagglehub."""

import logging
import shutil
import tempfile
import zipfile
from collections.abc import Collection
from functools import partial
from pathlib import Path
from textwrap import shorten

import kagglehub
import requests
from kagglehub import clients, config
from kagglehub.exceptions import DataCorruptionError, KaggleApiHTTPError, UnauthenticatedError
from kagglesdk.kaggle_creds import KaggleCredentials
from tqdm import tqdm

from herbnb.data.fetching.hosts import Hosts
from herbnb.data.fetching.retrying import retrying
from herbnb.data.fetching.source import Answer, Passing, Unusable
from herbnb.errors import BadInput

COMPETITION = "herbarium-2021-fgvc8"
HOST = "www.kaggle.com"
PAGE = f"https://{HOST}/competitions/{COMPETITION}"

IMAGE_BYTES = 130e9 / 2.5e6
"""The mean size of an image: the competition packs 2.5 million into 130 GB."""

LOGIN = (
    "log in with `kaggle auth login`, or put a token from https://www.kaggle.com/settings/api into "
    "KAGGLE_API_TOKEN or ~/.kaggle/access_token (a kaggle.json of older days does as well)"
)
ARCHIVE = "if you have the archive from earlier days, give it with --archive"


class Kaggle:
    """The source of the competition's files, by kagglehub; a context manager.

    A broken connection, a body cut short, a status of 429 and those from 500 on are tried again, after
    a pause that doubles each time, or that Kaggle names. What would meet every file (no login, rules
    not accepted) ends the run with a sentence; what meets one file is noted, and the others go on.

    Args:
        at_once: how many files to ask for at once.
        attempts: how often to ask for one.
        pause: seconds before the second attempt.
        patience: seconds that Kaggle may ask us to wait.
    """

    def __init__(self, at_once: int = 16, attempts: int = 5, pause: float = 1.0, patience: float = 300.0):
        self.hosts = Hosts(at_once, patience)
        self.host = self.hosts[HOST]
        self.again = retrying(attempts, pause)

    def __enter__(self) -> "Kaggle":
        logging.getLogger("kagglehub").setLevel(logging.WARNING)
        # kagglehub shows a bar a file: here only for one that takes long, the metadata
        clients.tqdm = partial(tqdm, delay=10, leave=False)
        try:
            if config.get_kaggle_credentials() is None:
                with clients.build_kaggle_client() as client:
                    if signed_in := KaggleCredentials.load(client):  # by `kaggle auth login`
                        config.set_kaggle_api_token(signed_in.get_access_token())
        except ValueError as error:
            raise BadInput(f"kagglehub cannot read the login that it finds ({error}): {LOGIN}.") from error
        except requests.RequestException as error:
            raise BadInput(f"Kaggle does not renew your login ({type(error).__name__}): {LOGIN}.") from error
        return self

    def __exit__(self, *_: object) -> None:
        config.clear_kaggle_credentials()

    def address(self, path: str) -> str:
        """Return where Kaggle has the file called `path`, for who is logged in."""
        return f"https://{HOST}/api/v1/competitions/data/download/{COMPETITION}/{path}"

    def size(self, paths: Collection[str], to: Path) -> tuple[int, str]:
        """Return about how many bytes the images called `paths` have, and what that rests on."""
        basis = f"at {IMAGE_BYTES / 1e3:.0f} kB an image, the competition's mean"
        return round(len(paths) * IMAGE_BYTES), basis

    def get(self, row: dict, file: Path) -> Answer:
        """Write the competition's file called `row["path"]` to `file`, or raise Unusable."""
        tries, url = 0, self.address(row["path"])
        try:
            for attempt in self.again.copy():
                with attempt:
                    tries += 1
                    self.ask(row["path"], file)
        except Unusable as error:
            if error.status == 429:
                raise BadInput(
                    "Kaggle answers 429, too many requests, however long we wait: give the command again in "
                    "an hour, with fewer workers; what has come is kept."
                ) from error
            raise Unusable(error.reason, url, error.status, tries) from error
        return Answer(url, tries=tries)

    def ask(self, path: str, file: Path) -> None:
        """Ask once, into a folder of its own, so that kagglehub leaves nothing behind in its cache."""
        with tempfile.TemporaryDirectory(dir=file.parent) as inside, self.host.turn():
            try:
                came = kagglehub.competition_download(COMPETITION, path, output_dir=inside)
                shutil.copyfile(came, file)
            except UnauthenticatedError as error:
                raise BadInput(f"Kaggle wants to know who asks, and there is no login: {LOGIN}.") from error
            except KaggleApiHTTPError as error:
                self.refuse(error.response)
            except (requests.RequestException, DataCorruptionError, zipfile.BadZipFile) as error:
                raise Passing(f"connection broken ({type(error).__name__})") from error

    def refuse(self, response: requests.Response) -> None:
        """Raise what Kaggle's refusal means: for every file, for this one, or only for now."""
        status, said = words_of(response)
        if status == 401:
            raise BadInput(f"Kaggle does not accept your login (401: {said}), it may have expired: {LOGIN}.")
        if status == 403 and "accept" in said and "rules" in said:
            raise BadInput(
                "Kaggle gives the data to those who have accepted the rules of the competition (403): open "
                f"{PAGE}/rules with the same account, join with Late Submission, accept, and give the "
                f"command again; if the page lets nobody join any more, {ARCHIVE}."
            )
        if status == 403:
            raise BadInput(
                f"Kaggle does not let your account have the data (403: {said}): look at {PAGE}/data whether "
                f"one can still join, and whether your account must be verified first; {ARCHIVE}."
            )
        self.host.refuse(status, response.headers.get("Retry-After", ""))


def words_of(response: requests.Response) -> tuple[int, str]:
    """Return the status and the words of a refusal, which Kaggle writes as JSON, on one short line."""
    status, said = response.status_code, response.reason
    try:
        body = response.json()
        status, said = int(body["code"]), str(body["message"])
    except (requests.RequestException, KeyError, TypeError, ValueError):
        pass  # a page of HTML, from a server in between
    return status, shorten(str(said), 200)
