"""What is known only in part: quantities, sets that may have more members, truth."""
