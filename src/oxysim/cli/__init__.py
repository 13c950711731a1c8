"""The command line: one file a verb, each of which reads its arguments, calls the library and
prints.

- ``main``: the command as it is started; ``command``: its verbs; ``exits``: its exit codes.
- ``*_verb``: a verb each; ``verb_options``: options that several share.
"""
