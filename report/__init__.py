"""Pure functions from results to text: LaTeX, Markdown, CSV and terminal tables."""
