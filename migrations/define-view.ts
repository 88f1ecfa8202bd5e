/**
 * A public view with a sentence for itself and for each column. The column list is part of CREATE VIEW, so a
 * select that gives more or fewer columns than are described fails when it is created.
 */
export interface ViewDefinition {
  readonly name: string;
  readonly comment: string;
  /** Column name to its sentence, in the order of the select. */
  readonly columns: Readonly<Record<string, string>>;
  readonly select: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name}"`;

/** `replace`: a view that exists keeps its grants and may only gain columns at its end. */
export function createViews(views: readonly ViewDefinition[], { replace = false } = {}): string {
  return views
    .map(({ name, comment, columns, select }) => {
      const view = `tidewatch.${identifier(name)}`;
      return [
        `CREATE${replace ? ' OR REPLACE' : ''} VIEW ${view} (${Object.keys(columns).map(identifier).join(', ')}) AS ${select.trim()};`,
        `COMMENT ON VIEW ${view} IS ${quoted(comment)};`,
        ...Object.entries(columns).map(([column, sentence]) => `COMMENT ON COLUMN ${view}.${identifier(column)} IS ${quoted(sentence)};`),
      ].join('\n');
    })
    .join('\n\n');
}

export function dropViews(views: readonly ViewDefinition[]): string {
  return views.toReversed().map(({ name }) => `DROP VIEW tidewatch.${identifier(name)};`).join('\n');
}

/** The same view with more columns at its end; `select` names the old ones as they are called. */
export function extendView(name: string, added: Readonly<Record<string, string>>, select: string): string {
  const view = `tidewatch.${identifier(name)}`;
  return [
    `CREATE OR REPLACE VIEW ${view} AS ${select.trim()};`,
    ...Object.entries(added).map(([column, sentence]) => `COMMENT ON COLUMN ${view}.${identifier(column)} IS ${quoted(sentence)};`),
  ].join('\n');
}
