"""What a simulation keeps and returns: courses, outcomes, the labelled result and
its provenance.
"""
