# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Mislabels: which names are wrong?
#
# **If some sheets in the cabinet bear the wrong name, can the features point a curator to them, and how many walks to the cabinet will be in vain?**
#
# Nobody knows how many specimens are misnamed, but those who have looked tell us that it is many.
# A curator cannot look at all sheets again, so a list that puts the suspects first is worth a good deal, provided that it does not cry wolf.
#
# :::{dropdown} In short
# - Labels are swapped on purpose, at several rates, and then searched for, so that we know what there was to find: [the search](mislabels-search).
# - A method can find most of the wrong labels and still be wrong about most of the sheets that it points to: [what could fool us](mislabels-fool).
# - The same search on the labels as they are gives a {term}`list <review list>` for a real morning in a real herbarium: [the review list](mislabels-review).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `kew/specimens.parquet` and `features/<network>/kew.parquet`, from [Kew](kew).
#
# Writes: `mislabels.csv`, the scores of every search; `mislabels_scores.csv`, their averages with intervals; `mislabels.parquet`, every sheet of every search; and `review_list.csv`, the curator's list.

# %% tags=["parameters"]
data: str = "data/pocket"  # where traits.parquet is, if the true names are known
results: str = "results/pocket"  # where artefacts are
genus1: str = "Syzygium"  # one genus of each pair
genus2: list = ["Eugenia", "Dendrobium"]  # the other: a similar and a distinct one
mislabel_frac: list = [0.01, 0.05, 0.1, 0.2]  # shares of labels to swap in each genus
repeats: int = 5  # how often labels are swapped at each rate
networks: list = ["autoencoder", "triplet", "classifier"]  # whose features are searched
reviewer: str = ""  # whose features make the review list; "" takes the best searcher of this run
seed: int = 89  # of the swaps, the folds and the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import mislabels, review
from herbnb.applications.discrimination import census
from herbnb.files import located, write_table
from herbnb.representations.features import BASELINES
from herbnb.specimens import read_specimens

# %% [markdown]
# ## Look at the labels first
#
# The sheets are those of [Discrimination](discrimination).
# How many labels would be swapped in each {term}`genus` at each rate?
# At least one is, however small the rate, for a search without anything to find has nothing to teach.

# %%
here, sheets = located(results), located(data)
specimens = read_specimens(here / "kew" / "specimens.parquet", "kew")
counted = census(specimens, [genus1, *genus2])
for rate in mislabel_frac:
    counted[f"swapped at {rate:g}"] = (rate * counted["sheets"]).round().astype(int).clip(lower=1)
figures.table(counted)

# %% [markdown]
# *Sheets, gatherings, and labels to swap.*
#
# (mislabels-hand)=
# ## The idea, by hand
#
# A regression that has not seen a sheet gives each name a probability.
# A label is suspect when the name on it gets little of that.
# Here are six sheets, three of each name, and the probability that a regression gives each of being a *Syzygium*.

# %%
toy = pd.DataFrame({"label": list("SSSEEE"), "p_syzygium": [0.9, 0.8, 0.3, 0.6, 0.2, 0.1]})
toy.T

# %% [markdown]
# The third *S* and the first *E* look out of place.
# But how little is too little?
# A fixed limit would be unfair to a genus that the regression is always unsure of.
# {term}`Confident learning <confident learning>` {cite:p}`northcutt2021confident` lets each genus set its own: a sheet counts towards a genus when it gets more of it than the sheets that bear the name get on average.

# %%
limit = toy.groupby("label")["p_syzygium"].mean()
toy["looks_like"] = np.select([toy["p_syzygium"] >= limit["S"], toy["p_syzygium"] <= limit["E"]], ["S", "E"], "neither")
toy[["label", "p_syzygium", "looks_like"]]

# %% [markdown]
# Sheets that bear one name and look like the other are counted, and the count is an estimate of how many labels of each kind are wrong.
# That many are then flagged, beginning with the worst.
# This is what *prune by noise rate* means, the method of the published work {cite:p}`walker2022`, and we leave it to the library that its authors wrote.
#
# (mislabels-search)=
# ## The search
#
# One judgement of all labels is a dozen lines.

# %% tags=["hide-input"]
figures.source(mislabels.suspect)

# %% [markdown]
# The probabilities come from folds dealt by {term}`gathering`, so no sheet is judged by a model that knows its duplicate.
# Class weights are left out here, as they were in the original: a probability should know how common a genus is.
#
# Now swap and search: every rate, several times over, for both pairs and for each representation.
# In each repeat the same labels are swapped for all of them.

# %%
representations = [*networks, *BASELINES]
found = mislabels.search(here, representations, genus1, genus2, mislabel_frac, repeats, seed)
searches, rates = mislabels.repeat_scores(found), mislabels.rate_scores(found, seed)

# %% [markdown]
# Each search has five scores, and they are kept one by one as well as averaged.

# %%
write_table(found, here / "mislabels.parquet")
write_table(searches, here / "mislabels.csv")
write_table(rates, here / "mislabels_scores.csv").name

# %% [markdown]
# ## What was found
#
# Five scores, against the rate of wrong labels, for the first pair.

# %% tags=["hide-input"]
nothing = "Nothing to search: no pair has five gatherings of each genus."
first = rates[rates["genus2"] == rates["genus2"].iloc[0]] if len(rates) else rates
figures.curves(first, x="mislabel_frac", y="value", colour="network", facet="score") if len(first) else figures.say(nothing)

# %% [markdown]
# *Five scores of the search among two similar genera.*
#
# The *true positive rate*, tpr, is the share of swapped labels that were flagged, and the *false positive rate*, fpr, the share of right labels that were flagged with them.
# These two were published.
# *Precision* is the share of flagged labels that really were swapped: of the sheets that the curator fetches, how many are worth it.
# Follow it to the left, where wrong labels are rare, as one hopes they are in a herbarium.
# The first panels may hardly change on the way, while precision falls, because the right labels are so many that even a small share of them outnumbers the wrong.
#
# The last two scores do not depend on where the method draws its line.
# *Average precision* is what precision comes to, on average, as one walks down the list from the most suspect sheet until the last swapped label is found.
# *Precision at 20* is the share of swapped labels among the first twenty sheets, about what a curator looks at before lunch; where fewer than twenty were swapped, it cannot reach one.
#
# And for both pairs, the average precision alone:

# %% tags=["hide-input"]
ap = rates[rates["score"] == "average_precision"]
figures.curves(ap, x="mislabel_frac", y="value", colour="network", facet="genus2") if len(ap) else figures.say(nothing)

# %% [markdown]
# *Average precision for the similar and the distinct genus.*
#
# A list in random order would have an average precision near the rate itself, so a line that stays close to the diagonal has found nothing.
# An orchid under a myrtle's name should be easier to find than one myrtle under another's.
# Ribbons are wide on the left: a handful of swapped labels is a handful of chances.
#
# (mislabels-fool)=
# ## What could fool us
#
# Rates fool us.
# A method finds eight in ten of the wrong labels, and wrongly suspects only three right ones in a hundred: who would not buy it?
# Now let one label in a hundred be wrong, among a thousand sheets.

# %%
flagged_wrong, flagged_right = 0.8 * 10, 0.03 * 990
round(flagged_wrong / (flagged_wrong + flagged_right), 2)

# %% [markdown]
# Of five sheets that she fetches, four are named rightly, and by noon the curator has lost her faith in the method.
# Both published rates are excellent, and neither of them told her.
# What did they hide in this run, at the lowest rate?

# %% tags=["remove-input"]
lowest = rates[rates["mislabel_frac"] == min(mislabel_frac)].pivot_table(index=["network", "genus2"], columns="score", values="value").reset_index()
lines = [
    f"- **{row.network}**, against *{figures.safe(row.genus2)}*: of the swapped labels **{row.tpr:.2f}** found, of the right ones {row.fpr:.2f} suspected; precision **{row.precision:.2f}**;"
    for row in lowest[lowest["network"].isin(networks)].itertuples()
]
figures.say("\n".join(lines) if lines else nothing)

# %% [markdown]
# There is a second trap, and it is in our own experiment.
# We count as wrong the labels that *we* swapped, and as right all others.
# If some of those were wrong before we came, a method that finds them is scolded for it.
# On a real collection precision is therefore somewhat better than it looks, and nobody can say by how much without going to the cabinet.
#
# (mislabels-review)=
# ## The review list
#
# So let us go.
# Now nothing is swapped: the labels are taken as they are, all genera of the collection together, and judged by the representation that searched best above.

# %%
best = reviewer or review.best_network(rates, networks)
listed = review.review_list(here, best, seed=seed)
write_table(listed, here / "review_list.csv")
figures.table(listed[["image_id", "given", "suggested", "score", "reason"]].head(20)) if len(listed) else figures.say("The list is empty: no name is doubted, or fewer than two genera have five gatherings.")

# %% [markdown]
# *The sheets to look at first.*
#
# Each row is a sheet whose features suit another genus better than the one on its label.
# The score is one minus the probability of the name given, and only the order matters: it is no probability of a mistake.
# The name suggested is the likeliest other one *among the genera of this collection*; the true one may not be among them.
# The reason also counts the names on the nearest sheets, which [Your herbarium](your_herbarium) lays beside each suspect.

# %% tags=["hide-input"]
top = listed.head(6).merge(specimens, on="image_id", suffixes=("", "_of_sheet"))
captions = (top["given"] + ", or " + top["suggested"] + "?").tolist()
figures.sheet_grid(top.assign(path=top["path_of_sheet"]), here / "kew", captions=captions) if len(top) else figures.say("Nothing to show.")

# %% [markdown]
# *The most suspect sheets, with both names.*
#
# Would you have suspected them?
# Some will be poor specimens: a bare twig, a torn leaf, a sheet that is mostly envelope.
# A list of suspects is also a list of sheets that are hard to read.
#
# For the pocket herbarium, and for it alone, the true names are known: some gatherings were divided, and one part was given another name.

# %% tags=["hide-input"]
truth, head = sheets / "traits.parquet", listed.head(20)
if truth.exists():
    true = pd.read_parquet(truth).query("collection == 'kew'")[["image_id", "true_genus"]].rename(columns={"true_genus": "genus"})
    hits, all_wrong = review.truly_misnamed(head, true), review.truly_misnamed(specimens.assign(given=specimens["genus"]), true)
    words = f"Of the first {len(head)} sheets on the list **{hits.sum()}** are truly misnamed; the whole collection of {len(specimens)} has {all_wrong.sum()}, so a blind choice of as many sheets would find {len(head) * all_wrong.mean():.1f}."
else:
    words = "The true names are not known here: only a curator at the cabinet can tell how good the list is."
figures.say(words)

# %% [markdown]
# ## The answer

# %% tags=["remove-input"]
middle = rates[rates["mislabel_frac"] == mislabel_frac[int(np.abs(np.array(mislabel_frac) - 0.1).argmin())]]
ranked = middle[(middle["score"] == "precision_at_20") & middle["network"].isin(networks)].sort_values("value").groupby("genus2", sort=False).tail(1)
figures.say(
    " ".join(
        f"With a share of {row.mislabel_frac:g} of the labels swapped between *{figures.safe(row.genus1)}* and *{figures.safe(row.genus2)}*, the **{row.network}** put "
        f"**{20 * row.value:.0f}** wrong ones among its first twenty."
        for row in ranked.itertuples()
    )
    or nothing
)

# %% [markdown]
# Whether the remaining walks are in vain depends on how far the cabinet is.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: a worse herbarium
# Run the chapter with rates up to forty in a hundred.
# What happens to the precision, and what to the true positive rate?
#
# :::{dropdown} Solution
# `herbnb run mislabels -p mislabel_frac '[0.1, 0.2, 0.3, 0.4]'`.
# Precision rises at first, because there is more to find.
# But the regression learns from the same wrong labels, and near one half it no longer knows which name is which; the true positive rate gives way first.
# :::
# ::::
#
# ::::{admonition} Exercise 2: another judge
# Set `reviewer` to `colour` and compare the two lists.
# How many sheets do they share among the first twenty?
#
# :::{dropdown} Solution
# `herbnb run mislabels -p reviewer colour`, after a copy of the first `review_list.csv`.
# Sheets that both lists doubt are either misnamed or odd to look at in every respect: faded, torn, or on strange paper.
# Sheets that only a network doubts are the ones that a botanist should see first.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A curator renames the ten sheets at the top of the list, as suggested, without looking at them, and runs the chapter again.
# Why is the new list shorter, and why does that prove nothing?
#
# :::{dropdown} Solution
# The labels now agree with the regression, since they were copied from it.
# A judge who may change the evidence is always right.
# The list says where to look; only the plant can say what it is.
# :::
# ::::
#
# ## Next
#
# Three networks, two baselines, silhouettes and three applications: that is many tables.
# Does one network come out ahead of the others, as the paper says of the triplet network?
# The [Verdict](verdict) adds up.
