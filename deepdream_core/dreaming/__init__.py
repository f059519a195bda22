"""The dream: `loop` is the octave loop, everything else serves it."""
