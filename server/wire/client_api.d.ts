// ── What the library adds: written by hand in server/wire/client_api.d.ts ────────────────────────────────────────────

/** A "no". The code is stable, the sentence is not. */
export class Refused extends Error {
  constructor(refusal: {
    code: string; message: string; next_step?: string; retry_after_ms?: number | null; status?: number | null; requestId?: string | null;
  });
  readonly code: RefusalCode | (string & {});
  /** What to do next, for the person. */
  readonly nextStep: string;
  /** Trying again can help after that; null: it cannot. */
  readonly retryAfterMs: number | null;
  /** The status, where it came over HTTP. */
  readonly status: number | null;
  /** The command's id: ask again under it, and what was done already is not done twice. */
  readonly requestId: string | null;
  readonly isTransient: boolean;
}

/** This browser profile's key, which never leaves it. */
export interface Device {
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  sign(text: string): Promise<string>;
}

/**
 * The device's key, made at the first call and kept in IndexedDB. Null where the browser can keep none (no WebCrypto outside
 * https, storage refused or silent for `limitMs`): the server's cookie alone stands for the device then.
 */
export function openDevice(options?: { limitMs?: number }): Promise<Device | null>;

/** The server's clock as a signed offset to the tab's own; one may be shared by several clients and links. */
export class ServerClock {
  constructor(time?: { now?: () => number; steady?: () => number });
  mark(): number;
  sample(now_ms: number, mark?: number | null): void;
  readonly offset_ms: number;
  now_ms(): number;
}

/** What a client needs of a websocket. */
export interface Socket {
  readonly readyState: number;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What a client needs of time; `after` answers how to call it off. */
export interface Time {
  now(): number;
  steady(): number;
  after(delay_ms: number, act: () => void): () => void;
}

export interface RoomClientOptions {
  /**
   * A token for this person: a session token (from sign-in or a claim) or a lobby token. Asked at the start, with `refusal`
   * null or `unreachable`, and again when the server says that the token is no longer good; the client renews a good one by
   * itself. Throw a Refused to end the client. A transient one (`unreachable`, `busy`) is waited for and asked again, unless it
   * says that the sign-in itself is over: `token_expired`, `token_invalid` and `proof_invalid` end it. What else is thrown is
   * told as `error` and tried again.
   */
  getToken(why: { refusal: Refused | null }): Promise<string> | string;
  /** The server's address; default: this page's own. */
  url?: string;
  /** The key that the link was claimed with; null where it was a cookie alone, or a sign-in. */
  device?: Device | null;
  transport?: (address: string, protocols: string[]) => Socket;
  clock?: ServerClock | null;
  time?: Time;
  /** From 0 to 1; spreads the ways back. */
  random?: () => number;
  /** How long a command waits for its answer; default 15 s. */
  commandLimitMs?: number;
}

/**
 * `idle` before `connect()`; `connecting`: for the first time; `connected`; `reconnecting`: what is shown may be old, and the
 * client comes back by itself; `ended`: it does not.
 */
export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting" | "ended";

/** Why a row came, changed or went beside what the server says: a copy was replaced, or a role shows more or less. */
export type RowReason = "synced" | "resumed" | "welcome" | "entered" | "left" | "revealed" | "forgotten" | "hidden" | "role" | "line" | (string & {});

/** A row that came, changed or went. `before`: as it was; null where it is new. `by`: whose doing, a participant id. */
export interface RowChange {
  readonly reason: RowReason | null;
  readonly by: string | null;
}
export interface ParticipantChange extends RowChange { readonly participant: ParticipantView; readonly before: ParticipantView | null; readonly admitted?: boolean }
export interface WaiterChange extends RowChange { readonly waiter: WaiterView; readonly before: WaiterView | null }
export interface InvitationChange extends RowChange { readonly invitation: InvitationView; readonly before: InvitationView | null }
export interface GuestLinkChange extends RowChange { readonly guestLink: GuestLinkView; readonly before: GuestLinkView | null }
export interface DeviceRequestChange extends RowChange { readonly request: DeviceRequestView; readonly before: DeviceRequestView | null }

/** Everything is in its place before anything is told; a copy kept by these events alone equals the lists. */
export interface ClientEvents {
  /** `willRetry`: the client comes back by itself, at `retryAtMs` of this tab's clock; null: it is trying now. */
  stateChanged: { readonly state: ConnectionState; readonly reason: Refused | null; readonly willRetry: boolean; readonly retryAtMs: number | null };
  /** Something that can be seen has changed: draw again. Comes after the other events of a message, once; not for a `tick`. */
  changed: Readonly<Record<string, never>>;
  /** The room is here whole. `reason`: welcome, resumed, entered (from the lobby), or the server's (sync, gap, role, …). */
  synced: { readonly reason: string };
  /** What a waiting tab shows. `left`: it was inside until now; removed or sent_back. */
  lobbyChanged: { readonly lobby: LobbyView; readonly left: string | null };
  /** From the lobby into the room. */
  admitted: Readonly<Record<string, never>>;
  declined: { readonly message: string | null; readonly canKnock: boolean };
  /** Put out of the room into the lobby. */
  removed: { readonly reason: string };
  /** One's own role, enforced already. Nothing is to be loaded again. */
  roleChanged: { readonly from: Role; readonly to: Role; readonly by: string | null; readonly permissions: readonly Permission[] };
  roomChanged: { readonly room: RoomView; readonly before: RoomView | null; readonly what: string; readonly by: string | null };
  participantJoined: ParticipantChange;
  participantUpdated: ParticipantChange;
  participantLeft: ParticipantChange;
  /** Of a long line of those in `waiters`, its head, with the reason `line`: who is removed from it may wait further back. */
  waiterAdded: WaiterChange;
  waiterUpdated: WaiterChange;
  waiterRemoved: WaiterChange;
  /** New or another; `reason` is what happened to it: created, opened, claimed, … */
  invitationChanged: InvitationChange;
  invitationRemoved: InvitationChange;
  guestLinkChanged: GuestLinkChange;
  guestLinkRemoved: GuestLinkChange;
  deviceRequested: DeviceRequestChange;
  deviceRequestClosed: DeviceRequestChange;
  /** How far a role that was given here has reached. */
  applied: { readonly applied: Applied };
  tick: { readonly tick: Tick };
  stale: { readonly stale: Stale };
  /** The newest token, to be kept over a reload. */
  token: { readonly token: string; readonly expiresAtMs: number };
  /** `getToken` broke with something that is no refusal. */
  error: { readonly error: unknown };
}

/** A room as one tab has it. Lists are frozen arrays: the same one until something in it changes. */
export class RoomClient {
  constructor(options: RoomClientOptions);

  /** Start; answers where this person is. Rejected where the way in ends. */
  connect(): Promise<"inside" | "lobby">;
  /** Stop, without saying `leave`: the seat is kept for the grace. Also from within a listener. */
  disconnect(): void;
  /** Go for good. */
  leave(): Promise<void>;

  readonly state: ConnectionState;
  readonly reason: Refused | null;
  readonly willRetry: boolean;
  readonly retryAtMs: number | null;

  /** Where this person is; null before the first welcome. It stays while the client reconnects. */
  readonly place: "inside" | "lobby" | null;
  readonly me: YouView | null;
  /** Inside; else null. */
  readonly room: RoomView | null;
  /** In the lobby; else null. */
  readonly lobby: LobbyView | null;
  /** In a large room only the hosts; see counts, hands and roster. */
  readonly participants: readonly ParticipantView[];
  /** Null where the role does not show it, as the others below. Of a long line only its head; see waiterCount. */
  readonly waiters: readonly WaiterView[] | null;
  readonly waiterCount: number | null;
  readonly deviceRequests: readonly DeviceRequestView[] | null;
  readonly invitations: readonly InvitationView[] | null;
  readonly guestLinks: readonly GuestLinkView[] | null;
  readonly isLarge: boolean;
  readonly counts: Omit<Counts, "type"> | null;
  readonly hands: Omit<Hands, "type"> | null;
  /** The page that is watched. */
  readonly roster: Omit<Roster, "type"> | null;
  /** How far the roles given here have reached, by participant id. */
  readonly applied: ReadonlyMap<string, Applied>;
  readonly features: Features | null;
  /** Set while the server cannot reach its store. */
  readonly stale: Stale | null;
  readonly tick: Tick | null;
  readonly position: Position | null;
  readonly clock: ServerClock;

  may(permission: Permission): boolean;
  /** Somebody's row, as far as this tab has it. */
  participant(participantId: string): ParticipantView | null;
  /** The server's time, epoch ms. */
  now(): number;
  /** How long until an instant of the server's; never below 0. */
  remainingMs(instant_ms: number): number;
  /** Exactly what the server would send now. */
  toSnapshot(): SnapshotView | null;

  /** Answers how to stop listening. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): () => void;
  off<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): void;

  /**
   * Ask for something to be done. It is sent again under the same id on every new connection, and happens once. Rejected with
   * a Refused: the server's no; `unconfirmed`: no answer came in time; `not_sent`: there was no connection all the time;
   * `too_large`: it is more than the server takes, and was not sent.
   */
  command<Type extends keyof Commands>(
    type: Type,
    ...rest: {} extends Commands[Type]["fields"]
      ? [fields?: Commands[Type]["fields"], options?: CommandOptions]
      : [fields: Commands[Type]["fields"], options?: CommandOptions]
  ): Promise<Commands[Type]["result"] & { readonly seq: number | null }>;

  /** Watch a page of a large room: it is `roster`, now and when it changes; null: no longer. */
  watch(page: WatchedPage | null): void;
}

export interface CommandOptions {
  /** An id of one's own, to ask again after `unconfirmed`. */
  id?: string;
  limitMs?: number;
}
