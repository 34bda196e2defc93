# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What it costs: can a whole herbarium be afforded?
#
# **What does one sheet cost, in seconds, bytes and watt-hours, and what would
# half a million cost, or two hundred million?**
#
# Everything in this book has been asked of some hundreds or thousands of
# sheets.
# The published analysis had half a million, and the data set that it was drawn
# from over two million.
# Two hundred million is half of what all the herbaria of the world hold
# {cite:p}`thiers2020herbaria`.
# Before you begin on a Friday evening, you would like to know whether it is
# done on Monday, whether the disk will hold it, and what it burns.
#
# :::{dropdown} In short
# - What is done to each {term}`sheet` by itself costs twice as much for twice
#   as many: [sheet by sheet](costs-sheets).
# - What is done to each pair of sheets costs four times as much, and sooner or
#   later that is all one pays for: [pair by pair](costs-pairs).
# - A forecast is no better than the law it rests on, and the law can be tested
#   with half of the sheets: [what could fool us](costs-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `specimens.parquet` and the pictures, from
# [Sampling](sampling.ipynb); `features/<encoder>/half_earth.json`, from
# [Features](features.ipynb); and `networks/<network>/card.json`, from
# the chapters of the networks.
#
# Writes: `costs.csv`, what each step took; `forecasts.csv`, what it would take
# with more sheets.

# %% tags=["parameters"]
data: str = "data/pocket"  # where the images are
results: str = "results/pocket"  # where artefacts are
networks: list = []  # every network, unless some are named
network: str = "imagenet"  # whose eyes: imagenet, triplet, timm:resnet50 …
sheets: int = 64  # that are opened and looked at
compared: int = 3000  # made-up sheets, each compared with all others
sizes: list = [500000, 2260000, 200000000]  # of the herbaria to come
epochs: int = 25  # of a training, as published
watts: float = 10.0  # what a busy core draws, where no meter can be read
seed: int = 89  # of the sheets that are drawn and of those made up

# %%
import numpy as np
import pandas as pd

from herbnb import figures, representations
from herbnb.applications import costs
from herbnb.devices import device
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.representations import extraction
from herbnb.results import RUN, Results

# %% [markdown]
# ## Look at the files first
#
# Time passes and is forgotten, but what an analysis leaves on the disk can be
# weighed.

# %%
here, folder = Results(results), located(data)
specimens = here.read("specimens")
trained = [each for each in networks or NETWORKS if each in NETWORKS]
cards = {each: here.read("card", network=each) for each in trained}

# %% [markdown]
# Pictures, the squares that were made of them and the features grow with the
# sheets.

# %%
squares = here.path("resized", collection=RUN)
kinds = {"pictures, as they came": [folder / p for p in specimens["path"]]}
kinds["squares that are kept"] = [squares]
for each in trained:
    index = here.needed("features", encoder=each, collection=RUN)
    kinds[f"features by the {each}"] = [index, index.with_suffix("")]
of_sheets = costs.weighed(kinds, len(specimens))

# %% [markdown]
# Beside them lie the networks, with what it would take to train them further.

# %%
kinds = {}
for each in trained:
    kinds[f"the {each}"] = [here.path("card", network=each).parent]
weighed = pd.concat([of_sheets, costs.weighed(kinds)])

# %% tags=["hide-input"]
figures.table(weighed, digits=1)

# %% [markdown]
# *What this run has on the disk, as a whole and for each sheet.*
#
# Of what grows with the sheets, pictures and squares weigh the most; squares
# are made of the pictures once, so that no later step opens the large ones.
# {term}`Features <feature>` are small: a sheet becomes a thousand numbers or
# so.
# A network weighs the same whether it has seen a thousand sheets or a million.
#
# Scans of a museum have many more pixels than our drawings, and weigh a few
# megabytes each; everything that comes after the squares is the same for them.
#
# ## The idea, by hand
#
# Some work is done once for each sheet, such as opening it.
# Other work is done once for each *pair*, such as asking who is whose
# neighbour.
# How many pairs are there among a hundred sheets, and how many when the
# collection doubles, and doubles again?

# %%
some = np.array([100, 200, 400])
pairs = some * (some - 1) // 2
pairs

# %% [markdown]
# As multiples of the first number:

# %%
(pairs / pairs[0]).round(2)

# %% [markdown]
# Sheets doubled, and pairs became four times as many.
# So if a hundred sheets take a second, a million, which is ten thousand times
# as many, take the first kind of work three hours.
# And the second kind, in years?

# %%
times = 1_000_000 / 100
times / 3600, times**2 / 3600 / 24 / 365

# %% [markdown]
# There it is, in three seconds of arithmetic: a step that nobody notices in a
# workshop can be the one that a museum cannot afford.
#
# (costs-sheets)=
# ## Sheet by sheet
#
# Two steps meet every sheet: a picture is opened and made small, and the
# square that has come of it is looked at.

# %% tags=["hide-input"]
figures.source(costs.by_sheet)

# %% [markdown]
# We time them with half of the sheets, and then with all of them.
# The quickest of several times counts, because whatever disturbs a clock makes
# it slower.

# %%
encoders = extraction.load_encoders([network], here, seed)
drawn = specimens.sample(min(sheets, len(specimens)), random_state=seed)
steps = costs.by_sheet(encoders, drawn, folder)
of_sheets = costs.timed(steps, len(drawn), watts)

# %% tags=["hide-input"]
figures.table(of_sheets, digits=4)

# %% [markdown]
# *What some sheets took, and half of them.*
#
# Are the times of a step about twice those of half the sheets?
# Where *core seconds* exceed the seconds, several cores have worked at once.
#
# The {term}`encoder` was timed as it is, with nothing to learn.
# Training looks at every sheet in every {term}`epoch`, and has a second way to
# go, back from the mistake to the weights.
# What it took, the networks' chapters have written on their cards.

# %%
of_training = costs.trainings(cards, epochs, watts)

# %% tags=["hide-input"]
figures.table(of_training, digits=4)

# %% [markdown]
# *What so many epochs of the training sheets would have taken here.*
#
# Beware of comparing the three.
# Where only the last layers of a network were trained, the others looked at
# each sheet once, before the first epoch, and that is not in this table.
# And the networks may have trained side by side, each with some of the cores.
#
# (costs-pairs)=
# ## Pair by pair
#
# Two steps of this book compare each sheet with all others: the
# {term}`silhouettes <silhouette>`, and the search for {term}`neighbours
# <nearest neighbour>`.
# To compare takes about as long whatever the numbers are, so we may make up as
# many sheets as we like, with features drawn by lot.

# %%
eye = representations.spec_of(network).name
width = encoders[eye].width
names = specimens.sample(compared, replace=True, random_state=seed)
steps = costs.by_pair(width, names, seed)
of_pairs = costs.timed(steps, compared, watts)

# %% tags=["hide-input"]
figures.table(of_pairs, digits=4)

# %% [markdown]
# *What the comparisons took, and those among half of the sheets.*
#
# These sheets were not opened, and none was looked at; so a few thousand of
# them take hardly longer than some dozens above.
# That is what makes such a step treacherous.
#
# ## The forecast
#
# Now let every step grow by its law, from the largest size that was timed.

# %% tags=["hide-input"]
figures.source(costs.grown)

# %% [markdown]
# That is all there is to it.

# %%
timed = pd.concat([of_sheets, of_training, of_pairs])
here.write("costs", timed)
forecast = costs.forecast(timed, sizes)
here.write("forecasts", forecast).name

# %% tags=["hide-input"]
in_days = forecast.assign(days=forecast["seconds"] / costs.DAY)
columns = "{:,} sheets: days".format
days = in_days.pivot_table("days", "step", "sheets", sort=False)
figures.table(days.rename(columns=columns).reset_index())

# %% [markdown]
# *Days that each step would take on this machine, one after another.*
#
# Read a line from left to right, and then a column from top to bottom.
# Which steps are dear in the first column?
# In the last it is the pairs, by far.
# No machine will ever be bought for them: what changes there is the question.
# One scores a sample, each {term}`split` by itself, as this book does, or asks
# for neighbours that are *probably* the nearest, as [Your
# herbarium](your_herbarium.ipynb) does of very large collections.

# %%
room = weighed["kilobytes_a_sheet"].sum() * np.array(sizes) / 1e9
energy = forecast.groupby("sheets")["watt_hours"].sum().loc[sizes] / 1e3

# %% tags=["hide-input"]
told = {"sheets": sizes, "terabytes": room, "kilowatt_hours": energy}
figures.table(pd.DataFrame(told).reset_index(drop=True))

# %% [markdown]
# *Room on the disk, as this run would need it for so many sheets, and energy
# for all steps.*

# %% tags=["remove-input"]
metered = "The energy was read from the meter of this machine's processors."
guessed = (
    "This machine has no meter that we may read, so the energy is a guess: "
    "the seconds of its cores, {watts:g} watts each."
)
figures.say(guessed if costs.joules() is None else metered, watts=watts)

# %% [markdown]
# A screen, a fan, the disks and the cooling of the hall come on top.
#
# (costs-fool)=
# ## What could fool us
#
# *The law could be wrong.*
# From the time for half of the sheets the law predicts the time for all of
# them, which we know.

# %%
tested = costs.predictions(pd.concat([of_sheets, of_pairs]))

# %% tags=["hide-input"]
figures.table(tested)

# %% [markdown]
# *What half of the sheets foretold, and what all of them took.*
#
# A step that took *times* one of what was foretold obeys its law.
# More than that, and it grows faster, so the forecast is too friendly; less,
# and part of its time has nothing to do with the sheets, so that it is too
# stern.
# A factor of two is tested here, and the forecast is stretched over a hundred
# thousand: take its first digit, and not too seriously.
#
# *Memory could run out.*
# Then a step does not become slower, it ends.
# What is compared must be held, and so must the features of one encoder.

# %% tags=["remove-input"]
held = pd.DataFrame({"sheets": sizes})
held["gigabytes"] = held["sheets"] * width * 4 / 1e9
figures.say(
    "The features of {eye} are {width} numbers of four bytes: {lines}.",
    eye=eye,
    width=width,
    lines=figures.each("{gigabytes:,.1f} GB for {sheets:,}", held, sep=", "),
)

# %% [markdown]
# *Something could be missing.*
# A {term}`map <embedding>` is laid out of a hundred thousand sheets at most,
# and the others are pinned on it one by one; a regression takes longer the
# more taxa there are; and nobody has timed the days that pass until two
# million pictures have come through a wire.
# None of these is in the table.
#
# ## The answer

# %% tags=["remove-input"]
first = forecast[forecast["sheets"] == sizes[0]]
dearest = first.loc[first["seconds"].idxmax()]
last = forecast[forecast["sheets"] == sizes[-1]]
worst = last.loc[last["seconds"].idxmax()]
figures.say(
    "On this machine ({device}), {few:,} sheets would take "
    "**{days:,.1f} days** in all, most of it for *{step}*. For {many:,} the "
    "dearest is *{worst}*, with **{years:,.1f} years**.",
    device=device(), few=sizes[0], many=sizes[-1],
    step=dearest["step"], days=first["seconds"].sum() / costs.DAY,
    worst=worst["step"], years=worst["seconds"] / costs.DAY / 365,
)

# %% [markdown]
# A graphics processor shortens looking and comparing, and does not open
# pictures any sooner.
# By how much, this chapter will say if you run it where there is one.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: another pair of eyes
# What would it cost to look with a larger encoder?
#
# :::{dropdown} Hint
# The parameter is `network`.
# Weights that are drawn at random cost as much as learnt ones, and need not be
# fetched: `@none` after the name of a {term}`visitor` asks for them.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run costs -p network timm:resnet50@none -p sheets 32
# ```
#
# The sheets are opened as before, unless the new eyes want larger squares.
# Its features may be wider, and then the comparisons take longer, too.
# :::
# ::::
#
# ::::{admonition} Exercise 2: break a law
# Time the steps with four sheets.
# Which step no longer does what half of it foretold, and why?
#
# :::{dropdown} Hint
# The parameter is `sheets`; ask what is done once, however many there are.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run costs -p sheets 4
# ```
#
# Both, probably: with two sheets and four, what is done once however many
# there are weighs as much as the sheets themselves.
# A law is a law of large numbers.
# Other programs that run beside the clock break it as well.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Two herbaria of a million sheets each would like to know which of their
# sheets are duplicates of one another.
# How many pairs is that, and how many need to be looked at?
#
# :::{dropdown} Hint
# What do two duplicates have in common that can be sorted?
# :::
#
# :::{dropdown} Solution
# A million times a million, since no sheet need be compared with those of its
# own house.
# But duplicates have one collector and one date.
# Sort both lists by these, and only a few sheets are left to compare for each:
# the botanist who knows what a label says has beaten every processor.
# :::
# ::::
#
# ## Next
#
# Many machines share what one cannot do alone: [On a
# cluster](../on_a_cluster).
