# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Features: what is left of a sheet
#
# **When a network has turned a sheet into a row of numbers, what do they still
# know: the plant, or the paper it lies on?**
#
# From here on, pictures are hardly looked at any more.
# Nearly every question of the book, from maps to misnamed specimens, is put to
# these numbers alone.
# What they have lost cannot be found again, and what they have kept may not be
# what we wanted, so it is worth knowing them well.
#
# :::{dropdown} In short
# - A {term}`feature` is the average of a map of how strongly a pattern answers
#   across the sheet, and a {term}`colour histogram` is a set of features too:
#   [by hand](features-hand).
# - The sheet whose features are nearest is often a relative, and how often can
#   be counted: [neighbours](features-neighbours).
# - The same numbers also know which {term}`institution` made the sheet: [what
#   could fool us](features-fool).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet` and the images, from [Sampling](sampling.ipynb);
# `networks/<network>/card.json` and `networks/<network>/checkpoint.ckpt`, from
# [the](autoencoder.ipynb) [three](triplet.ipynb) [networks](classifier.ipynb).
#
# Writes: for each {term}`network`, each {term}`baseline` and each
# {term}`visitor`, `features/<encoder>/half_earth.json` and, in the folder
# beside it, the parts that it lists, one row a sheet.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts go
networks: list = []  # and visitors; every network, unless some are named
batch_size: int = 64  # sheets encoded at a time
num_workers: int = 0  # processes that read images
cache: bool = True  # keep what is made of sheets, so that it is made once
seed: int = 89  # of the untrained encoder and of every draw

# %%
import pandas as pd
import torch

from herbnb import figures, representations
from herbnb.data.images.sheets import read_sheet
from herbnb.files import located
from herbnb.pocket.folder import read_traits
from herbnb.representations import baselines, extraction, readings, similarity
from herbnb.representations.features import read_listed
from herbnb.results import Results
from herbnb.specimens import gatherings

# %% [markdown]
# ## Look at what the encoder sees
#
# An {term}`encoder` does not see a sheet as we do.
# The picture is made small and square first, and everything finer than a pixel
# of that square is gone before the first layer.

# %%
here, folder = Results(results), located(data)
specimens = here.read("specimens")
few = specimens.sample(min(6, len(specimens)), random_state=seed)

# %% [markdown]
# How small, and whether whole or cropped, is a property of the encoder.
# A network carries the {term}`geometry` that it was trained with, and the
# baselines take that of the networks.

# %%
names = representations.with_baselines(networks)
encoders = extraction.load_encoders(names, here, seed)
geometry = encoders["colour"].geometry

# %% tags=["hide-input"]
squares = [read_sheet(folder / path, geometry) for path in few["path"]]
figures.image_row(squares, few["species"], licences=few["licence"])

# %% [markdown]
# *Six sheets as an encoder receives them.*
#
# Try to name the plants from these.
# Outline, posture and colour survive; the hairs on a calyx do not.
# Whatever a network learns, it learns from this.
#
# Beside networks and baselines there may be *visitors*: encoders that were
# trained elsewhere, on other pictures, and only come to look.
# `herbnb run features -p networks '["triplet", "timm:resnet50"]'` would invite
# one, and its weights must be on this machine.
# A {term}`visitor` brings a geometry of its own, and a card that says where it
# is from.

# %% tags=["remove-input"]
cards = [
    {"name": name, **each.card, "width": each.width}
    for name, each in encoders.items()
    if hasattr(each, "card") and name not in representations.BESIDE
]
line = (
    "- **{name}** is {model}, trained on {trained on}, by {by}; licence: "
    "{licence}; {width} features;"
)
guests = figures.each(line, cards, before="The visitors of this run:\n\n")
figures.say(guests or "This run has no visitors.")

# %% [markdown]
# A drawn herbarium has one more thing to compare with, the {term}`oracle`: the
# {term}`traits <trait>` that its plants were drawn from, as if an encoder had
# read them off the sheet without a mistake.
# It shows about how far the others could come, and competes with none of them.

# %% [markdown]
# (features-hand)=
# ## The idea, by hand
#
# In its last layer an encoder such as ours has many small maps, one for each
# {term}`channel`; how many there are is its {term}`width`.
# A map says where on the sheet the channel's pattern was found, and how
# strongly.
# Here is one such map, of three by three places, from a channel that might
# answer to a toothed edge.

# %%
toothed = torch.tensor([[0.0, 0.0, 0.0], [0.0, 4.0, 5.0], [0.0, 0.0, 0.0]])
toothed.mean()

# %% [markdown]
# The feature is the average of the map.
# It says that there is something toothed, and how much, but no longer where.
# Move the leaf to another corner and the feature stays as it was.

# %%
moved = toothed.roll(shifts=(1, -1), dims=(0, 1))
toothed.mean(), moved.mean()

# %% [markdown]
# That is what we want of a specimen, which may be mounted anywhere on its
# sheet.
# It has a price, for two faint patterns and one strong one come out the same.
#
# A much older way to describe a picture needs no network at all: count its
# colours.
# Cut red, green and blue into eight steps each, which makes 512 boxes, and
# note the share of pixels in each.
# Take a tiny picture of four pixels, three of paper and one of leaf.

# %%
paper, leaf = [240, 230, 200], [70, 90, 40]
picture = torch.tensor([paper, paper, paper, leaf], dtype=torch.uint8)
steps = picture // 32

# %% [markdown]
# Each pixel is now three digits from nought to seven, and the three digits are
# the address of its box.
# Counting the addresses is all that remains.

# %%
boxes = steps.long() @ torch.tensor([64, 8, 1])
boxes.unique(return_counts=True)

# %% [markdown]
# Two boxes hold everything, and the other 510 are empty.
# This description knows the paper very well and the shape of the leaf not at
# all.
# It is one of three {term}`baselines <baseline>` that go beside the networks
# from now on.
# The second is *untrained*, the networks' encoder with random weights; where
# the networks have different encoders, it is the one of those that began from
# photographs.
# A network that does not beat these two has learnt nothing that matters.
# The third is *imagenet*, the encoder as photographs of other things have
# taught it {cite:p}`deng2009imagenet`: what training began from, unless it was
# told to begin otherwise.
# A network that does not beat its own beginning has unlearnt something, and
# the question is then a serious one: what did our sheets teach that
# photographs had not?
#
# ## All sheets, all encoders
#
# The histogram in the package is the same arithmetic, for many images at once.

# %% tags=["hide-input"]
figures.source(baselines.Colour)

# %% [markdown]
# Networks, baselines and visitors all answer to one method, `encode`, so a
# single loop serves them.
# A sheet is read and made small once for all that have one geometry, and
# handed to every one of them in turn, because reading can cost as much as
# encoding.
# Encoders that share a {term}`trunk` share what it makes of the sheet as well.

# %% tags=["hide-input"]
figures.source(extraction.look)

# %% [markdown]
# The loop needs no gradients and keeps none, and layers that behave otherwise
# in training are switched to their quiet state.
# So a sheet has the same features whichever sheets go with it.

# %%
reading = dict(batch_size=batch_size, num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection="half_earth")
extraction.keep_features(here, "half_earth", encoders, folder, **reading)

# %% [markdown]
# The features are kept in parts of at most 50,000 sheets, and only what is
# missing is made.
# Sheets that are added cost only themselves, and a run that is killed goes on
# after its last whole part.
# The parts carry the {term}`fingerprint` of the encoder that they came from,
# and its geometry; their list carries that of the specimens table.
# When one of these is no longer the same, later chapters refuse the old
# features instead of quietly mixing two runs.

# %%
ids, vectors = specimens["image_id"], {}
for name in encoders:
    vectors[name] = read_listed(here, name, "half_earth", ids)

# %% [markdown]
# ## Are all of them in use?
#
# A channel that says the same of every sheet is silent, and might as well not
# be there.
# Others may all say the same thing in unison.
# So count the silent ones, and count the directions in which sheets really
# differ.
# With $v_i$ the variance along each principal axis, the number of directions
# in use is $(\sum v_i)^2 / \sum v_i^2$: it is the width if all vary alike, and
# 1 if they move as one.

# %%
train = (specimens["split"] == "train").to_numpy()


def in_use(name, of_sheets):
    centred = torch.from_numpy(of_sheets - of_sheets.mean(0))
    spread = torch.linalg.svdvals(centred) ** 2
    directions = spread.sum() ** 2 / (spread**2).sum()
    silent = int((of_sheets.std(0) == 0).sum())
    return name, of_sheets.shape[1], silent, directions.item()


# %% tags=["hide-input"]
used = [in_use(name, of_sheets[train]) for name, of_sheets in vectors.items()]
columns = ["network", "width", "silent channels", "directions in use"]
figures.table(pd.DataFrame(used, columns=columns), digits=1)

# %% [markdown]
# *How many channels there are, how many are silent, and how many directions
# are in use, on the training sheets.*
#
# Most boxes of a histogram are silent, since no sheet has a purple pixel.
# An untrained encoder may use few directions or many, and neither is learning:
# its channels answer to ink and light, each at random.
# Compare rows of one width first, for a wider vector has more room to differ.
# More directions are not better in themselves, for noise has many.
# But a representation with only a handful cannot keep many genera apart.
#
# ## Do they say the same?
#
# The channels of one network need not answer to any of another's, so two
# representations cannot be compared number by number.
# But each finds some sheets alike and others not, and about that two can
# agree.
# How far they do is their {term}`similarity`: one where they agree on all
# pairs of sheets, nought where they have nothing in common.

# %% tags=["hide-input"]
figures.source(similarity.similarities)

# %% [markdown]
# The training sheets are many enough to say.

# %%
of_train = {name: each[train] for name, each in vectors.items()}
alike = similarity.similarities(of_train)

# %% tags=["hide-input"]
wide = alike.pivot(index="network", columns="to", values="similarity")
wide = wide.reindex(index=[*vectors], columns=[*vectors])
wide = wide.dropna(how="all").rename_axis(columns=None).reset_index()
too_few = "Nothing to compare: there are fewer than four training sheets."
figures.table(wide, digits=2, empty=too_few)

# %% [markdown]
# *How far two representations find the same training sheets alike.*
#
# Networks that began as *imagenet* and were taught little are still like it;
# the farther one is from its beginning, the more it has moved, for better or
# worse.
# See whether two that were taught with names are more like one another than
# like the one that was not.
# Where *untrained* and *colour* agree, both may see little more than how much
# paper is covered.
#
# (features-neighbours)=
# ## Neighbours
#
# The simplest question one can ask of features is which sheet lies nearest, by
# {term}`cosine`.
# Take one sheet that training never saw, and for each representation the
# training sheet nearest to it.

# %%
asked = specimens.index[specimens["split"] == "random"][:1]


def nearest(of_sheets, rows):
    unit = torch.nn.functional.normalize
    sheets = unit(torch.from_numpy(of_sheets[rows]))
    cosine = sheets @ unit(torch.from_numpy(of_sheets[train])).T
    return specimens[train].iloc[cosine.argmax(1).numpy()]


# %% tags=["hide-input"]
beside, titles = [specimens.loc[asked]], ["the sheet asked about"]
for name, of_sheets in vectors.items():
    beside.append(nearest(of_sheets, asked))
    titles.append(f"{name}: {beside[-1]['species'].iloc[0]}")
figures.sheet_grid(pd.concat(beside), folder, captions=titles)

# %% [markdown]
# *A held-out sheet, and its nearest training sheet in each representation.*
#
# Ask of each neighbour what it shares with the first sheet.
# Is it the plant, or the tint of the paper, or merely the amount of green?
# The pictures suggest an answer, but one sheet is an anecdote.
# So take every held-out sheet, and count how often its neighbour is of its own
# {term}`genus`.

# %%
rows = []
for name, of_sheets in vectors.items():
    for split, part in specimens[~train].groupby("split"):
        beside = nearest(of_sheets, part.index)["genus"]
        share = (beside.to_numpy() == part["genus"]).mean()
        rows.append({"network": name, "split": split, "share": share})
neighbours = pd.DataFrame(rows)

# %% tags=["hide-input"]
figures.interval_dots(neighbours, x="share", y="split", colour="network")

# %% [markdown]
# *Share of held-out sheets whose nearest training sheet is of their genus.*
#
# Compare each network with the three baselines in the same row, not with a
# perfect score, which not even an *oracle* has, and with *imagenet* above all:
# what lies between the two marks is what our sheets have added, or taken away.
# Then compare rows.
# The row *random* asks about other sheets of species that training has shown;
# the row *species* asks about species it has not.
# What a mark loses between the two it owed to training sheets of the very
# species.
# That need not be memory: look how much *imagenet* loses, which has learnt
# none of them.
# In the row *institutions* paper and lamp have changed, and some of the
# species are new as well.
#
# This is no identification yet.
# It is a first look at whether the plant is in the numbers at all, and [a
# later chapter](identification.ipynb) asks in earnest.
#
# ## Which traits are in there?
#
# Of a drawn herbarium we know what no curator knows: the
# {term}`traits <trait>` from which each plant was drawn.
# So we may ask which of them a straight line through the features can read.
# The line is learnt on the training sheets and tried on species that training
# has never shown, where remembering is no help.

# %% tags=["hide-input"]
figures.source(readings.probe_numbers)

# %% [markdown]
# Real sheets have no such table, and then there is nothing to read here.

# %%
truth = read_traits(folder)
if truth is not None:
    of_sheet = truth.set_index("image_id").loc[specimens["image_id"]]
    truth = of_sheet[list(readings.TRAITS)]
unseen = (specimens["split"] == "species").to_numpy()

# %% [markdown]
# The {term}`intervals <bootstrap>` draw whole species, since sheets of one
# species are alike in their traits.

# %%
read, species = [pd.DataFrame()], specimens["species"][unseen]
for name, of_sheets in vectors.items() if truth is not None else ():
    taught = of_sheets[train], truth[train]
    asked = of_sheets[unseen], truth[unseen]
    card = readings.probe_numbers(*taught, *asked, seed, species)
    card["trait"] = card["trait"].str.replace("_", " ")
    read.append(card.assign(network=name))

# %% tags=["hide-input"]
figures.interval_dots(
    pd.concat(read), x="r2", y="trait", colour="network", baseline=0,
    empty="Skipped: only a drawn herbarium knows its traits.",
)

# %% [markdown]
# *How much of each trait's variation can be read, on unseen species; the
# dotted line is what a guess at the mean would score.*
#
# A mark on the right says that the trait is there to be read; a mark at the
# line, that it is not, or not by a straight line.
# To the left of the line the reading is worse than a guess, because what held
# for the training species does not hold for these.
# How long and how narrow a leaf is tends to be easy for whoever has seen
# photographs; see whether *untrained* and *colour* read anything at all.
# An *oracle* has all these traits but fading, most of them as logarithms:
# where it falls short, the line is too straight.
# Look for traits where the networks part from the baselines: there, something
# has been learnt about plants.
# Where they part from *imagenet* to the left, something has been forgotten.
# And look at fading, which is no trait of the plant at all but an accident of
# its storage.
#
# (features-fool)=
# ## What could fool us
#
# A sheet's institution is not botany.
# But paper, ruler, stamp and lamp are in every picture, and nothing told the
# networks to ignore them.
# So turn the question round, and try to read the *institution* from the
# features of sheets that training never saw.

# %%
elsewhere = specimens[~train]
kept_at = elsewhere["institution"].to_numpy(object)
asked = kept_at, gatherings(elsewhere), seed
institution = {}
for name, of_sheets in vectors.items():
    institution[name] = readings.probe_names(of_sheets[~train], *asked)
guess = 1 / len(set(kept_at))

# %% tags=["hide-input"]
accuracy = "balanced accuracy"
told = pd.DataFrame(institution.items(), columns=["network", accuracy])
figures.interval_dots(
    told, x=accuracy, y="network", colour="network", baseline=guess,
    empty="One institution only: nothing to tell apart.",
)

# %% [markdown]
# *Reading the institution of a sheet; the dotted line is a guess.*
#
# An *oracle* has seen no paper: what it reads of the institution it owes to
# the flora.
# Any other mark far to the right is a warning.
# It means that these numbers could name a genus by the paper, wherever a genus
# lives in one herbarium only.
# It does not mean that they do: knowing two things is no crime.
# But a score on the *institutions* set is worth more than one on the *random*
# set for exactly this reason.
#
# ## The answer

# %% tags=["remove-input"]
mean = neighbours.groupby("network", sort=False)["share"].mean()
guests = [each["name"] for each in cards]
beside = [*representations.BESIDE, *guests]
taught = mean.drop(beside, errors="ignore")
baseline = mean[[*representations.BASELINES]]
own = [taught, mean[guests], baseline]
best = next(each for each in own if len(each)).idxmax()
base = baseline.idxmax()

# %% tags=["remove-input"]
figures.say(
    "{known}. The nearest training sheet is of the same genus for "
    "**{share:.0%}** of held-out sheets with the {best} (mean of the sets), "
    "and for {of_base:.0%} with the best baseline ({base}). "
    "But a straight line reads the institution from the {best}'s numbers "
    "with a balanced accuracy of **{read:.2f}**, where a guess would score "
    "{guess:.2f}.",
    best=best, share=mean[best],
    base=base, of_base=mean[base],
    read=institution[best], guess=guess,
    known="Both" if institution[best] > guess else "The plant, if anything",
)

# %% [markdown]
# And what did our sheets teach that photographs had not?

# %% tags=["remove-input"]
more = (
    "By this measure, something: of a hundred sheets, the {best} finds a "
    "relative for **{points:.1f}** more than *imagenet*."
)
less = (
    "By this measure, nothing: of a hundred sheets, the {best} finds a "
    "relative for **{points:.1f}** fewer than *imagenet*."
)
step = 100 * (mean[best] - mean["imagenet"])
said = figures.words(more if step > 0 else less, best=best, points=abs(step))
said = "No network of ours was asked." if best in guests else said

# %% tags=["remove-input"]
ways = "{name} finds one for {share:.0%}, which is {than} than the {best}"
rows = [
    {"name": name, "share": mean[name], "best": best}
    | {"than": "more often" if mean[name] > mean[best] else "no more often"}
    for name in guests
    if name != best
]
visited = figures.each(
    ways, rows, sep="; ", before=" Of the visitors, ", after="."
)
figures.say("{said}{visited}", said=said, visited=visited)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: a smaller picture
# Train a network at half the `input_height`, in a run of its own, and extract
# the features there.
# Which representation minds least, and why?
#
# :::{dropdown} Hint
# Three chapters need the same new folder `results`:
# [Sampling](sampling.ipynb), that of the network, and this one.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run sampling -p results results/small
# herbnb run triplet -p input_height 112 -p results results/small
# herbnb run features -p networks '["triplet"]' -p results results/small
# ```
#
# In the old run they would be refused, because there the other networks look
# at larger squares.
# The colour histogram hardly changes, since shrinking a picture keeps its
# colours.
# The networks lose detail even when they are trained anew: a tooth of a leaf
# is half as large, and the layers that stay as they were know it larger.
# :::
# ::::
#
# ::::{admonition} Exercise 2: a stronger pool
# The feature is the *mean* of a map.
# Replace it by the maximum in the toy example, and say what a sheet would gain
# and lose.
#
# :::{dropdown} Hint
# A tensor has a method `max` as well as a method `mean`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- chapters/features.py
# -toothed.mean(), moved.mean()
# +toothed.max(), moved.max()
# ```
#
# That gives five wherever the leaf lies, so place is forgotten as before.
# One clear tooth now counts as much as a hundred, which suits a small flower
# on a large sheet.
# But a single smudge that resembles a tooth counts as much, too.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Suppose the institution could not be read from some features at all.
# Would that make them better?
#
# :::{dropdown} Hint
# Think of features that are the same for every sheet.
# :::
#
# :::{dropdown} Solution
# Not by itself: a constant tells nothing of institutions either.
# And institutions collect in different places, so a representation that knows
# plants well must know something of institutions, through the flora.
# What one would like is that sheets of *one species* cannot be told apart by
# institution, and that is a harder thing to measure.
# :::
# ::::
#
# ## Next
#
# A nearest neighbour is one sheet.
# Do all sheets of a genus, taken together, lie closer to one another than to
# the sheets of the next?
# That is the question of [Silhouettes](silhouettes.ipynb).
