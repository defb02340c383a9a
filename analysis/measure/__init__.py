"""Corpus to numbers: language, tokens, instruments, concept mentions, in batches."""
