import {
  type CacheAddress,
  type CacheBounds,
  type CacheStore,
  isSameSelection,
  type Selection,
  type StoredHead,
  type StoredResponse,
  selectionsMost,
} from './stored-response.ts';

interface Entry extends StoredResponse {
  readonly head: StoredHead;
  /** Bytes that it counts for. */
  readonly weight: number;
}

/** Bytes that one answer takes beside its body and its fields, roughly. */
const overheadBytes = 512;

/** Keeps answers in this process, until it ends. */
export class MemoryStore implements CacheStore {
  readonly #bounds: CacheBounds;
  /** The address that was used last comes last. */
  readonly #entries = new Map<string, readonly Entry[]>();
  #responses = 0;
  #bytes = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get size(): { readonly responses: number; readonly bytes: number } {
    return { responses: this.#responses, bytes: this.#bytes };
  }

  list(address: CacheAddress): readonly StoredResponse[] {
    const key = keyOf(address);
    const entries = this.#entries.get(key);
    if (entries === undefined) return [];
    this.#entries.delete(key);
    this.#entries.set(key, entries);
    return entries;
  }

  put(address: CacheAddress, head: StoredHead, body: Buffer): void {
    const weight = body.length + weightOf(head);
    if (body.length > this.#bounds.bodyBytes || weight > this.#bounds.bytes) return;
    const entry: Entry = { head, weight, bodyBytes: body.length, body: () => body };
    const others = this.#others(address, head.selection);
    this.#set(keyOf(address), [...others.slice(1 - selectionsMost), entry]);
    this.#makeRoom();
  }

  update(address: CacheAddress, head: StoredHead): void {
    const body = this.list(address)
      .find((each) => isSameSelection(each.head.selection, head.selection))
      ?.body();
    if (body !== undefined) this.put(address, head, body);
  }

  delete(address: CacheAddress, selection?: Selection): void {
    this.#set(keyOf(address), selection === undefined ? [] : this.#others(address, selection));
  }

  purge(route: string, prefix: string): number {
    const before = this.#responses;
    const start = keyOf({ route, target: prefix });
    for (const key of [...this.#entries.keys()]) if (key.startsWith(start)) this.#set(key, []);
    return before - this.#responses;
  }

  close(): void {
    this.#entries.clear();
  }

  #others(address: CacheAddress, selection: Selection): Entry[] {
    const entries = this.#entries.get(keyOf(address)) ?? [];
    return entries.filter(({ head }) => !isSameSelection(head.selection, selection));
  }

  /** The only writer: what is counted is what is there. */
  #set(key: string, entries: readonly Entry[]): void {
    for (const [sign, list] of [
      [-1, this.#entries.get(key) ?? []],
      [1, entries],
    ] as const) {
      this.#responses += sign * list.length;
      for (const { weight } of list) this.#bytes += sign * weight;
    }
    this.#entries.delete(key);
    if (entries.length > 0) this.#entries.set(key, entries);
  }

  #makeRoom(): void {
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#bounds.bytes) return;
      this.#set(key, []);
    }
  }
}

/** Neither a route's name nor a target has a space in it. */
function keyOf({ route, target }: CacheAddress): string {
  return `${route} ${target}`;
}

function weightOf({ fields }: StoredHead): number {
  let bytes = overheadBytes;
  for (const [name, value] of Object.entries(fields)) bytes += name.length + String(value).length;
  return bytes;
}
