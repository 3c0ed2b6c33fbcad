"""What a planned change does: to a copy of the organisation, and to its numbers."""
