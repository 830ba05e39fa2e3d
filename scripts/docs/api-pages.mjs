// The API as pages: for each entry what it exports, with its comments, from the built declarations.
import { declaredApi, isHidden, membersOf, statementOf, ts } from '../declared-api.mjs';

const printer = ts.createPrinter({ removeComments: true });
const kinds = [
  ['Functions', ts.isFunctionDeclaration],
  ['Classes', ts.isClassDeclaration],
  ['Constants', ts.isVariableDeclaration],
  ['Types', () => true],
];

export const apiPath = (entry) => `api/${entry.replaceAll('/', '-')}.md`;

/** Outside of code, `<` and `{{` mean something to the site's generator. */
const escaped = (text) =>
  text
    .split(/(```[\s\S]*?```|`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')))
    .join('');

/** `{@link X}` becomes the name; what a comment says in tags becomes a list below it. */
function commentOf(node) {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const last = comments.at(-1);
  if (last === undefined) return { text: '', tags: [] };
  const plain = (comment) =>
    (ts.getTextOfJSDocComment(comment) ?? '').replace(
      /\{@link\s+([^}|]+?)(?:\s*\|\s*([^}]+))?\}/g,
      (_, to, label) => `\`${(label ?? to).trim()}\``,
    );
  const tags = (last.tags ?? []).map((tag) => ({ name: tag.tagName.text, text: plain(tag.comment).trim() }));
  return { text: plain(last.comment).trim(), tags };
}

const example = ({ text }) => {
  const [, before = '', code = ''] = /^([\s\S]*?)(```[\s\S]*```)$/.exec(text) ?? [];
  return code === '' ? '' : `${escaped(before.trim())}\n\n${code}`;
};

function described(node) {
  const { text, tags } = commentOf(node);
  const notes = tags
    .filter(({ name }) => ['param', 'returns', 'throws', 'default', 'defaultValue', 'deprecated'].includes(name))
    .map(({ name, text: said }) => `- _${name}_ ${escaped(said)}`);
  const examples = tags.filter(({ name }) => name === 'example').map(example);
  return [escaped(text), notes.join('\n'), ...examples].filter((part) => part !== '').join('\n\n');
}

/** In a table's cell. */
const cell = (text) => escaped(text).replaceAll('\n', ' ').replaceAll('|', '\\|');
const code = (text) => `\`${text.replaceAll('|', '\\|').replaceAll('`', "'").replace(/\s+/g, ' ')}\``;

function memberRow(member, source) {
  const { text, tags } = commentOf(member);
  const name = member.name?.getText(source) ?? '()';
  const isCallable = ts.isMethodSignature(member) || ts.isMethodDeclaration(member);
  const shown = isCallable
    ? printer.printNode(ts.EmitHint.Unspecified, member, source).replace(/;$/, '')
    : `${name}${member.questionToken ? '?' : ''}: ${member.type?.getText(source) ?? 'unknown'}`;
  const fallback = tags.find(({ name: tag }) => tag === 'default')?.text;
  const throws = tags.find(({ name: tag }) => tag === 'throws')?.text;
  const said = [
    text,
    fallback && `Default: ${/^[\w'"[\]{}.-]+$/.test(fallback) ? `\`${fallback}\`` : fallback}.`,
    throws && `Throws ${throws.replace(/\.$/, '')}.`,
  ];
  return `| ${code(shown)} | ${cell(said.filter(Boolean).join(' '))} |`;
}

function sectionOf({ name, declarations }) {
  const parts = declarations.map((declaration) => {
    const source = declaration.getSourceFile();
    const members = [...membersOf(declaration)].filter(
      (member) =>
        !isHidden(member) && !ts.isConstructorDeclaration(member) && !ts.isClassStaticBlockDeclaration(member),
    );
    const statement = statementOf(declaration);
    const text = described(statement);
    if (members.length > 0) {
      const rows = members.map((member) => memberRow(member, source));
      const heritage = (declaration.heritageClauses ?? []).map((clause) => clause.getText(source)).join(' ');
      return [text, heritage && code(heritage), `| member | |\n| --- | --- |\n${rows.join('\n')}`]
        .filter(Boolean)
        .join('\n\n');
    }
    const printed = printer.printNode(ts.EmitHint.Unspecified, statement, source);
    const declared = printed.replace(/^(export )?(declare )?/, '');
    return [text, `\`\`\`ts\n${declared}\n\`\`\``].filter(Boolean).join('\n\n');
  });
  return `### ${name}\n\n${[...new Set(parts)].join('\n\n')}`;
}

function pageOf({ name, exports, others }, entries) {
  const kindOf = ({ declarations }) => kinds.findIndex(([, fits]) => declarations.some((each) => fits(each)));
  const groups = kinds.map(([title], index) => [
    title,
    exports.filter((each) => each.declarations.length > 0 && kindOf(each) === index),
  ]);
  const sections = groups
    .filter(([, members]) => members.length > 0)
    .map(([title, members]) => `## ${title}\n\n${members.map(sectionOf).join('\n\n')}`);
  const first = entries[0];
  const besides =
    others > 0 && name !== first.name
      ? `It also exports all, or some, of [\`${first.name}\`](${apiPath(first.name).replace('api/', '')}).\n\n`
      : '';
  return `---\noutline: [2, 3]\n---\n\n# ${name}\n\n${besides}${sections.join('\n\n')}\n`;
}

/** @returns {Map<string, string>} path in the site to content */
export function apiPages() {
  const entries = declaredApi().filter(({ exports }) => exports.length > 0);
  return new Map(entries.map((entry) => [apiPath(entry.name), pageOf(entry, entries)]));
}
