"""Knowledge bases: where entities come from, how a catalogue is kept and fingerprinted, and our own lexicon."""
