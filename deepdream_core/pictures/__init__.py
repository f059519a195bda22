"""Pictures as arrays: taken in from memory and files, changed, and given back."""
