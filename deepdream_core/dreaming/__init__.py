"""The dream: `loop` holds the octave loop; everything else supports it."""
