"""Does it happen: networks as arrays, evaluators, references and the enclosure of the sup error."""
