import type { DockerEngine } from "./docker-engine.ts";
import { type Labels, type Owner, ownerOf, RUN_LABEL } from "./labels.ts";

/** What one run has in the engine. Each with the name that people see. */
export interface RunThings {
  readonly runId: string;
  readonly owner: Owner;
  readonly containers: readonly Thing[];
  readonly networks: readonly Thing[];
  readonly volumes: readonly Thing[];
}

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
}

/** What runs have in the engine, whoever started them; of one run alone, if it is named. Ordered by run. */
export async function findRunThings(engine: DockerEngine, runId?: string): Promise<RunThings[]> {
  const filters = { label: [runId === undefined ? RUN_LABEL : `${RUN_LABEL}=${runId}`] };
  const [containers, networks, volumes] = await Promise.all([
    engine.ask("list containers", (docker) => docker.listContainers({ all: true, filters })),
    engine.ask("list networks", (docker) => docker.listNetworks({ filters })),
    engine.ask("list volumes", (docker) => docker.listVolumes({ filters })),
  ]);
  const things = {
    containers: containers.map(({ Id, Names, Labels }) => thing(Id, Names[0]?.slice(1) ?? Id, Labels)),
    networks: networks.map(({ Id, Name, Labels }) => thing(Id, Name, Labels ?? {})),
    volumes: (volumes.Volumes ?? []).map(({ Name, Labels }) => thing(Name, Name, Labels ?? {})),
  };
  const all = [...things.containers, ...things.networks, ...things.volumes];
  const runIds = [...new Set(all.map(({ labels }) => labels[RUN_LABEL] ?? ""))].toSorted();
  return runIds.map((id) => {
    const ofRun = (list: readonly Thing[]) => list.filter(({ labels }) => labels[RUN_LABEL] === id);
    const first = all.find(({ labels }) => labels[RUN_LABEL] === id);
    return {
      runId: id,
      owner: ownerOf(first?.labels ?? {}),
      containers: ofRun(things.containers),
      networks: ofRun(things.networks),
      volumes: ofRun(things.volumes),
    };
  });
}

/** Removes it all, whatever state it is in: containers first, since they hold the rest. What somebody else removes meanwhile is gone too. */
export async function removeThings(engine: DockerEngine, things: RunThings): Promise<void> {
  await Promise.all(
    things.containers.map(({ id, name }) =>
      engine.askOrNull(`remove container ${name}`, (docker) =>
        docker.getContainer(id).remove({ force: true, v: true }),
      ),
    ),
  );
  const removals = [
    ...things.networks.map(({ id, name }) =>
      engine.askOrNull(`remove network ${name}`, (docker) => docker.getNetwork(id).remove()),
    ),
    ...things.volumes.map(({ id, name }) =>
      engine.askOrNull(`remove volume ${name}`, (docker) => docker.getVolume(id).remove()),
    ),
  ];
  await Promise.all(removals);
}

/** Removes what this run has in the engine. */
export async function removeRun(engine: DockerEngine, runId: string): Promise<void> {
  for (const things of await findRunThings(engine, runId)) await removeThings(engine, things);
}

export interface Cleaned {
  readonly removed: readonly RunThings[];
  /** Of runs that go on. */
  readonly kept: readonly RunThings[];
  /** Of runners on other hosts, which nobody here can ask whether they live. */
  readonly elsewhere: readonly RunThings[];
}

/** Removes what crashed runs left in the engine. */
export async function cleanLeftovers(engine: DockerEngine): Promise<Cleaned> {
  const all = await findRunThings(engine);
  const of = (owner: Owner) => all.filter((things) => things.owner === owner);
  const removed = of("gone");
  for (const things of removed) await removeThings(engine, things);
  return { removed, kept: of("alive"), elsewhere: of("elsewhere") };
}

function thing(id: string, name: string, labels: Labels): Thing {
  return { id, name, labels };
}
