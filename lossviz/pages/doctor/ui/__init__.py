"""The parts of the doctor's page."""
