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
# **Can two genera that botanists themselves confuse be told apart on sheets of a herbarium that no network was taught?**
#
# *Syzygium* and *Eugenia* have given botanists trouble for two centuries: hundreds of species have been moved from one to the other and back.
# Both are trees of the myrtle {term}`family`, with simple, leathery leaves in pairs.
# *Dendrobium* is an orchid, and a child can tell it from either.
# So there is a hard question and an easy one, and the easy one is there to keep the hard one honest.
#
# :::{dropdown} In short
# - Two regressions ask about two pairs of genera, one similar and one distinct, on a {term}`collection` that is new to every {term}`network`: [the pairs](discrimination-pairs).
# - A single number for a pair hides which of the two genera is mistaken for the other, so precision and recall stand beside it: [the scores](discrimination-scores).
# - Pieces of one plant in both the lesson and the exam flatter every score: [what could fool us](discrimination-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `kew/specimens.parquet` and `features/<network>/kew.parquet`, from [Kew](kew).
#
# Writes: `discrimination.csv`, the scores of each fold; `discrimination_scores.csv`, those of each pair with intervals; `discrimination.parquet`, every prediction.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
genus1: str = "Syzygium"  # the genus that precision and recall are about
genus2: list = ["Eugenia", "Dendrobium"]  # the genera to tell it from: a similar and a distinct one
networks: list = ["autoencoder", "triplet", "classifier"]  # whose features are asked
seed: int = 89  # of the folds and of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import discrimination
from herbnb.applications.scores import score, whole_set
from herbnb.files import located, write_table
from herbnb.representations.features import BASELINES
from herbnb.specimens import read_specimens

# %% [markdown]
# ## Look at the sheets first
#
# How many sheets, and how many plants, are there of each genus?
# Duplicates of one {term}`gathering` stay in one fold together, so a genus needs a gathering for each of the five folds.

# %%
here = located(results)
specimens = read_specimens(here / "kew" / "specimens.parquet", "kew")
counted = discrimination.census(specimens, [genus1, *genus2])
figures.table(counted)

# %% [markdown]
# *Sheets and gatherings of the genera, and whether there are enough.*
#
# Before a machine is asked, one should try oneself.
# Here are three sheets of each genus; cover the names and guess.

# %% tags=["hide-input"]
names = [discrimination.genus_in(specimens, genus) for genus in [genus1, *genus2]]
few = specimens[specimens["genus"].isin(names)].groupby("genus").head(3)
figures.sheet_grid(few, here / "kew", columns=3) if len(few) else figures.say("No sheet bears one of these names.")

# %% [markdown]
# *Three sheets of each genus.*
#
# ## The idea, by hand
#
# With two names, the four scores can be counted on one's fingers.
# Take ten sheets, of which six are of the first genus, and a botanist who is a little too fond of it.

# %%
given = np.array(["S", "S", "S", "S", "S", "S", "E", "E", "E", "E"])
fond = np.array(["S", "S", "S", "S", "S", "S", "S", "S", "E", "E"])
{name: round(float(value[0]), 2) for name, value in score(given, fond, whole_set(10), "S").items()}

# %% [markdown]
# She misses none of the first genus, so her recall of it is perfect.
# But two of the eight sheets that she calls so are of the other, so her precision is not.
# Who fetches sheets of a genus for a revision wants recall, for a missing sheet is never found again; who ships a loan wants precision.
# In the published work all scores are about the first genus, and so they are here {cite:p}`walker2022`.
#
# (discrimination-pairs)=
# ## The pairs
#
# The question is put by the regression of [Identification](identification), to two genera at a time.

# %% tags=["hide-input"]
figures.source(discrimination.discriminate)

# %% [markdown]
# All that is new is `groups`: the folds are dealt by gathering, not by sheet.
# Again the networks and the two {term}`baselines <baseline>` answer the same questions.

# %%
representations = [*networks, *BASELINES]
told = discrimination.discriminate_all(here, representations, genus1, genus2, seed=seed)
folds, scores = discrimination.fold_scores(told), discrimination.pair_scores(told, seed)

# %% [markdown]
# Predictions, fold scores and intervals are written for the [verdict](verdict).
# The intervals come from resampling gatherings, since it is plants and not sheets that are drawn from the field.

# %%
write_table(told, here / "discrimination.parquet")
write_table(folds, here / "discrimination.csv")
write_table(scores, here / "discrimination_scores.csv").name

# %% [markdown]
# (discrimination-scores)=
# ## The scores

# %% tags=["hide-input"]
nothing = "Nothing to score: no pair has five gatherings of each genus."
figures.interval_dots(scores, x="value", y="genus2", colour="network", facet="score") if len(scores) else figures.say(nothing)

# %% [markdown]
# *Scores of the first genus against each of the others.*
#
# Compare the two rows of a panel: the similar genus and the distinct one.
# If a network tells the orchid from the myrtle no better than it tells two myrtles apart, it has not seen the plants at all.
# If even the colour histogram does well in the easy row, the ease is in the paper or the age of the sheets, and that row proves nothing about botany.
#
# Then compare the panels.
# A mark that lies high in *recall* and low in *precision* belongs to a network whose regression favours the first genus.
#
# What this figure does not mean: that the genera have been *identified*.
# The regression knew that a sheet was one of two.
# Given a third genus, it would call it one of the two all the same, and with the same confidence.

# %% tags=["remove-input"]
f1 = scores[scores["score"] == "f1"]
wide = f1.pivot(index="network", columns="genus2", values="value").reindex(representations)
lines = [
    f"- against *{figures.safe(other)}*: the **{wide[other].idxmax()}** does best, with an F1 of **{wide[other].max():.2f}**;"
    for other in wide.columns
]
figures.say("Of networks and baselines together:\n\n" + "\n".join(lines) if lines else nothing)

# %% [markdown]
# (discrimination-fool)=
# ## What could fool us
#
# Two sheets of one gathering are pieces of one plant, pressed on one day.
# If one of them is in a teaching fold and the other is to be named, the regression need not know the genus.
# It only has to recognise the plant.
# In the published scripts sheets were dealt one by one, so let us do the same and see what it is worth.

# %%
loose = discrimination.discriminate_all(here, representations, genus1, genus2, grouped=False, seed=seed)
dealt = {"by sheet": discrimination.pair_scores(loose, seed), "by gathering": scores}
both = pd.concat([table.assign(dealt=how) for how, table in dealt.items()])

# %% tags=["hide-input"]
flattery = both[both["score"] == "f1"]
figures.interval_dots(flattery, x="value", y="network", colour="dealt", facet="genus2") if len(flattery) else figures.say(nothing)

# %% [markdown]
# *F1 with sheets dealt one by one, and by gathering.*
#
# Where the mark for *by sheet* lies to the right, that much of its score was recognition of a plant already seen.

# %% tags=["remove-input"]
split = specimens[specimens["genus"].isin(names)].groupby("gathering")["image_id"].size()
gain = flattery.pivot_table(index=["genus2", "network"], columns="dealt", values="value")
gain = gain["by sheet"] - gain["by gathering"] if len(gain) else pd.Series(dtype=float)
figures.say(
    f"In this run **{(split > 1).sum()}** of {len(split)} gatherings have duplicates. Dealing by sheet changes the F1 by "
    f"**{gain.mean():+.3f}** on average, and by {gain.min():+.3f} to {gain.max():+.3f}."
    if len(gain)
    else nothing
)

# %% [markdown]
# With few duplicates the flattery is small and may even have the other sign, because another deal of folds has a luck of its own.
# It grows with the share of duplicates, and in a herbarium that kept them it can make a worthless feature look like a specialist.
# A further trap has no such simple remedy: if one collector brought all the *Eugenia*, from one country and on one kind of paper, then even whole gatherings give the genus away.
#
# ## The answer

# %% tags=["remove-input"]
among = f1[f1["network"].isin(networks)].sort_values("value").groupby("genus2", sort=False).tail(1)
figures.say(
    " ".join(
        f"*{figures.safe(row.genus1)}* is told from *{figures.safe(row.genus2)}* best by the **{row.network}**, "
        f"with an F1 of **{row.value:.2f}** ({row.low:.2f} to {row.high:.2f})."
        for row in among.itertuples()
    )
    or nothing
)

# %% [markdown]
# Where the similar pair scores well below the distinct pair, the features reflect what botanists have said for two centuries.
# Where it does not, look for a reason that has nothing to do with plants before you write the paper.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: the other way round
# Run the chapter with *Eugenia* as the first genus and *Syzygium* in its place.
# Which scores stay, and which change?
#
# :::{dropdown} Solution
# `herbnb run discrimination -p genus1 Eugenia -p genus2 '["Syzygium", "Dendrobium"]'`.
# For the pair of the two, accuracy stays nearly the same, since a right name is right from either side, and only the deal of the folds may differ.
# Precision and recall are about the other genus now, and so is F1.
# :::
# ::::
#
# ::::{admonition} Exercise 2: the two myrtles together
# Change the line that calls `discriminate_all` so that it compares *Dendrobium* with both of the others.
# Is the orchid equally far from each?
#
# :::{dropdown} Solution
# Pass `"Dendrobium"` for `genus1` and `["Syzygium", "Eugenia"]` for `genus2`.
# A tree of kinship would have it equally far from both, since the myrtles parted from the orchids long before they parted from each other.
# Features owe nothing to kinship, though: they only know what things look like.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# All sheets here come from one herbarium.
# A colleague wants to try the same with sheets of *Syzygium* from Kew and of *Eugenia* from Leiden, because that is what he has.
# What will he find?
#
# :::{dropdown} Solution
# A splendid score, and nothing about plants.
# Paper, labels, rulers and cameras differ between the two, so the regression tells Kew from Leiden.
# The colour histogram would do it too, and that is how he could notice.
# :::
# ::::
#
# ## Next
#
# The regression is sometimes wrong about a sheet.
# But now and then it is the *label* that is wrong, and the sheet was right all along.
# Which of the two is it, and can a curator be told where to look?
# That is [Mislabels](mislabels).
