// Node.js doing nothing, which says so: what a node's memory is measured against. JavaScript, since to load TypeScript takes memory.
console.log("{}");
setInterval(() => undefined, 1e6);
