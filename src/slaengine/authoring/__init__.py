"""Packs from files: reading, checking, compiling and importing; the only room that knows pydantic."""
