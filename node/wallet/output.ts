/** What a command says: for people, or with --json one line for programs. Warnings go to stderr. */
export class Output {
  readonly #isJson: boolean;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** The answer, once a command. Amounts in `json` become decimal text. */
  say(text: string, json: unknown): void {
    const line = this.#isJson
      ? JSON.stringify(json, (_key, value) => (typeof value === "bigint" ? value.toString() : value))
      : text;
    process.stdout.write(`${line}\n`);
  }

  warn(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
