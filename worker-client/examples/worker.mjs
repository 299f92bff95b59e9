#!/usr/bin/env node
// A Tally worker in JavaScript. After `tally-worker join LINE`, which makes the key file: worker.mjs ~/.tally/worker.toml
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { decode, encode } from "@msgpack/msgpack";
import { Dealer } from "zeromq";

const [REFUSED, PULL, SUBMIT, DESCRIBE_PROJECT] = [1, 20, 22, 26]; // The numbers of schemas/README.md.
const PROTOCOL = Buffer.from("tally/1\n");
const lines = readFileSync(process.argv[2], "utf8").matchAll(/^(\w+) *= *['"]?(.*?)['"]?$/gm);
const key = Object.fromEntries(Array.from(lines, ([, name, value]) => [name, value]));
const bytesOf = (name) => Buffer.from(key[name], "hex");
const forms = {};
let requestId = Math.floor(Math.random() * 2 ** 48); // Stays a whole number that JavaScript can count.
let socket;

// Your part: from the task (its values) and the form, a list of texts for each field. This one does not look.
function answer(task, form) {
  return Object.fromEntries(form.map((field) => [field.name, [field.options[0] ?? field.settings.min ?? "0"]]));
}

function connect() {
  const [curveServerKey, curvePublicKey, curveSecretKey] = ["server_key", "public_key", "secret_key"].map(bytesOf);
  const made = new Dealer({ linger: 0, ipv6: key.host.includes(":"), curveServerKey, curvePublicKey, curveSecretKey });
  made.connect(`tcp://[${key.host}]:${key.port}`);
  return made;
}

// The reply. Until it is there the same request id is sent again, over new connections: nothing is done twice.
async function ask(number, body) {
  const id = ++requestId;
  for (;;) {
    socket ??= connect();
    socket.receiveTimeout = 10_000 + (body.wait_ms ?? 0);
    await socket.send(Buffer.concat([PROTOCOL, encode([number, id, body])]));
    const [kind, reply] = await replyTo(id);
    if (kind && kind !== REFUSED) return reply;
    if (kind && !reply.retry_after_ms) throw new Error(`refused: ${reply.code}: ${reply.detail}`);
    if (kind) await sleep(reply.retry_after_ms * (1 + Math.random() / 2));
    else socket = socket.close();
  }
}

async function replyTo(id) {
  for (;;) {
    const [frame] = await socket.receive().catch(() => []); // Nothing in time.
    if (!frame) return [];
    const [kind, requestId, body] = decode(frame.subarray(PROTOCOL.length));
    if (requestId === id) return [kind, body]; // Else the second reply to a request that was sent twice.
  }
}

for (let noWork; noWork === undefined || noWork === "tasks_loading"; ) {
  const pulled = await ask(PULL, { count: 1, wait_ms: 2000 });
  for (const task of pulled.tasks) {
    const { project, assignment } = task;
    forms[project] ??= (await ask(DESCRIBE_PROJECT, { project })).spec.form;
    const answers = [{ assignment, values: answer(task, forms[project]) }];
    const [outcome] = (await ask(SUBMIT, { answers })).outcomes; // Durable: only now may the answer be forgotten.
    console.log(assignment, outcome.accepted ? "accepted" : `${outcome.refusal}: ${outcome.detail}`);
  }
  noWork = pulled.no_work;
  if (noWork) console.log("no work:", noWork);
}
