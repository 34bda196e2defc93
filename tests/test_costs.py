"""What a step costs here, and what its law makes of that."""

import time

import numpy as np
import pandas as pd
import pytest

from herbnb.applications import costs
from herbnb.errors import BadInput


def waiting(seconds):
    """A step that takes so long for each sheet, without work."""
    return lambda sheets: time.sleep(seconds * sheets)


def table(*rows):
    return pd.DataFrame(rows, columns=costs.COLUMNS)


def test_a_step_is_timed_with_half_of_the_sheets_and_with_all():
    asked = []
    steps = [costs.Step("opening", "sheets", asked.append), costs.Step("waiting", "sheets", waiting(0.01))]
    timed = costs.timed(steps, 9, watts=10, repeats=2)
    assert asked == [4, 4, 4, 9, 9]
    assert [*timed["step"]] == ["opening"] * 2 + ["waiting"] * 2 and [*timed["sheets"]] == [4, 9] * 2
    slept = timed[timed["step"] == "waiting"]
    assert (slept["seconds"] >= 0.01 * slept["sheets"]).all() and (slept["core_seconds"] < 0.04).all()


@pytest.mark.parametrize(("sheets", "repeats", "watts"), [(1, 3, 10), (8, 0, 10), (8, 3, 0)])
def test_what_cannot_be_timed_is_refused(sheets, repeats, watts):
    with pytest.raises(BadInput, match=f"{sheets} sheets, {repeats} repeats and {watts} watts"):
        costs.timed([], sheets, watts, repeats)


def test_without_a_meter_busy_cores_are_what_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(costs, "METERS", tmp_path)
    assert costs.joules() is None
    _, of_cores, drawn = costs.spending(lambda n: sum(i * i for i in range(n)), 10**6, watts=36)
    assert of_cores > 0 and drawn == pytest.approx(of_cores * 36 / 3600)


def test_the_meters_of_all_processors_are_read(monkeypatch, tmp_path):
    monkeypatch.setattr(costs, "METERS", tmp_path)
    meters = [tmp_path / "intel-rapl:0" / "energy_uj", tmp_path / "intel-rapl:1" / "energy_uj"]
    part = tmp_path / "intel-rapl:0:0" / "energy_uj"  # of a processor, and in its meter already
    for meter in [*meters, part]:
        meter.parent.mkdir()
        meter.write_text("2000000\n")
    assert costs.joules() == 4

    def work(sheets):
        meters[1].write_text(f"{2_000_000 + 3_600_000_000 * sheets}\n")

    assert costs.spending(work, 5, watts=1)[2] == pytest.approx(5)


def test_laws_foretell_sheets_and_pairs():
    measured = table(
        ("opening", "sheets", 100, 1.0, 2.0, 0.5),
        ("opening", "sheets", 200, 3.0, 4.0, 1.0),
        ("comparing", "pairs of sheets", 100, 1.0, 1.0, 0.25),
        ("comparing", "pairs of sheets", 200, 4.0, 5.0, 1.0),
    )
    tested = costs.predictions(measured).set_index("step")
    assert tested.loc["opening", ["sheets", "predicted", "seconds", "times"]].tolist() == [200, 2, 3, 1.5]
    assert tested.loc["comparing", ["sheets", "predicted", "seconds", "times"]].tolist() == [200, 4, 4, 1]
    later = costs.forecast(measured, [2000, 400]).set_index(["step", "sheets"])
    assert later.loc[("opening", 2000)].tolist() == ["sheets", 30, 40, 10]
    assert later.loc[("comparing", 400)].tolist() == ["pairs of sheets", 16, 20, 4]


def test_a_step_of_one_size_is_in_the_forecast():
    one = table(("classifier: training", "sheets", 100, 8.0, np.nan, np.nan))
    later = costs.forecast(one, [1000])
    assert later["seconds"].tolist() == [80] and later["watt_hours"].isna().all()


def test_trainings_are_what_their_cards_say():
    card = {"sheets": {"train": 50, "validation": 9}, "epochs": 5, "seconds": 10.0}
    cards = {"triplet": card | {"core_seconds": 18.0}, "classifier": card}
    found = costs.trainings(cards, epochs=25, watts=20)
    assert found.loc[0].tolist() == ["triplet: training", "sheets", 50, 50, 90, 0.5]
    assert found.loc[1, "seconds"] == 50 and found.loc[1, ["core_seconds", "watt_hours"]].isna().all()


def test_files_and_folders_are_weighed_by_kind(tmp_path):
    for name, size in {"a.jpg": 3000, "b.jpg": 5000, "squares/1": 3000, "squares/below/2": 1000}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    kinds = {
        "pictures": [tmp_path / "a.jpg", tmp_path / "b.jpg"],
        "squares": [tmp_path / "squares"],
        "nothing": [tmp_path / "nowhere"],
    }
    found = costs.weighed(kinds, sheets=2).set_index("kind")
    assert found["megabytes"].to_dict() == {"pictures": 0.008, "squares": 0.004}
    assert found["kilobytes_a_sheet"].to_dict() == {"pictures": 4, "squares": 2}
    assert costs.weighed(kinds)["kilobytes_a_sheet"].isna().all()
