"""Small folders of each corpus in the layouts that people have: names, nesting, csv dialects."""
