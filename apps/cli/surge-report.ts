/** The proof's rows as a document, and as the few figures that its targets are about. */
import { type AlarmRow, BUDGETS, type DelayRow, type KnownRow, KNOWN_STEPS, lordenDays, type ProofTask } from '../../libs/detect-surge/simulation.js';

export interface ProofRow extends ProofTask {
  readonly result: AlarmRow | DelayRow | KnownRow;
}

interface AlarmSummary {
  readonly within: number;
  readonly below: number;
  readonly above: number;
  readonly cells: number;
  readonly worst: number;
}

/** Three times the volume floor of four negatives. */
const REACHABLE = 12;

export interface ProofSummary {
  /** Cells whose 95 % interval of realised over asked meets 0.9 to 1.1; lies below it; lies above it; and of all. */
  readonly alarms: AlarmSummary;
  /** The same of the cells where at least REACHABLE negatives come per alarm asked for: the others' budgets cannot be spent above the volume floor. */
  readonly reachable: AlarmSummary & { readonly median: number };
  /** Misspecified cells whose realised rate is above 1.5 times the asked (by its estimate; surely: by its interval). */
  readonly wrong: { readonly above: number; readonly surelyAbove: number; readonly cells: number; readonly worst: number };
  /** Median over the cells of median delay over the bound; cells above 1.6; share found within a day. */
  readonly delay: { readonly ratio: number; readonly above: number; readonly cells: number; readonly withinDay: number };
  /** The same where the size is known; cells above 1.25. */
  readonly known: { readonly ratio: number; readonly above: number; readonly cells: number };
}

const alarmRows = (rows: readonly ProofRow[], kind: 'alarms' | 'wrong') => rows.filter((row) => row.kind === kind).map((row) => ({ ...row, result: row.result as AlarmRow }));
/** Days between false alarms of a delay's cell: its own where the threshold was found for it, else those of the same cell above. */
function betweenOf(rows: readonly ProofRow[], row: ProofRow): number {
  if ('between' in row.result) return row.result.between;
  const same = alarmRows(rows, 'alarms').find(({ budget, cell: { stream } }) => budget === row.budget && stream.rate === row.cell.stream.rate && stream.share === row.cell.stream.share && stream.size === row.cell.stream.size);
  return same === undefined || same.result.opened === 0 ? BUDGETS[row.budget]! : same.result.days / same.result.opened;
}
const delayRows = (rows: readonly ProofRow[], kind: 'delay' | 'known') => rows.filter((row) => row.kind === kind).map((row) => {
  const between = betweenOf(rows, row);
  const result = row.result as DelayRow;
  const bound = lordenDays(row.cell.stream.rate, row.ratio!, between);
  return { ...row, result, between, bound, over: bound === null ? null : result.medianDays / bound };
});
const middle = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;

function alarmSummary(alarms: readonly { readonly result: AlarmRow }[]): AlarmSummary {
  return {
    within: alarms.filter(({ result: r }) => r.low <= 1.1 && r.high >= 0.9).length,
    below: alarms.filter(({ result: r }) => r.high < 0.9).length,
    above: alarms.filter(({ result: r }) => r.low > 1.1).length,
    cells: alarms.length,
    worst: Math.max(...alarms.map(({ result }) => result.ratio)),
  };
}

export function summaryOf(rows: readonly ProofRow[]): ProofSummary {
  const [alarms, wrong, delays] = [alarmRows(rows, 'alarms'), alarmRows(rows, 'wrong'), delayRows(rows, 'delay')];
  const overOf = (list: typeof delays) => list.flatMap((row) => (row.over === null ? [] : [row.over]));
  const [over, known] = [overOf(delays), overOf(delayRows(rows, 'known'))];
  const reachable = alarms.filter(({ budget, cell }) => cell.stream.rate * BUDGETS[budget]! >= REACHABLE);
  return {
    alarms: alarmSummary(alarms),
    reachable: { ...alarmSummary(reachable), median: middle(reachable.map(({ result }) => result.ratio)) },
    wrong: {
      above: wrong.filter(({ result }) => result.ratio > 1.5).length,
      surelyAbove: wrong.filter(({ result }) => result.low > 1.5).length,
      cells: wrong.length,
      worst: Math.max(...wrong.map(({ result }) => result.ratio)),
    },
    delay: {
      ratio: middle(over),
      above: over.filter((value) => value > 1.6).length,
      cells: over.length,
      withinDay: delays.reduce((sum, row) => sum + row.result.withinDay, 0) / delays.length,
    },
    known: { ratio: middle(known), above: known.filter((value) => value > 1.25).length, cells: known.length },
  };
}

const sizeOf = (size: number) => (Number.isFinite(size) ? `k = ${size}` : 'Poisson');
const n = (value: number, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : 'never');

export function reportOf(rows: readonly ProofRow[], { seed, effort }: { seed: number; effort: number }): string {
  const { alarms, reachable, wrong, delay, known } = summaryOf(rows);
  const alarmLine = ({ budget, cell: { stream }, result: r }: ProofRow & { result: AlarmRow }) => `| ${stream.rate} | ${stream.wrong ?? sizeOf(stream.size)} | ${100 * stream.share} % | ${budget} | ${Math.round(r.days)} | ${r.opened} | ${n(r.ratio)} | ${n(r.low)} - ${n(r.high)} |`;
  const delayLine = ({ cell: { stream }, ratio, result: r, between, bound, over }: ReturnType<typeof delayRows>[number]) => `| ${stream.rate} | ${ratio} | ${n(between, 0)} | ${n(r.medianDays)} | ${bound === null ? 'none' : n(bound)} | ${over === null ? '-' : n(over)} | ${n(100 * r.withinDay, 0)} % | ${n(100 * r.missed, 0)} % | ${n(r.startBias)} | ${n(r.startError)} |`;
  const delayHeads = 'negatives a day|rise|days between false alarms|median days|bound|ratio|within a day|never found|start off by|size of error';
  const heads = (names: string) => `| ${names} |\n|${names.split('|').map(() => '---').join('|')}|`;
  return `# The surge detector, by simulation

Made by \`tidewatch evaluate surges --seed ${seed} --effort ${effort}\` with the default settings: both channels, the count gated by the share.
Streams have whole negatives (P is 0 or 1); the rate is that of negatives a day. Alarms count from the moment a product has 60 negatives or
a season behind it. The threshold's table was made on other rates, shares and seeds (\`tidewatch calibrate surges\`).

## What the figures say

| target | result |
|---|---|
| model right: realised within 10 % of the budget | ${alarms.within} of ${alarms.cells} cells agree with it (95 % interval meets 0.9 to 1.1); ${alarms.below} lie surely below, ${alarms.above} surely above; the highest is ${n(alarms.worst)} |
| the same where ${REACHABLE} negatives or more come per alarm asked for | ${reachable.within} of ${reachable.cells} agree; ${reachable.below} below, ${reachable.above} above; median ${n(reachable.median)}, highest ${n(reachable.worst)} |
| model wrong: never above 1.5 times | ${wrong.above} of ${wrong.cells} cells above, ${wrong.surelyAbove} of them surely; the highest is ${n(wrong.worst)} |
| median delay at most 1.6 times Lorden's bound, size unknown | median over the cells ${n(delay.ratio)}; ${delay.above} of ${delay.cells} cells above 1.6 |
| median delay at most 1.25 times the bound, size known | median over the cells ${n(known.ratio)}; ${known.above} of ${known.cells} cells above 1.25 |
| found within a day | ${n(100 * delay.withinDay, 0)} % of the rises |

A budget is an upper limit: where a product has fewer negatives than it would take for the alarms asked for, the volume floor of
four negatives decides, fewer are raised, and such cells lie below.

## False alarms, model right

${heads('negatives a day|days|share|budget|days watched|alarms|realised / asked|95 %')}
${alarmRows(rows, 'alarms').map(alarmLine).join('\n')}

## False alarms, model wrong

Batches: reviews come in bursts of four on average. Week: two days at 0.6, five at 1.16, and a rhythm of the day of 50 %. Drift: the rate
doubles within two years, and halves again. Daylight saving: the day's rhythm of 50 % moves by an hour twice a year.
The detector knows none of this beforehand: its zone is UTC, no season of other products is given, and it learns the product's own rhythm and bursts.

${heads('negatives a day|wrong by|share|budget|days watched|alarms|realised / asked|95 %')}
${alarmRows(rows, 'wrong').map(alarmLine).join('\n')}

## Delay

The bound is ln(ARL0) / KL, ARL0 counted in expected negatives at the realised rate of the same cell above. It holds in the limit of rare
false alarms and for the worst moment of change: ratios below one are false alarms that fell behind the change, or few runs. Estimated start: median of the
estimate minus the true start, and of its size.

${heads(delayHeads)}
${delayRows(rows, 'delay').map(delayLine).join('\n')}

## Delay where the size is known

The detector has no setting for it. Here the run of the rise's own ratio is alone (its weight is one), and the threshold's constant is found for each cell by
${KNOWN_STEPS} simulations of it, then tried on another stream: its days between false alarms are what the bound is worked out from. Rate, share and over-dispersion are learned as ever.
Four negatives and half an hour are asked for here too: a bound that is shorter than those take cannot be met.

${heads(delayHeads)}
${delayRows(rows, 'known').map(delayLine).join('\n')}
`;
}
