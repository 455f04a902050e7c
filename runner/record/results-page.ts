import { FIGURES } from "../analysis/figures.ts";
import type { ResultTable } from "./result-table.ts";

const INTRODUCTION = `# What a run leaves

<!-- Made by \`npm run generate\` from the tables in runner/record/tables and runner/analysis/figures.ts. Change those. -->

Every run leaves a folder \`results/<scenario>/<start>-seed-<seed>/\`, and \`results/<scenario>/latest\` points at the last one.

| file | what it is |
|---|---|`;

const OTHER_FILES = `| [manifest.json](#manifestjson) | where the figures come from: scenario, seed, versions, machine, command, hash of the event log |
| [verdict.json](#verdictjson) | whether the expectations were met, and whether the run can be trusted |
| datapackage.json | type, unit and meaning of each column, by the [Data Package](https://datapackage.org) standard |
| report.html | figures and plots on one page |
| logs/ | what the nodes and the runner wrote |`;

const CONVENTIONS = `
## Conventions

- The CSV files follow RFC 4180: commas, a header, quotes where needed, and records that end with CR LF.
- An empty cell means "not measured" or "does not apply". It never means 0.
- Columns in ms count from the start of the run, or are lengths of time. They have three decimals and are exact: the runner counts whole microseconds.
- Hashes are SHA-256 in lower-case hexadecimal. Nodes are named by their index, from 0. Genesis has height 0 and is in no file.
- In a simulated run the same scenario, seed and version give the same bytes in every CSV file, in verdict.json and in datapackage.json, on any machine. What varies between machines and moments is in manifest.json.
- While a live run lasts, its events are appended to \`events.csv.part\` in the order in which they came. If the runner dies, that file remains.

Reading a folder:

\`\`\`python
import pandas; blocks = pandas.read_csv("results/partition/latest/blocks.csv")
\`\`\`

\`\`\`r
blocks <- read.csv("results/partition/latest/blocks.csv")
\`\`\`

\`\`\`sql
-- DuckDB
SELECT avg(arrived_after_ms) FROM 'results/partition/latest/propagation.csv';
\`\`\`

## Definitions

- **Final chain**: among all blocks that anyone mined, the chain of most work; among equals the one whose tip was mined first (by time, then by place in the journal).
- **Fork**: a height with more than one block. **Stale block**: a block off the final chain.
- **Measured window**: blocks mined after the warm-up, with a height at least \`confirmations\` below that of the final chain. The fate of later ones is open. A height is measured if its first block is. Propagation is measured over all blocks mined after the warm-up, confirmation over all transactions submitted after it.
- **Stale rate**: stale blocks over all blocks of the measured window (Gervais et al., CCS 2016). **Fork rate**: heights with more than one block over all heights of the window (Decker and Wattenhofer, P2P 2013). Both have a 95 % Wilson interval.
- **Reorganisation**: a node takes blocks off its chain; its depth is how many.
- **Propagation**: from the mining of a block to its arrival at another node, valid and connected to genesis. 50, 90 and 99 % are taken over deliveries; pairs of a block and a node it never reached are counted beside them.
- **Confirmation**: from submission to the mining of the block that makes the transaction's block \`confirmations\` deep on the final chain, its own block the first. Without forks the k-th confirmation is Erlang(k) distributed.
- **Censored**: a transaction that was not refused, and was not that deep when the run ended. Leaving these out would flatter the figures, so the quantiles of confirmation are those of the product-limit estimator (Kaplan and Meier, 1958), and empty if the run was too short to see them.
- **Convergence**: from a heal, restart or resume to the first instant at which all running nodes have the same tip. Empty if there was none before the next fault or the end of the run. A heal after which links are still cut is not judged.
- **Quantiles** of everything but confirmation are of Hyndman and Fan's definition 7, the default of R and NumPy.
- **Hash rates** are means over time of the samples in nodes.csv.`;

const PROBES = `
## How faults are probed

The simulator looks at the state of its network. Among real nodes a probe looks at what the fault does; \`probed\` is false if that is not what was asked, and then the run is not to be trusted.

| word | what is done | seen at work if | what it adds |
|---|---|---|---|
| partition, isolate | A message of 17 bytes over 12 of the cut links and 4 open ones. | Only those over open links arrive. | These messages. |
| heal | The same over 12 of the healed links. | All arrive. | These messages. |
| latency | Three messages over each of 12 links, one after the other. | As many arrive before their model's median as after it, to four standard deviations. | These messages. |
| loss | Two messages over each of 12 links, which draw a loss just below the share that was asked and just above it: the nearest of 65,536, some 0.01 percentage points from it. | The first arrives a retransmission (200 ms) late, the second sooner. | These messages. What is sent behind one that is lost waits for it, 200 ms. |
| bandwidth | At each of 12 nodes two messages right behind one another, the second as large as the uplink in force carries in 300 ms (16 MiB at most, and without a limit). | They arrive as far apart as the bandwidth that was asked takes for the second, to 50 ms. | The uplink is busy for these 300 ms. |
| crash | The kernel is asked for the process, and its port for an answer. | Both are gone. | |
| restart | The node is asked for its height. | It is what it was before the crash, or more. | |
| pause, resume | The kernel is asked whether the process is stopped; the node for an answer. | It is; it answers. | |
| hashRate | Two samples that the node tells anyhow. | The rate is in force, and achieved to a quarter over a second. | |

Of more links or nodes than 12 so many are taken, evenly. Delays are measured when nothing that is under way holds a message up; where that is never so, where the line is over too soon, and where the run ends, \`probed\` is empty, and so it is where no message can tell: a loss of less than some 0.005 %, a bandwidth above 1.3 Gbit/s. A busy machine makes messages late: what comes too late is measured again, eight times at most. Messages of probes count as any other on their link, are left out of every count of messages, and do not carry the bytes for which the uplink counts them.

Where the kernel shapes the links (\`network.enforce: kernel\`), its rules are read back for all of them, and datagrams inside the containers measure delay, loss and rate on 6 at most: [containers.md](containers.md).`;

const JSON_FILES = `
## manifest.json

\`formatVersion\` of this folder · \`name\`, \`seed\`, \`backend\` · \`command\` that repeats the run · \`interrupted\`: it ended before its time · \`startedAt\`, \`finishedAt\` (UTC), \`wallSeconds\` · \`eventCount\`, \`eventLogSha256\`: of events.csv, as \`sha256sum\` gives it · \`versions\` of Forklab, of the simulation model (null on live backends) and of Node · \`engine\` that ran the containers, with version, kernel and image (null without one) · \`git\`: commit, and whether files differed from it · \`machine\`: processor, cores, memory, operating system · \`scenario\` with every default filled in. It is written last: a folder that has it is complete.

## verdict.json

\`outcome\` and \`exitStatus\`: \`valid\` (0), every expectation is met and the run can be trusted; \`invalid\` (1), the run can be trusted and an expectation is not met; \`unknown\` (2), the run cannot be trusted, or an expectation could not be judged.

\`expectations\`: for each line of \`expect:\` the \`name\`, \`subject\`, \`observable\`, \`bound\`, \`observed\`, \`finding\` and \`evidence\`. \`trust\`: for each check its name, the \`claim\` it holds up, \`finding\` and \`evidence\`. A \`finding\` is \`true\`, \`false\` or \`unknown\`; an unknown check of trust does not apply to the run and takes no trust away.
`;

/** The text of docs/results.md. */
export function resultsPage(tables: readonly ResultTable[]): string {
  const list = tables.map(
    (table) => `| [${table.file}](#${anchor(table.file)}) | ${firstSentence(table.meaning)} |`,
  );
  return [
    [INTRODUCTION, ...list, OTHER_FILES].join("\n"),
    CONVENTIONS,
    expectableFigures(),
    ...tables.map(tableSection),
    PROBES,
    JSON_FILES,
  ].join("\n");
}

function expectableFigures(): string {
  const rows = FIGURES.flatMap(({ expectation, column, meaning }) =>
    expectation === null ? [] : [`| \`${expectation}\` | \`${column}\` | ${meaning} |`],
  );
  return `
## Figures that a scenario can bound

| under \`expect:\` | column of summary.csv | meaning |
|---|---|---|
${rows.join("\n")}

\`converged: { within: ... }\` asks that each heal, restart or resume which leaves no link cut is followed by convergence within that time; in a scenario without any, that all running nodes had one tip at some instant in the last \`within\` of the run.`;
}

function tableSection(table: ResultTable): string {
  const rows = table.columns.map(
    ({ name, kind, unit, meaning }) => `| \`${name}\` | ${KINDS[kind]} | ${unit ?? ""} | ${meaning} |`,
  );
  return `
## ${table.file}

${table.meaning}

| column | type | unit | meaning |
|---|---|---|---|
${rows.join("\n")}`;
}

const KINDS = {
  ms: "number",
  integer: "integer",
  number: "number",
  ratio: "number, 0 to 1",
  text: "text",
  hash: "hash",
  hashes: "hashes",
  boolean: "true or false",
} as const;

/** As the common renderers make it from a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}
