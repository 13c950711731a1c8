"""The model written a second time, in plain floats, from the docstrings of
``oxysim.outcome_model.mechanisms`` and ``oxysim.outcome_model.dyad``.

Nothing of the mechanisms is imported. A parameter is called by the symbol of its docstring, an
input by its channel, an edge by its name; times are in minutes. One function a member, each
paragraph of it a mechanism.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Numbers = Mapping[str, float]

LN2 = math.log(2.0)
MICROGRAM_PER_IU = 1.68


def logistic(x: float) -> float:
    """1/(1 + e^-x)."""
    return 1 / (1 + math.exp(-x))


def logit(share: float) -> float:
    """ln(share/(1 - share))."""
    return math.log(share) - math.log(1 - share)


def steep(x: float, half: float) -> float:
    """x^4/(half^4 + x^4)."""
    return x**4 / (half**4 + x**4)


def on_logit(share: float, target: float, time: float) -> float:
    """d(share)/dt where d logit(share)/dt = (target - logit(share))/time: the chain rule."""
    return (target - logit(share)) / time * share * (1 - share)


@dataclass(frozen=True)
class Member:
    """What the equations of one member take: states, inputs, parameters by group and symbol, edges,
    usual signals and their slopes along routine contact, whose usual mean is `usual_contact`.
    `caregivers` are those of an infant.
    """

    states: Numbers
    inputs: Numbers
    parameters: Mapping[str, Numbers]
    edges: Numbers
    usual: Numbers
    slopes: Numbers
    usual_contact: float
    caregivers: tuple[Member, ...] = ()

    def expected(self, edge: str) -> float:
        """usual + slope*(routine contact - its usual mean)."""
        contact = 0.0
        for caregiver in self.caregivers or (self,):
            planned = caregiver.inputs["routine_contact"]
            contact += planned / (caregiver.parameters["engagement"]["h"] + planned)
        return self.usual[edge] + self.slopes[edge] * (contact - self.usual_contact)

    def hears(self, edge: str, said: float) -> float:
        """expected + multiplier*(said - expected), the rule of every edge."""
        return self.expected(edge) + self.edges[edge] * (said - self.expected(edge))

    def deviation(self, edge: str, said: float) -> float:
        """What is heard, less the usual."""
        return self.hears(edge, said) - self.usual[edge]


@dataclass(frozen=True)
class InfantNow:
    """What the infant's state says at one moment (M4, M19)."""

    availability: float
    signal: float
    readability: float


def receptors(member: Member, whose: str, methylation: float) -> tuple[float, float]:
    """M4: availability and signal."""
    p, s = member.parameters["receptors"], member.states
    away = member.deviation(f"methylation -> {whose}_receptors", methylation)
    expression = 2 / (1 + math.exp(p["β"] * away))
    availability = expression * s["receptor_sensitisation"] * member.inputs["receptors"]
    return availability, availability * s["central_oxytocin"] / (p["K"] + s["central_oxytocin"])


def sensitisation_rate(member: Member, whose: str) -> float:
    """M4: loss under agonist, recovery."""
    p, s = member.parameters["receptors"], member.states
    agonist = member.hears(f"agonist -> {whose}_receptors", steep(s["central_oxytocin"], p["C_d"]))
    lost = p["k_d"] * s["receptor_sensitisation"] * agonist
    return (1 - s["receptor_sensitisation"]) / p["τ_r"] - lost


def cortisol_rate(member: Member, whose: str, clock: float) -> float:
    """M11: secretion with a daily rhythm and with arousal; `clock` in minutes since midnight."""
    p, s = member.parameters["stress"], member.states
    rhythm = math.cos(2 * math.pi * (clock - 6 * 60) / (24 * 60))
    arousal = member.hears(f"arousal -> {whose}_cortisol", s["arousal"])
    return LN2 / p["t½,F"] * (p["F_0"] * (1 + p["A"] * rhythm + p["c"] * arousal) - s["cortisol"])


def infant_now(infant: Member) -> InfantNow:
    """M4 and M19: what the infant says."""
    s, p = infant.states, infant.parameters["affect"]
    availability, signal = receptors(infant, "infant", s["methylation"])

    clear = logistic(
        logit(p["r_0"])
        + p["ς_a"] * infant.deviation("infant_affect -> readability", s["affect"])
        - p["ς_s"] * infant.deviation("infant_arousal -> readability", s["arousal"])
    )
    return InfantNow(availability, signal, clear)


def contact(caregiver: Member) -> dict[str, float]:
    """M10: engagement, and what of the day's contact happens."""
    s, u, p = caregiver.states, caregiver.inputs, caregiver.parameters["engagement"]

    z = (
        -p["ε_D"]
        * caregiver.deviation("depression -> engagement", steep(s["depression"], p["D_h"]))
        + p["ε_R"] * caregiver.deviation("reward -> engagement", s["reward"])
        + p["ε_B"] * caregiver.deviation("bond -> engagement", s["bond"])
        + p["ε_C"] * caregiver.deviation("confidence -> engagement", s["confidence"])
    )
    engaged = p["f"] + (1 - p["f"]) * 2 / (1 + math.exp(-z))

    answering = u["presence"] * u["responsiveness"] * engaged
    happens = {
        "touch": answering * u["affectionate_touch"],
        "play": answering * u["stimulating_play"],
        "gaze": answering * u["gaze"],
        "talk": answering * u["talk"] + u["remote_voice"],
        "skin": u["presence"] * u["skin_contact"],
        "massage": u["presence"] * u["massage"],
    }
    social = sum(happens.values())

    suckling = u["presence"] * u["breastfeeding_share"] * u["suckling"]
    interaction = social / (p["h"] + social)
    return happens | {"suckling": suckling, "interaction": interaction, "engagement": engaged}


def mind_talk(caregiver: Member, happens: Numbers) -> float:
    """M2, M3: talk weighted with mind-mindedness."""
    return happens["talk"] * 2 / (1 + math.exp(-caregiver.states["mentalising"]))


def sensitivity(caregiver: Member) -> float:
    """M8: the rating of sensitivity, 1 to 9."""
    s, p = caregiver.states, caregiver.parameters["mentalising"]
    return 1 + 8 * logistic(
        p["σ_0"]
        + p["σ_m"] * caregiver.hears("mind_mindedness -> sensitivity", s["mentalising"])
        - p["σ_D"] * caregiver.deviation("depression -> sensitivity", s["depression"]) / 30
        + p["σ_A"] * caregiver.deviation("affect -> sensitivity", s["affect"])
    )


def spray_rates(s: Numbers, dose: float, p: Numbers) -> tuple[dict[str, float], float, float]:
    """M1: rates of the nose's states, absorption into blood (µg/min), arrival in the brain (pg/mL
    per min).
    """
    left = LN2 / p["t½,A"] * s["nasal_depot"]
    arriving = LN2 / p["t½,T"] * s["brain_transit"]
    rates = {
        "nasal_depot": p["φ_A"] * MICROGRAM_PER_IU * dose - left,
        "brain_transit": p["b"] * left * 1e6 / p["V_brain"] - arriving,
    }

    for state, share, half_life in (("fast", "φ_F", "t½,F"), ("slow", "φ_W", "t½,W")):
        residue = s[f"nasal_residue_{state}"]
        most = p[share] * MICROGRAM_PER_IU * p["D_max"]
        taken = p[share] * MICROGRAM_PER_IU * dose * (1 - residue / most)
        rates[f"nasal_residue_{state}"] = taken - LN2 / p[half_life] * residue
    return rates, p["f"] * left, arriving


def oxytocin_rates(caregiver: Member, happens: Numbers) -> dict[str, float]:
    """M1 and M2: the nose, plasma, brain and lumbar CSF."""
    s, u, p = caregiver.states, caregiver.inputs, caregiver.parameters["oxytocin"]
    rates, absorbed, arriving = spray_rates(
        s, u["nasal_spray"], caregiver.parameters["nasal_spray"]
    )

    sources = {
        "suckling": (p["g_suck"], happens["suckling"]),
        "skin_contact": (p["g_skin"], happens["skin"]),
        "touch": (
            p["κ_touch"] * p["g_touch"],
            steep(happens["touch"] + happens["massage"], p["h_c"]),
        ),
        "play": (p["κ_play"] * p["g_play"], steep(happens["play"], p["h_c"])),
        "gaze": (p["g_gaze"], happens["gaze"]),
        "talk": (p["g_talk"], happens["talk"]),
        "mind_mindedness": (p["g_mind"], mind_talk(caregiver, happens) + u["holding_in_mind"]),
        "partner": (p["g_partner"], u["partner_contact"]),
    }
    r = sum(
        gain * caregiver.hears(f"{name} -> caregiver_oxytocin", said)
        for name, (gain, said) in sources.items()
    )

    plasma, central = s["plasma_oxytocin"], s["central_oxytocin"]
    drug = 1e6 * (absorbed + MICROGRAM_PER_IU * u["intravenous"]) / (1000 * p["CL"])
    own = caregiver.hears("central_oxytocin -> caregiver_oxytocin", steep(central, p["C_a"]))
    from_blood = p["c"] * caregiver.deviation("plasma_oxytocin -> caregiver_oxytocin", plasma)
    wanted = p["C_0"] * (1 + p["q"] * r + p["a"] * own)
    return rates | {
        "plasma_oxytocin": LN2 / p["t½,P"] * (p["P_0"] * (1 + r) + drug - plasma),
        "central_oxytocin": LN2 / p["t½,C"] * (wanted - central) + arriving + from_blood,
        "csf_oxytocin": LN2 / p["t½,L"] * (central - s["csf_oxytocin"]),
    }


def feeling_rates(
    caregiver: Member, happens: Numbers, signal: float, infant: Member, now: InfantNow
) -> Numbers:
    """M6, M7, M11 and M13: reward, affect, arousal and synchrony, over minutes."""
    s, u, hears, deviation = (
        caregiver.states,
        caregiver.inputs,
        caregiver.hears,
        caregiver.deviation,
    )
    social, content = happens["interaction"], infant.states["affect"]

    p = caregiver.parameters["reward"]
    v = u["accumbens_receptors"] * signal * social
    n = v / (p["ν"] + v)
    valued = p["w"] * hears("serotonin -> reward", s["serotonin"])
    valued += (1 - p["w"]) * hears("accumbens_oxytocin -> reward", n)
    rates = {
        "serotonin": (hears("accumbens_oxytocin -> serotonin", n) - s["serotonin"]) / p["τ_X"],
        "reward": (valued - s["reward"]) / p["τ_R"],
    }

    p = caregiver.parameters["affect"]
    warmth = (
        logit(p["α_0"])
        + p["α_O"] * deviation("caregiver_oxytocin -> affect", signal * social)
        + p["α_R"] * deviation("reward -> affect", s["reward"])
        - p["α_D"] * deviation("depression -> affect", s["depression"]) / 30
        + p["α_i"] * deviation("infant_affect -> affect", content)
        + p["α_e"] * u["expectancy"]
    )
    rates["affect"] = (logistic(warmth) - s["affect"]) / p["τ_A"]

    p = caregiver.parameters["stress"]
    alarm = u["presence"] * steep(infant.states["arousal"] + infant.inputs["crying"], p["h_d"])
    gain = p["b_0"] + p["b_1"] * deviation("synchrony -> caregiver_arousal", s["synchrony"])
    b = 2 / (1 + math.exp(gain * deviation("caregiver_oxytocin -> caregiver_arousal", signal)))
    evoked = (
        p["ρ"] * (u["stressor"] + p["χ"] * hears("infant_distress -> caregiver_arousal", alarm)) * b
    )
    rates["arousal"] = (p["a_0"] * (1 - p["s"] * u["asleep"]) + evoked - s["arousal"]) / p["τ_a"]

    p = caregiver.parameters["synchrony"]
    joint = (
        hears("affect -> synchrony", s["affect"])
        * hears("infant_affect -> synchrony", content)
        * hears("readability -> synchrony", now.readability)
    )
    rates["synchrony"] = (social * joint / (p["ψ"] + joint) - s["synchrony"]) / p["τ_Y"]
    return rates


def mood_rates(caregiver: Member, now: InfantNow) -> dict[str, float]:
    """M8, M9 and M18: mind-mindedness, depression, bond and confidence, over weeks."""
    s, u, hears, deviation = (
        caregiver.states,
        caregiver.inputs,
        caregiver.hears,
        caregiver.deviation,
    )
    skill, taught = s["coaching_skill"], s["therapy_skill"]

    p = caregiver.parameters["mentalising"]
    mind = (
        p["m_0"]
        + p["κ"] * skill
        - p["μ_D"] * deviation("depression -> mind_mindedness", s["depression"]) / 30
        + p["μ_r"] * deviation("readability -> mind_mindedness", now.readability)
        + p["μ_i"] * deviation("infant_oxytocin -> mind_mindedness", now.signal)
    )
    rates = {
        "mentalising": (mind - s["mentalising"]) / p["τ_m"],
        "coaching_skill": p["λ"] * u["coaching"] * (1 - skill) - LN2 / p["t½,K"] * skill,
    }

    p = caregiver.parameters["depression"]
    reward, bond = "reward -> depression", "bond -> depression"
    loop = p["δ_R"] * (1 - hears(reward, s["reward"]) / caregiver.usual[reward])
    loop += p["δ_B"] * (1 - hears(bond, s["bond"]) / caregiver.usual[bond])
    x = (
        logit(p["D_0"] / 30)
        + p["ρ"] * deviation("depression -> depression", s["depression"]) / 30
        + p["G"] * loop
        + p["δ_S"] * deviation("caregiver_arousal -> depression", s["arousal"])
        + (p["ν_S"] * u["stress_noise"] - p["ν_M"] * u["mood_noise"])
        + s["vulnerability"]
        - p["δ_u"] * u["support"]
        - p["δ_T"] * taught
        - p["δ_a"] * u["antidepressant"]
    )
    rates["depression"] = 30 * on_logit(s["depression"] / 30, x, p["τ_D"])
    rates["vulnerability"] = -s["vulnerability"] / p["τ_V"]
    rates["therapy_skill"] = p["λ_T"] * u["therapy"] * (1 - taught) - LN2 / p["t½,T"] * taught

    p = caregiver.parameters["bond"]
    bonded = (
        logit(p["B_0"])
        + p["β_R"] * deviation("reward -> bond", s["reward"])
        - p["β_D"] * deviation("depression -> bond", s["depression"]) / 30
        + p["β_K"] * skill
    )
    rates["bond"] = on_logit(s["bond"], bonded, p["τ_B"])

    able = (
        logit(p["C_0"])
        + p["γ_s"] * deviation("synchrony -> confidence", s["synchrony"])
        - p["γ_D"] * deviation("depression -> confidence", s["depression"]) / 30
        + p["γ_K"] * skill
    )
    rates["confidence"] = on_logit(s["confidence"], able, p["τ_C"])
    return rates


def caregiver_rates(caregiver: Member, infant: Member, clock: float) -> dict[str, float]:
    """d/dt of every state of a caregiver, per minute."""
    now, happens = infant_now(infant), contact(caregiver)
    _, signal = receptors(caregiver, "caregiver", caregiver.parameters["receptors"]["M"])
    return {
        **oxytocin_rates(caregiver, happens),
        "receptor_sensitisation": sensitisation_rate(caregiver, "caregiver"),
        **feeling_rates(caregiver, happens, signal, infant, now),
        "cortisol": cortisol_rate(caregiver, "caregiver", clock),
        **mood_rates(caregiver, now),
    }


def infant_rates(infant: Member, caregivers: Sequence[Member], clock: float) -> dict[str, float]:
    """d/dt of every state of the infant, per minute: M3, M4, M5, M11, M12, M19."""
    s, u, hears, deviation = infant.states, infant.inputs, infant.hears, infant.deviation
    now, all_contact = infant_now(infant), [contact(c) for c in caregivers]

    touch = sum(c["skin"] + c["touch"] + c["massage"] for c in all_contact)
    voice = sum(c["talk"] for c in all_contact)
    care = sum(c["interaction"] for c in all_contact)
    warmth = sum(
        m.states["affect"] * c["interaction"] for m, c in zip(caregivers, all_contact, strict=True)
    )
    minds = sum(mind_talk(m, c) for m, c in zip(caregivers, all_contact, strict=True))

    p = infant.parameters["oxytocin"]
    x = (
        p["g_touch"] * hears("touch -> infant_oxytocin", touch)
        + p["g_feed"] * hears("feeding -> infant_oxytocin", u["feeding"])
        + p["g_warm"] * hears("warmth -> infant_oxytocin", warmth)
        + p["g_voice"] * hears("voice -> infant_oxytocin", voice)
        + p["g_mind"] * hears("mind_mindedness -> infant_oxytocin", minds)
    )
    r = p["r_max"] * x / (1 + x)
    rates = {
        "plasma_oxytocin": LN2 / p["t½,P"] * (p["P_0"] * (1 + r) - s["plasma_oxytocin"]),
        "central_oxytocin": LN2 / p["t½,C"] * (p["C_0"] * (1 + r) - s["central_oxytocin"]),
        "receptor_sensitisation": sensitisation_rate(infant, "infant"),
    }

    p = infant.parameters["methylation"]
    excess = (
        hears("care -> infant_methylation", care) / infant.usual["care -> infant_methylation"] - 1
    )
    rates["methylation"] = 100 * on_logit(
        s["methylation"] / 100, logit(p["M_0"]) - p["γ"] * excess, p["τ_M"]
    )

    p = infant.parameters["stress"]
    x = touch + warmth + voice
    held_close = hears("contact -> infant_arousal", x / (p["h_k"] + x))
    acute = u["crying"] + u["separation"] + u["still_face"] + u["stressor"]
    load = (p["ρ"] * acute + p["L"] + u["ambient_stress"]) * (1 - p["ζ"] * held_close)
    b = 2 / (1 + math.exp(p["b_0"] * deviation("infant_oxytocin -> infant_arousal", now.signal)))
    target = p["a_0"] * (1 - p["s"] * u["asleep"]) + load * b
    rates["arousal"] = (target - s["arousal"]) * (1 + p["υ"] * held_close) / p["τ_a"]
    rates["cortisol"] = cortisol_rate(infant, "infant", clock)

    p = infant.parameters["affect"]
    content = (
        logit(p["a_0"])
        + p["ι_O"] * deviation("infant_oxytocin -> infant_affect", now.signal)
        + p["ι_w"] * deviation("warmth -> infant_affect", warmth)
        - p["ι_s"] * deviation("infant_arousal -> infant_affect", s["arousal"])
    )
    rates["affect"] = (logistic(content) - s["affect"]) / p["τ"]
    return rates | development_rates(infant, caregivers)


def development_rates(infant: Member, caregivers: Sequence[Member]) -> dict[str, float]:
    """M12: security, exploration and irritability, over months."""
    s, p, deviation = infant.states, infant.parameters["development"], infant.deviation
    mind = sum(c.states["mentalising"] for c in caregivers) / len(caregivers)
    sensitive = sum(sensitivity(c) for c in caregivers) / len(caregivers)

    security = (
        logit(p["S_0"])
        + p["θ_m"] * deviation("mind_mindedness -> attachment_security", mind)
        + p["θ_s"] * deviation("sensitivity -> attachment_security", sensitive) / 8
    )
    exploration = (
        logit(p["X_0"])
        + p["θ_x"] * deviation("attachment_security -> exploration", s["attachment_security"])
        - p["θ_a"] * deviation("infant_arousal -> exploration", s["arousal"])
    )
    irritability = (
        logit(p["J_0"])
        + p["θ_M"] * deviation("infant_methylation -> irritability", s["methylation"]) / 10
    )
    return {
        "attachment_security": on_logit(s["attachment_security"], security, p["τ"]),
        "exploration": on_logit(s["exploration"], exploration, p["τ"]),
        "irritability": on_logit(s["irritability"], irritability, p["τ"]),
    }
