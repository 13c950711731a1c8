"""Schedules as sentences: the grammar in which a routine or an intervention can be written."""
