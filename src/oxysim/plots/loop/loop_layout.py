"""Where the loop's nodes stand and which arrows run between them: data only, so that the drawing
stays plain.
"""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """A node: its text and the place of its centre, in the units of the diagram.

    >>> NODES["depression"].text
    'depression'
    """

    text: str
    x: float
    y: float


class Arrow(NamedTuple):
    """An arrow from node to node that stands for one or several edges of the model.

    `sign` is +1 where more of the first makes more of the second, else -1; `bend` curves it
    (positive: to the right of its direction); `at` is where along it (0 to 1) its mark stands;
    `aside` shifts it as a whole to the right of its direction, so that two arrows between the same
    nodes run beside each other. An arrow without edges is structure, never cut.

    >>> Arrow("reward", "depression", ("reward -> depression",), -1).sign  # more reward, less of it
    -1
    """

    source: str
    target: str
    edges: tuple[str, ...]
    sign: int = 1
    bend: float = 0.0
    at: float = 0.5
    aside: float = 0.0


# The diagram's own units, about 0.7 of an inch each on the usual figure.
WIDTH, HEIGHT = 13.4, 9.1
HALF_WIDTH, HALF_HEIGHT = 0.86, 0.36  # of a node's box
CAREGIVER_BOX = (0.05, 0.15, 6.5, 9.05)  # left, bottom, right, top
INFANT_BOX = (8.55, 0.15, 13.35, 9.05)

# The caregiver's nodes at the left, the infant's at the right; what they exchange between them.
NODES = {
    "arousal": Node("stress arousal", 1.1, 7.75),
    "mood": Node("mood", 1.1, 6.25),
    "depression": Node("depression", 1.1, 4.25),
    "bond": Node("bond", 1.1, 2.3),
    "confidence": Node("confidence", 3.05, 0.75),
    "engagement": Node("engagement", 3.3, 7.75),
    "reward": Node("social\nreward", 3.6, 6.2),
    "satisfaction": Node("reward of the\nlast days", 3.5, 4.95),
    "oxytocin": Node("central\noxytocin", 5.6, 6.25),
    "affect": Node("warmth\n(affect)", 5.5, 3.95),
    "mentalising": Node("mind-\nmindedness", 5.5, 2.35),
    "sensitivity": Node("sensitivity", 5.5, 0.75),
    "contact": Node("touch, gaze,\ntalk, feeding", 7.52, 6.75),
    "synchrony": Node("synchrony", 7.52, 2.95),
    "infant_arousal": Node("arousal,\ncrying", 9.75, 7.75),
    "methylation": Node("receptor gene\nmethylation", 12.2, 6.2),
    "infant_oxytocin": Node("central\noxytocin", 9.75, 5.35),
    "infant_affect": Node("positive\naffect", 12.2, 3.6),
    "readability": Node("readable\nsignals", 9.75, 2.0),
    "security": Node("attachment\nsecurity", 12.2, 0.75),
}

# Bends and shifts were chosen by eye until no mark lay on another, which a test holds.
ARROWS = (
    # from what the caregiver does to what both receive
    Arrow("engagement", "contact", ()),
    Arrow(
        "contact",
        "oxytocin",
        (
            *(
                f"{s} -> caregiver_oxytocin"
                for s in ("suckling", "skin_contact", "touch", "play", "gaze", "talk")
            ),
            # talk that holds the infant's mind in mind
            "mind_mindedness -> caregiver_oxytocin",
        ),
        aside=0.12,
    ),
    Arrow("oxytocin", "contact", ("caregiver_oxytocin -> affection",), aside=0.22),
    Arrow(
        "contact",
        "infant_oxytocin",
        tuple(f"{s} -> infant_oxytocin" for s in ("touch", "voice", "feeding")),
    ),
    Arrow("contact", "infant_arousal", ("contact -> infant_arousal",), -1),
    Arrow("contact", "methylation", ("care -> infant_methylation",), -1, 0.0, 0.62),
    # reward, and what the last days leave of it
    Arrow(
        "oxytocin",
        "reward",
        ("accumbens_oxytocin -> serotonin", "serotonin -> reward", "accumbens_oxytocin -> reward"),
    ),
    Arrow("infant_affect", "reward", ("infant_affect -> reward",), 1, 0.04, 0.3),
    Arrow("reward", "satisfaction", ("reward -> recent_reward",)),
    Arrow("reward", "affect", ("reward -> affect",), 1, 0.0, 0.6),
    Arrow("reward", "engagement", ("reward -> engagement",)),
    Arrow("satisfaction", "depression", ("reward -> depression",), -1),
    Arrow("reward", "depression", ("serotonin -> depression",), -1, 0.12, 0.3),
    Arrow("satisfaction", "mood", ("reward -> mood",), 1, 0.0, 0.4),
    Arrow("satisfaction", "bond", ("reward -> bond",), 1, 0.0, 0.4),
    # within the caregiver
    Arrow("oxytocin", "affect", ("caregiver_oxytocin -> affect",)),
    Arrow("oxytocin", "arousal", ("caregiver_oxytocin -> caregiver_arousal",), -1, -0.04, 0.36),
    Arrow("arousal", "depression", ("caregiver_arousal -> depression",), 1, -0.55, 0.75),
    Arrow("mood", "depression", ("mood -> depression",), -1),
    Arrow("depression", "engagement", ("depression -> engagement",), -1, -0.1, 0.62),
    Arrow("depression", "affect", ("depression -> affect",), -1, 0.0, 0.6),
    Arrow("depression", "mentalising", ("depression -> mind_mindedness",), -1, 0.0, 0.58),
    Arrow("depression", "bond", ("depression -> bond",), -1, 0.0, 0.5, 0.45),
    Arrow("bond", "depression", ("bond -> depression",), -1, 0.0, 0.5, 0.3),
    Arrow("depression", "confidence", ("depression -> confidence",), -1, 0.0, 0.55, -0.2),
    Arrow("confidence", "depression", ("confidence -> depression",), -1, 0.0, 0.3, -0.2),
    Arrow(
        "bond",
        "engagement",
        ("bond -> engagement", "confidence -> engagement"),
        1,
        -0.04,
        0.84,
        0.1,
    ),
    # from her mind to the child's, and back
    Arrow("mentalising", "sensitivity", ("mind_mindedness -> sensitivity",)),
    Arrow("mentalising", "security", ("mind_mindedness -> attachment_security",), 1, 0.0, 0.75),
    Arrow("sensitivity", "security", ("sensitivity -> attachment_security",)),
    Arrow("mentalising", "infant_oxytocin", ("mind_mindedness -> infant_oxytocin",), 1, 0.1, 0.75),
    Arrow("infant_oxytocin", "mentalising", ("infant_oxytocin -> mind_mindedness",), 1, 0.1, 0.215),
    Arrow("affect", "infant_oxytocin", ("warmth -> infant_oxytocin",), 1, 0.0, 0.6),
    Arrow("affect", "infant_affect", ("warmth -> infant_affect",), 1, -0.06, 0.6),
    Arrow("infant_affect", "affect", ("infant_affect -> affect",), 1, -0.06, 0.2),
    # in step, and what comes of it
    Arrow("affect", "synchrony", ("affect -> synchrony",)),
    Arrow("mentalising", "synchrony", ("mind_mindedness -> synchrony",)),
    Arrow("infant_affect", "synchrony", ("infant_affect -> synchrony",), 1, 0.0, 0.45),
    Arrow("readability", "synchrony", ("readability -> synchrony",)),
    Arrow("synchrony", "confidence", ("synchrony -> confidence",), 1, -0.22, 0.765),
    Arrow("synchrony", "infant_arousal", ("synchrony -> infant_arousal",), -1, -0.1, 0.55),
    # within the infant, and what of it she notices
    Arrow("infant_oxytocin", "infant_arousal", ("infant_oxytocin -> infant_arousal",), -1),
    Arrow("infant_oxytocin", "infant_affect", ("infant_oxytocin -> infant_affect",)),
    Arrow("infant_arousal", "infant_affect", ("infant_arousal -> infant_affect",), -1),
    Arrow("infant_arousal", "arousal", ("infant_distress -> caregiver_arousal",), 1, 0.11),
    Arrow("infant_arousal", "mood", ("infant_distress -> mood",), -1, 0.0, 0.23),
    Arrow(
        "methylation",
        "infant_oxytocin",
        ("methylation -> infant_receptors",),
        -1,
    ),
    Arrow("infant_affect", "readability", ("infant_affect -> readability",)),
    Arrow("infant_arousal", "readability", ("infant_arousal -> readability",), -1, 0.3, 0.8),
    Arrow("readability", "mentalising", ("readability -> mind_mindedness",), 1, 0.0, 0.4),
)

WEIGHTED_ARROWS = (
    Arrow("depression", "depression", ("depression -> depression",)),
    Arrow("oxytocin", "oxytocin", ("agonist -> caregiver_receptors",), -1),
    Arrow("infant_oxytocin", "infant_oxytocin", ("agonist -> infant_receptors",), -1),
)
"""What a node does to itself, drawn where gains are: their loops have little room, and say little
without a gain.
"""

NOT_DRAWN = {
    "what comes from outside and is not answered": (
        "partner -> caregiver_oxytocin",
        "stressor -> caregiver_oxytocin",
        "methylation -> caregiver_receptors",
        "offered_contact -> adaptation_level",
    ),
    "oxytocin between blood and brain": (
        "plasma_oxytocin -> caregiver_oxytocin",
        "central_oxytocin -> caregiver_oxytocin",
    ),
    "what is measured and comes back to nothing": (
        "depression -> sensitivity",
        "affect -> sensitivity",
        "arousal -> caregiver_cortisol",
        "arousal -> infant_cortisol",
        "caregiver_cortisol -> infant_cortisol",
        "attachment_security -> exploration",
        "infant_arousal -> exploration",
        "infant_methylation -> irritability",
        "skin_contact -> attunement",
    ),
    "what comes back in less than a thousandth": ("synchrony -> caregiver_arousal",),
}
"""The edges that the diagram leaves out, by why: with the arrows they are all edges of the model,
which a test holds.
"""

BESIDE = {
    ("oxytocin", "reward"): (0.0, -0.55),
    ("contact", "oxytocin"): (-0.3, 0.3),
    ("oxytocin", "contact"): (-0.1, -0.62),
    ("mentalising", "synchrony"): (0.2, -0.35),
    ("reward", "engagement"): (0.22, 0.05),
    ("reward", "depression"): (0.0, -0.03),
    ("infant_arousal", "infant_affect"): (0.5, -0.8),
}
"""How far beside their arrows (to the right, upwards) the marks of short or crowded ones stand
where gains are.
"""

AROUND = {"depression": (-1, 0.0), "oxytocin": (1, -0.1), "infant_oxytocin": (1, -0.1)}
"""On which side of its node (-1 left, 1 right) such an arrow runs, and how far above the node's
middle.
"""
