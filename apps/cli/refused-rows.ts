/** Rows that cannot be used, as every command tells of them: the first ones with file, line and reason, then how many more there were. */
const SHOWN = 20;

export interface RefusedRow {
  readonly file: string;
  readonly line: number;
  /** null where the command knows one reason alone. */
  readonly code: string | null;
  readonly reason: string;
}

export class RefusedRows {
  /** Those that were told. */
  readonly first: RefusedRow[] = [];
  readonly byCode: Record<string, number> = {};
  private all = 0;

  /** `say`: a line for the screen. */
  constructor(private readonly say: (line: string) => void) {}

  get count(): number {
    return this.all;
  }

  add({ file, line, code, reason }: RefusedRow): void {
    this.all += 1;
    if (code !== null) this.byCode[code] = (this.byCode[code] ?? 0) + 1;
    if (this.first.length >= SHOWN) return;
    this.first.push({ file, line, code, reason });
    this.say(`${file}:${line} refused: ${reason}${code === null ? '' : ` (${code})`}`);
  }

  /** `where`: a file that has all of them. */
  end(where: string | null = null): void {
    if (this.all > SHOWN) this.say(`${(this.all - SHOWN).toLocaleString('en')} further rows were refused${where === null ? '' : `; all of them are in ${where}`}`);
  }
}
