"""What an analyst needs to own the rules: run their examples, check them, write new ones, see which of them speak."""
