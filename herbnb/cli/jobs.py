"""The commands that do a part of a chapter as a job of its own: train, extract, score."""

import click

from herbnb.cli.options import of_profile, of_replicate, parameter
from herbnb.cli.run import profile_of


@click.command()
@click.argument("network")
@of_profile
@parameter
@of_replicate
def train(network: str, profile_name: str, given: tuple[tuple[str, str], ...], replicate: int | None) -> None:
    """Train NETWORK as its chapter would, which then finds it trained.

    Under torchrun, or under srun in a job of Slurm, all processes train it together, each on a GPU of its
    own, and share every batch: the profile's batch_size stays what it is.

    \b
        herbnb train triplet --profile paper
        torchrun --nproc-per-node 4 -m herbnb.cli train triplet --profile paper
        srun --ntasks-per-node 4 herbnb train triplet --profile paper

    A training that was interrupted goes on after its last epoch, on any number of processes.
    """
    from herbnb.book.jobs import train_for_chapter
    from herbnb.networks.training import say

    profile = profile_of(profile_name, replicate)
    card = train_for_chapter(network, profile, dict(given))
    scores = ", ".join(f"{name} {value:.4f}" for name, value in card["validation"].items())
    say(
        f"{network}: {card['epochs']} epochs in {card['seconds']:.0f} s, validation {scores}; "
        f"steps waited for their sheets {card['waits']:.1%} of the time."
    )


@click.command()
@click.argument("encoder")
@of_profile
@parameter
@of_replicate
def extract(
    encoder: str, profile_name: str, given: tuple[tuple[str, str], ...], replicate: int | None
) -> None:
    """Let ENCODER look at the run's sheets as chapter Features would, which then finds its features there.

    \b
        herbnb extract triplet --profile paper
        herbnb extract timm:resnet50 --profile paper

    What was interrupted goes on after its last whole part.
    """
    from herbnb.book.jobs import extract_for_chapter

    profile = profile_of(profile_name, replicate)
    click.echo(extract_for_chapter(encoder, profile, dict(given)))


@click.command()
@click.argument("chapter")
@click.option("--network", required=True, help="A network, baseline or visitor, as in `networks`.")
@of_profile
@parameter
@of_replicate
def score(
    chapter: str,
    network: str,
    profile_name: str,
    given: tuple[tuple[str, str], ...],
    replicate: int | None,
) -> None:
    """Score one network for CHAPTER, which then finds it scored.

    \b
        herbnb score identification --network triplet --profile paper

    What is heavy in a chapter is done in parts, each a whole file under scores/: only those that are
    missing, or were made otherwise, are made.
    """
    from herbnb.book.scoring import score_for_chapter

    profile = profile_of(profile_name, replicate)
    click.echo(score_for_chapter(chapter, network, profile, dict(given)))
