"""`python -m slaengine` is the command line."""

from slaengine.cli import run

run()
