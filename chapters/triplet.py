# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The triplet network: which two of three sheets belong together
#
# **Given a sheet, a second of its genus and a third of another, can a network
# tell which of the two is its relative?**
#
# A botanist who cannot yet name a plant can often say which of two others it
# resembles.
# That is a smaller demand than a name, and perhaps a better lesson: it speaks
# only of near and far.
# The paper behind this book found that it gave the features that transferred
# best {cite:p}`walker2022`; [the verdict](verdict.ipynb) asks whether that
# holds here.
#
# :::{dropdown} In short
# - A {term}`triplet` is an {term}`anchor`, a {term}`positive` of its genus and
#   a {term}`negative` of another; the negative should lie farther, by a
#   {term}`margin`: [the idea](triplet-idea).
# - Which negatives one shows matters: most are too easy to teach anything, so
#   triplets are made inside a {term}`batch`, where hundreds cost no more than
#   one: [the network](triplet-network).
# - Half of all triplets are in order by luck, and more by what photographs
#   teach, so the network's own beginning stands beside it: [what could fool
#   us](triplet-fool).
# :::
#
# Reading time: 15 minutes; training on the pocket herbarium adds a few more.
#
# Reads: `specimens.parquet`, from [Sampling](sampling.ipynb), and the images.
#
# Writes: `networks/triplet/`: `checkpoint.ckpt`, `last.ckpt`, `metrics.csv`,
# `test.csv` and `card.json`.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts go
seed: int = 89  # of the weights, the batches and the validation sheets
max_epochs: int = 8  # passes over the training sheets
batch_size: int = 64  # sheets in a batch, four of a genus
learning_rate: float = 0.001  # how far a step goes
schedule: str = "one_cycle"  # the rate rises and falls once, or "constant"
margin: float = 1.0  # how much farther the negative must lie
negatives: str = "all"  # which of them teach: all, semihard, random or drawn
encoder: str = "tf_efficientnet_lite0"  # a backbone of timm
weights: str = "imagenet"  # it starts from: none, imagenet, or a path
trainable: str = "blocks.6"  # what of it learns: all, head, or from a stage on
input_height: int = 224  # side of the square images, in pixels
fit: str = "letterbox"  # the whole sheet, or "crop": the published square
augment: bool = False  # vary each training sheet a little, as published
precision: str = "auto"  # bfloat16 where that is faster, or 32-true
num_workers: int = 0  # processes that read images
cache: bool = True  # keep what is made of sheets, so that it is made once

# %%
import numpy as np
import pandas as pd
import torch

from herbnb import figures
from herbnb.files import located
from herbnb.networks import training, triplet
from herbnb.representations import extraction
from herbnb.results import Results

# %% [markdown]
# ## Look at a triplet
#
# Draw one: a sheet, another sheet of its genus, and a sheet of some other
# genus.

# %%
here, folder = Results(results), located(data)
specimens = here.read("specimens")
taught = specimens[specimens["split"] == "train"]
genus = taught["genus"].value_counts().index[0]
relatives = taught[taught["genus"] == genus].sample(2, random_state=seed)
stranger = taught[taught["genus"] != genus].sample(1, random_state=seed)

# %% tags=["hide-input"]
three = pd.concat([relatives, stranger])
three["role"] = ["anchor", "positive", "negative"]
captions = [*(three["role"] + ": " + three["species"])]
figures.sheet_grid(three, folder, captions, columns=3, height=260)

# %% [markdown]
# *Anchor, positive and negative.*
#
# Which of the two on the right would you put beside the anchor, and what made
# you think so?
# Perhaps the leaves.
# Perhaps only the tint of the paper, which says nothing of plants: a network
# will use that as well, if it works.
#
# In the published scripts the positive was any image of the genus, and now and
# then it was the anchor itself.
# Such a triplet is solved before it is looked at.
# Here a positive is always another sheet.
#
# (triplet-idea)=
# ## The idea, by hand
#
# Let features be two numbers instead of hundreds, so that sheets are points on
# a map.

# %%
anchor, positive = torch.tensor([0.0, 0.0]), torch.tensor([3.0, 4.0])
negative = torch.tensor([4.5, 2.0])
near, far = (anchor - positive).norm(), (anchor - negative).norm()
near, far

# %% [markdown]
# The negative lies nearer than the positive: this triplet is out of order.
# The lesson asks for more than order, namely that the negative be farther by a
# {term}`margin` of, say, 1.
# What is missing is the {term}`loss`.

# %%
torch.relu(near - far + 1.0)

# %% [markdown]
# Move the negative far away and the loss is zero, however much farther we go:
# a triplet that is settled teaches nothing more.

# %%
torch.relu(near - (anchor - 3 * negative).norm() + 1.0)

# %% [markdown]
# That one line is the triplet margin loss {cite:p}`balntas2016triplet`, and
# PyTorch has it as well.

# %%
torch.nn.TripletMarginLoss(margin=1.0)(anchor, positive, negative)

# %% [markdown]
# Now suppose there are five negatives at these distances from the anchor, and
# the positive lies at 5.
# How much would each of them teach?

# %%
others = torch.tensor([1.0, 4.9, 5.2, 7.0, 30.0])
torch.relu(near - others + 1.0)

# %% [markdown]
# The last two teach nothing, and if negatives are drawn at random, most are
# like them.
# The first teaches most but is a troublemaker: early on, such a negative is
# often an odd sheet, and pulling at it can draw all features into one point.
# The middle one is what {cite:t}`schroff2015facenet` call *semi-hard*: just
# beyond the positive, but within the margin.
#
# The parameter `negatives` says which of them teach.
# With `random` it is one of the five.
# With `semihard` it is the nearest beyond the positive, or the farthest when
# none is beyond it.
# With `all` it is every one of them: the settled ones count as zero, and no
# single troublemaker has much weight.
# And with `drawn` there is only one, as published: each sheet in turn is an
# anchor, with any other sheet of its genus, and with any sheet of any other
# genus, the genera all as likely.
# A batch of 96 sheets then holds the published 32 triplets.
#
# (triplet-network)=
# ## The network
#
# The {term}`encoder` is the one that [the autoencoder](autoencoder.ipynb) has,
# unless either was told otherwise, and nothing is added to it: its features
# are what the distances are taken between.
# It begins from the photographs of {term}`ImageNet`
# {cite:p}`deng2009imagenet`, as the published one did.

# %% tags=["hide-input"]
figures.source(triplet.Triplet)

# %% [markdown]
# Look at `training_step`: what comes in are the maps of the {term}`trunk`.
# Each sheet of the batch is encoded once, all distances are taken at once, and
# triplets are then only a matter of choosing pairs of distances.
# The two lines about `shares` are for several processes, of which a chapter
# has one.
# The published scripts encoded three images for each triplet, so the same work
# there gave a third of the anchors and far fewer triplets.
#
# This is how all triplets of a batch are found, with no loop.

# %% tags=["hide-input"]
figures.source(triplet.every_triplet)

# %% [markdown]
# And this is the choice of semi-hard negatives, the rule from above for a
# whole batch.

# %% tags=["hide-input"]
figures.source(triplet.semihard_negatives)

# %% [markdown]
# A batch of sheets drawn blindly would have few positives, so batches are
# dealt: several genera, four sheets or more of each that has as many.
# In an epoch every sheet comes up once, unless it is the only one of its
# genus: then it has no positive, and does not come up at all.
# With `drawn` it is the anchors that come up once.
# For validation and testing the deal is fixed by the seed and *every* triplet
# in a batch counts, so that the score of one epoch can be compared with that
# of the next.
#
# ## Training
#
# The rest is as before: a fifth of the training sheets validates, Adam takes
# the steps, and a training that has been done is not done again.
# As before, too, only the stages from `trainable` on learn, and the sheets are
# not varied, so that the trunk looks at each of them once.
# The published network learnt from end to end and from varied sheets;
# `-p trainable all -p augment true` does so, and so does the profile `paper`.

# %%
settings = dict(seed=seed, max_epochs=max_epochs, batch_size=batch_size)
settings |= dict(learning_rate=learning_rate, schedule=schedule)
settings |= dict(input_height=input_height, fit=fit)
settings |= dict(encoder=encoder, weights=weights, trainable=trainable)
settings |= dict(augment=augment, precision=precision)
settings |= dict(margin=margin, negatives=negatives)

# %% [markdown]
# The run has a folder for what is kept; then the training begins.

# %%
reading = dict(num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection="half_earth")
card = training.train("triplet", folder, here, **reading, **settings)

# %% tags=["hide-input"]
figures.learning_curves(here.read("metrics", network="triplet"))

# %% [markdown]
# *Triplets in order, and the loss, after each epoch.*
#
# Read the panel of triplets in order first: it is the share in which the
# positive lies nearer than the negative, and half of them would be by luck.
# The panel of the loss needs more care.
# A loss as large as the margin is what a network gets that puts all sheets on
# one point, since every distance is then the same; below the margin it is
# telling them apart.
# Distances have no unit, so a network that spreads its features out makes its
# mistakes larger too, and the loss may rise while the order improves.
# Unless `negatives` is `all`, the two lines of a panel are not even of one
# kind, because training counts the triplets that teach, and validation always
# all of them.
#
# As before, the weights after the last epoch are kept.

# %% tags=["remove-input"]
figures.say(
    "After {epochs} epochs, {seconds:.0f} seconds of training in {precision} "
    "on {sheets[train]} sheets, **{validation[in_order]:.1%}** of the "
    "validation triplets are in order.",
    **card,
)

# %% [markdown]
# ## The test
#
# The three {term}`held-out sets <held-out set>` are dealt into batches in the
# same way.

# %%
tested = training.test("triplet", folder, here, **reading)
scores = tested.pivot(index="split", columns="metric", values="value")
figures.table(scores.reset_index())

# %% [markdown]
# *Triplets in order, and the loss, on the held-out sets.*
#
# One would expect *random* to be the easiest question and *institutions* the
# hardest, since there two sheets of one genus may lie on very different paper.
# Compare the share in order between rows rather than the loss: a few triplets
# that are badly wrong can raise a mean loss by themselves.
#
# ## Near and far
#
# Did sheets of one genus move together?
# Three encoders shall say: one of the same design with random weights, called
# *untrained*; one that knows photographs and none of our sheets, called
# *imagenet*; and our network.
# If `weights` is `imagenet`, the second of them is where ours began.

# %%
wanted = ["untrained", "imagenet", "triplet"]
encoders = extraction.load_encoders(wanted, here, seed)

# %% [markdown]
# All three look at the same held-out sheets, at most 75 of a set.

# %%
drawn = specimens.sample(frac=1, random_state=seed).groupby("split").head(75)
parts = {split: drawn[drawn["split"] == split] for split in scores.index}

# %% [markdown]
# Here are the distances in each set, for all three; `genera` holds the genera
# as numbers.

# %%
genera, apart = {}, {}
for split, part in parts.items():
    genera[split] = torch.tensor(part["genus"].factorize()[0])
    vectors = extraction.extract(encoders, part, folder, **reading)
    for name, of_sheets in vectors.items():
        apart[name, split] = triplet.between(torch.from_numpy(of_sheets))

# %% [markdown]
# Of all three sets, look at the species that training never saw.

# %% tags=["hide-input"]
shown = "species" if "species" in parts else next(iter(parts))
first, second = torch.triu_indices(*apart["triplet", shown].shape, offset=1)
same = (genera[shown][first] == genera[shown][second]).numpy()
pairs = []
for name in encoders:
    distance = apart[name, shown][first, second].numpy()
    rows = {"network": name, "distance": distance / distance.mean()}
    pairs.append(pd.DataFrame(rows))
    pairs[-1]["pair"] = np.where(same, "same genus", "different genera")
of_kind = pd.concat(pairs).groupby(["network", "pair"])
even = of_kind.sample(1000, random_state=seed, replace=True)
figures.distributions(even, x="distance", colour="pair", facet="network")

# %% [markdown]
# *Distances between held-out sheets, as a multiple of the mean distance; a
# thousand draws from the pairs of each kind.*
#
# Random filters know nothing of genera, so in the panel of the untrained
# encoder the two shapes should lie almost on each other.
# In the panel *imagenet*, the shape of pairs of one genus may have moved to
# the left already: photographs teach what leaves look like, though not their
# names.
# In ours, look at whether it has moved farther, and how much the two still
# overlap.
# Where they overlap, some stranger lies nearer than some relative.
# A long right tail of pairs of one genus would be sheets that have nothing in
# common to the eye but the name.
#
# (triplet-fool)=
# ## What could fool us
#
# A share of triplets in order has three rivals.
# One is luck, which a shuffle of the names shows.
# The second is an encoder that never learnt: random filters already respond to
# the tint of the paper and the darkness of the plant.
# The third is the hardest, the network's own beginning.
# A network that does not beat it has learnt nothing from our sheets, however
# well it does; one that falls behind it has *unlearnt* something.

# %%
torch.manual_seed(seed)
rows = []
for split, codes in genera.items():
    mixed = codes[torch.randperm(len(codes))]
    for name in encoders:
        share = triplet.in_order(apart[name, split], codes).item()
        rows.append({"split": split, "encoder": name, "share": share})
    share = triplet.in_order(apart["triplet", split], mixed).item()
    rows.append({"split": split, "encoder": "shuffled", "share": share})

# %% tags=["hide-input"]
shares = pd.DataFrame(rows)
compared = shares.pivot(index="split", columns="encoder", values="share")
figures.table(compared.reset_index())

# %% [markdown]
# *Share of triplets in order: after photographs alone, with shuffled names,
# with our network, and with an encoder that never learnt.*
#
# The shuffled column should lie close to one half, give or take what a single
# shuffle of so few sheets does; if it lies far off, the measure itself is
# broken.
# What our sheets have taught is the step from the column *imagenet* to
# *triplet*, and not the step from *untrained*, let alone from one half.
# Look at the step in each row: a lesson can help with species it has not seen
# and hurt in another institution.
# Here all triplets among these few sheets of a set count, and above those
# within batches of the whole set, so the numbers differ a little from those of
# the test.
#
# ## The answer
#
# Can a network tell which of two sheets is the relative?

# %% tags=["remove-input"]
said = (
    "in *{split}* **{triplet:.0%}** (after photographs alone {imagenet:.0%}, "
    "untrained {untrained:.0%})"
)
gain = (compared["triplet"] - compared["imagenet"]).mean()

# %% tags=["remove-input"]
learnt = (
    "So our sheets taught something that photographs had not, by this "
    "measure: on average **{points:.1f}** percentage points more triplets are "
    "in order."
)
unlearnt = (
    "So our sheets taught nothing that photographs had not, by this measure: "
    "on average **{points:.1f}** percentage points were lost."
)

# %% tags=["remove-input"]
figures.say(
    "Among the sheets looked at, it picks the relative this often: {shares}. "
    "{taught}",
    shares=figures.each(said, compared.reset_index(), sep="; "),
    taught=figures.words(
        learnt if gain > 0 else unlearnt, points=abs(gain) * 100
    ),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: other negatives
# Run the chapter with triplets that are drawn, as published, and with
# semi-hard negatives.
# Compare the share in order on the validation sheets.
#
# :::{dropdown} Hint
# The parameter is `negatives`.
# In a drawn batch three sheets make a triplet, and the published batches had
# thirty-two of them.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run triplet -p negatives drawn -p batch_size 96
# herbnb run triplet -p negatives semihard
# ```
#
# The three training losses cannot be compared, for each counts other triplets.
# The share in order on the validation sheets is the same question for all of
# them.
# A single random negative is a noisy sample of what `all` counts in full, and
# semi-hard negatives never show the network its worst mistakes.
# :::
# ::::
#
# ::::{admonition} Exercise 2: the margin
# Change `margin` to a fifth of its value and to five times as much.
# What changes in the shapes under *Near and far*?
#
# :::{dropdown} Hint
# Before you run it, say what unit a distance has.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run triplet -p margin 0.2
# herbnb run triplet -p margin 5
# ```
#
# Distances have no unit of their own, so the network can stretch all of them
# to satisfy a larger margin, and the shapes, which are shown relative to the
# mean distance, change less than one expects.
# A very small margin lets the network stop early, as soon as triplets are
# barely in order.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# All training sheets come from one institution.
# Suppose instead that each genus were held by an institution of its own.
# What would the network learn, and which of the three sets would show it?
#
# :::{dropdown} Hint
# What is the quickest way to tell two such genera apart?
# :::
#
# :::{dropdown} Solution
# Paper, rulers and stamps would tell relatives from strangers without a look
# at the plant, and training would be quick and happy.
# *Random* and *species* would look splendid.
# Only *institutions* could show the fraud, and only for genera that some other
# institution holds as well.
# :::
# ::::
#
# ## Next
#
# Near and far is a modest lesson.
# What if we simply demanded the name?
# That is [the classifier](classifier.ipynb).
