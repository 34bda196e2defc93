"""Downloads from fifty hosts, eight of which misbehave, killed twice: nothing is lost, nothing fetched twice."""

import pandas as pd
import pytest

from benchmarks import downloads, museums
from herbnb.data.fetching.hosts import host_of
from herbnb.data.fetching.manifest import stored_rows

pytestmark = pytest.mark.slow

COUNT, HOSTS, ILL = 2000, 50, 8
EACH = COUNT // HOSTS

REASONS = {
    "127.1.0.1": {"no connection ([Errno 111] Connection refused)"},
    "silent1.example": {"no answer in time (ReadTimeout)"},
    "failing2.example": {"500 Internal Server Error"},
    "dripping3.example": {"not all here after 2 s"},
    "endless4.example": {"larger than 1,000,000 bytes"},
    "page5.example": {"not an image but a web page"},
    "circle6.example": {"more than 10 redirects"},
    "truncated7.example": {"truncated"},
}
"""Why the images of each host that misbehaves are missing."""

ANSWERING = {"page5.example", "circle6.example", "truncated7.example"}
"""Those of them that answer, if badly, and so are not given up."""


def test_two_kills_and_eight_bad_hosts_lose_nothing_and_double_nothing(tmp_path):
    rows, outcome = downloads.run(tmp_path, COUNT, kills=2, hosts=HOSTS, ill=ILL)
    assert [row["ended"] for row in rows] == ["killed", "killed", "by itself"]
    assert all(
        row["rows written"] > COUNT // 10 for row in rows
    )  # so the kills came in the middle of the work
    well = COUNT - ILL * EACH
    assert outcome["lost"] == 0 and outcome["fetched"] == well
    assert outcome["failed"] + outcome["given_up"] == ILL * EACH
    assert outcome["sent twice"] <= 2 * downloads.WORKERS  # those under way at each kill, and no others
    assert not (tmp_path / "manifest.jsonl").exists() and not (tmp_path / ".partial").exists()

    manifest = pd.DataFrame(stored_rows(tmp_path))
    assert manifest["image_id"].is_unique and len(manifest) == COUNT
    bad = manifest[manifest["reason"] != ""]
    for host, found in bad.groupby(bad["url"].map(host_of)):
        assert len(found) == EACH
        assert set(found["reason"].str.removeprefix("given up: ")) == REASONS[host]
        assert found["reason"].str.startswith("given up: ").any() == (host not in ANSWERING)
    kept = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "images").rglob("*.jpg")}
    assert kept == set(manifest.loc[manifest["reason"] == "", "path"])
    assert {path.count("/") for path in kept} == {4}


def test_a_host_that_fails_is_asked_a_bounded_number_of_times(tmp_path):
    asked = {}
    hosts, ill, count = 6, 3, 600
    with downloads.served(count, asked) as environment:
        downloads.one_run(tmp_path, count, hosts, ill, environment, None)
    assert asked["asked"]["well"] == count // 2
    for kind in ("silent", "failing"):
        assert asked["asked"][kind] <= 8 + 4 + 3, (
            "eight in a row, those under way beside them, one after a rest"
        )
    assert sum(int(often) * times for often, times in asked["served"].items()) == count // 2


def test_hosts_are_named_by_how_they_behave():
    names = [museums.name_of(host, ILL) for host in range(HOSTS)]
    assert set(names[:ILL]) == {*REASONS} and all(name.startswith("well") for name in names[ILL:])
    assert museums.refusing(HOSTS, ILL) == "127.1.0.1"
