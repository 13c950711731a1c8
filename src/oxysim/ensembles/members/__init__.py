"""What is done with the members of an ensemble of populations.

- ``member_populations``: a member, with the noise of its dyads' daily life.
- ``asked_members``: a question put to every member.
- ``drawn_dyads``: dyads of all members, mixed in their weights.
"""
