"""What a candidate population answers to the findings that may be fitted.

- ``forward_rows``: all figures of one candidate, from one cohort and small protocols beside it.
- ``forward_parts``: these protocols, one part each.
"""
