// A reader of the service's OpenAPI description, as far as the contract check needs one.
import { readFileSync } from 'node:fs';

/** The part of JSON Schema that the description uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly maximum?: number;
  readonly minimum?: number;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Operation {
  /** As in the description, with `{…}` for what varies. */
  readonly path: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly required?: boolean; readonly content?: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface OpenApi {
  readonly paths: readonly string[];
  /** The operation behind a method and a path, or nothing. */
  operation(method: string, pathname: string): Operation | undefined;
  /** A schema, with its reference followed. */
  resolved(schema: Schema | undefined): Schema;
  /** What is wrong with a value, each as one sentence; nothing when it fits. */
  problems(schema: Schema | undefined, value: unknown, where: string): readonly string[];
}

type Description = { readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'path'>>>>> };

/** @param file the description, as JSON */
export function readOpenApi(file: string): OpenApi {
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const paths = Object.keys(description.paths);

  const resolved = (schema: Schema = {}): Schema => {
    if (schema.$ref === undefined) return schema;
    const names = schema.$ref.replace('#/', '').split('/');
    return names.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], description) as Schema;
  };

  function problems(schema: Schema | undefined, value: unknown, where: string): readonly string[] {
    const { type, anyOf, maximum, minimum, ...rest } = resolved(schema);
    if (anyOf !== undefined) {
      const tried = anyOf.map((each) => problems(each, value, where));
      return tried.some((found) => found.length === 0) ? [] : (tried[0] ?? []);
    }
    const kind = kindOf(value);
    if (type !== undefined && type !== kind && !(type === 'integer' && Number.isInteger(value))) {
      return [`${where} is ${kind}, not ${type}`];
    }
    const found: string[] = [];
    if ('const' in rest && value !== rest.const) found.push(`${where} is not ${JSON.stringify(rest.const)}`);
    if (rest.enum?.includes(value) === false) found.push(`${where} is none of ${rest.enum.join(', ')}`);
    if (maximum !== undefined && Number(value) > maximum) found.push(`${where} is more than ${maximum}`);
    if (minimum !== undefined && Number(value) < minimum) found.push(`${where} is less than ${minimum}`);
    if (rest.format === 'date-time' && Number.isNaN(Date.parse(String(value)))) found.push(`${where} is no date`);
    if (Array.isArray(value)) found.push(...value.flatMap((item, at) => problems(rest.items, item, `${where}[${at}]`)));
    if (kind === 'object') found.push(...problemsOfObject(rest, value as Readonly<Record<string, unknown>>, where));
    return found;
  }

  function problemsOfObject(
    { properties, additionalProperties, required = [] }: Schema,
    value: Readonly<Record<string, unknown>>,
    where: string,
  ): readonly string[] {
    const missing = required.filter((name) => !(name in value)).map((name) => `${where}.${name} is missing`);
    const wrong = Object.entries(value).flatMap(([name, content]) => {
      const schema = properties?.[name] ?? additionalProperties;
      if (properties !== undefined && !schema) return [`${where}.${name} is not in the contract`];
      return typeof schema === 'object' ? problems(schema, content, `${where}.${name}`) : [];
    });
    return [...missing, ...wrong];
  }

  return {
    paths,
    resolved,
    problems,
    operation(method, pathname) {
      const path = paths.find((each) => each === pathname) ?? paths.find((each) => patternOf(each).test(pathname));
      const operation = path === undefined ? undefined : description.paths[path]?.[method.toLowerCase()];
      return operation && { ...operation, path: path ?? '' };
    },
  };
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
