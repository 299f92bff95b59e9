#!/usr/bin/env python3
"""Reads the golden vectors of a folder with another MessagePack than ours. Usage: golden_vectors.py FOLDER.

Each vector must decode to what its `value` says, and encode to the same bytes again."""
import json, pathlib, re, sys
import msgpack

ID = re.compile(r"[amt](\d+)\.(\d+)\.(\d+)")
PART = re.compile(r"p(\d+)\.(\d+)")
AMOUNT = re.compile(r"(-?)(\d+)\.(\d{2,6})")


def objection(decoded, told, place):
    """Why what was decoded is not what the vector tells; None when it is."""
    if isinstance(told, dict) and isinstance(decoded, dict):
        if decoded.keys() != told.keys():
            return f"{place} has the fields {sorted(decoded)}, not {sorted(told)}"
        return first(objection(decoded[key], told[key], f"{place}.{key}") for key in told)
    if isinstance(told, dict) and isinstance(decoded, list) and len(told) == 1 and len(decoded) == 2:
        # One of several kinds of struct: its number and its fields, where people read its name.
        return objection(decoded[1], *told.values(), f"{place}.{next(iter(told))}")
    if isinstance(told, list) and isinstance(decoded, list):
        if len(decoded) != len(told):
            return f"{place} has {len(decoded)} elements, not {len(told)}"
        return first(objection(one, two, f"{place}[{i}]") for i, (one, two) in enumerate(zip(decoded, told)))
    if same_scalar(decoded, told):
        return None
    return f"{place} is {decoded!r}, not {told!r}"


def same_scalar(decoded, told):
    if isinstance(told, bool) or isinstance(decoded, bool) or not isinstance(told, str):
        return type(decoded) is type(told) and decoded == told
    if isinstance(decoded, bytes):
        return decoded.hex() == told
    if isinstance(decoded, int):  # Numbers that people read in another way: parts and money.
        if part := PART.fullmatch(told):
            return decoded == int(part[1]) << 20 | int(part[2])
        amount = AMOUNT.fullmatch(told)
        return bool(amount) and decoded == int(amount[1] + amount[2] + amount[3].ljust(6, "0"))
    if isinstance(decoded, list):  # What is numbered within a part.
        found = ID.fullmatch(told)
        return bool(found) and decoded == [int(found[1]) << 20 | int(found[2]), int(found[3])]
    return decoded == told


def first(objections):
    return next((one for one in objections if one), None)


def main(folder):
    # Records and mail have the broker's own form, which no other program reads.
    files = sorted(file for kind in ("request", "reply") for file in pathlib.Path(folder).glob(f"{kind}_*.json"))
    wrong = 0
    for file in files:
        vector = json.loads(file.read_text())
        body = bytes.fromhex(vector["hex"])
        decoded = msgpack.unpackb(body)
        found = objection(decoded, vector["value"], vector["name"])
        if not found and msgpack.packb(decoded) != body:
            found = "is not encoded in the shortest form"
        if found:
            print(f"{file.name}: {found}")
            wrong += 1
    print(f"{len(files)} vectors, {wrong} wrong")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
