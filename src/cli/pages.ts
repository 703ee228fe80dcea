/** One page of a list of the domain, under the name that its use case gives the rows. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/** How every list is asked for: the largest page that the domain allows. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** Every page of a list, one after the other. An empty list is one empty page. */
export async function* everyPage<Item>(
  fetch: (page: PageRequest) => Promise<ListPage<Item>>,
): AsyncGenerator<readonly Item[]> {
  let pageToken = '';
  do {
    const page = await fetch({ pageSize: 200, pageToken });
    yield page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}
