"""What the live page shows of runs: its settings, and panels and curves made from run folders."""
