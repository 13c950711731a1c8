"""oxysim: mother-infant oxytocin feedback, simulated. A research and teaching instrument, never a clinical one."""

from __future__ import annotations

__all__: list[str] = []
