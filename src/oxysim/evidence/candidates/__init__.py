"""What a candidate population answers to the findings that may be fitted."""
