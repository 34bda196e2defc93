# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The autoencoder: draw a sheet again from a few numbers
#
# **If a sheet must pass through a gap of 256 numbers, what of it comes out on
# the other side?**
#
# Think of describing a herbarium sheet over the telephone to somebody who must
# draw it.
# You will not spell out every grain of the paper.
# You will say that the paper is cream, that a stem runs from the lower left to
# the upper right, that the leaves are broad and brown.
# An {term}`autoencoder` learns to do both halves of that call, and nobody
# tells it the name of a single sheet.
#
# :::{dropdown} In short
# - An {term}`encoder` squeezes a sheet to a short vector, and a
#   {term}`decoder` draws the sheet again from it: [the
#   idea](autoencoder-idea).
# - The lesson is the sheet itself, so no labels are needed, and every image
#   ever taken can teach: [the network](autoencoder-network).
# - A good drawing is mostly paper, so we ask whether it beats the dullest
#   drawing of all, the average sheet: [what could fool us](autoencoder-fool).
# :::
#
# Reading time: 20 minutes; training on the pocket herbarium adds a few more.
#
# Reads: `specimens.parquet`, from [Sampling](sampling.ipynb), and the images.
#
# Writes: `networks/autoencoder/`: `checkpoint.ckpt`, `last.ckpt`,
# `metrics.csv`, `test.csv` and `card.json`.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts go
seed: int = 89  # of the weights, the batches and the validation sheets
max_epochs: int = 4  # passes over the training sheets
batch_size: int = 8  # sheets in a batch
learning_rate: float = 0.002  # how far a step goes
schedule: str = "one_cycle"  # the rate rises and falls once, or "constant"
encoder: str = "tf_efficientnet_lite0"  # a backbone of timm
weights: str = "imagenet"  # it starts from: none, imagenet, or a path
trainable: str = "blocks.6"  # what of it learns: all, head, or from a stage on
detail: str = "coarse"  # how large it draws: stamps, or at "full" size
input_height: int = 224  # side of the square images, in pixels
fit: str = "letterbox"  # the whole sheet, or "crop": the published square
augment: bool = False  # vary each training sheet a little, as published
precision: str = "auto"  # bfloat16 where that is faster, or 32-true
num_workers: int = 0  # processes that read images
cache: bool = True  # keep what is made of sheets, so that it is made once

# %%
import pandas as pd
import torch

from herbnb import figures
from herbnb.data.images.sheets import SheetImages
from herbnb.files import located
from herbnb.networks import autoencoder, checkpoints, training
from herbnb.networks.encoder import geometry_for
from herbnb.results import Results
from herbnb.specimens import HELD_OUT

# %% [markdown]
# ## Look at the sheets as the network will
#
# These are a few of the sheets that may teach.

# %%
here, folder = Results(results), located(data)
specimens = here.read("specimens")
taught = specimens[specimens["split"] == "train"]

# %% tags=["hide-input"]
few = taught.sample(min(6, len(taught)), random_state=seed)
figures.sheet_grid(few, folder)

# %% [markdown]
# *Six training sheets, in their own shape.*
#
# A network wants squares of one size.
# The published scripts cut a square out of each sheet, the middle one except
# in training, which throws away its top and its bottom: often the flowers, and
# the roots.
# Here a sheet is {term}`letterboxed <letterbox>` instead, unless `fit` is
# `crop`: made smaller until it fits, with a plain band on either side.
# How large the square is we say; the colour of the bands, which should mean
# nothing, is the one that the encoder takes for the middle of all colours.

# %%
geometry = geometry_for(encoder, input_height, fit)
plain = SheetImages(few, folder, geometry)
varied = SheetImages(few, folder, geometry, augment=True)
torch.manual_seed(seed)
squares = [plain[0][0]] + [varied[0][0] for _ in range(5)]

# %% tags=["hide-input"]
captions = ["as it is"] + [f"varied, {number}" for number in range(1, 6)]
licences = [few["licence"].iloc[0]] * 6
figures.image_row(squares, captions, licences=licences)

# %% [markdown]
# *One sheet as the network gets it, then five variations of it.*
#
# The variations are the published {term}`augmentation`: a little turned,
# tilted, mirrored, brightened or cut.
# They are cut from a square of twice the side, as published too, so that what
# is cut out loses no detail.
# They are drawn anew each time, so that a network never sees quite the same
# picture twice and cannot learn it by heart.
# Validation and test sheets are never varied.
#
# Here they are off unless `augment` says otherwise, for this network and for
# the next two, and the reason is time: what stays the same need be looked at
# only once, as [the network](autoencoder-network) will show.
# For this network they have a price of their own, too.
# It would have to spend its few numbers on how far each sheet was turned,
# before it could say anything of the plant.
#
# (autoencoder-idea)=
# ## The idea, by hand
#
# Here is a sheet of sixteen pixels: a dark stem on light paper.

# %%
light, dark = 0.9, 0.1
sheet = torch.tensor(
    [
        [light, light, light, dark],
        [light, light, dark, dark],
        [light, dark, dark, light],
        [dark, dark, light, light],
    ]
)
sheet

# %% [markdown]
# Squeeze it: keep one number for each block of four pixels.
# That is our {term}`latent` vector, a quarter as long as the sheet.

# %%
latent = torch.nn.functional.avg_pool2d(sheet[None], 2)
latent

# %% [markdown]
# Now draw the sheet again from those four numbers alone, by painting each
# block in its mean.

# %%
drawn = latent.repeat_interleave(2, 1).repeat_interleave(2, 2)
drawn

# %% [markdown]
# The stem is still there, but its edge is gone: four numbers cannot hold it.
# How much was lost is the mean of the squared differences, pixel by pixel, and
# that is the {term}`loss` that an autoencoder makes small.

# %%
((drawn - sheet) ** 2).mean()

# %% [markdown]
# Averaging blocks is a poor way to squeeze a plant.
# A network may find a better one, because it chooses for itself what the
# numbers mean: perhaps one for the tint of the paper, and one for how much
# leaf there is.
#
# (autoencoder-network)=
# ## The network
#
# The encoder is an EfficientNet-Lite0 {cite:p}`tan2019efficientnet` without
# its last layer, unless `encoder` names another; all three networks of this
# book have the same one.
# The published networks had a ResNet-18 {cite:p}`he2016resnet`.
# Their autoencoder had one of its own, called `resnet18_cifar` here: its first
# layer keeps the size of the picture, where the others' makes it small.
# Either turns a square into {term}`features <feature>`, as many as its
# {term}`width` says.
# The autoencoder squeezes those to 256, and its decoder draws from there.

# %% tags=["hide-input"]
figures.source(autoencoder.Autoencoder)

# %% [markdown]
# Read the shapes at the ends of the lines: the maps of `n` sheets go in, and
# `n` sheets come out.
# The method `training_step` is the whole lesson, and the labels in the batch
# are not even looked at.
# The decoder is the encoder in a mirror: where the encoder halves the picture
# and widens it, the decoder doubles it and narrows it.

# %% tags=["hide-input"]
figures.source(autoencoder.Decoder)

# %% [markdown]
# By default it doubles four times, from 4 places a side to 64, colours the
# picture at that size, and only then enlarges it: no drawing is sharper than a
# stamp.
# The published decoder spread the 4 places over an eighth of the side first,
# and doubled three times, so that detail was drawn at full size.
# Set `detail` to `full` for that, and have a graphics processor: a stamp is
# drawn in a small part of the time.
# A sigmoid keeps every pixel between black and white.
#
# Which of the numbers do we keep for later chapters?
# Not the 256 of the latent, but those that the encoder gave before them, so
# that all three networks are compared at the same place.
#
# The encoder need not begin with nothing.
# It has seen the photographs of {term}`ImageNet` {cite:p}`deng2009imagenet`,
# of dogs, teapots and daisies, and knows what an edge is, or a texture.
# Each of those had a name to be learnt, so that only this lesson is one
# without names, and not all that the encoder has ever been taught.
# The published triplet network and classifier began so; the published
# autoencoder began as an autoencoder, of CIFAR-10, which is smaller
# photographs, and no name was ever told to it.
# Here all three have one beginning, and what they differ by is the lesson, and
# how long, in what batches and with what steps it is given.
# The {term}`profile` `paper` has the published ones.
# Nor need all of it learn.
# By default only the stages from `trainable` on do, its {term}`crown`.
# The lower ones, its {term}`trunk`, stay as photographs have made them.
# They look at each sheet once, and their maps are kept: for every epoch to
# come, and for all networks that begin alike.
# That is why sheets are not varied here: a varied sheet is a new one, and the
# trunk would have to look again.
# All this has been given up for speed, and `-p trainable all -p augment true`
# takes it back, as the profile `paper` does.
#
# ## Training
#
# Four fifths of the training sheets teach, and a fifth, stratified by genus,
# says after each {term}`epoch` how well it goes.
# The steps are taken by Adam {cite:p}`kingma2015adam`.
# If this training has been done before with the same parameters on the same
# sheets, it is skipped; if it was interrupted, it goes on; both are said
# below.
# One function trains any network of the book, with the tools of Lightning: the
# network, a data module that deals its sheets, a trainer, and `fit`.

# %% tags=["hide-input"]
figures.source(training.train)

# %% [markdown]
# With `cache` the sheets are first made small, and the trunk looks at them:
# once, for this chapter and the next three.
# What comes of it is kept in files.
# That spares minutes here, and days with half a million scans, which would
# otherwise have to be opened again in every {term}`epoch`.
# The `ranks` are processes that train together; a chapter trains alone, and
# [A run of your own](../your_own_run) tells how to have several.

# %%
settings = dict(seed=seed, max_epochs=max_epochs, batch_size=batch_size)
settings |= dict(learning_rate=learning_rate, schedule=schedule)
settings |= dict(input_height=input_height, fit=fit)
settings |= dict(encoder=encoder, weights=weights, trainable=trainable)
settings |= dict(augment=augment, precision=precision, detail=detail)

# %% [markdown]
# The run has a folder for what is kept; then the training begins.

# %%
reading = dict(num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection="half_earth")
card = training.train("autoencoder", folder, here, **reading, **settings)

# %% tags=["hide-input"]
figures.learning_curves(here.read("metrics", network="autoencoder"))

# %% [markdown]
# *The loss after each epoch.*
#
# Look at where the line for training goes first, then at whether validation
# follows it.
# In the first epochs most of the fall is paper: the decoder, which does begin
# with nothing, learns that sheets are light, with bands at their sides.
# The validation line may jump, above all early, when the layers that normalise
# have not yet settled.
# A gap that opens late, with validation above training, would mean that sheets
# are being learnt by heart.
# The loss itself is not comparable with that of the other two networks, which
# solve other tasks.
#
# What we keep are the weights after the last epoch, of this network and of the
# other two.
# One could keep those of the epoch that validates best; but the three are
# validated by different scores, and one rule for all is fairer.

# %% tags=["remove-input"]
figures.say(
    "After {epochs} epochs, {seconds:.0f} seconds of training in {precision} "
    "on {sheets[train]} sheets, the validation loss is "
    "**{validation[loss]:.4f}**.",
    **card,
)

# %% [markdown]
# ## The test
#
# The three {term}`held-out sets <held-out set>` have taken no part so far.

# %%
tested = training.test("autoencoder", folder, here, **reading)
figures.table(tested, digits=4)

# %% [markdown]
# *The loss on the held-out sets.*
#
# If *random* and *species* are close to the validation loss, the autoencoder
# draws other sheets, and other species, as well as it draws those it knows.
# There is little reason why a new species should be harder to draw.
# Another institution may be: its paper, rulers and backdrop are things that
# this network has never had to draw.
#
# ## What comes out
#
# A number of this kind says little, so let us look.
# Here are held-out sheets, two of each set, and then their drawings: the trunk
# looks at the sheets, and the network draws from its maps.

# %%
trained = checkpoints.load_network(here, "autoencoder")
held_out = specimens[specimens["split"].isin(HELD_OUT)]
few = held_out.groupby("split").head(2)
squares = SheetImages(few, folder, geometry)
images = torch.stack([sheet for sheet, _ in squares])
with torch.inference_mode():
    redrawn = trained(trained.trunk(images))

# %% tags=["hide-input"]
pictures = [*images, *(redrawn * 255).byte().cpu()]
captions = [*(few["split"] + ": sheet"), *(few["split"] + ": drawing")]
licences = [*few["licence"]] * 2
figures.image_row(pictures, captions, licences, columns=len(images))

# %% [markdown]
# *Held-out sheets, and how the network draws them from 256 numbers.*
#
# What large things survive: the paper, the bands, the place of the label, the
# dark mass of the plant?
# What small things are lost: the margin of a leaf, the flowers, the writing?
# Whatever is finer than a stamp is lost in any case, unless `detail` is
# `full`.
# And a squared error forgives a missing flower, which is a few pixels, and
# punishes a wrong shade of paper, which is most of them.
# That does not mean that the encoder has no idea of flowers; it means that
# this lesson never asked.
#
# (autoencoder-fool)=
# ## What could fool us
#
# A small loss may be no achievement.
# Sheets are alike, so whoever draws the *average sheet* every time is never
# very wrong.
# Let us do just that: average some training sheets, make the average no
# sharper than the network can draw, and score it on some sheets of each set,
# as if it were a drawing.


# %%
def pixels(split, most=200):
    some = specimens[specimens["split"] == split]
    some = some.sample(min(most, len(some)), random_state=seed)
    squares = [sheet for sheet, _ in SheetImages(some, folder, geometry)]
    return torch.stack(squares) / 255


average, dull = pixels("train").mean(0), {}
average = autoencoder.as_sharp(average[None], detail)[0]
for split in tested["split"]:
    dull[split] = ((pixels(split) - average) ** 2).mean().item()

# %% tags=["hide-input"]
compared = tested.set_index("split")["value"].rename("network").to_frame()
compared["average_sheet"] = pd.Series(dull)
compared["share"] = compared["network"] / compared["average_sheet"]
figures.table(compared.reset_index(), digits=4)

# %% [markdown]
# *The network's loss, that of the average sheet, and the first as a share of
# the second.*
#
# A share near one means that the network has learnt what sheets have in common
# and little of the sheet before it; above one, not even all of that yet, as
# after a few epochs.
# The further below one, the more of each single sheet has come through the
# gap.
# Compare the rows: the average sheet is an average of the institution that
# taught, so it is a poor drawing of the others, and the network may have the
# easier game there.
#
# A good drawing could fool us in a second way: it may owe more to the
# photographs than to our sheets.
# If it began from them, what the encoder had before this lesson is therefore a
# {term}`baseline` of its own, called *imagenet*, and
# [Features](features.ipynb) sets the two side by side.
#
# ## The answer
#
# What of a sheet comes out on the other side?

# %% tags=["remove-input"]
rows = compared.reset_index()
figures.say(
    "A sheet drawn through the gap is wrong by this share of the error of the "
    "average sheet: {shares}. In **{better}** of {sets} held-out sets the "
    "drawing holds more of the sheet than the average does; what is still "
    "missing was lost in the gap, or by a decoder that has not learnt to draw "
    "it.",
    shares=figures.each("**{share:.0%}** in *{split}*", rows, sep=", "),
    better=(compared["share"] < 1).sum(),
    sets=len(compared),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: patience
# Train for half and for twice as many epochs.
# Does the drawing get sharper, and does the share in the last table fall?
#
# :::{dropdown} Hint
# The parameter is `max_epochs`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run autoencoder -p max_epochs 2
# ```
#
# Then `-p max_epochs 8`.
# The chapter notices that the parameters have changed and trains anew.
# The loss mostly goes on falling, ever more slowly; what is gained last is
# detail such as the edge of a leaf, which is few pixels.
# :::
# ::::
#
# ::::{admonition} Exercise 2: a narrower gap
# Change the class `Autoencoder` so that its latent vector has eight numbers,
# and train it in a run of its own.
# Which parts of a sheet can eight numbers still draw?
#
# :::{dropdown} Hint
# The length is the default of `latent`, in `herbnb/networks/autoencoder.py`.
# A run of its own has a folder `results` of its own, and begins with
# [Sampling](sampling.ipynb).
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/networks/autoencoder.py
# -    def __init__(self, latent: int = 256, detail: str = "coarse", **common):
# +    def __init__(self, latent: int = 8, detail: str = "coarse", **common):
# ```
#
# ```sh
# herbnb run sampling -p results results/narrow
# herbnb run autoencoder -p results results/narrow
# ```
#
# Paper, backdrop and the rough place of the plant, and little more.
# These are the directions in which sheets differ most, which is not to say
# that they matter most to a botanist.
# Eight numbers fitted without a network, by principal components, give much
# the same picture.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Two sheets of one species lie on different paper; two sheets of different
# orders lie on the same paper.
# Which pair is closer for an encoder that was taught by squared error?
#
# :::{dropdown} Hint
# Count pixels: how many of them are plant?
# :::
#
# :::{dropdown} Solution
# Very likely the second: paper fills the picture, so it fills the features
# too.
# A representation is shaped by what its lesson punishes.
# To a botanist the first pair is closer, and if we want features that agree
# with her, some lesson must say so.
# :::
# ::::
#
# ## Next
#
# The autoencoder was never told which sheets belong together.
# What if that were the only thing we told a network?
# That is [the triplet network](triplet.ipynb).
