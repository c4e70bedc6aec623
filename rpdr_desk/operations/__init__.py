"""Operations: what views may ask for. Work runs in one thread per resource and answers in the window's thread."""
