"""What replicated studies report, in reading order:

replicated_effects   a comparison or a correlation in every replication
effect_table         effects summarised over replications, one row each, against published ones
figure_table         single numbers summarised likewise
protocol_report      what a protocol returns: design, tables, readings, assumptions
"""
