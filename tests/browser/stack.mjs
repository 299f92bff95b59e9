// A real broker with a database of its own and a real gateway, in a folder of their own; and people by their links.
import { spawn, execFile } from "node:child_process";
import { mkdtemp, readFile, rm, chmod, writeFile } from "node:fs/promises";
import { createWriteStream, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const source = process.env.TALLY_SOURCE_DIR ?? fileURLToPath(new URL("../..", import.meta.url));
export const bin = process.env.TALLY_BIN_DIR ?? path.join(source, "build/asan-ubsan/bin");

// Starts a program and waits for a line of its output that matches; gives the match.
function start(program, args, env, logFile, wanted) {
  const child = spawn(path.join(bin, program), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(logFile, { flags: "a" });
  child.stderr.pipe(log);
  let heard = "";
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} was not ready in time:\n${heard}`)), 60_000);
    child.stdout.on("data", (data) => {
      heard += data;
      const match = wanted.exec(heard);
      if (match) {
        clearTimeout(timer);
        resolve({ match, heard: () => heard });
      }
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`${program} ended with ${code}; its log is ${logFile}`));
    });
  });
  return { child, ready };
}

async function ended(child, patience = 30_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  await over;
  clearTimeout(timer);
}

export class Stack {
  // `isDurable`: with fsync, as for real. `gateway`: more arguments of tally-gateway serve.
  static async start({ isDurable = false, gateway = [] } = {}) {
    const stack = new Stack();
    stack.options = { isDurable, gateway };
    try {
      await stack.begin();
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  async begin() {
    this.folder = await mkdtemp(path.join(tmpdir(), "tally-browser-"));
    await chmod(this.folder, 0o755); // PostgreSQL's user must be able to enter it.
    this.env = { ...process.env, TALLY_HOME: path.join(this.folder, "keys") };
    await this.startBroker();
    const invitation = /^invitation: (.*)$/m.exec(this.heard())[1];
    await this.cli("tally-admin", "join", invitation);
    await this.cli("tally-gateway", "join", await this.invitation("gateway", "Pages"));
    await this.startGateway();
  }

  async startBroker() {
    const ports = this.ports ?? ["0", "0"];
    this.broker = start(
      "tally-broker",
      [
        ...["--data", path.join(this.folder, "data"), "--port", ports[0], "--enrolment-port", ports[1]],
        ...(this.options.isDurable ? [] : ["--unsafe-fast"]),
      ],
      this.env,
      path.join(this.folder, "broker.log"),
      /^ready: main=(\d+) enrolment=(\d+)/m,
    );
    const { match, heard } = await this.broker.ready;
    this.ports = [match[1], match[2]];
    this.heard = heard;
  }
  async startGateway(port = "0") {
    this.gateway = start(
      "tally-gateway",
      ["serve", "--port", port, ...this.options.gateway],
      this.env,
      path.join(this.folder, "gateway.log"),
      /^pages: (http.*)$/m,
    );
    this.url = (await this.gateway.ready).match[1];
  }

  // Runs a program of ours; gives what it printed.
  async cli(program, ...args) {
    const { stdout } = await run(path.join(bin, program), args, { env: this.env });
    return stdout;
  }
  async invitation(role, name) {
    return (await this.cli("tally-admin", "invite", "--role", role, "--name", name)).trim();
  }
  // The link by which a browser joins: of somebody new, or of an account that is there.
  async link(role, name) {
    return this.linkOf(await this.invitation(role, name));
  }
  async linkTo(account) {
    return this.linkOf((await this.cli("tally-admin", "invite", "--account", String(account))).trim());
  }
  // The account of a program's key file: admin, requester, gateway.
  async account(profile) {
    const file = await readFile(path.join(this.env.TALLY_HOME, `${profile}.toml`), "utf8");
    return Number(/^account *= *(\d+)/m.exec(file)[1]);
  }
  linkOf(line) {
    return `${this.url}/join#${line.split("/").pop()}`;
  }
  async file(name, text) {
    const file = path.join(this.folder, name);
    await writeFile(file, text);
    return file;
  }

  async read(file) {
    return readFile(file, "utf8");
  }

  async stop() {
    if (this.gateway) await ended(this.gateway.child);
    if (this.broker) await ended(this.broker.child);
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}

export function whatIsMissing() {
  for (const program of ["tally-broker", "tally-gateway", "tally-admin"]) {
    if (!existsSync(path.join(bin, program))) return `${path.join(bin, program)} is not built`;
  }
  if (!existsSync(path.join(bin, "tally-pages/index.html"))) return "the pages are not built: scripts/pages";
  if (!chromium()) return "there is no Chromium: scripts/setup installs it";
  return "";
}

export function chromium() {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((one) => existsSync(one));
}
