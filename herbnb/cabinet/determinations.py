"""Determinations: what of a decisions file is a name that a person gave to a sheet, and where it came from.

Databases keep a history of determinations, and one that confirms the name is as much part of it as one that
changes it. So `right` gives a determination with the name that is on the sheet, and `wrong` one with the
name that the person wrote. `unsure`, `no plant` and a `wrong` without a name give none. The determiner is
the person; the software stands in the references, and what it suspected in the remarks.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from herbnb.cabinet.card import Run
from herbnb.cabinet.decisions import Decision, Decisions

CONFIRMED, CHANGED = "confirmed by a person", "changed by a person"
NUMBERS = {"catalog_number": "a catalogue number", "occurrence_id": "an occurrence id"}


class Determination(NamedTuple):
    """A name that a person gave to a sheet; all text, as databases want it."""

    decision: Decision
    sciname: str
    qualifier: str
    identified_by: str
    date_identified: str
    """YYYY-MM-DD, where the person was."""
    remarks: str
    references: str
    status: str


class Determined(NamedTuple):
    """The determinations in a decisions file, and how many decisions are none, by the reason."""

    determinations: list[Determination]
    left_out: Counter[str]


def determinations_of(
    decisions: Decisions, *, found_by: Sequence[str] = (), confirmations: bool = True
) -> Determined:
    """Find the determinations in a decisions file, in its order.

    Args:
        decisions: as they were read or merged.
        found_by: by which numbers (of "catalog_number", "occurrence_id") the database finds a sheet; one
            without any of them is left out. Without such a list every sheet is taken.
        confirmations: whether `right` gives one.
    """
    found, left_out = [], Counter()
    for each in decisions.decisions:
        if each.verdict == "wrong" and not each.name:
            left_out["wrong without a name"] += 1
        elif each.verdict != "wrong" and not (each.verdict == "right" and confirmations):
            left_out[each.verdict] += 1
        elif found_by and not any(getattr(each, number) for number in found_by):
            left_out[f"without {' or '.join(NUMBERS[number] for number in found_by)}"] += 1
        else:
            found.append(determination_of(each, decisions.run))
    return Determined(found, left_out)


def determination_of(decision: Decision, run: Run) -> Determination:
    """Write a decision as a determination."""
    confirmed = decision.verdict == "right"
    return Determination(
        decision,
        sciname=decision.given if confirmed else decision.name,
        qualifier=decision.qualifier,
        identified_by=decision.decided_by,
        date_identified=decision.decided_on.date().isoformat(),
        remarks=" ".join(filter(None, [decision.remarks, doubt(decision)])),
        references=(
            f"herbnb {run.herbnb}, review list of {run.date}: features of {run.network}, seed {run.seed}, "
            f"specimens table {run.specimens}"
        ),
        status=CONFIRMED if confirmed else CHANGED,
    )


def doubt(decision: Decision) -> str:
    """Say in words why the person was asked."""
    if decision.suspicion is None:
        return f"[Asked because a duplicate of {decision.given} bears another name.]"
    suggested = f", {decision.suggested} suggested" if decision.suggested else ""
    return (
        f"[Asked because software doubted {decision.given}: suspicion {decision.suspicion:.2f}{suggested}.]"
    )
