"""What replicated studies report, in reading order:

replicated_effects   a comparison or a correlation in every replication
table_of_effects     effects summarised over replications, one row each, against published ones
figure_table         single numbers summarised likewise
contrast_rows        a trial's contrast as a row, in its own unit and as an effect
protocol_report      what a protocol returns: design, tables, readings, assumptions
"""
