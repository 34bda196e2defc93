# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Kew: sheets from another house
#
# **Can sheets of another herbarium, described by someone else and fetched over
# the web, be brought to the same networks?**
#
# All sheets so far came ready, in the layout of a data set that was prepared
# for a competition.
# Real work begins elsewhere: with a search in a portal, a download of records,
# and a list of addresses where images are supposed to be.
# Walker, Tucker and Nicolson {cite:p}`walker2022` took the herbarium of the
# Royal Botanic Gardens, Kew, and three genera: *Syzygium*, its near relation
# *Eugenia*, and *Dendrobium*, an orchid, which nobody confuses with either.
#
# :::{dropdown} In short
# - A download is two files, records and media, joined by an identifier, and
#   every step that leaves media out is counted: [the funnel](kew-funnel).
# - An image is kept when its bytes are a whole picture, whatever its name and
#   its server say: [what could fool us](kew-fool).
# - Sheets of one gathering are pieces of one plant, and from here on they stay
#   together: [gatherings](kew-gatherings).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `occurrence` and `multimedia`, the two files of an iDigBio download,
# and a `taxonomy`, if you give one; `networks/<network>/card.json` and
# `networks/<network>/checkpoint.ckpt`, from [the](autoencoder.ipynb)
# [three](triplet.ipynb) [networks](classifier.ipynb).
#
# Writes: `kew/specimens.parquet`, beside the pictures and the papers of the
# {term}`collection`: the {term}`manifest`, the {term}`data card` and the
# problems of names and ranks; and `features/<encoder>/kew.json`, the list of
# the parts in the folder beside it.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
occurrence: str = "data/pocket/kew/occurrence.csv"  # of the download: records
multimedia: str = "data/pocket/kew/multimedia.csv"  # of the download: media
stand_in: str = "data/pocket/kew"  # served in place of the web; "": the web
institution: str = "K"  # institution code of the sheets to keep
taxonomy: str = ""  # a CSV with genus, family, order, to fill blank ranks
networks: list = []  # whose features to compute: by default, every network's
batch_size: int = 64  # images encoded at once
num_workers: int = 0  # processes that read images
cache: bool = False  # keep the small sheets, for other eyes to come
seed: int = 89  # of the untrained encoder

# %%
from contextlib import nullcontext

import pandas as pd

from herbnb import figures
from herbnb.data.acquisition import bring_sheets, choose_sheets
from herbnb.data.fetching import downloads, loopback, web
from herbnb.data.records import idigbio
from herbnb.files import located
from herbnb.representations import extraction, with_baselines
from herbnb.results import Results

# %% [markdown]
# ## Look at the records first
#
# iDigBio gathers the records of some hundreds of collections
# {cite:p}`nelson2019idigbio`.
# What it gives for a search is an archive with two files that matter here:
# `occurrence.csv`, one row a specimen, and `multimedia.csv`, one row a
# picture.
# Both have a column `coreid`, and that is what joins them.

# %%
here, kew = Results(results), {"collection": "kew"}
records = idigbio.read_records(located(occurrence), located(multimedia))
records[["barcode", "institution", "genus", "epithet", "url"]].head()

# %% [markdown]
# The portal often writes names and codes in small letters, leaves blank what a
# herbarium left blank, and has changed its columns over the years.
# Who named a sheet, and when, it does not say at all: that is in a third file,
# `occurrence_raw.csv`, the records as the herbaria wrote them, which is read
# where it lies beside the others.
# Where each of our columns may stand is written down once, in order of
# preference.
#
# ## The idea, by hand
#
# Here are two records and three media, joined as the reader joins them.

# %%
toy_records = pd.DataFrame({"coreid": ["a", "b"], "barcode": ["K1", "K2"]})
toy_media = pd.DataFrame({"coreid": ["a", "a", "z"]})
toy_media["url"] = ["1.jpg", "2.jpg", "3.jpg"]
toy_media.merge(toy_records, on="coreid", how="left")

# %% [markdown]
# Three things happened that a careless join would hide.
# Sheet K1 has two pictures, K2 has none, and the third picture belongs to a
# record that is not there.
# Keeping the first picture of a {term}`barcode` settles the first, as in the
# published work; the third must be counted, or it turns into a smaller data
# set that nobody can explain.
# K2 has left no trace: a table of pictures says nothing of the sheets that
# nobody has photographed.
#
# (kew-funnel)=
# ## The funnel
#
# What is asked of a row: a record, an address, a preserved specimen of the
# right {term}`institution`, and a genus to go by.

# %%
genera = located(taxonomy) if taxonomy else None
asked = dict(institution=institution, taxonomy=genera)
chosen, steps, problems = choose_sheets(records, **asked)

# %% tags=["hide-input"]
figures.funnel(steps)

# %% [markdown]
# *From the media of the download to one image a specimen.*
#
# Each bar is what the steps so far have left.
# A bar much shorter than the one above it is a question to the data, not a
# fact of nature: a wrong institution code and a herbarium without pictures
# look just the same here.
#
# ## The fetching
#
# The addresses of the pocket herbarium's Kew lie on a host that does not
# exist.
# So for the length of one cell a small server answers in its place, on this
# machine only, and is asked as a *proxy*: the addresses stay as they are, and
# the rest of the chapter cannot tell the difference.
# With `stand_in` set to nothing, the same lines ask the web.

# %% tags=["hide-input"]
figures.source(downloads.bring)

# %% [markdown]
# An image is written to a temporary file, decoded to its last pixel, and only
# then given its name.
# Servers stumble, so a broken connection or a busy answer is tried again after
# a pause that grows; a plain "not found" is believed the first time.
# An image with several addresses has several chances.

# %%
server = loopback.serve(located(stand_in)) if stand_in else nullcontext()
folder = here.path("collection_folder", **kew)
with server as proxy, web.Web(proxy=proxy) as of_web:
    came = bring_sheets(chosen, steps, problems, folder, of_web)
specimens, manifest = came
failures = manifest[manifest["reason"] != ""]

# %% tags=["remove-input"]
others = figures.each(
    "{reason} ({count})",
    failures["reason"].value_counts().reset_index(),
    sep=", ",
    before=" The others: ",
    after=".",
)
figures.say(
    "**{whole}** of {all} images are here whole.{others}",
    whole=len(chosen) - len(failures),
    all=len(chosen),
    others=others,
)

# %% [markdown]
# The {term}`manifest` has a row for each image: the address that answered, how
# many bytes came, their checksum and size.
# Should the computer be switched off in the middle, the next run reads it and
# asks only for what is missing.
#
# The sheets whose images came make the {term}`collection`.
# It has the columns of every specimens table, so no later chapter needs to
# know where it came from.

# %% tags=["hide-input"]
few = specimens.sample(min(12, len(specimens)), random_state=seed)
figures.sheet_grid(few, folder)

# %% [markdown]
# *Twelve sheets of the collection.*
#
# Compare them with the twelve sheets of [the first chapter](sampling.ipynb).
# The paper is another, stamp and ruler stand elsewhere, and the labels can be
# read, where the Half-Earth data have them blurred.
# A network that has learnt to lean on such things will lean on air.
#
# ## Features of all sheets
#
# Nothing is trained in this chapter.
# The encoders are those of the chapters before, baselines and
# {term}`visitors <visitor>` among them, and each looks at every sheet once.

# %%
names = with_baselines(networks)
encoders = extraction.load_encoders(names, here, seed)
reading = dict(batch_size=batch_size, num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection="kew")
extraction.keep_features(here, "kew", encoders, folder, **reading)

# %% [markdown]
# They are kept where the features of the Half-Earth sheets are, under the name
# of this collection.

# %% [markdown]
# (kew-gatherings)=
# ## Gatherings
#
# When botanists collect a plant, they often press several pieces of it, under
# one number, and send the pieces to several herbaria, or lay some of them in
# the same one.
# Such sheets are {term}`duplicates <duplicate>` of one {term}`gathering`.
# They are the same plant on the same day, and they look it.
# Collector, number and date identify a gathering, and a sheet that lacks a
# number is counted as a gathering of its own.

# %% tags=["hide-input"]
gatherings = specimens.groupby("gathering")["genus"].agg(["size", "nunique"])
duplicates = gatherings[gatherings["size"] > 1]
by_genus = specimens.groupby("genus")["gathering"]
counted = by_genus.agg(sheets="size", gatherings="nunique")
figures.table(counted.reset_index())

# %% [markdown]
# *Sheets and gatherings of each genus.*
#
# The second number, not the first, is how many plants there are to learn from.
# One more count is worth making: duplicates were named by different people in
# different years, and need not agree.

# %% tags=["remove-input"]
figures.say(
    "**{duplicates}** gatherings have more than one sheet here, and in "
    "**{disagreeing}** of them the sheets bear the names of different genera.",
    duplicates=len(duplicates),
    disagreeing=(duplicates["nunique"] > 1).sum(),
)

# %% [markdown]
# Sheets of one gathering with two generic names cannot all be right.
# Nobody had to look at a picture to know that, which makes them the best test
# there is for a method that does look: [Mislabels](mislabels.ipynb).
#
# (kew-fool)=
# ## What could fool us
#
# A file that is called an image, sent by a server that calls it an image, with
# the answer "all is well".
# Portals do this every day: the picture has moved, and in its place comes a
# friendly page that says so.
# Let us play such a portal, in a folder aside.

# %%
trap = here.path("collection_folder", collection="kew_trap")
trap.mkdir(exist_ok=True)
page = "<!doctype html><title>This image has moved</title>"
(trap / "page.jpg").write_text(page)
portal = chosen.head(1).assign(urls=[["http://kew.pocket.example/page.jpg"]])
with loopback.serve(trap) as proxy, web.Web(proxy=proxy) as of_web:
    caught = downloads.fetch(portal, trap, of_web)

# %% tags=["hide-input"]
kept = (trap / portal["path"].iloc[0]).exists()
figures.say(
    "What was said of it: *{reason}*. Kept: **{answer}**.",
    reason=caught["reason"].iloc[0],
    answer="yes" if kept else "no",
)

# %% [markdown]
# Had the page been kept, it would have failed later, in the middle of a long
# night of encoding.
# Worse is a picture cut short on its way: some readers fill the missing part
# with grey and say nothing, and the network learns what grey means.
#
# What this check does not catch is a whole picture of the wrong thing: a
# colour chart, a packet of seeds, the back of a sheet.
# For that there is only the grid above, and one's eyes.
#
# ## The answer

# %% tags=["remove-input"]
figures.say(
    "Yes: **{sheets}** sheets of {genera} genera, in {gatherings} gatherings, "
    "went through the same networks as all the others; {missing} of the "
    "{media} media described did not, and the funnel and the list of failures "
    "say why.",
    sheets=len(specimens),
    genera=specimens["genus"].nunique(),
    gatherings=specimens["gathering"].nunique(),
    missing=len(records) - len(specimens),
    media=len(records),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: another house
# Set `institution` to `NY`, and then to nothing at all.
# What does the chapter say?
#
# :::{dropdown} Hint
# Nothing at all is `""`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run kew -p institution NY
# ```
#
# stops with one sentence that names the step which left no image:
#
# ```text
# No image passes the step 'institution NY'
# ```
#
# With nothing at all, every institution of the download is welcome:
#
# ```sh
# herbnb run kew -p institution ""
# ```
#
# Beware of the second with your own download, though: the same gathering may
# then come from several herbaria.
# :::
# ::::
#
# ::::{admonition} Exercise 2: a second picture
# Let `choose_sheets` keep two images of a specimen.
# Why does the published work keep one?
#
# :::{dropdown} Hint
# `choose_sheets` takes `images_per_specimen`; the chapter gives it what is
# `asked`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- chapters/kew.py
#  asked = dict(institution=institution, taxonomy=genera)
# +asked["images_per_specimen"] = 2
# ```
#
# Two pictures of one sheet are closer than any two duplicates.
# If one taught and the other tested, the test would be worth nothing.
# They share a barcode, and here also a gathering, so they would at least stay
# together; but they would count twice.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# The labels of these sheets can be read.
# Could a network cheat by reading them?
#
# :::{dropdown} Hint
# What does a label give away to somebody who cannot read?
# :::
#
# :::{dropdown} Solution
# Hardly at this size: a letter is a few pixels high.
# But it need not read.
# If one genus was mounted in one decade by one person, the shape and place of
# the labels give the genus away, and no reading is needed.
# Covering the labels and comparing the scores would tell.
# :::
# ::::
#
# ## Next
#
# The sheets are here, and so are their features.
# No network has ever been taught these sheets, and now their genera are to be
# told apart, two at a time: [Discrimination](discrimination.ipynb).
