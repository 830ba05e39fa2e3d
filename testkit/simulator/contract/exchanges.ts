// What goes over the wire, held against the description: paths, fields, ranges, status codes, answers.
import { tap } from 'rxjs';
import type { FormPart, HttpBody, HttpRequest, HttpResponse, HttpTransport } from '../../../core/ports/http.js';
import type { OpenApi, Operation, Schema } from './openapi.js';

export interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

/** A transport that keeps what it carries. */
export function recording(http: HttpTransport): HttpTransport & { readonly exchanges: readonly Exchange[] } {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    request: (request) =>
      http.request(request).pipe(
        tap((event) => {
          if (event.type === 'response') exchanges.push({ request, response: event });
        }),
      ),
  };
}

/** All that differs in one exchange, each as one sentence. */
export function differences(openApi: OpenApi, baseUrl: string, { request, response }: Exchange): readonly string[] {
  const pathname = decodeURIComponent(request.url.slice(baseUrl.length));
  const operation = openApi.operation(request.method, pathname);
  if (operation === undefined) return [`${request.method} ${pathname}: there is no such call`];
  const documented = operation.responses[response.status];
  const found = [
    ...headerProblems(operation, request),
    ...requestProblems(openApi, operation, request.body),
    ...(documented ? answerProblems(openApi, documented, response) : [`answer: status ${response.status}`]),
  ];
  return found.map((what) => `${request.method} ${operation.path}: ${what}`);
}

function headerProblems({ parameters = [] }: Operation, { headers }: HttpRequest): readonly string[] {
  const sent = Object.keys(headers).map((name) => name.toLowerCase());
  return parameters
    .filter(({ in: place, name, required }) => place === 'header' && required && !sent.includes(name.toLowerCase()))
    .map(({ name }) => `request: no header ${name}`);
}

function requestProblems(openApi: OpenApi, { requestBody }: Operation, body: HttpBody | null): readonly string[] {
  if (body === null) return requestBody?.required ? ['request: no body'] : [];
  const type = body.type === 'form' ? 'multipart/form-data' : body.contentType;
  const schema = requestBody?.content?.[type]?.schema;
  if (schema === undefined) return [`request: a body of ${type}`];
  const value = body.type === 'form' ? formOf(openApi.resolved(schema), body.parts) : JSON.parse(body.text);
  return openApi.problems(schema, value, 'request');
}

/** The fields of a form as JSON would have them; a file stands as text, as the description has it. */
function formOf({ properties = {} }: Schema, parts: readonly FormPart[]): Readonly<Record<string, unknown>> {
  const contentOf = (part: FormPart): unknown => {
    if (part.type === 'file') return '(file)';
    const type = properties[part.name]?.type;
    if (type === 'integer') return Number(part.value);
    return type === 'boolean' && /^(true|false)$/.test(part.value) ? part.value === 'true' : part.value;
  };
  return Object.fromEntries(parts.map((part) => [part.name, contentOf(part)]));
}

function answerProblems(
  openApi: OpenApi,
  { content }: Operation['responses'][string],
  { body, headers }: HttpResponse,
): readonly string[] {
  if (content === undefined) return body.type === 'text' && body.text !== '' ? ['answer: a body'] : [];
  const [type] = (headers['content-type'] ?? 'no type').split(';');
  const [[expected, described] = ['', undefined]] = Object.entries(content);
  if (type !== expected) return [`answer: ${type} instead of ${expected}`];
  return body.type === 'blob' ? [] : openApi.problems(described?.schema, JSON.parse(body.text), 'answer');
}
