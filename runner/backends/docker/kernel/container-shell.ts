import { PassThrough } from "node:stream";
import { type DockerEngine, EngineError } from "../docker-engine.ts";

/** Rules of a node with hundreds of peers take the kernel a fraction of a second; the rest is a machine that is busy. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Of the answer to one script. The longest are the rules of a node read back, half a kilobyte a peer. */
const ANSWER_CHARS_MAX = 4_000_000;

export interface ShellAnswer {
  readonly status: number;
  /** Both outputs, as they came. */
  readonly output: string;
}

interface Waiting {
  readonly mark: string;
  readonly settle: (answer: ShellAnswer | EngineError) => void;
}

/**
 * The shell that is a container's process 1, and does what it is told over the container's standard input: a change takes it some milliseconds, where
 * the engine needs a tenth of a second for a process of its own. The container ends with the shell, and the shell with whoever holds this.
 */
export class ContainerShell {
  readonly #name: string;
  readonly #stream: NodeJS.ReadWriteStream;
  #waiting: Waiting | null = null;
  #heard = "";
  #askedCount = 0;
  #isOver = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(name: string, stream: NodeJS.ReadWriteStream, output: PassThrough) {
    this.#name = name;
    this.#stream = stream;
    output.setEncoding("utf8").on("data", (chunk: string) => this.#hear(chunk));
    const end = () => this.#ended();
    stream.on("end", end).on("close", end).on("error", end);
  }

  /**
   * Attaches to a container that was made with `SHELL_OPTIONS` and has yet to start. `name` is what it is called in errors. Throws an
   * `EngineError`, as everything here does.
   */
  static async attach(engine: DockerEngine, id: string, name: string): Promise<ContainerShell> {
    const stream = await engine.streams
      .getContainer(id)
      .attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new EngineError(`attach to ${name}: ${why}`, null);
      });
    const output = new PassThrough();
    engine.streams.modem.demuxStream(stream, output, output);
    const shell = new ContainerShell(name, stream, output);
    stream.write("exec 2>&1\n");
    return shell;
  }

  /** Has a script done after those that came before, and gives what became of it, whatever its status. */
  async run(script: string): Promise<ShellAnswer> {
    const answered = this.#turn.then(() => this.#ask(script));
    this.#turn = answered.catch(() => undefined);
    return await answered;
  }

  async #ask(script: string): Promise<ShellAnswer> {
    if (this.#isOver) throw new EngineError(`${this.#name} has ended`, null);
    this.#askedCount += 1;
    const mark = `forklab-answer-${this.#askedCount}`;
    const answer = await new Promise<ShellAnswer | EngineError>((resolve) => {
      const timer = setTimeout(() => {
        // Whatever it says later is no answer to anybody.
        this.#ended();
      }, ANSWER_TIMEOUT_MS);
      this.#waiting = {
        mark,
        settle: (settled) => {
          clearTimeout(timer);
          this.#waiting = null;
          resolve(settled);
        },
      };
      this.#stream.write(`${script}\nprintf '\\n%s %s\\n' ${mark} $?\n`);
    });
    if (answer instanceof EngineError) throw answer;
    return answer;
  }

  #hear(chunk: string): void {
    if (this.#waiting === null) return;
    this.#heard += chunk;
    const { mark, settle } = this.#waiting;
    const at = this.#heard.lastIndexOf(`\n${mark} `);
    const status = at < 0 ? null : /^\n\S+ (\d+)\n/.exec(this.#heard.slice(at));
    if (status === null) {
      if (this.#heard.length > ANSWER_CHARS_MAX) this.#ended();
      return;
    }
    const output = this.#heard.slice(0, at).trim();
    this.#heard = "";
    settle({ status: Number(status[1]), output });
  }

  #ended(): void {
    this.#isOver = true;
    const said = this.#heard.trim().slice(-300);
    const last = said === "" ? "" : `; its last words: ${said}`;
    this.#waiting?.settle(new EngineError(`${this.#name} did not answer${last}`, null));
  }
}

/** Of a container whose process is such a shell. */
export const SHELL_OPTIONS = {
  Entrypoint: ["sh"],
  Cmd: [],
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
};
