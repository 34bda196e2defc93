# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Activations: what is a channel looking for?
#
# **If one of a network's numbers is high for one sheet and low for another,
# what has it seen on the first that is not on the second?**
#
# A feature has no name.
# Nobody told the network to have one channel for compound leaves and another
# for stamps, and nobody can look inside and read a label.
# But a channel can be asked in two ways: by showing it sheets and noting which
# of them excite it, and by letting it draw.
#
# :::{dropdown} In short
# - The gradient of a {term}`channel` says how to change an image so that the
#   channel answers more strongly: [by hand](activations-hand).
# - With waves instead of pixels, and an image that is never held still, the
#   drawing becomes one that people can look at: [the
#   optimiser](activations-drive).
# - An {term}`optimised image` looks meaningful even when the network has
#   never seen a plant on paper, so it must be read beside real sheets: [what
#   could fool us](activations-fool).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet`, the images, `networks/<network>/card.json`,
# `networks/<network>/checkpoint.ckpt` and
# `features/<encoder>/half_earth.json`, from [Sampling](sampling.ipynb) to
# [Features](features.ipynb).
#
# Writes: `activations/<network>/`: `minimum.png` and `maximum.png`, the
# optimised images; `examples.csv`, the chosen sheets; `channel.json`, which
# channel and what it reached; and the same of the encoder *imagenet*.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts go
networks: list = []  # every network, unless some are named
steps: int = 96  # of the optimiser; published: 1024
image_size: int = 128  # side of an optimised image in pixels; published: 512
seed: int = 89  # of the first noise, of every move and of the choice of sheets

# %%
import numpy as np
import pandas as pd
import torch

from herbnb import figures
from herbnb.data.images.sheets import read_sheet
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.representations import activations, extraction, features, fourier
from herbnb.results import Results
from herbnb.specimens import may_show

# %% [markdown]
# ## Look at the channels first
#
# Of the channels of each {term}`network` we take the one that tells sheets
# apart most: the one that varies most over the training sheets.
# The {term}`colour histogram <colour>` has boxes and no channels.
# Of the other {term}`baselines <baseline>`, *imagenet* comes along: it is what
# training began from, unless it was told to begin otherwise, and has looked at
# photographs, but at no sheet of ours.
# {term}`Visitors <visitor>` stay away, since many of them have no maps.

# %%
here, folder = Results(results), located(data)
asked = [name for name in networks or NETWORKS if name in NETWORKS]
names = [*asked, "imagenet"]
specimens, vectors = features.read_all_features(here, names)

# %% [markdown]
# The choice looks at the training sheets alone, so that whatever is found on
# the others is found honestly.

# %%
train = (specimens["split"] == "train").to_numpy()
values, channels = {}, {}
for name, of_sheets in vectors.items():
    channels[name] = activations.most_variable(of_sheets[train])
    values[name] = of_sheets[:, channels[name]]

# %% tags=["hide-input"]
ranges = []
for name, answers in values.items():
    largest = np.abs(answers[train]).max()
    share = pd.DataFrame({"answer": answers[train] / largest})
    ranges.append(share.assign(network=f"{name} {channels[name]}"))
ranges = pd.concat(ranges).rename(columns={"answer": "share of its range"})
figures.distributions(ranges, x="share of its range", colour="network")

# %% [markdown]
# *The most variable channel of each network, and how its answers spread over
# the training sheets.*
#
# A channel can be a switch, off for most sheets and on for a few, or a scale
# on which every sheet has its place.
# A {term}`feature` of an EfficientNet-Lite0 or of a ResNet is never below
# nought, because their last layers cut off what is.
# That of an EfficientNet-Lite0 is never above six either, for the same reason.
# So a heap on the left means that most sheets say nothing to this channel.
#
# (activations-hand)=
# ## The idea, by hand
#
# The simplest channel is a single filter, laid on a patch of nine pixels.
# This one answers to patches that are dark on the left and bright on the
# right, such as the edge of a leaf.

# %%
edge = torch.tensor([[-1.0, 0.0, 1.0]] * 3)

# %% [markdown]
# Lay it on a blank patch, and the answer is nought.

# %%
patch = torch.zeros(3, 3, requires_grad=True)
answer = (edge * patch).sum()

# %% [markdown]
# How should each pixel change for the answer to rise?
# That is the gradient, and PyTorch keeps it ready.

# %%
answer.backward()
patch.grad

# %% [markdown]
# The gradient is the filter itself: the channel has drawn what it is looking
# for.
# Follow it upwards and the patch becomes an edge; follow it downwards, and it
# becomes the opposite edge.
# A deep network is a long chain of such filters, and its gradient is no longer
# the same for every image.
# So one follows it in many small steps, and sees where they lead.
#
# ## A look inside
#
# A feature is the mean of a map, and the maps are in the middle of the
# network: it makes them, and takes their means at once.
# To get hold of them one leaves the last step out.

# %%
loaded = extraction.load_encoders(names, here, seed)
encoders = {n: getattr(e, "encoder", e) for n, e in loaded.items()}

# %% [markdown]
# Take the first network, and the training sheet that excites its channel most.

# %%
first = next(iter(encoders))
geometry = encoders[first].geometry
of_taught = np.where(train, values[first], -np.inf)
loudest = specimens.iloc[int(of_taught.argmax())]
image = read_sheet(folder / loudest["path"], geometry)

# %% [markdown]
# The library that the encoder is from can be asked for the maps: that is
# `forward_features`, and all we have to add is the colours it expects.

# %% tags=["hide-input"]
figures.source(activations.last_maps)

# %% [markdown]
# Send the sheet through, and compare the mean of our channel's map with the
# feature that the whole encoder gives.

# %%
looker = encoders[first]
pixels = image[None].to(looker.mean.device) / 255
with torch.inference_mode():
    maps = activations.last_maps(looker, pixels)[0].cpu()
    feature = looker(pixels)[0, channels[first]].cpu()
maps.shape, maps[channels[first]].mean(), feature

# %% [markdown]
# There is a map for every feature, each a few places wide, and the mean of our
# channel's map is its feature.
# A map is coarse, but laid over the sheet it shows where the channel was
# excited.

# %% tags=["hide-input"]
heat = torch.nn.functional.interpolate(
    maps[None, channels[first]][None],
    size=image.shape[-1],
    mode="bilinear",
)[0]
lit = image * (0.25 + 0.75 * heat / heat.max().clamp(min=1e-9))
where = f"where channel {channels[first]} of the {first} is excited"
licences = [loudest["licence"]] * 2
pictures = [image, lit.to(torch.uint8)]
figures.image_row(pictures, ["the sheet", where], licences=licences)

# %% [markdown]
# *A sheet, and the same sheet lit by the map.*
#
# Bright places are those that the channel answers to.
# See whether they lie on the plant, on the label or on bare paper.
# A channel that lights up the corner with the label has found something useful
# to a network, and useless to a botanist.
#
# (activations-drive)=
# ## Letting it draw
#
# To let a channel draw, begin with faint noise and follow the gradient.
# Done on pixels, this ends in a flicker that excites the network and shows us
# nothing, since a network is full of ways to be excited by things that do not
# exist.
# Three changes help {cite:p}`olah2017feature`.
#
# *Waves instead of pixels.*
# An image is a sum of waves, long ones for large shapes and short ones for
# detail, and their amplitudes can be optimised as well as pixels can.
# Here is the noise from which the drawing starts: the strongest amplitudes
# belong to the longest waves, as they do in photographs.

# %%
start = fourier.FourierImages(2, image_size, seed)
exaggerated = ((start() - 0.5) * 20 + 0.5).clamp(0, 1) * 255

# %% tags=["hide-input"]
noise = exaggerated.detach().to(torch.uint8)
captions = ["noise for the first image", "and for the second"]
figures.image_row(noise, captions)

# %% [markdown]
# *Noise to start from, with its contrast raised so that it can be seen.*
#
# *Colours that vary one by one.*
# Red, green and blue rise and fall together in any photograph, mostly because
# of light and shade.
# So light, warmth and tint take their place, scaled as they vary in nature,
# and a step of the optimiser cannot easily leave the colours of this world.
#
# *An image that never holds still.*
# Before each step the image is shifted, turned and scaled a little.
# What excites the channel only when it lies on one exact pixel is lost in the
# shaking, and shapes remain.

# %% tags=["hide-input"]
figures.source(fourier.unsteady)

# %% [markdown]
# Two images are optimised together, one downwards and one upwards.

# %% tags=["hide-input"]
figures.source(activations.drive)

# %% [markdown]
# One difficulty is met on the way down.
# A silent map is flat: whatever one does to the image, it stays silent, and
# there is no gradient to follow.
# So `soften` hangs a *hook* on the last layer that cuts off negative answers,
# a function that is called whenever the layer has done its work.
# It mixes in a little of what was there *before* the cut, which leaves a faint
# slope.

# %% tags=["hide-input"]
figures.source(activations.let_through)

# %% [markdown]
# Then every encoder draws its two images.

# %%
images, reached = {}, {}
for name in encoders:
    driven = encoders[name], channels[name]
    drawn = activations.drive(*driven, image_size, steps, seed)
    images[name], reached[name] = drawn

# %% [markdown]
# Beside the drawings belong real sheets, four for each panel, from the
# quietest to the loudest.
# Those called *low* and *high* lie between a fifth and three tenths of the way
# from either end of the channel's range.

# %%
ids, chosen = specimens["image_id"][train], {}
for name, answers in values.items():
    chosen[name] = activations.examples(ids, answers[train], seed)

# %% [markdown]
# Drawings, sheets and numbers are written for later.

# %%
how = {"steps": steps, "image_size": image_size, "seed": seed}
for name in encoders:
    low, high = map(float, reached[name])
    about = {"channel": channels[name], **how, "minimum": low, "maximum": high}
    found = images[name], chosen[name], about
    activations.write_activations(here, name, *found)

# %% tags=["hide-input"]
shown = specimens[may_show(specimens["licence"])].set_index("image_id")


def panel(name, place):
    table = chosen[name]
    ids = table.loc[table["panel"] == place, "image_id"]
    paths = shown["path"].reindex(ids).dropna()
    large = geometry.at(2 * geometry.height)
    sheets = [read_sheet(folder / path, large) for path in paths]
    return activations.mosaic(sheets, 640)


# %% tags=["hide-input"]
rows, captions, panels = [], [], activations.PANELS
for name in encoders:
    down, up = images[name]
    rows += [down, *(panel(name, place) for place in panels), up]
    texts = ["minimum, drawn", *panels, "maximum, drawn"]
    captions += [f"{name}: {text}" for text in texts]
used = shown[shown.index.isin(pd.concat(chosen.values())["image_id"])]
figures.image_row(rows, captions, credits=used, columns=3, height=220)

# %% [markdown]
# *For each network the most variable channel: what it draws to be silenced,
# sheets from its quietest to its loudest, and what it draws to be excited.*

# %% tags=["remove-input"]
rows = []
for name in encoders:
    real, (low, high) = values[name][train], reached[name]
    row = {"name": name, "channel": channels[name], "low": low, "high": high}
    row |= {"least": real.min(), "most": real.max(), "beyond": ""}
    if high <= real.max():
        row["beyond"] = (
            " It excites the channel no more than a real sheet does: try more "
            "steps, unless that is its ceiling."
        )
    rows.append(row)

# %% tags=["remove-input"]
line = (
    "- {name}, channel {channel}: real sheets from {least:.2f} to {most:.2f}, "
    "drawings at **{low:.2f}** and **{high:.2f}**. {beyond}"
)
hidden = ~pd.concat(chosen.values())["image_id"].isin(shown.index)
white = (
    "{lines}\n\n{hidden} of the chosen sheets may not be shown on a page, and "
    "their places are white."
)
lines = figures.each(line, rows)
figures.say(white if hidden.any() else lines, lines=lines, hidden=hidden.sum())

# %% [markdown]
# Read the six pictures of a network in their order, and press one to see it
# large; the arrow keys lead on to the next.
# Four sheets in a panel should have something in common that the next panel
# has less of, or more.
# First look for dull explanations: paper, tint, the amount of plant on the
# sheet.
# Then for botanical ones: the shape of leaves, how densely they stand, whether
# there are flowers.
# Last of all look at the drawings at both ends, and ask whether their textures
# occur on the sheets beside them.
#
# A panel with fewer than four sheets, or none, means that hardly a sheet has
# such a value: the channel is a switch and not a scale.
#
# What the drawings are not is pictures of plants.
# They show the direction in which a channel rises, far beyond any sheet that
# exists, up to its ceiling if it has one.
# And a channel is one voice of hundreds; the meaning of a sheet may lie in
# their chord, and no single voice need mean anything.
#
# (activations-fool)=
# ## What could fool us
#
# *Could any network draw like this?*
# The last six pictures belong to an encoder that has learnt from photographs
# of dogs and teapots, and nothing from our sheets.
# If its drawings look as rich as those above, then richness is no sign of what
# our sheets have taught, and only the agreement between drawings and sheets
# is.
#
# *Could the channel be looking at the paper?*
# A channel that knows plants should differ between {term}`genera <genus>`, and
# one that knows herbaria between {term}`institutions <institution>`.
# So split the variance of the channel's answers into the part that lies
# between groups and the part that lies within, and take away what groups of
# the same sizes would explain by chance.

# %%
def explained(answers, groups):
    means = pd.Series(answers).groupby(groups.to_numpy()).transform("mean")
    return means.var() / answers.var()


# %% [markdown]
# The answers are those to held-out sheets, because training has shown but a
# single institution.

# %%
rng, held_out = np.random.default_rng(seed), specimens[~train]
share = []

# %% [markdown]
# Shuffled answers give the part that is chance.

# %%
for name in encoders:
    answers, row = values[name][~train], {"network": name}
    mixed = rng.permutation(answers)
    for by in ("genus", "institution"):
        by_chance = explained(mixed, held_out[by])
        row[by] = explained(answers, held_out[by]) - by_chance
    share.append(row)

# %% tags=["hide-input"]
share = pd.DataFrame(share)
figures.table(share)

# %% [markdown]
# *Share of the variance between genera and between institutions, beyond
# chance, on held-out sheets.*
#
# A row whose right number is the larger belongs to a channel that tells
# institutions apart first, most likely by their paper.
# The two columns may overlap, since a genus can be commoner in one institution
# than in another, or older there.
#
# *Could it be the seed?*
# Every drawing starts from noise.
# Change the seed and the drawing changes, though its textures should not; the
# first exercise tries it.
#
# ## The answer

# %% tags=["remove-input"]
rows = []
for row in share.to_dict("records"):
    name = row.pop("network")
    first, second = sorted(row, key=row.get, reverse=True)
    of = {"network": name, "channel": channels[name]}
    of |= {"first": first, "second": second}
    rows.append(of | {"more": row[first], "less": row[second]})
line = (
    "- **{network}**, channel {channel}: it follows the {first} more than the "
    "{second} ({more:.0%} against {less:.0%} of its variance)."
)

# %% tags=["remove-input"]
figures.say(
    "What the most variable channel of each network has seen:\n\n{lines}\n\n"
    "What that is in a botanist's words, the figure lets one guess and "
    "nothing proves.",
    lines=figures.each(line, rows),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: another start, more steps
# Draw again from another seed, and again with four times the steps.
# Which of the two changes the drawing more?
#
# :::{dropdown} Hint
# The parameters are `seed` and `steps`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run activations -p seed 1
# ```
#
# Then `-p steps 384`.
# The seed moves the shapes about and keeps their kind.
# More steps deepen the contrast and, below its ceiling, drive the channel
# farther beyond any real sheet, which makes the drawing louder but seldom
# clearer.
# :::
# ::::
#
# ::::{admonition} Exercise 2: no shaking
# In `drive`, let the encoder see the images as they are, and not moved.
# What happens to the drawing, and to the value it reaches?
#
# :::{dropdown} Hint
# `drive` is shown above and stands in `herbnb/representations/activations.py`:
# `images()` are the images, and `move` moves them.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/representations/activations.py
# -        down, up = soft(move(images()))[:, channel]
# +        down, up = soft(images())[:, channel]
# ```
#
# The value rises, or is at its ceiling in fewer steps, because nothing stands
# in the way any more, and the drawing breaks up into fine patterns that hang
# on single pixels.
# A score as high or higher, and a worse picture: the optimiser gives what was
# asked for, and not what was meant.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Suppose the four sheets at the maximum are all of one genus.
# Has the channel learnt that genus?
#
# :::{dropdown} Hint
# What else might four sheets have in common?
# :::
#
# :::{dropdown} Solution
# Perhaps, but four sheets are few.
# They may share a habit, a collector, or a folder in which they all turned
# brown.
# One would look at *all* sheets of the genus, and count how many of them lie
# high, and then at which other sheets do.
# :::
# ::::
#
# ## Next
#
# We have asked what the numbers know, where they put the sheets, and what they
# look at.
# Now they have to be of use.
# Can a sheet be named from them?
# That is [Identification](identification.ipynb).
