import { enableCompileCache } from "node:module";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";

// Before anything else is loaded. Compiled code is kept between starts, because twenty nodes start at once; and the young generation stays
// small, because they live together on one laptop: 15 MB less a node, for collections that are more frequent and shorter.
enableCompileCache();
setFlagsFromString("--max-semi-space-size=1");
// Signatures are verified on these: more threads than processors would only take turns with the one that serves.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism());
setFlagsFromString("--semi-space-growth-factor=1");
// A generation that small is collected by the thread that made it: to wake others for it takes longer.
setFlagsFromString("--no-parallel-scavenge");
// The parser of HTTP that undici brings is one enormous function of WebAssembly, and it runs seldom and briefly. By default it is optimized after
// a few messages, for a tenth of a second; with this after thousands. The kernel that mines gets there in 0.2 s.
setFlagsFromString("--wasm-tiering-budget=2000000000");

// Nothing is optimized while modules are loaded: all that would run hot is the loader, once, and for its sake an idle node would keep the compiler's
// own pages and its work in memory, 8 MB. From here on it is as ever.
setFlagsFromString("--no-opt");
setFlagsFromString("--no-maglev");
const { runNode } = await import("./run-node.ts");
setFlagsFromString("--opt");
setFlagsFromString("--maglev");

await runNode(process.argv.slice(2), process.env);
