"""The store of a sweep on disk: written block by block, safe against a kill, verified when read.

In reading order:

- ``zarr_layout``: which runs are which chunk, and the bytes of chunks and metadata.
- ``store_files``: files written whole or not at all, read only inside the store.
- ``legal_metadata``: what a description, and zarr's own metadata, may say.
- ``writer_lock``: one writer at a time.
- ``journal``: the bookkeeping, one description of the study and one marker a block.
- ``places``: where a store may lie; ``changes``: what differs between two studies.
- ``storable``: what a store needs to know of a study and of a computed block.
- ``repair``: torn or damaged files are found by their digests and taken away.
- ``zarr_store``: the store that a sweep writes to and resumes.
- ``checked_files``: the files as zarr reads them, each held against its digest.
- ``stored_study``: what a store tells of itself; ``verification``: whether it is what was written.
"""
