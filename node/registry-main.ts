import { enableCompileCache } from "node:module";

// Before anything else is loaded: compiled code is kept between starts.
enableCompileCache();

const { runRegistry } = await import("./run-registry.ts");
await runRegistry(process.argv.slice(2), process.env);
