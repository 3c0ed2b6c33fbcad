"""Where things stand in a picture, and how they are drawn as SVG."""
