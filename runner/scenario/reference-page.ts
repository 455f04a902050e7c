import { FIGURES } from "./expect-schema.ts";
import { annotatedJsonSchema, type JsonSchema } from "./json-schema.ts";
import { QUANTITIES } from "./quantities.ts";
import { kindTable, rowsOf, table, typeText } from "./reference-tables.ts";
import { FAULT_WORDS } from "./timeline-schema.ts";

/** `docs/scenario.md`: every key with its type, default and meaning. `example` is a whole scenario. */
export function referencePage(example: string): string {
  const { properties = {} } = annotatedJsonSchema();
  const section = (name: string): JsonSchema => properties[name] ?? {};
  const top = Object.entries(properties).filter(([name]) => !SECTIONS.includes(name));
  const { topology = {}, latency = {} } = section("network").properties ?? {};
  return [
    OPENING,
    code("yaml", example.trimEnd()),
    "## The run",
    table(
      KEY_HEAD,
      top.flatMap(([name, schema]) => rowsOf(name, schema, isRequired(name))),
    ),
    ...["nodes", "chain", "network", "transactions"].flatMap((name) => [
      `## ${name}`,
      section(name).description ?? "",
      table(KEY_HEAD, rowsOf(name, section(name), isRequired(name)).slice(1)),
    ]),
    "### Topologies",
    kindTable(topology),
    "### Latencies",
    "A duration alone, such as `latency: 50ms`, is the same for every message. Or one of:",
    kindTable(latency),
    "## timeline",
    TIMELINE,
    timelineTables(section("timeline")),
    "## expect",
    EXPECT,
    expectTable(section("expect")),
    "## Values with a unit",
    UNITS,
    table(
      ["Value", "Example", "Units"],
      QUANTITIES.map(({ noun, example, units }) => [
        noun.replace(/^an? /, ""),
        `\`${example}\``,
        Object.keys(units)
          .map((unit) => `\`${unit}\``)
          .join(" "),
      ]),
    ),
    "## Overrides",
    OVERRIDES,
  ]
    .join("\n\n")
    .concat("\n");
}

const SECTIONS = ["nodes", "chain", "network", "transactions", "timeline", "expect"];
const KEY_HEAD = ["Key", "Value", "Default", "Meaning"];
const isRequired = (name: string) => (annotatedJsonSchema().required ?? []).includes(name);
const code = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

function timelineTables({ items }: JsonSchema): string {
  const properties = (items as JsonSchema | undefined)?.properties ?? {};
  const isWord = (name: string) => (FAULT_WORDS as readonly string[]).includes(name);
  const row = ([name, schema]: [string, JsonSchema]) => [
    `\`${name}\``,
    typeText(schema),
    schema.description ?? "",
  ];
  const entries = Object.entries(properties);
  return [
    table(["Word", "Value", "Meaning"], entries.filter(([name]) => isWord(name)).map(row)),
    "Besides the word a line has:",
    table(["Key", "Value", "Meaning"], entries.filter(([name]) => !isWord(name)).map(row)),
  ].join("\n\n");
}

function expectTable({ properties = {} }: JsonSchema): string {
  const { converged } = properties;
  return table(
    ["Figure", "Bound", "Meaning"],
    [
      [
        "`converged`",
        "`within`: duration",
        `${converged?.description} \`within\`: ${converged?.properties?.within?.description}`,
      ],
      ...Object.entries(FIGURES).map(([name, { kind, description }]) => [
        `\`${name}\``,
        `\`min\`, \`max\`: ${kind}`,
        description,
      ]),
    ],
  );
}

const OPENING = `# The scenario file

<!-- Made from runner/scenario/schema.ts by npm run generate. Changes belong there. -->

A scenario says what to run: how many nodes, how hard the proof of work, how many transactions, what goes wrong when, and what
must hold in the end. It is YAML. A whole one:`;

const TIMELINE = `A list; each line has a time \`at\` and exactly one of these words. Every time counts from the start of the run and lies before its
end. Nodes are written by index: \`3\`, \`0-5\` (both included), \`[0-2, 7]\` or \`all\`.

Partitions add up: a second one cuts more links and opens none. Where two lines hold the same link or node, the later one wins,
and when its \`for\` ends, the earlier one holds again.`;

const EXPECT = `Bounds on what the run must show. A run that breaks one ends with status 1. Each figure takes \`min\`, \`max\` or both, ends included.`;

const UNITS = `A number that has a unit is written with it: \`latency: 250\` is an error, \`latency: 250ms\` is not. Amounts may have a fraction
(\`1.5s\`). A share has no unit: \`2%\` and \`0.02\` are the same.`;

const OVERRIDES = `\`--set key=value\` puts a value in place of the file's before anything is checked; \`--seed N\` is short for \`--set seed=N\`. The key is a path
with dots, list entries by index from 0, and the value is YAML:

\`\`\`
npm run scenario scenarios/partition.yaml -- --set chain.difficulty=18 --set timeline.0.at=15s
npm run scenario scenarios/partition.yaml -- --set 'network.topology={ kind: ring }'
\`\`\`

Every mistake in a file is reported at once, each with file, line and column, what was found and what is accepted; an override is
named instead of a place. A key that the schema does not know is a mistake, never ignored. The exit status is then 3.

Editors that read JSON Schema check a scenario while it is written, given its first line:
\`# yaml-language-server: $schema=./schema.json\`.`;
