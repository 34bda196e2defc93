"""The verdict of the chapters' own run says of every task what the chapter of the task says."""

import numpy as np
import pytest

from herbnb.applications.scores import BALANCED
from herbnb.applications.tasks import KINDS, name_task
from herbnb.results import Results

PRINTED = {
    "silhouettes": ("silhouette_means", "mean", None),
    "identification": ("identification_scores", "value", "f1"),
    "discrimination": ("discrimination_scores", "value", BALANCED),
    "mislabels": ("mislabels_scores", "value", "average_precision"),
}


@pytest.fixture
def here(executed, workplace):
    """The results of the smoke profile's chapters."""
    return Results(workplace / "results")


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_and_its_interval_are_the_same_in_both_chapters(here, kind):
    artefact, column, score = PRINTED[KINDS[kind].table]
    table, verdict = here.read(artefact), here.read("verdict")
    table = table if score is None else table[table["score"] == score].drop(columns="score")
    table = table.rename(columns={column: "score"})
    table = table[KINDS[kind].wanted(table)] if KINDS[kind].wanted else table
    verdict = verdict[verdict["kind"] == kind]
    table = table.assign(task=[name_task(kind, row) for row in table.to_dict("records")])
    both = verdict.merge(table, on=["task", "network"], suffixes=("", "_there"))
    assert len(both) == len(verdict) > 0
    for number in ("score", "low", "high"):
        np.testing.assert_allclose(both[number], both[f"{number}_there"], atol=1e-9, rtol=0)


def test_the_verdict_judges_every_kind_of_task(here):
    verdict, leads = here.read("verdict"), here.read("verdict_leads")
    assert set(verdict["kind"]) == set(leads["kind"]) == {*KINDS}
    assert (verdict["task"].str.partition(": ")[0] == verdict["kind"]).all()
