import { Ajv2020 } from "ajv/dist/2020.js";
import { nodeDocument } from "../../node/adapters/http/route-table.ts";
import { ALL_ROUTES } from "../../node/all-routes.ts";
import { type RawAnswer, type RawBody, rawRequest } from "../support/raw-request.ts";

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >;
}

interface DocumentJson {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/**
 * Holds real answers to the OpenAPI document, read by ajv, which knows nothing of the code that made it. Notes what was seen of each operation, so that
 * what is documented and never happens is found as well as what happens and is not documented.
 */
export class ApiContract {
  /** "GET /chain 200" for a success, "GET /chain bad-request" for an error. */
  readonly seen = new Set<string>();
  readonly #document = nodeDocument(ALL_ROUTES, true) as unknown as DocumentJson;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor() {
    this.#ajv.addSchema({ $id: "api", ...this.#document });
  }

  /** Everything that the document says can happen, as in `seen`. */
  get documented(): string[] {
    return this.operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses).flatMap(([status, response]) => {
        if (Number(status) < 400) return [`${name} ${status}`];
        const text = JSON.stringify(response.content);
        const [, codes = ""] = /"enum":\[([^\]]*)\]/.exec(text) ?? [];
        // In the words of the system that the route is taken over from.
        if (codes === "") return [];
        return codes.split(",").map((code) => `${name} ${JSON.parse(code)}`);
      }),
    );
  }

  get operations() {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const verb = method.toUpperCase();
        return { name: `${verb} ${path}`, method: verb, path, operation };
      }),
    );
  }

  /** Asks, and throws if the answer is none that the document has for the operation. */
  async ask(url: string, method: string, target: string, request: RawBody = {}): Promise<RawAnswer> {
    const answer = await rawRequest(url, method, target, request);
    this.check(method, target.split("?")[0] ?? "", answer);
    return answer;
  }

  check(method: string, path: string, answer: RawAnswer): void {
    const template = this.#templateOf(path);
    const name = `${method} ${template}`;
    const operation = this.#document.paths[template]?.[method.toLowerCase()];
    const response = operation?.responses[String(answer.status)];
    if (response === undefined) throw new Error(`${name} answered ${answer.status}: ${answer.bytes}`);
    const type = String(answer.headers["content-type"] ?? "").split(";")[0] ?? "";
    const media = response.content?.[type];
    if (media === undefined && answer.bytes.length > 0)
      throw new Error(`${name} answered ${answer.status} as ${type}`);
    if (media?.schema !== undefined) this.#validate(`${name} ${answer.status}`, media.schema, answer.json);
    const { error } = (answer.json ?? {}) as { error?: { code: string } };
    this.seen.add(answer.status >= 400 ? `${name} ${error?.code}` : `${name} ${answer.status}`);
  }

  #templateOf(path: string): string {
    if (this.#document.paths[path] !== undefined) return path;
    const pattern = (template: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    const template = Object.keys(this.#document.paths).find((each) => pattern(each).test(path));
    if (template === undefined) throw new Error(`the document has no ${path}`);
    return template;
  }

  #validate(what: string, schema: object, value: unknown): void {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
    const validate = this.#ajv.compile(JSON.parse(text));
    if (!validate(value))
      throw new Error(
        `${what}: ${this.#ajv.errorsText(validate.errors)}; ${JSON.stringify(value).slice(0, 500)}`,
      );
  }
}
