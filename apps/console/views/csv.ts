/**
 * CSV as RFC 4180 has it, safe to open in a spreadsheet: text that would be taken for a formula is led by an apostrophe (OWASP, "CSV
 * injection": = + - @, tab and carriage return; their full-width twins too). Numbers and times are never touched.
 */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/u;
const SPECIAL = /[",\r\n]/;
const PLAIN = new Set(['bigint', 'integer', 'smallint', 'double precision', 'real', 'numeric', 'boolean', 'timestamp with time zone', 'timestamp without time zone', 'date']);

export const isText = (type: string): boolean => !PLAIN.has(type);

/** @param texts whether a cell may hold what somebody wrote */
export function csvLine(cells: readonly (string | null)[], texts: readonly boolean[]): string {
  return `${cells.map((cell, n) => (cell === null ? '' : quote(texts[n] === true && FORMULA.test(cell) ? `'${cell}` : cell))).join(',')}\r\n`;
}

const quote = (cell: string): string => (SPECIAL.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
