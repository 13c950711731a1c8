"""The model written a second time, in plain floats, from the docstrings of
``oxysim.model.mechanisms``.

Nothing of the mechanisms is imported. A parameter is called by the symbol of its docstring, an
input by its channel, an edge by its name; times are in minutes. One function a member, each
paragraph of it a mechanism.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


def rhythm(clock: float) -> float:
    """M11: the cosine of the daily rhythm; `clock` in minutes since midnight."""
    return math.cos(2 * math.pi * (clock - 7 * 60) / (24 * 60))


def secretion(member: Member, whose: str, clock: float) -> float:
    """M11: secretion of cortisol with the hour, with arousal, and with a burst under much of it."""
    p = member.parameters["stress"]
    a = member.hears(f"arousal -> {whose}_cortisol", member.states["arousal"])
    burst = p["S_b"] * steep(a, p["h_b"])
    return p["F_0"] * (1 + p["A"] * rhythm(clock) + p["c"] * a + burst)


def cortisol_beyond_expected(caregiver: Member, clock: float) -> float:
    """M11: f of one caregiver, how far cortisol lies from that expected at the hour."""
    p = caregiver.parameters["stress"]
    expected = p["F_0"] * (1 + p["A"] * rhythm(clock) + p["c"] * p["a_0"])
    return caregiver.inputs["presence"] * (caregiver.states["cortisol"] / expected - 1)


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


def engagement(caregiver: Member) -> float:
    """M10: e, the share of the usual contact that happens."""
    s, p = caregiver.states, caregiver.parameters["engagement"]

    z = (
        -p["ε_D"]
        * caregiver.deviation("depression -> engagement", steep(s["depression"], p["D_h"]))
        + p["ε_R"] * caregiver.deviation("reward -> engagement", s["reward"])
        + p["ε_B"] * caregiver.deviation("bond -> engagement", s["bond"])
        + p["ε_C"] * caregiver.deviation("confidence -> engagement", s["confidence"])
    )
    return p["f"] + (1 - p["f"]) * 2 / (1 + math.exp(-z))


def contact(caregiver: Member, engaged: float) -> dict[str, float]:
    """M10: what of the day's contact happens at an engagement."""
    u, p = caregiver.inputs, caregiver.parameters["engagement"]
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
    exchanged = social - happens["skin"]

    return happens | {
        "suckling": u["presence"] * u["breastfeeding_share"] * u["suckling"],
        "interaction": social / (p["h"] + social),
        "exchange": exchanged / (p["h"] + exchanged),
    }


def affection(caregiver: Member, signal: float) -> float:
    """M10: how tender contact is, by style and by the oxytocin signal."""
    p = caregiver.parameters["engagement"]
    away = caregiver.deviation("caregiver_oxytocin -> affection", signal)
    return p["s_A"] * 2 / (1 + math.exp(-p["ε_O"] * away))


def mind_factor(caregiver: Member) -> float:
    """M2, M3 and M13: 2/(1 + e^-m), by what mind-mindedness weights contact."""
    return 2 / (1 + math.exp(-caregiver.states["mentalising"]))


def caregiver_signal(caregiver: Member) -> float:
    """M4: a caregiver's oxytocin signal."""
    return receptors(caregiver, "caregiver", caregiver.parameters["receptors"]["M"])[1]


@dataclass(frozen=True)
class Satisfied:
    """M6: satisfaction with contact, and what contact is worth on the lived day."""

    satisfaction: float
    worth: float
    other: float

    def per_contact(self, signal: float, usual: float) -> float:
        """A signal that runs in contact, against the lived day's."""
        return self.worth * (signal + self.other * usual) / (1 + self.other)


def satisfied(caregiver: Member) -> Satisfied:
    """M6: recent reward, at what it is worth on the lived day, against the need."""
    s, p = caregiver.states, caregiver.parameters["reward"]
    other = p["o"]
    worth = 1 - p["κ_A"] + p["κ_A"] * (1 + other) / (s["adaptation_level"] + other)
    felt = worth * (s["recent_reward"] + other)
    return Satisfied(steep(felt, p["f"] * (1 + other)), worth, other)


def sensitivity(caregiver: Member) -> float:
    """M8: the rating of sensitivity, 1 to 9."""
    s, p = caregiver.states, caregiver.parameters["mentalising"]
    shrunk = steep(s["depression"], caregiver.parameters["engagement"]["D_h"])
    return 1 + 8 * logistic(
        p["σ_0"]
        + p["σ_m"] * caregiver.hears("mind_mindedness -> sensitivity", s["mentalising"])
        - p["σ_D"] * caregiver.deviation("depression -> sensitivity", shrunk)
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
        "mind_mindedness": (
            p["g_mind"],
            happens["talk"] * mind_factor(caregiver) + u["holding_in_mind"],
        ),
        "partner": (p["g_partner"], u["partner_contact"]),
        "stressor": (p["g_stress"], steep(u["stressor"], p["h_s"])),
    }
    r = p["κ"] * sum(
        gain * caregiver.hears(f"{name} -> caregiver_oxytocin", said)
        for name, (gain, said) in sources.items()
    )

    plasma, central = s["plasma_oxytocin"], s["central_oxytocin"]
    drug = 1e6 * (absorbed + MICROGRAM_PER_IU * u["intravenous"]) / (1000 * p["CL"])
    own = caregiver.hears("central_oxytocin -> caregiver_oxytocin", steep(central, p["C_a"]))
    from_blood = p["c"] * caregiver.deviation("plasma_oxytocin -> caregiver_oxytocin", plasma)
    birth = s["birth_drive"]
    wanted = p["C_0"] * (1 + p["a"] * own) + p["E_C"] * (birth + p["q"] * r)
    return rates | {
        "birth_drive": -birth / p["τ_B"],
        "plasma_oxytocin": LN2 / p["t½,P"] * (p["P_0"] + p["E_P"] * (birth + r) + drug - plasma),
        "central_oxytocin": LN2 / p["t½,C"] * (wanted - central) + arriving + from_blood,
        "csf_oxytocin": LN2 / p["t½,L"] * (central - s["csf_oxytocin"]),
    }


def reward_rates(caregiver: Member, happens: Numbers, content: float) -> dict[str, float]:
    """M6: serotonin and reward over minutes, recent reward and adaptation over days."""
    s, u, hears = caregiver.states, caregiver.inputs, caregiver.hears
    p, usual = caregiver.parameters["reward"], caregiver.usual

    at_basal = {**s, "central_oxytocin": caregiver.parameters["oxytocin"]["C_0"]}
    released = caregiver_signal(caregiver)
    released -= (1 - p["θ"]) * caregiver_signal(replace(caregiver, states=at_basal))
    v = u["accumbens_receptors"] * released * happens["interaction"]
    n = v / (p["ν"] + v)

    valued = p["w"] * hears("serotonin -> reward", s["serotonin"])
    valued += (1 - p["w"]) * hears("accumbens_oxytocin -> reward", n)
    response = p["ϱ_i"] * hears("infant_affect -> reward", happens["exchange"] * content)
    raised = hears("accumbens_oxytocin -> serotonin", n) + p["σ_a"] * u["antidepressant"]

    planned = contact(caregiver, 1.0)
    offered = (1 - p["ϱ"]) * planned["interaction"] + p["ϱ"] * planned["exchange"]
    lived, recent = "offered_contact -> adaptation_level", "reward -> recent_reward"
    return {
        "serotonin": (raised - s["serotonin"]) / p["τ_X"],
        "reward": ((1 - p["ϱ"]) * valued + p["ϱ"] * response - s["reward"]) / p["τ_R"],
        "recent_reward": (hears(recent, s["reward"]) / usual[recent] - s["recent_reward"])
        / p["τ_F"],
        "adaptation_level": (hears(lived, offered) / usual[lived] - s["adaptation_level"])
        / p["τ_H"],
    }


def distress(infant: Member) -> float:
    """M11: h, the infant's arousal and crying while it lasts."""
    return infant.states["arousal"] + infant.inputs["crying"]


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
    rates = reward_rates(caregiver, happens, content)

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
    alarm = u["presence"] * steep(distress(infant), p["h_d"])
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
    mind = hears("mind_mindedness -> synchrony", s["mentalising"])
    joint *= 2 / (1 + math.exp(-p["ψ_m"] * mind))
    in_step = happens["exchange"] * joint / (p["ψ"] + joint)
    rates["synchrony"] = (in_step - s["synchrony"]) / p["τ_Y"]
    return rates


def mood_rate(caregiver: Member, infant: Member) -> float:
    """M20: momentary mood, lifted by satisfaction and lowered by strain."""
    s, u, p = caregiver.states, caregiver.inputs, caregiver.parameters["mood"]
    h, rewarded = distress(infant), "reward -> mood"
    strain = u["presence"] * steep(h, p["h_s"])
    satisfaction = caregiver.hears(rewarded, satisfied(caregiver).satisfaction)
    wanted = (
        p["μ_0"]
        + p["κ_φ"] * (satisfaction / caregiver.usual[rewarded] - 1)
        - p["κ_s"] * caregiver.deviation("infant_distress -> mood", strain)
        + p["ν_M"] * u["mood_noise"]
    )
    return (wanted - s["mood"]) / p["τ_μ"]


def depression_rates(caregiver: Member) -> dict[str, float]:
    """M9: depression over weeks, and what treatment and birth leave of it."""
    s, u, p = caregiver.states, caregiver.inputs, caregiver.parameters["depression"]
    hears, deviation, usual = caregiver.hears, caregiver.deviation, caregiver.usual
    enough, taught = satisfied(caregiver), s["therapy_skill"]

    own = caregiver.parameters["bond"]
    bond = logit(s["bond"]) - logit(own["B_0"])
    confidence = logit(s["confidence"]) - logit(own["C_0"])
    reward, serotonin = "reward -> depression", "serotonin -> depression"
    loop = (
        p["δ_φ"] * (1 - hears(reward, enough.satisfaction) / usual[reward])
        - p["δ_B"] * deviation("bond -> depression", bond)
        - p["δ_C"] * deviation("confidence -> depression", confidence)
        - p["δ_μ"] * deviation("mood -> depression", s["mood"])
    )

    level = enough.per_contact(s["serotonin"], usual[serotonin])
    lifted = hears(serotonin, level) / usual[serotonin] - 1
    x = (
        logit(p["D_0"] / 30)
        + p["ρ"] * deviation("depression -> depression", s["depression"]) / 30
        + p["G"] * loop
        + p["δ_S"] * deviation("caregiver_arousal -> depression", s["arousal"])
        - p["δ_X"] * lifted
        + p["ν_S"] * u["stress_noise"]
        + s["vulnerability"]
        - p["δ_u"] * u["support"]
        - p["δ_T"] * taught
    )
    return {
        "depression": 30 * on_logit(s["depression"] / 30, x, p["τ_D"]),
        "vulnerability": -s["vulnerability"] / p["τ_V"],
        "therapy_skill": p["λ_T"] * u["therapy"] * (1 - taught) - LN2 / p["t½,T"] * taught,
    }


def slow_rates(caregiver: Member, now: InfantNow) -> dict[str, float]:
    """M8 and M18: mind-mindedness, bond and confidence, over weeks."""
    s, u, deviation = caregiver.states, caregiver.inputs, caregiver.deviation
    skill, enough = s["coaching_skill"], satisfied(caregiver)

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

    p = caregiver.parameters["bond"]
    bonded = (
        logit(p["B_0"])
        + p["β_φ"] * deviation("reward -> bond", enough.satisfaction)
        - p["β_D"] * deviation("depression -> bond", s["depression"]) / 30
        + p["β_K"] * skill
    )
    rates["bond"] = on_logit(s["bond"], bonded, p["τ_B"])

    synchrony = "synchrony -> confidence"
    in_step = enough.per_contact(s["synchrony"], caregiver.usual[synchrony])
    able = (
        logit(p["C_0"])
        + p["γ_s"] * deviation(synchrony, in_step)
        - p["γ_D"] * deviation("depression -> confidence", s["depression"]) / 30
        + p["γ_K"] * skill
    )
    rates["confidence"] = on_logit(s["confidence"], able, p["τ_C"])
    return rates


def caregiver_rates(caregiver: Member, infant: Member, clock: float) -> dict[str, float]:
    """d/dt of every state of a caregiver, per minute."""
    now, signal = infant_now(infant), caregiver_signal(caregiver)
    happens = contact(caregiver, engagement(caregiver))
    return {
        **oxytocin_rates(caregiver, happens),
        "receptor_sensitisation": sensitisation_rate(caregiver, "caregiver"),
        **feeling_rates(caregiver, happens, signal, infant, now),
        "cortisol": LN2
        / caregiver.parameters["stress"]["t½,F"]
        * (secretion(caregiver, "caregiver", clock) - caregiver.states["cortisol"]),
        "mood": mood_rate(caregiver, infant),
        **depression_rates(caregiver),
        **slow_rates(caregiver, now),
    }


def care_received(caregivers: Sequence[Member]) -> dict[str, float]:
    """M3, M5 and M11: what of all caregivers' contact reaches the infant, summed."""
    sums = dict.fromkeys(("touch", "voice", "mind", "warmth", "care", "skin", "synchrony"), 0.0)
    for member in caregivers:
        c = contact(member, engagement(member))
        tender = affection(member, caregiver_signal(member))
        spoken_to = c["talk"] + c["play"] + c["gaze"]
        sums["touch"] += c["skin"] + tender * (c["touch"] + c["play"]) + c["massage"]
        sums["voice"] += tender * c["talk"]
        sums["mind"] += tender * spoken_to * mind_factor(member)
        sums["warmth"] += member.states["affect"] * c["interaction"]
        sums["care"] += c["interaction"]
        sums["skin"] += c["skin"]
        sums["synchrony"] += member.states["synchrony"]
    return sums


def infant_rates(infant: Member, caregivers: Sequence[Member], clock: float) -> dict[str, float]:
    """d/dt of every state of the infant, per minute: M3, M4, M5, M11, M12, M19."""
    s, hears, deviation = infant.states, infant.hears, infant.deviation
    now, care = infant_now(infant), care_received(caregivers)

    p = infant.parameters["oxytocin"]
    x = (
        p["g_touch"] * hears("touch -> infant_oxytocin", care["touch"])
        + p["g_feed"] * hears("feeding -> infant_oxytocin", infant.inputs["feeding"])
        + p["g_warm"] * hears("warmth -> infant_oxytocin", care["warmth"])
        + p["g_voice"] * hears("voice -> infant_oxytocin", care["voice"])
        + p["g_mind"] * hears("mind_mindedness -> infant_oxytocin", care["mind"])
    )
    r = p["r_max"] * x / (p["h"] + x)
    rates = {
        "plasma_oxytocin": LN2 / p["t½,P"] * (p["P_0"] * (1 + r) - s["plasma_oxytocin"]),
        "central_oxytocin": LN2 / p["t½,C"] * (p["C_0"] * (1 + r) - s["central_oxytocin"]),
        "receptor_sensitisation": sensitisation_rate(infant, "infant"),
    }

    p, cared = infant.parameters["methylation"], "care -> infant_methylation"
    excess = hears(cared, care["care"]) / infant.usual[cared] - 1
    rates["methylation"] = 100 * on_logit(
        s["methylation"] / 100, logit(p["M_0"]) - p["γ"] * excess, p["τ_M"]
    )

    p = infant.parameters["affect"]
    content = (
        logit(p["a_0"])
        + p["ι_O"] * deviation("infant_oxytocin -> infant_affect", now.signal)
        + p["ι_w"] * deviation("warmth -> infant_affect", care["warmth"])
        - p["ι_s"] * deviation("infant_arousal -> infant_affect", s["arousal"])
    )
    rates["affect"] = (logistic(content) - s["affect"]) / p["τ"]

    rates |= infant_stress_rates(infant, care, now)
    rates["cortisol"] = infant_cortisol_rate(infant, caregivers, clock)
    return rates | development_rates(infant, caregivers)


def infant_stress_rates(infant: Member, care: Numbers, now: InfantNow) -> dict[str, float]:
    """M11: the infant's arousal, and what skin contact attunes."""
    s, u, p = infant.states, infant.inputs, infant.parameters["stress"]
    hears, deviation = infant.hears, infant.deviation

    x = care["touch"] + care["warmth"] + care["voice"]
    held_close = hears("contact -> infant_arousal", x / (p["h_k"] + x))
    acute = u["crying"] + u["separation"] + p["ρ_f"] * u["still_face"] + u["stressor"]
    load = (p["ρ"] * acute + p["L"] + u["ambient_stress"]) * (1 - p["ζ"] * held_close)

    gain = p["b_0"] - p["b_1"] * deviation("synchrony -> infant_arousal", care["synchrony"])
    b = 2 / (1 + math.exp(gain * deviation("infant_oxytocin -> infant_arousal", now.signal)))
    target = p["a_0"] * (1 - p["s"] * u["asleep"]) + load * b

    attuned, skin = s["attunement"], hears("skin_contact -> attunement", care["skin"])
    lost = LN2 / p["t½,W"] * (attuned - p["W_0"])
    return {
        "arousal": (target - s["arousal"]) * (1 + p["υ"] * held_close) / p["τ_a"],
        "attunement": p["λ_W"] * skin * (1 - attuned) - lost,
    }


def infant_cortisol_rate(infant: Member, caregivers: Sequence[Member], clock: float) -> float:
    """M11: the infant's cortisol, which follows its caregivers' as far as it is attuned."""
    s, p = infant.states, infant.parameters["stress"]
    f = sum(cortisol_beyond_expected(c, clock) for c in caregivers)
    away = infant.deviation("caregiver_cortisol -> infant_cortisol", f)
    following = 2 / (1 + math.exp(-p["w"] * s["attunement"] * away))
    return LN2 / p["t½,F"] * (secretion(infant, "infant", clock) * following - s["cortisol"])


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
