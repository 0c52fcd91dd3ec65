"""Inputs to a dataset: incremental, in many processes or on Ray, each file fenced off from the others."""
