import type { PageRequest } from '../../../domain/page.ts';

/** The parameters of `(created_at, id) > ($1, $2) … LIMIT $3`: the same statement serves the first page and all others. */
export function pageParameters(page: PageRequest): [createdAt: number, id: string, limit: number] {
  return [page.after?.createdAt ?? Number.MIN_SAFE_INTEGER, page.after?.id ?? '', page.limit];
}

/** The first row; null where there is none. */
export async function first<Row>(rows: Promise<readonly Row[]>): Promise<Row | null> {
  return (await rows)[0] ?? null;
}
