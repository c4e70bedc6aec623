"""The Adjudicate page: two blind answers side by side, what they tell of the reviewers, who reviews by which plan."""
