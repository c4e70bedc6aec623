"""Files that no interpreter executes: icons, fonts, prompts, recipes, lexicon, samples, translations."""
