"""What is done with the members of an ensemble of populations.

- ``asked_members``: a question put to every member.
- ``drawn_dyads``: dyads of all members, mixed in their weights.
"""
