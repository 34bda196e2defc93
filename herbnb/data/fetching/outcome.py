"""Outcome: what came of a download, host by host, and why images are missing."""

import pandas as pd

from herbnb.data.fetching.breaker import GIVEN_UP
from herbnb.data.fetching.hosts import host_of


def host_report(manifest: pd.DataFrame) -> pd.DataFrame:
    """Count by `host` (of the address tried last) the images `fetched`, `failed`, and `given_up` with it."""
    last = manifest["reason"].str.split("; ").str[-1]
    given_up = last.str.startswith(GIVEN_UP)
    outcomes = pd.DataFrame({"fetched": last == "", "failed": (last != "") & ~given_up, "given_up": given_up})
    report = outcomes.groupby(manifest["url"].map(host_of).rename("host")).sum().reset_index()
    by = ["given_up", "failed", "fetched", "host"]
    return report.sort_values(by, ascending=[False, False, False, True], ignore_index=True)


def failure_report(manifest: pd.DataFrame) -> pd.DataFrame:
    """Count what did not come: `reason`, `host` (of the address tried last), `images`, most first."""
    failed = manifest[manifest["reason"] != ""]
    counts = failed.assign(host=failed["url"].map(host_of)).groupby(["reason", "host"]).size()
    report = counts.rename("images").reset_index()
    return report.sort_values(["images", "reason", "host"], ascending=[False, True, True], ignore_index=True)
