import { readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

/**
 * Compiles the kernel's source to the file that miners load. With --check it writes nothing and fails if that file would change: it is part of the
 * repository, so that a node needs no compiler.
 */
const SOURCE = new URL("assembly/nonce-search.ts", import.meta.url);
export const KERNEL_FILE = new URL("nonce-search.wasm", import.meta.url);

/** One page of 64 KiB is twenty times what the kernel uses; there is no heap, hence no runtime and nothing to abort. */
const OPTIONS = [
  ...["-Ospeed", "--noAssert", "--enable", "simd", "--runtime", "stub", "--use", "abort="],
  ...["--initialMemory", "1", "--maximumMemory", "1"],
];

/** The bytes of the module. Throws with what the compiler says of a source that is none. */
export async function compileKernel(source = readFileSync(SOURCE, "utf8")): Promise<Uint8Array> {
  let compiled: Uint8Array | string | null = null;
  const { error, stderr } = await asc.main(["kernel.ts", "-o", "kernel.wasm", ...OPTIONS], {
    readFile: (name) => (name === "kernel.ts" ? source : null),
    writeFile: (_name, contents) => {
      compiled = contents;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`the kernel does not compile: ${stderr.toString()}`, { cause: error });
  if (compiled === null || typeof compiled === "string") throw new Error("the compiler wrote no module");
  return compiled;
}

if (import.meta.main) {
  const bytes = await compileKernel();
  if (!process.argv.includes("--check")) {
    writeFileSync(KERNEL_FILE, bytes);
  } else if (!readFileSync(KERNEL_FILE).equals(bytes)) {
    process.stderr.write(
      `${KERNEL_FILE.pathname} is out of date; run node node/adapters/mining/kernel/build.ts\n`,
    );
    process.exitCode = 1;
  }
}
