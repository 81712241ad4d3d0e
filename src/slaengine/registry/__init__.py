"""Lists of procedures as authorities publish them, read into packs of limits."""
