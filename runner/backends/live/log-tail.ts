import { open } from "node:fs/promises";

/** Read from the end of a log: a few lines, long stack traces included. */
const TAIL_BYTES = 8_192;

/** Frames of a stack, of JavaScript or of the machine, and what Node.js puts around them: people need the message, which stands before them. */
const OF_A_TRACE = /^\s+at |^\s*\d+: 0x|^-+ .*stack trace -+$|^Node\.js v\d/;

/** The last lines of a node's log, for people: of pino's JSON the message alone, of a stack trace its message. Says so when there is nothing to show. */
export async function readLogTail(path: string, lineCount = 5): Promise<string> {
  let text: string;
  try {
    text = await readEnd(path);
  } catch (error) {
    return `(its log ${path} cannot be read: ${error instanceof Error ? error.message : String(error)})`;
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !OF_A_TRACE.test(line));
  if (lines.length === 0) return "(its log is empty)";
  return lines.slice(-lineCount).map(readable).join("\n");
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function readable(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("msg" in entry)) return line;
    const detail = "err" in entry ? errorText(entry.err) : "";
    return `${String(entry.msg)}${detail}`;
  } catch {
    // The first line of the tail may be cut in its middle; then it is shown as it is.
    return line;
  }
}

function errorText(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return "";
  return `: ${String(error.message)}`;
}
