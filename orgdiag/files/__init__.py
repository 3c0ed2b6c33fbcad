"""The one way to a file: no link is followed, what is read is bounded, what is written is whole."""
