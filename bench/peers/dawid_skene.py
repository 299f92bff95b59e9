"""The peer of tally-bench-refit: Dawid–Skene as one writes it with numpy.

Reads int32 triples (task, worker, label), sorted by task, from the file named first; the second argument is how many
rounds to do. Prints the seconds that the rounds took.
"""
import sys
import time

import numpy

answers = numpy.fromfile(sys.argv[1], dtype=numpy.int32).reshape(-1, 3)
rounds = int(sys.argv[2])
task, worker, label = (answers[:, i].astype(numpy.int64) for i in range(3))
labels = int(label.max()) + 1
workers = int(worker.max()) + 1
first = numpy.flatnonzero(numpy.diff(task, prepend=-1))
row_of_answer = worker * labels + label

start = time.perf_counter()
votes = numpy.zeros((len(first), labels))
numpy.add.at(votes, (task, label), 1)
belief = votes / votes.sum(axis=1, keepdims=True)
for _ in range(rounds):
    counts = numpy.empty((workers * labels, labels))
    for true in range(labels):
        counts[:, true] = numpy.bincount(row_of_answer, weights=belief[task, true], minlength=workers * labels)
    confusion = counts.reshape(workers, labels, labels)
    sums = confusion.sum(axis=1, keepdims=True)
    confusion = numpy.divide(confusion, sums, out=numpy.full_like(confusion, 1 / labels), where=sums > 0)
    logs = numpy.log(numpy.maximum(confusion, 1e-10)).reshape(workers * labels, labels)
    joint = numpy.add.reduceat(logs[row_of_answer], first) + numpy.log(numpy.maximum(belief.mean(axis=0), 1e-10))
    joint = numpy.exp(joint - joint.max(axis=1, keepdims=True))
    belief = joint / joint.sum(axis=1, keepdims=True)
print(time.perf_counter() - start)
