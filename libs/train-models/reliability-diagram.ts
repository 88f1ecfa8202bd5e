/**
 * Reliability diagram (DeGroot and Fienberg 1983): per bin the share that was observed against the probability that was
 * stated, with Wilson's 95 % interval; on the diagonal where what is said is what happens. A panel for each set, as SVG.
 */
import type { CalibrationBin } from './expected-calibration.js';

const [SIDE, GAP, TITLE, PER_ROW] = [180, 44, 22, 3] as const;
const Z = 1.96;

export interface ReliabilityPanel {
  readonly title: string;
  readonly bins: readonly CalibrationBin[];
}

export function reliabilityDiagram(panels: readonly ReliabilityPanel[]): string {
  const columns = Math.min(PER_ROW, panels.length);
  const [width, height] = [columns * (SIDE + GAP) + GAP, Math.ceil(panels.length / PER_ROW) * (SIDE + GAP + TITLE) + GAP / 2];
  const drawn = panels.map((panel, i) => `<g transform="translate(${GAP + (i % PER_ROW) * (SIDE + GAP)} ${TITLE + Math.floor(i / PER_ROW) * (SIDE + GAP + TITLE)})">${panelOf(panel)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Reliability: observed share against stated probability" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

function panelOf({ title, bins }: ReliabilityPanel): string {
  const most = Math.max(...bins.map(({ texts }) => texts));
  const at = (share: number) => (share * SIDE).toFixed(1);
  const up = (share: number) => ((1 - share) * SIDE).toFixed(1);
  const ticks = [0, 0.5, 1].map((share) => `<text x="${at(share)}" y="${SIDE + 14}" text-anchor="middle">${share}</text><text x="-6" y="${Number(up(share)) + 4}" text-anchor="end">${share}</text>`);
  const marks = bins.map(({ texts, stated, observed }) => {
    const [low, high] = wilson(observed, texts);
    const title_ = `stated ${(100 * stated).toFixed(1)} %, observed ${(100 * observed).toFixed(1)} % of ${texts}`;
    return `<line x1="${at(stated)}" x2="${at(stated)}" y1="${up(low)}" y2="${up(high)}" stroke="#4a7bb5"/><circle cx="${at(stated)}" cy="${up(observed)}" r="${(2 + 4 * Math.sqrt(texts / most)).toFixed(1)}" fill="#4a7bb5"><title>${title_}</title></circle>`;
  });
  return `<text x="${SIDE / 2}" y="-8" text-anchor="middle" font-weight="bold">${title}</text><rect width="${SIDE}" height="${SIDE}" fill="none" stroke="#999"/><line x1="0" y1="${SIDE}" x2="${SIDE}" y2="0" stroke="#c33" stroke-dasharray="4 3"/>${marks.join('')}${ticks.join('')}<text x="${SIDE / 2}" y="${SIDE + 28}" text-anchor="middle" fill="#555">stated</text>`;
}

/** Wilson's interval of a share (1927). */
function wilson(share: number, n: number): [low: number, high: number] {
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
