"""Pictures as arrays: reading, changing and writing them."""
