import { WsClient, type WsClientOptions } from './ws-client.ts';

type Message = Record<string, unknown>;

/** A socket with JSON messages: answers by `id`, and everything else as events. */
export class JsonPlayer {
  readonly client: WsClient;
  onEvent: (message: Message) => void = () => {};
  readonly #waiting = new Map<
    number,
    { resolve: (result: Message) => void; reject: (error: Error) => void }
  >();
  #next = 1;

  constructor(client: WsClient) {
    this.client = client;
    client.onMessage = (payload) => this.#take(payload);
    client.onClose = () => this.#fail('The server closed the connection.');
  }

  static async open(options: WsClientOptions): Promise<JsonPlayer> {
    return new JsonPlayer(await WsClient.open(options));
  }

  /** Sends what `write` makes of a fresh id, and waits for the answer with that id. */
  ask(write: (id: number) => string): Promise<Message> {
    const id = this.#next++;
    const answer = this.answerTo(id);
    this.client.send(write(id));
    return answer;
  }

  answerTo(id: number): Promise<Message> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(payload: Buffer): void {
    const message = JSON.parse(payload.toString()) as Message;
    if (typeof message.id !== 'number') {
      this.onEvent(message);
      return;
    }
    const asked = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.result as Message);
    else asked?.reject(new Error(`Refused: ${payload.toString()}`));
  }

  #fail(why: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
