"""What follows from an organisation: derived relations, dependencies and graphs."""
