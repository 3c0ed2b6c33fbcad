"""Findings → causes per stream, priorities, and vital signs.

A check needs the causes alone, so nothing else is imported with the package.
"""
