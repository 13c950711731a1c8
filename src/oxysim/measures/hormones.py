"""Instruments of the laboratory: oxytocin in plasma, saliva, lumbar CSF and urine; cortisol;
methylation.

The first number of a noise is the spread from visit to visit, the second that of a single sample
(handling and assay). Neither is published in the form needed here: ELISA and radioimmunoassay kits
print analytic variation of 10 to 15 % (recalled), the rest is assumed.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.measures.instrument_model import Instrument, MeasurementNoise

UNEXTRACTED_RATIO = 80.0  # unextracted over extracted: 60 (brown2016) to more than 100 (szeto2011)
# pg/mL, the extracted level that the ratio starts from (leake1981, between feeds)
EXTRACTED_LEVEL = 3.4
URINE_WINDOW = 180.0  # min, what the bladder collects before a sample; assumed
URINE_RATIO = 1.0  # urine over plasma, creatinine set aside; assumed


def _unextracted(plasma: FloatArray) -> FloatArray:
    """The same for everybody, whatever the extracted level is; NaN stays NaN."""
    return np.where(np.isnan(plasma), np.nan, UNEXTRACTED_RATIO * EXTRACTED_LEVEL)


def _urine(plasma: FloatArray) -> FloatArray:
    return URINE_RATIO * plasma


# One instrument a paragraph: what it reads, how precisely, from where that is known, its limits.
# fmt: off
LABORATORY = (
    Instrument("plasma_oxytocin", ("plasma_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.2, 0.12), "leng2016", "assumed",
        "extracted assay. Analytic CV of 12 % and visit CV of 20 % assumed; quantification from "
        "0.5 pg/mL assumed",
        owner="both", lloq=0.5, low=0, matrix="plasma"),
    Instrument("plasma_oxytocin_unextracted", ("plasma_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.15, 0.12, trait=0.5), "szeto2011", "derived",
        "60-100 times the extracted level and unrelated to it (rho = -.10): a level of 80 x 3.4 "
        "pg/mL that stays with the person. It does not follow the extracted assay at all here. "
        "Trait CV of 50 % and the noise are assumed",
        owner="both", expected=_unextracted, lloq=15, low=0, matrix="plasma"),
    Instrument("saliva_oxytocin", ("saliva_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.3, 0.15), "weisman2012", "assumed",
        "after a spray it reads nasal drip, not physiology (martins2020b). Analytic CV of 15 % "
        "and visit CV of 30 % assumed",
        owner="both", lloq=1.0, low=0, matrix="saliva"),
    Instrument("csf_oxytocin", ("csf_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.15, 0.12), "amico1983", "assumed",
        "lumbar puncture: lags the brain's own level. Analytic CV of 12 % and visit CV of 15 % "
        "assumed",
        lloq=0.5, low=0, matrix="CSF"),
    Instrument("brain_oxytocin", ("central_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.15, 0.12), "valstad2017", "assumed",
        "microdialysis in the brain, as in animals: no lag; the tenth or so that a probe recovers "
        "is taken as corrected for. CVs assumed, as for CSF",
        lloq=0.5, low=0),
    Instrument("urine_oxytocin", ("plasma_oxytocin",), "pg/mL",
        MeasurementNoise("proportional", 0.6, 0.15), "feldman2011", "assumed",
        "assumption: the mean of plasma over the preceding 3 h, with a visit CV of 60 % because "
        "urine is unrelated to plasma and saliva in 112 parents; unreliable in newborns "
        "(whitetraut1998)",
        owner="both", expected=_urine, window=URINE_WINDOW, lloq=0.5, low=0, matrix="urine"),
    Instrument("salivary_cortisol", ("cortisol",), "nmol/L",
        MeasurementNoise("proportional", 0.2, 0.08), "bustamante1984", "assumed",
        "analytic CV of 8 % and visit CV of 20 % assumed",
        owner="both", lloq=0.3, low=0, matrix="saliva"),
    Instrument("methylation", ("methylation",), "%",
        MeasurementNoise("additive", 1.0, 1.5), "krol2019", "assumed",
        "OXTR methylation in blood or saliva; replicate SD of 1.5 points and visit SD of 1 point "
        "assumed. An adult's methylation is a parameter, not a state",
        owner="infant", low=0, high=100, steady=True),
)
# fmt: on
