import type { PageRequest } from '../../../domain/page.ts';

/** The parameters of `(created_at, id) > (?, ?) … LIMIT ?`: the same statement serves the first page and all others. */
export function pageParameters(page: PageRequest): [createdAt: number, id: string, limit: number] {
  return [page.after?.createdAt ?? Number.MIN_SAFE_INTEGER, page.after?.id ?? '', page.limit];
}
