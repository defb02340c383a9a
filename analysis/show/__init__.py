"""Contrasts to figures: PNG and SVG for the eye, CSV with exactly the numbers drawn."""
