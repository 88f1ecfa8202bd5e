/** Says a new or worse surge aloud to those who do not see it: once, and never for what was there when the page opened. */
import { visible } from './format.js';
import { isOpen } from './store.js';

let before = null;

export function announceSurges(host, surges) {
  const now = new Map(surges.filter(isOpen).map((row) => [row.surge_id, row]));
  const closed = new Set(surges.filter((row) => !isOpen(row)).map((row) => row.surge_id));
  if (before !== null) {
    const lines = [];
    for (const [id, row] of now) if (!before.has(id)) lines.push(`New surge: ${visible(row.product_name)}, severity ${Math.round(row.severity)} of 10.`);
    for (const [id, row] of before) if (closed.has(id)) lines.push(`The surge of ${visible(row.product_name)} is over.`);
    if (lines.length > 0) host.textContent = lines.join(' ');
  }
  before = now;
}
