import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

// JavaScript, the only file here that is: with an entry in TypeScript Node.js loads its compiler for these few lines, which then stays in memory
// (16 MB); everything below comes compiled from the cache.
// Before anything else is loaded. Compiled code is kept between starts, because twenty nodes start at once; and the young generation stays
// small, because they live together on one laptop: 15 MB less a node, for collections that are more frequent and shorter.
enableCompileCache();
setFlagsFromString("--max-semi-space-size=1");
setFlagsFromString("--semi-space-growth-factor=1");

const { runNode } = await import("./run-node.ts");
await runNode(process.argv.slice(2), process.env);
