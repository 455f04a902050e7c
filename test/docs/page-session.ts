import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { NodeUnderTest, type Scratch, until } from "../support/live-process.ts";
import type { Outcome } from "./page-commands.ts";

/**
 * Somebody who follows a page: one shell for all its commands, and the nodes that it starts. The ports of the page may be in use here, so a node listens on
 * one that is free and curl's own file of settings leads there; what a command says is not touched. Nodes hash faster than a
 * page's readers wait, by a variable that the page leaves alone.
 */
export class PageSession {
  readonly #scratch: Scratch;
  readonly #nodes = new Map<string, NodeUnderTest>();
  readonly #shell;
  readonly #lines: Interface;
  #last = "";
  #count = 0;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    const env = { PATH: process.env.PATH, HOME: scratch.path, CURL_HOME: scratch.path };
    this.#shell = spawn("sh", { cwd: scratch.path, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface(this.#shell.stdout);
    this.#lines.on("line", (line) => {
      this.#last = line;
    });
  }

  /** Does what the command says, once all nodes agree: whoever types is slower than a block. */
  async run(command: string): Promise<Outcome> {
    const words = /^npm run node -- (.*)$/.exec(withoutComment(command))?.[1]?.split(/\s+/);
    if (words !== undefined) {
      await this.#startNode(words);
      return { output: "", status: null };
    }
    await this.#agreed();
    this.#count += 1;
    const [out, err] = [this.#scratch.dir(`${this.#count}.out`), this.#scratch.dir(`${this.#count}.err`)];
    const done = `done ${this.#count}`;
    this.#shell.stdin.write(`{ ${command}\n} >${out} 2>${err}; echo; echo ${done}\n`);
    await until(() => (this.#last === done ? true : null), 60_000);
    const said = readFileSync(err, "utf8");
    const status = [...said.matchAll(/status (\d{3})\n/g)].at(-1)?.[1];
    const complaint = said.replaceAll(/status \d{3}\n/g, "");
    return {
      output: complaint + readFileSync(out, "utf8"),
      status: status === undefined ? null : Number(status),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lines.close();
    this.#shell.kill("SIGKILL");
    for (const node of this.#nodes.values()) await node[Symbol.asyncDispose]();
  }

  async #startNode(words: readonly string[]): Promise<void> {
    const port = words[words.indexOf("--port") + 1] ?? "";
    if (!/^\d+$/.test(port)) throw new Error(`the node of ${words.join(" ")} has no port`);
    if (this.#nodes.has(port)) return;
    const name = `node-${port}`;
    const args = words.map((word) => this.#here(word === port ? "0" : word));
    const own = ["--name", name, "--dir", this.#scratch.dir(name), "--hash-rate", "2MH/s"];
    this.#nodes.set(port, await NodeUnderTest.start([...own, ...args]));
    const detours = [...this.#nodes].map(
      ([page, { url }]) => `connect-to = "127.0.0.1:${page}:${new URL(url).host}"\n`,
    );
    const settings = 'silent\nshow-error\nwrite-out = "%{stderr}status %{http_code}\\n"\n';
    writeFileSync(this.#scratch.dir(".curlrc"), settings + detours.join(""));
  }

  /** A page's address, as it is here. */
  #here(word: string): string {
    const port = /^http:\/\/127\.0\.0\.1:(\d+)$/.exec(word)?.[1] ?? "";
    return this.#nodes.get(port)?.url ?? word;
  }

  async #agreed(): Promise<void> {
    const nodes = [...this.#nodes.values()];
    await until(async () => {
      const all = await Promise.all(nodes.map((node) => node.status()));
      const isOne = all.every(({ tip }) => tip === all[0]?.tip);
      return isOne && (all.length < 2 || all.every(({ peers }) => peers.up > 0)) ? true : null;
    }, 30_000);
  }
}

function withoutComment(command: string): string {
  return command.replace(/\s+#.*$/, "");
}
