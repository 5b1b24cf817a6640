"""Searchers, evaluators, runners and the result store."""
