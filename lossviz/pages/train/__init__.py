"""The live page Train: its settings, and the panels and curves that it makes from run folders."""
