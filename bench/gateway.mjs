// Listeners to server-sent events and answers through the gateway: how long an answer takes, and what a listener costs.
//   scripts/bench gateway [--listeners 1000] [--answers-per-second 200] [--seconds 20] [--json]
// A broker with full durability, a gateway, and this process for all browsers, on one machine. docs/performance.md says
// what the figures mean.
import http from "node:http";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Stack } from "../tests/browser/stack.mjs";

const { values: options } = parseArgs({
  options: {
    listeners: { type: "string", default: "1000" },
    "answers-per-second": { type: "string", default: "200" },
    seconds: { type: "string", default: "20" },
    workers: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const wanted = {
  listeners: Number(options.listeners),
  rate: Number(options["answers-per-second"]),
  seconds: Number(options.seconds),
  workers: Number(options.workers),
};

const agent = new http.Agent({ keepAlive: true, maxSockets: wanted.workers });

function ask(url, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, url), { method, headers, agent }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

class Browser {
  constructor(url) {
    this.url = url;
  }
  async signIn(link) {
    // Each from an address of its own, as they would be: so many from one are not let in within a minute.
    const address = Array.from({ length: 4 }, () => Math.floor(Math.random() * 256)).join(".");
    const reply = await this.post("sign-in", { code: link.split("#")[1] }, { "X-Forwarded-For": address });
    this.cookie = reply.headers["set-cookie"][0].split(";")[0];
    this.csrf = JSON.parse(reply.text).csrf;
  }
  async post(name, fields, more = {}) {
    const headers = { "Content-Type": "application/json", ...more };
    if (this.cookie) Object.assign(headers, { Cookie: this.cookie, "X-CSRF-Token": this.csrf });
    const reply = await ask(this.url, "POST", `/api/${name}`, headers, JSON.stringify(fields));
    if (reply.status !== 200) throw new Error(`${name}: ${reply.status} ${reply.text}`);
    return reply;
  }
  async ask(name, fields) {
    return JSON.parse((await this.post(name, fields)).text);
  }
  listen(watch, onEvent) {
    return new Promise((resolve, reject) => {
      const path = `/api/events?watch=${watch}`;
      const request = http.request(new URL(path, this.url), { headers: { Cookie: this.cookie }, agent: false }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`events: ${response.statusCode}`));
        response.on("data", (data) => onEvent(data));
        response.on("error", () => {});
        resolve(request);
      });
      request.on("error", reject);
      request.end();
    });
  }
}

const residentMb = async (pid) => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const cpuSeconds = async (pid) => {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
const rounded = (value) => Number(value.toPrecision(3));

const toml = `title = "Birds"
instructions = "Say which."
template = "\${text}"
reward = "0.0001"

[[field]]
name = "bird"
type = "choice"
label = "Which?"
options = ["robin", "wren"]

[redundancy]
min = 3
max = 3
quorum = 2
`;

const stack = await Stack.start({ isDurable: true, gateway: ["--behind-proxy"] });
try {
  await stack.cli("tally-requester", "join", await stack.invitation("requester", "Rita"));
  const account = await stack.account("requester");
  await stack.cli("tally-admin", "deposit", String(account), "1000.00", "--note", "a bench");
  const items = Math.ceil((wanted.rate * (wanted.seconds + 10)) / 3) + 100;
  const csv = `text\n${Array.from({ length: items }, (_, i) => `bird ${i}`).join("\n")}\n`;
  await stack.cli("tally-requester", "post", await stack.file("p.toml", toml), await stack.file("i.csv", csv), "--yes");
  const project = Number(/^\s*(\d+)/m.exec((await stack.cli("tally-requester", "list")).split("\n").slice(1).join("\n"))[1]);

  const gateway = stack.gateway.child.pid;
  const emptyMb = await residentMb(gateway);
  const workers = [];
  for (let i = 0; i < wanted.workers; ++i) {
    const worker = new Browser(stack.url);
    await worker.signIn(await stack.link("worker", `Worker ${i}`));
    const tasks = await worker.ask("pull", { project, count: 1, wait_ms: 5000 });
    worker.task = tasks.tasks[0];
    workers.push(worker);
  }
  const requester = new Browser(stack.url);
  await requester.signIn(await stack.linkTo(account));

  const beforeMb = await residentMb(gateway);
  let events = 0;
  const streams = [];
  for (let i = 0; i < wanted.listeners; ++i) {
    // Half watch the project, as the requester does; the others what a worker earns.
    const isRequester = i % 2 === 0;
    const who = isRequester ? requester : workers[i % workers.length];
    streams.push(await who.listen(isRequester ? `status:${project}` : "earnings", () => (events += 1)));
  }
  const listeningMb = await residentMb(gateway);

  // On schedule, whatever the replies do; a worker who is still waiting misses a turn, and that is counted.
  const took = [];
  let missed = 0;
  const cpuBefore = await cpuSeconds(gateway);
  const eventsBefore = events;
  const began = performance.now();
  const every = 1000 / wanted.rate;
  await new Promise((done) => {
    let turn = 0;
    const tick = () => {
      const now = performance.now();
      while (began + turn * every <= now && now - began < wanted.seconds * 1000) {
        const worker = workers[turn % workers.length];
        turn += 1;
        if (worker.isBusy || !worker.task) {
          missed += 1;
          continue;
        }
        worker.isBusy = true;
        const sent = performance.now();
        const answers = [{ assignment: worker.task.assignment, values: { bird: ["robin"] } }];
        worker
          .ask("submit", { answers, next: 1, project })
          .then((reply) => {
            took.push(performance.now() - sent);
            worker.task = reply.tasks[0];
          })
          .finally(() => (worker.isBusy = false));
      }
      if (now - began < wanted.seconds * 1000) setTimeout(tick, 1);
      else setTimeout(done, 1000);
    };
    tick();
  });
  const cpu = (await cpuSeconds(gateway)) - cpuBefore;
  took.sort((a, b) => a - b);
  const line = {
    figure: "gateway",
    listeners: wanted.listeners,
    answers_per_second: rounded(took.length / wanted.seconds),
    p50_ms: rounded(at(took, 0.5)),
    p99_ms: rounded(at(took, 0.99)),
    missed,
    events_per_second: Math.round((events - eventsBefore) / wanted.seconds),
    gateway_cpu_share: rounded(cpu / wanted.seconds),
    gateway_mb: { empty: rounded(emptyMb), before: rounded(beforeMb), listening: rounded(listeningMb), at_the_end: rounded(await residentMb(gateway)) },
    kb_per_listener: rounded(((listeningMb - beforeMb) * 1024) / wanted.listeners),
  };
  console.log(options.json ? JSON.stringify(line) : line);
  for (const stream of streams) stream.destroy();
} finally {
  agent.destroy();
  await stack.stop();
}
process.exit(0);
