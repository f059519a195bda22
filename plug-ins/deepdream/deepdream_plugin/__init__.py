"""What DeepDream does inside GIMP: talk to the engine, take layers out and put dreams in."""
