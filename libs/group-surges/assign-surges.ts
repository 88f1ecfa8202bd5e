/**
 * Surges of a group's products that live at the same time are one. A surge joins the group's record that lives when it opens (the latest that
 * does); without one, it makes a record together with another product's surge that lives then. A record lives from its opening until its last child closes.
 * By event time alone, so it does not matter how often anybody looks, as long as every surge is looked at once its opening is known.
 */
export interface MemberSurge {
  readonly surgeId: string;
  readonly productId: string;
  readonly group: string;
  readonly openedAt: number;
  /** null: open. */
  readonly closedAt: number | null;
}

/** A record with the time it has lived. */
export interface GroupLife {
  readonly groupSurgeId: string;
  readonly group: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
}

export interface Assignment {
  readonly created: readonly { readonly groupSurgeId: string; readonly group: string; readonly openedAt: number }[];
  readonly joined: readonly { readonly groupSurgeId: string; readonly surgeId: string }[];
}

const livesAt = ({ openedAt, closedAt }: { readonly openedAt: number; readonly closedAt: number | null }, at: number): boolean => openedAt <= at && (closedAt === null || at < closedAt);

/** `loose`: surges of grouped products that are nobody's child; `records` of these groups. */
export function assignSurges(loose: readonly MemberSurge[], records: readonly GroupLife[]): Assignment {
  const lives = new Map(records.map((record) => [record.groupSurgeId, record]));
  const created: Assignment['created'][number][] = [];
  const joined: Assignment['joined'][number][] = [];
  const waiting = new Map<string, MemberSurge[]>();
  const join = (record: GroupLife, surge: MemberSurge): void => {
    joined.push({ groupSurgeId: record.groupSurgeId, surgeId: surge.surgeId });
    lives.set(record.groupSurgeId, { ...record, closedAt: record.closedAt === null || surge.closedAt === null ? null : Math.max(record.closedAt, surge.closedAt) });
  };
  for (const surge of loose.toSorted((a, b) => a.openedAt - b.openedAt || (a.surgeId < b.surgeId ? -1 : 1))) {
    const { group, openedAt } = surge;
    const record = [...lives.values()].filter((life) => life.group === group && livesAt(life, openedAt)).sort((a, b) => b.openedAt - a.openedAt || (a.groupSurgeId < b.groupSurgeId ? -1 : 1))[0];
    if (record !== undefined) {
      join(record, surge);
      continue;
    }
    const others = (waiting.get(group) ?? []).filter((other) => livesAt(other, openedAt));
    if (!others.some(({ productId }) => productId !== surge.productId)) {
      waiting.set(group, [...others, surge]);
      continue;
    }
    const made: GroupLife = { groupSurgeId: `group:${group}@${new Date(openedAt).toISOString()}`, group, openedAt, closedAt: surge.closedAt };
    created.push({ groupSurgeId: made.groupSurgeId, group, openedAt });
    lives.set(made.groupSurgeId, made);
    for (const each of [...others, surge]) join(lives.get(made.groupSurgeId)!, each);
    waiting.set(group, []);
  }
  return { created, joined };
}
