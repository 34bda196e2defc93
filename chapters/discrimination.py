# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Discrimination: this genus or that one?
#
# **Can two genera that botanists themselves confuse be told apart on sheets of
# a herbarium that no network was taught?**
#
# *Syzygium* and *Eugenia* have given botanists trouble for two centuries:
# hundreds of species have been moved from one to the other and back.
# Both are trees of the myrtle {term}`family`, with simple, leathery leaves in
# pairs.
# *Dendrobium* is an orchid, and a child can tell it from either.
# So there is a hard question and an easy one, and the easy one is there to
# keep the hard one honest.
#
# :::{dropdown} In short
# - Two regressions ask about two pairs of genera, one similar and one
#   distinct, on a {term}`collection` that is new to every {term}`network`:
#   [the pairs](discrimination-pairs).
# - A single number for a pair hides which of the two genera is mistaken for
#   the other, so precision and recall stand beside it: [the
#   scores](discrimination-scores).
# - Pieces of one plant in both the lesson and the exam flatter every score:
#   [what could fool us](discrimination-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `<collection>/specimens.parquet` and
# `features/<encoder>/<collection>.json`, from [Kew](kew.ipynb), or from
# [Your herbarium](your_herbarium.ipynb) for a collection of yours.
#
# Writes: `discrimination.csv`, the scores of each fold;
# `discrimination_scores.csv`, those of each pair with intervals;
# `discrimination.parquet`, every prediction; and in `scores/discrimination/` a
# part for each network and pair.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
collection: str = "kew"  # whose sheets: Kew's, or what the run calls your own
genus1: str = "Syzygium"  # the genus that precision and recall are about
genus2: list = ["Eugenia", "Dendrobium"]  # a similar and a distinct genus
networks: list = []  # whose features are asked: by default, every network's
seed: int = 89  # of the folds and of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import discrimination
from herbnb.applications.scores import (
    BALANCED,
    fold_scores,
    interval_scores,
    score,
)
from herbnb.representations import BESIDE, ORACLE, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results, images_of
from herbnb.specimens import gatherings

# %% [markdown]
# ## Look at the sheets first
#
# How many sheets, and how many plants, are there of each genus?
# Duplicates of one {term}`gathering` stay in one fold together, so a genus
# needs a gathering for each of the five folds.

# %%
here, names = Results(results), with_baselines(networks)
specimens, features = read_all_features(here, names, collection)
counted = discrimination.count_gatherings(specimens, [genus1, *genus2])
figures.table(counted)

# %% [markdown]
# *Sheets and gatherings of the genera, and whether there are enough.*
#
# Before a machine is asked, one should try oneself.
# Here are three sheets of each genus; cover the names and guess.

# %% tags=["hide-input"]
folder = images_of(here, collection)
asked = discrimination.pairs_in(specimens, genus1, genus2)
pairs = specimens[specimens["genus"].isin({g for pair in asked for g in pair})]
few = pairs.sort_values("genus", kind="stable").groupby("genus").head(3)
empty = "No two of these genera are here to be told apart."
figures.sheet_grid(few, folder, columns=3, empty=empty)

# %% [markdown]
# *Three sheets of each genus.*
#
# ## The idea, by hand
#
# With two names, the four scores can be counted on one's fingers.
# Take ten sheets, of which six are of the first genus, and a botanist who is a
# little too fond of it.

# %%
given = np.array(["S"] * 6 + ["E"] * 4)
fond = np.array(["S"] * 8 + ["E"] * 2)

# %% [markdown]
# The scores of the first genus:

# %%
scores = score(given, fond, taxon="S")
{name: round(float(value[0]), 2) for name, value in scores.items()}

# %% [markdown]
# She misses none of the first genus, so her recall of it is perfect.
# But two of the eight sheets that she calls so are of the other, so her
# precision is not.
# Who fetches sheets of a genus for a revision wants recall, for a missing
# sheet is never found again; who ships a loan wants precision.
# In the published work all scores are about the first genus
# {cite:p}`walker2022`, and so they are here, but for one.
# Whoever called all ten sheets *S* would have a recall of one and a precision
# of six tenths, and so an F1 of three quarters, and would know nothing.
# {term}`Balanced accuracy <balanced accuracy>` is the mean of the recalls of
# both: she would get a half, as everybody does who answers without looking.
#
# (discrimination-pairs)=
# ## The pairs
#
# The question is put by the regression of
# [Identification](identification.ipynb), to two genera at a time.

# %% tags=["hide-input"]
figures.source(discrimination.discriminate)

# %% [markdown]
# Two things are new.
# The folds are dealt by gathering, not by sheet.
# And $C$, which the published scripts set to 1, is chosen for each pair and
# representation: by the sheets of the pair, one number for all of them.
# Again the networks and the three {term}`baselines <baseline>` answer the same
# questions, and a {term}`scorebook` keeps what they have answered.

# %%
keep = features.scorebook("discrimination")
question = dict(genus1=genus1, genus2=genus2, seed=seed, keep=keep)
told = discrimination.discriminate_all(specimens, features, **question)

# %% [markdown]
# The scores are those of the first genus, fold by fold and for each pair as a
# whole.
# Whoever looks at no sheet and calls all of them by the first genus has
# scores, too, and with two names they are high; so she takes part.

# %%
blind = told.drop_duplicates(["genus1", "genus2", "image_id"])
blind = blind.assign(network="always the first", predicted=blind["genus1"])
everyone = pd.concat([told, blind], ignore_index=True)
scored = dict(by=discrimination.TASK, taxon="genus1")
folds = fold_scores(told, **scored)
scores = interval_scores(everyone, **scored, seed=seed)

# %% [markdown]
# Predictions, fold scores and intervals are written for the
# [verdict](verdict.ipynb).
# The intervals come from resampling species.
# The question is about two genera, and we have seen some of their species
# only; sheets of one species succeed and fail together.

# %%
here.write("discrimination", told)
here.write("discrimination_folds", folds)
here.write("discrimination_scores", scores).name

# %% [markdown]
# (discrimination-scores)=
# ## The scores

# %% tags=["hide-input"]
nothing = "Nothing to score: no pair has five gatherings of each genus."
figures.interval_dots(
    scores, x="value", y="genus2", colour="network", facet="score",
    empty=nothing,
)

# %% [markdown]
# *Scores of the first genus against each of the others.*
#
# Look at *always the first* before anything else: in each panel her mark is
# where knowledge begins, and only in *balanced_accuracy* is it a half whatever
# the sizes of the two.
# Then compare the two rows of a panel: the similar genus and the distinct one.
# If a network tells the orchid from the myrtle no better than it tells two
# myrtles apart, it has not seen the plants at all.
# If even the colour histogram does well in the easy row, the ease is in the
# paper or the age of the sheets, and that row proves nothing about botany.
# And if *imagenet* does as well as a network that began from it, the ease is
# in what photographs teach, and our sheets have added nothing here.
#
# Then compare the panels.
# A mark that lies high in *recall* and low in *precision* belongs to a network
# whose regression favours the first genus.
#
# What this figure does not mean: that the genera have been *identified*.
# The regression knew that a sheet was one of two.
# Given a third genus, it would call it one of the two all the same, and with
# the same confidence.

# %% tags=["remove-input"]
of_pair = {name: part for name, part in scores.groupby("score")}
found = of_pair.get(BALANCED, scores).reset_index(drop=True)
found["f1"] = [*of_pair.get("f1", scores)["value"]]
blind = found[found["network"] == "always the first"]
always = found["genus2"].map(blind.set_index("genus2")["f1"])
looked = found["network"].isin(told["network"]) & (found["network"] != ORACLE)
found = found.assign(always=always)[looked]
best = found.groupby("genus2", sort=False)["value"].idxmax()
line = (
    "- against *{genus2}*: the **{network}** does best, with a balanced "
    "accuracy of **{value:.2f}**, and an F1 of {f1:.2f} where always saying "
    "*{genus1}* has {always:.2f};"
)
heading = "Of networks and baselines together:\n\n"
figures.say(figures.each(line, found.loc[best], before=heading) or nothing)

# %% [markdown]
# (discrimination-fool)=
# ## What could fool us
#
# Two sheets of one gathering are pieces of one plant, pressed on one day.
# If one of them is in a teaching fold and the other is to be named, the
# regression need not know the genus.
# It only has to recognise the plant.
# In the published scripts sheets were dealt one by one, so let us do the same
# and see what it is worth.

# %%
loose = discrimination.discriminate_all(
    specimens, features, **question, grouped=False
)
by_sheet = interval_scores(loose, **scored, seed=seed)

# %% [markdown]
# Lay the two deals side by side.

# %%
by_gathering = scores[scores["network"].isin(told["network"])]
dealt = {"by sheet": by_sheet, "by gathering": by_gathering}
both = pd.concat([table.assign(dealt=how) for how, table in dealt.items()])
flattery = both[both["score"] == BALANCED]

# %% tags=["hide-input"]
figures.interval_dots(
    flattery, x="value", y="network", colour="dealt", facet="genus2",
    empty=nothing,
)

# %% [markdown]
# *Balanced accuracy with sheets dealt one by one, and by gathering.*
#
# Where the mark for *by sheet* lies to the right, that much of its score was
# recognition of a plant already seen.

# %% tags=["remove-input"]
sizes = pd.Series(gatherings(pairs)).value_counts()
tasks = flattery.set_index(["dealt", "genus2", "network"])["value"]
gain = tasks.unstack("dealt").reindex(columns=[*dealt]).diff(axis=1)
gain = -gain["by gathering"]
answer = (
    "In this run **{duplicated}** of {gatherings} gatherings have duplicates. "
    "Dealing by sheet changes the balanced accuracy by **{mean:+.3f}** on "
    "average, and by {least:+.3f} to {most:+.3f}."
)

# %% tags=["remove-input"]
figures.say(
    nothing if gain.empty else answer,
    duplicated=(sizes > 1).sum(),
    gatherings=len(sizes),
    mean=gain.mean(),
    least=gain.min(),
    most=gain.max(),
)

# %% [markdown]
# With few duplicates the flattery is small and may even have the other sign,
# because another deal of folds has a luck of its own.
# It grows with the share of duplicates, and in a herbarium that kept them it
# can make a worthless feature look like a specialist.
# A further trap has no such simple remedy: if one collector brought all the
# *Eugenia*, from one country and on one kind of paper, then even whole
# gatherings give the genus away.
#
# ## The answer

# %% tags=["remove-input"]
own = [name for name in features if name not in BESIDE] or [*features]
among = found[found["network"].isin(own)].reset_index(drop=True)
best = among.groupby("genus2", sort=False)["value"].idxmax()
line = (
    "*{genus1}* is told from *{genus2}* best by the **{network}**, with a "
    "balanced accuracy of **{value:.2f}** ({low:.2f} to {high:.2f})."
)
figures.say(figures.each(line, found.loc[best], sep=" ") or nothing)

# %% [markdown]
# Where the similar pair scores well below the distinct pair, the features
# reflect what botanists have said for two centuries.
# Where it does not, look for a reason that has nothing to do with plants
# before you write the paper.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: the other way round
# Run the chapter with *Eugenia* as the first genus and *Syzygium* in its
# place.
# Which scores stay, and which change?
#
# :::{dropdown} Hint
# `genus1` is one name; `genus2` is a list, in quotes.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run discrimination -p genus1 Eugenia \
#     -p genus2 '["Syzygium", "Dendrobium"]'
# ```
#
# For the pair of the two, accuracy stays nearly the same, since a right name
# is right from either side, and only the deal of the folds may differ.
# Precision and recall are about the other genus now, and so is F1.
# Balanced accuracy is about both, and stays as well.
# :::
# ::::
#
# ::::{admonition} Exercise 2: the two myrtles together
# Change the line that makes the `question` so that it compares *Dendrobium*
# with both of the others.
# Is the orchid equally far from each?
#
# :::{dropdown} Hint
# The `question` takes one name for `genus1`, and a list for `genus2`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- chapters/discrimination.py
# -question = dict(genus1=genus1, genus2=genus2, seed=seed, keep=keep)
# +genera = dict(genus1="Dendrobium", genus2=["Syzygium", "Eugenia"])
# +question = dict(**genera, seed=seed, keep=keep)
# ```
#
# A tree of kinship would have it equally far from both, since the myrtles
# parted from the orchids long before they parted from each other.
# Features owe nothing to kinship, though: they only know what things look
# like.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# All sheets here come from one herbarium.
# A colleague wants to try the same with sheets of *Syzygium* from Kew and of
# *Eugenia* from Leiden, because that is what he has.
# What will he find?
#
# :::{dropdown} Hint
# In what do the two heaps of sheets differ, plants aside?
# :::
#
# :::{dropdown} Solution
# A splendid score, and nothing about plants.
# Paper, labels, rulers and cameras differ between the two, so the regression
# tells Kew from Leiden.
# The colour histogram would do it too, and that is how he could notice.
# :::
# ::::
#
# ## Next
#
# The regression is sometimes wrong about a sheet.
# But now and then it is the *label* that is wrong, and the sheet was right all
# along.
# Which of the two is it, and can a curator be told where to look?
# That is [Mislabels](mislabels.ipynb).
