"""What the pages that read trained runs share: the choice of runs, pictures and tables with their files."""
