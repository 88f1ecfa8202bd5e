/**
 * An id in a sentence of an alert. Ids are strangers' texts, so what turns the direction of the text around it, or would be markup or a link in
 * chat and mail, becomes the replacement character. The label itself stays the id, to the letter: it tells alerts apart and leads to the page.
 * Grafana's Alertmanager takes any Unicode text as a label's value; ids have 256 characters at most and no control characters (libs/decode-events).
 */
const UNRULY = String.raw`[<>|\x{61c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]|\]\(`;

export const named = (label: 'product' | 'symbol'): string => `{{ reReplaceAll \`${UNRULY}\` "\ufffd" .Labels.${label} }}`;
