import { randomBytes } from "node:crypto";
import { ENGINES } from "./storage-engines.ts";

/**
 * One task of the storage bench; its figures as JSON.
 * Usage: node bench/storage-run.ts ENGINE FOLDER write|open COUNT SIZE_BYTES PER_WRITE
 */
const [name = "", folder = "", task = "", ...numbers] = process.argv.slice(2);
const [count = 0, sizeBytes = 0, perWrite = 1] = numbers.map(Number);

const startedMs = performance.now();
const engine = (await ENGINES.get(name)?.(folder)) ?? null;
if (engine === null) {
  console.log("{}");
} else if (task === "open") {
  const found = await engine.readHeads();
  if (found !== count) throw new Error(`${found} blocks of ${count}`);
  const wallSec = (performance.now() - startedMs) / 1_000;
  console.log(JSON.stringify({ wall_s: wallSec, resident_mb: process.memoryUsage.rss() / 1e6 }));
} else {
  // Random, so that no engine gains by compressing.
  const records = Array.from({ length: Math.max(perWrite, 8) }, () => randomBytes(sizeBytes));
  const writtenMs = performance.now();
  for (let done = 0; done < count; done += perWrite) {
    const first = done % records.length;
    const batch = perWrite === 1 ? records.slice(first, first + 1) : records;
    await engine.append(batch);
  }
  const wallSec = (performance.now() - writtenMs) / 1_000;
  await engine.close();
  console.log(JSON.stringify({ per_s: count / wallSec }));
}
