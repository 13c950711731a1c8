"""Statistics of studies: every standard error, interval, test and standardised effect has its one
home here.

A leaf that knows no dyad, schedule or trial: arrays of readings in, what each replicated study
would have found out. Values have shape (replications, n), NaN for a participant without a reading.

In reading order:

    moments              readings checked; how many, their mean and spread, in every replication
    contrast             what an analysis returns for every replication
    exclusions           why a replication cannot be analysed, in words
    intervals            p values and intervals by t, noncentral t and the normal distribution
    two_groups           paired and Welch's t test, analysis of covariance, area under a course
    correlation          Pearson's correlation with Fisher's z
    crossover            treatment, period and carry-over of two periods
    factorial            main effects and interactions of factors that are given or not
    distances            how far two distributions lie apart, with an interval
    proportions          responses and remissions: risk differences and ratios, McNemar's test
    survival             who reached an event when; log-rank test, hazard ratio, restricted mean
    mixed_model          repeated readings with a random intercept
    individual_effects   who truly responds, and what noisy readings make of it
    pharmacokinetics     half-lives, peaks and pulses of sampled curves
    kinetics             areas, terminal half-lives, clearance and volumes of many curves
    monte_carlo          means, shares and their standard errors over replications; a power's too

SciPy and statsmodels do what they have for one study: distributions, noncentral t, trapezoids,
peaks, Wilson's interval, mixed models, regressions of times. What is written out here is what has
to be done for thousands of studies with gaps at once: there the ready functions walk study by study
(decision 0052 has the times).
"""
