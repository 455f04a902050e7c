import { readFileSync } from "node:fs";
import { HEADER_BYTES } from "../../core/chain/header-bytes.ts";
import type { Target } from "../../core/chain/target.ts";
import { invariant } from "../../core/support/invariant.ts";

/** The little of the global `WebAssembly` that is used here: the types of Node.js have none of it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: unknown;
    constructor(module: Module);
  }
}

/** What kernel/assembly/nonce-search.ts exports. The two addresses are those of the bytes that are written before `prepare`. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly HEADER: { readonly value: number };
  readonly TARGET: { readonly value: number };
  prepare(): void;
  /** The nonce as a signed number, the count and the result as signed ones of 32 bits. */
  search(nonce: bigint, count: number): number;
}

/** Compiled machine code, which threads may share. */
export type KernelModule = WebAssembly.Module;

/** Most nonces of one search: a signed number of 32 bits counts them. */
const COUNT_MAX = 2 ** 31 - 1;

const TARGET_BYTES = 32;

export function loadKernel(
  bytes: Uint8Array = readFileSync(new URL("kernel/nonce-search.wasm", import.meta.url)),
): KernelModule {
  return new WebAssembly.Module(bytes);
}

/** Tries nonces for a header: four at a time from a saved midstate, in WebAssembly. */
export class NonceSearch {
  readonly #kernel: Kernel;
  readonly #header: Uint8Array;
  readonly #target: Uint8Array;

  constructor(module: KernelModule) {
    // Its exports are the functions of a file of this repository.
    this.#kernel = new WebAssembly.Instance(module).exports as Kernel;
    const { memory, HEADER, TARGET } = this.#kernel;
    this.#header = new Uint8Array(memory.buffer, HEADER.value, HEADER_BYTES);
    this.#target = new Uint8Array(memory.buffer, TARGET.value, TARGET_BYTES);
  }

  /** From now on for this header, whatever its own nonce, and hashes of at most `target`. */
  setWork(headerBytes: Uint8Array, target: Target): void {
    invariant(headerBytes.length === HEADER_BYTES, "a header of another length");
    this.#header.set(headerBytes);
    for (let index = TARGET_BYTES - 1, rest = target; index >= 0; index -= 1, rest >>= 8n)
      this.#target[index] = Number(rest & 0xffn);
    this.#kernel.prepare();
  }

  /** Tries `count` nonces, `firstNonce` and those after it; the index of the first that meets the target, null if none does. */
  search(firstNonce: bigint, count: number): number | null {
    invariant(count >= 0 && count <= COUNT_MAX, "a search of more nonces than one call can count");
    const index = this.#kernel.search(BigInt.asIntN(64, firstNonce), count);
    return index === count ? null : index;
  }
}
