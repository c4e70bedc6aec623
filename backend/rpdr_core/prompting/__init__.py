"""What a generative ranker is shown: templates, the text around a mention, masking, and the chat made of them."""
