"""What is asked of a finished dataset: differences, accuracy, explanations, numerals left over."""
