"""What the editor of schedules works out: lines read, rules in words, previews, comparisons."""
