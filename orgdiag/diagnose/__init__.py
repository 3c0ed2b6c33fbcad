"""Findings → causes per stream, priorities, and vital signs."""
