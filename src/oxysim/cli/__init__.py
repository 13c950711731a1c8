"""The command line: one file a verb, each of which reads its arguments, calls the library and
prints.
"""
