"""Atlas: the map of all sheets on a page of its own, to wander in without a server or a network."""
