"""What the product means: model, errors, events, rules, ports and one module per noun. Standard library only."""
