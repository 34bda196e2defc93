# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your herbarium: what would a network make of your own sheets?
#
# **When a network that knows other herbaria is shown your sheets, which will it lay side by side, what will it call them, and which names will it doubt?**
#
# A network that has been trained is like a visitor who has spent years in another herbarium.
# She brings an eye, but not your names, and she has never seen your paper.
# This chapter shows her round: any folder of sheets will do, and until you give yours it is the Kew collection of [an earlier chapter](kew).
#
# :::{dropdown} In short
# - Every sheet has {term}`nearest neighbours <nearest neighbour>`, and {term}`duplicates <duplicate>` among them are shown but have no vote: [the neighbours](herbarium-neighbours).
# - A name that training has never shown cannot be given, and the confidence of a model is worth what it was tested to be: [the names](herbarium-names).
# - Neighbours may share a cupboard rather than a genus, which can be counted: [what could fool us](herbarium-fool).
# :::
#
# Reading time: 10 minutes.
#
# Reads: your folder, as [Getting the data](../getting_the_data) makes it; the trained networks, and `features/<network>/half_earth.parquet` from [Features](features).
#
# Writes: `<name>/specimens.parquet`, your table; `features/<network>/<name>.parquet`; and in the folder `<name>` also `neighbours.parquet`, `identification.csv` and `review_list.csv`.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
collection: str = "results/pocket/kew"  # folder of your sheets
name: str = "your_herbarium"  # what the run calls your collection
network: str = "classifier"  # whose eyes to borrow: autoencoder, triplet or classifier
sheet: str = ""  # image_id whose neighbours to show; "" takes the most suspect
neighbours: int = 5  # how many nearest sheets have a vote
input_height: int = 96  # side of the square images in px, as in training
fit: str = "letterbox"  # how a sheet becomes a square: letterbox or crop
batch_size: int = 64  # images encoded at once
num_workers: int = 0  # processes that read images
seed: int = 89  # of the map, the folds and the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import naming, own_collection, review
from herbnb.applications.calibration import calibration
from herbnb.applications.neighbours import find_neighbours, shared_by_neighbours
from herbnb.data.collection import read_collection
from herbnb.files import located, write_table
from herbnb.representations import features
from herbnb.representations.embedding import embed

# %% [markdown]
# ## Look at the sheets first
#
# Your folder is read and left as it is.
# The run keeps a copy of the table, under the name that you gave.

# %%
here, folder = located(results), located(collection)
specimens = own_collection.adopt(read_collection(folder), folder, here, name)

# %% tags=["hide-input"]
figures.sheet_grid(specimens.sample(min(12, len(specimens)), random_state=seed), folder)

# %% [markdown]
# *Some of your sheets.*
#
# Are they upright, sharp, and all of plants?
# A colour chart or the back of a sheet is best found now, because every later page will take it for a plant.
#
# Now the visitor: her eyes are an {term}`encoder`, and her experience is the sheets that it was trained on.

# %%
encoder = features.load_encoder(network, here, seed)
trained_on, learnt = features.read_features(here, network, "half_earth", "train")

# %% tags=["hide-input"]
figures.table(own_collection.collection_card(specimens, trained_on))

# %% [markdown]
# *Your collection, and what of it the network can know.*

# %% tags=["remove-input"]
strange = specimens.loc[~specimens["genus"].isin(trained_on["genus"]), "genus"].value_counts()
first = ", ".join(f"*{figures.safe(genus)}*" for genus in strange.index[:8])
figures.say(
    f"Training has never shown **{len(strange)}** of your genera: {first}{' and others' if len(strange) > 8 else ''}."
    if len(strange)
    else "Training has shown every one of your genera."
)

# %% [markdown]
# Two limits are visible before anything has been computed.
# A {term}`genus` that training has not shown has no name in the visitor's mind.
# And a genus with a sheet or two in your own cupboards gives nobody much to learn from.
# Neither keeps her from laying like beside like.
#
# ## The idea, by hand
#
# How alike are two sheets?
# Suppose there were two {term}`features <feature>` only: how much toothed edge a sheet shows, and how much red.

# %%
holly, large_holly, laurel = np.array([2.0, 1.0]), np.array([6.0, 4.0]), np.array([1.0, 2.0])

# %% [markdown]
# The large holly shows more of both, because there is more of it.
# Measured in a straight line, the laurel is the closer one.

# %%
np.linalg.norm([holly - large_holly, holly - laurel], axis=1).round(2)

# %% [markdown]
# But the *proportions* of the two hollies agree.
# The {term}`cosine` of the angle between two feature vectors compares proportions and forgets size: one is the same direction, nought a right angle.


# %%
def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


np.round([cosine(holly, large_holly), cosine(holly, laurel)], 2)

# %% [markdown]
# Now the hollies are neighbours.
# A herbarium sheet may be crowded or nearly bare, so from here on "near" means near by cosine.
#
# ## Through the encoder
#
# The network looks at every sheet once, and so do the two {term}`baselines <baseline>`, which keep it honest.
# Nothing is trained.

# %%
encoders = {network: encoder} | {each: features.load_encoder(each, here, seed) for each in features.BASELINES}
options = dict(input_height=input_height, fit=fit, batch_size=batch_size, num_workers=num_workers)
vectors = features.extract_together(encoders, specimens, folder, **options)

# %% [markdown]
# The numbers are kept with the run, so that the other chapters can find your collection by its name.

# %%
for each, of_sheets in vectors.items():
    features.write_features(here, each, name, specimens, of_sheets)

# %% [markdown]
# (herbarium-neighbours)=
# ## Which sheets lie side by side?
#
# For each sheet we look for the nearest ones.
# A {term}`duplicate` is a piece of the same plant, so it will be near whatever the network has learnt.
# It is listed and marked, and the search goes on until enough sheets of *other* {term}`gatherings <gathering>` are found.

# %%
near = find_neighbours(vectors[network], specimens, neighbours)
write_table(near, here / name / "neighbours.parquet").name

# %% [markdown]
# Which sheet shall we show?
# If you named none, it is the first of the review list, which comes later in this chapter and is made here.

# %%
judged = naming.by_own_labels(vectors[network], specimens, seed=seed)
listed = review.doubted(specimens, judged, near, name)
asked = own_collection.sheet_to_show(specimens, listed, sheet)

# %% tags=["hide-input"]
beside = near[near["image_id"] == asked]
shown = specimens.set_index("image_id", drop=False).loc[[asked, *beside["neighbour"]]]
nearness = [f"a duplicate, {row.similarity:.2f}" if row.duplicate else f"{row.similarity:.2f}" for row in beside.itertuples()]
roles = ["the sheet asked about", *nearness]
captions = [f"{species}: {role}" for species, role in zip(shown["species"], roles, strict=True)]
figures.sheet_grid(shown, folder, captions=captions)

# %% [markdown]
# *A sheet and its nearest neighbours, with their cosines.*

# %% tags=["hide-input"]
figures.table(shown[["image_id", "species", "family", "institution"]].assign(role=roles))

# %% [markdown]
# *The same sheets in words, for those that no page may show.*
#
# Ask of each neighbour what it shares with the first sheet: the leaf, the way the plant was laid, or the tint of the paper?
# When you disagree with the network, look again before you decide which of you is wrong.
# Then give another `sheet`.
#
# ## Where do they lie on the map?
#
# The map is that of [Embedding](embedding): it is made of the training sheets, and yours are pinned where their neighbours among those are.

# %%
both = pd.concat([trained_on.assign(collection="half_earth"), specimens.assign(collection=name)], ignore_index=True)
places = embed(both, np.concatenate([learnt, vectors[network]]), seed)
placed = both.join(places[["x", "y"]])

# %% tags=["hide-input"]
thumbnails = placed["path"].where(placed["collection"] == name)
figures.scatter(placed, colour="family", facet="collection", hover=["species", "institution"], thumbnails=thumbnails)

# %% [markdown]
# *One map in two panels: the training sheets, and yours.*
#
# The same corner means the same thing in both panels.
# A family of yours that falls on its own colour has been recognised, if nobody else has fallen there, too.
# If all your sheets crowd into one patch, the first thing that the network sees in them is that they are yours: your paper, your lamp, your labels.
# Sheets of a genus that training never showed must lie somewhere, and a place on the map is no proof of kinship.
#
# (herbarium-names)=
# ## What would it call them?
#
# First by what training has shown.
# Each of your sheets takes the name that most of its nearest training sheets bear, at every {term}`rank`, and the share of the votes is its confidence.

# %%
told = []
for each in dict.fromkeys([network, "colour"]):
    known, of_known = features.read_features(here, each, "half_earth", "train")
    told.append(naming.by_training(of_known, known, vectors[each], specimens, neighbours).assign(network=each))
told = pd.concat(told, ignore_index=True)

# %% [markdown]
# A sheet that training itself has used would meet itself there, and is left out.
#
# A vote always elects somebody.
# So before counting right names we set aside the sheets for which there is no right answer.

# %% tags=["remove-input"]
of_network = told[told["network"] == network]
lines = []
for rank, part in of_network.groupby("rank", sort=False):
    foreign = part[~part["known"]]
    sure = (foreign["confidence"] == 1).sum()
    words = f"**{len(foreign)}** of {len(part)} sheets bear a name that training never showed, and for {sure} of these all neighbours agreed on a wrong one;"
    lines.append(f"- {rank}: {words if len(foreign) else 'training has shown every name;'}")
figures.say("\n".join(lines) or "Training has used every one of these sheets itself, so it cannot be asked to name them.")

# %% [markdown]
# Remember the second number when a model seems sure.
# The others can be scored, beside the colour histogram and somebody who looks at no sheet and calls all by the commonest name that training has shown.

# %% tags=["hide-input"]
by_training = naming.name_scores(told[told["known"]], trained_on, seed)
unknown = "Nothing to score: training has shown none of your genera, families or orders."
asked_for = by_training[by_training["score"].isin(["accuracy", "f1"])]
figures.interval_dots(asked_for, x="value", y="rank", colour="network", facet="score") if len(asked_for) else figures.say(unknown)

# %% [markdown]
# *Sheets named by training, where training knows the name.*
#
# A rank without a line in the figure has no sheet that could be named.
# One name for all may do well on accuracy and not on *f1*, which asks every {term}`taxon` alike: see [Identification](identification).
# If a baseline is level with the network, these names tell you nothing.
#
# Then by your own labels, which know your genera.
# A regression names each sheet after learning from the others, duplicates excepted, as in [Mislabels](mislabels).
# It is asked about the genera with five gatherings or more.

# %%
by_each = [judged if each == network else naming.by_own_labels(vectors[each], specimens, seed=seed) for each in vectors]
named = pd.concat([part.assign(network=each, rank="genus") for each, part in zip(vectors, by_each, strict=True)])
by_labels = naming.name_scores(named, specimens, seed)

# %% tags=["hide-input"]
scores = pd.concat([by_training.assign(by="training"), by_labels.assign(by="own labels")], ignore_index=True)
write_table(scores, here / name / "identification.csv")
small = "Too small to score: fewer than two of your genera have five gatherings, so no regression was asked."
genera = by_labels[by_labels["score"].isin(["accuracy", "f1"])]
figures.interval_dots(genera, x="value", y="network", colour="network", facet="score") if len(genera) else figures.say(small)

# %% [markdown]
# *Sheets named by a regression on your own labels.*
#
# A wide interval is an honest one: so few sheets cannot say more.
#
# ### When it says that it is sure
#
# A botanist who says "quite certain" nine times should be right about nine times in ten such cases.
# Whether a model keeps its word is called its {term}`calibration`, and can be counted: collect the sheets of which it was about so sure, and see how many it named rightly.

# %% tags=["hide-input"]
kept = calibration(judged)
ideal = pd.DataFrame({"said": [0.0, 1.0], "right": [0.0, 1.0], "network": "as good as its word"})
lines = pd.concat([kept.assign(network=network), ideal])
figures.curves(lines, x="said", y="right", colour="network") if len(kept) else figures.say(small)

# %% [markdown]
# *How sure it was, and how often it was right.*

# %% tags=["hide-input"]
figures.table(kept, digits=2) if len(kept) else figures.say("No bins to count.")

# %% [markdown]
# *The same in numbers, with the sheets in each bin.*
#
# Below the straight line it promises too much.
# The ribbon is the interval, and a bin with a handful of sheets has hardly anything to say.
# The labels are taken as right here, so a wrong one counts against a model that saw through it.

# %% tags=["remove-input"]
top = kept[kept["from"] == 0.9]
figures.say(
    f"When it says 90 % or more, it agrees with the label in **{top['right'].iloc[0]:.0%}** of {top['sheets'].iloc[0]} sheets "
    f"({top['low'].iloc[0]:.0%} to {top['high'].iloc[0]:.0%})."
    if len(top)
    else "It never says 90 % or more."
    if len(kept)
    else "So its word remains untested here."
)

# %% [markdown]
# (herbarium-fool)=
# ## What could fool us
#
# *Could it be chance?*
# Shuffle the labels of your collection, and let the same regression judge them.

# %%
shuffled = specimens.assign(genus=np.random.default_rng(seed).permutation(specimens["genus"]))
by_chance = naming.by_own_labels(vectors[network], shuffled, seed=seed)

# %% tags=["remove-input"]
agreed, chance = ((part["given"] == part["predicted"]).mean() for part in (judged, by_chance))
doubted = (by_chance["probability"] < 0.5).sum()
figures.say(
    f"With the labels as they are it agrees with **{agreed:.0%}** of them and doubts {len(listed)} of {len(judged)}; "
    f"with shuffled labels it agrees with **{chance:.0%}** and doubts {doubted} of {len(by_chance)}."
    if len(judged) and len(by_chance)
    else "Too few genera are large enough to be judged, with the labels as they are or shuffled."
)

# %% [markdown]
# A review list of shuffled labels is a list as well, and looks no less convinced.
# What a list is worth shows only in the distance between those two.
#
# *Could the neighbours share a cupboard rather than a genus?*
# Count what neighbours have in common, and what two sheets of different gatherings would have in common by chance.

# %% tags=["hide-input"]
shared = shared_by_neighbours(near, specimens, seed)
alike = "Nothing to compare: your sheets all bear the same names and come from one institution, or there is only one gathering."
figures.interval_dots(shared, x="share", y="shared", colour="by") if len(shared) else figures.say(alike)

# %% [markdown]
# *How often neighbours share a name, and how often chance would.*
#
# A row is missing where all your sheets have the same.
# If neighbours share their {term}`institution` much more often than chance, they are neighbours by their paper, at least in part.
# Should a genus live in one institution only, the two cannot be told apart by counting.

# %% tags=["remove-input"]
gathering = specimens.set_index("image_id")["gathering"]
twins = gathering.index[(gathering != "") & gathering.duplicated(keep=False)]
nearest = near[(near["place"] == 1) & near["image_id"].isin(twins)]
figures.say(
    f"Of the {len(twins)} sheets that have a duplicate here, **{nearest['duplicate'].sum()}** have one for their very nearest neighbour: "
    "had duplicates a vote, these would have voted for themselves."
    if len(twins)
    else "No sheet here is known to have a duplicate; if your records lack collectors' numbers, some may have one all the same."
)

# %% [markdown]
# ## The review list
#
# These are the sheets whose label got less than half of the regression's belief, most suspect first.
# Each comes with its reason, and in the file also with the ids of its neighbours, so that they can be laid beside it on the table.

# %%
write_table(listed, here / name / "review_list.csv")
columns = ["image_id", "given", "suggested", "score", "reason"]
nobody = "The list is empty: " + ("no label is doubted." if len(judged) else "no label could be judged.")
figures.table(listed[columns].head(20)) if len(listed) else figures.say(nobody)

# %% [markdown]
# *The sheets to look at first, and why.*
#
# Two witnesses speak in each reason, the neighbours and the regression.
# They looked at the same numbers, so they are not independent, but where they disagree the case is open.
# A duplicate under another name is the best witness of all, and needs no network.

# %% tags=["remove-input"]
split = specimens[specimens["image_id"].isin(twins)].groupby("gathering").filter(lambda sheets: sheets["genus"].nunique() > 1).sort_values("gathering")
examples = ", ".join(f"{figures.safe(image)} ({figures.safe(genus)})" for image, genus in zip(split["image_id"][:6], split["genus"], strict=False))
figures.say(
    f"In **{split['gathering'].nunique()}** gatherings the duplicates bear names of different genera, which cannot all be right: {examples}{' and others' if len(split) > 6 else ''}."
    if len(split)
    else "No gathering here is known to have duplicates under different genera."
)

# %% tags=["hide-input"]
suspects = listed["image_id"].head(3)
rows = near[near["image_id"].isin(suspects) & ~near["duplicate"]]
order = [image for suspect in suspects for image in (suspect, *rows.loc[rows["image_id"] == suspect, "neighbour"])]
pictures = specimens.set_index("image_id", drop=False).loc[order]
doubts = listed.set_index("image_id")["suggested"]
captions = [f"{row.genus}, or {doubts[row.image_id]}?" if row.image_id in set(suspects) else row.genus for row in pictures.itertuples()]
figures.sheet_grid(pictures, folder, captions, columns=neighbours + 1, height=120) if len(order) else figures.say("Nothing to show.")

# %% [markdown]
# *The first suspects, each followed by its nearest sheets.*
#
# Some suspects are wrongly named, and some are only odd: a bare twig, a torn leaf, a picture of a packet.
# Which is which only the plant can say.
#
# ## The answer

# %% tags=["remove-input"]
genus_share = shared[shared["shared"] == "genus"].set_index("by")["share"]
side = f"Of the neighbours of a sheet **{genus_share['neighbours']:.0%}** share its genus, where chance would give {genus_share['chance']:.0%}. " if len(genus_share) else ""
nameable = of_network[(of_network["rank"] == "genus") & of_network["known"]]
right = (nameable["given"] == nameable["predicted"]).sum()
by_name = f"Training let the {network} name the genus of {len(nameable)} of {len(specimens)} sheets, and **{right}** of these names are those on the labels. "
by_label = f"Your own labels let it judge {len(judged)} sheets, and it doubts **{len(listed)}** of them"
unjudged = f"; {len(specimens) - len(judged)} more could not be judged, because their genera are too small." if len(judged) < len(specimens) else "."
figures.say(side + (by_name if len(nameable) else "Training has shown it none of your genera, so it could name none. ") + by_label + unjudged)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: other eyes
# Run the chapter with the eyes of the `triplet` network, under another `name`.
# Which sheets stand on both review lists?
#
# :::{dropdown} Solution
# `herbnb run your_herbarium -p network triplet -p name by_triplet`, and then compare the two files `review_list.csv`.
# Sheets that both doubt are the first to fetch.
# Two networks trained on the same sheets make some of the same mistakes, though, so agreement is no verdict.
# :::
# ::::
#
# ::::{admonition} Exercise 2: more voters
# Raise `neighbours` step by step.
# What happens to the names given by training, and to those of rare genera first?
#
# :::{dropdown} Solution
# `herbnb run your_herbarium -p neighbours 25`.
# A single odd neighbour matters less and less, but a genus with few training sheets is outvoted as soon as there are more voters than it has sheets.
# The best number depends on your rarest genus, which is why it is a parameter.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A colleague sends you scans of the same sheets, taken with a new camera, and puts them into the folder beside the old ones.
# Every sheet now has a neighbour that agrees with its label.
# What has been proved?
#
# :::{dropdown} Solution
# Nothing, for each sheet has been compared with itself.
# If both scans of a sheet carry its gathering, they count as duplicates, have no vote and share a fold.
# If they do not, every score of this chapter is worthless, and nothing in it would have warned you.
# :::
# ::::
#
# ## Next
#
# Now it is your turn: the page [Getting the data](../getting_the_data) turns a search in a portal, an archive, or a table and a folder of scans into a collection that this chapter reads.
# Give it that folder and a name of its own, and begin again at the top.
