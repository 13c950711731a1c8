"""Where a run begins: fast states on their daily cycle, slow ones at their means over a day."""
