"""From equations to code: they are traced once with symbols, and written out as plain Python."""
