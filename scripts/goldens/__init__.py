"""What the golden files hold, one module a part; ``scripts/update_golden.py`` is the command."""
