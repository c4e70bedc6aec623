"""Files of documents with annotations in them: every format is read into, and written from, one model (`model`)."""
