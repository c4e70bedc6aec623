"""The engine that links on a Ray cluster: the same chunks and the same journal, only linked by workers on many devices.

::

    this machine                                          each device of the cluster
    reads, cuts chunks --put--> Shelf (an actor, here) <--take(n)-- LinkActor --stdin/stdout--> worker
    journal <--in order-- Ray Data: the numbers of chunks --map_batches--^   |
                                                    files that a node lacks --+--> its cache, under their hashes

Ray Data moves numbers one way and results the other. Text lies on this machine until a device asks for its chunk, so
that a task can be done again anywhere without text in Ray's lineage or spilled to a disk. Only this room imports ray.
"""
