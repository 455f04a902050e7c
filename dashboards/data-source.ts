/** Grafana's only data source here, as it is provisioned (`provisioning.ts`). */
export const DATA_SOURCE = { type: "prometheus", uid: "forklab-prometheus" } as const;
