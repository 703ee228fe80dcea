import type { FieldViolation } from './errors.ts';

/** A page of a list ordered by (createdAt, id): the `limit` rows that follow `after`. */
export interface PageRequest {
  /** 1 or more. */
  readonly limit: number;
  readonly after: PagePosition | null;
}

export interface PagePosition {
  readonly createdAt: number;
  readonly id: string;
}

/** How a caller asks for a page. */
export interface PageInput {
  /** 1 to 200; 0 means 50. */
  readonly pageSize: number;
  /** The `nextPageToken` of the page before; '' for the first. */
  readonly pageToken: string;
}

/** A page that was asked for. */
export interface AskedPage {
  readonly size: number;
  /** One row more than the page holds: whether it comes tells whether there is a next page. */
  readonly request: PageRequest;
}

/** A page to answer with. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** '' on the last page. */
  readonly nextPageToken: string;
}

const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;

/** Reads `page_size` and `page_token`. */
export function readPage(input: PageInput, faults: FieldViolation[]): AskedPage {
  const size = input.pageSize === 0 ? DEFAULT_SIZE : input.pageSize;
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    faults.push({ field: 'page_size', message: `must be 1 to ${MAX_SIZE}` });
  }
  const after = input.pageToken === '' ? null : parsePosition(input.pageToken);
  if (after === null && input.pageToken !== '') {
    faults.push({ field: 'page_token', message: 'must be a next_page_token of this list' });
  }
  return { size, request: { limit: size + 1, after } };
}

/** The page that the asked-for rows make. */
export function takePage<Item extends { readonly createdAt: number }>(
  rows: readonly Item[],
  { size }: AskedPage,
  idOf: (item: Item) => string,
): Page<Item> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  const hasNext = rows.length > size && last !== undefined;
  return { items, nextPageToken: hasNext ? tokenOf({ createdAt: last.createdAt, id: idOf(last) }) : '' };
}

/** The `page_token` of the page that follows a position. */
export function tokenOf({ createdAt, id }: PagePosition): string {
  return `${createdAt.toString(36)}_${id}`;
}

/** Every row of a list, in its order, read in pages: what comes or goes meanwhile is given or not. */
export async function* everyRow<Row extends { readonly createdAt: number }>(
  list: (page: PageRequest) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): AsyncGenerator<Row> {
  let after: PagePosition | null = null;
  for (;;) {
    const rows: readonly Row[] = await list({ after, limit: MAX_SIZE });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < MAX_SIZE) {
      return;
    }
    after = { createdAt: last.createdAt, id: idOf(last) };
  }
}

function parsePosition(pageToken: string): PagePosition | null {
  const match = /^([0-9a-z]{1,9})_([0-9a-f-]{36})$/.exec(pageToken);
  return match === null ? null : { createdAt: Number.parseInt(match[1] ?? '', 36), id: match[2] ?? '' };
}
