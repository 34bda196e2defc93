# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Sampling: which sheets teach, and which sheets test
#
# **Of all the sheets in a herbarium, which may a network learn from, and which
# must it never have seen?**
#
# A network that is tested on the sheets it learnt from tells us how well it
# remembers, and nothing else.
# How we hold sheets back decides what question the test asks.
# Another sheet of a species it knows is an easy question.
# A species it has never seen is a harder one, and a sheet from another
# herbarium, on other paper and under another lamp, may be the hardest.
#
# :::{dropdown} In short
# - Of a {term}`species` with very many sheets no more than a set number are
#   kept, so that the common do not drown the rare: [the cap](sampling-cap).
# - Three {term}`held-out sets <held-out set>` ask three questions: other
#   sheets, other species, other institutions: [the draw](sampling-draw).
# - No image is in two {term}`splits <split>`, but taxa are shared on purpose,
#   and the split card says how: [what could fool us](sampling-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: the folder `data`, in the layout of the Half-Earth data or as
# [`herbnb data`](../getting_the_data) makes it.
#
# Writes: `specimens.parquet`, one row an image with its split; `splits.csv`,
# the split card; `skipped.csv`, the images that could not be read.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of a collection
results: str = "results/pocket"  # where artefacts go
max_images: int = 40  # keep at most this many images of a species
train_institution: str = "New York Botanical Garden"  # others are held out
species_sample: float = 0.3  # share of the remaining species to hold out
rand_sample: float = 0.2  # share of the remaining images to hold out
keep_duplicates: bool = False  # of gatherings that teach, in held-out sets
seed: int = 89  # of every draw

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.data import sampling
from herbnb.data.collection import read_collection
from herbnb.data.fetching.manifest import came_whole
from herbnb.data.images.decoding import unreadable
from herbnb.files import located
from herbnb.results import Results

# %% [markdown]
# ## Look at the herbarium first
#
# The metadata of the {term}`Half-Earth data` is one file of five tables:
# images, annotations, categories, institutions and licences.
# The reader joins them on the image's own id and hands back one row an image.
# Nothing is copied or moved: the column `path` says where each image lies.

# %%
here, folder = Results(results), located(data)
found = read_collection(folder)
found[["image_id", "species", "family", "order", "institution"]].head()

# %% [markdown]
# (sampling-sheets)=
# Before any model, look at the plants.
# These twelve sheets are drawn at random, with the seed above.

# %% tags=["hide-input"]
few = found.sample(min(12, len(found)), random_state=seed)
figures.sheet_grid(few, folder)

# %% [markdown]
# *Twelve sheets, as they come.*
#
# A {term}`sheet` is more than a plant.
# Paper, labels, rulers, stamps and straps fill much of the picture, and all of
# them differ between herbaria.
# A network sees every one of them, and nobody has told it which part is the
# plant.
#
# Herbaria are not balanced either.
# Botanists collect what grows by the road, so a few species have many sheets
# and most have few.

# %%
per_species = found["species"].value_counts()
place = np.arange(1, len(per_species) + 1)
ranked = pd.DataFrame({"place": place, "images": per_species.values})

# %% tags=["hide-input"]
figures.counts(ranked.head(400), x="place", y="images")

# %% [markdown]
# *Images of a species, from the most to the least collected.*
#
# The curve falls from the left and runs out in a long tail.
# The higher its left end, the more of its lessons a network without a cap
# would spend on the few plants there.
#
# Institutions are just as uneven, and that is why one of them will do the
# teaching.

# %%
per_institution = found["institution"].value_counts()
figures.table(per_institution.rename("images").reset_index())

# %% [markdown]
# ## The idea, by hand
#
# The cap is one line of pandas.
# Here are seven sheets of two species, and a cap of two.

# %%
toy = pd.DataFrame({"sheet": list("abcdefg"), "species": list("SSSSSDD")})
toy.groupby("species").head(2)

# %% [markdown]
# Species S falls from five sheets to two, and D keeps both of its own.
# But `head` keeps the *first* two, and a file lists its sheets in some order
# that may mean something: by year, perhaps, or by shelf.
# So the rows are shuffled before the cap, by a generator that starts from a
# seed.

# %%
shuffled = toy.iloc[np.random.default_rng(seed).permutation(len(toy))]
shuffled.groupby("species").head(2)

# %% [markdown]
# The same seed always keeps the same sheets, so anyone can make this split
# again.
# In the published scripts the seed governed this first step only, and the
# other two draws differed on every run.
#
# (sampling-draw)=
# ## The draw
#
# The design is that of {cite:t}`walker2022`, in four steps.
#
# 1. Cap: keep at most `max_images` of a species.
# 2. *institutions*: hold out every sheet that is not of `train_institution`.
# 3. *species*: of the species that remain, hold out a share, with all their
#    sheets.
# 4. *random*: of the sheets that remain, hold out a share.
#
# What is left is for training.
# This is all of the code:

# %% tags=["hide-input"]
figures.source(sampling.draw_splits)

# %% [markdown]
# Called on our herbarium, it returns the sampled rows with one more column.

# %%
design = dict(max_images=max_images, train_institution=train_institution)
design |= dict(species_sample=species_sample, rand_sample=rand_sample)
drawn = sampling.draw_splits(found, seed=seed, **design)
drawn["split"].value_counts()

# %% [markdown]
# Some images cannot be used: the file is missing, or empty, or was cut short
# on its way here.
# Each sampled image is decoded once, whole, and those that fail are set aside
# and listed rather than quietly replaced.
# What `herbnb data` has fetched was decoded when it came, so only a file that
# has another length since then is opened here.

# %%
skipped = unreadable(drawn[~came_whole(drawn, folder)], folder)
here.write("skipped", skipped)
readable = sampling.keep_readable(drawn, skipped, folder)

# %% tags=["remove-input"]
figures.say(
    "**{skipped}** of {drawn} sampled images could not be read.",
    skipped=len(skipped),
    drawn=len(drawn),
)

# %% [markdown]
# (sampling-duplicates)=
# ## Pieces of one plant
#
# A collector who finds a fine shrub presses several branches, and sends one to
# each herbarium that sends hers in return.
# Such {term}`duplicates <duplicate>` have one collector, number and date, and
# they are pieces of one plant.
# If one piece teaches and another is asked about, the question is whether a
# plant is recognised, not what it is called.
# So a held-out sheet whose gathering teaches is left out, unless the parameter
# says otherwise.

# %% tags=["hide-input"]
figures.source(sampling.duplicates)

# %% [markdown]
# A blank gathering is nobody's twin.

# %%
twins = sampling.duplicates(readable)
apart = readable if keep_duplicates else readable[~twins]

# %% tags=["remove-input"]
silent = (readable["gathering"] == "").all()
unknown = (
    "The metadata names no gatherings, as that of the Half-Earth data does "
    "not: whatever duplicates there are remain where they are."
)
told = (
    "Of the sheets that are held out, **{twins}** of {held_out} are pieces of "
    "a gathering that teaches; they {fate}."
)
figures.say(
    unknown if silent else told,
    twins=int(twins.sum()),
    held_out=int((readable["split"] != "train").sum()),
    fate="stay" if keep_duplicates else "are left out",
)

# %% [markdown]
# What would they have been worth?
# [Identification](identification.ipynb) says, if they are kept: run this
# chapter with `-p keep_duplicates true`, then the others, in a folder of their
# own.
#
# One rule is left.
# A {term}`genus` with a single training sheet teaches nothing about what its
# sheets share, and a held-out sheet of an unknown genus cannot be named.
# Both are dropped.

# %%
specimens = sampling.keep_shared_genera(apart, len(skipped))
here.write("specimens", specimens).name

# %% [markdown]
# (sampling-cap)=
# ## The funnel
#
# How many images did each step leave?

# %% tags=["hide-input"]
steps = {"in the herbarium": len(found)}
steps |= {f"at most {max_images} a species": len(drawn)}
steps |= {"readable": len(readable)}
steps |= {"without duplicates of what teaches": len(apart)}
steps |= {"of a genus that training knows": len(specimens)}
steps |= specimens["split"].value_counts(sort=False).to_dict()
funnel = pd.Series(steps, name="images").rename_axis("step").reset_index()
figures.funnel(funnel)

# %% [markdown]
# *From all images to the four splits.*
#
# Read it from the top.
# The first bar is the herbarium, the next four are what the cap, the check,
# and the rules on duplicates and on genera left of it.
# The last four bars are the splits, and together they make the bar above them.
# A herbarium with a longer tail loses more to the rule on genera; one with a
# few famous plants loses more to the cap.

# %%
card = sampling.split_card(specimens)
here.write("splits", card)
figures.table(card)

# %% [markdown]
# *The split card.*
#
# The columns that begin with `new` count what training has never shown.
# By design all species of the row *species* are new, and all institutions of
# the row *institutions*.
# In the row *random* a species is new only where the draw took every sheet of
# a rare one.
# The row *institutions* has new species as well, those that the third step
# held out and those that only other herbaria have, so it asks two things at
# once.
#
# (sampling-fool)=
# ## What could fool us
#
# The first danger is a leak: one image in two splits.
# It cannot happen here, because a row has one split, but a promise is better
# checked than made.

# %%
once = specimens["image_id"].is_unique and specimens["path"].is_unique
figures.say(
    "Every image is in one split only: **{answer}**.",
    answer="yes" if once else "no",
)

# %% [markdown]
# The second danger is the order of the file.
# If a draw depended on it, a new download of the same herbarium would give
# another split.
# So draw again from the rows in reverse, and compare.

# %%
again = sampling.draw_splits(found.iloc[::-1], seed=seed, **design)
figures.say(
    "The same split from the reversed table: **{answer}**.",
    answer="yes" if again.equals(drawn) else "no",
)

# %% [markdown]
# The third danger is the one to remember in every later chapter: a test set
# that is easy for a dull reason.
# A genus that one institution holds alone can be named by its paper.
# Here is the share of sheets, in each split, whose genus is found at a single
# institution of the whole sample.

# %%
homes = specimens.groupby("genus")["institution"].nunique()
alone = specimens["genus"].map(homes).eq(1).rename("share with a single home")
figures.table(alone.groupby(specimens["split"]).mean().reset_index())

# %% [markdown]
# Where that share is high, a good score may be a score for reading paper,
# stamps and labels.
# Where it is nought, the age of the paper may still tell a genus, if much of
# it came in one collector's years.
# The colour histogram, one of our three {term}`baselines <baseline>`, is there
# to catch it.
#
# ## The answer

# %% tags=["remove-input"]
train = specimens[specimens["split"] == "train"]
held_out = card[card["split"] != "train"]
figures.say(
    "A network may learn from **{taught}** sheets of {genera} genera. "
    "It must never have seen the other **{others}**: {sets}.",
    taught=len(train),
    genera=train["genus"].nunique(),
    others=len(specimens) - len(train),
    sets=figures.each("{images} in *{split}*", held_out, sep=", "),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: a smaller cap
# Run the chapter with a cap of five images a species, in a folder of its own.
# Which bars of the funnel shrink, and which hardly move?
#
# :::{dropdown} Hint
# The cap is the parameter `max_images`, and the folder is `results`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run sampling -p max_images 5 -p results results/capped
# ```
#
# In a notebook you may change the lines in the parameters cell instead.
# Only the first bar stays: that of the cap shrinks, and every bar below it
# shrinks with it, for the cap bites where there is much.
# In the tail it takes little or nothing, so hardly a species is lost.
# :::
# ::::
#
# ::::{admonition} Exercise 2: hold out genera
# The design holds out species, never genera.
# Change the lines in `draw_splits` that draw `species` so that they draw
# genera instead.
# What happens to the held-out set?
#
# :::{dropdown} Hint
# `draw_splits` is in `herbnb/data/sampling.py`.
# One line lists the names, another looks up the rows of those drawn.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/data/sampling.py
# -    species = np.sort(sample.loc[~elsewhere, "species"].unique())
# +    species = np.sort(sample.loc[~elsewhere, "genus"].unique())
# -    withheld = ~elsewhere & sample["species"].isin(held_out)
# +    withheld = ~elsewhere & sample["genus"].isin(held_out)
# ```
#
# The set comes out empty, so that
#
# ```sh
# herbnb run sampling
# ```
#
# stops:
#
# ```text
# The split 'species' comes out empty: raise species_sample.
# ```
#
# That is because `keep_shared_genera` drops sheets of genera that training
# does not know.
# A network can be asked to tell unknown genera apart, but not to name them:
# that is the question of [Discrimination](discrimination.ipynb).
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Two sheets of one gathering (one collector, one plant, one day) may lie in
# two herbaria.
# One of them teaches, the other tests.
# Is that a leak?
#
# :::{dropdown} Hint
# Ask what the two sheets share that other sheets of their genus do not.
# :::
#
# :::{dropdown} Solution
# Yes, a quiet one: the two are pieces of one plant, pressed together.
# A network that recognises the twig has not learnt the genus.
# The drawn herbarium says which sheets are duplicates, and
# [above](sampling-duplicates) those whose gathering teaches were left out.
# The published Half-Earth metadata does not say it, so its splits cannot avoid
# the leak.
# The Kew records do, and [the Kew chapter](kew.ipynb) keeps the pieces
# together.
# :::
# ::::
#
# ## Next
#
# The sheets are chosen, but nothing has been learnt from them.
# Can a network learn what a sheet looks like when nobody tells it a single
# name?
# That is [the autoencoder](autoencoder.ipynb).
