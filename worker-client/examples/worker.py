#!/usr/bin/env python3
"""A Tally worker in Python. After `tally-worker join LINE`, which makes the key file: worker.py ~/.tally/worker.toml"""
import itertools, random, sys, time, tomllib
import msgpack, zmq

PROTOCOL, REFUSED, PULL, SUBMIT, DESCRIBE_PROJECT = b"tally/1\n", 1, 20, 22, 26  # The numbers of schemas/README.md.
key, socket, forms = tomllib.load(open(sys.argv[1], "rb")), None, {}
request_ids = itertools.count(random.getrandbits(62))

def answer(task, form):
    """Your part: from the task (its values) and the form, a list of texts for each field. This one does not look."""
    return {field["name"]: [field["options"][0] if field["options"] else field["settings"].get("min", "0")] for field in form}

def connect():
    made = zmq.Context.instance().socket(zmq.DEALER)
    made.linger, made.ipv6, made.curve_serverkey = 0, ":" in key["host"], bytes.fromhex(key["server_key"])
    made.curve_publickey, made.curve_secretkey = bytes.fromhex(key["public_key"]), bytes.fromhex(key["secret_key"])
    made.connect(f"tcp://[{key['host']}]:{key['port']}")
    return made

def ask(number, body):
    """The reply. Until it is there the same request id is sent again, over new connections: nothing is done twice."""
    global socket
    request_id, kind = next(request_ids), None
    while kind in (None, REFUSED):
        socket, kind = socket or connect(), None
        socket.send(PROTOCOL + msgpack.packb([number, request_id, body]))
        while kind is None and socket.poll(10_000 + body.get("wait_ms", 0)):
            replied, replied_to, reply = msgpack.unpackb(socket.recv()[len(PROTOCOL):])
            if replied_to == request_id:  # Else the second reply to a request that was sent twice.
                kind = replied
        if kind is None:
            socket = socket.close()
        elif kind == REFUSED and not reply["retry_after_ms"]:
            sys.exit(f"refused: {reply['code']}: {reply['detail']}")
        elif kind == REFUSED:
            time.sleep(reply["retry_after_ms"] / 1000 * random.uniform(1, 1.5))
    return reply

no_work = "tasks_loading"
while no_work in (None, "tasks_loading"):
    pulled = ask(PULL, {"count": 1, "wait_ms": 2000})
    no_work = pulled.get("no_work")
    for task in pulled["tasks"]:
        if task["project"] not in forms:
            forms[task["project"]] = ask(DESCRIBE_PROJECT, {"project": task["project"]})["spec"]["form"]
        answered = {"assignment": task["assignment"], "values": answer(task, forms[task["project"]])}
        outcome = ask(SUBMIT, {"answers": [answered]})["outcomes"][0]  # Durable: only now may the answer be forgotten.
        print(task["assignment"], "accepted" if outcome["accepted"] else f"{outcome['refusal']}: {outcome['detail']}")
print("no work:", no_work)
