#!/usr/bin/env python3
"""A Tally worker in Python. Usage: worker.py KEYFILE [INVITATION]. The invitation is needed the first time."""
import json, os, random, sys, time
import msgpack, zmq

REFUSED, JOIN, PULL, SUBMIT, DESCRIBE_PROJECT = 1, 5, 20, 22, 26  # The numbers of schemas/README.md.


def answer(task, form):
    """Your part: from the task (its values) and the form, a list of texts for each field. This one guesses."""
    def guess(field):
        return {"number": field["settings"].get("min", "0"), "text": "no idea"}.get(field["type"]) or random.choice(field["options"])
    return {field["name"]: [guess(field)] for field in form}


class Broker:
    def __init__(self, key, port):
        self.key, self.port, self.socket, self.request_id = key, port, None, random.getrandbits(62)

    def connect(self):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger, self.socket.ipv6 = 0, self.key["host"].startswith("[")
        self.socket.curve_serverkey = bytes.fromhex(self.key["server_key"])
        self.socket.curve_publickey, self.socket.curve_secretkey = self.key["public"].encode(), self.key["secret"].encode()
        self.socket.connect(f"tcp://{self.key['host']}:{self.port}")

    def ask(self, number, body):
        """The reply. Until it is there the same request id is sent again, over new connections: nothing is done twice."""
        self.request_id += 1
        while True:
            if not self.socket:
                self.connect()
            self.socket.send_multipart([b"tally/1", msgpack.packb([number, self.request_id]), msgpack.packb(body)])
            while self.socket.poll(10_000 + body.get("wait_ms", 0)):
                (_, header, reply) = self.socket.recv_multipart()
                kind, request_id = msgpack.unpackb(header)
                if request_id == self.request_id:
                    break  # Another id is the second reply to a request that was sent twice.
            else:
                self.socket = self.socket.close()
                continue
            reply = msgpack.unpackb(reply)
            if kind != REFUSED:
                return reply
            if not reply["retry_after_ms"]:
                sys.exit(f"refused: {reply['code']}: {reply['detail']}")
            time.sleep(reply["retry_after_ms"] / 1000 * random.uniform(1, 1.5))


def join(path, line):
    """The key of an invitation. It is on the disk before it is enrolled; the same line again goes on with it."""
    if not os.path.exists(path):
        address, server_key, code = line.removeprefix("tally://").split("/")
        host, port = address.rsplit(":", 1)
        public, secret = (half.decode() for half in zmq.curve_keypair())
        save(path, dict(host=host, server_key=server_key, public=public, secret=secret, enrol=int(port), code=code))
    key = json.load(open(path))
    if "port" not in key:
        key["port"] = Broker(key, key["enrol"]).ask(JOIN, {"code": key["code"]})["port"]
        save(path, key)
    return key


def save(path, key):
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(key, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def main():
    key = join(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    broker, forms, tasks = Broker(key, key["port"]), {}, []
    while True:
        if not tasks:
            pulled = broker.ask(PULL, {"count": 1, "wait_ms": 2000})
            tasks = pulled["tasks"]
            if not tasks and pulled.get("no_work") != "tasks_loading":
                return print("no work:", pulled.get("no_work"))
        for task in tasks:
            if task["project"] not in forms:
                forms[task["project"]] = broker.ask(DESCRIBE_PROJECT, {"project": task["project"]})["spec"]["form"]
        answers = [{"assignment": task["assignment"], "values": answer(task, forms[task["project"]])} for task in tasks]
        submitted = broker.ask(SUBMIT, {"answers": answers, "next": 1})
        for outcome in submitted["outcomes"]:
            print(outcome["assignment"], "accepted" if outcome["accepted"] else f"{outcome.get('refusal')}: {outcome['detail']}")
        tasks = submitted["tasks"]


if __name__ == "__main__":
    main()
