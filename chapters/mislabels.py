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
# **If some sheets in the cabinet bear the wrong name, can the features point a
# curator to them, and how many walks to the cabinet will be in vain?**
#
# Nobody knows how many specimens are misnamed, but those who have looked tell
# us that it is many.
# A curator cannot look at all sheets again, so a list that puts the suspects
# first is worth a good deal, provided that it does not cry wolf.
#
# :::{dropdown} In short
# - Labels are swapped on purpose, at several rates, and then searched for, so
#   that we know what there was to find: [the search](mislabels-search).
# - A method can find most of the wrong labels and still be wrong about most of
#   the sheets that it points to: [what could fool us](mislabels-fool).
#   Wrong names of the same family, the ones that happen, are the hardest: [in
#   the family](mislabels-families).
# - The same search on the labels as they are gives a
#   {term}`list <review list>` for a real morning in a real herbarium: [the
#   review list](mislabels-review).
# :::
#
# Reading time: 25 minutes.
#
# Reads: `<collection>/specimens.parquet` and
# `features/<encoder>/<collection>.json`, from [Kew](kew.ipynb), or from
# [Your herbarium](your_herbarium.ipynb) for a collection of yours; and
# `specimens.parquet` and `features/<encoder>/half_earth.json`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb).
#
# Writes: `mislabels.csv`, the scores of every search; `mislabels_scores.csv`,
# their averages with intervals; `mislabels.parquet`, every sheet of every
# search; `mislabels_measures.csv`, the averages by each measure of suspicion;
# `mislabels_families.parquet` and `mislabels_families.csv`, the sheets and the
# averages of the search within families; `review_list.csv`, the curator's
# list, with `review_card.json`, which says what it was made of;
# `coverage.csv`, how often the surest names are right; and in
# `scores/mislabels/` a part for each network, pair or set, and rate.

# %% tags=["parameters"]
data: str = "data/pocket"  # where the true names are, if they are known
results: str = "results/pocket"  # where artefacts are
collection: str = "kew"  # whose sheets: Kew's, or what the run calls your own
genus1: str = "Syzygium"  # one genus of each pair
genus2: list = ["Eugenia", "Dendrobium"]  # a similar and a distinct genus
mislabel_frac: list = [0.01, 0.05, 0.1, 0.2]  # shares of labels to swap
repeats: int = 3  # how often labels are swapped at each rate
family_frac: list = [0.1]  # shares of names to swap within families
family_repeats: int = 1  # how often those are swapped: all genera cost more
networks: list = []  # whose features are searched: by default, every network's
reviewer: str = ""  # whose features make the review list; "" takes the best
specialists: list = []  # whose determinations weigh more: ["B. E. Walker"]
seed: int = 89  # of the swaps, the folds and the resampling

# %%
import pandas as pd

from herbnb import cabinet, figures
from herbnb.applications import (
    calibration,
    discrimination,
    families,
    mislabels,
    review,
    suspicion,
)
from herbnb.applications.neighbours import find_neighbours
from herbnb.pocket.folder import read_traits
from herbnb.representations import BESIDE, ORACLE, spec_of, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results, images_of

# %% [markdown]
# ## Look at the labels first
#
# The sheets are those of [Discrimination](discrimination.ipynb).
# How many labels would be swapped in each {term}`genus` at each rate?
# At least one is, however small the rate, for a search without anything to
# find has nothing to teach.

# %%
here, asked = Results(results), with_baselines(networks)
specimens, features = read_all_features(here, asked, collection)
names = [*features]

# %% [markdown]
# A small herbarium and a small rate leave little to find, so count.

# %%
counted = discrimination.count_gatherings(specimens, [genus1, *genus2])
for rate in mislabel_frac:
    swapped = mislabels.to_swap(counted["sheets"], rate)
    counted[f"swapped at {rate:g}"] = swapped
figures.table(counted)

# %% [markdown]
# *Sheets, gatherings, and labels to swap.*
#
# (mislabels-hand)=
# ## The idea, by hand
#
# A regression that has not seen a sheet gives each name a probability.
# A label is suspect when the name on it gets little of that.
# Here are six sheets, three of each name, and the probability that a
# regression gives each of being a *Syzygium*.

# %%
toy = pd.DataFrame({"label": list("SSSEEE")})
toy["p_syzygium"] = [0.9, 0.8, 0.3, 0.6, 0.2, 0.1]
toy.T

# %% [markdown]
# The third *S* and the first *E* look out of place.
# But how little is too little?
# A fixed limit would be unfair to a genus that the regression is always unsure
# of.
# {term}`Confident learning <confident learning>`
# {cite:p}`northcutt2021confident` lets each genus set its own: a sheet counts
# towards a genus when it gets more of it than the sheets that bear the name
# get on average.

# %%
limit = toy.groupby("label")["p_syzygium"].mean()
like_s, like_e = toy.p_syzygium >= limit["S"], toy.p_syzygium <= limit["E"]
toy["looks_like"] = "neither"
toy.loc[like_s, "looks_like"] = "S"
toy.loc[like_e, "looks_like"] = "E"
toy[["label", "p_syzygium", "looks_like"]]

# %% [markdown]
# Sheets that bear one name and look like the other are counted, and the count
# is an estimate of how many labels of each kind are wrong.
# That many are then flagged, beginning with the worst.
# This is what *prune by noise rate* means, the method of the published work
# {cite:p}`walker2022`, and we leave it to the library that its authors wrote.
#
# A regression needs lessons, and a {term}`genus` with a sheet or two has none
# to give.
# There is a humbler question, which needs no training: does the *nearest*
# sheet of another gathering that bears the same name lie nearer than the
# nearest that bears any other?
# Suppose that the squared distances of a sheet to those two are these:

# %%
same, other = 0.09, 0.03
same / (same + other)

# %% [markdown]
# This {term}`distance ratio` lies between nought and one, as one minus the
# probability does.
# One half means that another name is as near as its own, and here another is
# nearer.
# Near is near by {term}`cosine`, as in [Your herbarium](your_herbarium.ipynb).
# A sheet whose name no other {term}`gathering` bears has nothing to compare
# with, so it is not judged, and we shall count those.
#
# (mislabels-search)=
# ## The search
#
# First every sheet is named by a regression that has seen neither it nor its
# duplicates.

# %% tags=["hide-input"]
figures.source(suspicion.name_by_others)

# %% [markdown]
# Then its label is held against that: suspicion is what the name on the label
# does not get.

# %% tags=["hide-input"]
figures.source(suspicion.by_answers)

# %% [markdown]
# The probabilities come from folds dealt by {term}`gathering`, so no sheet is
# judged by a model that knows its duplicate.
# Class weights are left out here, as they were in the original: a probability
# should know how common a genus is.
# $C$, which was 1 in the original, is chosen by the labels as they are given,
# right and wrong.
#
# The ratio is made of two distances a sheet, and looks at a slice of the
# collection at a time.

# %% tags=["hide-input"]
figures.source(suspicion.suspect_by_distance)

# %% [markdown]
# Now swap and search: every rate, several times over, for both pairs and for
# each representation.
# In each repeat the same labels are swapped for all of them.

# %%
question = dict(genus1=genus1, genus2=genus2, seed=seed)
question |= dict(mislabel_frac=mislabel_frac, repeats=repeats)

# %% [markdown]
# A {term}`scorebook` keeps what is found.

# %%
keep = features.scorebook("mislabels")
found = mislabels.search(specimens, features, **question, keep=keep)

# %% [markdown]
# Every search is scored, and the scores of a rate are averaged over its
# repeats.

# %%
searches = mislabels.repeat_scores(found)
by_measure = mislabels.measure_scores(found, seed)
published = by_measure["measure"] == "probability"
rates = by_measure[published].drop(columns="measure")

# %% [markdown]
# Each search has five scores, and they are kept one by one as well as
# averaged.
# These are the scores of the probability, which is what was published; by each
# measure they are in a table of their own.

# %%
here.write("mislabels", found)
here.write("mislabels_repeats", searches)
here.write("mislabels_measures", by_measure)
here.write("mislabels_scores", rates).name

# %% [markdown]
# ## What was found
#
# Five scores, against the rate of wrong labels, for the first pair.

# %% tags=["hide-input"]
nothing = "Nothing to search: no pair has five gatherings of each genus."
first = rates[rates["genus2"] == next(iter(rates["genus2"]), "")]
figures.curves(
    first, x="mislabel_frac", y="value", colour="network", facet="score",
    empty=nothing,
)

# %% [markdown]
# *Five scores of the search among two similar genera.*
#
# The *true positive rate*, tpr, is the share of swapped labels that were
# flagged, and the *false positive rate*, fpr, the share of right labels that
# were flagged with them.
# These two were published.
# *Precision* is the share of flagged labels that really were swapped: of the
# sheets that the curator fetches, how many are worth it.
# Follow it to the left, where wrong labels are rare, as one hopes they are in
# a herbarium.
# The first panels may hardly change on the way, while precision falls, because
# the right labels are so many that even a small share of them outnumbers the
# wrong.
#
# The last two scores do not depend on where the method draws its line.
# *Average precision* is what precision comes to, on average, as one walks down
# the list from the most suspect sheet until the last swapped label is found.
# *Precision at 20* is the share of swapped labels among the first twenty
# sheets, about what a curator looks at before lunch; where fewer than twenty
# were swapped, it cannot reach one.
#
# And for both pairs, the average precision alone:

# %% tags=["hide-input"]
ap = rates[rates["score"] == "average_precision"]
figures.curves(
    ap, x="mislabel_frac", y="value", colour="network", facet="genus2",
    empty=nothing,
)

# %% [markdown]
# *Average precision for the similar and the distinct genus.*
#
# A list in random order would have an average precision near the rate itself,
# so a line that stays close to the diagonal has found nothing.
# An orchid under a myrtle's name should be easier to find than one myrtle
# under another's.
# Ribbons are wide on the left: a handful of swapped labels is a handful of
# chances.
#
# And the ratio, which was taught nothing?
# Here are both measures at the rate nearest to one in ten, and a third that is
# the mean of the two.

# %%
rate = mislabels.rate_near(mislabel_frac)
at_rate = by_measure[by_measure["mislabel_frac"] == rate]
ap = at_rate[at_rate["score"] == "average_precision"]

# %% tags=["hide-input"]
figures.interval_dots(
    ap, x="value", y="network", colour="measure", facet="genus2",
    empty=nothing,
)

# %% [markdown]
# *Average precision by each measure, for both pairs.*
#
# The two measures look at the same numbers in different ways.
# A regression draws one border with the help of all sheets; a distance asks
# two sheets, and if one of those is misnamed itself, it is misled.
# Where their mean lies to the right of both, each knows something that the
# other does not.

# %% tags=["remove-input"]
eyes = [name for name in names if name != ORACLE]
searcher = review.best_network(rates, eyes)
line = (
    "- In the eyes of the **{network}**, against *{genus2}*: average "
    "precision {probability:.2f} by the probability, {distance:.2f} by the "
    "distance, **{both:.2f}** by both;"
)
key = ["network", "genus2"]
wide = ap[ap["network"] == searcher]
wide = wide.pivot(index=key, columns="measure", values="value")
figures.say(figures.each(line, wide.reset_index()) or nothing)

# %% [markdown]
# (mislabels-families)=
# ## In the family
#
# Nobody puts an orchid into the folder of the myrtles by mistake.
# The names that are wrong in a cabinet are mostly those of near relatives, and
# a real collection has more than two genera to choose from.
# So here is a harder search, in the run's own held-out sets and among all
# their genera: a share of the sheets takes the name from another sheet of its
# {term}`family`.
# A family with one genus here has no wrong name to give.
# Its sheets are not swapped, but they stay in the search.

# %%
herbarium, seen = read_all_features(here, asked)
question = dict(mislabel_frac=family_frac, repeats=family_repeats, seed=seed)
keep = seen.scorebook("mislabels")
in_family = families.search(herbarium, seen, **question, keep=keep)

# %% [markdown]
# Scored as before, by both measures and by their mean.
# All genera at once make a dear search, so `family_frac` has one rate and
# `family_repeats` is small: give more of either, if you have the time.

# %%
kin = mislabels.measure_scores(in_family, seed, families.RATE)
here.write("families", in_family)
here.write("families_scores", kin).name

# %% [markdown]
# How many sheets could each measure judge, when the names had been swapped?

# %% tags=["remove-input"]
unrelated = "Nothing to search: no family has two genera in a held-out set."
once = in_family[in_family["network"] == names[0]]
by_split = once.groupby("split", sort=False)["judged_by"]
counts = by_split.value_counts().unstack(fill_value=0)
counts = counts.reindex(columns=["both", "distance", ""], fill_value=0)
counts = counts.div(counts.sum(axis=1), axis=0)
counts.columns = ["both", "distance", "neither"]
line = (
    "- *{split}*: by regression and distance **{both:.1%}**, by distance "
    "alone {distance:.1%}, not at all {neither:.1%};"
)
figures.say(figures.each(line, counts.reset_index()) or unrelated)

# %% [markdown]
# What a measure cannot judge it puts at the end of its list, and whatever is
# wrong there costs it dearly.

# %% tags=["hide-input"]
near_tenth = mislabels.rate_near(family_frac)
ap = kin[kin["score"] == "average_precision"]
figures.interval_dots(
    ap[ap["mislabel_frac"] == near_tenth], x="value", y="network",
    colour="measure", facet="split", empty=unrelated,
)

# %% [markdown]
# *Average precision of the search within families, in three held-out sets.*
#
# Compare a dot with the same network's in the pairs above.
# Against the orchid the borders of the families did half of the work; here
# they do none.
# A dot near the rate of wrong names has found nothing.
#
# Compare the colours, too.
# A set with many sheets a genus teaches a regression well, and one with few
# leaves it without an opinion where the distance still has one.
# These are the numbers of the network that searched the pairs best.

# %% tags=["hide-input"]
short = ["average_precision", "precision_at_20"]
key = ["split", "mislabel_frac", "score"]
wide = kin[(kin["network"] == searcher) & kin["score"].isin(short)]
wide = wide.pivot(index=key, columns="measure", values="value").reset_index()
figures.table(wide, digits=2, empty=unrelated)

# %% [markdown]
# *One network's search within families, by each measure.*
#
# Both kinds of swap are ours, and both are kinder than the truth: nobody drew
# lots about which sheets to misname.
# The wrong names in a cabinet are on the sheets that were hard to name.
#
# (mislabels-fool)=
# ## What could fool us
#
# Rates fool us.
# A method finds eight in ten of the wrong labels, and wrongly suspects only
# three right ones in a hundred: who would not buy it?
# Now let one label in a hundred be wrong, among a thousand sheets.

# %%
flagged_wrong, flagged_right = 0.8 * 10, 0.03 * 990
round(flagged_wrong / (flagged_wrong + flagged_right), 2)

# %% [markdown]
# Of five sheets that she fetches, four are named rightly, and by noon the
# curator has lost her faith in the method.
# Both published rates are excellent, and neither of them told her.
# What did they hide in this run, at the lowest rate?

# %% tags=["remove-input"]
own = [name for name in names if name not in BESIDE] or names
of_networks = rates[rates["network"].isin(own)]
lowest = of_networks[of_networks["mislabel_frac"] == min(mislabel_frac)]
key = ["network", "genus2"]
lowest = lowest.pivot(index=key, columns="score", values="value")
line = (
    "- **{network}**, against *{genus2}*: of the swapped labels **{tpr:.2f}** "
    "found, of the right ones {fpr:.2f} suspected; precision "
    "**{precision:.2f}**;"
)
figures.say(figures.each(line, lowest.reset_index()) or nothing)

# %% [markdown]
# There is a second trap, and it is in our own experiment.
# We count as wrong the labels that *we* swapped, and as right all others.
# If some of those were wrong before we came, a method that finds them is
# scolded for it.
# On a real collection precision is therefore somewhat better than it looks,
# and nobody can say by how much without going to the cabinet.
#
# (mislabels-review)=
# ## The review list
#
# So let us go.
# Now nothing is swapped: the labels are taken as they are, all genera of the
# collection together, and judged by the representation that searched best
# above.
# Where both measures can judge, a sheet's score is their mean; a genus with
# fewer than five gatherings is judged by distance alone, and the list says so.

# %%
best = spec_of(reviewer or searcher).name
if best not in features:
    specimens, features = read_all_features(here, [reviewer], collection)
known = review.judge(features[best], specimens, seed=seed)
near = find_neighbours(features[best], specimens)
listed = review.review_list(specimens, known, near, specialists)
card = cabinet.list_card(here, collection, best, seed)
here.write("review_card", card)
here.write("review_list", listed).name

# %% tags=["remove-input"]
figures.recalled(near, known)

# %% [markdown]
# (mislabels-list)=
# These are its first twenty lines.

# %%
columns = ["image_id", "given", "suggested", "score", "standing", "reason"]
columns += ["identified_by", "date_identified"]
nobody = (
    "The list is empty: no name is doubted, or fewer than two genera have "
    "a sheet to compare with."
)
figures.table(listed[columns].head(20), empty=nobody)

# %% [markdown]
# *The sheets to look at first.*
#
# Each row is a sheet whose features suit another genus better than the one on
# its label.
# The score is the suspicion, and only the order matters: it is no probability
# of a mistake.
# Why not rank by the probability where there is one, and by the ratio
# elsewhere?
# Because a regression is soon sure, and a ratio seldom strays far from one
# half: the small genera would all come last.
# The name suggested is the likeliest other one *among the genera of this
# collection*; the true one may not be among them.
# The reason also counts the names on the nearest sheets, which [Your
# herbarium](your_herbarium.ipynb) lays beside each suspect.
#
# Who gave a name, and to which sheet, changes what a doubt of it means.
# A {term}`type` is right by definition about its own name, so if it looks like
# another genus, suspect the other sheets of that name, or the folder it lies
# in.
# A name given by a {term}`specialist`, somebody whom you named in
# `specialists`, is a reason to doubt the network first, and to ask her second.
# The column *standing* says which it is, and the file holds the number of each
# sheet, its whole name, its {term}`determiner`, and the date.
# Are such names doubted less often than others?

# %% tags=["remove-input"]
weighed = review.count_doubted(specimens, listed, specialists)
line = "- {names}: **{doubted}** of {sheets} doubted;"
figures.say(
    figures.each(line, weighed)
    or "No sheet here is known to be a type or to be a specialist's."
)

# %% tags=["remove-input"]
left = review.unjudged(specimens, known)
line = (
    "Of the {all} sheets {both} were judged by both measures and {distance} "
    "by distance alone; {left} could not be judged, for no other gathering "
    "bears the name."
)
by = known["judged_by"].value_counts()
each = {by_what: by.get(by_what, 0) for by_what in ("both", "distance")}
figures.say(line, all=len(specimens), left=len(left), **each)

# %% tags=["hide-input"]
doubted = listed[["image_id", "given", "suggested"]].head(6)
top = doubted.merge(specimens, on="image_id")
captions = (top["given"] + ", or " + top["suggested"] + "?").tolist()
folder = images_of(here, collection)
figures.sheet_grid(top, folder, captions=captions)

# %% [markdown]
# *The most suspect sheets, with both names.*
#
# Would you have suspected them?
# Some will be poor specimens: a bare twig, a torn leaf, a sheet that is mostly
# envelope.
# A list of suspects is also a list of sheets that are hard to read.
#
# How far should one read on?
# The labels themselves give a hint: if the regression names only the sheets of
# which it is surest, how often does it agree with them?

# %% tags=["hide-input"]
covered = calibration.coverage(known, seed)
here.write("coverage", covered)
figures.curves(
    covered.assign(network=best), x="share", y="right", colour="network",
    empty=nobody,
)

# %% [markdown]
# *Share of names that agree with the label, among the surest, by how many are
# named.*
#
# Where the curve is still high the regression knows what it says, and a doubt
# of it deserves a walk.
# Where it has sunk, its doubts are worth as little as its names.
#
# For the pocket herbarium, and for it alone, the true names are known: at its
# Kew some gatherings were divided, and one part was given another name.

# %% tags=["hide-input"]
drawn, head, counts = read_traits(data), listed.head(20), {}
if drawn is not None and set(specimens["image_id"]) <= set(drawn["image_id"]):
    true = drawn[["image_id", "true_genus"]]
    true = true.rename(columns={"true_genus": "genus"})
    everyone = specimens.assign(given=specimens["genus"])
    wrong = review.truly_misnamed(everyone, true)
    counts |= {"head": len(head), "all": len(wrong), "wrong": wrong.sum()}
    counts["hits"] = review.truly_misnamed(head, true).sum()
    counts["blind"] = len(head) * wrong.mean()

# %% tags=["remove-input"]
known = (
    "Of the first {head} sheets on the list **{hits}** are truly misnamed; "
    "the whole collection of {all} has {wrong}, so a blind choice of as many "
    "sheets would find {blind:.1f}."
)
unknown = (
    "The true names are not known here: only a curator at the cabinet can "
    "tell how good the list is."
)
figures.say(known if counts else unknown, **counts)

# %% [markdown]
# ## The answer

# %% tags=["remove-input"]
middle = of_networks[of_networks["mislabel_frac"] == rate]
ranked = middle[middle["score"] == "precision_at_20"].reset_index(drop=True)
best = ranked.groupby("genus2", sort=False)["value"].idxmax()
line = (
    "With a share of {mislabel_frac:g} of the labels swapped between "
    "*{genus1}* and *{genus2}*, the **{network}** put **{wrong:.0f}** wrong "
    "ones among its first twenty."
)
rows = ranked.loc[best].assign(wrong=lambda table: 20 * table["value"])
figures.say(figures.each(line, rows, sep=" ") or nothing)

# %% [markdown]
# And among relatives?

# %% tags=["remove-input"]
line = (
    "With {mislabel_frac:g} of the names swapped within families, the "
    "**{network}** put **{wrong:.0f}** wrong ones among the first twenty of "
    "the set *{split}*, judging by probability and distance together."
)
rows = kin[(kin["mislabel_frac"] == near_tenth) & (kin["measure"] == "both")]
rows = rows[rows["network"].isin(own)]
rows = rows[rows["score"] == "precision_at_20"].reset_index(drop=True)
rows = rows.loc[rows.groupby("split", sort=False)["value"].idxmax()]
rows = rows.assign(wrong=20 * rows["value"])
figures.say(figures.each(line, rows, sep=" ") or unrelated)

# %% [markdown]
# Whether the remaining walks are in vain depends on how far the cabinet is.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: a worse herbarium
# Run the chapter with rates up to forty in a hundred.
# What happens to the precision, and what to the true positive rate?
#
# :::{dropdown} Hint
# The rates are the list `mislabel_frac`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run mislabels -p mislabel_frac '[0.1, 0.2, 0.3, 0.4]'
# ```
#
# Precision rises at first, because there is more to find.
# But the regression learns from the same wrong labels, and near one half it no
# longer knows which name is which; the true positive rate gives way first.
# :::
# ::::
#
# ::::{admonition} Exercise 2: another judge
# Set `reviewer` to `colour` and compare the two lists.
# How many sheets do they share among the first twenty?
#
# :::{dropdown} Hint
# Keep a copy of the first `review_list.csv`, and look for the same `image_id`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run mislabels -p reviewer colour
# ```
#
# Sheets that both lists doubt are either misnamed or odd to look at in every
# respect: faded, torn, or on strange paper.
# Sheets that only a network doubts are the ones that a botanist should see
# first.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A curator renames the ten sheets at the top of the list, as suggested,
# without looking at them, and runs the chapter again.
# Why is the new list shorter, and why does that prove nothing?
#
# :::{dropdown} Hint
# Who wrote the names that the regression is now asked about?
# :::
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
# Three networks, three baselines, silhouettes and one application after
# another: that is many tables.
# Does one network come out ahead of the others, as the paper says of the
# triplet network?
# The [Verdict](verdict.ipynb) adds up.
