/** The public views as the database describes them: names, sentences, columns with their types. Read anew every minute, so a migration shows without a restart. */
import { Injectable } from '@nestjs/common';
import { Reader } from '../reader.js';

export interface Column {
  readonly name: string;
  /** As Postgres names it, such as text, bigint, timestamp with time zone, jsonb. */
  readonly type: string;
  readonly comment: string | null;
}

export interface View {
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly Column[];
}

const REMEMBERED_MS = 60_000;
const SQL = `
select c.relname as name, obj_description(c.oid) as comment,
  jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null), 'comment', col_description(c.oid, a.attnum)) order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = 'tidewatch' and c.relkind = 'v' group by c.oid, c.relname order by c.relname`;

@Injectable()
export class Catalog {
  private known: { readonly views: Promise<readonly View[]>; readonly until: number } | null = null;

  constructor(private readonly reader: Reader) {}

  views(): Promise<readonly View[]> {
    if (this.known === null || this.known.until < Date.now()) {
      const views = this.reader.rows<View & Record<string, unknown>>(SQL);
      this.known = { views, until: Date.now() + REMEMBERED_MS };
      views.catch(() => (this.known = null));
    }
    return this.known.views;
  }
}
