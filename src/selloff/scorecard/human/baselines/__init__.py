"""What the model has to beat, each fitted walk-forward; one file each."""
