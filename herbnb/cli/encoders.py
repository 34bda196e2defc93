"""The commands `herbnb encoders …`: what can look at sheets, and how its weights are brought here."""

import logging

import click

from herbnb.errors import BadInput


class Listing(click.Group):
    """A group whose first word may also be a pattern to list."""

    def resolve_command(self, context: click.Context, args: list[str]):
        """Take what is no command for a pattern."""
        return super().resolve_command(context, args if args[0] in self.commands else ["matching", *args])


@click.group(cls=Listing, invoke_without_command=True, subcommand_metavar="[PATTERN | fetch SPEC…]")
@click.pass_context
def encoders(context: click.Context) -> None:
    """List the encoders that a chapter's `networks` may name.

    Without a word after it, the command lists networks, baselines and a few visitors: encoders trained
    elsewhere. With a pattern it lists the models of a library that fit it.

    \b
        herbnb encoders
        herbnb encoders 'timm:*dinov2*'
        herbnb encoders fetch timm:resnet50

    A chapter fetches nothing: `fetch` does, once, into the cache of the hub.
    """
    if context.invoked_subcommand:
        return
    from herbnb.networks import NETWORKS
    from herbnb.representations import BASELINES
    from herbnb.representations.catalogue import well_known

    click.echo(f"networks    {', '.join(NETWORKS)}: as the run has trained them")
    click.echo(f"baselines   {', '.join(BASELINES)}: they come along in any case")
    click.echo("files       features.parquet: features made elsewhere")
    click.echo("visitors    timm:…, torchvision:…, open_clip:…, such as:\n")
    for entry in well_known():
        say(entry)
    click.echo("\nAfter @ stands a file of weights, or none: timm:resnet50@mine.pth, timm:resnet50@none.")


@encoders.command(hidden=True)
@click.argument("patterns", nargs=-1, required=True)
def matching(patterns: tuple[str, ...]) -> None:
    """List the models that fit patterns."""
    from herbnb.representations import spec_of
    from herbnb.representations.catalogue import entry_of, matching

    for pattern in patterns:
        found = matching(pattern)
        for name in found:
            say(entry_of(spec_of(name))) if len(found) <= 20 else click.echo(name)


def say(entry) -> None:
    """Print what is known of a visitor, in two lines."""
    click.echo(entry.name)
    width = f"{entry.width or '?'} numbers from squares of {entry.square or '?'} px"
    here = f"here, in {entry.place}" if entry.place else f"not here; from {entry.source}"
    click.echo(f"    {width}; licence {entry.licence}; weights {here}")


@encoders.command()
@click.argument("specs", metavar="SPEC…", nargs=-1, required=True)
def fetch(specs: tuple[str, ...]) -> None:
    """Bring the weights of visitors here, once, for chapters that run without a network."""
    from herbnb.representations import spec_of
    from herbnb.representations.catalogue import entry_of
    from herbnb.representations.visitors import SCHEMES

    for text in specs:
        spec = spec_of(text)
        if spec.scheme not in SCHEMES or spec.weights:
            raise BadInput(f"{text} has nothing to fetch: name a visitor, such as timm:resnet50.")
        if not entry_of(spec).place:
            logging.disable(logging.WARNING)  # of every try that the hub's client makes again
            try:
                SCHEMES[spec.scheme].fetch(spec)
            except BadInput:
                raise
            except Exception as error:  # each library and each hub has its own
                raise BadInput(not_given(spec.source, entry_of(spec).source, error)) from error
            finally:
                logging.disable(logging.NOTSET)
        click.echo(f"{spec.source} is here, in {entry_of(spec).place}")


def not_given(name: str, source: str, error: Exception) -> str:
    """Return the sentence on weights that did not come."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "gated" in f"{type(error).__name__} {error}".lower():
        return f"{name} is given on request: ask for it at {source}, log in with `hf auth login`, try again."
    return f"{name} did not come from {source} ({said}): see whether the hub can be reached, and try again."
