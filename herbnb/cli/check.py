"""The command that looks whether a workshop can be held on this machine."""

import click

from herbnb.cli.options import of_profile
from herbnb.cli.run import check_home


@click.command()
@of_profile
def check(profile_name: str) -> None:
    """Say whether a workshop can be held on this machine, a line for each thing that it takes.

    What is not well says what to do. The exit status is 1 if anything would stop a workshop. Try it the
    evening before.
    """
    from herbnb.book.profile import read_profile
    from herbnb.book.readiness import STOP, findings

    check_home()
    stops = 0
    for finding in findings(read_profile(profile_name)):
        click.secho(str(finding), bold=finding.state == STOP)
        stops += finding.state == STOP
    if stops:
        raise click.ClickException(f"{stops} of these would stop a workshop.")
    click.echo("Nothing here would stop a workshop.")
