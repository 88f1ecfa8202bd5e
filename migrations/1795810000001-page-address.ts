/**
 * What links and tables outside of the page need: where people reach the page, a piece of text as it may stand in an address, and a text of
 * strangers as it may stand in a cell.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'page_address',
    comment: 'One row: where people reach the live page.',
    columns: { url: 'PUBLIC_URL as the scheduler was started with it, without a slash at its end; the page’s own address before that.' },
    select: "SELECT coalesce((SELECT url FROM internal.page_address), 'http://127.0.0.1:7400')",
  },
];

/** Control characters, line and paragraph separators, and what turns the direction of the text around it. */
const UNRULY = '\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069';
const MARKS = '\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u0610-\\u061a\\u064b-\\u065f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f';
/** As many as any script puts on one letter. */
const STACKED = 4;

export class PageAddress1795810000001 implements MigrationInterface {
  readonly name = 'PageAddress1795810000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.page_address (one boolean PRIMARY KEY DEFAULT true CHECK (one), url text NOT NULL);
${createViews(views)}

CREATE FUNCTION tidewatch.url_encode(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c ELSE upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\\1', 'g')) END, '' ORDER BY n), '')
  FROM regexp_split_to_table(text, '') WITH ORDINALITY AS each (c, n)
$$;
COMMENT ON FUNCTION tidewatch.url_encode(text) IS 'The text as a part of a path or query (RFC 3986).';

CREATE FUNCTION tidewatch.one_line(text text, most int) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT left(regexp_replace(regexp_replace(left(text, 8 * most), '[${UNRULY}]+', ' ', 'g'), '([${MARKS}]{${STACKED}})[${MARKS}]+', '\\1', 'g'), most)
$$;
COMMENT ON FUNCTION tidewatch.one_line(text, int) IS 'The text on one line, of so many characters at most: control and direction characters become a space, stacked marks beyond ${STACKED} go.';

GRANT EXECUTE ON FUNCTION tidewatch.url_encode(text), tidewatch.one_line(text, int) TO PUBLIC;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP FUNCTION tidewatch.one_line(text, int);
DROP FUNCTION tidewatch.url_encode(text);
${dropViews(views)}
DROP TABLE internal.page_address;`);
  }
}
