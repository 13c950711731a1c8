"""The compiled engine: the traced equations as vector instructions, eight dyads side by side."""
