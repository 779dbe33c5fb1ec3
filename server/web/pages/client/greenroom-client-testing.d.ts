/** Types of greenroom-client-testing.js, for tests of a page that is built on the client. */

import type {
  LobbyView, ParticipantView, RoomView, ServerMessage, SnapshotView, Socket, Time, WaiterView, Welcome, YouView,
} from "./greenroom-client.d.ts";

export interface FakeSocket extends Socket {
  readonly address: string;
  readonly protocols: string[];
  /** What the tab said on it. */
  readonly heard: ({ readonly type: string } & Readonly<Record<string, unknown>>)[];
}

export class FakeTransport {
  readonly sockets: FakeSocket[];
  readonly transport: (address: string, protocols: string[]) => FakeSocket;
  readonly socket: FakeSocket | null;
  readonly heard: FakeSocket["heard"];
  say(message: ServerMessage): void;
  drop(how?: { code?: number; bye?: { code: string; message?: string; next_step?: string; retry_after_ms?: number | null } | null }): void;
  welcome(message?: Welcome): Promise<FakeSocket["heard"][number]>;
  answer(type: string, result?: Readonly<Record<string, unknown>>, seq?: number | null): void;
  command(type: string): FakeSocket["heard"][number] | undefined;
}

export class FakeTime implements Time {
  constructor(options?: { start_ms?: number; skew_ms?: number });
  skew_ms: number;
  readonly true_ms: number;
  readonly next_ms: number | null;
  now(): number;
  steady(): number;
  after(delay_ms: number, act: () => void): () => void;
  advance(ms: number): Promise<void>;
}

export function settled(): Promise<void>;
export function makeRoom(fields?: Partial<RoomView>): RoomView;
export function makeParticipant(participantId: string, fields?: Partial<ParticipantView>): ParticipantView;
export function makeWaiter(participantId: string, fields?: Partial<WaiterView>): WaiterView;
export function makeYou(fields?: Partial<YouView>): YouView;
export function makeSnapshot(fields?: Partial<SnapshotView>): SnapshotView;
export function makeLobby(fields?: Partial<LobbyView>): LobbyView;
export function makeWelcome(fields?: Partial<Welcome> & { snapshot?: SnapshotView; epoch?: string }): Welcome;
