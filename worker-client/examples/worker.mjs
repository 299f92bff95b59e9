#!/usr/bin/env node
// A Tally worker in JavaScript. Usage: node worker.mjs KEYFILE [INVITATION]. The invitation is needed the first time.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { decode, encode } from "@msgpack/msgpack";
import { curveKeyPair, Dealer } from "zeromq";

const [REFUSED, JOIN, PULL, SUBMIT, DESCRIBE_PROJECT] = [1, 5, 20, 22, 26]; // The numbers of schemas/README.md.

// Your part: from the task (its values) and the form, a list of texts for each field. This one guesses.
function answer(task, form) {
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  const guess = (field) =>
    ({ number: field.settings.min ?? "0", text: "no idea" })[field.type] ?? pick(field.options);
  return Object.fromEntries(form.map((field) => [field.name, [guess(field)]]));
}

// ZeroMQ's text form of 32 bytes (rfc.zeromq.org/spec/32).
function z85(hex) {
  const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  const word = (n) => [4, 3, 2, 1, 0].map((power) => digits[Math.floor(n / 85 ** power) % 85]).join("");
  return hex.match(/.{8}/g).map((eight) => word(parseInt(eight, 16))).join("");
}

class Broker {
  requestId = Math.floor(Math.random() * 2 ** 48); // Stays a whole number that JavaScript can count.

  constructor(key, port) {
    Object.assign(this, { key, port });
  }

  connect(receiveTimeout) {
    this.socket = new Dealer({ linger: 0, ipv6: this.key.host.startsWith("["), receiveTimeout,
      curveServerKey: z85(this.key.serverKey), curvePublicKey: this.key.publicKey, curveSecretKey: this.key.secretKey });
    this.socket.connect(`tcp://${this.key.host}:${this.port}`);
  }

  // The reply. Until it is there the same request id is sent again, over new connections: nothing is done twice.
  async ask(number, body) {
    this.requestId += 1;
    const timeout = 10_000 + (body.wait_ms ?? 0);
    for (;;) {
      if (!this.socket) this.connect(timeout);
      this.socket.receiveTimeout = timeout;
      await this.socket.send(["tally/1", encode([number, this.requestId]), encode(body)]);
      const [kind, reply] = await this.receive();
      if (kind === undefined) continue;
      if (kind !== REFUSED) return reply;
      if (!reply.retry_after_ms) throw new Error(`refused: ${reply.code}: ${reply.detail}`);
      await sleep(reply.retry_after_ms * (1 + Math.random() / 2));
    }
  }

  async receive() {
    try {
      for (;;) {
        const [, header, body] = await this.socket.receive();
        const [kind, requestId] = decode(header);
        // Another id is the second reply to a request that was sent twice.
        if (requestId === this.requestId) return [kind, decode(body)];
      }
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      this.socket.close();
      this.socket = undefined;
      return [];
    }
  }
}

// The key of an invitation. It is on the disk before it is enrolled; the same line again goes on with it.
async function join(path, line) {
  const save = (content) => {
    writeFileSync(path + ".new", JSON.stringify(content), { mode: 0o600, flush: true });
    renameSync(path + ".new", path);
  };
  if (!existsSync(path)) {
    const [, host, enrol, serverKey, code] = line.match(/^tally:\/\/(.+):(\d+)\/([^/]+)\/([^/]+)$/);
    save({ host, enrol, serverKey, code, ...curveKeyPair() });
  }
  const key = JSON.parse(readFileSync(path, "utf8"));
  if (!key.port) {
    key.port = (await new Broker(key, key.enrol).ask(JOIN, { code: key.code })).port;
    save(key);
  }
  return key;
}

const key = await join(process.argv[2], process.argv[3] ?? "");
const broker = new Broker(key, key.port);
const forms = new Map();
for (let tasks = []; ; ) {
  if (tasks.length === 0) {
    const pulled = await broker.ask(PULL, { count: 1, wait_ms: 2000 });
    tasks = pulled.tasks;
    if (tasks.length === 0 && pulled.no_work === "tasks_loading") continue;
    if (tasks.length === 0) {
      console.log("no work:", pulled.no_work);
      process.exit(0);
    }
  }
  const answers = [];
  for (const task of tasks) {
    const { project, assignment } = task;
    if (!forms.has(project)) forms.set(project, (await broker.ask(DESCRIBE_PROJECT, { project })).spec.form);
    answers.push({ assignment, values: answer(task, forms.get(project)) });
  }
  const submitted = await broker.ask(SUBMIT, { answers, next: 1 });
  for (const outcome of submitted.outcomes) {
    console.log(outcome.assignment, outcome.accepted ? "accepted" : `${outcome.refusal}: ${outcome.detail}`);
  }
  tasks = submitted.tasks;
}
