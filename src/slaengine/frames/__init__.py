"""Columns in and out: the adapters between the batch and the places where records live."""
