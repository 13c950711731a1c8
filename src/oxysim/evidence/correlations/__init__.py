"""Does a trait or an edge carry a correlation? Each is asked again with edges cut, and with the
traits of the population unrelated.

- ``edges_between``: for each correlation, the edges between its two sides (a table of data).
- ``trait_or_edge_parts``: from four answers to what edges, traits and neither account for.
- ``trait_or_edge_table``: the question itself, and its table.
- ``trait_or_edge_page``: its words.
- ``trait_or_edge_stored``: the answer as it was last worked out.
"""
