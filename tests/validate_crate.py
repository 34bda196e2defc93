"""Validates an RO-Crate with roc-validator, which wants an older rich than the import linter.

So it is run with a Python of its own, in which it is installed (see .ci/run):

    .venv-validators/bin/python tests/validate_crate.py results/pocket

It prints what is wrong, and needs no network: the context is the one that comes with rocrate.
"""

import sys
from pathlib import Path

import requests
import rocrate
from rocrate_validator import services
from rocrate_validator.models import Severity
from rocrate_validator.utils.http import HttpRequester

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def at_hand(_, url: str, **__) -> requests.Response:
    """Answer with the context that comes with rocrate, and with nothing else."""
    answer = requests.Response()
    answer.status_code = 200 if url == CONTEXT else 404
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
    return answer


if __name__ == "__main__":
    HttpRequester.get = at_hand
    settings = {"rocrate_uri": sys.argv[1], "profile_identifier": "process-run-crate-0.5"}
    result = services.validate(settings | {"requirement_severity": Severity.REQUIRED})
    for issue in result.get_issues():
        print(f"{issue.severity.name}: {issue.message} ({issue.check.name})")
    print(f"{len(result.executed_checks)} checks")
    sys.exit(not result.passed())
