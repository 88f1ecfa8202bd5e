/**
 * What people wrote, as it may stand in a cell or a mark. Grafana escapes the cells of tables, but draws control and direction characters, stacked marks
 * and endless texts as they are; the text of an annotation is HTML, of which it leaves the harmless elements.
 */
const LONGEST = 300;

/** One line, of bounded length. It costs some ten microseconds, so it stands outside of what groups and sorts many rows. */
export const asText = (sql: string): string => `tidewatch.one_line(${sql}, ${LONGEST})`;
export const asHtml = (sql: string): string => `replace(replace(replace(replace(${sql}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;')`;
