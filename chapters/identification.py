# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Identification: what is it called?
#
# **Given the features of a sheet and nothing else, can its genus be named, or at least its family, or its order?**
#
# Naming is what most people ask of a machine that looks at plants.
# We do not ask the networks themselves: two of the three were never taught to name anything.
# We ask their {term}`features`, all with the same simple question, so that what differs between the answers can only be what the features hold.
#
# :::{dropdown} In short
# - Names are predicted by one plain regression for all, and a sheet is always named by a model that has not seen it: [the probe](identification-probe).
# - Every score has an interval, and a {term}`network` has learnt something only if its lead over the {term}`baselines <baseline>` has one that stays above zero: [the leads](identification-leads).
# - With the names shuffled, nothing is left to find, and the same machinery had better find nothing: [what could fool us](identification-fool).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet` and `features/<network>/half_earth.parquet`, from [Sampling](sampling) and [Features](features).
#
# Writes: `identification.csv`, the scores of each fold; `identification_scores.csv`, those of each set with intervals; `identification_leads.csv`, networks against baselines; `identification.parquet`, every prediction.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = ["autoencoder", "triplet", "classifier"]  # whose features are asked
seed: int = 89  # of the folds and of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import identification, regression
from herbnb.applications.scores import score, whole_set
from herbnb.files import located, write_table
from herbnb.representations.features import BASELINES, read_features
from herbnb.specimens import read_specimens

# %% [markdown]
# ## Look at the sheets first
#
# The question is put three times, once for each {term}`held-out set`: other sheets, other species, other institutions.
# Within a set, the sheets are dealt into five folds; four teach the regression and the fifth is named, in turn.
# A {term}`taxon` therefore needs a sheet for each fold, and one that has fewer is left out.
# What is left out should be counted before anything is scored.

# %%
here = located(results)
counted = identification.census(read_specimens(here / "specimens.parquet"))
figures.table(counted)

# %% [markdown]
# *What can be scored, and what is left out.*
#
# Read the last column first.
# A taxon left out is not named wrongly, it is not asked about at all, so a set with many of them is an easier exam than it looks.
# Higher {term}`ranks <rank>` lose fewer, since a family gathers the sheets of its genera.
# In a real herbarium, where most genera have a sheet or two, this table is the first thing to read and may be the last.
#
# ## The idea, by hand
#
# Suppose a small herbarium has eight roses and two lilies, and a lazy botanist calls everything a rose.

# %%
given = np.array(["rose"] * 8 + ["lily"] * 2)
lazy = np.array(["rose"] * 10)
{name: round(float(value[0]), 2) for name, value in score(given, lazy, whole_set(10)).items()}

# %% [markdown]
# Her *accuracy*, the share of sheets named rightly, looks respectable.
# The other three scores are {term}`macro averages <macro average>`: each is computed for one taxon and then averaged over taxa, and every taxon counts the same, however few its sheets.
# *Precision* asks how many of the sheets called rose are roses, *recall* how many of the roses were called so, and *F1* is a mean of the two that is close to the smaller.
# The lilies have no recall, and the macro-F1 gives the laziness away.
# Herbaria have many rare taxa and a few common ones, so macro-F1 is the score to look at here.
#
# A score of ten sheets is also a matter of luck.
# How much so can be found by the {term}`bootstrap` {cite:p}`efron1993bootstrap`: draw ten sheets from these ten, with replacement, score them, and do it again.

# %%
rng = np.random.default_rng(seed)
shares = [(given == lazy)[rng.integers(10, size=10)].mean() for _ in range(1000)]
np.quantile(shares, [0.025, 0.975])

# %% [markdown]
# These two numbers enclose the middle nineteen twentieths of the resampled scores, and that range is what the book calls an interval.
# It says how far the score might have come out otherwise with other sheets of the same kind.
# It does not say what would happen with sheets of another kind.
#
# (identification-probe)=
# ## The probe
#
# The model is the published one {cite:p}`walker2022`: a logistic regression, which draws straight borders between taxa in the space of the features, and adds up evidence without any cleverness of its own.
# Whatever it can tell apart, the features must have set apart already.

# %% tags=["hide-input"]
figures.source(regression.probe)

# %% [markdown]
# Each feature is first brought to the same scale, and the scale is part of the model, learnt from the four teaching folds alone.
# Were it learnt from all sheets, the sheets to be named would have had a say in it.
# Taxa are balanced by weight, so that the regression is not tempted to be lazy.

# %% tags=["hide-input"]
figures.source(identification.identify)

# %% [markdown]
# Now for all: every network and both baselines, on three sets, at three ranks.
# The {term}`untrained` encoder and the {term}`colour` histogram answer the same questions as the networks, because only they can say how much of a score needed no learning.

# %%
predictions = identification.identify_all(here, [*networks, *BASELINES], seed)
predictions[["network", "split", "rank", "image_id", "given", "predicted"]].head()

# %% [markdown]
# From here on nothing is fitted any more: all scores come from this one table of predictions.
# It is kept whole, so that the [verdict](verdict) can compare networks sheet by sheet.

# %%
folds = identification.fold_scores(predictions)
scores = identification.set_scores(predictions, counted, seed)
write_table(predictions, here / "identification.parquet")
write_table(folds, here / "identification.csv")
write_table(scores, here / "identification_scores.csv").name

# %% [markdown]
# ## The scores
#
# First the macro-F1 of everything, with its interval.

# %% tags=["hide-input"]
nothing = "Nothing to score: in no held-out set do two taxa have a sheet for each of the five folds."
f1 = scores[scores["score"] == "f1"]
figures.interval_dots(f1, x="value", y="rank", colour="network", facet="split") if len(f1) else figures.say(nothing)

# %% [markdown]
# *Macro-F1 by rank, network and held-out set.*
#
# Read one panel from top to bottom first, then compare panels.
# An order is a choice among few, a genus a choice among many, so a score at one rank cannot be compared with a score at another: fewer names are easier to guess.
# What can be compared is the order of the marks within a row.
# The marks of the two baselines are thin; where a solid mark lies among them, that network has taught its features nothing about names that a first glance would not tell.
#
# The interval is wide where a set is small, and no skill of a network can make it narrow.
# If the set called *institutions* has a lower row of marks than the others, remember that its sheets have other paper, other labels and other species too.
#
# The other three scores tell the same story in more detail, here at genus rank.

# %% tags=["hide-input"]
at_genus = scores[scores["rank"] == "genus"]
wide = at_genus.pivot(index=["split", "network"], columns="score", values="value").reset_index()
figures.table(wide.reindex(columns=["split", "network", "accuracy", "precision", "recall", "f1"]))

# %% [markdown]
# *All four scores at genus rank.*
#
# Where accuracy stands well above macro-F1, common genera are named better than rare ones.
# Where precision and recall part, the regression has a favourite name.
#
# (identification-leads)=
# ## Does it beat the baselines?
#
# Two overlapping intervals do not mean that two networks are equal.
# A hard sheet is hard for both, so their scores rise and fall together, and the *difference* is known better than either.
# So each network is compared with each baseline on the same resampled sheets, and the interval is that of the difference.

# %%
over = identification.leads(predictions, networks, list(BASELINES), seed)
write_table(over, here / "identification_leads.csv")
at_genus = over[over["rank"] == "genus"]
figures.interval_dots(at_genus, x="lead", y="network", colour="rival", facet="split", baseline=0) if len(at_genus) else figures.say(nothing)

# %% [markdown]
# *Leads in macro-F1 at genus rank, over each baseline.*
#
# A whisker that stays to the right of the dotted line is a lead that these sheets support.
# One that crosses it is a lead, or a lag, that another draw of sheets might have turned round.
# With so many comparisons side by side, about one in forty would clear the line by luck alone, so a single lonely lead is no discovery.

# %% tags=["remove-input"]
lines = []
for (split, network), rows in at_genus.groupby(["split", "network"], sort=False):
    clear = [rival for rival, yes in zip(rows["rival"], rows["clear"], strict=True) if yes]
    words = f"clearly beats *{'* and *'.join(clear)}*" if clear else "clearly beats neither baseline"
    lines.append(f"- on *{split}*, the **{network}** {words};")
heading = "At genus rank, where *clearly* means that the interval of the lead excludes zero:\n\n"
figures.say(heading + "\n".join(lines) if lines else nothing)

# %% [markdown]
# (identification-fool)=
# ## What could fool us
#
# A leak would fool us: if a sheet to be named had somehow helped to teach, any features would do.
# There is a simple alarm for that.
# Shuffle the names among the sheets, so that there is nothing to learn, and run everything again.

# %%
sheets, features = read_features(here, networks[0], "half_earth", "random")
genera = sheets["genus"].to_numpy()
right = identification.identify(features, genera, seed=seed)
shuffled = identification.identify(features, rng.permutation(genera), seed=seed)

# %% tags=["hide-input"]
def macro_f1(named: pd.DataFrame) -> float:
    return float(score(named["given"], named["predicted"], whole_set(len(named)))["f1"][0])


figures.say(
    f"With the names on the labels, *{networks[0]}* reaches a macro-F1 of **{macro_f1(right):.2f}** on *random*; "
    f"with the same names shuffled, **{macro_f1(shuffled):.2f}**. "
    f"A blind guess among {right['given'].nunique()} genera would be right once in {right['given'].nunique()}."
    if len(right) and len(shuffled)
    else nothing
)

# %% [markdown]
# If the shuffled score is near a blind guess, no name has leaked from the teaching folds to the named one.
# The alarm does not ring for every fire, though.
# It cannot see that two sheets are pieces of one plant, and it cannot see that a genus comes from one {term}`institution` whose paper gives it away.
# The *colour* baseline watches for the second; for the first we need records that the Half-Earth data do not have, and [the next chapter](kew) fetches some.
#
# There is one more thing that these scores do not mean.
# The regression was taught, each time, with sheets of the very set that it then named.
# So the scores say that the features *hold* the names, not that a model taught on one herbarium could walk into another and name what it finds.
#
# ## The answer

# %% tags=["remove-input"]
among = f1[f1["network"].isin(networks)].reset_index(drop=True)
best = among.loc[among.groupby(["split", "rank"], sort=False)["value"].idxmax()]
lines = [
    f"- {row.rank} on *{row.split}*: best by the **{row.network}**, macro-F1 **{row.value:.2f}** "
    f"({row.low:.2f} to {row.high:.2f}), {row.taxa} taxa, {row.left_out} left out;"
    for row in best.itertuples()
]
figures.say("\n".join(lines) if lines else nothing)

# %% [markdown]
# A name can be read from the features as far as these numbers go, and a curator will know at once whether that is far enough: for sorting a backlog into families perhaps, for naming a type specimen certainly not.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: luck of the deal
# The seed deals the sheets into folds.
# Run the chapter with two other seeds and compare the scores.
# Do they move by more or by less than their intervals are wide?
#
# :::{dropdown} Solution
# `herbnb run identification -p seed 1`, then `2`.
# They move, but by less: another deal changes which sheets teach, while the interval tells how other *sheets* would change the score.
# If your scores move as much as their intervals, the set is small enough for the deal to matter, and a single run should not be trusted.
# :::
# ::::
#
# ::::{admonition} Exercise 2: without balance
# In `identify`, let `out_of_fold` take `balanced=False`.
# Which of the four scores gains, and which loses?
#
# :::{dropdown} Solution
# Accuracy tends to gain and macro recall to lose.
# Without weights the regression errs on the side of common names, which is right more often and wrong about the rare.
# Which of the two a herbarium wants depends on whether it wants its cabinets filled quickly or its rarities found.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A colleague says: the family scores are higher than the genus scores, so the network understands families better.
# What do you answer?
#
# :::{dropdown} Solution
# That there are fewer families than genera, so a guess is right more often.
# Compare each score with that of a baseline at the same rank, or with a blind guess.
# [Silhouettes](silhouettes) ask the colleague's question in a way that depends less on the number of names.
# :::
# ::::
#
# ## Next
#
# All these sheets came from one data set, photographed for one purpose, with their labels made illegible.
# What becomes of the features when a sheet comes from somewhere else?
# We need another herbarium, and the next chapter [goes to fetch one](kew).
