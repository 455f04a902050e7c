/** A command of a page, and what the page says that it prints; null where it says nothing. */
export interface PageCommand {
  readonly command: string;
  readonly printed: string | null;
}

/** What came of it. `status` is the last answer's; null if no request was answered. */
export interface Outcome {
  readonly output: string;
  readonly status: number | null;
}

/** Commands in the fenced blocks of a page, in its order. In a block with prompts what stands below a command is what it prints; one without has commands alone. */
export function commandsOf(page: string): PageCommand[] {
  return fencedBlocks(page).flatMap(({ language, text }) => {
    if (language === "console") return prompted(text);
    if (language !== "" && language !== "sh") return [];
    return joined(text)
      .split("\n")
      .map((line) => ({ command: line.trim(), printed: null }))
      .filter(({ command }) => /^(npm run|curl) /.test(command));
  });
}

/** How often `curl` is called in fenced blocks, of whatever language: what `commandsOf` leaves out would otherwise not be missed. */
export function curlCount(page: string): number {
  return fencedBlocks(page).flatMap(({ text }) => [...text.matchAll(/\bcurl /g)]).length;
}

/**
 * What is wrong with an outcome; null if it is as printed. `...` in what is printed stands for anything. A printed error has the status that `statusOf`
 * gives for its code, all else a status from 200 to 299.
 */
export function judge(
  { command, printed }: PageCommand,
  { output, status }: Outcome,
  statusOf: ReadonlyMap<string, number>,
): string | null {
  if (command.includes("curl ")) {
    const code = /"code":"([a-z-]+)"/.exec(printed ?? "")?.[1];
    const isFine =
      code === undefined ? status !== null && status >= 200 && status < 300 : statusOf.get(code) === status;
    if (!isFine) return `${command}\nwas answered with status ${status}: ${output}`;
  }
  if (printed === null || alike(printed).test(output.trimEnd())) return null;
  return `${command}\nprinted ${output.trimEnd()}\nand not ${printed}`;
}

/** Statuses of errors, as the table of docs/api.md has them. */
export function statusesOf(api: string): ReadonlyMap<string, number> {
  const rows = [...api.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)];
  return new Map(rows.map(([, code = "", status]) => [code, Number(status)]));
}

function fencedBlocks(page: string): { language: string; text: string }[] {
  const blocks = [...page.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)];
  return blocks.map(([, language = "", text = ""]) => ({ language: language.trim(), text }));
}

function prompted(text: string): PageCommand[] {
  return joined(text)
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const lines = part.trimEnd().split("\n");
      let count = 1;
      // A quote that is open goes on in the next line.
      while (quoteCount(lines.slice(0, count)) % 2 === 1 && count < lines.length) count += 1;
      const printed = lines.slice(count);
      return {
        command: lines.slice(0, count).join("\n"),
        printed: printed.length === 0 ? null : printed.join("\n"),
      };
    });
}

function quoteCount(lines: readonly string[]): number {
  return lines.join("\n").split("'").length - 1;
}

/** A command that goes on in the next line. */
function joined(text: string): string {
  return text.replaceAll(/ \\\n\s*/g, " ");
}

function alike(printed: string): RegExp {
  const parts = printed.split("...").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\s\\S]*?")}$`);
}
