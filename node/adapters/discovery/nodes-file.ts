import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { decodeNodeEntries, type NodeEntry } from "../../core/discovery/node-entry.ts";
import { parseJson } from "../../schemas/decode.ts";

/** A list as long as any that is written here, several times over; what is larger is not ours. */
const FILE_BYTES_MAX = 1024 * 1024;

/** What a file held; `fault` says in words what was wrong with it, null if nothing was. A file that is not there is no fault. */
export interface ReadNodes {
  readonly nodes: readonly NodeEntry[];
  readonly fault: string | null;
}

/** The known nodes on disk: a JSON list of entries, as others read and write it too. */
export class NodesFile {
  readonly path: string;
  readonly #countMax: number;

  constructor(path: string, countMax: number) {
    this.path = path;
    this.#countMax = countMax;
  }

  /** Whatever the file holds, the node starts: its nodes can be found again. */
  read(): ReadNodes {
    let text: string;
    try {
      const { size } = statSync(this.path);
      if (size > FILE_BYTES_MAX) return { nodes: [], fault: `${size} bytes are too many` };
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      return { nodes: [], fault: isMissing ? null : String(error) };
    }
    const parsed = parseJson(text);
    if (!parsed.ok) return { nodes: [], fault: parsed.fault };
    const nodes = decodeNodeEntries(parsed.value, this.#countMax);
    if (nodes === null || !Array.isArray(parsed.value)) return { nodes: [], fault: "not a list" };
    const leftOutCount = parsed.value.length - nodes.length;
    return { nodes, fault: leftOutCount === 0 ? null : `${leftOutCount} entries are no nodes, or too many` };
  }

  /**
   * Replaces the file as a whole: a crash at any moment leaves the old list or the new one. Null, or in words why it could not be written; the
   * old one is there then.
   */
  write(nodes: readonly NodeEntry[]): string | null {
    const beside = `${this.path}.new`;
    try {
      const fd = openSync(beside, "w", 0o644);
      try {
        writeFileSync(fd, `${JSON.stringify(nodes, null, 2)}\n`);
        // Otherwise the new name may outlive a loss of power, and what it names may not.
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(beside, this.path);
      return null;
    } catch (error) {
      return String(error);
    }
  }
}
