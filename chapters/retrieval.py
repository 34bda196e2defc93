# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Retrieval: whose cupboard is it from?
#
# **A sheet comes from another herbarium, and is laid against every sheet in
# the cupboards: is one of its own genus among the first that come to hand?**
#
# That is what a curator does with a parcel from abroad.
# She does not compute a probability for each name: she opens a cupboard,
# takes out what looks like it, and compares.
# A search by features does the same, with all cupboards at once, and nothing
# is taught and nothing fitted.
# It has one great advantage: it shows its reasons, and they are sheets.
#
# :::{dropdown} In short
# - A list of neighbours is judged from its top down, and a list in any order
#   has a score, too, which can be computed: [the lists](retrieval-lists).
# - Some sheets are near to everything, and come up whatever one asks for: [the
#   busiest sheets](retrieval-hubs).
# - Paper draws sheets together as plants do, and a search among several
#   herbaria begins with the paper: [what could fool us](retrieval-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `specimens.parquet` and `features/<encoder>/half_earth.json`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb).
#
# Writes: `retrieval.parquet`, how well each sheet found its genus;
# `retrieval_nearest.parquet`, the top of each list; `retrieval.csv`, the
# scores with intervals; `retrieval_hubs.csv`, how unevenly the sheets of the
# cupboards come up; `retrieval_houses.csv`, how often the own house is nearer;
# and in `scores/retrieval/` a part for each network and set.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts are
networks: list = []  # whose features are asked: by default, every network's
queries: int = 5000  # at most so many sheets of a set look for their genus
seed: int = 89  # of the choice of these, the examples and the resampling

# %%
import numpy as np

from herbnb import figures
from herbnb.applications import houses, hubs, retrieval
from herbnb.applications.scores import BY_LOT
from herbnb.files import located
from herbnb.representations import BESIDE, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results

# %% [markdown]
# ## Look at the cupboards first
#
# The cupboards are the training sheets, all of one {term}`institution`.
# The sheets that ask, the {term}`queries <query>`, are of two sets: those of
# other institutions, on other paper, and those of new species, on the same
# paper.
# A query has a harder time if few sheets of its genus are there to be found.

# %%
here, asked = Results(results), with_baselines(networks)
specimens, features = read_all_features(here, asked)
cupboards = specimens[specimens["split"] == "train"]
figures.table(retrieval.asked_about(specimens), digits=0)

# %% [markdown]
# *Who asks, and how many sheets of the genus are in the cupboards.*
#
# A sheet whose genus is not there has nothing to find, and is left out.
#
# ## The idea, by hand
#
# Somebody lays a sheet of *Salix* against five sheets.
# The nearest is an oak, then comes a willow, then two more oaks, then a
# willow.

# %%
right = np.array([False, True, False, False, True])

# %% [markdown]
# How good is that list?
# One may ask whether there is a willow among the first, or among the first
# five: that is the *recall* at one and at five.
# It is nought at one, and one at five, and says nothing of the second willow.
#
# Or one walks down the list and notes, at each willow, what share of the
# sheets so far were willows.

# %%
places = np.flatnonzero(right) + 1
shares = np.arange(1, 3) / places
shares, shares.mean().item()

# %% [markdown]
# The mean of the shares is the {term}`average precision` of this list, and its
# mean over all queries is called *mAP* {cite:p}`manning2008ir`.
# It is one only if all willows come before the first oak, so it asks for the
# whole genus and not for one lucky sheet.
#
# Now shuffle the five sheets, many times over.

# %%
rng = np.random.default_rng(seed)
lists = rng.permuted(np.tile(right, (5000, 1)), axis=1)
by_lot = retrieval.average_precision(lists).mean().item()
by_lot, retrieval.expected_precision([2], [5])

# %% [markdown]
# Two willows among five sheets make a list that knows nothing look decent.
# The second number is the same without drawing, and one of its kind stands
# beside every score below.
#
# (retrieval-lists)=
# ## The lists
#
# Near is near by {term}`cosine`, as in [Your herbarium](your_herbarium.ipynb).
# The score of many lists at once takes a few lines.

# %% tags=["hide-input"]
figures.source(retrieval.average_precision)

# %% [markdown]
# To find a {term}`duplicate` would be no feat.
# Where the records tell them, [Sampling](sampling.ipynb) has left out queries
# that have one in the cupboards; if it was told to keep them, the duplicates
# are taken out of the cupboards before the query looks.
# A {term}`scorebook` keeps the lists.

# %%
keep = features.scorebook("retrieval")
how = dict(most=queries, seed=seed, keep=keep)
answers, near = retrieval.retrieve_all(specimens, features, **how)
scores = retrieval.retrieval_scores(answers, seed)
here.write("retrieval", answers)
here.write("retrieval_nearest", near)
here.write("retrieval_scores", scores).name

# %% tags=["hide-input"]
nothing = "Nothing to look for: no sheet asks whose genus is in the cupboards."
of_map = scores[scores["score"] == "average_precision"]
figures.interval_dots(
    of_map, x="value", y="split", colour="network", empty=nothing,
)

# %% [markdown]
# *mAP of the genus, by who asks and by whose features.*
#
# Begin with *by lot*, which is low, for there are many genera.
# Then look for *untrained* and *colour*: what they have beyond the lot is
# paper, light and outline.
# A network that has learnt to bring sheets of a genus together should shine
# here more than anywhere, since no regression helps the others to catch up.
# That is why the order may differ from the one in
# [Identification](identification.ipynb).
# There a straight border could pick from the features what it wanted; here
# all of them count alike, useful or not.
#
# The intervals are those of the whole book: they draw {term}`gatherings
# <gathering>`, or where the species are new, species.

# %% tags=["hide-input"]
key = ["split", "network"]
wide = scores.pivot(index=key, columns="score", values="value")
wide = wide.reindex(columns=[*retrieval.SCORES]).rename_axis(columns=None)
figures.table(wide.reset_index(), empty=nothing)

# %% [markdown]
# *mAP, and the share of queries with a sheet of their genus among the first,
# the first five and the first twenty.*
#
# For the curator recall is the better score.
# She does not want the whole genus, she wants one sheet that sets her on the
# track, and will look at five, perhaps at twenty.
# Compare it with *by lot*, though: among twenty sheets there is often one by
# accident.
#
# ## Two lists to look at
#
# Scores are not sheets.
# Here are two queries from other institutions, drawn by lot, in the eyes of
# the network that has the highest mAP above: one whose first neighbour is
# right, and one whose first is wrong.

# %%
own = [name for name in features if name not in BESIDE] or [*features]
of_own = of_map[of_map["network"].isin(own)].sort_values("value")
best = next(iter(of_own["network"][::-1]), own[0])
tops = near[near["network"].eq(best) & near["split"].eq("institutions")]
shown = retrieval.examples(tops, seed=seed)
shown = shown.merge(specimens, on="image_id", how="left")

# %% tags=["hide-input"]
captions = [*(shown["species"] + ": " + shown["role"])]
figures.sheet_grid(shown, located(data), captions=captions, empty=nothing)

# %% [markdown]
# *Two queries, each with its five nearest sheets and their cosines.*
#
# In the first row ask what made them near: the plant, or how it was laid?
# In the second ask whether you would have been misled as well.
# Sometimes a wrong neighbour is the better teacher, when it shows which
# feature of the plant the network has seen and what it took it for.

# %% tags=["hide-input"]
columns = ["species", "family", "institution", "role"]
figures.table(shown[columns], empty=nothing)

# %% [markdown]
# *The same sheets in words.*
#
# (retrieval-hubs)=
# ## The busiest sheets
#
# In a space of many dimensions something odd happens.
# A few points come to lie near the middle of everything, and turn up among the
# neighbours of points that have nothing to do with each other
# {cite:p}`radovanovic2010hubs`.
# They are called {term}`hubs <hub>`.
# Others are never anybody's neighbour.
#
# Count, for each sheet of the cupboards, in how many lists it is among the
# first ten.
# If all lists were drawn by lot, the counts would lie almost evenly around
# their mean.
# A few enormous counts drag the distribution to the right, and its *skewness*
# says how far.

# %%
even, uneven = np.array([2, 1, 2, 3, 2]), np.array([0, 0, 0, 0, 10])
for counts in even, uneven:
    steps = counts - counts.mean()
    print(counts.mean(), (steps**3).mean() / counts.std() ** 3)

# %% [markdown]
# Both have the same mean, and a search in the second herbarium always ends at
# one sheet.

# %%
unevenness = hubs.hubness(answers, near, cupboards, seed=seed)
here.write("retrieval_hubs", unevenness).name

# %% tags=["hide-input"]
figures.interval_dots(
    unevenness, x="skewness", y="split", colour="network", empty=nothing,
)

# %% [markdown]
# *Skewness of how often a sheet comes up; intervals over the sheets of the
# cupboards.*

# %% tags=["hide-input"]
columns = ["split", "network", "never", "busiest", "lists"]
figures.table(unevenness[columns], digits=2, empty=nothing)

# %% [markdown]
# *The share of sheets that no list has, the number of lists that the busiest
# sheet is in, and how many lists there are.*
#
# Not all of this is a fault.
# If nobody asks for orchids, no orchid should come up, and if many ask for the
# three sheets of a genus, these must be busy.
# The row *by genus* has lists that know the genus of every sheet and nothing
# else: so uneven would a faultless search be.
# What lies beyond it is owed to hubs; what does not may still have some, for a
# search that errs spreads its lists over more genera.
#
# A query on other paper may lie outside the cloud of the cupboards, and look
# at it from one side.
# Then whatever stands on that side is its neighbour, whichever plant it is.
# Where the share that is never found is much larger than by genus, those
# sheets might as well not be in the cupboards.
#
# Who are they, in the eyes of the same network?

# %% tags=["hide-input"]
counts = hubs.popularity(tops, cupboards["image_id"].to_numpy())
busy = cupboards.assign(lists=counts).sort_values("lists", ascending=False)
busy = busy.head(6 if len(tops) else 0)
times = ", in " + busy["lists"].astype(str) + " lists"
captions = [*(busy["species"] + times)]
figures.sheet_grid(busy, located(data), captions=captions, empty=nothing)

# %% [markdown]
# *The sheets that come up most often when other institutions ask.*
#
# Look for what they have in common with half of the world: pale paper, an
# envelope, a plant of no particular shape.
# Or for what they share with other *institutions*: a tint, a ruler at the same
# edge.
#
# (retrieval-fool)=
# ## What could fool us
#
# Our cupboards are of one house, and that was no accident.
# All of their sheets are strange to a query from elsewhere, so its paper
# cannot help it.
# A portal that has the sheets of many herbaria is another matter.
# Among those a query may find its own house before its own genus.
#
# So take the sheets of the other institutions alone, and let each of them meet
# two of its own {term}`genus`: one from its own house, and one from another.
# Which of the two lies nearer?
# If features held the genus and nothing but the genus, it would be either,
# half of the time.

# %%
house = houses.own_houses(features, specimens, seed)
here.write("retrieval_houses", house).name

# %% tags=["hide-input"]
alone = (
    "No sheet has one of its genus in its own house and one in another, so "
    "the houses cannot be compared."
)
figures.interval_dots(
    house, x="own_house_nearer", y="network", colour="network", baseline=0.5,
    empty=alone,
)

# %% [markdown]
# *How often the sheet from the own house is the nearer of the two; the dotted
# line is heads or tails.*
#
# Far to the right of the line the house decides.
# There, a search in a portal gives the herbarium first and the plant second,
# and the sheets that it shows from the own house are no independent witnesses.
# A network that lies nearer to the line than *imagenet* has learnt to look
# past the paper, although all its lessons were on paper of one kind; one that
# lies farther off minds the paper more than before.
# In real herbaria not all of the distance is paper: a house collects in its
# own part of the world, and its sheets of a genus are often of one species.
# Of a drawn one the *oracle*, which sees no paper, says how much is the plant.
#
# ## The answer

# %% tags=["remove-input"]
line = (
    "- A sheet from *{split}* finds its genus best with the **{network}**: "
    "mAP **{average_precision:.2f}** ({low:.2f} to {high:.2f}; by lot "
    "{lot:.2f}); the first neighbour is right for **{recall_at_1:.0%}**, and "
    "one of the first five for {recall_at_5:.0%};"
)
lot = of_map[of_map["network"] == BY_LOT].set_index("split")["value"]
led = of_own.drop_duplicates("split", keep="last").sort_values("split")
led = led.merge(wide.reset_index(), on=key)
led = led.assign(lot=led["split"].map(lot))
figures.say(figures.each(line, led) or nothing)

# %% [markdown]
# And what did our sheets teach that photographs had not?

# %% tags=["remove-input"]
mine = [name for name in features if name not in BESIDE]
leads = retrieval.precision_leads(answers, mine, ["imagenet"], seed)
line = (
    "- On *{split}*, the **{network}** is {by:.2f} of mAP {moved} *imagenet* "
    "({low:.2f} to {high:.2f} for the difference);"
)
leads["moved"] = np.where(leads["lead"] > 0, "ahead of", "behind")
leads = leads.assign(by=leads["lead"].abs())
no_network = "No network was asked, only baselines."
figures.say(figures.each(line, leads) or no_network)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: fewer who ask
# Let a hundred sheets of each set ask.
# What happens to the scores, their intervals and the skewness?
#
# :::{dropdown} Hint
# The parameter is `queries`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run retrieval -p queries 100
# ```
#
# The mAP moves within its interval, which is wider now.
# The skewness by lot goes *up*: with few lists the counts are small numbers,
# and many sheets have none.
# So a skewness means nothing without the one by lot beside it.
# :::
# ::::
#
# ::::{admonition} Exercise 2: centred
# Subtract from each representation the mean of its training sheets before
# anything is searched.
# What becomes of the hubs?
#
# :::{dropdown} Hint
# `retrieve_all`, in `herbnb/applications/retrieval.py`, reads the features;
# the training sheets are its `gallery`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/applications/retrieval.py
#          of_sheets = features[network]
# +        of_sheets = of_sheets - of_sheets[gallery].mean(axis=0)
# ```
#
# The cosine then looks from the middle of the cloud, where no direction is
# everybody's, and hubs that owed their place to the old origin go.
# Queries on strange paper may stay to one side all the same, since the mean is
# that of the cupboards.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Half of the queries are of three common genera.
# The mAP is high, and a curator of the rare ones is not impressed.
# What should be averaged instead?
#
# :::{dropdown} Hint
# How do other chapters keep the common from drowning the rare?
# :::
#
# :::{dropdown} Solution
# Genera: first the mean over the queries of each, then over genera, as a
# {term}`macro average` does.
# `answers.groupby(["network", "split", "genus"])["average_precision"].mean()`
# has them one by one.
# A rare genus has fewer sheets to be found, so its lists score lower by lot as
# well, and each genus should be compared with its own.
# :::
# ::::
#
# ## Next
#
# Some queries came from other houses, but all from the same data set,
# photographed for one purpose, with their labels made illegible.
# What becomes of the features when a sheet comes from somewhere else
# altogether?
# We need another herbarium, and the next chapter [goes to fetch
# one](kew.ipynb).
