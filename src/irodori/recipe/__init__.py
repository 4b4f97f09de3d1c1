"""What was asked, complete and frozen, and how it is written into pictures."""
