"""The commands `herbnb data …`: sheets from elsewhere become a folder that the chapters read."""

import click

from herbnb.cli.herbaria import half_earth, own_table, pocket
from herbnb.cli.portals import darwin_core, gbif, idigbio


@click.group()
def data() -> None:
    """Bring sheets from elsewhere: one command a source, one kind of folder at the end.

    \b
    pocket        a drawn herbarium, from a seed
    half-earth    the data set of the published analysis, from Kaggle
    idigbio       what a search at iDigBio found, such as the sheets of Kew
    gbif          a download of GBIF, by its key
    darwin-core   an archive of GBIF, iDigBio or Symbiota that you have
    table         a table and a folder of images of your own

    Every command fetches what it needs and nothing twice: stopped at any moment, it goes on where it
    was when you give it again. An image counts when it is here whole. At the end the folder holds the
    images and their table, `manifest.parquet` (what was asked and what came) and `card.csv` (how many
    of what). Chapters read the folder:

    \b
        herbnb run sampling -p data DIR -p results results/mine
        herbnb run your_herbarium -p collection DIR

    The page "Getting the data" of the book goes through it slowly.
    """


for command in (pocket, half_earth, idigbio, gbif, darwin_core, own_table):
    data.add_command(command)
