"""What nodes share: fan-out of events, presence and limits. One folder per backend, the same three files in each."""
