"""The store of a sweep on disk: written block by block, safe against a kill, verified when read."""
