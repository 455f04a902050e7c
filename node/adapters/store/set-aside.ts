import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files in the folder, at most: who looks at more of them looks at the disk. */
const FILES_MAX = 100;

/** Something in a node's folder that is not as it was written. */
export interface Damage {
  readonly what: "block" | "header" | "ledger" | "file";
  /** Of the block that it belongs to, as far as known. */
  readonly hash: string | null;
  /** In words. */
  readonly reason: string;
  /** Where the damaged bytes are kept for a look; null if nothing could be read or kept. */
  readonly keptAs: string | null;
}

/** The folder in which damaged bytes are kept for a look. */
export class SetAside {
  readonly #folder: string;
  readonly #report: (damage: Damage) => void;

  constructor(nodeFolder: string, report: (damage: Damage) => void) {
    this.#folder = join(nodeFolder, "damaged");
    this.#report = report;
  }

  /** `name` says what the bytes were; null if they cannot be read. */
  keep(damage: Omit<Damage, "keptAs">, name: string, bytes: Uint8Array | null): void {
    this.#report({ ...damage, keptAs: bytes === null ? null : this.#write(name, bytes) });
  }

  /** Moves a file of SQLite's, with its log, out of the way. */
  moveFile(path: string, name: string, reason: string): void {
    const target = this.#freePath(name, ".db");
    renameSync(path, target);
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${target}-wal`);
    this.#report({ what: "file", hash: null, reason, keptAs: target });
  }

  #write(name: string, bytes: Uint8Array): string | null {
    try {
      const path = this.#freePath(name, ".bin");
      if (readdirSync(this.#folder).length >= FILES_MAX) return null;
      writeFileSync(path, bytes);
      return path;
    } catch (error) {
      // A look at the bytes is a help, no more: that they are damaged is told either way.
      this.#report({
        what: "file",
        hash: null,
        reason: `cannot be set aside: ${String(error)}`,
        keptAs: null,
      });
      return null;
    }
  }

  #freePath(name: string, ending: string): string {
    mkdirSync(this.#folder, { recursive: true });
    for (let number = 1; ; number += 1) {
      const path = join(this.#folder, `${name}-${number}${ending}`);
      if (!existsSync(path)) return path;
    }
  }
}
